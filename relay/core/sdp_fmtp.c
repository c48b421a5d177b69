/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses inside a=fmtp (C6). Parity FEC says where it is sent to, in one of two forms:
 *
 *	a=fmtp:97 5006 IN IP4 192.0.2.1/127        RFC 2733, RFC 5109: port, then address
 *	a=fmtp:97 fec=192.0.2.1:5006;rate=4        as parameters of a device: an address, perhaps ":port" or "/port" behind it
 *
 * What is an m-line's own becomes what is written for that m-line; what is not stays, and is counted: to guess would be worse.
 */
#include "sdp_write.h"

#include <stdio.h>

struct found {
	struct text address;  /* as it stands */
	struct text port;     /* empty: none was said */
	struct text family;   /* the word IP4 or IP6 before it; empty: not of that form */
	bool bracketed;
	struct endpoint at;
};

static bool part_of_address(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '.' || c == ':';
}

static bool word_end(char c)
{
	return c == ' ' || c == '\t' || c == ';' || c == ',' || c == '=' || c == '/' || c == '[' || c == ']';
}

static unsigned count(struct text t, char c)
{
	unsigned n = 0;

	for (size_t i = 0; i < t.n; i++)
		n += t.s[i] == c;
	return n;
}

/* Is `t` an address, or an address with ":port"? */
static bool read_address(struct text t, struct found *f)
{
	struct text host = t, rest;
	uint64_t port;

	*f = (struct found){0};
	if (count(t, '.') == 3 && count(t, ':') == 1) {
		rest = t;
		host = text_until(&rest, ':');
		if (!text_number(rest, 65535, &port))
			return false;
		f->port = rest;
		f->at.port = (uint16_t)port;
	} else if (count(t, '.') != 3 && count(t, ':') < 2) {
		return false;
	}
	f->address = host;
	return address_parse(host, &f->at.address);
}

/* "/5006" behind an address that had no port, "]:5006" behind one in brackets. */
static void read_port_behind(struct text rest, struct found *f)
{
	size_t begin = f->bracketed ? 2 : 1, n = begin;
	uint64_t port;

	if (f->port.n || !text_starts(rest, f->bracketed ? TEXT("]:") : TEXT("/")))
		return;
	while (n < rest.n && rest.s[n] >= '0' && rest.s[n] <= '9')
		n++;
	/* behind "/" it may be a time to live up to 255: nobody sends media to such a port */
	if (text_number((struct text){rest.s + begin, n - begin}, 65535, &port) && port > (f->bracketed ? 0 : 255)) {
		f->port = (struct text){rest.s + begin, n - begin};
		f->at.port = (uint16_t)port;
	}
}

#define BEFORE_MAX 32 /* bytes: a line may hold thousands of addresses, none is worth reading all of it again */

/* "5006 IN IP4 " before an address, which is `before` bytes into the value. */
static void read_port_before(struct text value, size_t before, struct found *f)
{
	size_t from = before > BEFORE_MAX ? before - BEFORE_MAX : 0;
	struct text rest = {value.s + from, before - from}, word, last[3] = {0};
	uint64_t port;

	while (from && rest.n && rest.s[0] != ' ') /* a number must not be read from its middle */
		rest = text_from(rest, 1);

	while ((word = text_word(&rest)).n) {
		last[0] = last[1];
		last[1] = last[2];
		last[2] = word;
	}
	if (!(text_is_nocase(last[2], "IP4") || text_is_nocase(last[2], "IP6")) || !text_is_nocase(last[1], "IN"))
		return;
	f->family = last[2];
	if (!f->port.n && text_number(last[0], 65535, &port) && port) {
		f->port = last[0];
		f->at.port = (uint16_t)port;
	}
}

/* Only "IN IP4" says of which family an address is; among parameters one of the other family may not be understood, nor its port. */
static bool can_become(const struct found *f, uint8_t family)
{
	return f->family.n || f->at.address.family == family;
}

