/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Announcements: mailed to the technical contacts of all customers, or of one, and kept for their subscribers to read. */
#ifndef AETA_ADMIN_ANNOUNCEMENTS_H
#define AETA_ADMIN_ANNOUNCEMENTS_H

#include "scope.h"

#include <jansson.h>
#include <stddef.h>

struct db;

#define ANNOUNCEMENT_KINDS "evolution|event|intervention"
#define ANNOUNCEMENT_TEXT_MAX 12000 /* bytes */

struct announcement {
	const char *kind, *subject, *text;
	long long customer; /* 0: all */
	const char *mark;   /* of the form that it was written in, which counts once; NULL: none */
};

#define ANNOUNCEMENT_MARK_SIZE 33

/* A mark that nothing else has. 0 or -errno. */
int announcement_mark(char out[ANNOUNCEMENT_MARK_SIZE]);


/* What is wrong, as sentences; NULL: nothing. Pure. */
struct announcement_problems {
	const char *kind, *subject, *text;
	char room[2][160];
};
/* 0 or -EINVAL. */
int announcement_check(const struct announcement *a, struct announcement_problems *p);

/*
 * Whom it is mailed to: objects with email, name, customer. Each address is there once, also where it is a contact of many customers.
 * For BY_STAFF, as below; -ENOENT: there is no such customer.
 */
int announcement_recipients(struct db *db, const struct scope *s, long long customer, json_t **list);

/*
 * Keeps it, and puts a mail into the queue for each recipient, with a row of the audit, in one transaction. `id` gets its own, `mails` how
 * many mails. -EINVAL: announcement_check() says why. -EPERM: it would reach nobody. -EEXIST: its form was sent before.
 */
int announcement_send(struct db *db, const struct scope *s, const struct announcement *a, long long *id, size_t *mails);

#endif
