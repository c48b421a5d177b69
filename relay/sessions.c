/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sessions.h"

#include "core/saved.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>

#define ENTRIES_MAX (64u << 20)   /* bytes that wait to be written */
#define CALLS_AT_ONCE 200         /* records made in one go: a millisecond, in which no media are forwarded */
#define AGAIN_US 10000000u        /* a call with media is written again */
#define LATE_US 20000000u         /* the latest that it may have been since, where many are due together */
#define FILE_MIN (1u << 20)       /* bytes: a shorter file is not left for another one */
#define FILE_FACTOR 4             /* nor one that is not so many times as long as what is worth keeping in it */
#define RECORD_USUAL 1024         /* bytes */

struct sessions {
	struct session_log *log;
	sessions_dropped *dropped;
	void *context;
	struct relay *relay;
	struct out entries;        /* to be written */
	bool ready;                /* a file of our own is open */
	bool listed;               /* relay_touched() may have calls */
	bool waiting;              /* sessions_write() will be called */
	bool settled;              /* all that was restored has been written anew */
	bool broken;               /* writing failed, and that was said */
	unsigned elsewhere;        /* calls whose newest record is in an older file */
	struct sessions_counts counts;
};

struct sessions *sessions_new(struct session_log *log, sessions_dropped *dropped, void *context)
{
	struct sessions *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->log = log;
	s->dropped = dropped;
	s->context = context;
	out_init(&s->entries, ENTRIES_MAX);
	return s;
}

const struct sessions_counts *sessions_counts(const struct sessions *s)
{
	return &s->counts;
}

uint64_t sessions_bytes(const struct sessions *s)
{
	return session_log_bytes(s->log);
}

/* ---- writing ---- */

static uint32_t newest(const struct sessions *s)
{
	return session_log_number(s->log);
}

/* Its record, or the word that it is gone, is going to be in the newest file. */
static void count_out(struct sessions *s, const struct call *c)
{
	if (!c->saved_in)
		return;
	s->counts.saved--;
	s->elsewhere -= c->saved_in != newest(s);
}

static void add_call(struct sessions *s, struct call *c, uint64_t now)
{
	size_t begin = session_entry_begin(&s->entries, SESSION_CALL);

	saved_write(c, &s->entries);
	session_entry_end(&s->entries, begin);
	if (s->entries.failed) {
		s->entries.failed = false;
		out_cut(&s->entries, begin);
		return; /* tried again by the tick */
	}
	count_out(s, c);
	c->saved_in = newest(s);
	c->saved_at = now;
	s->counts.saved++;
	s->counts.written++;
}

static void say_failure(struct sessions *s, int rc)
{
	s->counts.failed++;
	if (!s->broken)
		log_say(LOG_ERR, "--state-dir: calls cannot be saved: %s; they go on, and would be lost with this process", strerror(-rc));
	s->broken = true;
}

/* The older files, when nothing in them is worth keeping any more. */
static void forget(struct sessions *s)
{
	s->settled |= s->counts.saved >= relay_calls(s->relay);
	if (s->settled && s->elsewhere == 0)
		session_log_forget(s->log);
}

/* 0 or -errno; then the entries wait. */
static int write_entries(struct sessions *s)
{
	int rc = s->entries.n ? session_log_add(s->log, out_text(&s->entries)) : 0;

	if (rc) {
		say_failure(s, rc);
		return rc;
	}
	if (s->broken)
		log_say(LOG_NOTICE, "--state-dir: calls are saved again");
	s->broken = false;
	if (s->entries.room > FILE_MIN)
		out_free(&s->entries);
	else
		out_clear(&s->entries);
	if (s->relay)
		forget(s);
	return 0;
}

/* The newest file holds little but what is out of date. Only when nothing is left in an older one, so there are never more than two. */
static void begin_file(struct sessions *s)
{
	uint64_t worth = (uint64_t)s->counts.saved * RECORD_USUAL * FILE_FACTOR;

	if (s->elsewhere || sessions_bytes(s) < FILE_MIN || sessions_bytes(s) < worth)
		return;
	if (session_log_next(s->log) == 0)
		s->elsewhere = s->counts.saved;
}

bool sessions_write(struct sessions *s, uint64_t now)
{
	struct call *c = NULL;

	s->waiting = false;
	if (!s->ready || s->broken)
		return false; /* the tick tries again */
	for (unsigned i = 0; i < CALLS_AT_ONCE && (c = relay_touched(s->relay)); i++)
		add_call(s, c, now);
	s->listed = c != NULL;
	s->waiting = write_entries(s) == 0 && s->listed;
	return s->waiting;
}

