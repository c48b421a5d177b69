/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which messages belong to a traced number. */
#include "trace.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "core/parser/digest/digest.h"
#include "core/parser/parse_cseq.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_to.h"
#include "core/parser/parse_uri.h"
#include "core/rpc_lookup.h"
#include "core/socket_info.h"
#include "params.h"
#include "stats.h"

#define CLAIMS_MAX 12
#define WAYS       8

struct watch {
	aeta_number_t number; /* 0 = free */
	time_t until;         /* over at this second */
	unsigned rows, lost;
	size_t bytes;
};

/* A call that a trace follows. */
struct followed {
	uint64_t id; /* hash of the Call-ID; 0 = free */
	time_t seen;
	unsigned watches; /* bit i: watch[i] */
};

static struct traces {
	gen_lock_t lock;
	unsigned running; /* bits of the watches that are not over */
	struct watch watch[AETA_TRACES];
	struct followed call[AETA_TRACE_CALLS];
} *traces;

/* The numbers that a message names. */
struct claims {
	aeta_number_t number[CLAIMS_MAX];
	unsigned count;
};

int aeta_trace_init(void)
{
	if (!aeta_params.trace_table.len)
		return 0;
	traces = shm_malloc(sizeof(*traces));
	if (!traces) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(traces, 0, sizeof(*traces));
	if (!lock_init(&traces->lock) || aeta_trace_queue_init() < 0)
		return -1;
	return rpc_register_array(aeta_trace_rpc);
}

void aeta_trace_destroy(void)
{
	aeta_trace_queue_destroy();
	if (traces) {
		lock_destroy(&traces->lock);
		shm_free(traces);
	}
	traces = NULL;
}

bool aeta_tracing(void)
{
	return traces && traces->running;
}

/* ---- what a message says ---- */

static aeta_number_t claim(struct claims *c, const str *user)
{
	aeta_number_t n = user->len > 0 ? aeta_number_parse(user->s, (size_t)user->len) : 0;

	if (n && c->count < CLAIMS_MAX)
		c->number[c->count++] = n;
	return n;
}

/* A short number means one of the other party's group (B3). */
static void claim_short(struct claims *c, aeta_number_t dialled, aeta_number_t other)
{
	char digits[AETA_NUMBER_MAX + 1];
	unsigned prefix = aeta_number_prefix(other), sequence = 0;

	if (aeta_number_digits(dialled) != 4 || !prefix || c->count >= CLAIMS_MAX)
		return;
	aeta_number_format(dialled, digits);
	for (const char *s = digits; *s; s++)
		sequence = sequence * 10 + (unsigned)(*s - '0');
	c->number[c->count++] = aeta_number_compose(prefix, sequence);
}

static void claim_credentials(struct claims *c, sip_msg_t *msg)
{
	for (struct hdr_field *h = msg->headers; h; h = h->next) {
		if (h->type != HDR_AUTHORIZATION_T && h->type != HDR_PROXYAUTH_T)
			continue;
		if (parse_credentials(h) == 0 && h->parsed)
			claim(c, &((auth_body_t *)h->parsed)->digest.username.user);
	}
}

/*
 * From, To, request URI, credentials. An answer speaks for its From only: the others are whoever answers, for example our
 * keepalives, and those who asked for it are followed by the Call-ID.
 */
static void read_claims(sip_msg_t *msg, struct claims *c)
{
	struct sip_uri *from = parse_from_uri(msg), *to = parse_to_uri(msg);
	aeta_number_t caller, dialled;

	c->count = 0;
	caller = from ? claim(c, &from->user) : 0;
	if (msg->first_line.type != SIP_REQUEST)
		return;
	dialled = to ? claim(c, &to->user) : 0;
	claim_short(c, dialled, caller);
	claim_short(c, caller, dialled);
	if (parse_sip_msg_uri(msg) >= 0)
		claim_short(c, claim(c, &msg->parsed_uri.user), caller);
	claim_credentials(c, msg);
}

/* ---- calls ---- */

static uint64_t hash(const str *s)
{
	uint64_t h = 0xcbf29ce484222325ull;

	for (int i = 0; i < s->len; i++)
		h = (h ^ (unsigned char)s->s[i]) * 0x100000001b3ull;
	return h ? h : 1;
}

/* The call with this Call-ID, or the place that it may take. */
static struct followed *call_of(uint64_t id)
{
	struct followed *set = &traces->call[id % (AETA_TRACE_CALLS / WAYS) * WAYS], *oldest = set;

	for (int i = 0; i < WAYS; i++) {
		if (set[i].id == id)
			return &set[i];
		if (set[i].seen < oldest->seen)
			oldest = &set[i];
	}
	return oldest;
}

static unsigned watches_of(const struct claims *c)
{
	unsigned found = 0;

	for (unsigned i = 0; i < AETA_TRACES; i++)
		for (unsigned k = 0; k < c->count; k++)
			if (traces->watch[i].number == c->number[k])
				found |= 1u << i;
	return found & traces->running;
}

