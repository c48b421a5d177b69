/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "settings.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MAX_S 240 /* less than half the lease of a mail: see sender.c */

__attribute__((format(printf, 3, 4))) static int wrong(char *error, size_t size, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(error, size, format, ap);
	va_end(ap);
	return -EINVAL;
}

/* The host of the URL into `host`; false: it is no URL of a mail server. */
static bool take_host(const char *url, char host[CONFIG_VALUE_MAX])
{
	const char *begin = !strncmp(url, "smtp://", 7) ? url + 7 : !strncmp(url, "smtps://", 8) ? url + 8 : NULL;
	size_t n = begin ? *begin == '[' ? strcspn(begin, "]") + 1 : strcspn(begin, ":/") : 0;

	if (!n || url[strcspn(url, "@?# \t")] || (*begin == '[' && begin[n - 1] != ']'))
		return false;
	memcpy(host, begin, n);
	host[n] = '\0';
	return true;
}

static bool is_here(const char *host)
{
	return !strcmp(host, "localhost") || !strncmp(host, "127.", 4) || !strcmp(host, "[::1]");
}

/* "Name <address>" or an address. */
static bool take_from(struct mail_settings *s, const char *text)
{
	const char *open = strrchr(text, '<');
	size_t n = strlen(text), name = open ? (size_t)(open - text) : 0;

	if (!open) {
		if (!mail_is_address(text))
			return false;
		strcpy(s->from, text);
		return true;
	}
	if (text[n - 1] != '>' || (size_t)(text + n - open) > MAIL_ADDRESS_MAX)
		return false;
	memcpy(s->from, open + 1, n - name - 2);
	while (name && text[name - 1] == ' ')
		name--;
	memcpy(s->from_name, text, name);
	return mail_is_address(s->from);
}

static int take_server(struct mail_settings *s, const struct config *c, char *error, size_t size)
{
	char host[CONFIG_VALUE_MAX], *end;
	unsigned long seconds = strtoul(c->smtp_timeout_s, &end, 10);

	if (!take_host(c->smtp_url, host))
		return wrong(error, size, "smtp_url: smtp://HOST:PORT (with STARTTLS) or smtps://HOST:PORT, without a user in it");
	if (strcmp(c->smtp_tls, "yes") != 0 && strcmp(c->smtp_tls, "no") != 0)
		return wrong(error, size, "smtp_tls: yes or no, not \"%s\"", c->smtp_tls);
	s->tls = *c->smtp_tls == 'y';
	if (!s->tls && !is_here(host))
		return wrong(error, size, "smtp_tls = no: only to a mail server on this machine (127.0.0.1, ::1, localhost), not to %s", host);
	if (!*c->smtp_user != !*c->smtp_password)
		return wrong(error, size, "smtp_user and smtp_password belong together");
	if (end == c->smtp_timeout_s || *end || seconds < 1 || seconds > TIMEOUT_MAX_S)
		return wrong(error, size, "smtp_timeout_s: 1 to %d, not \"%s\"", TIMEOUT_MAX_S, c->smtp_timeout_s);
	s->timeout_s = (unsigned)seconds;
	return 0;
}

int mail_settings_take(struct mail_settings *s, const struct config *c, char *error, size_t size)
{
	memset(s, 0, sizeof(*s));
	s->url = c->smtp_url;
	s->user = c->smtp_user;
	s->password = c->smtp_password;
	s->ca = c->smtp_ca;
	s->reply_to = c->mail_reply_to;
	if (!*c->smtp_url)
		return 0;
	s->configured = true;
	if (!take_from(s, c->mail_from))
		return wrong(error, size, "mail_from: the address that mails come from, such as noc@example.com or \"Service <noc@example.com>\"");
	if (*s->reply_to && !mail_is_address(s->reply_to))
		return wrong(error, size, "mail_reply_to: one address such as support@example.com");
	return take_server(s, c, error, size);
}
