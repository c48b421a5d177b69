/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changes.h"

void change_to(struct changes *c, const char *column, const char *value)
{
	if (value && c->count < COLUMNS_MAX)
		c->list[c->count++] = (struct data_change){column, value};
}

int changes_insert(struct ctl *ctl, const char *table, const struct changes *c)
{
	struct data_problems problems;
	char key[CELL_TEXT_MAX + 1];

	return data_insert(ctl->db, &ctl->scope, table_find(table), c->list, c->count, &problems, key);
}

int changes_update(struct ctl *ctl, const char *table, const char *key, const struct changes *c)
{
	struct data_problems problems;

	return data_update(ctl->db, &ctl->scope, table_find(table), key, NULL, c->list, c->count, &problems);
}

int changes_delete(struct ctl *ctl, const char *table, const char *key)
{
	return data_delete(ctl->db, &ctl->scope, table_find(table), key, NULL);
}

int ctl_listed(struct ctl *ctl, const char *key, json_t *list, int rc)
{
	ctl_say(ctl, key, list);
	return ctl_done(ctl, rc);
}

int ctl_shown(struct ctl *ctl, const char *missing, json_t *list, int rc)
{
	rc = ctl_done(ctl, rc);
	if (rc == CTL_OK && json_array_size(list) == 0)
		rc = refuse("%s", missing);
	if (rc == CTL_OK)
		json_object_update(ctl->result, json_array_get(list, 0));
	json_decref(list);
	return rc;
}
