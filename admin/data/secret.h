/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Passwords and what is stored of them. Secrets come from the kernel or standard input, never from a command line. */
#ifndef AETA_ADMIN_SECRET_H
#define AETA_ADMIN_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#define SECRET_LENGTH   12 /* characters of a generated password: 59 bits */
#define SECRET_MAX      64 /* characters of a typed one */
#define SECRET_HA1_SIZE 33 /* 32 hex digits and NUL */

/*
 * A password of SECRET_LENGTH characters, each of the 31 equally likely; no character that a codec's keypad lacks, or
 * that is read as another (0 o, 1 l i). Returns 0 or -errno.
 */
int secret_generate(char out[SECRET_LENGTH + 1]);

/* HA1 = MD5(number:realm:password), HA1B = MD5(number@realm:realm:password), lower-case hex. */
void secret_ha1(const char *number, const char *realm, const char *password, char ha1[SECRET_HA1_SIZE],
		char ha1b[SECRET_HA1_SIZE]);

/* An HA1B that no password matches, for accounts of which only the HA1 is known. Returns 0 or -errno. */
int secret_no_ha1(char out[SECRET_HA1_SIZE]);

/* True if `s` is 32 hex digits; lowers them. */
bool secret_is_ha1(char *s);

/*
 * Reads a line of at most `size` - 1 characters from standard input; at a terminal it asks with `prompt`, without echo.
 * Returns 0, -ENODATA at the end of input, -EMSGSIZE, -EINVAL for control characters, -EINTR for Ctrl-C.
 */
int secret_read(const char *prompt, char *out, size_t size);

/* True if secret_read() asks a person. */
bool secret_is_terminal(void);

#endif
