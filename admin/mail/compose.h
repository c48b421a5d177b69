/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A mail as bytes for a mail server: RFC 5322 and MIME (RFC 2045, 2047). Pure: no clock, no input or output.
 *
 * No value ever gets out of its line: one with a line end or another control character is refused, and text that is not plain
 * ASCII is encoded. Every line is at most 76 characters and ends with CR LF, unless an address alone is longer.
 */
#ifndef AETA_MAIL_COMPOSE_H
#define AETA_MAIL_COMPOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define MAIL_ADDRESS_MAX 190    /* bytes */
#define MAIL_NAME_MAX    512    /* bytes: 128 characters, as the columns */
#define MAIL_SUBJECT_MAX 600    /* bytes: 150 characters */
#define MAIL_BODY_MAX    262144 /* bytes */
#define MAIL_WHY_SIZE    160

struct mail_address {
	const char *address; /* "noc@radio.example" */
	const char *name;    /* UTF-8; NULL or empty: none */
};

/* UTF-8 throughout. What is added here later (attachments) is zero for whoever does not know it. */
struct mail_message {
	struct mail_address from, to;
	const char *reply_to;   /* an address; NULL or empty: none */
	const char *subject;    /* not empty */
	const char *body;       /* text; its lines end with LF or CR LF */
	const char *message_id; /* without < >; "left@right" */
	time_t date;
};

/* One address of ASCII as it may stand between < and >: something, one "@", something; no blanks, quotes or comments. */
bool mail_is_address(const char *s);

/*
 * `*out` is the caller's to free(), `*length` its bytes; it also ends with a NUL. Returns 0, -ENOMEM, or -EINVAL with what is wrong with
 * which value in `why`.
 */
int mail_compose(const struct mail_message *m, char **out, size_t *length, char why[MAIL_WHY_SIZE]);

#endif
