/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attempt.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "authenticated.h"
#include "core/dprint.h"
#include "core/fmsg.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_to.h"
#include "core/parser/parse_uri.h"
#include "core/pt.h"
#include "core/sr_module.h"
#include "core/timer_proc.h"
#include "params.h"
#include "register.h"
#include "stats.h"

#define WRITE_EVERY_S 1
#define PRUNE_EVERY 3        /* writes, while there is anything to prune */
#define PRUNE_REST_S 600u    /* and then so long not */

struct history {
	gen_lock_t lock; /* of `table` */
	struct aeta_batch batch;
	_Alignas(8) unsigned char table[]; /* more than 8 is not what Kamailio's shared memory gives */
};

static struct history *history;

static struct aeta_attempts *table(void)
{
	return (struct aeta_attempts *)(void *)history->table;
}

/* ---- the process that writes ---- */

void aeta_attempt_take(struct aeta_batch *b)
{
	lock_get(&history->lock);
	b->lines = aeta_attempts_take(table(), b->line, AETA_BATCH_LINES); /* who counts what waits sees them here or there */
	lock_release(&history->lock);
}

/* A thousand old lines every few seconds, as long as there are any. */
static void prune_sometimes(void)
{
	static unsigned turn;
	static time_t rest_until;
	time_t now = time(NULL);

	if (turn++ % PRUNE_EVERY || now < rest_until)
		return;
	if (aeta_attempt_prune() <= 0)
		rest_until = now + (time_t)PRUNE_REST_S;
}

static void write_what_waits(unsigned ticks, void *param)
{
	(void)ticks;
	(void)param;
	if (aeta_attempt_write(&history->batch) == 0)
		prune_sometimes();
}

int aeta_attempt_init(void)
{
	if (aeta_params.attempts == 0)
		return 0;
	history = shm_malloc(sizeof(*history) + aeta_attempts_size((size_t)aeta_params.attempts));
	if (!history) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(history, 0, sizeof(*history));
	aeta_attempts_init(history->table, (size_t)aeta_params.attempts);
	if (!lock_init(&history->lock)) {
		LM_ERR("cannot make a lock\n");
		return -1;
	}
	return register_basic_timers(1);
}

int aeta_attempt_start(void)
{
	if (!history)
		return 0;
	return fork_basic_timer(PROC_TIMER, "aeta attempts", 1, write_what_waits, NULL, WRITE_EVERY_S) < 0 ? -1 : 0;
}

/* By now the main process is alone; what waits still is written, if the database takes it at once. */
void aeta_attempt_destroy(void)
{
	if (!history)
		return;
	if (history->batch.lines || aeta_attempts_waiting(table()))
		aeta_attempt_write(&history->batch);
	aeta_attempt_disconnect();
	shm_free(history);
	history = NULL;
}

void aeta_attempt_state(struct aeta_attempt_state *out)
{
	uint32_t since = history ? history->batch.failing_since : 0, now = (uint32_t)time(NULL);

	*out = (struct aeta_attempt_state){0};
	if (!history)
		return;
	lock_get(&history->lock);
	out->room = (unsigned)aeta_attempts_room(table());
	out->waiting = (unsigned)(aeta_attempts_waiting(table()) + history->batch.lines);
	lock_release(&history->lock);
	if (since)
		out->failing_s = now > since ? now - since : 1;
}

/* ---- what a message says ---- */

#define SET(field, text) aeta_text_set(field, sizeof(field), (text).s, (text).len > 0 ? (size_t)(text).len : 0)
#define COPY(field, text) aeta_text_set(field, sizeof(field), text, strlen(text))

static const char *kind_of(sip_msg_t *msg)
{
	unsigned method = get_cseq(msg)->method_id; /* of a request and of its replies */

	switch (method) {
	case METHOD_REGISTER:
		return "register";
	case METHOD_INVITE:
		return "call";
	case METHOD_MESSAGE:
		return "message";
	case METHOD_SUBSCRIBE:
		return "subscribe";
	case METHOD_REFER:
		return "refer";
	case METHOD_OPTIONS:
		return "options";
	default:
		return NULL;
	}
}

/* A request that is wrong in itself may have no From that can be read. */
static str from_user(sip_msg_t *msg)
{
	struct sip_uri *from = parse_from_uri(msg);
	str none = {NULL, 0};

	return from ? from->user : none;
}