/* Whose message this is: by what it names, and by its call; which is theirs from now on. */
static unsigned match(const struct claims *c, const str *callid)
{
	uint64_t id = hash(callid);
	struct followed *call = call_of(id);
	unsigned found = watches_of(c) | (call->id == id ? call->watches & traces->running : 0);

	if (found)
		*call = (struct followed){id, time(NULL), found | (call->id == id ? call->watches : 0)};
	return found;
}

/* ---- messages ---- */

/* The row's texts, as long as its columns may be; -1 for what has no Call-ID. */
static int describe(sip_msg_t *msg, struct aeta_traced *t)
{
	static const struct {
		size_t text;
		int max;
	} limits[] = {{offsetof(struct aeta_traced, callid), 255}, {offsetof(struct aeta_traced, method), 50},
			{offsetof(struct aeta_traced, status), 64}, {offsetof(struct aeta_traced, from), 64},
			{offsetof(struct aeta_traced, to), 64}, {offsetof(struct aeta_traced, fromtag), 128},
			{offsetof(struct aeta_traced, totag), 128}};

	if (parse_headers(msg, HDR_EOH_F, 0) < 0 || !msg->callid)
		return -1;
	t->callid = msg->callid->body;
	if (msg->first_line.type == SIP_REQUEST) {
		t->method = msg->first_line.u.request.method;
	} else {
		t->status = msg->first_line.u.reply.status;
		if (msg->cseq && msg->cseq->parsed)
			t->method = get_cseq(msg)->method;
	}
	if (parse_from_header(msg) >= 0)
		t->fromtag = get_from(msg)->tag_value;
	if (parse_to_header(msg) >= 0)
		t->totag = get_to(msg)->tag_value;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		str *s = (str *)((char *)t + limits[i].text);

		s->len = s->len > limits[i].max ? limits[i].max : s->len;
	}
	return 0;
}

/* Counts the message for each of its traces; keeps those of them in `t` that have room. */
static void admit(unsigned found, struct aeta_traced *t)
{
	for (unsigned i = 0; i < AETA_TRACES; i++) {
		struct watch *w = &traces->watch[i];

		if (!(found & 1u << i))
			continue;
		if (w->rows >= AETA_TRACE_ROWS || w->bytes + (size_t)t->body.len > AETA_TRACE_BYTES) {
			w->lost++;
			aeta_count(AETA_COUNT_TRACE_LOST);
			continue;
		}
		w->rows++;
		w->bytes += (size_t)t->body.len;
		t->number[t->numbers++] = w->number;
	}
}

static bool is_ours(const str *address)
{
	char text[80];
	int port, proto;
	str host;

	if (address->len >= (int)sizeof(text))
		return false;
	memcpy(text, address->s, (size_t)address->len);
	text[address->len] = '\0';
	return parse_phostport(text, &host.s, &host.len, &port, &proto) == 0 &&
		   grep_sock_info(&host, (unsigned short)port, (unsigned short)proto);
}

int aeta_trace(sip_msg_t *msg, str *from, str *to)
{
	struct aeta_traced t = {.from = *from, .to = *to, .body = {msg->buf, (int)msg->len}};
	struct claims c;
	unsigned found;

	if (!aeta_tracing() || describe(msg, &t) < 0)
		return -1;
	gettimeofday(&t.at, NULL);
	t.out = is_ours(from);
	read_claims(msg, &c);
	aeta_trace_expire();
	lock_get(&traces->lock);
	found = match(&c, &t.callid);
	admit(found, &t);
	lock_release(&traces->lock);
	if (t.numbers && aeta_trace_push(&t) < 0)
		for (unsigned i = 0; i < t.numbers; i++)
			aeta_trace_lost(t.number[i]);
	return found ? 1 : -1;
}

int aeta_trace_follow(sip_msg_t *msg, str *number)
{
	struct claims c = {.count = 0};

	if (aeta_tracing() && claim(&c, number) && parse_headers(msg, HDR_CALLID_F, 0) >= 0 && msg->callid) {
		lock_get(&traces->lock);
		match(&c, &msg->callid->body);
		lock_release(&traces->lock);
	}
	return 1;
}

void aeta_trace_lost(aeta_number_t number)
{
	aeta_count(AETA_COUNT_TRACE_LOST);
	lock_get(&traces->lock);
	for (unsigned i = 0; i < AETA_TRACES; i++) {
		if (traces->watch[i].number == number) {
			traces->watch[i].rows -= traces->watch[i].rows > 0;
			traces->watch[i].lost++;
		}
	}
	lock_release(&traces->lock);
}

/* ---- beginning and end ---- */

void aeta_trace_expire(void)
{
	time_t now = time(NULL);

	if (!aeta_tracing())
		return;
	lock_get(&traces->lock);
	for (unsigned i = 0; i < AETA_TRACES; i++)
		if (traces->watch[i].until <= now)
			traces->running &= ~(1u << i);
	lock_release(&traces->lock);
}

