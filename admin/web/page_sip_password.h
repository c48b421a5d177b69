/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The form for a new SIP password of an account, on the page of the account's own login and on that of its customer's contact. */
#ifndef AETA_WEB_PAGE_SIP_PASSWORD_H
#define AETA_WEB_PAGE_SIP_PASSWORD_H

#include "layout.h"
#include "web.h"

#include "data/secret.h"

/* What a form was answered: over the page, or at the field that was wrong. All zeros: nothing was sent yet. */
struct form_said {
	unsigned status; /* of the answer */
	enum message_kind kind;
	const char *sentence;        /* NULL: none */
	const char *field, *fault;   /* what is wrong there, a sentence; NULL: nothing */
	char made[SECRET_LENGTH + 1]; /* a SIP password that is shown this once; to be wiped by whoever made the struct */
	bool typed;                  /* the choice was to type the SIP password */
	char room[160];              /* for `fault` */
};

/* The message, and the password that was made. */
void form_said_show(struct html *h, const struct form_said *said);
/* A field, with what is wrong at it. */
void form_said_input(struct html *h, const struct form_said *said, const char *name, const char *label, const char *type,
		const char *complete, const char *value);
/* Nothing was changed: `fault` is wrong at `field`. */
void form_said_refuse(struct form_said *said, unsigned status, const char *field, const char *fault);

/* Parameters of a route that takes the form. */
#define SIP_PASSWORD_FIELDS {"how", FIELD_LINE, 16}, {"new", FIELD_SECRET, TYPED_MAX}, {"again", FIELD_SECRET, TYPED_MAX}, {"mark", FIELD_NUMBER, 20}

/* Whether the agent follows the last change, and the form, which is sent to `path`. 0 or -errno of the data layer. */
int sip_password_show(struct request *r, const struct page *page, const char *number, const char *path, const struct form_said *said);
/* What was sent: sets the password, or says in `said` what is wrong. 0, or -errno of the data layer. */
int sip_password_post(struct request *r, const char *number, struct form_said *said);

#endif
