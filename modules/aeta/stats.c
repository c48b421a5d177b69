/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stats.h"

#include <stdio.h>
#include <string.h>

#include "core/counters.h"
#include "attempt.h"
#include "core/dprint.h"
#include "prober.h"
#include "store.h"

#define NAME_MAX_LEN 64

static counter_handle_t counts[AETA_COUNTS], routed, hunted, reload_ok, reload_failed, groups, exceptions, attempts_waiting,
		nat_silent;
static counter_handle_t refused[AETA_RULE_COUNT];
static char refused_name[AETA_RULE_COUNT][NAME_MAX_LEN];
static counter_handle_t media_relayed, media_direct, media_refused;
static counter_handle_t relayed_for[AETA_REASON_BITS];
static char relayed_name[AETA_REASON_BITS][NAME_MAX_LEN];

static counter_val_t count_groups(counter_handle_t h, void *param)
{
	const struct aeta_directory *d = aeta_store_acquire();
	size_t n = d ? (param ? aeta_directory_exceptions(d) : aeta_directory_groups(d)) : 0;

	(void)h;
	if (d)
		aeta_store_release();
	return (counter_val_t)n;
}

static counter_val_t count_waiting(counter_handle_t h, void *param)
{
	struct aeta_attempt_state s;

	(void)h;
	(void)param;
	aeta_attempt_state(&s);
	return (counter_val_t)s.waiting;
}

static counter_val_t count_silent(counter_handle_t h, void *param)
{
	(void)h;
	(void)param;
	return (counter_val_t)aeta_prober_silent();
}

