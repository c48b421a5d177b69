/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "totp.h"

#include <ctype.h>
#include <errno.h>
#include <liboath/oath.h>
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_S       30
#define DIGITS       6
#define SECRET_BYTES 20

static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

int totp_secret(char out[TOTP_SECRET_SIZE])
{
	uint8_t bytes[TOTP_SECRET_SIZE - 1]; /* 5 bits of each: as many as SECRET_BYTES hold */

	_Static_assert(SECRET_BYTES * 8 == (TOTP_SECRET_SIZE - 1) * 5, "no padding");
	randombytes_buf(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		out[i] = base32[bytes[i] & 31];
	out[TOTP_SECRET_SIZE - 1] = '\0';
	explicit_bzero(bytes, sizeof(bytes));
	return 0;
}

/* Percent-encodes what is not a letter, a digit or one of -._~ (RFC 3986). Stops where there is no room. */
static size_t add_encoded(char *out, size_t at, size_t size, const char *s)
{
	for (; *s && at + 4 < size; s++) {
		if (isalnum((unsigned char)*s) || strchr("-._~", *s))
			out[at++] = *s;
		else
			at += (size_t)snprintf(out + at, size - at, "%%%02X", (unsigned char)*s);
	}
	out[at] = '\0';
	return at;
}

void totp_uri(const char *secret, const char *issuer, const char *login, char out[TOTP_URI_SIZE])
{
	size_t n = (size_t)snprintf(out, TOTP_URI_SIZE, "otpauth://totp/");

	n = add_encoded(out, n, 80, issuer);
	n += (size_t)snprintf(out + n, TOTP_URI_SIZE - n, ":");
	n = add_encoded(out, n, 150, login);
	n += (size_t)snprintf(out + n, TOTP_URI_SIZE - n, "?secret=%s&issuer=", secret);
	add_encoded(out, n, TOTP_URI_SIZE, issuer);
}

/* The six digits among blanks; false: it is something else. */
static int digits_of(const char *code, char out[DIGITS + 1])
{
	size_t n = 0;

	for (; *code; code++) {
		if (*code == ' ')
			continue;
		if (!isdigit((unsigned char)*code) || n == DIGITS)
			return -EINVAL;
		out[n++] = *code;
	}
	out[n] = '\0';
	return n == DIGITS ? 0 : -EINVAL;
}

unsigned long long totp_step(const char *secret, const char *code, time_t now)
{
	unsigned long long current = (unsigned long long)now / STEP_S, found = 0;
	char given[DIGITS + 1], expected[DIGITS + 1], *key;
	size_t length;

	if (digits_of(code, given) != 0 || oath_base32_decode(secret, strlen(secret), &key, &length) != OATH_OK)
		return 0;
	for (unsigned long long step = current - 1; step <= current + 1; step++) {
		if (oath_hotp_generate(key, length, step, DIGITS, false, OATH_HOTP_DYNAMIC_TRUNCATION, expected) == OATH_OK &&
				sodium_memcmp(given, expected, DIGITS) == 0)
			found = step;
	}
	explicit_bzero(key, length);
	free(key);
	return found;
}
