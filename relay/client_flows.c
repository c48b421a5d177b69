/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client_flows.h"

#include "clock.h"
#include "core/value.h"

#include <stdlib.h>
#include <time.h>

#define NODES 8192
#define ROWS_MAX (4 * CLIENT_CALLS_MAX)
#define LOOK_S 1

/* A party's stream, as it was at one look. */
struct row {
	char party[40], from[64], path[8];
	unsigned call, media;
	int64_t packets, bytes, lost, expected, jitter_us;
};

struct look {
	unsigned calls, rows;
	char *ids[CLIENT_CALLS_MAX];
	struct row row[ROWS_MAX];
	uint64_t at; /* µs */
};

/* ---- answers ---- */

static struct value nodes[NODES];
static char bytes[CLIENT_ANSWER_MAX];

static bool parse(const char *answer, size_t n, struct value_tree *t)
{
	struct scratch scratch = {.at = bytes, .room = sizeof(bytes)};
	size_t used;

	*t = (struct value_tree){.at = nodes, .room = NODES};
	return json_parse((struct text){answer, n}, t, &scratch, &used) == 0 && t->at[0].kind == VALUE_DICT;
}

/* The value of a key of dictionary `dict`; 0: it has none. */
static unsigned get(const struct value_tree *t, unsigned dict, const char *key)
{
	unsigned name = 0;

	if (t->at[dict].kind != VALUE_DICT)
		return 0;
	VALUE_EACH(i, t, dict) {
		if (name && text_is(t->at[name].string, key))
			return i;
		name = name ? 0 : i;
	}
	return 0;
}

static int64_t number(const struct value_tree *t, unsigned dict, const char *key)
{
	unsigned at = get(t, dict, key);
	int64_t value = 0;

	return at && value_number(&t->at[at], &value) ? value : 0;
}

static void copy(char *to, size_t size, struct text t)
{
	snprintf(to, size, "%.*s", (int)(t.n < size ? t.n : size - 1), t.n ? t.s : "");
}

static void take_source(const struct value_tree *t, unsigned stream, char to[64])
{
	unsigned endpoint = get(t, stream, "endpoint"), address = endpoint ? get(t, endpoint, "address") : 0;

	if (address)
		snprintf(to, 64, "%.*s:%lld", (int)t->at[address].string.n, t->at[address].string.s, (long long)number(t, endpoint, "port"));
}

static void take_stream(const struct value_tree *t, unsigned stream, struct row *r)
{
	unsigned stats = get(t, stream, "stats"), quality = get(t, stream, "quality");
	int64_t kernel = number(t, stream, "last kernel packet");

	take_source(t, stream, r->from);
	snprintf(r->path, sizeof(r->path), "%s", kernel && kernel >= number(t, stream, "last user packet") ? "kernel" : "user");
	if (stats) {
		r->packets = number(t, stats, "packets");
		r->bytes = number(t, stats, "bytes");
	}
	if (quality) {
		r->lost = number(t, quality, "lost");
		r->expected = number(t, quality, "expected");
		r->jitter_us = number(t, quality, "jitter us");
	}
}

/* Of each m-line the first stream: RTP; the second is its RTCP. */
static void take_party(struct look *l, const struct value_tree *t, struct text tag, unsigned party)
{
	unsigned medias = get(t, party, "medias");

	if (!medias || t->at[medias].kind != VALUE_LIST)
		return;
	VALUE_EACH(m, t, medias) {
		unsigned streams = get(t, m, "streams");
		struct row *r = &l->row[l->rows];

		if (!streams || t->at[streams].next == streams + 1 || l->rows == ROWS_MAX)
			continue;
		*r = (struct row){.call = l->calls - 1, .media = (unsigned)number(t, m, "index")};
		copy(r->party, sizeof(r->party), tag);
		take_stream(t, streams + 1, r);
		l->rows++;
	}
}

static void take_call(struct look *l, const char *answer, size_t n)
{
	struct value_tree t;
	unsigned tags = parse(answer, n, &t) ? get(&t, 0, "tags") : 0, tag = 0;

	if (!tags || t.at[tags].kind != VALUE_DICT)
		return; /* it has ended since */
	VALUE_EACH(i, &t, tags) {
		if (tag)
			take_party(l, &t, t.at[tag].string, i);
		tag = tag ? 0 : i;
	}
}

/* ---- looks ---- */

static bool list(int fd, struct look *l)
{
	static char answer[CLIENT_ANSWER_MAX];
	size_t n = client_ask(fd, "list", NULL, answer);
	struct value_tree t;
	unsigned calls;

	if (n == 0 || !parse(answer, n, &t))
		return false;
	calls = get(&t, 0, "calls");
	if (calls && t.at[calls].kind == VALUE_LIST)
		VALUE_EACH(i, &t, calls)
			if (l->calls < CLIENT_CALLS_MAX)
				l->ids[l->calls++] = strndup(t.at[i].string.s, t.at[i].string.n);
	return true;
}

/* The calls of `ids`, each again in its place. */
static void look(int fd, struct look *l, char *const *ids, unsigned count)
{
	static char answer[CLIENT_ANSWER_MAX];

	l->rows = 0;
	l->at = clock_now();
	for (l->calls = 1; l->calls <= count; l->calls++) {
		size_t n = ids[l->calls - 1] ? client_ask(fd, "query", ids[l->calls - 1], answer) : 0;

		if (n)
			take_call(l, answer, n);
	}
}

static const struct row *same(const struct look *l, const struct row *r)
{
	for (unsigned i = 0; i < l->rows; i++)
		if (l->row[i].call == r->call && l->row[i].media == r->media && strcmp(l->row[i].party, r->party) == 0)
			return &l->row[i];
	return NULL;
}

static void print_row(FILE *to, const char *id, const struct row *now, const struct row *before, double seconds)
{
	fprintf(to, "%-36.36s %-20.20s %5u %-28s %-6s %8.1f %9.1f %6.2f %8.1f\n", id, now->party, now->media, now->from, now->path,
		(double)(now->packets - before->packets) / seconds, (double)(now->bytes - before->bytes) * 8 / 1000 / seconds,
		now->expected > 0 ? 100.0 * (double)now->lost / (double)now->expected : 0, (double)now->jitter_us / 1000);
}

bool client_flows(int fd, FILE *to)
{
	static struct look first, second;
	const struct timespec pause = {.tv_sec = LOOK_S};
	unsigned count;

	if (!list(fd, &first))
		return false;
	count = first.calls;
	look(fd, &first, first.ids, count);
	if (count)
		nanosleep(&pause, NULL);
	look(fd, &second, first.ids, count);
	fprintf(to, "%-36s %-20s %5s %-28s %-6s %8s %9s %6s %8s\n", "CALL-ID", "PARTY (TAG)", "MEDIA", "SENDS FROM", "PATH", "PACKETS/S", "KBIT/S",
		"LOST %", "JITTER MS");
	for (unsigned i = 0; i < second.rows; i++) {
		const struct row *before = same(&first, &second.row[i]);

		if (before)
			print_row(to, first.ids[second.row[i].call], &second.row[i], before, (double)(second.at - first.at) / 1000000);
	}
	if (count == CLIENT_CALLS_MAX)
		fprintf(to, "(and maybe more calls: these are %u of them)\n", count);
	for (unsigned i = 0; i < count; i++)
		free(first.ids[i]);
	return true;
}
