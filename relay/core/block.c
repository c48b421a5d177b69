/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocking and silencing, of media and of DTMF. Without a selection it is the call's; by label or address, or by from-tag with the
 * flag `directional`, it is one party's. `all=all` makes it the call's whatever else is said. Lifting it from the call leaves what
 * was put on single parties, unless with `all=all` or the flag `all`.
 */
#include "command.h"

#include "call.h"
#include "party.h"

enum switch_kind { SWITCH_BLOCK, SWITCH_SILENCE, SWITCH_DTMF };

static enum switch_kind kind_of(enum ng_command c)
{
	if (c == NG_SILENCE_MEDIA || c == NG_UNSILENCE_MEDIA)
		return SWITCH_SILENCE;
	return c == NG_BLOCK_DTMF || c == NG_UNBLOCK_DTMF ? SWITCH_DTMF : SWITCH_BLOCK;
}

static bool *call_switch(struct call *c, enum switch_kind kind)
{
	if (kind == SWITCH_SILENCE)
		return &c->silenced;
	return kind == SWITCH_DTMF ? &c->dtmf_blocked : &c->blocked;
}

static bool *party_switch(struct party *p, enum switch_kind kind)
{
	if (kind == SWITCH_SILENCE)
		return &p->silenced;
	return kind == SWITCH_DTMF ? &p->dtmf_blocked : &p->blocked;
}

static bool everybody(const struct ng_request *q)
{
	return ng_has(q, NG_BIT(ALL)) || (q->all_set && text_is_nocase(q->all, "all"));
}

/* The party that is selected; NULL: none is, the call is meant. */
static const char *select_party(const struct call *c, const struct ng_request *q, struct party **out)
{
	*out = NULL;
	if (q->all_set && text_is_nocase(q->all, "all"))
		return NULL;
	if (q->label.n) {
		*out = party_by_label(c, q->label);
		return *out ? NULL : "No monologue matching the given label";
	}
	if (q->address_text.n) {
		if (!q->address.family)
			return "Failed to parse network address";
		*out = party_by_address(c, &q->address);
		return *out ? NULL : "Failed to match address to any tag";
	}
	if (!q->from_tag.n || !ng_has(q, NG_BIT(DIRECTIONAL)))
		return NULL;
	*out = party_by_tag(c, q->from_tag);
	return *out ? NULL : "From-tag given, but no such tag exists";
}

/* A flow to one party: between two who speak to each other it is all that the first one sends. */
static const char *check_flow(const struct call *c, const struct ng_request *q, const struct party *from)
{
	const struct party *to;

	if (q->to_tag.n) {
		to = party_by_tag(c, q->to_tag);
		if (!to)
			return "Media flow not found (to-tag not found)";
	} else if (q->to_label.n) {
		to = party_by_label(c, q->to_label);
		if (!to)
			return "Media flow not found (to-label not found)";
	} else {
		return NULL;
	}
	return from->peer == to ? NULL : "Media flow not found (to-tag not subscribed)";
}

static void switch_call(struct call *c, enum switch_kind kind, bool on, bool all)
{
	*call_switch(c, kind) = on;
	if (!on && all)
		for (struct party *p = c->parties; p; p = p->next)
			*party_switch(p, kind) = false;
}

const char *command_block(struct request *m)
{
	const struct ng_request *q = m->q;
	struct call *c = call_find(m->relay, q->call_id);
	enum switch_kind kind = kind_of(q->command);
	bool on = q->command == NG_BLOCK_MEDIA || q->command == NG_SILENCE_MEDIA || q->command == NG_BLOCK_DTMF;
	struct party *p;
	const char *error;

	if (!c)
		return ERROR_NO_CALL_2;
	error = select_party(c, q, &p);
	if (!error && p)
		error = check_flow(c, q, p);
	if (error)
		return error;
	if (p)
		*party_switch(p, kind) = on;
	else
		switch_call(c, kind, on, everybody(q));
	call_touch(c);
	if (p && q->set_label.n && arena_text(&p->memory, q->set_label, &p->label) < 0)
		return ERROR_MEMORY;
	call_sum_up(c);
	return NULL;
}

const char *command_accept(struct request *m)
{
	return call_find(m->relay, m->q->call_id) ? NULL : ERROR_NO_CALL_2;
}
