/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Accounts: factory and other ones (A2), their state and end (A7), credentials (A1). */
#include "credentials.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LIST_LIMIT 1000

/* state as Kamailio sees it: an end date that is past wins over "active" */
/* the account's own media policy, and that which holds (C3) */
#define MEDIA_COLUMNS \
	"COALESCE(a.media, 'group') AS media, CAST(COALESCE(a.media, g.media, 'auto') AS CHAR) AS media_in_force"
#define STATE_COLUMN "IF(valid_until <= UTC_TIMESTAMP() AND state = 'active', 'ended', CAST(state AS CHAR)) AS state"

struct account_new {
	const struct args *args;
	const char *realm;
	long long customer; /* 0: none */
	struct credentials credentials;
};

/* "" (never) is no end. */
static struct db_value until_value(const char *until)
{
	return until && *until ? DB_TEXT(until) : DB_NULL;
}

static int insert_account(struct db *db, void *arg)
{
	struct account_new *n = arg;
	const struct args *a = n->args;
	const char *number = arg_text(a, "NUMBER");
	int rc = db_exec(db,
			"INSERT INTO aeta_account (number, kind, valid_until, customer_id, product, serial, comment) "
			"VALUES (?, ?, ?, ?, ?, ?, COALESCE(?, ''))",
			DB_VALUES(DB_TEXT(number), DB_TEXT(arg_text(a, "--kind")), until_value(arg_text(a, "--until")),
					n->customer ? DB_INT(n->customer) : DB_NULL, DB_TEXT(arg_text(a, "--product")),
					DB_TEXT(arg_text(a, "--serial")), DB_TEXT(arg_text(a, "--comment"))));

	return rc ? rc : credentials_store(db, number, n->realm, &n->credentials);
}

static int account_add(struct ctl *ctl, const struct args *args)
{
	struct account_new n = {.args = args, .realm = ctl->config.realm};
	const char *number = arg_text(args, "NUMBER"), *kind = arg_text(args, "--kind");
	int rc = check_number(number);

	if (rc)
		return rc;
	if (strcmp(kind, "factory") != 0 && (arg_given(args, "--product") || arg_given(args, "--serial")))
		return refuse("--product and --serial are a factory account's");
	if (arg_given(args, "--customer"))
		rc = find_customer(ctl, arg_text(args, "--customer"), &n.customer);
	if (rc == CTL_OK)
		rc = credentials_take(ctl, args, number, &n.credentials);
	if (rc == CTL_OK)
		rc = ctl_done(ctl, db_transaction(ctl->db, insert_account, &n));
	if (rc == CTL_OK)
		credentials_say(ctl, number, kind, &n.credentials);
	explicit_bzero(&n.credentials, sizeof(n.credentials));
	return rc;
}

static int account_list(struct ctl *ctl, const struct args *args)
{
	long long customer = 0, limit = arg_number(args, "--limit", LIST_LIMIT);
	long prefix = 0;
	int rc = arg_given(args, "--group") ? take_prefix(arg_text(args, "--group"), &prefix) : CTL_OK;

	if (rc == CTL_OK && arg_given(args, "--customer"))
		rc = find_customer(ctl, arg_text(args, "--customer"), &customer);
	if (rc)
		return rc;
	rc = ctl_list(ctl, "accounts",
			"SELECT * FROM (SELECT a.number, CAST(a.kind AS CHAR) AS kind, " STATE_COLUMN
			", a.valid_until, a.product, a.serial, "
			"a.comment FROM aeta_account a LEFT JOIN aeta_group g ON g.prefix = a.prefix "
			"WHERE ? IN (0, a.prefix) AND ? IN (0, COALESCE(g.customer_id, a.customer_id, 0))) l "
			"WHERE COALESCE(?, kind) = kind AND COALESCE(?, state) = state "
			"ORDER BY CHAR_LENGTH(number), number LIMIT ?",
			DB_VALUES(DB_INT(prefix), DB_INT(customer), DB_TEXT(arg_text(args, "--kind")),
					DB_TEXT(arg_text(args, "--state")), DB_INT(limit)));
	if (rc == CTL_OK && json_array_size(json_object_get(ctl->result, "accounts")) == (size_t)limit)
		note("only the first %lld are shown: narrow the list down, or raise --limit", limit);
	return rc;
}

