/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the causes in the history of an account mean, and what to do about them, from cause_list.h. */
#ifndef AETA_ADMIN_CAUSES_H
#define AETA_ADMIN_CAUSES_H

struct cause {
	const char *word;    /* in the column `cause` and in the parentheses of a SIP reason phrase */
	const char *means;   /* what happened, for a person */
	const char *advice;  /* what to do; "" where there is nothing to do */
	const char *command; /* of aetactl that does or shows it; "": none */
};

/* The row of a word, or NULL. */
const struct cause *cause_find(const char *word);

#endif
