/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verdict.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SHORT_DIGITS 4 /* B3 */

/* ---- the rules as data ---- */

static const struct {
	const char *name;
	const char *promise;
	const char *text;
	const char *phrase;
	uint16_t code;
} rules[AETA_RULE_COUNT] = {
#define X(id, name, code, promise, text) [AETA_RULE_##id] = {name, promise, text, text " (" promise " " name ")", code},
	AETA_RULES(X)
#undef X
};

static enum aeta_rule known(enum aeta_rule r)
{
	return (unsigned)r < AETA_RULE_COUNT ? r : AETA_RULE_NONE;
}

const char *aeta_rule_name(enum aeta_rule r)
{
	return rules[known(r)].name;
}

const char *aeta_rule_promise(enum aeta_rule r)
{
	return rules[known(r)].promise;
}

const char *aeta_rule_text(enum aeta_rule r)
{
	return rules[known(r)].text;
}

unsigned aeta_rule_code(enum aeta_rule r)
{
	return rules[known(r)].code;
}

const char *aeta_rule_phrase(enum aeta_rule r)
{
	return rules[known(r)].phrase;
}

size_t aeta_reason(enum aeta_rule r, char *out, size_t size)
{
	int n = snprintf(out, size, "%s", aeta_rule_phrase(r));

	if (n < 0 || size == 0)
		return 0;
	return (size_t)n < size ? (size_t)n : size - 1;
}

/* ---- words of the account table ---- */

static const char *const kind_names[AETA_KINDS] = {"none", "premium", "hunting", "factory", "other", "unknown"};
static const char *const state_names[AETA_STATES] = {"active", "locked", "suspended", "ended"};

static unsigned word_index(const char *const *names, unsigned count, const char *s, size_t len)
{
	unsigned i = 0;

	while (i < count && (strlen(names[i]) != len || strncasecmp(names[i], s, len) != 0))
		i++;
	return i;
}

const char *aeta_kind_name(enum aeta_kind k)
{
	return (unsigned)k < AETA_KINDS ? kind_names[k] : "?";
}

const char *aeta_state_name(enum aeta_state s)
{
	return (unsigned)s < AETA_STATES ? state_names[s] : "?";
}

enum aeta_kind aeta_kind_parse(const char *s, size_t len)
{
	return (enum aeta_kind)word_index(kind_names, AETA_KINDS, s, len);
}

enum aeta_state aeta_state_parse(const char *s, size_t len)
{
	return (enum aeta_state)word_index(state_names, AETA_STATES, s, len);
}

/* ---- small facts ---- */

/* A word outside the enum (a directory written by hand, a driver's surprise) must not open a door. */
static enum aeta_kind kind_of(const struct aeta_account *a)
{
	return a->kind < AETA_KINDS ? (enum aeta_kind)a->kind : AETA_KIND_NONE;
}

static bool in_hunting_series(aeta_number_t n)
{
	return aeta_number_sequence(n) > AETA_SEQ_HUNT && aeta_number_sequence(n) <= AETA_SEQ_HUNT + AETA_SERIES_MAX;
}

/* Hunting by its kind; by its digits only where kinds are not known, inside a group that is. */
static bool is_hunting(const struct aeta_directory *d, const struct aeta_account *a)
{
	if (kind_of(a) == AETA_KIND_UNKNOWN)
		return aeta_member_of(d, a) && in_hunting_series(a->number);
	return kind_of(a) == AETA_KIND_HUNTING;
}

const struct aeta_group *aeta_member_of(const struct aeta_directory *d, const struct aeta_account *a)
{
	if (kind_of(a) == AETA_KIND_FACTORY || kind_of(a) == AETA_KIND_OTHER)
		return NULL;
	return aeta_directory_group(d, aeta_number_prefix(a->number));
}

/* A premium account whose group this directory does not have: its options are unknown, so nothing may be assumed of it. */
static bool group_missing(const struct aeta_directory *d, const struct aeta_account *a)
{
	return (kind_of(a) == AETA_KIND_PREMIUM || kind_of(a) == AETA_KIND_HUNTING) && !aeta_member_of(d, a);
}

