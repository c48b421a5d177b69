/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "db.h"
#include "params.h"
#include "policy/directory.h"
#include "policy/domains.h"
#include "policy/media.h"
#include "stats.h"
#include "store.h"

#define FETCH_ROWS 500           /* rows in private memory at a time */
#define EXCEPTIONS_MAX 1000000u

/* The columns of the group table after `prefix`, and what each is: a bit of the options, or a number. */
static const struct column {
	str name;
	uint16_t bit;  /* option bit of a boolean column, 0 for a number */
	bool inverted; /* the bit is set where the column is 0 */
} columns[] = {
	{str_init("block_incoming"), AETA_BLOCK_INCOMING, false},
	{str_init("block_outgoing"), AETA_BLOCK_OUTGOING, false},
	{str_init("hunting"), AETA_HUNTING, false},
	{str_init("hunt_direct"), AETA_HUNT_NO_DIRECT, true},
	{str_init("hunt_busy_603"), AETA_HUNT_BUSY_603, false},
	{str_init("hunt_busy_in_call"), AETA_HUNT_BUSY_IN_CALL, false},
	{str_init("hunt_next_488"), AETA_HUNT_NEXT_488, false},
	{str_init("no_answer_s"), 0, false},
	{str_init("hunt_max_s"), 0, false},
};
#define COLUMNS ((int)(sizeof(columns) / sizeof(columns[0])))
#define NO_ANSWER_COLUMN (COLUMNS - 2)

static str prefix_column = str_init("prefix");
static str number_column = str_init("number");

static str domain_column = str_init("domain");
static str relay_set_column = str_init("relay_set");
static str set_name_column = str_init("name");

/* Rows of all tables, in shared memory while they are collected: private memory is small. */
struct exception {
	aeta_number_t number;
	uint32_t prefix;
};

struct domain {
	unsigned set;
	int len;
	char name[AETA_DOMAIN_NAME_MAX];
};

#define SET_NAME_MAX 32

struct rows {
	struct aeta_group *group;
	struct exception *exception;
	struct domain *domain;
	size_t groups, groups_room, exceptions, exceptions_room, domains, domains_room;
	char set[AETA_RELAY_SET_MAX + 1][SET_NAME_MAX + 1]; /* names by number; empty: none */
	struct aeta_loaded *out;
};

static int fail(struct rows *r, const str *table, const char *row, const char *why)
{
	snprintf(r->out->error, sizeof(r->out->error), "table %.*s%s%s: %s", table->len, table->s, row[0] ? ", row " : "", row,
			why);
	return -1;
}

/* One more element behind `n`, growing the array where it is full; NULL if there is no memory. */
static void *grow(void **array, size_t n, size_t *room, size_t element)
{
	if (n == *room) {
		size_t more = *room ? *room * 2 : 64;
		void *bigger = shm_malloc(more * element);

		if (!bigger)
			return NULL;
		if (*array) {
			memcpy(bigger, *array, n * element);
			shm_free(*array);
		}
		*array = bigger;
		*room = more;
	}
	return (char *)*array + n * element;
}

/* A number that must be in 0..max; fails with the name of the row and of the column. */
static int read_uint(struct rows *r, const char *row, const str *column, const db_val_t *v, long long max, uint32_t *out)
{
	char why[96];
	long long n;
	int rc = aeta_value_int(v, &n);

	if (rc == 0 && n >= 0 && n <= max) {
		*out = (uint32_t)n;
		return 0;
	}
	snprintf(why, sizeof(why), "column %.*s %s", column->len, column->s,
			rc == -ENOENT ? "is NULL" : rc ? "is not a number" : "is out of range");
	return fail(r, &aeta_params.group_table, row, why);
}

