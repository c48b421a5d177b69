/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE /* pipe2() */
#include "prober.h"

#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "core/cfg/cfg_struct.h"
#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/parser/parse_via.h"
#include "core/pt.h"
#include "core/script_cb.h"
#include "core/socket_info.h"
#include "core/sr_module.h"
#include "core/timer_proc.h"
#include "location.h"
#include "message_facts.h"
#include "modules/usrloc/usrloc.h"
#include "nat_db.h"
#include "nat_known.h"
#include "params.h"
#include "probe_run.h"
#include "probe_sockets.h"
#include "stats.h"

static int to_us[2] = {-1, -1}; /* the pipe */
static _Atomic unsigned *silent; /* shared */
static regex_t agents_off;
static bool have_agents_off;

static bool probing(void)
{
	return aeta_probe_spots() > 0;
}

/* A full pipe loses the note: the next registration asks again, and an answer lost is one more agent that is unknown. */
static bool tell(const struct aeta_probe_note *n)
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
static bool target_of(const ucontact_t *c, struct aeta_probe_target *out)
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
static void registered(ucontact_t *c, bool is_new)
{
	struct aeta_probe_note n = {.what = AETA_NOTE_TARGET};
	str account;

	if (!target_of(c, &n.is.target))
		return;
	account = (str){n.is.target.account, (int)strlen(n.is.target.account)};
	if (!aeta_nat_ask(&account, &n.is.target.source, n.is.target.no_nat)) {
		if (!is_new)
			return;
		n.what = AETA_NOTE_NEW;
	}
	if (!tell(&n))
		aeta_count(AETA_COUNT_NAT_LOST);
}

static void take_target(ucontact_t *c, void *param)
{
	struct aeta_probe_target *out = param;

	if (!target_of(c, out))
		out->account[0] = '\0';
}

enum aeta_prober_asked aeta_prober_ask(const str *account, bool in_call)
{
	struct aeta_probe_note n = {.what = AETA_NOTE_NOW};
	str none = {NULL, 0};

	if (!probing())
		return AETA_PROBE_OFF;
	if (aeta_binding_with(account, &none, take_target, &n.is.target) != 1 || !n.is.target.account[0])
		return AETA_PROBE_UNREGISTERED;
	n.is.target.wished = true;
	n.is.target.in_call = in_call;
	return tell(&n) ? AETA_PROBE_ASKED : AETA_PROBE_FULL;
}

unsigned aeta_prober_silent(void)
{
	return silent ? atomic_load(silent) : 0;
}

/* Before any other module sees an answer; what is one to a probe goes to the prober and no further. */
static int answered(sip_msg_t *msg, unsigned flags, void *param)
{
	struct aeta_probe_note n = {.what = AETA_NOTE_ANSWER};
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
	silent = shm_malloc(sizeof(*silent));
	if (!silent) {
		SHM_MEM_ERROR;
		return -1;
	}
	atomic_init(silent, 0);
	if (pipe2(to_us, O_NONBLOCK | O_CLOEXEC) < 0) {
		LM_ERR("no pipe to the prober: %s\n", strerror(errno));
		return -1;
	}
	fcntl(to_us[1], F_SETPIPE_SZ, 512 * 1024); /* a full one only makes it ask later */
	if (probing() && (aeta_location_watch_contacts(registered) < 0 || register_script_cb(answered, PRE_SCRIPT_CB | ONREPLY_CB, NULL) < 0))
		return -1;
	return register_basic_timers(1);
}

/*
 * Kamailio ends a process by a signal whose handler logs and exits, wherever the process is at that moment: with a lock of the
 * shared memory, or that of the log, held, the others would wait for ever. So this one, from its first moment on, is to be
 * ended only while it waits. *before: what was held back until now.
 */
static void hold_signals(sigset_t *before)
{
	sigset_t held;

	sigemptyset(&held);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGUSR1);
	sigprocmask(SIG_BLOCK, &held, before);
}

int aeta_prober_start(void)
{
	sigset_t before;
	int pid;

	if (!needed())
		return 0;
	hold_signals(&before);
	pid = fork_process(PROC_TIMER, "aeta nat", 1);
	if (pid != 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		return pid < 0 ? -1 : 0;
	}
	if (cfg_child_init())
		_exit(1);
	aeta_probe_run(to_us[0], silent, &before);
}

/* The main process, alone: what the last second has brought is written. */
void aeta_prober_destroy(void)
{
	if (to_us[0] < 0)
		return;
	aeta_nat_write();
	aeta_nat_db_disconnect();
	aeta_probe_sockets_close();
	shm_free(silent);
	silent = NULL;
	close(to_us[0]);
	close(to_us[1]);
	to_us[0] = to_us[1] = -1;
}
