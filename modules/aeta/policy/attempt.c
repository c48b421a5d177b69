/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attempt.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define FNV_OFFSET 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u
#define CHAIN_BITS 10
#define ACCOUNT_BITS 12 /* counts of lines by account, and by source */
#define SOURCE_BITS 10

/* Places are named by their index, counted from 1; 0 is none. Each is in one of two lists, oldest first. */
struct list {
	uint32_t first, last;
};

struct place {
	uint32_t prev, next; /* in its list */
	uint32_t chain;      /* the next of the same hash */
	uint64_t key;        /* 0 = free */
	struct aeta_attempt line; /* times: those that wait to be written; 0 = written, known */
};

struct aeta_attempts {
	uint32_t lines, waiting;
	uint32_t bucket;             /* that the counts below are of */
	uint32_t made[AETA_TRUSTS];  /* new lines by trust */
	uint8_t of_account[1u << ACCOUNT_BITS];
	uint8_t of_source[1u << SOURCE_BITS];
	uint32_t chains[1u << CHAIN_BITS];
	struct list known, pending; /* the free ones are at the head of `known` */
	struct place places[];      /* [0] is not used */
};

static const struct {
	uint32_t one, all;
} limits[AETA_TRUSTS] = {AETA_ATTEMPT_LIMITS};

/* ---- how it ended ---- */

/* What an agent's final answer means, in a word. */
static const char *cause_of(unsigned code)
{
	if (code >= 200 && code < 300)
		return "answered";
	switch (code) {
	case 486:
	case 600:
		return "busy";
	case 603:
		return "declined";
	case 408:
		return "no-answer";
	case 480:
		return "unavailable";
	case 487:
		return "cancelled";
	case 415:
	case 488:
	case 606:
		return "no-codec";
	default:
		return "rejected";
	}
}

static bool is_word(const char *s, size_t len)
{
	if (len == 0 || len >= AETA_WORD_SIZE)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= '0' && s[i] <= '9') || s[i] == '-'))
			return false;
	return true;
}

static void set_text(char *to, size_t size, const char *s, size_t len)
{
	if (len >= size)
		len = size - 1;
	if (len)
		memcpy(to, s, len);
	to[len] = '\0';
}

/* Three digits and a blank, or nothing behind them. */
static unsigned code_of(const char *s, size_t len)
{
	if (len < 3 || (len > 3 && s[3] != ' ') || !aeta_all_digits(s, 3))
		return 0;
	return (unsigned)(s[0] - '0') * 100 + (unsigned)(s[1] - '0') * 10 + (unsigned)(s[2] - '0');
}

static int read_answer(struct aeta_attempt *a, const char *s, size_t len)
{
	unsigned code = code_of(s, len);

	if (!code)
		return -EINVAL;
	a->code = (uint16_t)code;
	set_text(a->reason, sizeof(a->reason), s + (len > 3 ? 4 : 3), len > 3 ? len - 4 : 0);
	strcpy(a->cause, cause_of(code));
	return 0;
}

/* The last word in the parentheses at the end. */
static int read_refusal(struct aeta_attempt *a, const char *s, size_t len)
{
	size_t end = len - 1, at = end;

	a->code = (uint16_t)code_of(s, len);
	while (at > 0 && s[at - 1] != ' ' && s[at - 1] != '(')
		at--;
	if (s[end] != ')' || at == 0 || !is_word(s + at, end - at))
		return -EINVAL;
	set_text(a->cause, sizeof(a->cause), s + at, end - at);
	return 0;
}

int aeta_attempt_outcome(struct aeta_attempt *a, const char *s, size_t len)
{
	static const char answer[] = "answer ";
	const size_t lead = sizeof(answer) - 1;
	int rc = -EINVAL;

	a->code = 0;
	a->reason[0] = '\0';
	if (is_word(s, len)) {
		set_text(a->cause, sizeof(a->cause), s, len);
		return 0;
	}
	if (len > lead && memcmp(s, answer, lead) == 0)
		rc = read_answer(a, s + lead, len - lead);
	else if (len > 0)
		rc = read_refusal(a, s, len);
	if (rc)
		strcpy(a->cause, "other");
	return rc;
}

/* ---- one and the same ---- */

static uint64_t fnv(uint64_t h, const char *s)
{
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * FNV_PRIME;
	return (h ^ '\n') * FNV_PRIME;
}

/* The last bytes of a text move only the low bits of its hash: neighbours must not share a place for that. */
static size_t spread(uint64_t h, unsigned bits)
{
	return (size_t)(h * 0x9e3779b97f4a7c15u >> (64 - bits));
}

/* What makes two attempts one line; the same columns as the table's unique key. */
static uint64_t key_of(const struct aeta_attempt *a, uint32_t bucket)
{
	uint64_t h = FNV_OFFSET ^ bucket ^ (uint64_t)a->trust << 32;

	h = fnv(fnv(fnv(h, a->account), a->kind), a->dialled);
	h = fnv(fnv(fnv(h, a->final), a->cause), a->address);
	return h ? h : 1;
}

static bool same_line(const struct aeta_attempt *a, const struct aeta_attempt *b)
{
	return a->trust == b->trust && strcmp(a->account, b->account) == 0 && strcmp(a->kind, b->kind) == 0 &&
			strcmp(a->dialled, b->dialled) == 0 && strcmp(a->final, b->final) == 0 && strcmp(a->cause, b->cause) == 0 &&
			strcmp(a->address, b->address) == 0;
}

/* An IPv4 address, or the first four groups of an IPv6 one: who has one address of a /64 has all of them. */
static uint64_t source_hash(const char *address)
{
	char net[sizeof(((struct aeta_attempt *)0)->address)] = "";
	size_t groups = 0, n = 0;

	for (; address[n] && n < sizeof(net) - 1 && groups < 4; n++) {
		net[n] = address[n];
		groups += address[n] == ':';
		if (address[n] == ':' && address[n + 1] == ':')
			break;
	}
	return fnv(FNV_OFFSET, net);
}

