/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secret.h"

#include <ctype.h>
#include <errno.h>
#include <nettle/md5.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <termios.h>
#include <unistd.h>

static const char alphabet[] = "abcdefghjkmnpqrstuvwxyz23456789";

#define ALPHABET (sizeof(alphabet) - 1)
#define FAIR     (256 / ALPHABET * ALPHABET) /* bytes from here on would favour the first letters */

int secret_generate(char out[SECRET_LENGTH + 1])
{
	uint8_t byte;
	size_t n = 0;

	while (n < SECRET_LENGTH) {
		if (getrandom(&byte, 1, 0) != 1)
			return -errno;
		if (byte < FAIR)
			out[n++] = alphabet[byte % ALPHABET];
	}
	out[n] = '\0';
	return 0;
}

static void to_hex(const uint8_t *bytes, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static void md5_text(struct md5_ctx *md5, const char *s)
{
	md5_update(md5, strlen(s), (const uint8_t *)s);
}

void secret_ha1(const char *number, const char *realm, const char *password, char ha1[SECRET_HA1_SIZE],
		char ha1b[SECRET_HA1_SIZE])
{
	const char *const parts[2][7] = {
			{number, ":", realm, ":", password}, {number, "@", realm, ":", realm, ":", password}};
	char *const out[2] = {ha1, ha1b};
	uint8_t digest[MD5_DIGEST_SIZE];
	struct md5_ctx md5;

	for (int i = 0; i < 2; i++) {
		md5_init(&md5);
		for (int p = 0; p < 7 && parts[i][p]; p++)
			md5_text(&md5, parts[i][p]);
		md5_digest(&md5, sizeof(digest), digest);
		to_hex(digest, sizeof(digest), out[i]);
	}
}

int secret_no_ha1(char out[SECRET_HA1_SIZE])
{
	uint8_t bytes[MD5_DIGEST_SIZE];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return -errno;
	to_hex(bytes, sizeof(bytes), out);
	return 0;
}

bool secret_is_ha1(char *s)
{
	if (strlen(s) != SECRET_HA1_SIZE - 1 || strspn(s, "0123456789abcdefABCDEF") != SECRET_HA1_SIZE - 1)
		return false;
	for (; *s; s++)
		*s = (char)tolower((unsigned char)*s);
	return true;
}

/* A byte from standard input; with `mask`, a signal that it lets through ends the waiting (-EINTR). */
static ssize_t read_byte(char *c, const sigset_t *mask)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	ssize_t n = mask ? ppoll(&in, 1, NULL, mask) : 1;

	if (n >= 0)
		n = read(STDIN_FILENO, c, 1);
	return n < 0 ? -errno : n;
}

/* Byte by byte, so that nothing is read ahead of a second line. */
static int read_line(char *out, size_t size, const sigset_t *mask)
{
	size_t len = 0;
	ssize_t n;
	char c;

	while ((n = read_byte(&c, mask)) == 1 && c != '\n') {
		if (len + 1 >= size)
			return -EMSGSIZE;
		if ((unsigned char)c < ' ' || c == 0x7f)
			return -EINVAL;
		out[len++] = c;
	}
	out[len] = '\0';
	if (n < 0)
		return (int)n;
	return n == 0 && len == 0 ? -ENODATA : 0;
}

bool secret_is_terminal(void)
{
	return isatty(STDIN_FILENO);
}

static void interrupted(int signal_number)
{
	(void)signal_number; /* ppoll() returns, the terminal is put right, the command refuses */
}

/* Without echo; Ctrl-C ends the reading, not the program, which could not give the echo back. */
static int read_terminal(const char *prompt, char *out, size_t size)
{
	const struct sigaction action = {.sa_handler = interrupted};
	struct sigaction sigint, sigterm;
	struct termios before, quiet;
	sigset_t both, mask;
	int rc;

	if (tcgetattr(STDIN_FILENO, &before) != 0)
		return -errno;
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	sigemptyset(&both);
	sigaddset(&both, SIGINT);
	sigaddset(&both, SIGTERM);
	sigprocmask(SIG_BLOCK, &both, &mask);
	sigaction(SIGINT, &action, &sigint);
	sigaction(SIGTERM, &action, &sigterm);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet); /* before the prompt: it throws away what was typed so far */
	fprintf(stderr, "%s: ", prompt);
	rc = read_line(out, size, &mask);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
	fputc('\n', stderr);
	sigaction(SIGINT, &sigint, NULL);
	sigaction(SIGTERM, &sigterm, NULL);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return rc;
}

int secret_read(const char *prompt, char *out, size_t size)
{
	return secret_is_terminal() ? read_terminal(prompt, out, size) : read_line(out, size, NULL);
}