static bool want(struct sessions *s)
{
	bool first = !s->waiting;

	s->waiting = true;
	return first;
}

bool sessions_touched(struct sessions *s)
{
	s->listed = true;
	return want(s);
}

bool sessions_ended(struct sessions *s, const struct call *c)
{
	size_t begin;

	if (!c->saved_in)
		return false;
	count_out(s, c);
	begin = session_entry_begin(&s->entries, SESSION_GONE);
	out_add(&s->entries, c->id);
	session_entry_end(&s->entries, begin);
	if (s->entries.failed) {
		s->entries.failed = false;
		out_cut(&s->entries, begin);
	}
	return want(s);
}

/* ---- once a second ---- */

static bool is_due(const struct sessions *s, const struct call *c, uint64_t now)
{
	if (c->saved_in != newest(s))
		return true;
	return c->last_media > c->saved_at && now - c->saved_at >= AGAIN_US;
}

/* A part of them each time, so that those that were saved together, at a start, do not come together for ever. */
static void touch_due(struct sessions *s, uint64_t now)
{
	unsigned left = relay_calls(s->relay) / 8 + 16;

	for (struct call *c = relay_first(s->relay); c && left; c = relay_next(c))
		if (is_due(s, c, now)) {
			call_touch(c);
			left--;
		}
}

/* The first file, or what could not be written. */
static int try_again(struct sessions *s)
{
	int rc = s->ready ? write_entries(s) : session_log_next(s->log);

	if (rc && !s->ready)
		say_failure(s, rc);
	s->ready |= !rc;
	return rc;
}

bool sessions_tick(struct sessions *s, uint64_t now)
{
	if ((!s->ready || s->broken) && try_again(s) != 0)
		return false;
	begin_file(s);
	touch_due(s, now);
	return s->listed && want(s);
}

/* ---- the start, and the end ---- */

struct restoring {
	struct sessions *sessions;
	uint64_t now;
	bool left;
};

static void restore(void *context, const struct session_found *f)
{
	struct restoring *r = context;
	struct sessions *s = r->sessions;
	struct saved_head head;
	char why[SAVED_WHY_MAX];

	r->left = f->left;
	if (saved_restore(s->relay, f->record, f->same_boot, r->now, why) == 0) {
		s->counts.restored++;
		return;
	}
	s->counts.dropped++;
	if (!saved_head(f->record, &head))
		return;
	log_call(LOG_WARNING, head.id, "this call of before cannot go on: %s", why);
	s->dropped(s->context, &head);
}

/* After a sudden end it is not known how long a call was still heard. None of them is to end for that. */
static void be_patient(struct relay *r, uint64_t now)
{
	for (struct call *c = relay_first(r); c; c = relay_next(c))
		if (c->last_media)
			c->last_media = c->last_media + LATE_US < now ? c->last_media + LATE_US : now;
}

void sessions_serve(struct sessions *s, struct relay *r, uint64_t now)
{
	struct restoring restoring = {s, now, false};
	int rc;

	s->relay = r;
	rc = session_log_read(s->log, restore, &restoring);
	if (!restoring.left)
		be_patient(r, now);
	if (rc)
		log_say(LOG_ERR, "--state-dir: the calls of before cannot be read: %s", strerror(-rc));
	if (s->counts.restored + s->counts.dropped)
		log_say(LOG_NOTICE, "%llu calls of before go on%s", (unsigned long long)s->counts.restored,
			s->counts.dropped ? "; others cannot, see above" : "");
	if (try_again(s) == 0)
		while (sessions_write(s, now))
			;
}

int sessions_leave(struct sessions *s, uint64_t now)
{
	int rc = s->ready ? 0 : -EIO;

	while (relay_touched(s->relay))
		; /* all of them it is */
	for (struct call *c = relay_first(s->relay); c && !rc; c = relay_next(c)) {
		add_call(s, c, now);
		rc = c->saved_at == now ? 0 : -ENOMEM;
		if (!rc && s->entries.n > FILE_MIN)
			rc = write_entries(s);
	}
	if (!rc)
		session_entry_end(&s->entries, session_entry_begin(&s->entries, SESSION_LEFT));
	return rc ? rc : write_entries(s);
}

void sessions_free(struct sessions *s)
{
	if (!s)
		return;
	s->relay = NULL; /* it has gone before */
	if (s->ready)
		write_entries(s);
	out_free(&s->entries);
	session_log_close(s->log);
	free(s);
}
