/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE /* pipe2() */
#include "prober.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <regex.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "core/cfg/cfg_struct.h"
#include "core/dprint.h"
#include "core/parser/parse_via.h"
#include "core/pt.h"
#include "core/script_cb.h"
#include "core/socket_info.h"
#include "core/sr_module.h"
#include "core/timer_proc.h"
#include "core/udp_server.h"
#include "incall.h"
#include "location.h"
#include "message_facts.h"
#include "modules/usrloc/usrloc.h"
#include "nat_db.h"
#include "nat_known.h"
#include "params.h"
#include "policy/nat_probe.h"
#include "probe_sockets.h"
#include "stats.h"

/* Whom to probe, and how to reach it. */
struct target {
	char account[AETA_NUMBER_MAX + 1];
	char uri[AETA_PROBE_URI_MAX + 1];
	struct aeta_address source; /* where it registered from */
	struct socket_info *socket; /* ... and where to */
	bool no_nat, in_call;
};

/* What goes through the pipe: written and read whole, as it is no longer than PIPE_BUF. */
struct note {
	enum { TARGET, ANSWER } what;
	union {
		struct target target;
		struct {
			struct aeta_probe_answer answer;
			struct aeta_address from;
		} came;
	} is;
};
_Static_assert(sizeof(struct note) <= 4096, "PIPE_BUF of Linux");

static int to_us[2] = {-1, -1}; /* the pipe */
static regex_t agents_off;
static bool have_agents_off;

static bool probing(void)
{
	return aeta_probe_spots() > 0;
}

/* A full pipe loses the note: the next registration asks again, and an answer lost is one more agent that is unknown. */
static bool tell(const struct note *n)
{
	return write(to_us[1], n, sizeof(*n)) == (ssize_t)sizeof(*n);
}

/* ---- in the SIP workers: whom ---- */

static bool agent_is_off(const str *user_agent)
{
	char text[256];
	size_t n = user_agent->len > 0 ? (size_t)user_agent->len : 0;

	if (!have_agents_off)
		return false;
	if (n >= sizeof(text))
		n = sizeof(text) - 1;
	memcpy(text, user_agent->s, n);
	text[n] = '\0';
	return regexec(&agents_off, text, 0, NULL, 0) == 0;
}

/* Its Contact and Via are where it comes from: nothing on the way changes its packets. */
static bool has_no_nat(const struct aeta_media_side *s)
{
	return !s->via_mismatch && aeta_address_same(&s->contact, &s->source) && s->contact.port == s->source.port;
}

/* What is there to be probed of a binding; false: nothing. */
static bool target_of(const ucontact_t *c, struct target *out)
{
	struct aeta_whereabouts where;
	const char *at = memchr(c->aor->s, '@', (size_t)c->aor->len);
	size_t n = at ? (size_t)(at - c->aor->s) : (size_t)c->aor->len;

	memset(out, 0, sizeof(*out));
	if (n >= sizeof(out->account) || !aeta_number_parse(c->aor->s, n) || c->c.len <= 0 || !c->sock ||
			!aeta_probe_uri(c->c.s, (size_t)c->c.len))
		return false;
	aeta_binding_whereabouts((ucontact_t *)c, &where);
	if (where.side.stream || where.side.proxied || aeta_address_scope(&where.side.source) != AETA_SCOPE_PUBLIC ||
			!aeta_probe_spot_of(c->sock) || agent_is_off(&c->user_agent))
		return false;
	memcpy(out->account, c->aor->s, n);
	memcpy(out->uri, c->c.s, (size_t)c->c.len);
	out->source = where.side.source;
	out->socket = c->sock;
	out->no_nat = has_no_nat(&where.side);
	return true;
}

