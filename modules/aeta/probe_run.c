/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE /* ppoll() */
#include "probe_run.h"

#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/cfg/cfg_struct.h"
#include "core/dprint.h"
#include "core/udp_server.h"
#include "incall.h"
#include "message_facts.h"
#include "nat_db.h"
#include "nat_known.h"
#include "params.h"
#include "probe_sockets.h"
#include "stats.h"

#define WAITING	  4096u
#define SESSIONS  128u
#define AT_ONCE	  64 /* notes, or datagrams of one socket, before the others have their turn */
#define WRITE_MS  1000u
#define SECOND_MS 1000u

static struct session {
	struct aeta_probe_target target;
	struct aeta_probe probe;
	const struct aeta_probe_spot *here, *other; /* other NULL: there is one address only */
	bool on;
} sessions[SESSIONS];

struct ring {
	struct {
		struct aeta_probe_target target;
		uint64_t at_ms; /* not before */
	} rows[WAITING];
	unsigned first, count;
};

static struct ring waiting; /* who is to be probed */
static struct ring fresh;   /* who is known, and has registered anew */
static _Atomic unsigned *silent; /* shared: what seems to be closed */
static uint64_t written_ms, begun_ms; /* when it was last written; when the last session began */

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

static struct ip_addr ip_of(const struct aeta_address *a)
{
	struct ip_addr ip = {.af = a->family == AETA_FAMILY_IP6 ? AF_INET6 : AF_INET, .len = a->family == AETA_FAMILY_IP6 ? 16 : 4};

	memcpy(ip.u.addr, a->bytes, ip.len);
	return ip;
}

static struct aeta_address with_port(struct aeta_address a, unsigned port)
{
	a.port = (uint16_t)port;
	return a;
}

/* The ports that a probe comes from and asks for. */
static struct aeta_probe_text text_of(const struct session *s, enum aeta_probe_kind kind)
{
	struct aeta_probe_text t = {.kind = kind, .token = s->probe.token, .uri = s->target.uri, .uri_len = strlen(s->target.uri)};
	const struct advertise_info *shown = &s->target.socket->useinfo;
	unsigned service = shown->port_no ? shown->port_no : s->target.socket->port_no;
	unsigned port = (unsigned)aeta_params.probe_port, knock = (unsigned)aeta_params.probe_knock_port;

	t.from = with_port(s->here->shown, kind == AETA_PROBE_KNOCK ? knock : service);
	t.answer = with_port(kind == AETA_PROBE_ADDRESS ? s->other->shown : s->here->shown,
			kind == AETA_PROBE_FLOW ? service : kind >= AETA_PROBE_KNOCK ? knock : port);
	return t;
}

static void send_probe(const struct session *s, enum aeta_probe_kind kind)
{
	struct aeta_probe_text text = text_of(s, kind);
	char buf[AETA_PROBE_MAX];
	size_t n = aeta_probe_write(&text, buf, sizeof(buf));
	struct dest_info to;
	struct ip_addr ip;

	if (!n)
		return;
	ip = ip_of(&s->target.source);
	init_dest_info(&to);
	init_su(&to.to, &ip, s->target.source.port);
	to.send_sock = s->target.socket;
	to.proto = PROTO_UDP;
	if (kind == AETA_PROBE_KNOCK)
		sendto(s->here->knock, buf, n, 0, &to.to.s, sockaddru_len(to.to));
	else
		udp_send(&to, buf, (unsigned)n);
	aeta_count(AETA_COUNT_NAT_SENT);
}

/* A knock first: what is asked after it must not overtake it. */
static void send_due(struct session *s, uint64_t now)
{
	unsigned due = aeta_probe_due(&s->probe, now);

	if (due & AETA_PROBE_BIT(AETA_PROBE_KNOCK))
		send_probe(s, AETA_PROBE_KNOCK);
	for (unsigned kind = 0; kind < AETA_PROBE_KINDS; kind++)
		if (kind != AETA_PROBE_KNOCK && due >> kind & 1)
			send_probe(s, (enum aeta_probe_kind)kind);
}