static bool same_group(const struct aeta_group *a, const struct aeta_group *b)
{
	return a && a == b;
}

static bool has(const struct aeta_group *g, unsigned option)
{
	return g && (g->options & option);
}

struct aeta_verdict aeta_verdict_of(enum aeta_rule rule, unsigned group, aeta_number_t number)
{
	rule = known(rule);
	return (struct aeta_verdict){
			.action = rule == AETA_RULE_HUNT ? AETA_HUNT : rules[rule].code ? AETA_REFUSE : AETA_ROUTE,
			.rule = (uint8_t)rule,
			.code = rules[rule].code,
			.group = (uint16_t)group,
			.number = number,
	};
}

/* ---- one predicate a rule: the rule that refuses, or NONE to go on ---- */

static enum aeta_rule caller_state(const struct aeta_account *a)
{
	switch (a->state) {
	case AETA_STATE_ACTIVE:
		return AETA_RULE_NONE;
	case AETA_STATE_SUSPENDED:
		return AETA_RULE_CALLER_SUSPENDED;
	case AETA_STATE_ENDED:
		return AETA_RULE_CALLER_ENDED;
	default:
		return AETA_RULE_CALLER_LOCKED;
	}
}

static enum aeta_rule callee_state(const struct aeta_account *a)
{
	switch (a->state) {
	case AETA_STATE_ACTIVE:
		return AETA_RULE_NONE;
	case AETA_STATE_SUSPENDED:
		return AETA_RULE_CALLEE_SUSPENDED;
	case AETA_STATE_ENDED:
		return AETA_RULE_CALLEE_ENDED;
	default:
		return AETA_RULE_CALLEE_LOCKED;
	}
}

static enum aeta_rule usable(const struct aeta_directory *d, const struct aeta_account *a)
{
	enum aeta_rule state = caller_state(a);

	if (!a->number || kind_of(a) == AETA_KIND_NONE)
		return AETA_RULE_CALLER_UNKNOWN;
	if (state != AETA_RULE_NONE)
		return state;
	return group_missing(d, a) ? AETA_RULE_GROUP_NOT_LOADED : AETA_RULE_NONE;
}

enum aeta_rule aeta_may_originate(const struct aeta_directory *d, const struct aeta_account *a)
{
	enum aeta_rule r = usable(d, a);

	if (r != AETA_RULE_NONE)
		return r;
	return is_hunting(d, a) ? AETA_RULE_HUNTING_ORIGINATE : AETA_RULE_OPEN;
}

enum aeta_rule aeta_may_register(const struct aeta_directory *d, const struct aeta_account *a)
{
	enum aeta_rule r = usable(d, a);

	if (r != AETA_RULE_NONE)
		return r;
	if (is_hunting(d, a) && !has(aeta_member_of(d, a), AETA_HUNTING))
		return AETA_RULE_HUNTING_OFF;
	return AETA_RULE_OPEN;
}

/* B5: members reach their own group and the exceptions. */
static bool outgoing_blocked(const struct aeta_directory *d, const struct aeta_group *from, const struct aeta_group *to,
		aeta_number_t number)
{
	return has(from, AETA_BLOCK_OUTGOING) && !same_group(from, to) && !aeta_directory_exception(d, from->prefix, number);
}

/* B4: whoever is not in the group. */
static bool incoming_blocked(const struct aeta_group *from, const struct aeta_group *to)
{
	return has(to, AETA_BLOCK_INCOMING) && !same_group(from, to);
}

static bool is_hunting_number(const struct aeta_group *to, aeta_number_t number)
{
	return to && aeta_number_sequence(number) == AETA_SEQ_HUNT;
}