static void set_source(sip_msg_t *msg, char address[46], char *source, size_t size)
{
	static const char *const names[] = {[PROTO_UDP] = "udp", [PROTO_TCP] = "tcp", [PROTO_TLS] = "tls"};
	unsigned proto = (unsigned)msg->rcv.proto;
	const char *name = proto < sizeof(names) / sizeof(names[0]) && names[proto] ? names[proto] : "other";
	bool v6 = msg->rcv.src_ip.af == AF_INET6;

	snprintf(address, 46, "%s", ip_addr2a((struct ip_addr *)&msg->rcv.src_ip));
	snprintf(source, size, "%s:%s%s%s:%u", name, v6 ? "[" : "", address, v6 ? "]" : "", msg->rcv.src_port);
}

static void set_user_agent(sip_msg_t *msg, char *to, size_t size)
{
	if (msg->user_agent && msg->user_agent->body.len > 0)
		aeta_text_set(to, size, msg->user_agent->body.s, (size_t)msg->user_agent->body.len);
}

void aeta_attempt_origin(sip_msg_t *msg, struct aeta_call *c)
{
	str user;

	if (!history || parse_headers(msg, HDR_EOH_F, 0) < 0)
		return;
	c->proven = aeta_is_authenticated(msg, &user);
	set_source(msg, c->from_address, c->from_source, sizeof(c->from_source));
	set_user_agent(msg, c->from_agent, sizeof(c->from_agent));
	if (msg->callid)
		SET(c->callid, msg->callid->body);
}

/* From where, with what and who, of a request. */
static void read_request(sip_msg_t *msg, const struct aeta_call *c, struct aeta_attempt *a)
{
	str user;

	set_source(msg, a->address, a->source, sizeof(a->source));
	set_user_agent(msg, a->user_agent, sizeof(a->user_agent));
	if (aeta_is_authenticated(msg, &user)) {
		a->trust = AETA_TRUST_ACCOUNT;
	} else if (c && c->proven) {
		a->trust = AETA_TRUST_ACCOUNT;
		user = (str){(char *)c->caller, (int)strlen(c->caller)};
	} else {
		user = aeta_user(msg);
		if (user.len <= 0)
			user = from_user(msg);
	}
	if (aeta_number_parse(user.s, user.len > 0 ? (size_t)user.len : 0)) /* cut short, a longer one might be somebody's */
		SET(a->account, user);
}

/* The same of a reply: what was noted of its request. */
static void read_origin(const struct aeta_call *c, struct aeta_attempt *a)
{
	a->trust = c->proven ? AETA_TRUST_ACCOUNT : AETA_TRUST_NONE;
	COPY(a->account, c->caller);
	COPY(a->address, c->from_address);
	COPY(a->source, c->from_source);
	COPY(a->user_agent, c->from_agent);
}

/* Whom it was for: as dialled; what number that means; and in a hunt the member in hand. */
static void read_target(sip_msg_t *msg, const struct aeta_call *c, struct aeta_attempt *a)
{
	str user = {NULL, 0};

	if (c && c->dialled[0]) {
		user = (str){(char *)c->dialled, (int)strlen(c->dialled)};
		COPY(a->peer, c->final);
	} else if (msg->first_line.type == SIP_REQUEST && parse_sip_msg_uri(msg) >= 0) {
		user = msg->parsed_uri.user;
	}
	SET(a->dialled, user);
	if (c && c->hunting) {
		snprintf(a->peer, sizeof(a->peer), "%u%u", (unsigned)c->hunt.prefix, (unsigned)AETA_SEQ_HUNT);
		if (strcmp(c->final, a->peer) != 0)
			COPY(a->final, c->final);
	} else if (!a->peer[0] && aeta_number_parse(a->dialled, strlen(a->dialled))) {
		COPY(a->peer, a->dialled);
	}
}

/* A REGISTER is for oneself; where it is not, the number that it names is worth knowing. */
static void read_registration(sip_msg_t *msg, struct aeta_attempt *a)
{
	struct sip_uri *to = parse_to_uri(msg);

	if (!to || to->user.len <= 0) /* "sip:example.com" has no user, not even an empty one */
		return;
	if (to->user.len != (int)strlen(a->account) || memcmp(to->user.s, a->account, (size_t)to->user.len) != 0)
		SET(a->dialled, to->user);
}

