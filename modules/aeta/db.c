/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "db.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dprint.h"
#include "params.h"

db_func_t aeta_dbf;

int aeta_db_bind(void)
{
	if (aeta_params.db_url.len <= 0) {
		LM_ERR("the parameter db_url is not set\n");
		return -1;
	}
	if (db_bind_mod(&aeta_params.db_url, &aeta_dbf) < 0) {
		LM_ERR("no database driver for db_url: load its module (db_mysql, db_sqlite...) before aeta\n");
		return -1;
	}
	if (!DB_CAPABILITY(aeta_dbf, DB_CAP_QUERY)) {
		LM_ERR("the database driver of db_url cannot query\n");
		return -1;
	}
	return 0;
}

db1_con_t *aeta_db_connect(void)
{
	db1_con_t *h = aeta_dbf.init ? aeta_dbf.init(&aeta_params.db_url) : NULL;

	if (!h)
		LM_ERR("cannot connect to the database of the parameter db_url\n");
	return h;
}

void aeta_db_disconnect(db1_con_t *h)
{
	if (h)
		aeta_dbf.close(h);
}

static int text_to_int(const str *s, long long *out)
{
	char buf[24], *end;

	if (s->len <= 0 || s->len >= (int)sizeof(buf) || !(isdigit((unsigned char)s->s[0]) || s->s[0] == '-'))
		return -EINVAL;
	memcpy(buf, s->s, (size_t)s->len);
	buf[s->len] = '\0';
	errno = 0;
	*out = strtoll(buf, &end, 10);
	return errno || *end ? -EINVAL : 0;
}

int aeta_value_int(const db_val_t *v, long long *out)
{
	str s;
	int rc;

	if (VAL_NULL(v))
		return -ENOENT;
	switch (VAL_TYPE(v)) {
	case DB1_INT:
		*out = VAL_INT(v);
		return 0;
	case DB1_UINT:
		*out = VAL_UINT(v);
		return 0;
	case DB1_BIGINT:
		*out = VAL_BIGINT(v);
		return 0;
	case DB1_UBIGINT:
		*out = (long long)VAL_UBIGINT(v);
		return *out < 0 ? -EINVAL : 0;
	case DB1_BITMAP:
		*out = VAL_BITMAP(v);
		return 0;
	default:
		rc = aeta_value_text(v, &s);
		return rc ? rc : text_to_int(&s, out);
	}
}

int aeta_value_text(const db_val_t *v, str *out)
{
	if (VAL_NULL(v))
		return -ENOENT;
	switch (VAL_TYPE(v)) {
	case DB1_STRING:
		out->s = (char *)VAL_STRING(v);
		out->len = out->s ? (int)strlen(out->s) : 0;
		return 0;
	case DB1_STR:
		*out = VAL_STR(v);
		return 0;
	case DB1_BLOB:
		*out = VAL_BLOB(v);
		return 0;
	default:
		return -EINVAL;
	}
}

/*
 * The API hands DATETIME out through mktime(), as if the column held this machine's local time. Going back through
 * localtime gives the digits of the column again, which are UTC. (What local time skips in spring moves by that hour.)
 */
static time_t undo_local(time_t t)
{
	struct tm tm;

	return localtime_r(&t, &tm) ? timegm(&tm) : t;
}

static int text_to_utc(const str *s, time_t *out)
{
	struct tm tm = {0};
	char buf[32];
	int n;

	if (s->len == 0)
		return -ENOENT;
	if (s->len >= (int)sizeof(buf))
		return -EINVAL;
	memcpy(buf, s->s, (size_t)s->len);
	buf[s->len] = '\0';
	n = sscanf(buf, "%4d-%2d-%2d%*[ T]%2d:%2d:%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min,
			&tm.tm_sec);
	if ((n != 3 && n != 5 && n != 6) || tm.tm_year < 1970 || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 ||
			tm.tm_mday > 31)
		return -EINVAL;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	*out = timegm(&tm);
	return 0;
}

int aeta_value_utc(const db_val_t *v, time_t *out)
{
	long long n;
	str s;
	int rc;

	if (VAL_NULL(v))
		return -ENOENT;
	if (VAL_TYPE(v) == DB1_DATETIME) {
		*out = undo_local(VAL_TIME(v));
		return 0;
	}
	if (aeta_value_text(v, &s) == 0)
		return text_to_utc(&s, out);
	rc = aeta_value_int(v, &n);
	if (rc == 0)
		*out = (time_t)n;
	return rc;
}
