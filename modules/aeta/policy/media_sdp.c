/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media_sdp.h"

#include <string.h>

struct span {
	const char *s;
	size_t len;
};

/* What is being read: the session's part, or one m= with what belongs to it. */
struct reader {
	struct aeta_sdp *out;
	bool in_media;
	bool open;                   /* the m= in hand is a stream */
	bool own;                    /* it has had a c= of its own */
	struct aeta_address session; /* of the session's c=; NONE: there was none yet, or it cannot be read */
};

/* The next line without its end; false at the end of the text. Lines end in \n or \r\n. */
static bool next_line(struct span *text, struct span *line)
{
	const char *end;

	if (text->len == 0)
		return false;
	end = memchr(text->s, '\n', text->len);
	line->s = text->s;
	line->len = end ? (size_t)(end - text->s) : text->len;
	text->s += line->len + (end ? 1 : 0);
	text->len -= line->len + (end ? 1 : 0);
	if (line->len && line->s[line->len - 1] == '\r')
		line->len--;
	return true;
}

/* The next word, behind any spaces; empty at the end. */
static struct span next_word(struct span *text)
{
	struct span word;

	while (text->len && *text->s == ' ') {
		text->s++;
		text->len--;
	}
	word.s = text->s;
	word.len = 0;
	while (text->len && *text->s != ' ') {
		text->s++;
		text->len--;
		word.len++;
	}
	return word;
}

static bool is_word(struct span word, const char *s)
{
	return word.len == strlen(s) && memcmp(word.s, s, word.len) == 0;
}

/* "IN IP4 192.0.2.1/127": NONE where it is no such thing. A family that the address does not have makes it unreadable too. */
static struct aeta_address read_address(struct span text)
{
	struct span net = next_word(&text), type = next_word(&text), host = next_word(&text);
	const char *slash = host.len ? memchr(host.s, '/', host.len) : NULL;
	struct aeta_address a, none = {.family = AETA_FAMILY_NONE};

	if (!is_word(net, "IN") || (!is_word(type, "IP4") && !is_word(type, "IP6")))
		return none;
	a = aeta_address_parse(host.s, slash ? (size_t)(slash - host.s) : host.len, 0);
	if (a.family == AETA_FAMILY_IP6 && is_word(type, "IP4"))
		return none;
	return a;
}

static void add_place(struct aeta_sdp *out, const struct aeta_address *a, bool own)
{
	if (a->family == AETA_FAMILY_NONE) {
		out->unreadable = true;
		return;
	}
	for (unsigned i = 0; i < out->count; i++) {
		const struct aeta_sdp_place *p = &out->places[i];

		if (p->own == own && p->address.family == a->family && memcmp(p->address.bytes, a->bytes, sizeof(a->bytes)) == 0)
			return;
	}
	if (out->count == AETA_SDP_PLACES) {
		out->unreadable = true;
		return;
	}
	out->places[out->count++] = (struct aeta_sdp_place){.address = *a, .own = own};
}

/* A stream that said no address of its own has the session's. */
static void end_media(struct reader *r)
{
	if (r->open && !r->own)
		add_place(r->out, &r->session, false);
	r->open = r->own = false;
}

static void take_media(struct reader *r, struct span text)
{
	struct span kind = next_word(&text), port = next_word(&text);
	size_t zeros = 0;

	end_media(r);
	r->in_media = true;
	if (kind.len == 0 || port.len == 0) {
		r->out->unreadable = true;
		return;
	}
	while (zeros < port.len && port.s[zeros] == '0')
		zeros++;
	r->open = zeros < port.len && port.s[zeros] != '/';
	if (r->open && r->out->streams < UINT16_MAX)
		r->out->streams++;
}

static void take_connection(struct reader *r, struct span text)
{
	struct aeta_address a = read_address(text);

	if (!r->in_media) {
		r->session = r->out->session = a;
	} else if (r->open) {
		r->own = true;
		add_place(r->out, &a, true);
	}
}

/* "o=- 1 1 IN IP4 192.0.2.1": evidence where the session has no c=. */
static void take_origin(struct reader *r, struct span text)
{
	if (r->in_media || r->out->session.family != AETA_FAMILY_NONE)
		return;
	next_word(&text);
	next_word(&text);
	next_word(&text);
	r->out->session = read_address(text);
}

static void take_line(struct reader *r, struct span line)
{
	struct span value;

	if (line.len < 2 || line.s[1] != '=')
		return;
	value = (struct span){line.s + 2, line.len - 2};
	if (line.s[0] == 'm')
		take_media(r, value);
	else if (line.s[0] == 'c')
		take_connection(r, value);
	else if (line.s[0] == 'o')
		take_origin(r, value);
}

void aeta_sdp_read(const char *s, size_t len, struct aeta_sdp *out)
{
	struct reader r = {.out = out};
	struct span text = {s, len}, line;

	memset(out, 0, sizeof(*out));
	out->present = len > 0;
	while (next_line(&text, &line))
		take_line(&r, line);
	end_media(&r);
}
