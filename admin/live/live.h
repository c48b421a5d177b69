/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is going on in the running service, as Kamailio and the relays tell it. No SQL, no HTML and no printing here: functions that
 * return structures. Whatever they do not say, or say in another shape than expected, is unknown (-1, an empty text, json null),
 * never a guess.
 *
 * Every function that asks Kamailio returns 0 or, with a sentence in live->error:
 *      -EHOSTUNREACH  no socket is configured, nobody listens there, or no answer in 10 s
 *      -EPERM         Kamailio answered with a fault; the sentence is Kamailio's
 *      -EINVAL        the answer is none, or not of the shape that was expected
 * and what else is said with it. Texts in structures are cut where they are longer; they are ASCII, and may hold whatever an agent
 * has sent otherwise: to be escaped where they are shown.
 */
#ifndef AETA_ADMIN_LIVE_H
#define AETA_ADMIN_LIVE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define LIVE_UNKNOWN (-1L)

struct live {
	const char *socket; /* path of Kamailio's JSON-RPC datagram socket; "" = none is configured */
	char error[512];    /* of the last function that failed */
	bool gone;          /* -EHOSTUNREACH was returned: whatever is asked later fails so at once, nobody waits twice */
};

/* Asks Kamailio; takes over `params`. `*answer` is the caller's to decref, NULL after an error. */
int live_ask(struct live *l, const char *method, json_t *params, json_t **answer);

/* Says that an answer was not understood; returns -EINVAL. */
int live_not_understood(struct live *l, const char *method);

/* ---- reading an answer ---- */

/* A member that is text, copied; false, and "" in `out`, where there is none. Kamailio's "[not set]" is none. */
bool live_text(const json_t *object, const char *key, char *out, size_t size);

/* A member that is an integer, or digits as text; LIVE_UNKNOWN where it is neither, or does not fit. */
long live_number(const json_t *object, const char *key);

#endif