/* Signs of a router that rewrites SIP: all looks as if there were no NAT, by the port that such routers look at, and nothing comes back. */
static uint32_t suspect(const struct session *s)
{
	const uint32_t any = AETA_EVIDENCE_FLOW | AETA_EVIDENCE_PORT | AETA_EVIDENCE_PORT_MOVED | AETA_EVIDENCE_PORT_IGNORED |
						 AETA_EVIDENCE_KNOCK;

	return s->target.no_nat && s->target.socket->port_no == SIP_PORT && !(s->probe.evidence & any) ? AETA_EVIDENCE_ALG : 0;
}

/* Of many agents no answer comes in: is it the firewall of the service itself? Said once, until one comes. */
static void note_silence(uint32_t evidence)
{
	static struct aeta_probe_silence silence;
	unsigned now = aeta_probe_silent(&silence, evidence), before = atomic_exchange(silent, now), begun = now & ~before;

	if (begun & AETA_SILENT_PORT)
		LM_WARN("%u agents in a row answered, but nothing came in at the ports for that: are UDP %d and %d open in the firewall of the "
				"service? (C7)\n", AETA_PROBE_SILENT_AGENTS, aeta_params.probe_port, aeta_params.probe_knock_port);
	if (begun & AETA_SILENT_ADDRESS)
		LM_WARN("%u agents in a row answered, but nothing came in at the second address: is UDP %d open there, in the firewall of the "
				"service? (C7)\n", AETA_PROBE_SILENT_AGENTS, aeta_params.probe_port);
	if (before & ~now)
		LM_NOTICE("answers to probes come in again (C7)\n");
}

static void end_session(struct session *s)
{
	uint32_t evidence = s->probe.evidence | suspect(s);
	enum aeta_nat_class cls = aeta_nat_classify(evidence);
	str account = {s->target.account, (int)strlen(s->target.account)};
	char text[AETA_NAT_EVIDENCE_TEXT];
	struct aeta_nat_known before;
	struct ip_addr ip = ip_of(&s->target.source);

	s->on = false;
	aeta_nat_lookup(&account, &s->target.source, &before);
	aeta_nat_set_probed(&account, &s->target.source, evidence, time(NULL));
	aeta_count(AETA_COUNT_NAT_PROBED);
	note_silence(evidence);
	aeta_count((enum aeta_count)(AETA_COUNT_NAT_UNKNOWN + (unsigned)cls));
	aeta_nat_evidence_format(evidence, text, sizeof(text));
	LM_INFO("account=%s nat=%s before=%s address=%s evidence=%s ms=%u\n", s->target.account, aeta_nat_class_name(cls),
			before.probed ? aeta_nat_class_name(before.cls) : "never", ip_addr2a(&ip), text,
			(unsigned)(now_ms() - s->probe.begun_ms));
}

/* It waited so long that its next registration asked, too, and that one had its turn already. */
static bool is_known(const struct aeta_probe_target *t)
{
	str account = {(char *)t->account, (int)strlen(t->account)};
	struct aeta_nat_known k;

	return !t->wished && aeta_nat_lookup(&account, &t->source, &k) && aeta_nat_believed(&k, t->no_nat, time(NULL),
			(unsigned)aeta_params.probe_every);
}

/* False: not now, or not at all; its next registration asks again. */
static bool may_begin(const struct aeta_probe_target *t, const struct aeta_probe_spot *here)
{
	int may;

	if (!here || !aeta_probe_spot_is_here(here))
		return false;
	if (!t->in_call && aeta_incall(t->account)) {
		aeta_count(AETA_COUNT_NAT_IN_CALL);
		return false;
	}
	may = aeta_nat_may_probe(t->account);
	return may == 1;
}

static bool is_being_probed(const struct aeta_probe_target *t)
{
	for (unsigned i = 0; i < SESSIONS; i++)
		if (sessions[i].on && strcmp(sessions[i].target.account, t->account) == 0 &&
				aeta_address_same(&sessions[i].target.source, &t->source))
			return true;
	return false;
}

static struct session *free_session(void)
{
	for (unsigned i = 0; i < SESSIONS; i++)
		if (!sessions[i].on)
			return &sessions[i];
	return NULL;
}

