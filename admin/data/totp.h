/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The second factor: codes of six digits that change every 30 seconds (RFC 6238, SHA-1, as every authenticator app has it). */
#ifndef AETA_DATA_TOTP_H
#define AETA_DATA_TOTP_H

#include <stddef.h>
#include <time.h>

#define TOTP_SECRET_SIZE 33  /* 160 bits in base32, and NUL */
#define TOTP_URI_SIZE    256

/* A new secret. 0 or -errno. */
int totp_secret(char out[TOTP_SECRET_SIZE]);

/* What an authenticator app reads from a QR code: otpauth://… */
void totp_uri(const char *secret, const char *issuer, const char *login, char out[TOTP_URI_SIZE]);

/*
 * Which step of 30 s a code belongs to: that of `now`, the one before, or the next (clocks differ). 0: none of them, or the secret or
 * the code is malformed. Blanks in the code are skipped.
 */
unsigned long long totp_step(const char *secret, const char *code, time_t now);

#endif
