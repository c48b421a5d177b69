/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The queue of traced messages, and the process that writes them and deletes old ones. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "core/sr_module.h"
#include "core/timer_proc.h"
#include "db.h"
#include "params.h"
#include "policy/mask.h"
#include "trace.h"

#define TICK_US    200000
#define PAUSE_S    5  /* after a failure */
#define PRUNE_S    60 /* between two batches */
#define PRUNE_ROWS 1000

static struct queue {
	gen_lock_t lock;
	struct aeta_traced *first, **end;
	size_t bytes;
	unsigned waiting;
} *queue;

int aeta_trace_queue_init(void)
{
	queue = shm_malloc(sizeof(*queue));
	if (!queue) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(queue, 0, sizeof(*queue));
	queue->end = &queue->first;
	if (!lock_init(&queue->lock))
		return -1;
	return register_basic_timers(1) < 0 ? -1 : 0;
}

void aeta_trace_queue_destroy(void)
{
	if (!queue)
		return;
	while (queue->first) {
		struct aeta_traced *t = queue->first;

		queue->first = t->next;
		shm_free(t);
	}
	lock_destroy(&queue->lock);
	shm_free(queue);
	queue = NULL;
}

/* ---- in ---- */

static char *copy_text(str *s, char *to)
{
	if (s->len > 0)
		memcpy(to, s->s, (size_t)s->len);
	s->s = to;
	return to + s->len;
}

static struct aeta_traced *copy_of(const struct aeta_traced *t)
{
	size_t size = sizeof(*t) + (size_t)(t->body.len + t->callid.len + t->method.len + t->status.len + t->from.len +
									   t->to.len + t->fromtag.len + t->totag.len);
	struct aeta_traced *c = shm_malloc(size);
	char *to = (char *)(c + 1);

	if (!c)
		return NULL;
	*c = *t;
	c->size = size;
	c->next = NULL;
	str *texts[] = {&c->body, &c->callid, &c->method, &c->status, &c->from, &c->to, &c->fromtag, &c->totag};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		to = copy_text(texts[i], to);
	return c;
}

int aeta_trace_push(const struct aeta_traced *t)
{
	struct aeta_traced *c = queue->bytes < AETA_TRACE_WAITING ? copy_of(t) : NULL;

	if (!c)
		return -ENOSPC;
	aeta_mask(c->body.s, (size_t)c->body.len);
	lock_get(&queue->lock);
	*queue->end = c;
	queue->end = &c->next;
	queue->bytes += c->size;
	queue->waiting++;
	lock_release(&queue->lock);
	return 0;
}

unsigned aeta_trace_waiting(void)
{
	return queue->waiting;
}

/* ---- out ---- */

/* The first message; it stays in the queue's account until it is written. NULL if there is none. */
static struct aeta_traced *take(void)
{
	struct aeta_traced *t;

	lock_get(&queue->lock);
	t = queue->first;
	if (t) {
		queue->first = t->next;
		if (!queue->first)
			queue->end = &queue->first;
	}
	lock_release(&queue->lock);
	return t;
}

static void settle(struct aeta_traced *t)
{
	lock_get(&queue->lock);
	queue->bytes -= t->size;
	queue->waiting--;
	lock_release(&queue->lock);
	shm_free(t);
}

/* The columns of Kamailio's sip_trace, and what goes there. */
static int write_row(db1_con_t *h, const struct aeta_traced *t, aeta_number_t number)
{
	static str names[] = {str_init("traced_user"), str_init("callid"), str_init("method"), str_init("status"),
			str_init("fromip"), str_init("toip"), str_init("fromtag"), str_init("totag"), str_init("direction"),
			str_init("time_stamp"), str_init("time_us"), str_init("msg")};
	char digits[AETA_NUMBER_MAX + 1];
	const str user = {digits, (int)aeta_number_format(number, digits)};
	const str direction = {t->out ? "out" : "in", t->out ? 3 : 2};
	const str texts[] = {user, t->callid, t->method, t->status, t->from, t->to, t->fromtag, t->totag, direction};
	enum { TEXTS = sizeof(texts) / sizeof(texts[0]), COLUMNS = sizeof(names) / sizeof(names[0]) };
	db_key_t keys[COLUMNS];
	db_val_t values[COLUMNS] = {0};

	for (int i = 0; i < COLUMNS; i++)
		keys[i] = &names[i];
	for (int i = 0; i < TEXTS; i++)
		values[i] = (db_val_t){.type = DB1_STR, .val.str_val = texts[i]};
	values[TEXTS] = (db_val_t){.type = DB1_DATETIME, .val.time_val = t->at.tv_sec};
	values[TEXTS + 1] = (db_val_t){.type = DB1_INT, .val.int_val = (int)t->at.tv_usec};
	values[TEXTS + 2] = (db_val_t){.type = DB1_BLOB, .val.blob_val = t->body};
	if (aeta_dbf.use_table(h, &aeta_params.trace_table) < 0)
		return -1;
	return aeta_dbf.insert(h, keys, values, COLUMNS);
}

/* A row for each of its numbers. -1 if one was lost. */
static int write_message(db1_con_t *h, const struct aeta_traced *t)
{
	int rc = 0;

	for (unsigned i = 0; i < t->numbers; i++) {
		if (write_row(h, t, t->number[i]) < 0) {
			aeta_trace_lost(t->number[i]);
			rc = -1;
		}
	}
	return rc;
}

/* Some old rows: never so many that the table is locked for long. */
static int prune(db1_con_t *h)
{
	char text[256];
	str query = {text, 0};

	query.len = snprintf(text, sizeof(text),
			"delete from %.*s where time_stamp < utc_timestamp() - interval %d hour order by time_stamp limit %d",
			aeta_params.trace_table.len, aeta_params.trace_table.s, aeta_params.trace_keep, PRUNE_ROWS);
	return aeta_dbf.raw_query(h, &query, NULL);
}

/* Runs in the writer process only. After a failure it leaves the database alone for a while; meanwhile the queue fills. */
static void work(unsigned int ticks, void *param)
{
	static time_t rest_until, prune_at;
	static db1_con_t *h;
	time_t now = time(NULL);
	struct aeta_traced *t;
	int rc = 0;

	(void)ticks;
	(void)param;
	aeta_trace_expire();
	if (now < rest_until || (!queue->first && now < prune_at))
		return;
	if (!h && !(h = aeta_db_connect()))
		rc = -1;
	while (rc == 0 && (t = take())) {
		rc = write_message(h, t);
		settle(t);
	}
	if (rc == 0 && now >= prune_at) {
		rc = prune(h);
		prune_at = now + PRUNE_S;
	}
	if (rc < 0) {
		LM_ERR("a SIP trace cannot be written to the database; the next try is in %d s\n", PAUSE_S);
		rest_until = time(NULL) + PAUSE_S;
	}
}

int aeta_trace_fork(void)
{
	if (!queue)
		return 0;
	if (fork_basic_utimer(PROC_TIMER, "aeta trace writer", 1, work, NULL, TICK_US) < 0) {
		LM_ERR("cannot start the process that writes traces\n");
		return -1;
	}
	return 0;
}
