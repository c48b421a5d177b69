/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "settings.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TEXT(name, initial) {#name, offsetof(struct settings, text.name), initial}

static const struct config_key keys[] = {
		CONFIG_KEYS(struct settings, config., "aeta_web")
		TEXT(listen, "127.0.0.1:8080"),
		TEXT(tls_certificate, ""),
		TEXT(tls_key, ""),
		TEXT(behind_proxy, "no"),
		TEXT(origin, ""),
		TEXT(insecure_cookie, "no"),
		TEXT(monitor_from, "127.0.0.0/8, ::1"),
		TEXT(user, ""),
		TEXT(connections, "200"),
		TEXT(require_second_factor, "no"),
		TEXT(idle_minutes, "30"),
		TEXT(session_hours, "12"),
		TEXT(service_name, ""),
		TEXT(sip_addresses, ""),
		TEXT(sip_ports, "5060, 5070"),
		TEXT(stun_port, "3478"),
		TEXT(media_addresses, ""),
		TEXT(media_ports, "55004-55999"),
		TEXT(support_contact, ""),
};

__attribute__((format(printf, 3, 4))) static int wrong(char *error, size_t size, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(error, size, format, ap);
	va_end(ap);
	return -EINVAL;
}

/* ---- addresses ---- */

/* As IPv6; an IPv4 one as IPv6 carries it. */
static bool to_ipv6(const char *text, struct in6_addr *out)
{
	struct in_addr four;

	if (inet_pton(AF_INET6, text, out) == 1)
		return true;
	if (inet_pton(AF_INET, text, &four) != 1)
		return false;
	memset(out, 0, sizeof(*out));
	out->s6_addr[10] = out->s6_addr[11] = 0xff;
	memcpy(&out->s6_addr[12], &four, sizeof(four));
	return true;
}

