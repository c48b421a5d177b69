/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fields of a record, one after the other: a description of a structure that serves both ways. Each function writes the value that it
 * is given and returns it, or reads one and returns that:
 *
 *      FIELD(f, c->port);         c->port = what is read; or it is written, and stays
 *
 * Numbers are in groups of seven bits, the lowest first, a set eighth bit meaning that another group follows (LEB128), never longer
 * than they need be; so a record that was read and is written again has the same bytes. Fixed words are little-endian.
 */
#ifndef RELAY_CORE_FIELDS_H
#define RELAY_CORE_FIELDS_H

#include "address.h"
#include "out.h"

#define FIELD_TIME_MAX (1ull << 62)

struct fields {
	struct out *to;    /* written there; NULL: it is read */
	struct text from;  /* what is left to be read */
	bool bad;          /* reading: something did not fit; all that is read from then on is 0 */
	int64_t shift;     /* reading: µs to be added to times, ... */
	uint64_t now;      /* ... which are never later than this */
};

static inline bool fields_reading(const struct fields *f)
{
	return !f->to;
}

/* Reading: 0..max, else it is bad. */
uint64_t field_number(struct fields *f, uint64_t value, uint64_t max);
/* Of eight bytes: for what has no small values. */
uint64_t field_word(struct fields *f, uint64_t value);
/* µs of the relay's clock; 0 means none and stays 0. A time that has passed; one that may come. */
uint64_t field_past(struct fields *f, uint64_t at);
uint64_t field_time(struct fields *f, uint64_t at);
/* Reading: a view. */
struct text field_text(struct fields *f, struct text t);
void field_address(struct fields *f, struct address *a);
void field_endpoint(struct fields *f, struct endpoint *e);

/* An unsigned member or a bool, of any value that its type has; and one that is at most `max`. */
#define FIELD(f, member) ((member) = (__typeof__(member))field_number((f), (member), (__typeof__(member))UINT64_MAX))
#define FIELD_MAX(f, member, max) ((member) = (__typeof__(member))field_number((f), (member), (max)))
#define FIELD_PAST(f, member) ((member) = field_past((f), (member)))

#endif