/* ---- the lists ---- */

static void unlink_place(struct aeta_attempts *t, struct list *l, uint32_t i)
{
	struct place *p = &t->places[i];

	if (p->prev)
		t->places[p->prev].next = p->next;
	else
		l->first = p->next;
	if (p->next)
		t->places[p->next].prev = p->prev;
	else
		l->last = p->prev;
}

static void append_place(struct aeta_attempts *t, struct list *l, uint32_t i)
{
	t->places[i].prev = l->last;
	t->places[i].next = 0;
	if (l->last)
		t->places[l->last].next = i;
	else
		l->first = i;
	l->last = i;
}

static uint32_t *chain_of(struct aeta_attempts *t, uint64_t key)
{
	return &t->chains[spread(key, CHAIN_BITS)];
}

static uint32_t find(struct aeta_attempts *t, uint64_t key, uint32_t bucket, const struct aeta_attempt *a)
{
	uint32_t i = *chain_of(t, key);

	while (i && !(t->places[i].key == key && aeta_attempt_bucket(t->places[i].line.last) == bucket &&
				   same_line(&t->places[i].line, a)))
		i = t->places[i].chain;
	return i;
}

static void forget(struct aeta_attempts *t, uint32_t i)
{
	uint32_t *link = chain_of(t, t->places[i].key);

	while (*link != i)
		link = &t->places[*link].chain;
	*link = t->places[i].chain;
	t->places[i].key = 0;
}

/* ---- the limits ---- */

static void enter_bucket(struct aeta_attempts *t, uint32_t bucket)
{
	if (t->bucket == bucket)
		return;
	t->bucket = bucket;
	memset(t->made, 0, sizeof(t->made));
	memset(t->of_account, 0, sizeof(t->of_account));
	memset(t->of_source, 0, sizeof(t->of_source));
}

/* The count that a new line belongs to. SOURCE and NONE share theirs: together they make no more than SOURCE may. */
static uint8_t *count_of(struct aeta_attempts *t, const struct aeta_attempt *a)
{
	if (a->trust == AETA_TRUST_ACCOUNT)
		return &t->of_account[spread(fnv(FNV_OFFSET, a->account), ACCOUNT_BITS)];
	return &t->of_source[spread(source_hash(a->address), SOURCE_BITS)];
}

static bool may_add(struct aeta_attempts *t, const struct aeta_attempt *a)
{
	return *count_of(t, a) < limits[a->trust].one && (!limits[a->trust].all || t->made[a->trust] < limits[a->trust].all);
}

/* ---- the table ---- */

size_t aeta_attempts_size(size_t lines)
{
	return sizeof(struct aeta_attempts) + (lines + 1) * sizeof(struct place);
}

struct aeta_attempts *aeta_attempts_init(void *mem, size_t lines)
{
	struct aeta_attempts *t = mem;

	memset(t, 0, aeta_attempts_size(lines));
	t->lines = (uint32_t)lines;
	for (uint32_t i = 1; i <= t->lines; i++)
		append_place(t, &t->known, i);
	return t;
}

static void add_again(struct aeta_attempts *t, uint32_t i, const struct aeta_attempt *a, uint32_t now)
{
	struct aeta_attempt *line = &t->places[i].line;
	uint32_t times = line->times, first = times ? line->first : now;

	if (!times) {
		unlink_place(t, &t->known, i);
		append_place(t, &t->pending, i);
		t->waiting++;
	}
	*line = *a;
	line->first = first;
	line->last = now;
	line->times = times + 1;
}

/* Takes the place that was free, or known, for longest. */
static void add_new(struct aeta_attempts *t, uint64_t key, const struct aeta_attempt *a, uint32_t now)
{
	uint32_t i = t->known.first, *chain = chain_of(t, key);
	struct place *p = &t->places[i];

	unlink_place(t, &t->known, i);
	if (p->key)
		forget(t, i);
	p->line = *a;
	p->line.first = p->line.last = now;
	p->line.times = 1;
	p->key = key;
	p->chain = *chain;
	*chain = i;
	append_place(t, &t->pending, i);
	t->waiting++;
	t->made[a->trust]++;
	++*count_of(t, a);
}

enum aeta_attempts_added aeta_attempts_add(struct aeta_attempts *t, const struct aeta_attempt *a, uint32_t now)
{
	uint32_t bucket = aeta_attempt_bucket(now);
	uint64_t key = key_of(a, bucket);
	uint32_t i = find(t, key, bucket, a);

	enter_bucket(t, bucket);
	if (i) {
		add_again(t, i, a, now);
		return AETA_ATTEMPT_AGAIN;
	}
	if (!may_add(t, a))
		return AETA_ATTEMPT_BOUNDED;
	if (!t->known.first)
		return AETA_ATTEMPT_LOST;
	add_new(t, key, a, now);
	return AETA_ATTEMPT_NEW;
}

size_t aeta_attempts_take(struct aeta_attempts *t, struct aeta_attempt *out, size_t room)
{
	size_t n = 0;
	uint32_t i;

	while (n < room && (i = t->pending.first)) {
		out[n++] = t->places[i].line;
		t->places[i].line.times = 0;
		unlink_place(t, &t->pending, i);
		append_place(t, &t->known, i);
		t->waiting--;
	}
	return n;
}

size_t aeta_attempts_waiting(const struct aeta_attempts *t)
{
	return t->waiting;
}

size_t aeta_attempts_room(const struct aeta_attempts *t)
{
	return t->lines;
}
