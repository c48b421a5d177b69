/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of a request whose values have a manner of their own. */
#include "decode.h"

/* ---- keys with a manner of their own ---- */

static struct text text_at(const struct decode *d, unsigned at)
{
	return d->tree.at[at].string;
}

/* What stands there as a number from `min` to `max`. */
static bool number_at(struct decode *d, unsigned at, int64_t min, int64_t max, int64_t *out)
{
	if (value_number(&d->tree.at[at], out) && *out >= min && *out <= max)
		return true;
	decode_unknown(d, d->said);
	return false;
}

void take_tos(struct decode *d, const struct key *key, unsigned at, void *to)
{
	int64_t n;

	(void)key;
	if (number_at(d, at, 0, 255, &n))
		*(int *)to = (int)n;
}

void take_seconds(struct decode *d, const struct key *key, unsigned at, void *to)
{
	int64_t n;

	(void)key;
	if (number_at(d, at, 0, INT32_MAX, &n))
		*(int64_t *)to = n;
}

void take_limit(struct decode *d, const struct key *key, unsigned at, void *to)
{
	int64_t n;

	(void)key;
	if (number_at(d, at, -INT32_MAX, INT32_MAX, &n))
		*(int64_t *)to = n;
}

static void take_address(struct decode *d, const struct key *key, unsigned at, void *to)
{
	(void)key;
	if (!address_parse(text_at(d, at), to))
		decode_unknown(d, d->said);
}

void take_participant(struct decode *d, const struct key *key, unsigned at, void *to)
{
	(void)key;
	d->out->address_text = text_at(d, at);
	address_parse(d->out->address_text, to);
}

void take_media_address(struct decode *d, const struct key *key, unsigned at, void *to)
{
	d->out->media_address_text = text_at(d, at);
	take_address(d, key, at, to);
}

/* [IP4, 192.0.2.1], or the address alone */
void take_received_from(struct decode *d, const struct key *key, unsigned at, void *to)
{
	unsigned last = at;

	if (d->tree.at[at].kind == VALUE_LIST)
		VALUE_EACH(child, &d->tree, at)
			last = child;
	take_address(d, key, last, to);
}

void take_label(struct decode *d, const struct key *key, unsigned at, void *to)
{
	take_text(d, key, at, to);
	d->out->from_label = d->out->label;
}

void take_all(struct decode *d, const struct key *key, unsigned at, void *to)
{
	static const struct text words[] = {NAME("all"), NAME("none"), NAME("offer-answer"), NAME("not-offer-answer"), NAME("non-offer-answer"),
			NAME("except-offer-answer"), NAME("flows")};

	(void)key;
	for (size_t i = 0; i < COUNT(words); i++) {
		if (!name_is(text_at(d, at), words[i]))
			continue;
		*(struct text *)to = words[i];
		d->out->all_set = true;
		return;
	}
	decode_unknown(d, text_at(d, at));
}

/* ---- where media goes and comes from ---- */

void decode_direction(struct decode *d, struct text interface)
{
	if (d->out->directions < 2)
		d->out->direction[d->out->directions++] = interface;
	else
		decode_unknown(d, interface);
}

static void one_direction(struct decode *d, struct text interface, void *with)
{
	(void)with;
	decode_direction(d, interface);
}

void take_direction(struct decode *d, const struct key *key, unsigned at, void *to)
{
	(void)key;
	(void)to;
	decode_each(d, at, one_direction, NULL);
}

void take_from_interface(struct decode *d, const struct key *key, unsigned at, void *to)
{
	take_text(d, key, at, to);
	if (!d->out->directions)
		d->out->directions = 1;
}

void take_to_interface(struct decode *d, const struct key *key, unsigned at, void *to)
{
	take_text(d, key, at, to);
	d->out->directions = 2;
}

void take_interface(struct decode *d, const struct key *key, unsigned at, void *to)
{
	(void)to;
	take_text(d, key, at, &d->interface);
}

/* ---- what is said about crypto ---- */

void take_transport(struct decode *d, const struct key *key, unsigned at, void *to)
{
	struct text said = text_at(d, at);

	(void)key;
	if (decode_word(d, &decode_words_transport, said))
		*(struct text *)to = said;
	else
		decode_unknown(d, said);
}

/* SDES, OSRTP, DTLS, T.38: such media pass untouched; work on them is not done. */
static void one_pass(struct decode *d, struct text said, void *with)
{
	static const struct text off[] = {NAME("off"), NAME("no"), NAME("disable"), NAME("disabled")};

	decode_add(d, with, said);
	for (size_t i = 0; i < COUNT(off); i++)
		if (name_is(said, off[i]))
			return;
	decode_ignored(d, said);
}

void take_pass(struct decode *d, const struct key *key, unsigned at, void *to)
{
	(void)key;
	decode_each(d, at, one_pass, to);
}

/* ---- dictionaries ---- */

/* extmap: all of them can be stripped, single ones not. */
static void one_extension(struct decode *d, struct text said, void *with)
{
	(void)with;
	if (name_is(said, (struct text)NAME("all")))
		d->out->flags |= NG_BIT(STRIP_EXTMAP);
	else
		decode_ignored(d, said);
}

void take_extensions(struct decode *d, const struct key *key, unsigned at, void *to)
{
	(void)key;
	decode_each(d, at, one_extension, to);
}

/* ---- the request ---- */

static void one_flag(struct decode *d, struct text said, void *with)
{
	(void)with;
	decode_flag(d, said);
}

void take_flags(struct decode *d, const struct key *key, unsigned at, void *to)
{
	(void)key;
	decode_each(d, at, one_flag, to);
}

void take_rtpp_flags(struct decode *d, const struct key *key, unsigned at, void *to)
{
	(void)key;
	(void)to;
	decode_rtpp_flags(d, text_at(d, at));
}

void take_command(struct decode *d, const struct key *key, unsigned at, void *to)
{
	static const struct text names[NG_COMMAND_COUNT] = {
#define X(id, name) [NG_##id] = NAME(name),
			NG_COMMANDS(X)
#undef X
	};

	(void)key;
	d->out->command_text = text_at(d, at);
	*(enum ng_command *)to = NG_NO_COMMAND;
	for (unsigned i = NG_NO_COMMAND + 1; i < NG_COMMAND_COUNT; i++)
		if (text_equal(d->out->command_text, names[i]))
			*(enum ng_command *)to = (enum ng_command)i;
}
