/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which payload types codec-strip takes out of an offer, and in which order the rest is offered. codec-except and codec-offer name
 * what stays in any case; with "strip all" what codec-offer names comes first, in its order. Nothing is done to the media.
 */
#include "sdp_write.h"

/* Names of the static types that codecs send without an a=rtpmap (RFC 3551). */
static const char *static_name(int type)
{
	static const char *const names[] = {[0] = "PCMU/8000", [3] = "GSM/8000", [4] = "G723/8000", [5] = "DVI4/8000",
			[6] = "DVI4/16000", [7] = "LPC/8000", [8] = "PCMA/8000", [9] = "G722/8000", [10] = "L16/44100/2",
			[11] = "L16/44100", [12] = "QCELP/8000", [13] = "CN/8000", [14] = "MPA/90000", [15] = "G728/8000",
			[16] = "DVI4/11025", [17] = "DVI4/22050", [18] = "G729/8000"};

	if (type < 0 || (size_t)type >= sizeof(names) / sizeof(names[0]) || !names[type])
		return "";
	return names[type];
}

/* "opus/48000/2" of a payload type. */
static struct text name_of(const struct sdp_media *m, int type)
{
	struct text rest = m->section, name;
	struct sdp_line l;

	while (sdp_line_next(&rest, &l))
		if (sdp_line_is(&l, "rtpmap") && sdp_line_payload_type(&l, &name) == type)
			return name;
	return text_of(static_name(type));
}

static bool same_nocase(struct text a, struct text b)
{
	char s[64];

	if (a.n != b.n || b.n >= sizeof(s))
		return false;
	memcpy(s, b.s, b.n);
	s[b.n] = 0;
	return text_is_nocase(a, s);
}

/* "opus" names every opus; with its clock rate it is "L16/48000" or "L16/48000/1" that one channel, "L16/48000/2" that two. */
static bool names(struct text said, struct text codec)
{
	struct text channels, own;

	if (!codec.n || !same_nocase(text_until(&said, '/'), text_until(&codec, '/')))
		return false;
	if (!said.n)
		return true;
	if (!text_equal(text_until(&said, '/'), text_until(&codec, '/')))
		return false;
	channels = said.n ? said : TEXT("1");
	own = codec.n ? codec : TEXT("1");
	return text_equal(channels, own);
}

static bool listed(const struct ng_texts *list, struct text codec)
{
	for (unsigned i = 0; i < list->n; i++)
		if (list->at[i].n && names(list->at[i], codec))
			return true;
	return false;
}

static bool lists_all(const struct ng_texts *list)
{
	for (unsigned i = 0; i < list->n; i++)
		if (text_is_nocase(list->at[i], "all") || text_is_nocase(list->at[i], "full"))
			return true;
	return false;
}

static bool stays(const struct ng_request *q, struct text codec)
{
	if (listed(&q->codec_except, codec) || listed(&q->codec_offer, codec))
		return true;
	return !lists_all(&q->codec_strip) && !listed(&q->codec_strip, codec);
}

static bool concerns(const struct ng_request *q, const struct sdp_media *m)
{
	return q && q->command == NG_OFFER && q->codec_strip.n && (m->payload_types[0] | m->payload_types[1]);
}

void sdp_codecs_removed(const struct ng_request *q, const struct sdp_media *m, uint64_t removed[2])
{
	bool left = false;

	removed[0] = removed[1] = 0;
	if (!concerns(q, m))
		return;
	for (int type = 0; type < 128; type++) {
		if (!sdp_type_has(m->payload_types, (uint8_t)type))
			continue;
		if (stays(q, name_of(m, type)))
			left = true;
		else
			removed[type / 64] |= 1ull << type % 64;
	}
	if (!left)
		removed[0] = removed[1] = 0;
}

unsigned sdp_codecs_rank(const struct ng_request *q, const struct sdp_media *m, int type)
{
	struct text codec;

	if (!concerns(q, m) || !lists_all(&q->codec_strip))
		return 0;
	codec = name_of(m, type);
	for (unsigned i = 0; i < q->codec_offer.n; i++)
		if (q->codec_offer.at[i].n && names(q->codec_offer.at[i], codec))
			return i;
	return NG_TEXTS_MAX;
}
