/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration files of aetactl and aeta-admin: lines "key = value", "#" begins a comment line. They hold a password. */
#ifndef AETA_ADMIN_CONFIG_H
#define AETA_ADMIN_CONFIG_H

#include <stddef.h>

#define CONFIG_DEFAULT   "/etc/aeta/aetactl.conf"
#define CONFIG_VALUE_MAX 256

struct config {
	char db_socket[CONFIG_VALUE_MAX]; /* empty: db_host */
	char db_host[CONFIG_VALUE_MAX];
	char db_port[CONFIG_VALUE_MAX]; /* empty: the client's default */
	char db_name[CONFIG_VALUE_MAX];
	char db_user[CONFIG_VALUE_MAX];
	char db_password[CONFIG_VALUE_MAX];
	char realm[CONFIG_VALUE_MAX];
	char rpc_socket[CONFIG_VALUE_MAX]; /* Kamailio's JSON-RPC datagram socket; empty: Kamailio is never asked */
	char test_codec[CONFIG_VALUE_MAX]; /* its number (B9) */
	/* The mail server; what they mean, and what is right: mail/settings.h. */
	char smtp_url[CONFIG_VALUE_MAX], smtp_user[CONFIG_VALUE_MAX], smtp_password[CONFIG_VALUE_MAX], smtp_tls[CONFIG_VALUE_MAX];
	char smtp_ca[CONFIG_VALUE_MAX], smtp_timeout_s[CONFIG_VALUE_MAX], mail_from[CONFIG_VALUE_MAX], mail_reply_to[CONFIG_VALUE_MAX];
};

/*
 * Reads `path` over the defaults. Returns 0, or -errno with a sentence in `error`: -EACCES for a file that others than
 * its owner and group can touch, -EINVAL for a line that is none (the sentence names it).
 */
int config_read(struct config *c, const char *path, char *error, size_t size);

/* A key of another program's file: where its value goes, CONFIG_VALUE_MAX bytes, and what it is at first. */
struct config_key {
	const char *key;
	size_t offset;
	const char *initial;
};

/* Rows for those of struct config, which is the member `within` ("config.") of a struct. */
#define CONFIG_KEYS(of, within, user) \
	{"db_socket", offsetof(of, within db_socket), ""}, {"db_host", offsetof(of, within db_host), ""}, \
			{"db_port", offsetof(of, within db_port), ""}, {"db_name", offsetof(of, within db_name), "aeta"}, \
			{"db_user", offsetof(of, within db_user), user}, {"db_password", offsetof(of, within db_password), ""}, \
			{"realm", offsetof(of, within realm), "aeta"}, {"rpc_socket", offsetof(of, within rpc_socket), ""}, \
			{"test_codec", offsetof(of, within test_codec), "15000"}, {"smtp_url", offsetof(of, within smtp_url), ""}, \
			{"smtp_user", offsetof(of, within smtp_user), ""}, {"smtp_password", offsetof(of, within smtp_password), ""}, \
			{"smtp_tls", offsetof(of, within smtp_tls), "yes"}, {"smtp_ca", offsetof(of, within smtp_ca), ""}, \
			{"smtp_timeout_s", offsetof(of, within smtp_timeout_s), "60"}, {"mail_from", offsetof(of, within mail_from), ""}, \
			{"mail_reply_to", offsetof(of, within mail_reply_to), ""},

/* The same for the keys of another program; `program` is named in sentences. */
int config_read_keys(void *base, const struct config_key *keys, size_t count, const char *program, const char *path, char *error,
		size_t size);

#endif
