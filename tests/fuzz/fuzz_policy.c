/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A directory from any rows, then calls with any facts and any dialled bytes.
 *
 *      input: n groups, n rows of 8 bytes; m exceptions, m rows of 2 + 8 bytes; then caller, callee, and what is dialled
 */
#include "policy/verdict.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *p;
	size_t left;
};

/* The next `n` bytes into `out`; zeroes behind the end. */
static void take(struct input *in, void *out, size_t n)
{
	size_t have = n < in->left ? n : in->left;

	memset(out, 0, n);
	if (have) {
		memcpy(out, in->p, have);
		in->p += have;
		in->left -= have;
	}
}

static uint8_t take_count(struct input *in)
{
	uint8_t n;

	take(in, &n, 1);
	return n % ROWS_MAX;
}

static void must(int condition)
{
	if (!condition)
		abort();
}

static void add_rows(struct aeta_directory *d, struct input *in, uint8_t groups, uint8_t exceptions)
{
	for (uint8_t i = 0; i < groups; i++) {
		struct aeta_group g;

		take(in, &g, sizeof(g));
		if (aeta_directory_add_group(d, &g) == AETA_DIR_OK)
			must(aeta_directory_group(d, g.prefix)->options == g.options);
	}
	for (uint8_t i = 0; i < exceptions; i++) {
		uint16_t prefix;
		aeta_number_t number;

		take(in, &prefix, sizeof(prefix));
		take(in, &number, sizeof(number));
		if (aeta_directory_add_exception(d, prefix, number) == AETA_DIR_OK)
			must(aeta_directory_exception(d, prefix ? prefix : 1000, number));
	}
}

static void call(const struct aeta_directory *d, struct input *in)
{
	struct aeta_account caller, callee;
	struct aeta_target t;
	struct aeta_verdict v;
	char reason[64];

	take(in, &caller, sizeof(caller));
	take(in, &callee, sizeof(callee));
	t = aeta_target(d, &caller, (const char *)in->p, in->left);
	v = aeta_decide(d, &caller, &t, &callee);
	must(v.rule > AETA_RULE_NONE && v.rule < AETA_RULE_COUNT);
	must((v.action == AETA_REFUSE) == (v.code >= 400));
	must(v.action == AETA_REFUSE || aeta_all_digits((const char *)in->p, in->left));
	must(aeta_reason((enum aeta_rule)v.rule, reason, sizeof(reason)) < sizeof(reason));
	(void)aeta_may_register(d, &caller);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	uint8_t groups = take_count(&in), exceptions = take_count(&in);
	size_t bytes = aeta_directory_size(groups, exceptions);
	void *mem = malloc(bytes);
	struct aeta_directory *d = aeta_directory_init(mem, bytes, groups, exceptions);

	must(d != NULL);
	add_rows(d, &in, groups, exceptions);
	aeta_directory_seal(d);
	call(d, &in);
	free(mem);
	return 0;
}
