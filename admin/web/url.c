/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "url.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

bool url_is_unreserved(unsigned char c)
{
	return c < 0x80 && (isalnum(c) || strchr("-._~", c)) && c;
}

/* Of this site, whoever reads it: browsers take a backslash for a slash, and skip tabs and line ends. */
bool url_is_local(const char *url)
{
	if (!strchr("/?#", url[0]) || !url[0] || (url[0] == '/' && (url[1] == '/' || url[1] == '\\')))
		return false;
	for (; *url; url++) {
		if ((unsigned char)*url <= ' ' || *url == '\\' || (unsigned char)*url >= 0x7f)
			return false;
	}
	return true;
}

void url_begin(struct url *u, const char *path)
{
	u->length = (size_t)snprintf(u->text, sizeof(u->text), "%s", path);
	u->cut = u->length >= sizeof(u->text);
	if (u->cut)
		u->length = sizeof(u->text) - 1;
	u->asked = strchr(u->text, '?') != NULL;
}

static size_t encode(char *out, size_t room, const char *s)
{
	size_t n = 0;

	for (; *s && n + 4 < room; s++)
		n += (size_t)snprintf(out + n, room - n, url_is_unreserved((unsigned char)*s) ? "%c" : "%%%02X", (unsigned char)*s);
	return *s ? room : n;
}

void url_segment(struct url *u, const char *segment)
{
	size_t n = u->length;

	if (!strcmp(segment, ".") || !strcmp(segment, ".."))
		segment = "-";
	if (u->cut)
		return;
	if (n + 8 < sizeof(u->text)) {
		u->text[n++] = '/';
		n += encode(u->text + n, sizeof(u->text) - n, segment);
	}
	u->cut = n + 8 >= sizeof(u->text);
	if (!u->cut)
		u->length = n;
	u->text[u->length] = '\0';
}

void url_add(struct url *u, const char *name, const char *value)
{
	size_t n = u->length;

	if (!value || !*value || u->cut)
		return;
	if (n + 8 < sizeof(u->text)) {
		u->text[n++] = u->asked ? '&' : '?';
		n += encode(u->text + n, sizeof(u->text) - n, name);
	}
	if (n + 8 < sizeof(u->text)) {
		u->text[n++] = '=';
		n += encode(u->text + n, sizeof(u->text) - n, value);
	}
	u->cut = n + 8 >= sizeof(u->text);
	if (!u->cut) {
		u->length = n;
		u->asked = true;
	}
	u->text[u->length] = '\0';
}
