/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verdict: may this caller reach what it dialled, and what number is that?
 *
 * Facts in, verdict out; no clock, no I/O, no allocation. The order is that of SERVICE.md B6, first match wins:
 * expansion, originate right, outgoing blocking, incoming blocking, existence. Location (is it registered?) is the
 * SIP server's, with AETA_RULE_NOT_REGISTERED for the answer.
 *
 *      struct aeta_target t = aeta_target(dir, &caller, dialled, len);     // what number does it mean?
 *      ... read the account facts of t.number (if it is not 0) ...
 *      struct aeta_verdict v = aeta_decide(dir, &caller, &t, &callee);
 */
#ifndef AETA_POLICY_VERDICT_H
#define AETA_POLICY_VERDICT_H

#include "directory.h"

enum aeta_kind { /* A2; the order is not that of any table, names are in aeta_kind_name() */
	AETA_KIND_NONE = 0, /* no such account */
	AETA_KIND_PREMIUM,
	AETA_KIND_HUNTING,
	AETA_KIND_FACTORY,
	AETA_KIND_OTHER,
	AETA_KIND_UNKNOWN, /* not looked up: the deployment has no table of kinds; the directory alone decides membership */
	AETA_KINDS
};

enum aeta_state { /* A7 */
	AETA_STATE_ACTIVE = 0,
	AETA_STATE_LOCKED,
	AETA_STATE_SUSPENDED,
	AETA_STATE_ENDED, /* its end date is past */
	AETA_STATES
};

/* What is known of an account at the moment of the call. */
struct aeta_account {
	aeta_number_t number;
	uint8_t kind;  /* enum aeta_kind */
	uint8_t state; /* enum aeta_state */
	uint8_t media; /* enum aeta_media_policy; 0: as its group says */
};

/* Every rule has one row: X(ID, name, SIP code (0 = routed), promise, text). The text is a reason phrase. */
#define AETA_RULES(X) \
	X(NONE, "none", 500, "-", "No verdict") \
	X(OPEN, "open", 0, "B2", "Routed") \
	X(SAME_GROUP, "same-group", 0, "B6", "Routed inside the group") \
	X(SHORT_DIAL, "short-dial", 0, "B3", "Routed by short number") \
	X(EXCEPTION, "exception", 0, "B5", "Routed by exception") \
	X(HUNT, "hunt", 0, "B7", "Hunting") \
	X(CALLER_UNKNOWN, "caller-unknown", 403, "A1", "Caller is no account of this service") \
	X(CALLER_LOCKED, "caller-locked", 403, "A7", "Account locked") \
	X(CALLER_SUSPENDED, "caller-suspended", 403, "A7", "Account suspended") \
	X(CALLER_ENDED, "caller-ended", 403, "A7", "Account ended") \
	X(HUNTING_ORIGINATE, "hunting-originate", 403, "B8", "Hunting series cannot call") \
	X(GROUP_NOT_LOADED, "group-not-loaded", 403, "B6", "Group not loaded") \
	X(NOT_A_NUMBER, "not-a-number", 404, "B2", "Not a number") \
	X(SHORT_OUTSIDE, "short-outside", 404, "B3", "Short numbers work inside a group only") \
	X(OUTGOING_BLOCKED, "outgoing-blocked", 403, "B5", "Outgoing calls blocked") \
	X(INCOMING_BLOCKED, "incoming-blocked", 403, "B4", "Incoming calls blocked") \
	X(NO_HUNTING, "no-hunting", 404, "B7", "Group has no hunting number") \
	X(HUNTING_OFF, "hunting-off", 480, "B7", "Hunting is switched off") \
	X(HUNT_DIRECT, "hunt-direct", 403, "B8", "Direct calls to the hunting series are refused") \
	X(UNKNOWN_NUMBER, "unknown-number", 404, "B2", "Unknown number") \
	X(CALLEE_LOCKED, "callee-locked", 480, "A7", "Called account locked") \
	X(CALLEE_SUSPENDED, "callee-suspended", 480, "A7", "Called account suspended") \
	X(CALLEE_ENDED, "callee-ended", 480, "A7", "Called account ended") \
	X(NOT_REGISTERED, "not-registered", 480, "B2", "Not registered") \
	X(HUNT_BUSY, "hunt-busy", 486, "B7", "All members busy") \
	X(HUNT_ABSENT, "hunt-absent", 480, "B7", "No member available") \
	X(HUNT_LIMIT, "hunt-limit", 480, "B7", "Hunt limit reached") \
	X(HUNT_LIMIT_BUSY, "hunt-limit", 486, "B7", "Hunt limit reached") \
	X(HUNT_TIMEOUT, "hunt-timeout", 480, "B7", "Hunt timed out") \
	X(HUNT_TIMEOUT_BUSY, "hunt-timeout", 486, "B7", "Hunt timed out") \
	X(MEDIA_NEVER, "media-never", 488, "C3", "IPv4 and IPv6 cannot meet without relay") \
	X(NO_RELAY, "no-relay", 503, "C3", "No relay can be had")

