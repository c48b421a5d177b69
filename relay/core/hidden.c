/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sdp-media-remove: m-lines that are taken out of an offer. The answerer never sees them, so its m-lines have other places than
 * the offerer's; and the offerer must find them in the answer, rejected (RFC 3264 6).
 */
#include "exchange.h"

#define BIT(n) (1ull << (n))

static const char no_room[] = "Failed to parse SDP";

/* The SDP's m-lines are those of the session that its sender was shown. */
static const char *number(struct exchange *x)
{
	unsigned n = 0;

	for (unsigned i = 0; i < x->sdp.count; i++, n++) {
		while (n < SDP_MEDIA_MAX && x->from.party->hidden & BIT(n))
			n++;
		if (n >= SDP_MEDIA_MAX)
			return no_room;
		x->number[i] = (uint8_t)n;
	}
	return NULL;
}

static void add_rejected(struct out *lines, const struct exchange *x, const struct sdp_media *m)
{
	out_string(lines, "m=");
	out_add(lines, m->type);
	out_string(lines, " 0 ");
	out_add(lines, m->proto);
	out_char(lines, ' ');
	out_add(lines, m->formats);
	out_string(lines, x->sdp.crlf ? "\r\n" : "\n");
}

/* Once shown, an m-line keeps its place: it can only be rejected. */
static bool hides(const struct exchange *x, unsigned i)
{
	const struct party *to = x->to.party;

	return to->hidden & BIT(x->number[i]) ||
			(x->number[i] >= to->media_count && sdp_media_removed(x->q, &x->sdp.media[i]));
}

/* What is removed counts as rejected. The lines are kept with the receiver, where they are not the ones that it has. */
static const char *hide(struct exchange *x)
{
	struct party *to = x->to.party;
	unsigned shown = 0;
	struct out lines;
	int error = 0;

	out_init(&lines, SDP_MAX);
	for (unsigned i = 0; i < x->sdp.count; i++) {
		struct sdp_media *m = &x->sdp.media[i];

		if (hides(x, i)) {
			add_rejected(&lines, x, m);
			x->hidden |= BIT(x->number[i]);
		} else {
			shown++;
		}
		m->rejected = m->rejected || hides(x, i) || sdp_media_removed(x->q, m);
	}
	if (x->hidden && !text_equal(out_text(&lines), to->hidden_lines)) {
		x->hidden_lines = (struct text){0};
		error = lines.failed ? -1 : arena_text(&to->memory, out_text(&lines), &x->hidden_lines);
	}
	out_free(&lines);
	if (error)
		return ERROR_MEMORY;
	return shown ? NULL : ERROR_REWRITE;
}

const char *exchange_number(struct exchange *x)
{
	const char *error = number(x);

	x->hidden = x->to.party->hidden;
	x->hidden_lines = x->to.party->hidden_lines;
	return error || x->q->command != NG_OFFER ? error : hide(x);
}

/* Takes the lines of the hidden m-lines from `n` up to (not including) `end` off the front of `lines`. */
static struct text lines_until(const struct party *p, struct text *lines, unsigned n, unsigned end)
{
	struct text front = {lines->s, 0};

	for (; n < end && lines->n; n++)
		if (p->hidden & BIT(n))
			front.n += text_until(lines, '\n').n + 1;
	return front;
}

void exchange_edit_hidden(struct exchange *x)
{
	const struct party *from = x->from.party;
	struct text lines = from->hidden_lines;
	unsigned n = 0;

	for (unsigned i = 0; i < x->sdp.count; i++)
		x->edit.media[i].omit = x->hidden & BIT(x->number[i]);
	if (!from->hidden)
		return;
	for (unsigned i = 0; i < x->sdp.count; i++) {
		x->edit.media[i].before = lines_until(from, &lines, n, x->number[i]);
		n = x->number[i] + 1u;
	}
	x->edit.after = lines_until(from, &lines, n, SDP_MEDIA_MAX);
}
