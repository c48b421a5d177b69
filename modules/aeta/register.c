/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "register.h"

#include <string.h>

#include "authenticated.h"
#include "call.h"
#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "core/parser/contact/parse_contact.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_to.h"
#include "core/parser/parse_uri.h"
#include "core/timer.h"
#include "location.h"
#include "params.h"
#include "policy/number.h"
#include "stats.h"

/*
 * The history is a fixed table: sets of WAYS accounts, found by a hash of the number. A new account takes the place of the
 * one of its set that was seen longest ago, so the memory is bounded and nothing is allocated later.
 */
#define WAYS 8
#define LOCKS 64

struct entry {
	aeta_number_t number; /* 0 = free */
	uint32_t seen;        /* get_ticks() */
	bool failed;          /* a REGISTER was refused since the last one that was not */
	uint64_t place;       /* where it registered from; 0 = not known */
	struct aeta_device_history history;
};

static struct entry *entries;
static unsigned sets;
static gen_lock_set_t *locks;

int aeta_devices_init(void)
{
	size_t size;

	sets = ((unsigned)aeta_params.devices + WAYS - 1) / WAYS;
	size = (size_t)sets * WAYS * sizeof(*entries);
	entries = shm_malloc(size);
	locks = lock_set_alloc(LOCKS);
	if (!entries || !locks || !lock_set_init(locks)) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(entries, 0, size);
	return 0;
}

void aeta_devices_destroy(void)
{
	if (locks) {
		lock_set_destroy(locks);
		lock_set_dealloc(locks);
		locks = NULL;
	}
	if (entries)
		shm_free(entries);
	entries = NULL;
}

static struct entry *entry_of(struct entry *set, aeta_number_t number, uint32_t now)
{
	struct entry *e = &set[0];

	for (int i = 0; i < WAYS; i++) {
		if (set[i].number == number)
			return &set[i];
		if (e->number && (!set[i].number || now - set[i].seen > now - e->seen))
			e = &set[i];
	}
	*e = (struct entry){.number = number};
	return e;
}

static enum aeta_device_event seen(aeta_number_t number, aeta_device_t device)
{
	unsigned set = (unsigned)(number * 0x9e3779b97f4a7c15ull >> 32) % sets;
	enum aeta_device_event event;
	struct entry *e;

	lock_set_get(locks, (int)(set % LOCKS));
	e = entry_of(&entries[(size_t)set * WAYS], number, get_ticks());
	e->seen = get_ticks();
	event = aeta_device_seen(&e->history, device, e->seen);
	lock_set_release(locks, (int)(set % LOCKS));
	return event;
}

/* The entry of a number that has one, under its set's lock; NULL: it has none, and nothing is locked. */
static struct entry *lock_known(aeta_number_t number, int *lock)
{
	unsigned set = (unsigned)(number * 0x9e3779b97f4a7c15ull >> 32) % sets;
	struct entry *e = &entries[(size_t)set * WAYS];

	*lock = (int)(set % LOCKS);
	lock_set_get(locks, *lock);
	for (int i = 0; i < WAYS; i++)
		if (e[i].number == number)
			return &e[i];
	lock_set_release(locks, *lock);
	return NULL;
}

bool aeta_place_moved(aeta_number_t number, uint64_t place)
{
	int lock;
	struct entry *e = number ? lock_known(number, &lock) : NULL;
	bool moved;

	if (!e)
		return false;
	moved = e->failed || (e->place && e->place != place);
	e->failed = false;
	e->place = place;
	lock_set_release(locks, lock);
	return moved;
}

void aeta_place_failed(aeta_number_t number)
{
	int lock;
	struct entry *e = number ? lock_known(number, &lock) : NULL;

	if (!e)
		return;
	e->failed = true;
	lock_set_release(locks, lock);
}

/* +sip.instance of the first Contact that has one. */
static struct aeta_bytes instance_of(sip_msg_t *msg)
{
	struct aeta_bytes none = {"", 0};
	const contact_t *c;

