/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIP traces of single numbers (table sip_trace), whose messages are without their secrets. */
#ifndef AETA_ADMIN_TRACES_H
#define AETA_ADMIN_TRACES_H

#include "scope.h"

#include <jansson.h>

#include <stdbool.h>
#include <stddef.h>
#include <sys/time.h>

struct db;
struct db_rows;

/* One message. Texts and bytes are the list's own; addresses are proto:host:port, an IPv6 host in brackets. */
struct trace_message {
	struct timeval at;
	const char *from, *to, *callid, *method;
	const unsigned char *bytes;
	size_t len;
	bool out; /* from the service to an agent */
};

struct traces {
	struct trace_message *messages; /* in the order of time; traces_free() */
	size_t count;
	long long last;      /* highest id, or `after` */
	struct db_rows *rows; /* private: what the texts are in */
};

/*
 * What is stored of `number` with ids above `after`, in the order of time; `full`: with the messages, else only their first lines. Support
 * and administrators; -ENOENT for others, else as db_query(). traces_free() when done, also after an error.
 */
int traces_read(struct db *db, const struct scope *s, const char *number, long long after, bool full, struct traces *out);
void traces_free(struct traces *t);

int traces_last(struct db *db, const struct scope *s, long long *id); /* the highest id of all */

/* {number, messages, first, last} of each number; the caller's to decref, empty after an error. */
int traces_list(struct db *db, const struct scope *s, json_t **list);

#endif
