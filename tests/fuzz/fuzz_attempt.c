/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The history of the accounts: any text as an outcome, and the table under any order of adding, taking and time. Nothing
 * waits that was not added, nothing is taken twice, and strangers stay within their bound.
 */
#include "policy/attempt.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LINES 6

static void must(int condition)
{
	if (!condition)
		abort();
}

static void read_outcome(struct aeta_attempt *a, const uint8_t *data, size_t size)
{
	int rc = aeta_attempt_outcome(a, (const char *)data, size);

	must(strlen(a->cause) > 0 && strlen(a->cause) < sizeof(a->cause));
	must(memchr(a->reason, 0, sizeof(a->reason)) != NULL && a->code < 1000);
	must(rc == 0 || strcmp(a->cause, "other") == 0);
}

/* Two bytes a step: what, and with which account, source and trust. */
static void use_table(const struct aeta_attempt *like, const uint8_t *data, size_t size)
{
	struct aeta_attempts *t = aeta_attempts_init(malloc(aeta_attempts_size(LINES)), LINES);
	struct aeta_attempt a = *like, out[LINES];
	unsigned long added = 0, taken = 0, forged = 0, bucket = 0;
	uint32_t now = 1700000400u;

	for (size_t i = 0; i + 1 < size; i += 2) {
		now += data[i] >> 2;
		forged = bucket == aeta_attempt_bucket(now) ? forged : 0;
		bucket = aeta_attempt_bucket(now);
		if (data[i] & 1) {
			for (size_t n = aeta_attempts_take(t, out, data[i + 1] % (LINES + 1)), k = 0; k < n; k++)
				taken += out[k].times;
			continue;
		}
		a.trust = data[i + 1] % AETA_TRUSTS;
		a.account[0] = (char)('0' + data[i + 1] / AETA_TRUSTS % 8);
		a.address[0] = (char)('0' + data[i + 1] / 64);
		switch (aeta_attempts_add(t, &a, now)) {
		case AETA_ATTEMPT_NEW:
			must(a.trust == AETA_TRUST_ACCOUNT || ++forged <= 120);
			added++;
			break;
		case AETA_ATTEMPT_AGAIN:
			added++;
			break;
		default:
			break;
		}
		must(aeta_attempts_waiting(t) <= LINES);
	}
	for (size_t n = aeta_attempts_take(t, out, LINES), k = 0; k < n; k++)
		taken += out[k].times;
	must(taken == added && aeta_attempts_waiting(t) == 0);
	free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct aeta_attempt a = {.kind = "call"};

	read_outcome(&a, data, size);
	use_table(&a, data, size);
	return 0;
}