static int read_options(struct rows *r, const char *row, const db_val_t *v, struct aeta_group *g)
{
	uint32_t n;

	for (int i = 0; i < COLUMNS; i++) {
		str name = columns[i].name;

		if (read_uint(r, row, &name, &v[i], columns[i].bit ? 1 : UINT16_MAX, &n) < 0)
			return -1;
		if (columns[i].bit && (n != 0) != columns[i].inverted)
			g->options |= columns[i].bit;
		else if (!columns[i].bit && i == NO_ANSWER_COLUMN)
			g->no_answer_s = (uint16_t)n;
		else if (!columns[i].bit)
			g->hunt_max_s = (uint16_t)n;
	}
	return 0;
}

/* NULL is auto here. */
static int read_media(struct rows *r, const char *row, const db_val_t *v, struct aeta_group *g)
{
	enum aeta_media_policy p = AETA_MEDIA_GROUP;
	str word;

	if (!aeta_params.media_column.len || VAL_NULL(v))
		return 0;
	if (aeta_value_text(v, &word) < 0 || (p = aeta_media_policy_parse(word.s, (size_t)word.len)) == AETA_MEDIA_POLICIES)
		return fail(r, &aeta_params.group_table, row, "its media policy is not auto, always or never");
	g->media = (uint8_t)p;
	return 0;
}

static int take_group(struct rows *r, const db_val_t *v)
{
	struct aeta_group *g = grow((void **)&r->group, r->groups, &r->groups_room, sizeof(*g));
	char row[32];
	uint32_t prefix;

	if (!g)
		return fail(r, &aeta_params.group_table, "", "out of shared memory");
	snprintf(row, sizeof(row), "%zu", r->groups + 1);
	if (read_uint(r, row, &prefix_column, &v[0], UINT16_MAX, &prefix) < 0)
		return -1;
	snprintf(row, sizeof(row), "prefix %u", prefix);
	*g = (struct aeta_group){.prefix = (uint16_t)prefix};
	if (read_options(r, row, v + 1, g) < 0 || read_media(r, row, v + 1 + COLUMNS, g) < 0)
		return -1;
	r->groups++;
	return 0;
}

static int take_exception(struct rows *r, const db_val_t *v)
{
	struct exception *e = grow((void **)&r->exception, r->exceptions, &r->exceptions_room, sizeof(*e));
	char row[64], digits[24];
	long long prefix, n;
	str s;

	if (!e || r->exceptions >= EXCEPTIONS_MAX)
		return fail(r, &aeta_params.exception_table, "", "more rows than fit in memory");
	snprintf(row, sizeof(row), "%zu", r->exceptions + 1);
	if (aeta_value_int(&v[0], &prefix) || prefix < 0 || prefix > UINT16_MAX)
		return fail(r, &aeta_params.exception_table, row, "column prefix is not 0 or a prefix");
	if (aeta_value_text(&v[1], &s) && aeta_value_int(&v[1], &n) == 0) {
		s.s = digits;
		s.len = snprintf(digits, sizeof(digits), "%lld", n);
	} else if (aeta_value_text(&v[1], &s)) {
		return fail(r, &aeta_params.exception_table, row, "column number is NULL");
	}
	*e = (struct exception){.number = aeta_number_parse(s.s, (size_t)s.len), .prefix = (uint32_t)prefix};
	snprintf(row, sizeof(row), "prefix %u number %.*s", e->prefix, s.len > 24 ? 24 : s.len, s.s);
	if (!e->number)
		return fail(r, &aeta_params.exception_table, row, aeta_directory_strerror(AETA_DIR_NUMBER));
	r->exceptions++;
	return 0;
}

static int take_set(struct rows *r, const db_val_t *v)
{
	char row[32];
	long long n;
	str name;

	if (aeta_value_int(&v[0], &n) || n < 0 || n > AETA_RELAY_SET_MAX)
		return fail(r, &aeta_params.relay_set_table, "", "a number is not 0 to 15");
	snprintf(row, sizeof(row), "%lld", n);
	if (aeta_value_text(&v[1], &name) || name.len <= 0 || name.len > SET_NAME_MAX)
		return fail(r, &aeta_params.relay_set_table, row, "column name is NULL, empty or too long");
	memcpy(r->set[n], name.s, (size_t)name.len);
	r->set[n][name.len] = '\0';
	return 0;
}

