/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration of aeta-admin: its file, as aetactl's, with more keys. See README.md for what each means. */
#ifndef AETA_WEB_SETTINGS_H
#define AETA_WEB_SETTINGS_H

#include "data/config.h"
#include "mail/settings.h"

#include <netinet/in.h>
#include <stdbool.h>

#define SETTINGS_DEFAULT "/etc/aeta/aeta-admin.conf"
#define NETS_MAX         16

/* An address range; IPv4 as IPv6 carries it. */
struct net {
	struct in6_addr address;
	unsigned bits;
};

struct settings_text { /* as they are in the file */
	char listen[CONFIG_VALUE_MAX], tls_certificate[CONFIG_VALUE_MAX], tls_key[CONFIG_VALUE_MAX];
	char behind_proxy[CONFIG_VALUE_MAX], origin[CONFIG_VALUE_MAX], insecure_cookie[CONFIG_VALUE_MAX];
	char monitor_from[CONFIG_VALUE_MAX], user[CONFIG_VALUE_MAX], connections[CONFIG_VALUE_MAX];
	char idle_minutes[CONFIG_VALUE_MAX], session_hours[CONFIG_VALUE_MAX];
	char service_name[CONFIG_VALUE_MAX], sip_addresses[CONFIG_VALUE_MAX], sip_ports[CONFIG_VALUE_MAX];
	char stun_port[CONFIG_VALUE_MAX], media_addresses[CONFIG_VALUE_MAX], media_ports[CONFIG_VALUE_MAX];
	char support_contact[CONFIG_VALUE_MAX], require_second_factor[CONFIG_VALUE_MAX];
};

struct settings {
	struct config config; /* database, realm, Kamailio */
	struct settings_text text;
	struct mail_settings mail;
	struct sockaddr_storage listen;
	socklen_t listen_length;
	bool tls, behind_proxy, insecure_cookie, require_factor, loopback;
	unsigned connections, idle_s, long_s;
	struct net monitors[NETS_MAX];
	unsigned monitor_count;
};

/*
 * Reads `path`. 0, or -errno with a sentence in `error`: what is wrong in the file, or that what it wants is not safe (an address that
 * others reach, without TLS and without a proxy that has it).
 */
int settings_read(struct settings *s, const char *path, char *error, size_t size);

/* An address as text (IPv4 also as IPv6 carries it): is it in one of the ranges that may ask for /metrics and /health? */
bool settings_is_monitor(const struct settings *s, const char *address);

#endif