/* "192.0.2.0/24", "::1". */
static bool take_net(const char *text, struct net *net)
{
	char address[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	unsigned most = memchr(text, ':', n) ? 128 : 32;
	char *end;

	if (n >= sizeof(address))
		return false;
	memcpy(address, text, n);
	address[n] = '\0';
	if (!to_ipv6(address, &net->address))
		return false;
	net->bits = slash ? (unsigned)strtoul(slash + 1, &end, 10) : most;
	if (slash && (end == slash + 1 || *end || net->bits > most))
		return false;
	net->bits += 128 - most;
	return true;
}

static bool contains(const struct net *net, const struct in6_addr *a)
{
	unsigned whole = net->bits / 8, rest = net->bits % 8;

	if (memcmp(net->address.s6_addr, a->s6_addr, whole) != 0)
		return false;
	return rest == 0 || ((net->address.s6_addr[whole] ^ a->s6_addr[whole]) >> (8 - rest)) == 0;
}

bool settings_is_monitor(const struct settings *s, const char *address)
{
	struct in6_addr a;

	if (!to_ipv6(address, &a))
		return false;
	for (unsigned i = 0; i < s->monitor_count; i++)
		if (contains(&s->monitors[i], &a))
			return true;
	return false;
}

static int take_monitors(struct settings *s, char *error, size_t size)
{
	char list[CONFIG_VALUE_MAX], *save = NULL;

	strcpy(list, s->text.monitor_from);
	for (char *one = strtok_r(list, ", \t", &save); one; one = strtok_r(NULL, ", \t", &save)) {
		if (s->monitor_count == NETS_MAX)
			return wrong(error, size, "monitor_from: at most %d ranges", NETS_MAX);
		if (!take_net(one, &s->monitors[s->monitor_count]))
			return wrong(error, size, "monitor_from: \"%s\" is no address and no range such as 192.0.2.0/24", one);
		s->monitor_count++;
	}
	return 0;
}

/* "127.0.0.1:8080", "[::1]:8080". */
static int take_listen(struct settings *s, char *error, size_t size)
{
	static const struct net here[2] = {
			{{{{[10] = 0xff, [11] = 0xff, [12] = 127}}}, 104}, {{{{[15] = 1}}}, 128}};
	struct sockaddr_in *four = (struct sockaddr_in *)&s->listen;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&s->listen;
	struct in6_addr a;
	char text[CONFIG_VALUE_MAX], *colon, *end, *host = text;
	unsigned long port;

	strcpy(text, s->text.listen);
	colon = strrchr(text, ':');
	port = colon ? strtoul(colon + 1, &end, 10) : 0;
	if (!colon || end == colon + 1 || *end || port > 65535)
		return wrong(error, size, "listen: \"%s\" is not ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080", s->text.listen);
	*colon = '\0';
	if (*host == '[' && colon[-1] == ']') {
		host++;
		colon[-1] = '\0';
	}
	if (inet_pton(AF_INET, host, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons((uint16_t)port);
		s->listen_length = sizeof(*four);
	} else if (inet_pton(AF_INET6, host, &six->sin6_addr) == 1) {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons((uint16_t)port);
		s->listen_length = sizeof(*six);
	} else {
		return wrong(error, size, "listen: \"%s\" is no IP address", host);
	}
	to_ipv6(host, &a);
	s->loopback = contains(&here[0], &a) || contains(&here[1], &a);
	return 0;
}

/* ---- the rest ---- */

static int take_switch(const char *key, const char *text, bool *out, char *error, size_t size)
{
	*out = strcmp(text, "yes") == 0;
	return *out || strcmp(text, "no") == 0 ? 0 : wrong(error, size, "%s: yes or no, not \"%s\"", key, text);
}

static int take_number(const char *key, const char *text, unsigned min, unsigned max, unsigned *out, char *error, size_t size)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (end == text || *end || n < min || n > max)
		return wrong(error, size, "%s: %u to %u, not \"%s\"", key, min, max, text);
	*out = (unsigned)n;
	return 0;
}

/* Passwords and sessions go over this socket: in clear on this machine only, or where a proxy has taken TLS off. */
static int check_safe(const struct settings *s, char *error, size_t size)
{
	if (!s->text.tls_certificate[0] != !s->text.tls_key[0])
		return wrong(error, size, "tls_certificate and tls_key belong together");
	if (!s->loopback && !s->tls && !s->behind_proxy)
		return wrong(error, size, "listen: %s can be reached from other machines, and passwords would cross the network in clear: give "
				"tls_certificate and tls_key, or listen on 127.0.0.1 behind a proxy that has TLS (behind_proxy = yes)", s->text.listen);
	if (s->insecure_cookie && (!s->loopback || s->tls || s->behind_proxy))
		return wrong(error, size, "insecure_cookie: for trials on this machine only, without TLS or a proxy");
	if (s->text.origin[0] && strncasecmp(s->text.origin, "https://", 8) != 0 && !s->insecure_cookie)
		return wrong(error, size, "origin: https://NAME, as browsers show it, not \"%s\"", s->text.origin);
	return 0;
}

int settings_read(struct settings *s, const char *path, char *error, size_t size)
{
	unsigned minutes = 0, hours = 0;
	int rc;

	memset(s, 0, sizeof(*s));
	rc = config_read_keys(s, keys, sizeof(keys) / sizeof(keys[0]), "aeta-admin", path, error, size);
	if (rc == 0)
		rc = take_listen(s, error, size);
	if (rc == 0)
		rc = take_monitors(s, error, size);
	if (rc == 0)
		rc = take_switch("behind_proxy", s->text.behind_proxy, &s->behind_proxy, error, size);
	if (rc == 0)
		rc = take_switch("insecure_cookie", s->text.insecure_cookie, &s->insecure_cookie, error, size);
	if (rc == 0)
		rc = take_switch("require_second_factor", s->text.require_second_factor, &s->require_factor, error, size);
	if (rc == 0)
		rc = take_number("connections", s->text.connections, 4, 5000, &s->connections, error, size);
	if (rc == 0)
		rc = take_number("idle_minutes", s->text.idle_minutes, 2, 1440, &minutes, error, size);
	if (rc == 0)
		rc = take_number("session_hours", s->text.session_hours, 1, 168, &hours, error, size);
	if (rc == 0)
		rc = mail_settings_take(&s->mail, &s->config, error, size);
	s->idle_s = minutes * 60;
	s->long_s = hours * 3600;
	s->tls = s->text.tls_certificate[0] != '\0';
	return rc ? rc : check_safe(s, error, size);
}