static void begin(struct session *s, const struct aeta_probe_target *t, uint64_t now)
{
	const struct aeta_probe_spot *here = aeta_probe_spot_of(t->socket);
	uint64_t token;

	if (is_being_probed(t) || is_known(t) || !may_begin(t, here) || getrandom(&token, sizeof(token), 0) != sizeof(token))
		return;
	*s = (struct session){.target = *t, .here = here, .other = aeta_probe_spot_other(here), .on = true};
	s->probe = aeta_probe_begin(token, t->no_nat, s->other != NULL, now);
	begun_ms = now;
	send_due(s, now);
}

static unsigned pace_ms(void)
{
	return SECOND_MS / (unsigned)aeta_params.probe_rate;
}

/* ---- whose turn it is ---- */

static bool push(struct ring *r, const struct aeta_probe_target *t, uint64_t at_ms)
{
	unsigned i = (r->first + r->count) % WAITING;

	if (r->count == WAITING) {
		aeta_count(AETA_COUNT_NAT_LOST);
		return false;
	}
	r->rows[i].target = *t;
	r->rows[i].at_ms = at_ms;
	r->count++;
	return true;
}

/* To the front, before all that wait. */
static void push_first(struct ring *r, const struct aeta_probe_target *t)
{
	if (!push(r, t, 0)) /* counts it, or finds that there is no room */
		return;
	r->first = (r->first + WAITING - 1) % WAITING;
	r->rows[r->first].target = *t;
	r->rows[r->first].at_ms = 0;
}

/* How long until the first one's time, in ms; at most WRITE_MS, which is what an empty ring says. */
static unsigned until_first(const struct ring *r, uint64_t now)
{
	uint64_t at = r->count ? r->rows[r->first].at_ms : now + WRITE_MS;

	return at <= now ? 0 : at - now < WRITE_MS ? (unsigned)(at - now) : WRITE_MS;
}

/* The first one, if its time has come. It is good until the next push. */
static const struct aeta_probe_target *pop(struct ring *r, uint64_t now)
{
	const struct aeta_probe_target *t = &r->rows[r->first].target;

	if (!r->count || r->rows[r->first].at_ms > now)
		return NULL;
	r->first = (r->first + 1) % WAITING;
	r->count--;
	return t;
}

/* One agent each time that the pace allows; how long until the next one is due, in ms. */
static unsigned begin_next(uint64_t now)
{
	const struct aeta_probe_target *t;
	struct session *s;
	unsigned wait;

	while (now - begun_ms >= pace_ms() && (s = free_session()) && (t = pop(&waiting, now)))
		begin(s, t, now);
	wait = until_first(&waiting, now);
	return now - begun_ms < pace_ms() && wait < pace_ms() ? pace_ms() : wait ? wait : SECOND_MS / 10;
}

/*
 * One OPTIONS, some seconds after a REGISTER: routers (Linux's conntrack for one) take UDP for a lasting exchange only once
 * packets have come for more than two seconds, and forget it after thirty until then, which a keepalive may come too late for.
 */
static unsigned greet_fresh(uint64_t now)
{
	const struct aeta_probe_target *t;

	while ((t = pop(&fresh, now))) {
		struct session s = {.target = *t, .here = aeta_probe_spot_of(t->socket)};

		if (s.here && getrandom(&s.probe.token, sizeof(s.probe.token), 0) == sizeof(s.probe.token))
			send_probe(&s, AETA_PROBE_FLOW);
	}
	return until_first(&fresh, now);
}

/* ---- what comes in ---- */

static void note_answer(const struct aeta_probe_answer *a, const struct aeta_address *from, const struct aeta_probe_spot *spot,
		bool knock)
{
	enum aeta_probe_place place = AETA_AT_SERVICE;

	if (a->code < 200)
		return;
	for (unsigned i = 0; i < SESSIONS; i++) {
		struct session *s = &sessions[i];

		if (!s->on || s->probe.token != a->token)
			continue;
		if (spot)
			place = spot != s->here ? AETA_AT_OTHER : knock ? AETA_AT_KNOCK : AETA_AT_PORT;
		if (place == AETA_AT_OTHER && knock)
			return;
		aeta_count(AETA_COUNT_NAT_ANSWERS);
		aeta_probe_answered(&s->probe, (enum aeta_probe_kind)a->kind, place,
				aeta_address_same(from, &s->target.source) && from->port == s->target.source.port);
		return;
	}
}

