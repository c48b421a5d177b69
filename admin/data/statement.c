/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "statement.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void st_begin(struct statement *st)
{
	st->text[0] = '\0';
	st->length = st->count = 0;
	st->failed = 0;
}

void st_end(struct statement *st)
{
	for (size_t i = 0; i < st->count; i++)
		free(st->kept[i]);
	st->count = 0;
}

void st_put(struct statement *st, const char *constant)
{
	size_t n = strlen(constant);

	if (n >= sizeof(st->text) - st->length) {
		st->failed = -EINVAL;
		return;
	}
	memcpy(st->text + st->length, constant, n + 1);
	st->length += n;
}

static void bind(struct statement *st, const char *value)
{
	char *copy = value ? strdup(value) : NULL;

	if ((value && !copy) || st->count == DB_VALUES_MAX) {
		free(copy);
		st->failed = -ENOMEM;
		return;
	}
	st->kept[st->count] = copy;
	st->values[st->count++] = DB_TEXT(copy);
}

void st_condition(struct statement *st, const char *constant, const char *value)
{
	st_put(st, constant);
	for (const char *mark = strchr(constant, '?'); mark; mark = strchr(mark + 1, '?'))
		bind(st, value);
}

void st_scope(struct statement *st, const struct scope *s, const struct table *t)
{
	char id[24];

	if (t->only) {
		st_put(st, t->only);
		st_put(st, " AND ");
	}
	if (scope_may(s, BY_OPERATORS)) {
		st_put(st, "TRUE");
	} else if (s->by == BY_CONTACT && t->of_customer) {
		snprintf(id, sizeof(id), "%lld", s->customer);
		st_condition(st, t->of_customer, id);
	} else if (s->by == BY_CONTACT && t->of_contact) {
		snprintf(id, sizeof(id), "%lld", s->contact);
		st_condition(st, t->of_contact, id);
	} else if (s->by == BY_ACCOUNT && t->of_account) {
		st_condition(st, t->of_account, s->number);
	} else {
		st_put(st, "FALSE");
	}
}

/* Keys are ASCII; another text could not even be compared with some. */
static bool may_be_key(const char *key)
{
	while (*key && (unsigned char)*key < 0x80)
		key++;
	return !*key;
}

/* A number as key would be equal to any text that begins with it, so the text of the key has to be equal as well. */
void st_row(struct statement *st, const struct table *t, const char *key)
{
	if (!may_be_key(key)) {
		st_put(st, " WHERE FALSE");
		return;
	}
	st_put(st, " WHERE ");
	if (t->find) {
		st_condition(st, t->find, key);
	} else {
		st_put(st, t->key);
		st_condition(st, " = ?", key);
	}
	st_put(st, " AND CAST(");
	st_put(st, t->key);
	st_condition(st, " AS CHAR) = ?", key);
}

int st_no_column(struct db *db, const struct table *t, const char *name, const char *verb)
{
	return REFUSED(-EINVAL, db, "%s have no column \"%s\" to %s: see aetactl table columns %s", t->name, name, verb, t->name);
}

int st_no_number(struct db *db, const char *number)
{
	return REFUSED(-ENOENT, db, "there is no number %s", number);
}

static int too_much(struct db *db, const struct statement *st)
{
	return REFUSED(st->failed, db, "the question is too long for the database");
}

int st_exec(struct db *db, struct statement *st)
{
	return st->failed ? too_much(db, st) : db_exec(db, st->text, st->values, st->count);
}

int st_query(struct db *db, struct statement *st, struct db_rows *rows)
{
	memset(rows, 0, sizeof(*rows));
	return st->failed ? too_much(db, st) : db_query(db, rows, st->text, st->values, st->count);
}
