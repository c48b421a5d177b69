/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What it needs of the system: the tables in the kernel, the programs at the interfaces of the media addresses, news of routes. */
#include "offload_entry.h"

#include "clock.h"
#include "log.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- interfaces ---- */

static bool same_address(const struct sockaddr *a, const struct address *b)
{
	if (!a || (a->sa_family != AF_INET && a->sa_family != AF_INET6))
		return false;
	if (a->sa_family == AF_INET)
		return b->family == 4 && memcmp(&((const struct sockaddr_in *)(const void *)a)->sin_addr, b->bytes, 4) == 0;
	return b->family == 6 && memcmp(&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr, b->bytes, 16) == 0;
}

static bool is_media_address(const struct relay_config *c, const struct sockaddr *a)
{
	for (unsigned i = 0; i < c->interface_count; i++)
		if (same_address(a, &c->interfaces[i].address))
			return true;
	return false;
}

static bool has_media(const struct relay_config *c, const struct ifaddrs *a)
{
	return !(a->ifa_flags & IFF_LOOPBACK) && is_media_address(c, a->ifa_addr);
}

static bool sweep_filters(const struct relay_config *c)
{
	struct ifaddrs *all;
	bool found = false;

	if (getifaddrs(&all) != 0)
		return false;
	for (const struct ifaddrs *a = all; a; a = a->ifa_next)
		if (has_media(c, a) && flow_set_sweep(if_nametoindex(a->ifa_name), c->interfaces[0].port_min))
			found = true;
	freeifaddrs(all);
	return found;
}

void offload_say_news(struct offload *o, uint64_t now)
{
	struct flow_news news;
	char name[IF_NAMESIZE];

	while (flow_set_prove(o->set, now, &news))
		log_say(news.path == FLOW_PATH_OFF ? LOG_NOTICE : LOG_INFO, "what comes in by %s is forwarded %s",
			if_indextoname(news.ifindex, name) ? name : "an interface that is gone", news.text);
}

/* The interfaces that have the media addresses; loopback's packets never left this machine, and go the usual way. */
static int attach_all(struct offload *o, const struct relay_config *c, enum flow_path wanted, char *error)
{
	struct ifaddrs *all;
	bool any = false;

	if (getifaddrs(&all) != 0) {
		snprintf(error, FLOW_SET_ERROR_MAX, "no list of interfaces: %s", strerror(errno));
		return -errno;
	}
	for (const struct ifaddrs *a = all; a; a = a->ifa_next)
		if (has_media(c, a) && flow_set_attach(o->set, if_nametoindex(a->ifa_name), wanted))
			any = true;
	freeifaddrs(all);
	flow_set_settle(o->set);
	flow_set_await(o->set);
	offload_say_news(o, clock_now());
	if (any)
		return 0;
	snprintf(error, FLOW_SET_ERROR_MAX, "no interface of a media address takes the program");
	return -EOPNOTSUPP;
}

/* ---- start and end ---- */

int offload_sweep(const struct relay_config *c, const struct flow_pins_place *place)
{
	char error[FLOW_PINS_ERROR_MAX];
	int rc = -ENOENT;
	struct flow_pins *pins = place->directory ? flow_pins_open(place, &rc, error) : NULL;

	if (rc == -EBUSY)
		return rc;
	if (!pins)
		return sweep_filters(c);
	flow_pins_remove(pins);
	flow_set_sweep_all(c->interfaces[0].port_min);
	flow_pins_close(pins);
	return 1;
}

static void on_ways_changed(void *context)
{
	((struct offload *)context)->ways_changed = true;
}

/*
 * Without them nothing is missing but a restart that nobody notices; `missing` says why then. False: another relay would lose its filters
 * to this one.
 */
static bool open_pins(struct offload *o, const struct offload_options *options, char missing[FLOW_PINS_ERROR_MAX], char *error)
{
	int rc;

	missing[0] = '\0';
	if (!options->pins.directory)
		return true;
	o->pins = flow_pins_open(&options->pins, &rc, missing);
	if (!o->pins && rc == -EBUSY)
		snprintf(error, FLOW_SET_ERROR_MAX, "%s", missing);
	return o->pins || rc != -EBUSY;
}

static void say_start(enum flow_set_start start, const char *error)
{
	if (start == FLOW_SET_TAKEN)
		log_say(LOG_INFO, "the tables in the kernel are those of the relay before");
	if (start == FLOW_SET_REFUSED)
		log_say(LOG_WARNING, "the tables of the relay before in the kernel were taken away: %s", error);
}

static int make_set(struct offload *o, const struct relay_config *c, char *error)
{
	struct flow_range ranges[RELAY_INTERFACES_MAX];
	enum flow_set_start start;

	for (unsigned i = 0; i < c->interface_count; i++)
		ranges[i] = (struct flow_range){c->interfaces[i].address, c->interfaces[i].port_min, c->interfaces[i].port_max};
	o->set = flow_set_new(ranges, c->interface_count, o->pins, &start, error);
	if (!o->set)
		return -EOPNOTSUPP;
	say_start(start, error);
	o->inherited = start == FLOW_SET_TAKEN;
	flow_set_beat(o->set, clock_now(), o->outlive_s);
	o->left = left_new(o->set, &o->generation);
	return o->left ? 0 : -ENOMEM;
}

struct offload *offload_new(const struct relay_config *c, const struct offload_options *options, char error[FLOW_SET_ERROR_MAX])
{
	struct offload *o = calloc(1, sizeof(*o));
	char missing[FLOW_PINS_ERROR_MAX];
	int rc;

	snprintf(error, FLOW_SET_ERROR_MAX, "no memory");
	if (!o)
		return NULL;
	o->outlive_s = options->outlive_s;
	o->grace_s = options->grace_s;
	if (!open_pins(o, options, missing, error) || make_set(o, c, error) != 0)
		goto failed;
	if (missing[0])
		log_say(LOG_NOTICE, "streams in the kernel will not outlive this relay: %s", missing);
	o->entries = calloc(flow_set_ports(o->set), sizeof(*o->entries));
	o->installed = calloc(flow_set_ports(o->set), sizeof(*o->installed));
	o->hops = next_hops_new(on_ways_changed, o, &rc);
	if (!o->hops)
		snprintf(error, FLOW_SET_ERROR_MAX, "no news of routes: %s", strerror(-rc));
	if (o->entries && o->installed && o->hops && attach_all(o, c, options->path, error) == 0)
		return o;
failed:
	offload_free(o, false);
	return NULL;
}

void offload_free(struct offload *o, bool keep)
{
	if (!o)
		return;
	flow_set_free(o->set, keep && (o->relay || o->inherited)); /* else no stream ever came of it */
	flow_pins_close(o->pins);
	left_free(o->left);
	next_hops_free(o->hops);
	free(o->entries);
	free(o->installed);
	free(o);
}