/* Is there such an account, and may calls reach it? NONE if so. */
static enum aeta_rule existence(const struct aeta_directory *d, const struct aeta_account *callee,
		const struct aeta_group *to)
{
	if (kind_of(callee) == AETA_KIND_NONE)
		return AETA_RULE_UNKNOWN_NUMBER;
	if (group_missing(d, callee))
		return AETA_RULE_GROUP_NOT_LOADED;
	if (is_hunting(d, callee) && !has(to, AETA_HUNTING))
		return AETA_RULE_HUNTING_OFF;
	if (is_hunting(d, callee) && has(to, AETA_HUNT_NO_DIRECT))
		return AETA_RULE_HUNT_DIRECT;
	return callee_state(callee);
}

/* The rule under which an allowed call goes through: the most telling one. */
static enum aeta_rule route_rule(const struct aeta_target *t, const struct aeta_group *from, const struct aeta_group *to)
{
	if (t->expanded)
		return AETA_RULE_SHORT_DIAL;
	if (same_group(from, to))
		return AETA_RULE_SAME_GROUP;
	return has(from, AETA_BLOCK_OUTGOING) ? AETA_RULE_EXCEPTION : AETA_RULE_OPEN;
}

/* ---- the two steps of a decision ---- */

struct aeta_target aeta_target(const struct aeta_directory *d, const struct aeta_account *caller, const char *dialled, size_t len)
{
	const struct aeta_group *own = aeta_member_of(d, caller);
	aeta_number_t n = aeta_number_parse(dialled, len);

	if (!aeta_all_digits(dialled, len))
		return (struct aeta_target){.failed = AETA_RULE_NOT_A_NUMBER};
	if (!n)
		return (struct aeta_target){.failed = AETA_RULE_UNKNOWN_NUMBER};
	if (len != SHORT_DIGITS)
		return (struct aeta_target){.number = n};
	if (!own)
		return (struct aeta_target){.failed = AETA_RULE_SHORT_OUTSIDE};
	/* a packed four-digit number is 10000 + its value */
	return (struct aeta_target){.number = aeta_number_compose(own->prefix, (unsigned)(n - 10000)), .expanded = 1};
}

/* What the order of B6 says once the caller may originate; `group` is set to the prefix that the verdict names. */
static enum aeta_rule judge(const struct aeta_directory *d, const struct aeta_account *caller, const struct aeta_target *t,
		const struct aeta_account *callee, unsigned *group)
{
	const struct aeta_group *from = aeta_member_of(d, caller);
	const struct aeta_group *to = t->number ? aeta_member_of(d, callee) : NULL;
	enum aeta_rule r;

	*group = to ? to->prefix : from ? from->prefix : 0;
	if (t->failed == AETA_RULE_NOT_A_NUMBER || t->failed == AETA_RULE_SHORT_OUTSIDE)
		return (enum aeta_rule)t->failed;
	if (outgoing_blocked(d, from, to, t->number)) {
		*group = from->prefix;
		return AETA_RULE_OUTGOING_BLOCKED;
	}
	if (incoming_blocked(from, to))
		return AETA_RULE_INCOMING_BLOCKED;
	if (!t->number)
		return AETA_RULE_UNKNOWN_NUMBER;
	if (is_hunting_number(to, t->number))
		return has(to, AETA_HUNTING) ? AETA_RULE_HUNT : AETA_RULE_NO_HUNTING;
	r = existence(d, callee, to);
	return r != AETA_RULE_NONE ? r : route_rule(t, from, to);
}

struct aeta_verdict aeta_decide(const struct aeta_directory *d, const struct aeta_account *caller,
		const struct aeta_target *target, const struct aeta_account *callee)
{
	const struct aeta_group *from = aeta_member_of(d, caller);
	enum aeta_rule r = aeta_may_originate(d, caller);
	unsigned group = from ? from->prefix : 0;
	struct aeta_account facts = {.number = target->number, .kind = callee->kind, .state = callee->state};

	if (r == AETA_RULE_OPEN)
		r = judge(d, caller, target, &facts, &group);
	return aeta_verdict_of(r, group, target->number);
}
