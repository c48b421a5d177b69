/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "settings.h"

#include "clock.h"

#include <errno.h>
#include <sys/random.h>

static int wrong(char *error, const char *option, const char *value, const char *why)
{
	snprintf(error, OPTIONS_ERROR_MAX, "--%s=%.100s: %s", option, value, why);
	return -EINVAL;
}

/* [NAME/]ADDRESS[!ADVERTISED] */
static int read_interface(struct relay_interface *to, const char *value, char *error)
{
	struct text rest = text_of(value), name = TEXT("default"), address;

	if (memchr(rest.s, '/', rest.n))
		name = text_until(&rest, '/');
	if (name.n == 0 || name.n >= sizeof(to->name))
		return wrong(error, "interface", value, "its name must have 1 to 31 characters");
	memcpy(to->name, name.s, name.n);
	address = text_until(&rest, '!');
	if (!address_parse(address, &to->address))
		return wrong(error, "interface", value, "an IP address is expected: [NAME/]ADDRESS[!ADVERTISED]");
	if (address_is_any(&to->address))
		return wrong(error, "interface", value, "media need one address, not all of them; repeat the option for several");
	if (rest.n == 0)
		return 0;
	if (!address_parse(rest, &to->advertised) || to->advertised.family != to->address.family || address_is_any(&to->advertised))
		return wrong(error, "interface", value, "an IP address of the same family is expected after the `!`");
	return 0;
}

static int read_interfaces(struct relay_config *c, const struct options *o, char *error)
{
	int rc = 0;

	if (o->interface.n == 0) {
		snprintf(error, OPTIONS_ERROR_MAX, "no --interface: say at which address media may be relayed, as in --interface=192.0.2.1");
		return -EINVAL;
	}
	if (o->interface.n > RELAY_INTERFACES_MAX)
		return wrong(error, "interface", o->interface.at[RELAY_INTERFACES_MAX], "that is more than 16 addresses");
	if (o->port_max - o->port_min < 1) {
		snprintf(error, OPTIONS_ERROR_MAX, "--port-max=%lld must be above --port-min=%lld", (long long)o->port_max,
			(long long)o->port_min);
		return -EINVAL;
	}
	for (unsigned i = 0; i < o->interface.n && !rc; i++) {
		struct relay_interface *to = &c->interfaces[i];

		rc = read_interface(to, o->interface.at[i], error);
		to->port_min = (uint16_t)o->port_min;
		to->port_max = (uint16_t)o->port_max;
		for (unsigned k = 0; k < i && !rc; k++)
			if (address_equal(&to->address, &c->interfaces[k].address))
				rc = wrong(error, "interface", o->interface.at[i], "this address was given before");
	}
	c->interface_count = o->interface.n;
	return rc;
}

static int read_listen(struct listen_list *to, const struct settings *s, const char *option, const struct option_list *from, char *error)
{
	for (unsigned i = 0; i < from->n; i++) {
		struct endpoint *e = &to->at[i];

		if (i == LISTEN_MAX)
			return wrong(error, option, from->at[i], "that is more than 16 addresses");
		if (!listen_parse(text_of(from->at[i]), e))
			return wrong(error, option, from->at[i], "[ADDRESS:]PORT is expected, an IPv6 address in [ ]");
		if (!address_is_loopback(&e->address) && s->allow_count == 0)
			return wrong(error, option, from->at[i], "others can reach this address, and whoever reaches it controls all calls; say "
				"who may: --ng-allow=ADDRESS[/LENGTH], or listen on 127.0.0.1");
		to->n++;
	}
	return 0;
}

static int read_allow(struct settings *s, const struct options *o, char *error)
{
	for (unsigned i = 0; i < o->ng_allow.n; i++, s->allow_count++)
		if (!network_parse(text_of(o->ng_allow.at[i]), &s->allow[i]))
			return wrong(error, "ng-allow", o->ng_allow.at[i], "ADDRESS[/LENGTH] is expected, with no bit set behind the length");
	return 0;
}

static void read_calls(struct relay_config *c, const struct options *o)
{
	c->max_sessions = o->max_sessions > 0 ? (unsigned)o->max_sessions : 0;
	c->timeout_s = (unsigned)o->timeout;
	c->silent_timeout_s = (unsigned)o->silent_timeout;
	c->final_timeout_s = (unsigned)o->final_timeout;
	c->offer_timeout_s = (unsigned)o->offer_timeout;
	c->delete_delay_s = (unsigned)o->delete_delay;
	c->tos = (int)o->tos;
	c->strict = o->strict_source;
	c->learn_outside = o->learn_outside;
	c->learn_mode = (uint8_t)o->endpoint_learning;
	c->software = "aeta-relay " AETA_VERSION;
	c->epoch_offset = clock_us(CLOCK_REALTIME) - clock_us(CLOCK_MONOTONIC);
}

int settings_make(struct settings *s, const struct options *o, char error[OPTIONS_ERROR_MAX])
{
	int rc;

	memset(s, 0, sizeof(*s));
	rc = read_interfaces(&s->relay, o, error);
	if (!rc)
		rc = read_allow(s, o, error);
	if (!rc)
		rc = read_listen(&s->ng, s, "listen-ng", &o->listen_ng, error);
	if (!rc)
		rc = read_listen(&s->tcp_ng, s, "listen-tcp-ng", &o->listen_tcp_ng, error);
	if (!rc)
		rc = read_listen(&s->http, s, "listen-http", &o->listen_http, error);
	if (!rc && s->ng.n + s->tcp_ng.n + s->http.n == 0) {
		snprintf(error, OPTIONS_ERROR_MAX, "nobody could control this relay: give --listen-ng, --listen-tcp-ng or --listen-http");
		rc = -EINVAL;
	}
	read_calls(&s->relay, o);
	if (!rc && (getrandom(s->relay.key, sizeof(s->relay.key), 0) != sizeof(s->relay.key) ||
			getrandom(&s->relay.first_pair, sizeof(s->relay.first_pair), 0) != sizeof(s->relay.first_pair))) {
		snprintf(error, OPTIONS_ERROR_MAX, "the system gives no random numbers: %m");
		rc = -EINVAL;
	}
	return rc;
}

bool settings_allow(const struct settings *s, const struct address *source)
{
	if (address_is_loopback(source))
		return true;
	for (unsigned i = 0; i < s->allow_count; i++)
		if (network_contains(&s->allow[i], source))
			return true;
	return false;
}

uint64_t settings_sockets(const struct settings *s)
{
	uint64_t ports = 0;

	for (unsigned i = 0; i < s->relay.interface_count; i++)
		ports += (uint64_t)s->relay.interfaces[i].port_max - s->relay.interfaces[i].port_min + 1;
	if (s->relay.max_sessions && (uint64_t)s->relay.max_sessions * 4 < ports)
		return (uint64_t)s->relay.max_sessions * 4; /* one stream each; more of them take from the rest */
	return ports;
}
