/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "call.h"

#include <errno.h>
#include <stdlib.h>

#include "party.h"

#define BUCKETS_MIN 64

/* ---- the table ---- */

int calls_init(struct relay *r)
{
	r->calls = (struct call_table){.buckets = calloc(BUCKETS_MIN, sizeof(struct call *)), .size = BUCKETS_MIN};
	return r->calls.buckets ? 0 : -ENOMEM;
}

void calls_free(struct relay *r)
{
	free(r->calls.buckets);
	r->calls.buckets = NULL;
}

static struct call **bucket_of(const struct call_table *t, uint64_t hash)
{
	return &t->buckets[hash & (t->size - 1)];
}

/* Twice as many buckets; without memory for them the chains grow longer, that is all. */
static void grow(struct call_table *t)
{
	struct call_table to = {.buckets = calloc(2 * t->size, sizeof(struct call *)), .size = 2 * t->size};

	if (!to.buckets)
		return;
	for (struct call *c = t->oldest; c; c = c->newer) {
		struct call **b = bucket_of(&to, c->hash);

		c->next_in_bucket = *b;
		*b = c;
	}
	free(t->buckets);
	t->buckets = to.buckets;
	t->size = to.size;
}

static void insert(struct call_table *t, struct call *c)
{
	struct call **b;

	if (t->count >= t->size)
		grow(t);
	b = bucket_of(t, c->hash);
	c->next_in_bucket = *b;
	*b = c;
	c->older = t->newest;
	*(t->newest ? &t->newest->newer : &t->oldest) = c;
	t->newest = c;
	t->count++;
}

static void list_out(struct call_table *t, struct call *c)
{
	*(c->older ? &c->older->newer : &t->oldest) = c->newer;
	*(c->newer ? &c->newer->older : &t->newest) = c->older;
}

static void take_out(struct call_table *t, struct call *c)
{
	struct call **b = bucket_of(t, c->hash);

	while (*b != c)
		b = &(*b)->next_in_bucket;
	*b = c->next_in_bucket;
	list_out(t, c);
	t->count--;
}

void call_by_age(struct call *c)
{
	struct call_table *t = &c->relay->calls;
	struct call *older = c->older;

	while (older && older->created > c->created)
		older = older->older;
	if (older == c->older)
		return;
	list_out(t, c);
	c->older = older;
	c->newer = older ? older->newer : t->oldest;
	*(older ? &older->newer : &t->oldest) = c;
	c->newer->older = c;
}

struct call *call_find(const struct relay *r, struct text id)
{
	uint64_t hash = text_hash(id, r->config.key);
	struct call *c = *bucket_of(&r->calls, hash);

	while (c && !(c->hash == hash && text_equal(c->id, id)))
		c = c->next_in_bucket;
	return c;
}

/* ---- changes ---- */

void call_touch(struct call *c)
{
	struct relay *r = c->relay;
	bool first = !r->touched;

	if (c->touched_at || !r->shell.touched)
		return;
	c->touched_at = first ? &r->touched : r->touched_end;
	*c->touched_at = c;
	r->touched_end = &c->touched_next;
	if (first)
		r->shell.touched(r->shell.context);
}

static void untouch(struct call *c)
{
	struct relay *r = c->relay;

	if (!c->touched_at)
		return;
	*c->touched_at = c->touched_next;
	if (c->touched_next)
		c->touched_next->touched_at = c->touched_at;
	else
		r->touched_end = c->touched_at;
	c->touched_at = NULL;
	c->touched_next = NULL;
}

struct call *relay_touched(struct relay *r)
{
	struct call *c = r->touched;

	if (c)
		untouch(c);
	return c;
}

/* ---- life and death ---- */

struct call *call_new(struct relay *r, struct text id, uint64_t now)
{
	struct call *c = calloc(1, sizeof(*c) + id.n);

	if (!c)
		return NULL;
	memcpy(c + 1, id.s, id.n);
	c->id = (struct text){(const char *)(c + 1), id.n};
	c->relay = r;
	c->hash = text_hash(id, r->config.key);
	c->created = c->last_signal = now;
	c->tos = (int16_t)r->config.tos;
	insert(&r->calls, c);
	return c;
}

