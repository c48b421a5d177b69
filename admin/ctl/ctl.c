/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl.h"
#include "live/rpc.h"

#include <policy/number.h>

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define LOCATION "location" /* the usrloc table */
#define RELAYS_FOLLOW_S 15  /* ten that the module wants, and some for the process that tries */

/* ---- saying ---- */

__attribute__((format(printf, 2, 0))) static void say_line(const char *lead, const char *format, va_list ap)
{
	char line[1024];

	vsnprintf(line, sizeof(line), format, ap);
	for (char *s = line; *s; s++) {
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = '?';
	}
	fprintf(stderr, "aetactl: %s%s\n", lead, line);
}

int refuse(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say_line("", format, ap);
	va_end(ap);
	return CTL_REFUSED;
}

void note(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say_line("note: ", format, ap);
	va_end(ap);
}

int ctl_done(struct ctl *ctl, int rc)
{
	if (rc == 0)
		return CTL_OK;
	refuse("%s", db_error(ctl->db));
	return rc == -EHOSTUNREACH ? CTL_UNREACHABLE : CTL_REFUSED;
}

void ctl_say(struct ctl *ctl, const char *key, json_t *value)
{
	json_object_set_new(ctl->result, key, value);
}

/* What is not UTF-8 (agents write what they like) is shown with '?' for its bytes. */
static json_t *json_bytes(char *cell)
{
	json_t *text = json_string(cell);

	if (text)
		return text;
	for (char *s = cell; *s; s++)
		if ((unsigned char)*s >= 0x80)
			*s = '?';
	return json_string(cell);
}

static json_t *json_cell(const struct db_rows *rows, size_t row, size_t column)
{
	char *cell = rows->cells[row * rows->columns + column];

	if (!cell)
		return json_null();
	switch (rows->types[column]) {
	case DB_IS_BOOL:
		return json_boolean(strcmp(cell, "0") != 0);
	case DB_IS_INT:
		return json_integer(strtoll(cell, NULL, 10));
	default:
		return json_bytes(cell);
	}
}

json_t *json_row(const struct db_rows *rows, size_t row)
{
	json_t *object = json_object();

	for (size_t i = 0; i < rows->columns; i++)
		json_object_set_new(object, rows->names[i], json_cell(rows, row, i));
	return object;
}

int ctl_list(struct ctl *ctl, const char *key, const char *sql, const struct db_value *values, size_t count)
{
	json_t *array = json_array();
	struct db_rows rows;
	int rc = db_query(ctl->db, &rows, sql, values, count);

	for (size_t i = 0; i < rows.rows; i++)
		json_array_append_new(array, json_row(&rows, i));
	ctl_say(ctl, key, array);
	db_rows_free(&rows);
	return ctl_done(ctl, rc);
}

int ctl_show(struct ctl *ctl, const char *missing, const char *sql, const struct db_value *values, size_t count)
{
	struct db_rows rows;
	int rc = ctl_done(ctl, db_query(ctl->db, &rows, sql, values, count));
	json_t *row;

	if (rc == CTL_OK && rows.rows == 0)
		rc = refuse("%s", missing);
	if (rc == CTL_OK) {
		row = json_row(&rows, 0);
		json_object_update(ctl->result, row);
		json_decref(row);
	}
	db_rows_free(&rows);
	return rc;
}

/* ---- looking up ---- */

int take_prefix(const char *text, long *prefix)
{
	if (strlen(text) != 4 || strspn(text, "0123456789") != 4 || text[0] == '0')
		return refuse("\"%s\" is no prefix: a prefix is 1000 to 9999", text);
	*prefix = strtol(text, NULL, 10);
	return CTL_OK;
}

int check_number(const char *text)
{
	if (aeta_number_parse(text, strlen(text)) == 0)
		return refuse("\"%s\" is no number: a number is 1 to %d digits and nothing else", text, AETA_NUMBER_MAX);
	return CTL_OK;
}

int find_customer(struct ctl *ctl, const char *who, long long *id)
{
	bool digits = strlen(who) < 10 && strspn(who, "0123456789") == strlen(who);
	struct db_rows rows;
	int rc = db_query(ctl->db, &rows,
			"SELECT id FROM aeta_customer WHERE id = ? OR name = ? ORDER BY id = ? DESC LIMIT 1",
			DB_VALUES(DB_TEXT(digits ? who : NULL), DB_TEXT(who), DB_TEXT(digits ? who : NULL)));

	if (rc == 0 && rows.rows == 0)
		rc = db_refuse(ctl->db, "there is no customer \"%s\": see aetactl customer list", who);
	if (rc == 0)
		*id = strtoll(db_cell(&rows, 0, 0), NULL, 10);
	db_rows_free(&rows);
	return ctl_done(ctl, rc);
}

/* ---- the running Kamailio ---- */

static const struct reload {
	unsigned what; /* enum tell */
	const char *method, *parameter;
	bool optional; /* Kamailio's configuration may have nothing of the kind; and it may say "later" */
} reloads[] = {
		{TELL_PLAN, "aeta.reload", NULL, false},
		{TELL_DOMAINS, "domain.reload", NULL, false},
		{TELL_RELAYS, "rtpengine.reload", NULL, true},
		{TELL_RELAYS, "htable.reload", "relays", true},
};

/* One reload; the part of the result that speaks of it is an object {done, reason}. Returns as rpc_call(). */
static int reload(struct ctl *ctl, const struct reload *r, char *error, size_t size)
{
	json_t *answer, *told, *params = r->parameter ? json_pack("[s]", r->parameter) : NULL;
	int rc = rpc_call(ctl->config.rpc_socket, r->method, params, &answer, error, size);

	json_decref(answer);
	if (r->optional && rc == -EPERM && strncasecmp(error, "method not found", 16) == 0)
		return 0;
	told = json_pack("{s:b}", "done", rc == 0);
	if (rc)
		json_object_set_new(told, "reason", json_string(error));
	ctl_say(ctl, r->method, told);
	return rc == -EPERM && r->optional ? 0 : rc;
}