/* The account exists, or a refusal. */
static int check_account(struct ctl *ctl, const char *number, char kind[16])
{
	struct db_rows rows;
	int rc = check_number(number);

	if (rc)
		return rc;
	rc = db_query(ctl->db, &rows, "SELECT kind FROM aeta_account WHERE number = ?", DB_VALUES(DB_TEXT(number)));
	if (rc == 0 && rows.rows == 0)
		rc = db_refuse(ctl->db, "there is no account \"%s\": see aetactl account list", number);
	if (rc == 0)
		snprintf(kind, 16, "%s", db_cell(&rows, 0, 0));
	db_rows_free(&rows);
	return ctl_done(ctl, rc);
}

static int account_show(struct ctl *ctl, const struct args *args)
{
	const char *number = arg_text(args, "NUMBER");
	char why[512], kind[16];
	int rc = check_account(ctl, number, kind);
	json_t *binding;

	if (rc)
		return rc;
	rc = ctl_show(ctl, "there is no such account: see aetactl account list",
			"SELECT a.number, CAST(a.kind AS CHAR) AS kind, " STATE_COLUMN ", a.valid_until, a.prefix AS `group`, "
			"c.name AS customer, a.product, a.serial, a.comment, " MEDIA_COLUMNS ", a.created_at, "
			"IF(EXISTS (SELECT username FROM subscriber s WHERE s.username = a.number), 'set', 'none') AS password "
			"FROM aeta_account a LEFT JOIN aeta_group g ON g.prefix = a.prefix "
			"LEFT JOIN aeta_customer c ON c.id = COALESCE(g.customer_id, a.customer_id) WHERE a.number = ?",
			DB_VALUES(DB_TEXT(number)));
	if (rc)
		return rc;
	binding = find_binding(ctl, number, why, sizeof(why));
	if (json_is_null(binding))
		note("registration not asked: %s", why);
	ctl_say(ctl, "registered", binding);
	return CTL_OK;
}

static int account_delete(struct ctl *ctl, const struct args *args)
{
	const char *number = arg_text(args, "NUMBER");
	char kind[16];
	int rc = check_account(ctl, number, kind);

	if (rc == CTL_OK)
		rc = ctl_done(ctl, db_exec(ctl->db, "DELETE FROM aeta_account WHERE number = ?", DB_VALUES(DB_TEXT(number))));
	if (rc)
		return rc;
	tell_accounts(ctl);
	ctl_say(ctl, "deleted", json_string(number));
	remove_binding(ctl, number);
	if (strcmp(kind, "premium") == 0)
		note("this number is never given again; a twin in the hunting series stays until it is deleted too");
	return CTL_OK;
}

static int account_password(struct ctl *ctl, const struct args *args)
{
	const char *number = arg_text(args, "NUMBER");
	struct credentials c;
	char kind[16];
	int rc = check_account(ctl, number, kind);

	if (rc == CTL_OK)
		rc = credentials_take(ctl, args, number, &c);
	if (rc)
		return rc;
	rc = ctl_done(ctl, credentials_store(ctl->db, number, ctl->config.realm, &c));
	if (rc == CTL_OK) {
		tell_accounts(ctl);
		credentials_say(ctl, number, kind, &c);
	}
	explicit_bzero(&c, sizeof(c));
	return rc;
}

/* The account as it is now; its registration goes at once where it may no longer have one. */
static int after_change(struct ctl *ctl, const char *number)
{
	int rc = ctl_show(ctl, "the account is gone meanwhile",
			"SELECT number, CAST(kind AS CHAR) AS kind, " STATE_COLUMN
			", valid_until FROM aeta_account WHERE number = ?",
			DB_VALUES(DB_TEXT(number)));

	tell_accounts(ctl); /* before the binding goes: with what Kamailio keeps it could come back */
	if (rc == CTL_OK && strcmp(json_string_value(json_object_get(ctl->result, "state")), "active") != 0)
		remove_binding(ctl, number);
	return rc;
}

static int set_state(struct ctl *ctl, const struct args *args, const char *state)
{
	const char *number = arg_text(args, "NUMBER");
	char kind[16];
	int rc = check_account(ctl, number, kind);

	if (rc == CTL_OK)
		rc = ctl_done(ctl, db_exec(ctl->db, "UPDATE aeta_account SET state = ? WHERE number = ?",
								   DB_VALUES(DB_TEXT(state), DB_TEXT(number))));
	return rc ? rc : after_change(ctl, number);
}

static int account_lock(struct ctl *ctl, const struct args *args)
{
	return set_state(ctl, args, "locked");
}

static int account_suspend(struct ctl *ctl, const struct args *args)
{
	return set_state(ctl, args, "suspended");
}

static int account_unlock(struct ctl *ctl, const struct args *args)
{
	return set_state(ctl, args, "active");
}

