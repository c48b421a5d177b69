/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fields.h"

#define GROUP 7
#define MORE 0x80u

static uint64_t bad(struct fields *f)
{
	f->bad = true;
	f->from.n = 0;
	return 0;
}

/* `n` bytes off the front; NULL: there are not so many. */
static const uint8_t *take(struct fields *f, size_t n)
{
	const char *at = f->from.s;

	if (f->bad || n > f->from.n) {
		bad(f);
		return NULL;
	}
	f->from = text_from(f->from, n);
	return (const uint8_t *)at;
}

static void write_number(struct out *to, uint64_t value)
{
	char bytes[10];
	size_t n = 0;

	for (; value >= MORE; value >>= GROUP)
		bytes[n++] = (char)(value | MORE);
	bytes[n++] = (char)value;
	out_add(to, (struct text){bytes, n});
}

static uint64_t read_number(struct fields *f, uint64_t max)
{
	uint64_t value = 0;
	unsigned shift = 0;

	for (;; shift += GROUP) {
		const uint8_t *at = take(f, 1);

		if (!at || (shift == 63 && *at > 1) || (shift && *at == 0))
			return bad(f);
		value |= (uint64_t)(*at & (MORE - 1)) << shift;
		if (!(*at & MORE))
			break;
	}
	return value > max ? bad(f) : value;
}

uint64_t field_number(struct fields *f, uint64_t value, uint64_t max)
{
	if (fields_reading(f))
		return read_number(f, max);
	write_number(f->to, value);
	return value;
}

uint64_t field_word(struct fields *f, uint64_t value)
{
	uint8_t bytes[8];
	const uint8_t *at;

	if (fields_reading(f)) {
		at = take(f, sizeof(bytes));
		value = 0;
		for (unsigned i = 0; at && i < sizeof(bytes); i++)
			value |= (uint64_t)at[i] << 8 * i;
		return value;
	}
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
	out_add(f->to, (struct text){(const char *)bytes, sizeof(bytes)});
	return value;
}

/* Another machine's clock may have begun later than what happened by ours. */
static uint64_t shifted(const struct fields *f, uint64_t at)
{
	uint64_t back = 0 - (uint64_t)f->shift;

	if (f->shift < 0)
		return at > back ? at - back : 1;
	at += (uint64_t)f->shift;
	return at < FIELD_TIME_MAX ? at : FIELD_TIME_MAX;
}

uint64_t field_time(struct fields *f, uint64_t at)
{
	at = field_number(f, at, FIELD_TIME_MAX);
	return at && fields_reading(f) ? shifted(f, at) : at;
}

uint64_t field_past(struct fields *f, uint64_t at)
{
	at = field_time(f, at);
	return fields_reading(f) && at > f->now ? f->now : at;
}

struct text field_text(struct fields *f, struct text t)
{
	size_t n = (size_t)field_number(f, t.n, fields_reading(f) ? f->from.n : t.n);

	if (fields_reading(f)) {
		const uint8_t *at = take(f, n);

		return at ? (struct text){(const char *)at, n} : (struct text){0};
	}
	out_add(f->to, t);
	return t;
}

void field_address(struct fields *f, struct address *a)
{
	size_t n;

	FIELD_MAX(f, a->family, 6);
	if (a->family != 0 && a->family != 4 && a->family != 6)
		bad(f);
	n = f->bad || a->family == 0 ? 0 : a->family == 4 ? 4 : 16;
	if (fields_reading(f)) {
		const uint8_t *at = take(f, n);

		memset(a->bytes, 0, sizeof(a->bytes));
		if (at)
			memcpy(a->bytes, at, n);
		return;
	}
	out_add(f->to, (struct text){(const char *)a->bytes, n});
}

void field_endpoint(struct fields *f, struct endpoint *e)
{
	field_address(f, &e->address);
	FIELD(f, e->port);
}