/* usrloc's callback, under its lock: a registration was made or renewed. */
static void registered(ucontact_t *c)
{
	struct note n = {.what = TARGET};
	str account;

	if (!target_of(c, &n.is.target))
		return;
	account = (str){n.is.target.account, (int)strlen(n.is.target.account)};
	if (aeta_nat_ask(&account, &n.is.target.source, n.is.target.no_nat) && !tell(&n))
		aeta_count(AETA_COUNT_NAT_LOST);
}

static void take_target(ucontact_t *c, void *param)
{
	struct target *out = param;

	if (!target_of(c, out))
		out->account[0] = '\0';
}

enum aeta_prober_asked aeta_prober_ask(const str *account, bool in_call)
{
	struct note n = {.what = TARGET};
	str none = {NULL, 0};

	if (!probing())
		return AETA_PROBE_OFF;
	if (aeta_binding_with(account, &none, take_target, &n.is.target) != 1 || !n.is.target.account[0])
		return AETA_PROBE_UNREGISTERED;
	n.is.target.in_call = in_call;
	return tell(&n) ? AETA_PROBE_ASKED : AETA_PROBE_FULL;
}

/* Before any other module sees an answer; what is one to a probe goes to the prober and no further. */
static int answered(sip_msg_t *msg, unsigned flags, void *param)
{
	struct note n = {.what = ANSWER};
	const struct via_param *branch = msg->via1->branch;

	(void)flags;
	(void)param;
	if (!branch || branch->value.len <= 0 ||
			!aeta_probe_read_branch(branch->value.s, (size_t)branch->value.len, &n.is.came.answer))
		return 1;
	n.is.came.answer.code = (unsigned)msg->first_line.u.reply.statuscode;
	n.is.came.from = aeta_ip_address(&msg->rcv.src_ip, msg->rcv.src_port);
	tell(&n);
	return 0;
}

/* ---- in the process that probes ---- */

#define WAITING	  1024u
#define SESSIONS  128u
#define AT_ONCE	  64 /* notes, or datagrams of one socket, before the others have their turn */
#define WRITE_MS  1000u
#define SECOND_MS 1000u

static struct session {
	struct target target;
	struct aeta_probe probe;
	const struct aeta_probe_spot *here, *other; /* other NULL: there is one address only */
	bool on;
} sessions[SESSIONS];

static struct target waiting[WAITING]; /* a ring */
static unsigned first_waiting, waits;
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
	aeta_count((enum aeta_count)(AETA_COUNT_NAT_UNKNOWN + (unsigned)cls));
	aeta_nat_evidence_format(evidence, text, sizeof(text));
	LM_INFO("account=%s nat=%s before=%s address=%s evidence=%s ms=%u\n", s->target.account, aeta_nat_class_name(cls),
			before.probed ? aeta_nat_class_name(before.cls) : "never", ip_addr2a(&ip), text,
			(unsigned)(now_ms() - s->probe.begun_ms));
}

/* False: not now, or not at all; its next registration asks again. */
static bool may_begin(const struct target *t, const struct aeta_probe_spot *here)
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

static bool is_being_probed(const struct target *t)
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