enum aeta_rule {
#define X(id, name, code, promise, text) AETA_RULE_##id,
	AETA_RULES(X)
#undef X
	AETA_RULE_COUNT
};

/* What the dialled string means to this caller. */
struct aeta_target {
	aeta_number_t number; /* 0: it can be no account's (see `failed`) */
	uint8_t expanded;     /* 1: a short number that was completed (B3) */
	uint8_t failed;       /* enum aeta_rule: NONE, NOT_A_NUMBER, SHORT_OUTSIDE or UNKNOWN_NUMBER */
};

enum aeta_action { AETA_REFUSE = 0, AETA_ROUTE, AETA_HUNT };

struct aeta_verdict {
	uint8_t action;       /* enum aeta_action */
	uint8_t rule;         /* enum aeta_rule, never NONE */
	uint16_t code;        /* SIP status of a refusal, 0 where routed */
	uint16_t group;       /* prefix of the group whose option decided, else of the callee's, else of the caller's; 0 = none */
	aeta_number_t number; /* the number reached (the hunting number for AETA_HUNT); 0 where it is none */
};

/*
 * The group an account is a member of, or NULL. Membership follows the stored kind (A2): premium and hunting accounts
 * belong to the group of their prefix, factory and other ones to none, whatever their digits. NONE and UNKNOWN follow
 * the digits, so that B4's answer does not depend on whether the number exists.
 */
const struct aeta_group *aeta_member_of(const struct aeta_directory *d, const struct aeta_account *a);

/* B2, B3: completes a short number, refuses what is none. `dialled` is any bytes, not NUL-terminated. */
struct aeta_target aeta_target(const struct aeta_directory *d, const struct aeta_account *caller, const char *dialled, size_t len);

/*
 * B4-B8, A7: the verdict on a request outside a dialog. `callee` are the facts of target->number (kind NONE: no such
 * account; UNKNOWN: existence is not known here and left to the location service); ignored where target->number is 0.
 */
struct aeta_verdict aeta_decide(const struct aeta_directory *d, const struct aeta_account *caller,
		const struct aeta_target *target, const struct aeta_account *callee);

/* A7, B8: may this account place a call (or send any request outside a dialog)? OPEN if so, else the rule that refuses. */
enum aeta_rule aeta_may_originate(const struct aeta_directory *d, const struct aeta_account *a);

/* A7, B7: may this account register? OPEN if so, else the rule that refuses; answer it with 403 whatever the rule's own code. */
enum aeta_rule aeta_may_register(const struct aeta_directory *d, const struct aeta_account *a);

/* A verdict that only says `rule`; for answers found outside aeta_decide() (not registered, the end of a hunt). */
struct aeta_verdict aeta_verdict_of(enum aeta_rule rule, unsigned group, aeta_number_t number);

const char *aeta_rule_name(enum aeta_rule r);    /* "outgoing-blocked" */
const char *aeta_rule_promise(enum aeta_rule r); /* "B5" */
const char *aeta_rule_text(enum aeta_rule r);    /* "Outgoing calls blocked" */
unsigned aeta_rule_code(enum aeta_rule r);       /* 403, 0 where the rule routes */

const char *aeta_kind_name(enum aeta_kind k);   /* "premium"; the words of the account table */
const char *aeta_state_name(enum aeta_state s); /* "locked" */
/* The inverse, case-insensitive, over `len` bytes; AETA_KINDS / AETA_STATES for a word that is none. */
enum aeta_kind aeta_kind_parse(const char *s, size_t len);
enum aeta_state aeta_state_parse(const char *s, size_t len);

/* The reason phrase as it stands in the SIP status line (B10): "Outgoing calls blocked (B5 outgoing-blocked)". */
const char *aeta_rule_phrase(enum aeta_rule r);

/* Writes it, at most `size` bytes with the NUL; returns the length written. */
size_t aeta_reason(enum aeta_rule r, char *out, size_t size);

#endif
