/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any texts, a NUL after each, as the values of a mail. Either they are refused, or the mail has each of our headers once and in our
 * order, no line that is too long or ends otherwise than with CR LF, and read again its subject and its text are the ones that were given.
 */
#include "mail/compose.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define VALUES 6

static void must(int condition)
{
	if (!condition)
		abort();
}

/* The next value, a copy; what is left over is the last one. */
static char *take(const uint8_t **data, size_t *size)
{
	size_t n = strnlen((const char *)*data, *size);
	char *value = strndup((const char *)*data, n);

	*data += n < *size ? n + 1 : n;
	*size -= n < *size ? n + 1 : n;
	return value;
}

static int digit(char c)
{
	must((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'));
	return c <= '9' ? c - '0' : c - 'A' + 10;
}

/* What =XX stands for. */
static char byte_of(const char *s)
{
	return (char)(digit(s[1]) << 4 | digit(s[2]));
}

/* The end of the header line that begins at `s`, with those that go on. */
static const char *end_of_header(const char *s)
{
	do {
		s = strstr(s, "\r\n");
		must(s != NULL);
		s += 2;
	} while (*s == ' ');
	return s;
}

/* The header as text again: encoded words, or as it is. `out` holds as much as the mail. */
static void decode_header(const char *s, const char *end, char *out)
{
	static const char begin[] = "=?UTF-8?Q?";

	if (strncmp(s, begin, strlen(begin)) != 0) {
		memcpy(out, s, (size_t)(end - 2 - s));
		out[end - 2 - s] = '\0';
		return;
	}
	while (s < end) {
		must(strncmp(s, begin, strlen(begin)) == 0);
		for (s += strlen(begin); *s != '?'; out++) {
			*out = *s == '_' ? ' ' : *s == '=' ? byte_of(s) : *s;
			s += *s == '=' ? 3 : 1;
		}
		must(strncmp(s, "?=\r\n", 4) == 0);
		s += 4;
		if (s < end)
			must(*s++ == ' ');
	}
	*out = '\0';
}

/* Lines end with LF, and the last one does, too. */
static void decode_body(const char *s, char *out)
{
	while (*s) {
		if (!strncmp(s, "=\r\n", 3)) {
			s += 3;
		} else if (*s == '=') {
			*out++ = byte_of(s);
			s += 3;
		} else if (!strncmp(s, "\r\n", 2)) {
			must(s[-1] != ' ' && s[-1] != '\t');
			*out++ = '\n';
			s += 2;
		} else {
			must((unsigned char)*s >= ' ' || *s == '\t');
			*out++ = *s++;
		}
	}
	*out = '\0';
}

/* The text that was given, likewise. */
static void normalise(const char *s, char *out)
{
	char last = '\n';

	for (; *s; s++) {
		if (*s == '\r')
			continue;
		last = *out++ = *s;
	}
	if (last != '\n')
		*out++ = '\n';
	*out = '\0';
}

static void check_lines(const char *s, size_t longest)
{
	for (const char *end; *s; s = end + 2) {
		end = strstr(s, "\r\n");
		must(end != NULL && (size_t)(end - s) <= longest);
		for (const char *c = s; c < end; c++)
			must(*c != '\r' && *c != '\n' && (unsigned char)*c < 0x80);
	}
}

static void check(const struct mail_message *m, const char *mail, size_t length)
{
	static const char *const headers[] = {"Date: ", "From: ", "To: ", "Reply-To: ", "Subject: ", "Message-ID: ", "Auto-Submitted: ",
			"MIME-Version: ", "Content-Type: ", "Content-Transfer-Encoding: "};
	char *got = malloc(length + 1), *want = malloc(strlen(m->body) + 2);
	const char *s = mail, *end;

	check_lines(mail, MAIL_ADDRESS_MAX + 20);
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		if (i == 3 && (!m->reply_to || !*m->reply_to))
			continue;
		must(strncmp(s, headers[i], strlen(headers[i])) == 0);
		end = end_of_header(s);
		if (i == 4) {
			decode_header(s + strlen(headers[i]), end, got);
			must(strcmp(got, m->subject) == 0);
		}
		s = end;
	}
	must(strncmp(s, "\r\n", 2) == 0);
	decode_body(s + 2, got);
	normalise(m->body, want);
	must(strcmp(got, want) == 0);
	free(got);
	free(want);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *values[VALUES], why[MAIL_WHY_SIZE] = "", *mail;
	struct mail_message m;
	size_t length;
	int rc;

	if (size > 2 * MAIL_BODY_MAX)
		return 0;
	for (size_t i = 0; i < VALUES; i++)
		values[i] = take(&data, &size);
	m = (struct mail_message){.from = {"noc@radio.example", values[0]}, .to = {values[1], values[2]}, .reply_to = values[3], .subject = values[4],
			.body = values[5], .message_id = "1@radio.example", .date = 1774663200};
	rc = mail_compose(&m, &mail, &length, why);
	must(rc == 0 ? mail && strlen(mail) == length : !mail && *why);
	if (rc == 0)
		check(&m, mail, length);
	free(mail);
	for (size_t i = 0; i < VALUES; i++)
		free(values[i]);
	return 0;
}