	if (parse_contact_headers(msg) < 0 || !msg->contact || !msg->contact->parsed)
		return none;
	for (c = ((contact_body_t *)msg->contact->parsed)->contacts; c; c = c->next)
		if (c->instance && c->instance->body.len > 0)
			return (struct aeta_bytes){c->instance->body.s, (size_t)c->instance->body.len};
	return none;
}

aeta_device_t aeta_message_instance(sip_msg_t *msg)
{
	struct aeta_bytes none = {"", 0}, instance = instance_of(msg);

	return instance.len ? aeta_device(instance, none, none) : 0;
}

struct identity {
	aeta_device_t device, instance, dialog; /* as in struct aeta_binding */
	aeta_number_t number;
	str user, domain;
};

/* Who registers what. The user given, or authenticated; the domain of the To, which is what registrar stores. */
static int identify(sip_msg_t *msg, str *user, struct identity *out)
{
	struct aeta_bytes none = {"", 0}, instance = instance_of(msg), id = none;
	struct aeta_bytes agent = {AETA_NO_USER_AGENT, sizeof(AETA_NO_USER_AGENT) - 1};
	struct sip_uri *to;

	out->user = user ? *user : aeta_user(msg);
	out->number = aeta_number_parse(out->user.s, (size_t)out->user.len);
	if (!out->number || parse_headers(msg, HDR_EOH_F, 0) < 0 || !msg->callid || !(to = parse_to_uri(msg)))
		return -1;
	out->domain = to->host;
	id = (struct aeta_bytes){msg->callid->body.s, (size_t)msg->callid->body.len};
	if (msg->user_agent && msg->user_agent->body.len > 0)
		agent = (struct aeta_bytes){msg->user_agent->body.s, (size_t)msg->user_agent->body.len};
	out->device = aeta_device(instance, id, agent);
	out->instance = instance.len ? aeta_device(instance, none, none) : 0;
	out->dialog = aeta_device(none, id, agent);
	return 0;
}

int aeta_device_check(sip_msg_t *msg, str *user)
{
	struct aeta_call *c;
	struct identity who;

	if (identify(msg, user, &who) < 0 || !(c = aeta_call_have()))
		return -1;
	c->device = who.device;
	switch (seen(who.number, who.device)) {
	case AETA_DEVICE_SAME:
	case AETA_DEVICE_FIRST:
		return 1;
	case AETA_DEVICE_CHANGED:
		LM_INFO("account=%.*s another device took it over\n", who.user.len, who.user.s);
		return 2;
	case AETA_DEVICE_RETURNED:
		LM_INFO("account=%.*s a former device took it back\n", who.user.len, who.user.s);
		return 3;
	case AETA_DEVICE_ALARM:
		break;
	}
	LM_WARN("account=%.*s duplicate use: two devices took turns with it three times within %u s (A6)\n", who.user.len,
			who.user.s, AETA_RETURNS_WINDOW);
	aeta_count(AETA_COUNT_DUPLICATE_USE);
	return 4;
}

bool aeta_device_is_last(sip_msg_t *msg, str *user)
{
	struct identity who;
	const struct entry *e;
	bool is;
	int lock;

	if (identify(msg, user, &who) < 0 || !(e = lock_known(who.number, &lock)))
		return false;
	is = e->history.current == who.device;
	lock_set_release(locks, lock);
	return is;
}

/* One that says its instance in both places is known by it; else by Call-ID and User-Agent: `Contact: *` has no instance. */
static bool same_device(const struct identity *who, const struct aeta_binding *b)
{
	if (who->instance && b->instance)
		return who->instance == b->instance;
	return who->dialog == b->dialog;
}

int aeta_owner_check(sip_msg_t *msg, str *user)
{
	struct aeta_binding b;
	struct aeta_call *c;
	struct identity who;

	if (identify(msg, user, &who) < 0 || !(c = aeta_call_have()))
		return -1;
	if (aeta_locate(&who.user, &who.domain, 0, &b) != 1)
		return 1;
	c->device = b.device;
	return same_device(&who, &b) ? 1 : -1;
}
