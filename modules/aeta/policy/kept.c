/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kept.h"

#define WAYS 8u

struct place {
	struct aeta_row row; /* number 0: free */
	uint32_t generation;
	uint32_t at;
};

struct aeta_kept {
	struct place ways[WAYS];
};

unsigned aeta_kept_sets(unsigned rows)
{
	return (rows + WAYS - 1) / WAYS;
}

size_t aeta_kept_size(unsigned rows)
{
	return aeta_kept_sets(rows) * sizeof(struct aeta_kept);
}

unsigned aeta_kept_set(unsigned sets, aeta_number_t number)
{
	return (unsigned)(number * 0x9e3779b97f4a7c15ull >> 32) % sets;
}

static bool counts(const struct place *p, uint32_t generation, uint32_t now)
{
	return generation && p->generation == generation && now - p->at < AETA_KEPT_MAX_S;
}

bool aeta_kept_get(const struct aeta_kept *t, unsigned set, aeta_number_t number, uint32_t generation, uint32_t now,
		struct aeta_row *out)
{
	const struct place *ways = t[set].ways;

	for (unsigned i = 0; i < WAYS; i++) {
		if (ways[i].row.number != number)
			continue;
		if (!counts(&ways[i], generation, now))
			return false;
		*out = ways[i].row;
		return true;
	}
	return false;
}

/* The place of this number, else a free one, else one that does not count any more, else the oldest. */
static struct place *place_for(struct place *ways, aeta_number_t number, uint32_t generation, uint32_t now)
{
	struct place *best = &ways[0];

	for (unsigned i = 0; i < WAYS; i++)
		if (ways[i].row.number == number)
			return &ways[i];
	for (unsigned i = 0; i < WAYS; i++) {
		if (!ways[i].row.number || !counts(&ways[i], generation, now))
			return &ways[i];
		if (now - ways[i].at > now - best->at)
			best = &ways[i];
	}
	return best;
}

void aeta_kept_put(struct aeta_kept *t, unsigned set, const struct aeta_row *row, uint32_t generation, uint32_t now)
{
	struct place *p;

	if (!generation || !row->number)
		return;
	p = place_for(t[set].ways, row->number, generation, now);
	if (p->row.number == row->number && p->row.has_ha1 && !row->has_ha1 && counts(p, generation, now))
		return;
	*p = (struct place){.row = *row, .generation = generation, .at = now};
}

struct aeta_account aeta_row_account(const struct aeta_row *row, int64_t utc)
{
	struct aeta_account a = {.number = row->number, .kind = row->kind, .state = row->state, .media = row->media};

	if (a.state == AETA_STATE_ACTIVE && row->end <= utc)
		a.state = AETA_STATE_ENDED;
	return a;
}