/* What is written in the place of an address and port of an m-line. False: it is nobody's, or cannot be said there. */
static bool replacement(const struct sdp_writer *w, const struct found *f, struct endpoint *by)
{
	for (unsigned i = 0; i < w->in->count; i++) {
		const struct sdp_media *m = &w->in->media[i];
		const struct sdp_media_edit *e = &w->edit->media[i];

		if (!e->relay || !e->port || !e->address.family || m->rejected || !address_equal(&m->rtp.address, &f->at.address))
			continue;
		if (!can_become(f, e->address.family))
			continue;
		*by = (struct endpoint){e->address, 0};
		if (!f->port.n)
			return true;
		if (f->at.port == m->rtp.port)
			by->port = e->port;
		else if (m->fec.port && f->at.port == m->fec.port)
			by->port = e->fec_port;
		if (by->port)
			return true;
	}
	return false;
}

/* Copies value[done..] up to `old`, which is a part of it, and writes `by` in its place; returns where it ends. */
static size_t put(struct sdp_writer *w, struct text value, size_t done, struct text old, struct text by)
{
	size_t at = (size_t)(old.s - value.s);

	out_add(w->to, (struct text){value.s + done, at - done});
	out_add(w->to, by);
	return at + old.n;
}

/* "/127" behind an address that was a multicast's; ours has no time to live. */
static size_t time_to_live(struct text value, size_t at)
{
	size_t n = at + 1;

	if (at >= value.n || value.s[at] != '/')
		return at;
	while (n < value.n && value.s[n] >= '0' && value.s[n] <= '9')
		n++;
	return n;
}

/* Writes value[done..] up to the end of what was found, with the new address and port; returns where it ends. */
static size_t write_found(struct sdp_writer *w, struct text value, size_t done, const struct found *f, const struct endpoint *by)
{
	char address[ADDRESS_TEXT_MAX], port[8];
	struct text by_port = {port, (size_t)snprintf(port, sizeof(port), "%u", by->port)};

	if (f->port.n && f->port.s < f->address.s)
		done = put(w, value, done, f->port, by_port);
	if (f->family.n && by->address.family != f->at.address.family)
		done = put(w, value, done, f->family, by->address.family == 6 ? TEXT("IP6") : TEXT("IP4"));
	done = put(w, value, done, f->address, (struct text){address, address_format(&by->address, address)});
	if (f->port.n && f->port.s > f->address.s)
		done = put(w, value, done, f->port, by_port);
	return f->family.n && !address_equal(&by->address, &f->at.address) ? time_to_live(value, done) : done;
}

static size_t word_length(struct text t)
{
	size_t n = 0;

	while (n < t.n && part_of_address(t.s[n]))
		n++;
	return n < t.n && !word_end(t.s[n]) ? 0 : n;
}

void sdp_write_fmtp(struct sdp_writer *w, const struct sdp_line *line)
{
	struct text value = line->value;
	size_t done = 0, at = 0;

	out_string(w->to, "a=");
	/* behind "fmtp:97 ", whose colon is none of an address */
	while (at < value.n && value.s[at] != ' ')
		at++;
	while (at < value.n) {
		struct text rest = text_from(value, at);
		size_t n = word_end(value.s[at - 1]) ? word_length(rest) : 0;
		struct endpoint by;
		struct found f;

		if (!n || !read_address((struct text){rest.s, n}, &f)) {
			at++;
			continue;
		}
		f.bracketed = value.s[at - 1] == '[';
		read_port_behind(text_from(rest, n), &f);
		read_port_before(value, at, &f);
		at += n;
		if (replacement(w, &f, &by)) {
			done = write_found(w, value, done, &f, &by);
			at = done > at ? done : at;
		} else {
			w->edit->foreign_addresses++;
		}
	}
	out_add(w->to, text_from(value, done));
	out_add(w->to, (struct text){value.s + value.n, line->whole.n - value.n - 2});
	w->ended = line->ended;
}
