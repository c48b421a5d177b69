/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bare decision: aeta_target() + aeta_decide() over a full directory of 9,000 groups, callers and numbers at random.
 * Prints one JSON object: nanoseconds of processor time per decision (median, least and most of the rounds), allocations
 * made while deciding, and bytes of the directory. The allocator of this program is the C library's with a counter in
 * front, so an allocation is seen wherever it is made.
 *
 *      bench_policy [DECISIONS [ROUNDS]]
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policy/verdict.h"

#define INPUTS 16384 /* a power of two: more than a processor can learn by heart */
#define EXCEPTIONS 2000
#define SEED 0x9e3779b97f4a7c15ull
#define ROUNDS_MAX 99

struct input {
	struct aeta_account caller, callee;
	char dialled[AETA_NUMBER_MAX + 2];
	size_t len;
};

static unsigned long allocations;

/* ---- the allocator with its counter ---- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void __libc_free(void *p);

void *malloc(size_t size)
{
	allocations++;
	return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	allocations++;
	return __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	allocations++;
	return __libc_realloc(p, size);
}

void free(void *p)
{
	__libc_free(p);
}

/* ---- the universe: the same at every run ---- */

static uint64_t state = SEED;

static unsigned below(unsigned n)
{
	state ^= state << 13; /* xorshift64 */
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)((state >> 16) % n);
}

static unsigned any_prefix(void)
{
	return AETA_PREFIX_MIN + below(AETA_PREFIX_COUNT);
}

static aeta_number_t any_regular(unsigned prefix)
{
	return aeta_number_compose(prefix, AETA_SEQ_REGULAR + 1 + below(AETA_SERIES_MAX));
}

static struct aeta_directory *make_directory(void)
{
	size_t size = aeta_directory_size(AETA_PREFIX_COUNT, EXCEPTIONS + 1);
	void *mem = malloc(size);
	struct aeta_directory *d = mem ? aeta_directory_init(mem, size, AETA_PREFIX_COUNT, EXCEPTIONS + 1) : NULL;
	enum aeta_directory_error e;

	if (!d)
		return NULL;
	e = aeta_directory_add_exception(d, 0, aeta_number_parse("15000", 5));
	for (unsigned p = AETA_PREFIX_MIN; p <= AETA_PREFIX_MAX && !e; p++) {
		struct aeta_group g = {.prefix = (uint16_t)p, .options = (uint16_t)below(AETA_OPTIONS_ALL + 1)};

		e = aeta_directory_add_group(d, &g);
	}
	for (int i = 0; i < EXCEPTIONS && !e; i++)
		e = aeta_directory_add_exception(d, any_prefix(), any_regular(any_prefix()));
	aeta_directory_seal(d);
	return e ? NULL : d;
}

static struct aeta_account account(aeta_number_t n, enum aeta_kind kind)
{
	return (struct aeta_account){.number = n, .kind = (uint8_t)kind, .state = AETA_STATE_ACTIVE};
}

/* What members dial: their own group by short and by full number, others, the hunting number, the test codec, nonsense. */
static void dial(struct input *in, unsigned own)
{
	static const char *const fixed[] = {"15000", "902080", "studio", "6000", "6002"};
	unsigned what = below(10);
	unsigned prefix = what < 3 ? own : any_prefix();
	char digits[AETA_NUMBER_MAX + 1];

	if (what < 5)
		aeta_number_format(any_regular(prefix), digits);
	else if (what < 6)
		snprintf(digits, sizeof(digits), "%u", AETA_SEQ_REGULAR + 1 + below(AETA_SERIES_MAX));
	else if (what < 7)
		aeta_number_format(aeta_number_compose(any_prefix(), AETA_SEQ_HUNT + below(2)), digits);
	else
		snprintf(digits, sizeof(digits), "%s", fixed[below(sizeof(fixed) / sizeof(fixed[0]))]);
	in->len = strlen(digits);
	memcpy(in->dialled, digits, in->len);
}

static void make_inputs(const struct aeta_directory *d, struct input *in)
{
	static const enum aeta_kind kinds[] = {AETA_KIND_PREMIUM, AETA_KIND_PREMIUM, AETA_KIND_UNKNOWN, AETA_KIND_NONE};

	for (int i = 0; i < INPUTS; i++, in++) {
		unsigned own = any_prefix();

		memset(in, 0, sizeof(*in));
		in->caller = below(8) ? account(any_regular(own), AETA_KIND_PREMIUM)
				      : account(aeta_number_parse("902080", 6), AETA_KIND_FACTORY);
		dial(in, own);
		in->callee = account(aeta_target(d, &in->caller, in->dialled, in->len).number,
				kinds[below(sizeof(kinds) / sizeof(kinds[0]))]);
	}
}

/* ---- the measurement ---- */

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* `sum` keeps the compiler from leaving the work out. */
static double measure(const struct aeta_directory *d, const struct input *inputs, unsigned long n, unsigned long *sum)
{
	double start = now_ns();

	for (unsigned long i = 0; i < n; i++) {
		const struct input *in = &inputs[i % INPUTS];
		struct aeta_target t = aeta_target(d, &in->caller, in->dialled, in->len);
		struct aeta_verdict v = aeta_decide(d, &in->caller, &t, &in->callee);

		*sum += v.rule;
	}
	return (now_ns() - start) / (double)n;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static unsigned long argument(int argc, char **argv, int i, unsigned long otherwise, unsigned long most)
{
	char *end;
	unsigned long n;

	if (argc <= i)
		return otherwise;
	errno = 0;
	n = strtoul(argv[i], &end, 10);
	if (errno || *end || n < 1 || n > most) {
		fprintf(stderr, "%s: '%s' is not a number from 1 to %lu\n", argv[0], argv[i], most);
		exit(2);
	}
	return n;
}

int main(int argc, char **argv)
{
	static struct input inputs[INPUTS];
	unsigned long decisions = argument(argc, argv, 1, 4000000, 1000000000), rounds = argument(argc, argv, 2, 9, ROUNDS_MAX);
	unsigned long sum = 0, before, made;
	double ns[ROUNDS_MAX];
	struct aeta_directory *d = make_directory();

	if (!d || !allocations) { /* the directory is one, so the counter has been seen to count */
		fprintf(stderr, "%s: the directory cannot be made, or its allocation was not counted\n", argv[0]);
		return 1;
	}
	make_inputs(d, inputs);
	measure(d, inputs, INPUTS, &sum); /* warm */
	before = allocations;
	for (unsigned long i = 0; i < rounds; i++)
		ns[i] = measure(d, inputs, decisions, &sum);
	made = allocations - before;
	qsort(ns, rounds, sizeof(ns[0]), by_size);
	printf("{\"decisions\": %lu, \"rounds\": %lu, \"ns_median\": %.1f, \"ns_least\": %.1f, \"ns_most\": %.1f, "
	       "\"allocations\": %lu, \"directory_bytes\": %zu, \"checksum\": %lu}\n",
			decisions, rounds, ns[rounds / 2], ns[0], ns[rounds - 1], made, aeta_directory_bytes(d), sum);
	free(d);
	return 0;
}
