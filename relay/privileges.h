/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dropping root (F4). What is left has no capability, and cannot gain one. */
#ifndef RELAY_PRIVILEGES_H
#define RELAY_PRIVILEGES_H

#include "options.h"

#include <sys/types.h>

struct identity {
	bool change; /* false: stay who we are */
	char name[64];
	uid_t user;
	gid_t group;
};

/* Whom to become: NAME[:GROUP] or NULL, see --user. 0, or -EINVAL with the reason in `error`. */
int privileges_find(struct identity *who, const char *said, char error[OPTIONS_ERROR_MAX]);
/*
 * Becomes that, and gives up all capabilities, also as root; to be called before any thread is made. Where `plain`, a system that does
 * not know a call is no error. What it runs with then is one line in the log.
 */
int privileges_drop(const struct identity *who, bool plain, bool offload, char error[OPTIONS_ERROR_MAX]);

#endif
