/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "login_act.h"

#include "audit.h"
#include "rows.h"
#include "statement.h"

#include <errno.h>

static int carry_out(struct db *db, void *arg)
{
	struct login_act *act = arg;
	int rc = act->body(db, act);

	if (rc == 0)
		rc = act->was || act->is ? audit_change(db, act->s, act->action, act->object, json_incref(act->was), json_incref(act->is))
								 : audit_act(db, act->s, act->action, act->object, act->detail);
	json_decref(act->was);
	json_decref(act->is);
	act->was = act->is = NULL;
	return rc;
}

int login_act_run(struct db *db, struct login_act *act, bool may)
{
	return may ? db_transaction(db, carry_out, act) : REFUSED(-EACCES, db, "that is not yours to change");
}

int login_act_hash(struct db *db, const char *password, const char *login, char hash[PASSWORDS_HASH_SIZE])
{
	const char *fault = passwords_fault(password, login);
	int rc;

	if (fault)
		return db_refuse(db, "%s", fault);
	rc = passwords_hash(password, hash);
	if (rc)
		db_refuse(db, "no memory for the password's hash: try again");
	return rc;
}

json_t *login_act_row(struct db *db, const char *sql, const struct db_value *values, size_t count)
{
	json_t *list, *row = NULL;

	if (db_json(db, &list, sql, values, count) == 0)
		row = json_incref(json_array_get(list, 0));
	json_decref(list);
	return row;
}
