/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hunting.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/dprint.h"
#include "core/dset.h"
#include "core/timer.h"
#include "facts.h"
#include "location.h"
#include "params.h"
#include "register.h"
#include "stats.h"
#include "store.h"

#define OVER (-2)
#define INTERNAL_ERROR (-2)

/* The group of a hunt as it is now; one that a reload took away ends its hunts by the defaults, not at once. */
static struct aeta_group group_of(const struct aeta_hunt *h)
{
	struct aeta_group g = {.prefix = h->prefix, .options = AETA_HUNTING, .hunt_max_s = AETA_HUNT_MAX_DEFAULT};
	const struct aeta_directory *d = aeta_store_acquire();
	const struct aeta_group *found = d ? aeta_directory_group(d, h->prefix) : NULL;

	if (found)
		g = *found;
	if (d)
		aeta_store_release();
	return g;
}

bool aeta_hunt_busy_in_call(const struct aeta_call *c)
{
	return c->hunting && (group_of(&c->hunt).options & AETA_HUNT_BUSY_IN_CALL);
}

int aeta_hunt_begin(sip_msg_t *msg, struct aeta_call *c, const struct aeta_judged *j, const str *caller, const str *domain)
{
	struct aeta_binding own;

	if (domain->len <= 0 || domain->len > AETA_DOMAIN_MAX)
		return -EINVAL;
	aeta_text_set(c->domain, sizeof(c->domain), domain->s, (size_t)domain->len);
	aeta_hunt_start(&c->hunt, &j->group, get_ticks());
	c->hunting = 1;
	c->instances[0] = aeta_message_instance(msg);
	if (aeta_locate(caller, domain, 0, &own) == 1)
		c->instances[1] = own.instance;
	c->source = msg->rcv.src_ip;
	c->source_port = msg->rcv.src_port;
	c->source_proto = msg->rcv.proto;
	aeta_count(AETA_COUNT_HUNT_STARTED);
	return 0;
}

/* B7: a hunt never rings the device that calls. Every device has its own instance, or else its own address. */
static bool is_callers_own(const struct aeta_call *c, const struct aeta_binding *b)
{
	if (b->instance && (b->instance == c->instances[0] || b->instance == c->instances[1]))
		return true;
	return aeta_binding_is_at(b, &c->source, c->source_port, c->source_proto);
}

/* 1 = may be rung, 0 = to be skipped, -EIO. The cheap questions come first: most of a series is not registered. */
static int can_ring(struct aeta_call *c, aeta_number_t member, const str *digits)
{
	str domain = {c->domain, (int)strlen(c->domain)};
	struct aeta_account a;
	struct aeta_binding b;
	int rc;

	if (aeta_locate(digits, &domain, 0, &b) != 1 || is_callers_own(c, &b))
		return 0;
	rc = aeta_facts(member, &a);
	if (rc < 0)
		return rc;
	if (a.kind != AETA_KIND_HUNTING && a.kind != AETA_KIND_UNKNOWN)
		return 0;
	c->device = b.device;
	return a.state == AETA_STATE_ACTIVE;
}

static enum aeta_rule bound_of(const struct aeta_hunt *h)
{
	enum aeta_rule r = aeta_hunt_bound(h, get_ticks());

	if (r == AETA_RULE_NONE && h->rung >= aeta_params.hunt_tries)
		r = h->busy ? AETA_RULE_HUNT_LIMIT_BUSY : AETA_RULE_HUNT_LIMIT;
	return r;
}

/* The R-URI afresh: what an earlier lookup() left in it, in the destination or in the Path belongs to another member. */
static int aim(sip_msg_t *msg, struct aeta_call *c, const char *digits)
{
	char buf[16 + AETA_NUMBER_MAX + AETA_DOMAIN_MAX];
	str uri = {buf, snprintf(buf, sizeof(buf), "sip:%s@%s", digits, c->domain)};

	if (rewrite_uri(msg, &uri) < 0)
		return -ENOMEM;
	reset_dst_uri(msg);
	reset_path_vector(msg);
	reset_force_socket(msg);
	aeta_text_set(c->final, sizeof(c->final), digits, strlen(digits));
	return 0;
}

