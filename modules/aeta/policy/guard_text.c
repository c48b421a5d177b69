/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Users that no number has: texts meant for a database. */
#include "guard.h"

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte at *i, its escape undone; moves *i behind it. */
static char unescaped(const char *s, size_t len, size_t *i)
{
	char c = s[(*i)++];

	if (c != '%' || *i + 2 > len || hex(s[*i]) < 0 || hex(s[*i + 1]) < 0)
		return c;
	c = (char)(hex(s[*i]) << 4 | hex(s[*i + 1]));
	*i += 2;
	return c;
}

bool aeta_guard_injects(const char *user, size_t len)
{
	char before = '\0';

	for (size_t i = 0; i < len;) {
		char c = unescaped(user, len, &i);

		if (c == '\'' || c == '"' || c == '`' || c == '\\' || (before == '-' && c == '-') || (before == '/' && c == '*'))
			return true;
		before = c;
	}
	return false;
}