static counter_def_t fixed[] = {
	{&routed, "verdict_route", 0, NULL, NULL, "requests that may be routed to a number"},
	{&hunted, "verdict_hunt", 0, NULL, NULL, "requests that ring a hunting series"},
	{&counts[AETA_COUNT_HUNT_STARTED], "hunt_started", 0, NULL, NULL, "hunts begun"},
	{&counts[AETA_COUNT_HUNT_RUNG], "hunt_rung", 0, NULL, NULL, "members that aeta_hunt_next() gave to ring"},
	{&counts[AETA_COUNT_HUNT_SKIPPED], "hunt_skipped", 0, NULL, NULL, "members taken back by aeta_hunt_skip()"},
	{&counts[AETA_COUNT_DUPLICATE_USE], "duplicate_use", 0, NULL, NULL, "accounts seen on two devices taking turns (A6)"},
	{&counts[AETA_COUNT_WORKER_SPARED], "worker_spared", 0, NULL, NULL, "requests dropped: all workers but one ask the database"},
	{&counts[AETA_COUNT_DATABASE_HUNG], "database_hung", 0, NULL, NULL, "requests refused: the database hangs"},
	{&counts[AETA_COUNT_TRACE_LOST], "trace_lost", 0, NULL, NULL, "messages of a trace that could not be kept"},
	{&counts[AETA_COUNT_ATTEMPTS_NOTED], "attempts_noted", 0, NULL, NULL, "attempts put into the history"},
	{&counts[AETA_COUNT_ATTEMPTS_BOUNDED], "attempts_bounded", 0, NULL, NULL, "attempts beyond what one may leave there"},
	{&counts[AETA_COUNT_ATTEMPTS_LOST], "attempts_lost", 0, NULL, NULL, "attempts for which there was no room"},
	{&counts[AETA_COUNT_ATTEMPTS_WRITTEN], "attempts_written", 0, NULL, NULL, "lines written to the database"},
	{&counts[AETA_COUNT_ATTEMPTS_PRUNED], "attempts_pruned", 0, NULL, NULL, "lines deleted for their age"},
	{&attempts_waiting, "attempts_waiting", CNT_F_NO_RESET, count_waiting, NULL, "lines that wait to be written"},
	{&counts[AETA_COUNT_MEDIA_CONTRADICTED], "media_contradicted", 0, NULL, NULL, "direct calls that the answer would have relayed"},
	{&counts[AETA_COUNT_MEDIA_REDIALLED], "media_redialled", 0, NULL, NULL, "pairs relayed since a direct call was dialled again"},
	{&counts[AETA_COUNT_MEDIA_MOVED], "media_moved", 0, NULL, NULL, "agents whose media came from elsewhere than they said"},
	{&counts[AETA_COUNT_REFRESH_SPARED], "refresh_spared", 0, NULL, NULL, "registrations refreshed without a database write"},
	{&counts[AETA_COUNT_ACCOUNTS_KEPT], "accounts_kept", 0, NULL, NULL, "questions for an account answered from memory"},
	{&counts[AETA_COUNT_ACCOUNTS_ASKED], "accounts_asked", 0, NULL, NULL, "questions for an account that the database answered"},
	{&counts[AETA_COUNT_ACCOUNTS_GRACE], "accounts_grace", 0, NULL, NULL, "REGISTERs let in while the database was away"},
	{&counts[AETA_COUNT_FAILURES], "guard_failures", 0, NULL, NULL, "wrong responses counted (F1)"},
	{&counts[AETA_COUNT_PAIR_BANS], "guard_pair_bans", 0, NULL, NULL, "bans of a user at a source"},
	{&counts[AETA_COUNT_SOURCE_BANS], "guard_source_bans", 0, NULL, NULL, "bans of a source"},
	{&counts[AETA_COUNT_SPARED_BOUND], "guard_spared_bound", 0, NULL, NULL, "sources not banned: they hold a registration"},
	{&counts[AETA_COUNT_SPARED_DIALOG], "guard_spared_dialog", 0, NULL, NULL, "sources not banned: they hold a call"},
	{&counts[AETA_COUNT_BANS_LIFTED], "guard_bans_lifted", 0, NULL, NULL, "bans ended by the right password or an operator"},
	{&counts[AETA_COUNT_REFUSED_BANNED], "guard_refused_banned", 0, NULL, NULL, "wrong responses during a ban"},
	{&counts[AETA_COUNT_DROPPED_BANNED], "guard_dropped_banned", 0, NULL, NULL, "requests dropped for a ban"},
	{&counts[AETA_COUNT_DROPPED_FLOOD], "guard_dropped_flood", 0, NULL, NULL, "requests dropped: too many"},
	{&counts[AETA_COUNT_DROPPED_STRAY], "guard_dropped_stray", 0, NULL, NULL, "too many that belong to nothing known"},
	{&counts[AETA_COUNT_DROPPED_SCANNER], "guard_dropped_scanner", 0, NULL, NULL, "requests of a scanner dropped"},
	{&counts[AETA_COUNT_DROPPED_SQL], "guard_dropped_sql", 0, NULL, NULL, "users meant for a database dropped"},
	{&counts[AETA_COUNT_DIALOG_RATE], "guard_dialog_rate", 0, NULL, NULL, "requests inside calls refused: too many"},
	{&counts[AETA_COUNT_ACCOUNT_RATE], "guard_account_rate", 0, NULL, NULL, "requests of an account refused: too many"},
	{&counts[AETA_COUNT_DROPPED_DOMAIN], "guard_dropped_domain", 0, NULL, NULL, "strangers asking for other domains dropped"},
	{&counts[AETA_COUNT_NAT_SENT], "nat_probes_sent", 0, NULL, NULL, "probes sent to agents (C7)"},
	{&counts[AETA_COUNT_NAT_ANSWERS], "nat_answers", 0, NULL, NULL, "answers to probes"},
	{&counts[AETA_COUNT_NAT_PROBED], "nat_probed", 0, NULL, NULL, "agents probed to the end"},
	{&counts[AETA_COUNT_NAT_LOST], "nat_lost", 0, NULL, NULL, "agents not probed now: too many wait"},
	{&counts[AETA_COUNT_NAT_FULL], "nat_full", 0, NULL, NULL, "times that there was no room to remember a NAT (nat_known)"},
	{&counts[AETA_COUNT_NAT_IN_CALL], "nat_in_call", 0, NULL, NULL, "agents not probed now: they are in a call"},
	{&nat_silent, "nat_silent", CNT_F_NO_RESET, count_silent, NULL, "1: no answers at the port, 2: none at the second address, 3: both"},
	{&counts[AETA_COUNT_NAT_UNKNOWN], "nat_unknown", 0, NULL, NULL, "agents probed of whom it cannot be told"},
	{&counts[AETA_COUNT_NAT_OPEN], "nat_open", 0, NULL, NULL, "agents probed that are behind no NAT"},
	{&counts[AETA_COUNT_NAT_EIM], "nat_eim", 0, NULL, NULL, "agents probed behind a NAT that STUN can cross"},
	{&counts[AETA_COUNT_NAT_CHANGED], "nat_changed", 0, NULL, NULL, "agents probed behind a symmetric NAT"},
	{&counts[AETA_COUNT_NAT_WALLED], "nat_walled", 0, NULL, NULL, "agents probed that may talk to this service alone"},
	{&counts[AETA_COUNT_NAT_LEAKY], "nat_leaky", 0, NULL, NULL, "agents probed whose NAT minds who sends first"},
	{&media_relayed, "media_relayed", 0, NULL, NULL, "calls that need the relay (C2, C3)"},
	{&media_direct, "media_direct", 0, NULL, NULL, "calls whose media goes directly"},
	{&media_refused, "media_refused", 0, NULL, NULL, "calls that would need the relay and never want it"},
	{&reload_ok, "reload_ok", 0, NULL, NULL, "directories loaded"},
	{&reload_failed, "reload_failed", 0, NULL, NULL, "directories refused; the old one stayed"},
	{&groups, "groups", CNT_F_NO_RESET, count_groups, NULL, "groups in the directory"},
	{&exceptions, "exceptions", CNT_F_NO_RESET, count_groups, &exceptions, "exceptions in the directory"},
	{NULL, NULL, 0, NULL, NULL, NULL},
};

