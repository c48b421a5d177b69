/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The facts that a verdict is made of, as the database has them. */
#include "data/facts.h"
#include "explain.h"
#include "group.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void explain_fact(struct explanation *x, const char *fact, const char *value, const char *source)
{
	json_array_append_new(x->facts, json_pack("{s:s, s:s, s:s}", "fact", fact, "value", value, "from", source));
}

#define COLUMN_SENSE(column, option, type, min, max, bit, sense, help) {#column, bit, sense},

static struct aeta_group group_of_row(const json_t *row)
{
	static const struct {
		const char *name;
		unsigned bit;
		bool sense;
	} columns[] = {GROUP_OPTIONS(COLUMN_SENSE)};
	struct aeta_group g = {.prefix = (uint16_t)json_integer_value(json_object_get(row, "prefix")),
			.no_answer_s = (uint16_t)json_integer_value(json_object_get(row, "no_answer_s")),
			.hunt_max_s = (uint16_t)json_integer_value(json_object_get(row, "hunt_max_s"))};

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		if (columns[i].bit && json_is_true(json_object_get(row, columns[i].name)) == columns[i].sense)
			g.options |= (uint16_t)columns[i].bit;
	}
	return g;
}

static int fill_directory(struct explanation *x, const json_t *groups, const json_t *exceptions)
{
	enum aeta_directory_error e;
	struct aeta_group g;
	const char *number;
	json_t *row;
	size_t i;

	json_array_foreach(groups, i, row)
	{
		g = group_of_row(row);
		e = aeta_directory_add_group(x->dir, &g);
		if (e != AETA_DIR_OK)
			return refuse("group %u in aeta_group: %s", g.prefix, aeta_directory_strerror(e));
	}
	json_array_foreach(exceptions, i, row)
	{
		number = json_text(row, "number");
		e = aeta_directory_add_exception(x->dir, (unsigned)json_integer_value(json_object_get(row, "prefix")),
				aeta_number_parse(number, strlen(number)));
		if (e != AETA_DIR_OK)
			return refuse("exception %s in aeta_exception: %s", number, aeta_directory_strerror(e));
	}
	aeta_directory_seal(x->dir);
	return CTL_OK;
}

int explain_directory(struct explanation *x)
{
	json_t *groups, *exceptions = NULL;
	int rc = ctl_done(x->ctl, facts_groups(x->ctl->db, &x->ctl->scope, &groups));
	size_t size;

	if (rc == CTL_OK)
		rc = ctl_done(x->ctl, facts_exceptions(x->ctl->db, &x->ctl->scope, &exceptions));
	if (rc)
		goto out;
	size = aeta_directory_size(json_array_size(groups), json_array_size(exceptions));
	x->block = calloc(1, size);
	x->dir = x->block ? aeta_directory_init(x->block, size, json_array_size(groups), json_array_size(exceptions)) : NULL;
	rc = x->dir ? fill_directory(x, groups, exceptions) : refuse("out of memory");
out:
	json_decref(groups);
	json_decref(exceptions);
	return rc;
}

int explain_account(struct explanation *x, const char *who, const char *number, struct aeta_account *a)
{
	char value[64], fact[64];
	const char *kind, *state;
	json_t *row;
	int rc = ctl_done(x->ctl, facts_account(x->ctl->db, &x->ctl->scope, number, &row));

	*a = (struct aeta_account){.number = aeta_number_parse(number, strlen(number)), .kind = AETA_KIND_NONE};
	snprintf(value, sizeof(value), "no such account");
	if (json_array_size(row)) {
		kind = json_text(json_array_get(row, 0), "kind");
		state = json_text(json_array_get(row, 0), "state");
		a->kind = (uint8_t)aeta_kind_parse(kind, strlen(kind));
		a->state = (uint8_t)aeta_state_parse(state, strlen(state));
		snprintf(value, sizeof(value), "%s, %s", kind, state);
	}
	snprintf(fact, sizeof(fact), "%s %.40s", who, number);
	if (rc == CTL_OK)
		explain_fact(x, fact, value, "aeta_account");
	json_decref(row);
	return rc;
}

void explain_group(struct explanation *x, const char *who, const struct aeta_account *a)
{
	static const struct {
		unsigned bit;
		const char *text;
	} words[] = {{AETA_BLOCK_INCOMING, ", blocks incoming calls"}, {AETA_BLOCK_OUTGOING, ", blocks outgoing calls"},
			{AETA_HUNTING, ", hunts"}, {AETA_HUNT_NO_DIRECT, ", no direct calls to the series"}};
	const struct aeta_group *g = aeta_member_of(x->dir, a);
	char fact[64], value[160];

	if (!g)
		return;
	snprintf(fact, sizeof(fact), "group of the %s", who);
	snprintf(value, sizeof(value), "%u", g->prefix);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (g->options & words[i].bit)
			strncat(value, words[i].text, sizeof(value) - strlen(value) - 1);
	}
	explain_fact(x, fact, value, "aeta_group");
}

void explain_exception(struct explanation *x)
{
	const struct aeta_group *g = aeta_member_of(x->dir, &x->caller);

	if (g && (g->options & AETA_BLOCK_OUTGOING))
		explain_fact(x, "exception for the caller's group",
				aeta_directory_exception(x->dir, g->prefix, x->target.number) ? "yes" : "no", "aeta_exception");
}