static int find(aeta_number_t number)
{
	int i = 0;

	while (i < AETA_TRACES && traces->watch[i].number != number)
		i++;
	return i < AETA_TRACES ? i : -1;
}

/* A place for a new trace: that of the number's last one, else the one that ended longest ago. */
static int place(aeta_number_t number)
{
	int best = find(number);

	for (int i = 0; best < 0 && i < AETA_TRACES; i++)
		if (!(traces->running & 1u << i))
			best = i;
	for (int i = 0; best >= 0 && find(number) < 0 && i < AETA_TRACES; i++)
		if (!(traces->running & 1u << i) && traces->watch[i].until < traces->watch[best].until)
			best = i;
	return best;
}

/* 0, -EEXIST for one that is traced already, -ENOSPC. */
static int begin(aeta_number_t number, int seconds)
{
	int i, rc = 0;

	aeta_trace_expire();
	lock_get(&traces->lock);
	i = place(number);
	if (i < 0) {
		rc = -ENOSPC;
	} else if (traces->running & 1u << i) {
		rc = -EEXIST;
	} else {
		for (int k = 0; k < AETA_TRACE_CALLS; k++)
			traces->call[k].watches &= ~(1u << i);
		traces->watch[i] = (struct watch){.number = number, .until = time(NULL) + seconds};
		traces->running |= 1u << i;
	}
	lock_release(&traces->lock);
	return rc;
}

/* ---- RPC ---- */

static const char *trace_doc[] = {"NUMBER SECONDS: traces the SIP of a number for so long, 3600 s at most", NULL};
static const char *end_doc[] = {"NUMBER: ends its trace", NULL};
static const char *traces_doc[] = {"The traces that run, or ran lately, and the messages that wait to be written", NULL};

static void rpc_trace(rpc_t *rpc, void *ctx)
{
	aeta_number_t number;
	int seconds, rc;
	str digits;

	if (rpc->scan(ctx, ".Sd", &digits, &seconds) < 2 || seconds < 1 || seconds > AETA_TRACE_S_MAX ||
			!(number = aeta_number_parse(digits.s, (size_t)digits.len))) {
		rpc->fault(ctx, 400, "Two parameters are needed: NUMBER (digits) SECONDS (1 to %d)", AETA_TRACE_S_MAX);
		return;
	}
	rc = begin(number, seconds);
	if (rc == -EEXIST)
		rpc->fault(ctx, 409, "%.*s is traced already", digits.len, digits.s);
	else if (rc < 0)
		rpc->fault(ctx, 503, "%d numbers are traced already, there is no room for another", AETA_TRACES);
	else
		LM_NOTICE("the SIP of %.*s is traced for %d s\n", digits.len, digits.s, seconds);
}

static void rpc_end(rpc_t *rpc, void *ctx)
{
	aeta_number_t number;
	bool ended = false;
	str digits;
	int i;

	if (rpc->scan(ctx, ".S", &digits) < 1) {
		rpc->fault(ctx, 400, "One parameter is needed: NUMBER");
		return;
	}
	number = aeta_number_parse(digits.s, (size_t)digits.len);
	aeta_trace_expire();
	lock_get(&traces->lock);
	i = number ? find(number) : -1;
	if (i >= 0 && traces->running & 1u << i) {
		traces->running &= ~(1u << i);
		traces->watch[i].until = time(NULL);
		ended = true;
	}
	lock_release(&traces->lock);
	if (!ended)
		rpc->fault(ctx, 404, "%.*s is not traced", digits.len, digits.s);
}

static void rpc_traces(rpc_t *rpc, void *ctx)
{
	struct watch copy[AETA_TRACES];
	char digits[AETA_NUMBER_MAX + 1];
	void *all, *list, *one;
	time_t now = time(NULL);
	unsigned running;

	aeta_trace_expire();
	lock_get(&traces->lock);
	memcpy(copy, traces->watch, sizeof(copy));
	running = traces->running;
	lock_release(&traces->lock);
	if (rpc->add(ctx, "{", &all) < 0)
		return;
	rpc->struct_add(all, "d[", "waiting", (int)aeta_trace_waiting(), "traces", &list);
	for (unsigned i = 0; i < AETA_TRACES; i++) {
		if (!aeta_number_format(copy[i].number, digits) || rpc->array_add(list, "{", &one) < 0)
			continue;
		rpc->struct_add(one, "Sddd", "number", &(str){digits, (int)strlen(digits)}, "left_s",
				running & 1u << i ? (int)(copy[i].until - now) : 0, "messages", (int)copy[i].rows, "lost",
				(int)copy[i].lost);
	}
}

rpc_export_t aeta_trace_rpc[] = {
	{"aeta.trace", rpc_trace, trace_doc, 0},
	{"aeta.trace_end", rpc_end, end_doc, 0},
	{"aeta.traces", rpc_traces, traces_doc, 0},
	{NULL, NULL, NULL, 0},
};
