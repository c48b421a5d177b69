/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "passwords.h"

#include <errno.h>
#include <semaphore.h>
#include <sodium.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>
#include <threads.h>

#define PASSES    2
#define MEMORY    ((size_t)64 << 20)
#define AT_A_TIME 2 /* so many times MEMORY, whatever comes in */

static once_flag once = ONCE_FLAG_INIT;
static int ready = -ENOSYS;
static sem_t room;
static char nobody[PASSWORDS_HASH_SIZE]; /* of a password that nobody knows */
static atomic_ulong matched;

static void begin(void)
{
	ready = sodium_init() < 0 || sem_init(&room, 0, AT_A_TIME) != 0 ? -ENOSYS : 0;
}

static int hash_it(const char *password, char out[PASSWORDS_HASH_SIZE])
{
	int rc;

	call_once(&once, begin);
	if (ready != 0)
		return ready;
	while (sem_wait(&room) != 0)
		;
	rc = crypto_pwhash_str_alg(out, password, strlen(password), PASSES, MEMORY, crypto_pwhash_ALG_ARGON2ID13);
	sem_post(&room);
	return rc == 0 ? 0 : -ENOMEM;
}

int passwords_init(void)
{
	char random[33];

	_Static_assert(crypto_pwhash_STRBYTES <= PASSWORDS_HASH_SIZE, "libsodium's hashes fit");
	call_once(&once, begin);
	if (ready != 0)
		return ready;
	for (size_t i = 0; i + 1 < sizeof(random); i++)
		random[i] = (char)('a' + randombytes_uniform(26));
	random[sizeof(random) - 1] = '\0';
	return hash_it(random, nobody);
}

int passwords_hash(const char *password, char out[PASSWORDS_HASH_SIZE])
{
	return hash_it(password, out);
}

bool passwords_match(const char *hash, const char *password)
{
	bool same;

	call_once(&once, begin);
	if (ready != 0)
		return false;
	while (sem_wait(&room) != 0)
		;
	same = crypto_pwhash_str_verify(hash ? hash : nobody, password, strlen(password)) == 0;
	sem_post(&room);
	atomic_fetch_add(&matched, 1);
	return same && hash;
}

bool passwords_is_old(const char *hash)
{
	return crypto_pwhash_str_needs_rehash(hash, PASSES, MEMORY) == 1;
}

unsigned long passwords_matched(void)
{
	return atomic_load(&matched);
}

/* How many characters a UTF-8 text has: bytes that do not continue one. */
static size_t characters(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

/* One character over and over, or a row of the keyboard. */
static bool is_plain(const char *s)
{
	static const char *const rows[] = {"12345678901234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "qwertzuiop", "azertyuiop"};

	if (s[strspn(s, (char[]){s[0], '\0'})] == '\0')
		return true;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (const char *at = rows[i]; strlen(at) >= strlen(s); at++)
			if (strncasecmp(at, s, strlen(s)) == 0)
				return true;
	}
	return false;
}

const char *passwords_fault(const char *password, const char *name)
{
	if (characters(password) < PASSWORDS_MIN)
		return "a password has at least 10 characters";
	if (strlen(password) > PASSWORDS_MAX)
		return "a password has at most 128 bytes";
	if (*name && strncasecmp(password, name, strlen(name)) == 0)
		return "a password does not begin with the login";
	if (is_plain(password))
		return "this password is the first that anybody tries";
	for (const char *s = password; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return "a password has no control characters";
	return NULL;
}