/* In an event route the message is none: what was noted of the INVITE whose transaction runs it. False: nothing was. */
static bool read_event(sip_msg_t *msg, struct aeta_attempt *a)
{
	const struct aeta_call *c = aeta_call_get();

	if (!c || !c->from_address[0] || !c->dialled[0])
		return false;
	COPY(a->kind, "call");
	COPY(a->callid, c->callid);
	read_origin(c, a);
	read_target(msg, c, a);
	return aeta_number_parse(a->account, strlen(a->account)) != 0;
}

/* Of whom, from where, for whom. False: nobody's attempt. */
static bool read_message(sip_msg_t *msg, struct aeta_attempt *a)
{
	const struct aeta_call *c = aeta_call_get();
	bool request = msg->first_line.type == SIP_REQUEST;
	const char *kind;

	parse_headers(msg, HDR_EOH_F, 0); /* what can be read of a bad request is enough */
	if (!msg->cseq || !msg->cseq->parsed || !(kind = kind_of(msg)) || (!request && !(c && c->from_address[0])))
		return false;
	COPY(a->kind, kind);
	if (request)
		read_request(msg, c, a);
	else
		read_origin(c, a);
	if (msg->callid)
		SET(a->callid, msg->callid->body);
	if (strcmp(kind, "register") == 0)
		read_registration(msg, a);
	else if (request && msg->to && parse_to_header(msg) == 0 && get_to(msg)->tag_value.len > 0)
		return false;
	else
		read_target(msg, c, a);
	return aeta_number_parse(a->account, strlen(a->account)) != 0;
}

/* ---- the script's function ---- */

static bool is_cause(const struct aeta_attempt *a, const char *word)
{
	return strcmp(a->cause, word) == 0;
}

/* Credentials that are wrong came with a challenge's proof that the source is where it says to be. */
static void grade(struct aeta_attempt *a)
{
	if (a->trust == AETA_TRUST_NONE &&
			(is_cause(a, "wrong-password") || is_cause(a, "unknown-user") || is_cause(a, "banned")))
		a->trust = AETA_TRUST_SOURCE;
}

/*
 * A registration that only goes on is no news, one from another address or device is, and the first that succeeds
 * after a failure. False: not worth a line.
 */
static bool worth_a_line(struct aeta_attempt *a)
{
	const struct aeta_call *c = aeta_call_get();
	struct aeta_bytes address = {a->address, strlen(a->address)}, none = {"", 0};
	aeta_number_t number = aeta_number_parse(a->account, strlen(a->account));
	bool moved;

	if (!is_cause(a, "registered") && !is_cause(a, "refreshed"))
		return true;
	moved = aeta_place_moved(number, aeta_device(none, address, none) ^ (c ? c->device : 0));
	if (is_cause(a, "registered"))
		return true;
	strcpy(a->cause, "registered");
	return moved;
}

static void add(struct aeta_attempt *a)
{
	enum aeta_attempts_added added;

	lock_get(&history->lock);
	added = aeta_attempts_add(table(), a, (uint32_t)time(NULL));
	lock_release(&history->lock);
	aeta_count(added == AETA_ATTEMPT_BOUNDED ? AETA_COUNT_ATTEMPTS_BOUNDED
			: added == AETA_ATTEMPT_LOST	 ? AETA_COUNT_ATTEMPTS_LOST
											 : AETA_COUNT_ATTEMPTS_NOTED);
	if (added <= AETA_ATTEMPT_AGAIN && strcmp(a->kind, "register") == 0 && !is_cause(a, "registered"))
		aeta_place_failed(aeta_number_parse(a->account, strlen(a->account)));
}

int aeta_attempt(sip_msg_t *msg, str *cause, str *final)
{
	struct aeta_attempt a = {0};

	if (!history)
		return 1;
	if (aeta_attempt_outcome(&a, cause->s, (size_t)cause->len) < 0)
		LM_WARN("aeta_attempt(): \"%.*s\" is no cause\n", cause->len, cause->s);
	if (!(faked_msg_match(msg) ? read_event(msg, &a) : read_message(msg, &a)))
		return -1;
	if (final && final->len > 0)
		SET(a.final, *final);
	if (strcmp(a.final, a.peer) == 0 || strncmp(a.cause, "hunt-", 5) == 0)
		a.final[0] = '\0'; /* nobody in particular */
	grade(&a);
	if (worth_a_line(&a))
		add(&a);
	return 1;
}