/* The number of a relay set, or -1; the case of letters does not matter, as it does not to the database. */
static int set_named(const struct rows *r, const str *name)
{
	for (int i = 0; i <= AETA_RELAY_SET_MAX; i++)
		if (r->set[i][0] && (int)strlen(r->set[i]) == name->len && strncasecmp(r->set[i], name->s, (size_t)name->len) == 0)
			return i;
	return -1;
}

static int take_domain(struct rows *r, const db_val_t *v)
{
	struct domain *d = grow((void **)&r->domain, r->domains, &r->domains_room, sizeof(*d));
	char row[AETA_DOMAIN_NAME_MAX + 1];
	str name, set;
	int number;

	if (!d || r->domains >= AETA_DOMAINS_MAX)
		return fail(r, &aeta_params.domain_table, "", "more rows than fit in memory");
	if (aeta_value_text(&v[0], &name) || name.len <= 0 || name.len > AETA_DOMAIN_NAME_MAX)
		return fail(r, &aeta_params.domain_table, "", "column domain is NULL, empty or too long");
	snprintf(row, sizeof(row), "%.*s", name.len, name.s);
	if (aeta_value_text(&v[1], &set) || (number = set_named(r, &set)) < 0)
		return fail(r, &aeta_params.domain_table, row, "its relay set is not in the table of relay sets");
	*d = (struct domain){.set = (unsigned)number, .len = name.len};
	memcpy(d->name, name.s, (size_t)name.len);
	r->domains++;
	return 0;
}

typedef int (*take_row)(struct rows *r, const db_val_t *values);

/* Hands every row of a table to `take`, FETCH_ROWS in memory at a time. */
static int read_table(struct rows *r, db1_con_t *h, const str *table, db_key_t *keys, int n, take_row take)
{
	db1_res_t *res = NULL;
	int rc = 0;

	if (aeta_dbf.use_table(h, table) < 0 ||
			db_fetch_query(&aeta_dbf, FETCH_ROWS, h, NULL, NULL, NULL, keys, 0, n, keys[0], &res) < 0)
		return fail(r, table, "", "cannot be read (is it there, with all its columns, and may the user read it?)");
	while (res && RES_ROW_N(res) > 0) {
		for (int i = 0; i < RES_ROW_N(res) && rc == 0; i++)
			rc = take(r, ROW_VALUES(&RES_ROWS(res)[i]));
		if (rc < 0 || !DB_CAPABILITY(aeta_dbf, DB_CAP_FETCH))
			break;
		if (db_fetch_next(&aeta_dbf, FETCH_ROWS, h, &res) < 0)
			return fail(r, table, "", "the database failed half-way");
	}
	if (res)
		aeta_dbf.free_result(h, res);
	return rc;
}

static int read_domains(struct rows *r, db1_con_t *h)
{
	db_key_t set_keys[2] = {&number_column, &set_name_column}, domain_keys[2] = {&domain_column, &relay_set_column};

	if (!aeta_params.domain_table.len || !aeta_params.relay_set_table.len)
		return 0;
	if (read_table(r, h, &aeta_params.relay_set_table, set_keys, 2, take_set) < 0)
		return -1;
	return read_table(r, h, &aeta_params.domain_table, domain_keys, 2, take_domain);
}

static int read_tables(struct rows *r, db1_con_t *h)
{
	db_key_t group_keys[COLUMNS + 2], exception_keys[2] = {&prefix_column, &number_column};
	int group_columns = COLUMNS + 1;
	str names[COLUMNS];

	group_keys[0] = &prefix_column;
	for (int i = 0; i < COLUMNS; i++) {
		names[i] = columns[i].name;
		group_keys[i + 1] = &names[i];
	}
	if (aeta_params.media_column.len)
		group_keys[group_columns++] = &aeta_params.media_column;
	if (read_table(r, h, &aeta_params.group_table, group_keys, group_columns, take_group) < 0)
		return -1;
	if (read_table(r, h, &aeta_params.exception_table, exception_keys, 2, take_exception) < 0)
		return -1;
	return read_domains(r, h);
}

