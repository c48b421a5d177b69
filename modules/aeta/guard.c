/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guard's functions of the script: what a message says is given to the policy, and its word to the log and the counters. */
#include "guard.h"

#include <regex.h>
#include <string.h>

#include "authenticated.h"
#include "core/dprint.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_to.h"
#include "core/parser/parse_uri.h"
#include "guard_memory.h"
#include "location.h"
#include "params.h"
#include "register.h"
#include "stats.h"

#define WRONG_PASSWORD (-2) /* of auth_check() */
#define UNKNOWN_USER   (-3)

/* ---- what the message says ---- */

static uint64_t flow_of(const sip_msg_t *msg)
{
	const struct ip_addr *ip = &msg->rcv.src_ip;

	return aeta_guard_flow(aeta_guard_shared(), ip->u.addr, ip->len, msg->rcv.src_port, (unsigned char)msg->rcv.proto);
}

/* The user to the byte, as aeta_auth_check() reads it: a database knows more spellings, but is asked for digits only. */
static struct aeta_knock knock_of(sip_msg_t *msg, const dig_cred_t *c)
{
	struct aeta_knock k = {.source = aeta_source_of(&msg->rcv.src_ip), .flow = flow_of(msg)};

	if (!c)
		return k;
	k.user = c->username.whole.s ? c->username.whole.s : "";
	k.user_len = c->username.whole.len > 0 ? (size_t)c->username.whole.len : 0;
	return k;
}

static bool is_scanner(sip_msg_t *msg)
{
	char agent[256];
	size_t n;

	if (!aeta_guard_scanners() || parse_headers(msg, HDR_USERAGENT_F, 0) < 0 || !msg->user_agent)
		return false;
	n = msg->user_agent->body.len > 0 ? (size_t)msg->user_agent->body.len : 0;
	n = n < sizeof(agent) ? n : sizeof(agent) - 1;
	memcpy(agent, msg->user_agent->body.s, n);
	agent[n] = '\0';
	return regexec(aeta_guard_scanners(), agent, 0, NULL, 0) == 0;
}

static bool injects(const str *user)
{
	return user->len > 0 && aeta_guard_injects(user->s, (size_t)user->len);
}

/* In the users of the request URI, From and To, and of the credentials. */
static bool injects_somewhere(sip_msg_t *msg, const dig_cred_t *c)
{
	const struct sip_uri *from = parse_from_uri(msg), *to = parse_to_uri(msg);

	if (parse_sip_msg_uri(msg) >= 0 && injects(&msg->parsed_uri.user))
		return true;
	return (from && injects(&from->user)) || (to && injects(&to->user)) || (c && injects(&c->username.whole));
}

/* From where the user's own binding is, to the port. */
static bool is_own_flow(sip_msg_t *msg, const struct aeta_knock *k)
{
	str user = {(char *)k->user, (int)k->user_len}, domain = {NULL, 0};
	struct aeta_binding b;

	if (!k->user || parse_sip_msg_uri(msg) < 0)
		return false;
	domain = msg->parsed_uri.host;
	return aeta_locate(&user, &domain, 0, &b) == 1 &&
			aeta_binding_is_at(&b, &msg->rcv.src_ip, msg->rcv.src_port, msg->rcv.proto);
}

/* From the device that registered the user last, and there is room for that one. */
static bool is_owner(sip_msg_t *msg, struct aeta_knock *k)
{
	str user = {(char *)k->user, (int)k->user_len};

	if (!k->user)
		return false;
	k->owner = aeta_device_is_last(msg, &user);
	return k->owner && aeta_guard_verifies(aeta_guard_shared(), k, aeta_guard_now()) == AETA_KNOCK_PASS;
}

/* Is the message in hand from a trusted proxy? Known from its first question to its outcome. */
static struct {
	unsigned id;
	int pid;
	bool trusted;
} in_hand;

static void note_trusted(const sip_msg_t *msg, bool trusted)
{
	in_hand.id = msg->id;
	in_hand.pid = msg->pid;
	in_hand.trusted = trusted;
}

bool aeta_guard_is_trusted(const sip_msg_t *msg)
{
	return in_hand.trusted && in_hand.id == msg->id && in_hand.pid == msg->pid;
}

/* ---- before anything is looked up ---- */

static int drop(enum aeta_count why)
{
	aeta_count(why);
	return -1;
}

int aeta_guard_request(sip_msg_t *msg, int trusted)
{
	const dig_cred_t *c;
	struct aeta_knock k;

	note_trusted(msg, trusted);
	if (trusted)
		return 1;
	c = aeta_credentials_of(msg);
	k = knock_of(msg, c);
	switch (aeta_guard_knock(aeta_guard_shared(), &k, aeta_guard_now())) {
	case AETA_KNOCK_FLOOD:
		return drop(AETA_COUNT_DROPPED_FLOOD);
	case AETA_KNOCK_BANNED_SOURCE:
	case AETA_KNOCK_BANNED_PAIR:
		if (!is_own_flow(msg, &k) && !is_owner(msg, &k))
			return drop(AETA_COUNT_DROPPED_BANNED);
		break;
	case AETA_KNOCK_PASS:
		break;
	}
	if (is_scanner(msg))
		return drop(AETA_COUNT_DROPPED_SCANNER);
	if (injects_somewhere(msg, c) && !aeta_guard_is_known(aeta_guard_shared(), k.source, aeta_guard_now()))
		return drop(AETA_COUNT_DROPPED_SQL);
	return 1;
}

int aeta_guard_unmatched(sip_msg_t *msg, int trusted)
{
	if (trusted)
		return 1;
	if (!aeta_guard_stray(aeta_guard_shared(), aeta_source_of(&msg->rcv.src_ip), aeta_guard_now()))
		return drop(AETA_COUNT_DROPPED_STRAY);
	return is_scanner(msg) ? drop(AETA_COUNT_DROPPED_SCANNER) : 1;
}

