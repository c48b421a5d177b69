/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The string `rtpp-flags`: words and key=value, with spaces between them. A value may be a list in brackets, or a dictionary
 * (a bracket whose first word has a '='), and these may hold one another:
 *
 *      trust-address replace=[origin username] codec=[strip=[PCMA opus] offer=G722] RTP/AVP
 *
 * A value becomes nodes behind the request's tree, and its key is taken as if it had come as a key of the request.
 */
#include "decode.h"

#include <errno.h>

static struct text skip_spaces(struct text t)
{
	while (t.n && t.s[0] == ' ')
		t = text_from(t, 1);
	return t;
}

static bool at_bracket(struct text t)
{
	return t.n && t.s[0] == '[';
}

/* The word at the front, without the closing brackets at its end; off the front of `rest`. */
static struct text word(struct text *rest)
{
	size_t n = 0;

	while (n < rest->n && rest->s[n] != ' ')
		n++;
	while (n && rest->s[n - 1] == ']')
		n--;
	*rest = text_from(*rest, n);
	return (struct text){rest->s - n, n};
}

/* Does what is in the bracket begin with key=value? */
static bool begins_dict(struct text inside)
{
	struct text rest = skip_spaces(inside), first;

	if (at_bracket(rest))
		return false;
	first = word(&rest);
	return first.n && memchr(first.s, '=', first.n) != NULL;
}

static int open_bracket(struct value_builder *b, struct text *rest)
{
	*rest = text_from(*rest, 1);
	return value_open(b, begins_dict(*rest) ? VALUE_DICT : VALUE_LIST);
}

/* key=, and its value where that is empty */
static int key_of(struct value_builder *b, struct text *rest)
{
	struct text all = *rest, t = word(rest);
	int err;

	if (!memchr(t.s, '=', t.n))
		return -EINVAL;
	*rest = all;
	err = value_add(b, (struct value){.kind = VALUE_STRING, .string = text_until(rest, '=')});
	if (!err && (rest->n == 0 || rest->s[0] == ' ' || rest->s[0] == ']'))
		err = value_add(b, (struct value){.kind = VALUE_STRING});
	return err;
}

/* Takes a key and its '=', or a value, or a bracket. */
static int item(struct value_builder *b, struct text *rest)
{
	struct text t = *rest;

	if (t.s[0] == ']') {
		*rest = text_from(t, 1);
		return value_close(b);
	}
	if (value_wants_key(b))
		return key_of(b, rest);
	if (at_bracket(t))
		return open_bracket(b, rest);
	return value_add(b, (struct value){.kind = VALUE_STRING, .string = word(rest)});
}

/* The bracket at the front of `rest` as nodes; one that is not closed ends with the string. */
static int bracket(struct decode *d, struct text *rest)
{
	struct value_builder b = {.tree = &d->tree};
	int err = open_bracket(&b, rest);

	while (!err && b.depth) {
		*rest = skip_spaces(*rest);
		err = rest->n ? item(&b, rest) : value_close(&b);
	}
	return err;
}

/* ---- transport in words ---- */

enum { PLAIN = 0, SECURE = 1, FEEDBACK = 2, DTLS = 4, SAID = 0x100 };

static const struct {
	struct text name;
	unsigned clear, set;
} transport_words[] = {
		{NAME("RTP"), SECURE, SAID}, {NAME("AVP"), FEEDBACK, SAID}, {NAME("SRTP"), 0, SAID | SECURE}, {NAME("AVPF"), 0, SAID | FEEDBACK},
		{NAME("DTLS"), 0, SAID | DTLS}, {NAME("RTP/AVP"), 7, SAID}, {NAME("RTP/AVPF"), 7, SAID | FEEDBACK},
		{NAME("RTP/SAVP"), 7, SAID | SECURE}, {NAME("RTP/SAVPF"), 7, SAID | SECURE | FEEDBACK},
		{NAME("UDP/TLS/RTP/SAVP"), 7, SAID | DTLS}, {NAME("UDP/TLS/RTP/SAVPF"), 7, SAID | DTLS | FEEDBACK},
};

static const struct text transports[8] = {NAME("RTP/AVP"), NAME("RTP/SAVP"), NAME("RTP/AVPF"), NAME("RTP/SAVPF"),
		NAME("UDP/TLS/RTP/SAVP"), NAME("UDP/TLS/RTP/SAVP"), NAME("UDP/TLS/RTP/SAVPF"), NAME("UDP/TLS/RTP/SAVPF")};

static bool transport_word(struct text said, unsigned *transport)
{
	for (size_t i = 0; i < COUNT(transport_words); i++) {
		if (!text_equal(said, transport_words[i].name))
			continue;
		*transport = (*transport & ~transport_words[i].clear) | transport_words[i].set;
		return true;
	}
	return false;
}

/* ---- one after the other ---- */

static void key_value(struct decode *d, struct text key, unsigned at)
{
	struct text value = d->tree.at[at].string;

	if (name_is(key, (struct text)NAME("direction")) && d->tree.at[at].kind == VALUE_STRING)
		decode_direction(d, value);
	else
		decode_key(d, &decode_request_keys, key, at, d->out);
	if (name_is(key, (struct text)NAME("to_tag")))
		d->out->flags |= NG_BIT(TO_TAG);
	if (name_is(key, (struct text)NAME("from-tag")))
		d->out->flags |= NG_BIT(DIRECTIONAL);
}

static int with_value(struct decode *d, struct text key, struct text *rest)
{
	struct value_builder b = {.tree = &d->tree};
	unsigned at = d->tree.n;
	int err;

	if (name_is(key, (struct text)NAME("rtpp_flags")))
		return -EINVAL;
	if (at_bracket(*rest))
		err = bracket(d, rest);
	else
		err = value_add(&b, (struct value){.kind = VALUE_STRING, .string = text_until(rest, ' ')});
	if (!err)
		key_value(d, key, at);
	d->tree.n = at;
	return err;
}

static void bare(struct decode *d, struct text said, unsigned *transport)
{
	if (transport_word(said, transport))
		return;
	if (text_is(said, "internal") || text_is(said, "external"))
		decode_direction(d, said);
	else
		decode_flag(d, said);
}

void decode_rtpp_flags(struct decode *d, struct text flags)
{
	struct text rest = skip_spaces(flags);
	unsigned transport = 0;
	int err = 0;

	while (rest.n && !err) {
		struct text said = rest;
		size_t n = 0;

		while (n < rest.n && rest.s[n] != ' ' && rest.s[n] != '=')
			n++;
		said.n = n;
		rest = text_from(rest, n);
		if (rest.n && rest.s[0] == '=') {
			rest = text_from(rest, 1);
			err = with_value(d, said, &rest);
		} else {
			bare(d, said, &transport);
		}
		rest = skip_spaces(rest);
	}
	if (err) {
		decode_unknown(d, flags);
		decode_refuse(d, "unsupported: rtpp-flags that cannot be read");
	} else if (transport) {
		struct text before = rest;

		rest = transports[transport & 7];
		with_value(d, (struct text)NAME("transport-protocol"), &rest);
		rest = before;
	}
}