static int account_until(struct ctl *ctl, const struct args *args)
{
	const char *number = arg_text(args, "NUMBER");
	char kind[16];
	int rc = check_account(ctl, number, kind);

	if (rc == CTL_OK)
		rc = ctl_done(ctl, db_exec(ctl->db, "UPDATE aeta_account SET valid_until = ? WHERE number = ?",
								   DB_VALUES(until_value(arg_text(args, "DATE")), DB_TEXT(number))));
	return rc ? rc : after_change(ctl, number);
}

static int account_set(struct ctl *ctl, const struct args *args)
{
	const char *number = arg_text(args, "NUMBER"), *media = arg_text(args, "--media");
	char kind[16];
	int rc = check_account(ctl, number, kind);

	if (rc == CTL_OK)
		rc = ctl_done(ctl, db_exec(ctl->db, "UPDATE aeta_account SET media = ? WHERE number = ?",
								   DB_VALUES(DB_TEXT(strcmp(media, "group") == 0 ? NULL : media), DB_TEXT(number))));
	if (rc)
		return rc;
	tell_accounts(ctl);
	return ctl_show(ctl, "the account is gone meanwhile", "SELECT a.number, CAST(a.kind AS CHAR) AS kind, " MEDIA_COLUMNS
			" FROM aeta_account a LEFT JOIN aeta_group g ON g.prefix = a.prefix WHERE number = ?", DB_VALUES(DB_TEXT(number)));
}

#define NUMBER_ARG \
	{ \
		.name = "NUMBER", .required = true, .help = "the digits of the account" \
	}
#define DATE_HELP "UTC: YYYY-MM-DD (to the end of that day), \"YYYY-MM-DD HH:MM\", or never"

static const struct arg add_args[] = {NUMBER_ARG,
		{.name = "--kind",
				.type = ARG_WORD,
				.required = true,
				.value = "factory|other",
				.help = "premium ones: see number allocate"},
		{.name = "--product", .value = "NAME", .help = "factory: the product that it is burnt into"},
		{.name = "--serial", .value = "SERIAL", .help = "factory: the serial number of the product"},
		{.name = "--until", .type = ARG_DATE, .value = "DATE", .help = DATE_HELP},
		{.name = "--customer", .value = "CUSTOMER", .help = "id or name of who has it"},
		{.name = "--comment", .value = "TEXT", .help = "anything"}, CREDENTIALS_ARGS, {0}};
static const struct arg list_args[] = {{.name = "--group", .value = "PREFIX", .help = "only the members of this group"},
		{.name = "--customer", .value = "CUSTOMER", .help = "only those of this customer"},
		{.name = "--kind", .type = ARG_WORD, .value = "premium|hunting|factory|other", .help = "only this kind"},
		{.name = "--state",
				.type = ARG_WORD,
				.value = "active|locked|suspended|ended",
				.help = "only those in this state"},
		{.name = "--limit",
				.type = ARG_NUMBER,
				.value = "N",
				.help = "show no more than so many, 1000 without",
				.min = 1,
				.max = 100000000},
		{0}};
static const struct arg number_args[] = {NUMBER_ARG, {0}};
static const struct arg set_args[] = {NUMBER_ARG,
		{.name = "--media",
				.type = ARG_WORD,
				.required = true,
				.value = "auto|always|never|group",
				.help = "media through the relay: where it must, always, never, or as its group says (C3)"},
		{0}};
static const struct arg password_args[] = {NUMBER_ARG, CREDENTIALS_ARGS, {0}};
static const struct arg until_args[] = {
		NUMBER_ARG, {.name = "DATE", .type = ARG_DATE, .required = true, .help = DATE_HELP}, {0}};

const struct command account_commands[] = {
		{"account", "add", add_args, account_add, true, "a factory account, or another one outside every group"},
		{"account", "list", list_args, account_list, true, "accounts, all or some"},
		{"account", "show", number_args, account_show, true, "an account, and where it is registered"},
		{"account", "set", set_args, account_set, true, "its media policy; counts for the next call"},
		{"account", "delete", number_args, account_delete, true, "delete an account and its credentials"},
		{"account", "password", password_args, account_password, true, "a new password, made or typed"},
		{"account", "lock", number_args, account_lock, true, "no registration and no calls any more; at once"},
		{"account", "unlock", number_args, account_unlock, true, "active again, after lock or suspend"},
		{"account", "suspend", number_args, account_suspend, true, "as lock, for a subscription that is not paid"},
		{"account", "until", until_args, account_until, true, "set or remove the end date"},
		{0},
};