/* "refused_" and the rule's name with _ for -. Two rules may share a name, and then a counter. */
static const char *name_refused(enum aeta_rule r)
{
	char *out = refused_name[r];
	const char *in = aeta_rule_name(r);
	size_t n = strlen(strcpy(out, "refused_"));

	while (*in && n < NAME_MAX_LEN - 1) {
		out[n++] = *in == '-' ? '_' : *in;
		in++;
	}
	out[n] = '\0';
	return out;
}

static bool has_counter(enum aeta_rule r)
{
	return r != AETA_RULE_NONE && aeta_rule_code(r) != 0;
}

/* The first rule of the same name, which has the counter. */
static enum aeta_rule first_of(enum aeta_rule r)
{
	enum aeta_rule i = AETA_RULE_NONE;

	while (i < r && strcmp(aeta_rule_name(i), aeta_rule_name(r)) != 0)
		i++;
	return i;
}

/* "relayed_" and the reason, with _ for -. */
static const char *name_relayed(unsigned bit, const struct aeta_reason_words *w)
{
	char *out = relayed_name[bit];

	snprintf(out, NAME_MAX_LEN, "relayed_%s%s%s", w->who, w->who[0] ? "_" : "", w->name);
	for (char *s = out; *s; s++)
		if (*s == '-')
			*s = '_';
	return out;
}

static int register_reasons(void)
{
	struct aeta_reason_words w;

	for (unsigned bit = 0; bit < AETA_REASON_BITS; bit++)
		if (aeta_reason_words(bit, &w) &&
				counter_register(&relayed_for[bit], "aeta", name_relayed(bit, &w), 0, NULL, NULL, w.text, 0) < 0)
			return -1;
	return 0;
}

int aeta_stats_init(void)
{
	if (counter_register_array("aeta", fixed) < 0)
		goto error;
	for (enum aeta_rule r = 0; r < AETA_RULE_COUNT; r++) {
		if (!has_counter(r))
			continue;
		if (first_of(r) != r)
			refused[r] = refused[first_of(r)];
		else if (counter_register(&refused[r], "aeta", name_refused(r), 0, NULL, NULL, aeta_rule_text(r), 0) < 0)
			goto error;
	}
	if (register_reasons() < 0)
		goto error;
	return 0;
error:
	LM_ERR("cannot register the statistics\n");
	return -1;
}

void aeta_count(enum aeta_count what)
{
	counter_inc(counts[what]);
}

void aeta_count_add(enum aeta_count what, long by)
{
	counter_add(counts[what], (int)by);
}

void aeta_stats_verdict(enum aeta_action action, enum aeta_rule rule)
{
	if (action == AETA_ROUTE)
		counter_inc(routed);
	else if (action == AETA_HUNT)
		counter_inc(hunted);
	else if (has_counter(rule))
		counter_inc(refused[rule]);
}

void aeta_stats_media(const struct aeta_media_verdict *v)
{
	counter_inc(v->path == AETA_PATH_RELAYED ? media_relayed : v->path == AETA_PATH_DIRECT ? media_direct : media_refused);
	for (unsigned bit = 0; v->path == AETA_PATH_RELAYED && bit < AETA_REASON_BITS; bit++)
		if (v->reasons >> bit & 1)
			counter_inc(relayed_for[bit]);
}

void aeta_stats_reload(bool good)
{
	counter_inc(good ? reload_ok : reload_failed);
}

void aeta_stats_walk(void (*each)(void *p, const char *name, long value), void *p)
{
	for (const counter_def_t *d = fixed; d->name; d++)
		each(p, d->name, counter_get_val(*d->handle));
	for (enum aeta_rule r = 0; r < AETA_RULE_COUNT; r++)
		if (has_counter(r) && first_of(r) == r)
			each(p, refused_name[r], counter_get_val(refused[r]));
	for (unsigned bit = 0; bit < AETA_REASON_BITS; bit++)
		if (relayed_name[bit][0])
			each(p, relayed_name[bit], counter_get_val(relayed_for[bit]));
}
