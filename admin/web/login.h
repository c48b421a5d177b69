/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pages about passwords share. */
#ifndef AETA_WEB_LOGIN_H
#define AETA_WEB_LOGIN_H

#include "data/logins.h"
#include "web.h"

/* What a try to log in is made of. */
struct login_try login_of(const struct request *r, const char *name, const char *password);

/* Counts what came of a try, and writes it to the log (never what was typed). Returns `rc`. */
int login_note(struct request *r, const char *kind, const char *who, int rc);

/* The sentence for -EACCES and -EBUSY. */
void login_sentence(int rc, unsigned wait_s, char out[160]);

/* The same where whoever is logged in was asked for a password again: `which`, such as "your own password". */
void login_confirm_sentence(int rc, unsigned wait_s, const char *which, char out[160]);

/* "a password has ...", as functions of the data layer say what is wrong, as a sentence. */
void login_fault(const char *words, char out[160]);

/* The page with a login and the password that was made for it, which nobody sees again; `pages`: where it logs in, or NULL. As respond_page(). */
struct view;
int login_sheet(struct request *r, const char *title, const struct view *v, const char *login, const char *password, const char *pages);

/* A checkbox of a form, that sends 1. */
void login_switch(struct html *h, const char *name, const char *label, const char *help, bool on);

#endif
