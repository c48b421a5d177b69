/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit.h"

#include "statement.h"
#include "utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The widths of the columns, in bytes: a little less than their characters may take. */
#define OBJECT_MAX 128
#define DETAIL_MAX 1024

/* One line of text of at most size - 1 bytes; a character that would be cut in two is left out. */
static const char *keep(char *out, size_t size, const char *s)
{
	size_t n = 0, bytes;

	for (; s && *s; s += bytes) {
		bytes = utf8_length(s);
		if (n + (bytes ? bytes : 1) >= size)
			break;
		if (bytes < 2 && ((unsigned char)*s < ' ' || (unsigned char)*s >= 0x7f))
			out[n] = '?';
		else
			memcpy(out + n, s, bytes);
		bytes = bytes ? bytes : 1;
		n += bytes;
	}
	out[n] = '\0';
	return out;
}

static int write_row(struct db *db, const struct scope *s, const char *action, const char *object, const char *detail, const char *before,
		const char *after)
{
	char what[OBJECT_MAX + 1], more[DETAIL_MAX + 1];

	return db_exec(db,
			"INSERT INTO aeta_audit (who, from_where, action, object, detail, old_values, new_values) VALUES (?, ?, ?, ?, ?, ?, ?)",
			DB_VALUES(DB_TEXT(s->who), DB_TEXT(s->from_where), DB_TEXT(action), DB_TEXT(keep(what, sizeof(what), object)),
					DB_TEXT(keep(more, sizeof(more), detail)), DB_TEXT(before), DB_TEXT(after)));
}

int audit_act(struct db *db, const struct scope *s, const char *action, const char *object, const char *detail)
{
	return write_row(db, s, action, object, detail, NULL, NULL);
}

int audit_change(struct db *db, const struct scope *s, const char *action, const char *object, json_t *before, json_t *after)
{
	char *was = before ? json_dumps(before, JSON_COMPACT) : NULL, *is = after ? json_dumps(after, JSON_COMPACT) : NULL;
	int rc;

	if ((before && !was) || (after && !is) || (!before && !after))
		rc = REFUSED(-ENOMEM, db, "out of memory");
	else
		rc = write_row(db, s, action, object, NULL, was, is);
	free(was);
	free(is);
	json_decref(before);
	json_decref(after);
	return rc;
}

int audit_prune(struct db *db)
{
	return db_exec(db, "CALL aeta_audit_prune()", DB_NOTHING);
}
