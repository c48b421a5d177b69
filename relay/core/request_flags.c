/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words in `flags`, and those with a prefix that stand for a key: replace-origin, codec-strip-PCMA, sdp-attr-add-audio-... */
#include "decode.h"

#define AT(member) offsetof(struct ng_request, member)

static void set_flag(struct decode *d, uint64_t value)
{
	d->out->flags |= value;
}

#define ALIAS(name, flag) {NAME(name), WORD_TAKE, NG_BIT(flag), NULL}
#define ACCEPT(name)      {NAME(name), WORD_ACCEPT, 0, NULL}
#define IGNORE(name)      {NAME(name), WORD_IGNORE, 0, NULL}

static const struct word flag_words[] = {
#define X(id, name) ALIAS(name, id),
		NG_FLAGS(X)
#undef X
		ALIAS("to_tag", TO_TAG), ALIAS("ICE-reject", REJECT_ICE), ALIAS("debugging", DEBUG),

		/* so it is anyway, or nothing here that it could switch off; the obsolete ones mean nothing anywhere */
		ACCEPT("no-jitter-buffer"), ACCEPT("no-redis-update"), ACCEPT("skip-recording-db"), ACCEPT("skip-recording-database"),
		ACCEPT("reuse-codecs"), ACCEPT("no-codec-renegotiation"), ACCEPT("static-codec"), ACCEPT("static-codecs"),
		ACCEPT("allow-no-codec-media"), ACCEPT("allow-no-codec-medias"), ACCEPT("allow-empty-codec-media"),
		ACCEPT("allow-empty-codec-medias"), ACCEPT("allow-asymmetric-codec"), ACCEPT("allow-asymmetric-codecs"), ACCEPT("no-player"),
		ACCEPT("no-audio-player"), ACCEPT("trickle-ICE"), ACCEPT("symmetric-codecs"), ACCEPT("reorder-codecs"),

		IGNORE("always-transcode"), IGNORE("allow-transcoding"), IGNORE("force-transcoding"), IGNORE("asymmetric-codecs"),
		IGNORE("inject-DTMF"), IGNORE("detect-DTMF"), IGNORE("player"), IGNORE("audio-player"), IGNORE("recording-announcement"),
		IGNORE("recording-VSC"), IGNORE("block-egress"), IGNORE("early-media"), IGNORE("mix"), IGNORE("mixed"), IGNORE("pad-crypto"),
		IGNORE("recrypt"), IGNORE("WebRTC"), IGNORE("WebRtc"), IGNORE("no-tls-id"), IGNORE("mirror-RTCP"), IGNORE("RTCP-mirror"),
		IGNORE("generate-RTCP"), IGNORE("egress"), IGNORE("SIPREC"), IGNORE("bidirectional"), IGNORE("unsubscribe"),
		IGNORE("exclude-recording"), IGNORE("block-short"), IGNORE("block-shorts"), IGNORE("block-short-packets"),
};
static const struct words flags = WORDS(flag_words, set_flag);

/* ---- sdp-attr ---- */

/* Attribute lines are not split at commas, which they may hold themselves. */
static void each_line(struct decode *d, unsigned at, void (*take)(struct decode *, unsigned, struct ng_texts *), void *to)
{
	if (d->tree.at[at].kind != VALUE_LIST)
		take(d, at, to);
	else
		VALUE_EACH(child, &d->tree, at)
			take(d, child, to);
}

static void add_line(struct decode *d, unsigned at, struct ng_texts *to)
{
	decode_add(d, to, decode_unescaped(d, d->tree.at[at].string));
}

static void take_lines(struct decode *d, const struct key *key, unsigned at, void *to)
{
	(void)key;
	each_line(d, at, add_line, to);
}

static void add_pair(struct decode *d, struct ng_texts *to, struct text from, struct text by)
{
	if (to->n + 2 > NG_TEXTS_MAX) {
		to->too_many = true;
		decode_refuse(d, "unsupported: more entries in a list than there is room for");
		return;
	}
	decode_add(d, to, decode_unescaped(d, from));
	decode_add(d, to, decode_unescaped(d, by));
}

