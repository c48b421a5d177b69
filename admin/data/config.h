/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration file of aetactl: lines "key = value", "#" begins a comment line. It holds a password. */
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
};

/*
 * Reads `path` over the defaults. Returns 0, or -errno with a sentence in `error`: -EACCES for a file that others than
 * its owner and group can touch, -EINVAL for a line that is none (the sentence names it).
 */
int config_read(struct config *c, const char *path, char *error, size_t size);

#endif