void call_discard(struct call *c)
{
	while (c->parties)
		party_free(c->parties);
	untouch(c); /* not earlier: the shell touches the call of a stream that comes back from the kernel as its ports are closed */
	take_out(&c->relay->calls, c);
	free(c->metadata_memory);
	free(c);
}

/* Both directions of each stream of a caller and its peer. */
static void count_ways(struct relay *r, const struct party *caller)
{
	for (unsigned i = 0; caller && i < caller->stream_count; i++) {
		const struct stream *s = caller->streams[i], *t = s->peer;
		unsigned ways = 2;

		if (t)
			ways = (s->rtp.in.packets > 0 ? 1u : 0u) + (t->rtp.in.packets > 0 ? 1u : 0u);
		r->ended.no_way += ways == 0;
		r->ended.one_way += ways == 1;
	}
}

static void count_ended(struct call *c, enum relay_end why)
{
	struct relay *r = c->relay;

	r->totals.calls_ended[why]++;
	r->ended.microseconds += r->now > c->created ? r->now - c->created : 0;
	count_ways(r, call_answered_caller(c));
}

void call_end(struct call *c, enum relay_end why)
{
	struct relay *r = c->relay;

	call_record_stop(c, false);
	call_refresh(c);
	r->shell.ended(r->shell.context, c, why);
	count_ended(c, why);
	call_discard(c);
}

/* ---- switches ---- */

static void stream_sum_up(struct stream *s)
{
	const struct party *p = s->party;
	const struct call *c = p->call;
	bool blocked = c->blocked || c->dropping || p->blocked;
	bool silenced = c->silenced || p->silenced;
	bool dtmf_blocked = c->dtmf_blocked || p->dtmf_blocked;

	if (s->blocked == blocked && s->silenced == silenced && s->dtmf_blocked == dtmf_blocked)
		return;
	s->blocked = blocked;
	s->silenced = silenced;
	s->dtmf_blocked = dtmf_blocked;
	c->relay->shell.changed(c->relay->shell.context, s);
}

void call_sum_up(struct call *c)
{
	for (struct party *p = c->parties; p; p = p->next)
		for (unsigned i = 0; i < p->stream_count; i++)
			stream_sum_up(p->streams[i]);
}

struct party *call_answered_caller(const struct call *c)
{
	for (struct party *p = c->parties; p; p = p->next)
		if (p->peer && p->peer->peer == p)
			return p;
	return NULL;
}

int call_metadata(struct call *c, struct text metadata)
{
	char *copy;

	if (metadata.n == 0 || text_equal(metadata, c->metadata))
		return 0;
	copy = malloc(metadata.n);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, metadata.s, metadata.n);
	free(c->metadata_memory);
	c->metadata_memory = copy;
	c->metadata = (struct text){copy, metadata.n};
	call_touch(c);
	return 0;
}

void call_refresh(struct call *c)
{
	struct relay_shell *shell = &c->relay->shell;

	if (shell->refresh)
		shell->refresh(shell->context, c);
}

/* ---- recording ---- */

static void tell_streams(struct call *c)
{
	struct relay_shell *shell = &c->relay->shell;

	for (struct party *p = c->parties; p; p = p->next)
		for (unsigned i = 0; i < p->stream_count; i++)
			shell->changed(shell->context, p->streams[i]);
}

int call_record(struct call *c, struct text file, struct text directory, struct text pattern)
{
	struct relay_shell *shell = &c->relay->shell;
	int error;

	if (c->recorded)
		return 0;
	error = shell->record_start(shell->context, c, file, directory, pattern, c->metadata);
	c->recorded = error == 0;
	call_touch(c);
	tell_streams(c);
	return error;
}

void call_record_stop(struct call *c, bool discard)
{
	struct relay_shell *shell = &c->relay->shell;

	if (!c->recorded)
		return;
	shell->record_stop(shell->context, c, discard);
	c->recorded = false;
	c->recording = NULL;
	c->recording_file = (struct text){0};
	call_touch(c);
	tell_streams(c);
}