static int add_all(struct rows *r, struct aeta_directory *d)
{
	enum aeta_directory_error e;
	char row[64], digits[AETA_NUMBER_MAX + 1];

	for (size_t i = 0; i < r->groups; i++) {
		e = aeta_directory_add_group(d, &r->group[i]);
		snprintf(row, sizeof(row), "prefix %u", r->group[i].prefix);
		if (e)
			return fail(r, &aeta_params.group_table, row, aeta_directory_strerror(e));
	}
	for (size_t i = 0; i < r->exceptions; i++) {
		e = aeta_directory_add_exception(d, r->exception[i].prefix, r->exception[i].number);
		aeta_number_format(r->exception[i].number, digits);
		snprintf(row, sizeof(row), "prefix %u number %s", r->exception[i].prefix, digits);
		if (e)
			return fail(r, &aeta_params.exception_table, row, aeta_directory_strerror(e));
	}
	aeta_directory_seal(d);
	return 0;
}

static int add_domains(struct rows *r, void *mem)
{
	struct aeta_domains *d = aeta_domains_init(mem, r->domains);

	for (size_t i = 0; i < r->domains; i++)
		if (aeta_domains_add(d, r->domain[i].name, (size_t)r->domain[i].len, r->domain[i].set) < 0)
			return fail(r, &aeta_params.domain_table, "", "a row that does not fit");
	return 0;
}

static int build(struct rows *r)
{
	size_t size;
	struct aeta_directory *d;
	void *mem;

	if (r->groups > AETA_PREFIX_COUNT)
		return fail(r, &aeta_params.group_table, "", "more rows than there are prefixes");
	size = aeta_directory_size(r->groups, r->exceptions);
	mem = aeta_store_alloc(size + aeta_domains_size(r->domains));
	if (!mem)
		return fail(r, &aeta_params.group_table, "", "out of shared memory");
	d = aeta_directory_init(mem, size, r->groups, r->exceptions);
	if (!d || add_all(r, d) < 0 || add_domains(r, (char *)mem + size) < 0) {
		aeta_store_drop(mem);
		return d ? -1 : fail(r, &aeta_params.group_table, "", aeta_directory_strerror(AETA_DIR_MEMORY));
	}
	r->out->bytes = size;
	r->out->groups = aeta_directory_groups(d);
	r->out->exceptions = aeta_directory_exceptions(d);
	r->out->domains = r->domains;
	r->out->generation = aeta_store_publish(mem);
	return 0;
}

static int read_and_build(struct rows *r)
{
	db1_con_t *h = aeta_db_connect();
	int rc;

	if (!h) {
		snprintf(r->out->error, sizeof(r->out->error), "the database of the parameter db_url is out of reach");
		return -1;
	}
	rc = read_tables(r, h);
	aeta_db_disconnect(h);
	return rc < 0 ? rc : build(r);
}

int aeta_load(struct aeta_loaded *out)
{
	struct rows r = {.out = out};
	int rc;

	memset(out, 0, sizeof(*out));
	aeta_store_lock();
	rc = read_and_build(&r);
	aeta_store_unlock();
	if (r.group)
		shm_free(r.group);
	if (r.exception)
		shm_free(r.exception);
	if (r.domain)
		shm_free(r.domain);
	aeta_stats_reload(rc == 0);
	if (rc < 0)
		LM_ERR("directory not loaded, the old one stays: %s\n", out->error);
	else
		LM_INFO("directory %u loaded: %zu groups, %zu exceptions, %zu domains, %zu bytes\n", out->generation, out->groups,
				out->exceptions, out->domains, out->bytes);
	return rc;
}
