/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text form of a hunt: whatever is read must be written back to the same bytes, and can be walked to its end. */
#include "policy/hunt.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

static void walk(struct aeta_hunt *h)
{
	struct aeta_group g = {.prefix = h->prefix, .options = AETA_HUNTING, .hunt_max_s = 150};
	struct aeta_answer busy = {.code = 486};
	unsigned steps = 0;

	while (aeta_hunt_candidate(h) && aeta_hunt_bound(h, h->until_s - 1) == AETA_RULE_NONE) {
		must(aeta_hunt_ring_s(h, &g, h->until_s - 1) == 1);
		aeta_hunt_rung(h);
		must(aeta_hunt_answer(h, &g, &busy, h->until_s - 1) == AETA_HUNT_NEXT);
		must(++steps <= AETA_HUNT_TRIES_MAX);
	}
	must(aeta_rule_code(aeta_hunt_end(h)) == 480 || h->busy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct aeta_hunt h;
	char out[64];

	if (!aeta_hunt_parse(&h, (const char *)data, size))
		return 0;
	must(aeta_hunt_format(&h, out, sizeof(out)) == size);
	must(memcmp(out, data, size) == 0);
	walk(&h);
	return 0;
}
