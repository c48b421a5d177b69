/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of a call, or of one of its branches. A call that is deleted stays for the delete delay: its media goes on, and a new
 * offer or answer revives it. A branch is removed at once: nobody hears it.
 */
#include "command.h"

#include "call.h"
#include "party.h"

/* Whom the request names: a branch alone, or (`whole`) somebody with whom the call ends. */
struct target {
	struct party *party;
	bool whole;
	bool gone; /* a branch that was removed before */
};

static bool was_removed(const struct call *c, struct text branch)
{
	uint64_t hash = text_hash(branch, c->relay->config.key) | 1;

	for (unsigned i = 0; i < CALL_GONE; i++)
		if (c->gone[i] == hash)
			return true;
	return false;
}

/* The branch whose answer the caller would go back to without `p`: the newest that was answered. */
static struct party *answered_beside(const struct party *p)
{
	struct party *found = NULL;

	for (struct party *other = p->call->parties; other; other = other->next)
		if (other != p && other->of == p->of && p->of && other->answered)
			found = other;
	return found;
}

static bool in_dialogue(const struct party *p)
{
	return p->peer && p->peer->peer == p;
}

/* By the from-tag: who ends a call that it is in ends all of it; a branch that was passed over ends itself. */
static struct target target_by_from(const struct call *c, struct text tag)
{
	struct party *p = party_by_tag(c, tag);

	return (struct target){.party = p, .whole = p && (!p->of || in_dialogue(p) || c->party_count <= 2)};
}

static struct target target_of(const struct call *c, const struct ng_request *q)
{
	struct party *p;

	if (q->from_tag.n == 0)
		return (struct target){.whole = true};
	if (q->to_tag.n) {
		p = party_by_tag(c, q->to_tag);
		if (p)
			return (struct target){.party = p, .whole = !p->of || c->party_count <= 2 || (in_dialogue(p) && !answered_beside(p))};
	}
	p = party_by_branch(c, q->via_branch);
	if (p)
		return (struct target){.party = p, .whole = !p->of || c->party_count <= 2};
	if (q->via_branch.n && was_removed(c, q->via_branch))
		return (struct target){.gone = true};
	return target_by_from(c, q->from_tag);
}

static void remove_branch(struct party *p)
{
	struct call *c = p->call;
	struct party *caller = p->of, *next = in_dialogue(p) ? answered_beside(p) : NULL;

	if (p->branch.n) {
		c->gone[c->gone_next] = text_hash(p->branch, c->relay->config.key) | 1;
		c->gone_next = (uint8_t)((c->gone_next + 1) % CALL_GONE);
	}
	party_free(p);
	if (next)
		parties_link(caller, next);
	call_touch(c);
}

static void delete_call(struct request *m, struct call *c)
{
	int64_t delay = m->q->delete_delay_s >= 0 ? m->q->delete_delay_s : (int64_t)m->relay->config.delete_delay_s;
	uint64_t at;

	if (delay == 0) {
		call_end(c, RELAY_DELETED);
		return;
	}
	if (delay > INT32_MAX)
		delay = INT32_MAX;
	at = m->now + (uint64_t)delay * 1000000;
	if (!c->delete_at || at < c->delete_at)
		c->delete_at = at;
	call_touch(c);
}

static const char *not_found(struct request *m)
{
	if (ng_has(m->q, NG_BIT(FATAL)))
		return ERROR_TAGS;
	m->warning = ERROR_TAGS;
	return NULL;
}

const char *command_delete(struct request *m)
{
	const struct ng_request *q = m->q;
	struct call *c = call_find(m->relay, q->call_id);
	struct target target;

	if (!c)
		return not_found(m);
	target = target_of(c, q);
	if (target.gone)
		return NULL;
	if (!target.party && !target.whole)
		return not_found(m);
	if (!ng_has(q, NG_BIT(FAST))) {
		call_refresh(c);
		report_call(m, c, target.party ? target.party->tag : (struct text){0});
	}
	if (target.whole)
		delete_call(m, c);
	else
		remove_branch(target.party);
	return NULL;
}