static int too_many(enum aeta_dialog_verdict v, enum aeta_count count)
{
	aeta_count(count);
	return v == AETA_DIALOG_BEGINS ? -1 : -2;
}

/* ACK and CANCEL cost nothing and cannot be answered, so they are never too many. */
int aeta_guard_inside(sip_msg_t *msg, int trusted)
{
	struct aeta_inside r = {.flow = flow_of(msg), .ends = msg->REQ_METHOD & (METHOD_BYE | METHOD_PRACK)};
	enum aeta_dialog_verdict v;

	if (trusted || msg->REQ_METHOD & (METHOD_ACK | METHOD_CANCEL) || parse_headers(msg, HDR_CALLID_F, 0) < 0 || !msg->callid)
		return 1;
	r.call_id = msg->callid->body.s;
	r.len = (size_t)msg->callid->body.len;
	v = aeta_guard_dialog(aeta_guard_shared(), &r, aeta_guard_now());
	return v == AETA_DIALOG_PASS ? 1 : too_many(v, AETA_COUNT_DIALOG_RATE);
}

int aeta_guard_outside(sip_msg_t *msg)
{
	enum aeta_dialog_verdict v;
	str user;

	if (!aeta_is_authenticated(msg, &user))
		return 1;
	v = aeta_guard_account(aeta_guard_shared(), user.s, (size_t)user.len, aeta_guard_now());
	return v == AETA_DIALOG_PASS ? 1 : too_many(v, AETA_COUNT_ACCOUNT_RATE);
}

int aeta_guard_foreign(sip_msg_t *msg)
{
	struct aeta_source s = aeta_source_of(&msg->rcv.src_ip);

	if (aeta_guard_is_trusted(msg) || aeta_credentials_of(msg) || aeta_guard_is_known(aeta_guard_shared(), s, aeta_guard_now()))
		return 1;
	return drop(AETA_COUNT_DROPPED_DOMAIN);
}

/* ---- how it ended ---- */

static void log_pair_ban(const struct aeta_knock *k, unsigned failures)
{
	char source[AETA_SOURCE_TEXT], user[AETA_GUARD_NAME + 1];

	LM_NOTICE("ban begins: source=%s user=%s for %d s, %u different wrong responses (F1)\n",
			aeta_source_text(k->source, source), aeta_guard_name(k->user, k->user_len, user), aeta_params.guard_ban_s, failures);
}

void aeta_guard_log_lifted(const struct aeta_knock *k, struct aeta_lifted l, const char *why)
{
	char source[AETA_SOURCE_TEXT], user[AETA_GUARD_NAME + 1];

	if (l.pairs + l.sources == 0)
		return;
	LM_NOTICE("ban ends early: source=%s user=%s, %s; %u of a user and %u of a source (F1)\n",
			aeta_source_text(k->source, source), aeta_guard_name(k->user, k->user_len, user), why, l.pairs, l.sources);
	for (unsigned i = 0; i < l.pairs + l.sources; i++)
		aeta_count(AETA_COUNT_BANS_LIFTED);
}

/* Many users of it failed. Who holds a registration or a call is not cut off for what others behind the same address do. */
static bool ban_or_spare(const struct aeta_knock *k, unsigned users, int live)
{
	struct aeta_guard *g = aeta_guard_shared();
	char text[AETA_SOURCE_TEXT];
	bool bound = aeta_location_holds(k->source);

	aeta_source_text(k->source, text);
	if (bound || live > 0) {
		aeta_count(bound ? AETA_COUNT_SPARED_BOUND : AETA_COUNT_SPARED_DIALOG);
		if (aeta_guard_spare_source(g, k->source, aeta_guard_now()))
			LM_NOTICE("no ban: source=%s, where %u users failed, holds a %s (F1)\n", text, users,
					bound ? "registration" : "call");
		return false;
	}
	if (aeta_guard_ban_source(g, k->source, aeta_guard_now())) {
		aeta_count(AETA_COUNT_SOURCE_BANS);
		LM_NOTICE("ban begins: source=%s for %d s, %u different users failed (F1)\n", text, aeta_params.guard_ban_s, users);
	}
	return true;
}

static int failed(const struct aeta_knock *k, const str *response, int live)
{
	struct aeta_failure f = aeta_guard_failed(aeta_guard_shared(), k, response->s ? response->s : "",
			response->len > 0 ? (size_t)response->len : 0, aeta_guard_now());

	if (f.counted)
		aeta_count(AETA_COUNT_FAILURES);
	if (f.pair_begins) {
		aeta_count(AETA_COUNT_PAIR_BANS);
		log_pair_ban(k, f.failures);
	}
	if (f.source_due)
		f.banned |= ban_or_spare(k, f.users, live);
	if (f.banned)
		aeta_count(AETA_COUNT_REFUSED_BANNED);
	return f.banned ? -1 : 1;
}

int aeta_guard_outcome(sip_msg_t *msg, int result, int live)
{
	const dig_cred_t *c;
	struct aeta_knock k;

	if (aeta_guard_is_trusted(msg) || (result != 1 && result != WRONG_PASSWORD && result != UNKNOWN_USER))
		return 1;
	c = aeta_credentials_of(msg);
	if (!c)
		return 1;
	k = knock_of(msg, c);
	if (result != 1) {
		str user = {(char *)k.user, (int)k.user_len};

		k.owner = aeta_device_is_last(msg, &user);
		return failed(&k, &c->response, live);
	}
	aeta_guard_log_lifted(&k, aeta_guard_succeeded(aeta_guard_shared(), &k, aeta_guard_now()), "right password");
	return 1;
}