/* [from, by], or "from>by" */
static void add_substitution(struct decode *d, unsigned at, struct ng_texts *to)
{
	struct text pair[2] = {{"", 0}, {"", 0}};
	unsigned n = 0;

	if (d->tree.at[at].kind == VALUE_LIST) {
		VALUE_EACH(child, &d->tree, at) {
			if (n < 2)
				pair[n] = d->tree.at[child].string;
			n++;
		}
	} else {
		pair[1] = d->tree.at[at].string;
		n = pair[1].n && memchr(pair[1].s, '>', pair[1].n) ? 2 : 1;
		pair[0] = text_until(&pair[1], '>');
	}
	if (n == 2 && pair[0].n)
		add_pair(d, to, pair[0], pair[1]);
	else
		decode_refuse(d, "unsupported: an sdp-attr substitution that is no pair");
}

static void take_substitutions(struct decode *d, const struct key *key, unsigned at, void *to)
{
	(void)key;
	each_line(d, at, add_substitution, to);
}

#define ATTRIBUTE(action, take, member) {NAME(action), take, offsetof(struct ng_attributes, member), NULL, NULL, NULL}

static const struct key attribute_rows[] = {
		ATTRIBUTE("add", take_lines, add),
		ATTRIBUTE("remove", take_lines, remove),
		ATTRIBUTE("substitute", take_substitutions, substitute),
};
const struct keys decode_attribute_keys = KEYS(attribute_rows, "unsupported: sdp-attr with another verb than add, remove and substitute");

/* ---- prefixes ---- */

/* replace-origin is the key `replace` with the value `origin`. */
static void take_as_key(struct decode *d, const struct key *key, unsigned at, void *to)
{
	(void)to;
	decode_key(d, &decode_request_keys, text_of(key->why), at, d->out);
}

#define AS_KEY(prefix, name) {NAME(prefix), take_as_key, 0, NULL, NULL, (name)}
#define IGNORED(prefix)      {NAME(prefix), take_ignored, 0, NULL, NULL, NULL}
#define LINES(section, member) \
	{NAME("SDP-attr-add-" section "-"), take_lines, AT(member.add), NULL, NULL, NULL}, \
	{NAME("SDP-attr-remove-" section "-"), take_lines, AT(member.remove), NULL, NULL, NULL}, \
	{NAME("SDP-attr-substitute-" section "-"), take_substitutions, AT(member.substitute), NULL, NULL, NULL}

static const struct key prefixes[] = {
		AS_KEY("replace-", "replace"), AS_KEY("RTCP-mux-", "rtcp-mux"), AS_KEY("ICE-", "ICE"), AS_KEY("SDES-", "SDES"),
		AS_KEY("OSRTP-", "OSRTP"), AS_KEY("DTLS-", "DTLS"), AS_KEY("T38-", "T38"), AS_KEY("T.38-", "T38"),
		AS_KEY("endpoint-learning-", "endpoint-learning"), AS_KEY("BUNDLE-", "bundle"), AS_KEY("codec-strip-", "codec-strip"),
		AS_KEY("codec-offer-", "codec-offer"), AS_KEY("codec-except-", "codec-except"),
		{NAME("from-tags-"), take_escaped_texts, AT(from_tags), NULL, NULL, NULL}, LINES("none", attributes_session),
		LINES("global", attributes_session), LINES("audio", attributes_audio), LINES("video", attributes_video),
		{NAME("SDP-attr-"), take_refused, 0, NULL, NULL,
				"unsupported: sdp-attr of another kind than (add, remove, substitute) (none, audio, video)"},
		IGNORED("codec-ignore-"), IGNORED("codec-transcode-"), IGNORED("transcode-"), IGNORED("codec-mask-"), IGNORED("codec-consume-"),
		IGNORED("codec-accept-"), IGNORED("codec-set-"),
};

/* The rest of a word as a value, for as long as it is taken. */
static void take_rest(struct decode *d, const struct key *key, struct text rest)
{
	unsigned at = d->tree.n;

	if (at >= d->tree.room) {
		decode_refuse(d, "unsupported: a request with so many parts");
		return;
	}
	d->tree.at[at] = (struct value){.kind = VALUE_STRING, .next = at + 1, .string = rest};
	d->tree.n++;
	key->take(d, key, at, (char *)d->out + key->offset);
	d->tree.n = at;
}

void decode_flag(struct decode *d, struct text said)
{
	d->said = said;
	if (decode_word(d, &flags, said))
		return;
	for (size_t i = 0; i < COUNT(prefixes); i++) {
		if (name_starts(said, prefixes[i].name) && said.n > prefixes[i].name.n) {
			take_rest(d, &prefixes[i], text_from(said, prefixes[i].name.n));
			return;
		}
	}
	decode_unknown(d, said);
}