/* Was that told, and done? `reason`: why not, "" if it was not tried. */
static bool was_done(const struct ctl *ctl, const char *method, const char **reason)
{
	const json_t *told = json_object_get(ctl->result, method);

	*reason = told && json_is_false(json_object_get(told, "done")) ? json_string_value(json_object_get(told, "reason")) : "";
	return told && json_is_true(json_object_get(told, "done"));
}

static void relays_not_loaded(const char *method, const char *reason)
{
	note("the relays are not loaded anew (%s: %s): run \"aetactl reload\" in a while", method, reason);
}

/*
 * Kamailio's rtpengine module loads no list within ten seconds of the one before. Our configuration, which has the table of
 * relays, tries again each second (RELAYS_NEW in media.cfg); another one does not.
 */
static void say_when_relays_count(struct ctl *ctl)
{
	const char *module, *table;
	bool listed;
	time_t by = time(NULL) + RELAYS_FOLLOW_S;
	struct tm tm;
	char when[20];

	was_done(ctl, "rtpengine.reload", &module);
	listed = was_done(ctl, "htable.reload", &table);
	if (*module && listed && strncmp(module, "Too short", 9) == 0) {
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", gmtime_r(&by, &tm));
		ctl_say(ctl, "relays_used_by", json_string(when));
		note("Kamailio loads its relays once in ten seconds; it uses them as they are now by %s UTC at the latest", when);
	} else if (*module) {
		relays_not_loaded("rtpengine.reload", module);
	}
	if (*table)
		relays_not_loaded("htable.reload", table);
}

/* The reloads of `what`, until one fails; those that follow it are not done for the same reason. Returns as rpc_call(). */
static int reload_all(struct ctl *ctl, unsigned what, char *error, size_t size)
{
	int rc = 0;

	for (size_t i = 0; i < sizeof(reloads) / sizeof(reloads[0]); i++) {
		const struct reload *r = &reloads[i];

		if (!(r->what & what))
			continue;
		if (rc == 0)
			rc = reload(ctl, r, error, size);
		else if (!r->optional)
			ctl_say(ctl, r->method, json_pack("{s:b, s:s}", "done", 0, "reason", error));
	}
	if (rc == 0)
		say_when_relays_count(ctl);
	return rc;
}

void tell_accounts(struct ctl *ctl)
{
	char error[512];
	json_t *answer = NULL;

	/* where Kamailio cannot be told, the change counts three seconds later: nothing that anybody has to do something about */
	rpc_call(ctl->config.rpc_socket, "aeta.accounts_changed", NULL, &answer, error, sizeof(error));
	json_decref(answer);
}

int tell_kamailio(struct ctl *ctl, unsigned what)
{
	char error[512];
	int rc = reload_all(ctl, what, error, sizeof(error));

	if (rc == -EPERM)
		return refuse("the change is stored, but Kamailio refuses the new data and goes on with the old: %s", error);
	if (rc)
		note("the change is stored, but Kamailio was not told (%s): run \"aetactl reload\" when it is up", error);
	return CTL_OK;
}

static int command_reload(struct ctl *ctl, const struct args *args)
{
	char error[512];
	int rc = reload_all(ctl, TELL_ALL, error, sizeof(error));

	(void)args;
	if (rc == -EPERM)
		return refuse("Kamailio refuses the new data and goes on with the old: %s", error);
	if (rc)
		refuse("%s", error);
	return rc ? CTL_UNREACHABLE : CTL_OK;
}

void remove_binding(struct ctl *ctl, const char *number)
{
	char error[512];
	json_t *answer;
	int rc = rpc_call(
			ctl->config.rpc_socket, "ul.rm", json_pack("[s, s]", LOCATION, number), &answer, error, sizeof(error));

	json_decref(answer);
	ctl_say(ctl, "binding_removed", json_boolean(rc == 0));
	if (rc)
		note("the registration of %s was not removed (%s); new calls and registrations follow the new state all the "
			 "same",
				number, error);
}

static json_t *known_binding(const json_t *answer)
{
	json_t *wrapped = json_array_get(json_object_get(answer, "Contacts"), 0);
	json_t *contact = json_object_get(wrapped, "Contact");
	static const char *const keys[][2] = {{"Address", "contact"}, {"Received", "received"}, {"Path", "path"},
			{"Socket", "socket"}, {"User-Agent", "user_agent"}, {"Expires", "expires_s"}};
	json_t *binding = json_object(), *value;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		value = json_object_get(contact, keys[i][0]);
		if (value && (!json_is_string(value) || strcmp(json_string_value(value), "[not set]") != 0))
			json_object_set(binding, keys[i][1], value);
	}
	return binding;
}

json_t *find_binding(struct ctl *ctl, const char *number, char *why, size_t size)
{
	json_t *answer, *binding;
	int rc = rpc_call(ctl->config.rpc_socket, "ul.lookup", json_pack("[s, s]", LOCATION, number), &answer, why, size);

	if (rc == -EPERM && strncmp(why, "AOR ", 4) == 0) /* not found, or has no contacts */
		return json_false();
	if (rc)
		return json_null();
	binding = known_binding(answer);
	json_decref(answer);
	return binding;
}

static const struct arg no_args[] = {{0}};

const struct command reload_commands[] = {
		{"reload", NULL, no_args, command_reload, false, "have Kamailio load groups, exceptions, domains and relays anew"},
		{0},
};
