/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nat.h"

#include "audit.h"
#include "statement.h"

#include <policy/nat_class.h>
#include <policy/nat_probe.h>

#include <errno.h>
#include <string.h>

/* A sentence for each bit. */
static json_t *evidence_words(uint32_t evidence)
{
	json_t *list = json_array();
	struct aeta_evidence_words w;

	for (unsigned bit = 0; aeta_nat_evidence_words(bit, &w); bit++)
		if (evidence >> bit & 1)
			json_array_append_new(list, json_string(w.text));
	if (evidence && !(evidence & AETA_EVIDENCE_ADDRESS_TRIED))
		json_array_append_new(list, json_string("the service has one address only, so a firewall that admits it alone is not seen"));
	return list;
}

/* What somebody can do about it; empty: nothing has to be done. */
static const char *advice_of(enum aeta_nat_class cls, uint32_t evidence, bool asked)
{
	if (evidence & AETA_EVIDENCE_ALG)
		return "if a router before it rewrites SIP (SIP ALG), let the agent register at port 5070, or switch that off";
	if (asked && cls == AETA_NAT_UNKNOWN && !(evidence & (AETA_EVIDENCE_FLOW | AETA_EVIDENCE_PORT)))
		return "the agent does not answer OPTIONS: if it has a switch for that, switch it on";
	return "";
}

/* The words for a row of the table. `here`: the address that it is registered from now. */
static void add_words(json_t *row, const char *here)
{
	const char *name = json_text(row, "class");
	enum aeta_nat_class cls = aeta_nat_class_parse(name, strlen(name));
	uint32_t evidence = (uint32_t)json_integer_value(json_object_get(row, "evidence"));
	bool asked = json_is_string(json_object_get(row, "asked_at"));

	json_object_set_new(row, "evidence", evidence_words(evidence));
	json_object_set_new(row, "means", json_string(aeta_nat_class_what(cls)));
	json_object_set_new(row, "follows", json_string(aeta_nat_class_follows(cls)));
	json_object_set_new(row, "advice", json_string(advice_of(cls, evidence, asked)));
	json_object_set_new(row, "here", json_boolean(here[0] && strcmp(here, json_text(row, "address")) == 0));
}

static json_t *row_here(const json_t *addresses)
{
	json_t *row;
	size_t i;

	json_array_foreach(addresses, i, row)
	{
		if (json_is_true(json_object_get(row, "here")))
			return row;
	}
	return NULL;
}

void nat_say(struct sentence *s, const struct nat *nat, const char *here)
{
	const json_t *row = row_here(nat->addresses);
	const char *advice = row ? json_text(row, "advice") : "";

	if (!row)
		say(s, "registered from %s, where it has not been asked%s", here[0] ? here : "behind a proxy",
				nat->off ? ": that is switched off for it" : "");
	else
		say(s, "registered from %s: %s; %s%s%s", here, json_text(row, "means"), json_text(row, "follows"), advice[0] ? "; " : "",
				advice);
}

static int read_off(struct db *db, const char *number, bool *off)
{
	struct db_rows rows;
	int rc = db_query(db, &rows, "SELECT 1 FROM aeta_nat_off WHERE account = ?", DB_VALUES(DB_TEXT(number)));

	*off = rows.rows > 0;
	db_rows_free(&rows);
	return rc;
}

int nat_read(struct db *db, const struct scope *s, const char *number, const char *here, struct nat *out)
{
	json_t *row;
	size_t i;
	int rc;

	*out = (struct nat){0};
	if (!scope_has_number(s, number))
		return st_no_number(db, number);
	rc = read_off(db, number, &out->off);
	if (rc)
		return rc;
	rc = db_json(db, &out->addresses,
			"SELECT address, CAST(class AS CHAR) AS class, evidence, CAST(stun AS CHAR) AS stun, "
			"DATE_FORMAT(checked_at, '%Y-%m-%d %H:%i:%s') AS asked_at FROM aeta_nat_class WHERE account = ? ORDER BY changed_at DESC",
			DB_VALUES(DB_TEXT(number)));
	json_array_foreach(out->addresses, i, row)
	{
		add_words(row, here);
	}
	return rc;
}

void nat_free(struct nat *nat)
{
	json_decref(nat->addresses);
	nat->addresses = NULL;
}

struct turn {
	const struct scope *s;
	const char *number;
	bool on;
};

static int turn(struct db *db, void *arg)
{
	const struct turn *t = arg;
	int rc = db_exec(db, t->on ? "DELETE FROM aeta_nat_off WHERE account = ?" : "INSERT IGNORE INTO aeta_nat_off (account) VALUES (?)",
			DB_VALUES(DB_TEXT(t->number)));

	if (rc || db_affected(db) == 0)
		return rc;
	return audit_change(db, t->s, t->on ? "nat on" : "nat off", t->number, json_pack("{s:b}", "detection", !t->on),
			json_pack("{s:b}", "detection", t->on));
}

int nat_turn(struct db *db, const struct scope *s, const char *number, bool on)
{
	struct turn t = {s, number, on};

	return scope_may(s, BY_STAFF) ? db_transaction(db, turn, &t) : st_no_number(db, number);
}