static int ring(sip_msg_t *msg, struct aeta_call *c, const char *digits)
{
	struct aeta_group g = group_of(&c->hunt);

	if (aim(msg, c, digits) < 0)
		return INTERNAL_ERROR;
	c->before = c->hunt;
	c->may_skip = 1;
	aeta_hunt_rung(&c->hunt);
	c->ring_s = (uint16_t)aeta_hunt_ring_s(&c->hunt, &g, get_ticks());
	aeta_count(AETA_COUNT_HUNT_RUNG);
	LM_INFO("hunt caller=%s dialled=%s member=%s rung=%u ring_s=%u\n", c->caller, c->dialled, c->final, c->hunt.rung,
			c->ring_s);
	return 1;
}

static int end(struct aeta_call *c, enum aeta_rule rule)
{
	aeta_call_refuse(c, rule, 0);
	return -1;
}

static struct aeta_call *hunt_in_hand(const char *function)
{
	struct aeta_call *c = aeta_call_get();

	if (c && c->hunting)
		return c;
	LM_ERR("%s() without a hunt: call it after aeta_route() returned 2\n", function);
	return NULL;
}

int aeta_hunt_next(sip_msg_t *msg)
{
	struct aeta_call *c = hunt_in_hand("aeta_hunt_next");
	char digits[AETA_NUMBER_MAX + 1];
	enum aeta_rule bound;
	unsigned seq;

	if (!c)
		return INTERNAL_ERROR;
	while ((seq = aeta_hunt_candidate(&c->hunt)) != 0) {
		aeta_number_t member = aeta_number_compose(c->hunt.prefix, seq);
		str text = {digits, (int)aeta_number_format(member, digits)};
		int rc = can_ring(c, member, &text);

		if (rc < 0)
			return INTERNAL_ERROR;
		if (rc > 0) {
			bound = bound_of(&c->hunt);
			return bound == AETA_RULE_NONE ? ring(msg, c, digits) : end(c, bound);
		}
		aeta_hunt_skip(&c->hunt, false);
	}
	return end(c, aeta_hunt_end(&c->hunt));
}

int aeta_hunt_pass(sip_msg_t *msg, str *why)
{
	struct aeta_call *c = hunt_in_hand("aeta_hunt_skip");
	bool busy = why->len == 4 && memcmp(why->s, "busy", 4) == 0;

	(void)msg;
	if (!c || !c->may_skip || (!busy && (why->len != 6 || memcmp(why->s, "absent", 6) != 0))) {
		if (c)
			LM_ERR("aeta_hunt_skip(\"%.*s\"): say busy or absent, once, after aeta_hunt_next()\n", why->len, why->s);
		return -1;
	}
	c->hunt = c->before;
	c->may_skip = 0;
	aeta_hunt_skip(&c->hunt, busy);
	aeta_count(AETA_COUNT_HUNT_SKIPPED);
	return 1;
}

int aeta_hunt_reply(sip_msg_t *msg, int code, int timeout, int provisional)
{
	struct aeta_call *c = hunt_in_hand("aeta_hunt_answer");
	struct aeta_answer a = {.code = (uint16_t)code, .timeout = timeout > 0, .provisional = provisional > 0};
	struct aeta_group g;

	(void)msg;
	if (!c)
		return INTERNAL_ERROR;
	c->may_skip = 0;
	g = group_of(&c->hunt);
	switch (aeta_hunt_answer(&c->hunt, &g, &a, get_ticks())) {
	case AETA_HUNT_NEXT:
		return 1;
	case AETA_HUNT_STOP:
		return -1;
	case AETA_HUNT_OVER:
		break;
	}
	aeta_call_refuse(c, c->hunt.busy ? AETA_RULE_HUNT_TIMEOUT_BUSY : AETA_RULE_HUNT_TIMEOUT, 0);
	return OVER;
}
