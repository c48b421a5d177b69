/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "describe.h"
#include "utf8.h"
#include "when.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NO_MAIL_HAS " \t,;:<>()\"" /* could begin a second address or header; as the trigger of aeta_contact */

const struct table *table_find(const char *name)
{
	for (size_t i = 0; tables[i]; i++)
		if (strcmp(tables[i]->name, name) == 0)
			return tables[i];
	return NULL;
}

const struct column *column_find(const struct table *t, const char *name)
{
	for (const struct column *c = t->columns; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

/* Rows of customers and accounts are seen by them only where a condition says which are theirs. */
static bool has_rows(const struct table *t, const struct scope *s)
{
	if (s->by == BY_CONTACT)
		return t->of_customer || t->of_contact;
	if (s->by == BY_ACCOUNT)
		return t->of_account != NULL;
	return scope_may(s, BY_OPERATORS);
}

bool table_visible(const struct table *t, const struct scope *s)
{
	unsigned seen = 0;

	for (const struct column *c = t->columns; c->name; c++)
		seen |= c->list | c->show;
	return has_rows(t, s) && scope_may(s, seen);
}

bool table_editable(const struct table *t, const struct scope *s)
{
	unsigned edited = 0;

	for (const struct column *c = t->columns; c->name; c++)
		edited |= c->edit;
	return table_visible(t, s) && scope_may(s, edited);
}

/* ---- values ---- */

/* Characters of `s`, or -1 where it is no line of text. */
static long long line_length(const char *s)
{
	long long n = 0;

	for (size_t bytes; *s; s += bytes, n++) {
		bytes = utf8_length(s);
		if (bytes == 0 || (unsigned char)*s < ' ' || *s == 0x7f)
			return -1;
	}
	return n;
}

static bool check_text(const struct column *c, const char *s, char *why)
{
	long long n = line_length(s);

	if (n < 0)
		snprintf(why, PROBLEM_SIZE, "has a character that is no text");
	else if (n < c->min)
		snprintf(why, PROBLEM_SIZE, n == 0 ? "is missing" : "is too short: at least %lld characters", c->min);
	else if (n > c->max)
		snprintf(why, PROBLEM_SIZE, "is too long: at most %lld characters", c->max);
	else
		return true;
	return false;
}

static bool check_number(const struct column *c, const char *s, char *out, char *why)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(s, &end, 10);
	if (errno || end == s || *end || strspn(s, "+-0123456789") != strlen(s) || n < c->min || n > c->max) {
		snprintf(why, PROBLEM_SIZE, "is a number from %lld to %lld", c->min, c->max);
		return false;
	}
	snprintf(out, CELL_TEXT_MAX + 1, "%lld", n);
	return true;
}

static bool check_digits(const struct column *c, const char *s, char *why)
{
	long long n = (long long)strlen(s);

	if (n >= c->min && n <= c->max && strspn(s, "0123456789") == strlen(s))
		return true;
	snprintf(why, PROBLEM_SIZE, "is %lld to %lld digits and nothing else", c->min, c->max);
	return false;
}

static bool check_switch(const char *s, char *out, char *why)
{
	static const char *const words[2][5] = {{"0", "off", "no", "false", ""}, {"1", "on", "yes", "true", "checked"}};

	for (size_t i = 0; i < 10; i++) {
		if (strcasecmp(words[i / 5][i % 5], s) != 0)
			continue;
		strcpy(out, i / 5 ? "1" : "0");
		return true;
	}
	snprintf(why, PROBLEM_SIZE, "is on or off");
	return false;
}

/* Is `s` between the bars of `words`? */
static bool is_word(const char *words, const char *s)
{
	size_t n = strlen(s);

	for (const char *w = words; w; w = strchr(w, '|') ? strchr(w, '|') + 1 : NULL)
		if (strcspn(w, "|") == n && strncmp(w, s, n) == 0)
			return true;
	return false;
}

static bool check_word(const struct column *c, const char *s, char *why)
{
	if (*s && is_word(c->words, s))
		return true;
	snprintf(why, PROBLEM_SIZE, "is one of %s", c->words);
	for (char *p = why; *p; p++)
		if (*p == '|')
			*p = ' ';
	return false;
}

/* One "@", and a dot in the domain: with something on both sides of each. */
static bool check_email(const struct column *c, const char *s, char *why)
{
	const char *at = strchr(s, '@');
	bool good = check_text(c, s, why) && !strpbrk(s, NO_MAIL_HAS) && at && at > s && !strchr(at + 1, '@') &&
				strchr(at, '.') && at[1] != '.' && s[strlen(s) - 1] != '.' && !strstr(at, "..");

	if (!good)
		snprintf(why, PROBLEM_SIZE, "is one e-mail address such as name@example.com");
	return good;
}

static bool check_time(const char *s, char *out, char *why)
{
	if (when_parse(s, WHEN_END_OF_DAY, out))
		return true;
	snprintf(why, PROBLEM_SIZE, "is a date and a time in UTC such as 2026-03-31 18:00");
	return false;
}

/* `out` is the trimmed text, and becomes what is stored. */
static bool check(const struct column *c, char *out, char *why)
{
	char text[CELL_TEXT_MAX + 1];

	memcpy(text, out, sizeof(text));
	switch (c->type) {
	case TYPE_TEXT:
		return check_text(c, text, why);
	case TYPE_NUMBER:
		return check_number(c, text, out, why);
	case TYPE_SWITCH:
		return check_switch(text, out, why);
	case TYPE_WORD:
		return check_word(c, text, why);
	case TYPE_TIME:
		return check_time(text, out, why);
	case TYPE_DIGITS:
		return check_digits(c, text, why);
	case TYPE_EMAIL:
		return check_email(c, text, why);
	case TYPE_BYTES:
		break;
	}
	snprintf(why, PROBLEM_SIZE, "cannot be written");
	return false;
}

int column_check(const struct column *c, const char *text, char *out, char why[PROBLEM_SIZE])
{
	size_t n;

	text += strspn(text, " ");
	n = strlen(text);
	while (n && text[n - 1] == ' ')
		n--;
	memset(out, 0, CELL_TEXT_MAX + 1);
	if (n > CELL_TEXT_MAX) {
		snprintf(why, PROBLEM_SIZE, "is too long");
		return -EINVAL;
	}
	memcpy(out, text, n);
	if (n == 0 && (c->nullable || c->optional))
		return 0;
	if (n == 0 && c->refers && c->type == TYPE_NUMBER) {
		snprintf(why, PROBLEM_SIZE, "has to be chosen");
		return -EINVAL;
	}
	return check(c, out, why) ? 0 : -EINVAL;
}
