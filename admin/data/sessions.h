/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Web sessions, in the database: they outlive a restart of the server, and a switch to the other one. What the browser holds is a
 * token of 256 random bits; stored is its SHA-256, so who reads the database cannot use it.
 */
#ifndef AETA_DATA_SESSIONS_H
#define AETA_DATA_SESSIONS_H

#include <stdbool.h>

struct db;
struct scope;

#define SESSION_TOKEN_SIZE 44 /* 43 characters of base64url, and NUL */
#define SESSION_WHO_SIZE   65 /* a login or a number, and NUL */

enum role { ROLE_NONE, ROLE_VIEWER, ROLE_SUPPORT, ROLE_ADMIN };

/* Whose sessions there are. */
enum session_kind {
	SESSION_OPERATOR, /* has a role */
	SESSION_CONTACT,  /* a technical contact, of a customer */
	SESSION_ACCOUNT   /* the login of one number */
};

struct session {
	unsigned long long id;
	enum session_kind kind;
	long long person;   /* aeta_operator.id, aeta_contact.id; 0: an account's */
	long long customer; /* a contact's: aeta_customer.id */
	enum role role;     /* ROLE_NONE: no operator's */
	char who[SESSION_WHO_SIZE];
	bool whole;    /* false: the second factor is still to come */
	bool has_totp; /* there is one: never with an account */
	char csrf[SESSION_TOKEN_SIZE]; /* what a form must bring back; follows from the token, and does not tell it */
};

struct session_limits {
	unsigned idle_s; /* without a request, */
	unsigned long_s; /* and at all: then it ends */
	bool watching; /* a page looks again by itself: that is nobody's doing, and does not prolong the session */
};

/* Where a request comes from, for the list of sessions. Longer texts are cut. */
struct session_place {
	const char *address;
	const char *user_agent;
};

/*
 * What has let somebody in. To compare takes its time, in which a password may be changed and the sessions with the old one end: so a
 * session begins only where it still holds, in one statement with that.
 */
struct session_proof {
	const char *hash;        /* as stored, of the password that was right; */
	unsigned long long half; /* or else the session whose second factor has come */
};

/*
 * Begins one for s->person of that kind, or for the account s->who; s->whole as it is. The token is for the browser, and kept nowhere
 * else. 0; -EACCES: the proof holds no longer; or as db_exec().
 */
int session_begin(struct db *db, struct session *s, const struct session_proof *proof, const struct session_place *at,
		const struct session_limits *l, char token[SESSION_TOKEN_SIZE]);

/*
 * The session of a token, and notes that it was used. Everything about the person is read anew: whoever was disabled, or lost the
 * self-management, is out, and so is the contact of a customer without an active account (sql/0024). 0; -ENOENT: none, or over; or as db_query().
 */
int session_find(struct db *db, const char *token, const struct session_limits *l, struct session *s);

/* The CSRF token of a session token. */
void session_csrf(const char *token, char out[SESSION_TOKEN_SIZE]);

int session_end(struct db *db, unsigned long long id); /* as db_exec(); 0 also where it is gone */

/* All sessions of that operator or contact, or else of that account, but one (0: all). As db_exec(). */
int session_end_others(struct db *db, enum session_kind kind, long long person, const char *account, unsigned long long keep);

/*
 * What a person does with sessions of its own: ends `mine`, or all others. The audit notes it, but not of a login whose second factor had not
 * come yet: that was nobody. As db_exec(); 0 also where there is none (any more), which is not noted.
 */
int session_logout(struct db *db, const struct scope *s, const struct session *mine);
int session_logout_elsewhere(struct db *db, const struct scope *s, const struct session *mine);

/* Takes out sessions that are over, at most 500. As db_exec(). */
int session_tidy(struct db *db, const struct session_limits *l);

enum role role_of(const char *word);    /* ROLE_NONE: no such role */
const char *role_word(enum role role); /* "viewer"; "" for ROLE_NONE */

#endif
