/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Passwords of the web administration: argon2id by libsodium, about 50 ms and 64 MiB each, two at a time in one process. */
#ifndef AETA_DATA_PASSWORDS_H
#define AETA_DATA_PASSWORDS_H

#include <stdbool.h>

#define PASSWORDS_HASH_SIZE 128 /* bytes of a stored one, NUL included */
#define PASSWORDS_MIN       10  /* characters that a new one has at least, */
#define PASSWORDS_MAX       128 /* and bytes at most */

/* To be called once before passwords_match(), and before threads are made; who only hashes needs it not. 0, or -ENOSYS, -ENOMEM. */
int passwords_init(void);

/* What is stored of a password. 0, or -ENOMEM. */
int passwords_hash(const char *password, char out[PASSWORDS_HASH_SIZE]);

/*
 * Is it this one? `hash` NULL stands for somebody who does not exist: false, after the same work, so that the time of an answer
 * does not tell who does.
 */
bool passwords_match(const char *hash, const char *password);

/* Was it made with other costs than those of passwords_hash() now? What is no hash is not. */
bool passwords_is_old(const char *hash);

/* Why this cannot be somebody's new password, a sentence; NULL: it can. `name`: the login, which it must not be or begin with. */
const char *passwords_fault(const char *password, const char *name);

/* How often passwords_match() has worked since the start: each try to log in counts once, whoever it names. */
unsigned long passwords_matched(void);

#endif