static void begin(struct session *s, const struct target *t, uint64_t now)
{
	const struct aeta_probe_spot *here = aeta_probe_spot_of(t->socket);
	uint64_t token;

	if (is_being_probed(t) || !may_begin(t, here) || getrandom(&token, sizeof(token), 0) != sizeof(token))
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

/* One agent each time that the pace allows; how long until the next one is due, in ms. */
static unsigned begin_next(uint64_t now)
{
	struct session *s;

	while (waits && now - begun_ms >= pace_ms() && (s = free_session())) {
		const struct target *t = &waiting[first_waiting];

		first_waiting = (first_waiting + 1) % WAITING;
		waits--;
		begin(s, t, now);
	}
	return !waits ? WRITE_MS : now - begun_ms >= pace_ms() ? SECOND_MS : pace_ms() - (unsigned)(now - begun_ms);
}

static void wait_for_turn(const struct target *t)
{
	if (waits == WAITING) {
		aeta_count(AETA_COUNT_NAT_LOST);
		return;
	}
	waiting[(first_waiting + waits++) % WAITING] = *t;
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

static void read_notes(void)
{
	struct note n;

	for (int i = 0; i < AT_ONCE && read(to_us[0], &n, sizeof(n)) == (ssize_t)sizeof(n); i++) {
		if (n.what == TARGET)
			wait_for_turn(&n.is.target);
		else
			note_answer(&n.is.came.answer, &n.is.came.from, NULL, false);
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

static void turn(struct pollfd *fds, unsigned n)
{
	uint64_t now = now_ms();
	unsigned wait = go_on(now), next = begin_next(now);

	if (now - written_ms >= WRITE_MS) {
		aeta_nat_write();
		written_ms = now;
	}
	if (poll(fds, n, (int)(wait < next ? wait : next) + 1) <= 0)
		return;
	if (fds[0].revents)
		read_notes();
	for (unsigned i = 1; i < n; i++)
		if (fds[i].revents)
			read_socket(fds[i].fd, aeta_probe_spot((i - 1) / 2), i % 2 == 0);
}

__attribute__((noreturn)) static void run(void)
{
	struct pollfd fds[1 + 2 * AETA_PROBE_PLACES] = {{.fd = to_us[0], .events = POLLIN}};
	unsigned n = 1;

	for (unsigned i = 0; i < aeta_probe_spots(); i++) {
		fds[n++] = (struct pollfd){.fd = aeta_probe_spot(i)->port, .events = POLLIN};
		fds[n++] = (struct pollfd){.fd = aeta_probe_spot(i)->knock, .events = POLLIN};
	}
	if (aeta_incall_open() < 0)
		n = 0; /* it asks nobody, as it might be in a call, and only writes */
	for (;;) {
		cfg_update();
		turn(fds, n);
	}
}

/* ---- start and end ---- */

static int compile_agents_off(void)
{
	char error[128];
	int rc;

	if (!aeta_params.probe_agents_off.len)
		return 0;
	rc = regcomp(&agents_off, aeta_params.probe_agents_off.s, REG_EXTENDED | REG_ICASE | REG_NOSUB);
	if (rc) {
		regerror(rc, &agents_off, error, sizeof(error));
		LM_ERR("probe_agents_off is no regular expression: %s\n", error);
		return -1;
	}
	have_agents_off = true;
	return 0;
}

static bool needed(void)
{
	return probing() || aeta_params.nat_table.len > 0;
}

int aeta_prober_init(void)
{
	if (compile_agents_off() < 0 || aeta_probe_sockets_open() < 0)
		return -1;
	if (!needed())
		return 0;
	if (pipe2(to_us, O_NONBLOCK | O_CLOEXEC) < 0) {
		LM_ERR("no pipe to the prober: %s\n", strerror(errno));
		return -1;
	}
	fcntl(to_us[1], F_SETPIPE_SZ, 512 * 1024); /* a full one only makes it ask later */
	if (probing() && (aeta_location_watch_contacts(registered) < 0 || register_script_cb(answered, PRE_SCRIPT_CB | ONREPLY_CB, NULL) < 0))
		return -1;
	return register_basic_timers(1);
}

int aeta_prober_start(void)
{
	int pid;

	if (!needed())
		return 0;
	pid = fork_process(PROC_TIMER, "aeta nat", 1);
	if (pid < 0)
		return -1;
	if (pid > 0)
		return 0;
	if (cfg_child_init())
		_exit(1);
	run();
}

/* The main process, alone: what the last second has brought is written. */
void aeta_prober_destroy(void)
{
	if (to_us[0] < 0)
		return;
	aeta_nat_write();
	aeta_nat_db_disconnect();
	aeta_probe_sockets_close();
	close(to_us[0]);
	close(to_us[1]);
	to_us[0] = to_us[1] = -1;
}