static void read_notes(int pipe)
{
	uint64_t at = now_ms() + (uint64_t)aeta_params.probe_delay;
	struct aeta_probe_note n;

	for (int i = 0; i < AT_ONCE && read(pipe, &n, sizeof(n)) == (ssize_t)sizeof(n); i++) {
		if (n.what == AETA_NOTE_ANSWER)
			note_answer(&n.is.came.answer, &n.is.came.from, NULL, false);
		else if (n.what == AETA_NOTE_NOW)
			push_first(&waiting, &n.is.target);
		else
			push(n.what == AETA_NOTE_NEW ? &fresh : &waiting, &n.is.target, at);
	}
}

static void read_socket(int fd, const struct aeta_probe_spot *spot, bool knock)
{
	struct aeta_probe_answer a;
	union sockaddr_union from;
	struct ip_addr ip;
	char buf[4096];

	for (int i = 0; i < AT_ONCE; i++) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(fd, buf, sizeof(buf), 0, &from.s, &len);
		struct aeta_address address;

		if (n < 0)
			return;
		if (!aeta_probe_read(buf, (size_t)n, &a))
			continue;
		su2ip_addr(&ip, &from);
		address = aeta_ip_address(&ip, su_getport(&from));
		note_answer(&a, &address, spot, knock);
	}
}

/* ---- its loop ---- */

/* What is due of the sessions; how long until more is, in ms. */
static unsigned go_on(uint64_t now)
{
	unsigned wait = WRITE_MS;

	for (unsigned i = 0; i < SESSIONS; i++) {
		struct session *s = &sessions[i];
		unsigned w;

		if (!s->on)
			continue;
		send_due(s, now);
		if (aeta_probe_over(&s->probe, now)) {
			end_session(s);
			continue;
		}
		w = aeta_probe_wait(&s->probe, now);
		wait = w < wait ? w : wait;
	}
	return wait;
}

/* Waits; meanwhile, and only then, this process may be ended. False: nothing has come in. */
static bool wait_for_some(struct pollfd *fds, unsigned n, unsigned ms, const sigset_t *asleep)
{
	struct timespec t = {.tv_sec = ms / SECOND_MS, .tv_nsec = (long)(ms % SECOND_MS) * 1000000};

	return ppoll(fds, n, &t, asleep) > 0;
}

static void turn(struct pollfd *fds, unsigned n, const sigset_t *asleep)
{
	uint64_t now = now_ms();
	unsigned wait = go_on(now), next = begin_next(now), greet = greet_fresh(now);

	next = greet < next ? greet : next;
	if (now - written_ms >= WRITE_MS) {
		aeta_nat_write();
		aeta_nat_follow();
		written_ms = now;
	}
	if (!wait_for_some(fds, n, (wait < next ? wait : next) + 1, asleep))
		return;
	if (fds[0].revents)
		read_notes(fds[0].fd);
	for (unsigned i = 1; i < n; i++)
		if (fds[i].revents)
			read_socket(fds[i].fd, aeta_probe_spot((i - 1) / 2), i % 2 == 0);
}

void aeta_probe_run(int pipe, _Atomic unsigned *shared, const sigset_t *asleep)
{
	struct pollfd fds[1 + 2 * AETA_PROBE_PLACES] = {{.fd = pipe, .events = POLLIN}};
	unsigned n = 1;

	silent = shared;
	for (unsigned i = 0; i < aeta_probe_spots(); i++) {
		fds[n++] = (struct pollfd){.fd = aeta_probe_spot(i)->port, .events = POLLIN};
		fds[n++] = (struct pollfd){.fd = aeta_probe_spot(i)->knock, .events = POLLIN};
	}
	if (aeta_incall_open() < 0)
		n = 0; /* it asks nobody, as it might be in a call, and only writes */
	for (;;) {
		cfg_update();
		turn(fds, n, asleep);
	}
}
