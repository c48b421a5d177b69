/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Accounts: factory and other ones (A2), their state and end (A7), credentials (A1). */
#include "changes.h"
#include "credentials.h"
#include "data/accounts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LIST_LIMIT 1000

/* ---- a new one ---- */

static int account_add_command(struct ctl *ctl, const struct args *args)
{
	const char *number = arg_text(args, "NUMBER"), *kind = arg_text(args, "--kind");
	struct credentials c = {0};
	struct account_new n = {.number = number, .kind = kind, .valid_until = arg_text(args, "--until"),
			.product = arg_text(args, "--product"), .serial = arg_text(args, "--serial"), .comment = arg_text(args, "--comment"),
			.realm = ctl->config.realm, .ha1 = c.ha1, .ha1b = c.ha1b};
	struct data_problems problems;
	int rc = check_number(number);

	if (rc)
		return rc;
	if (strcmp(kind, "factory") != 0 && (n.product || n.serial))
		return refuse("--product and --serial are a factory account's");
	if (arg_given(args, "--customer"))
		rc = find_customer(ctl, arg_text(args, "--customer"), &n.customer);
	if (rc == CTL_OK)
		rc = credentials_take(ctl, args, number, &c);
	if (rc == CTL_OK)
		rc = ctl_done(ctl, account_add(ctl->db, &ctl->scope, &n, &problems));
	if (rc == CTL_OK)
		credentials_say(ctl, number, kind, &c);
	explicit_bzero(&c, sizeof(c));
	return rc;
}

/* ---- seeing them ---- */

static int account_list(struct ctl *ctl, const struct args *args)
{
	struct account_filter f = {.kind = arg_text(args, "--kind"), .state = arg_text(args, "--state"),
			.limit = arg_number(args, "--limit", LIST_LIMIT)};
	json_t *list;
	int rc = arg_given(args, "--group") ? take_prefix(arg_text(args, "--group"), &f.prefix) : CTL_OK;

	if (rc == CTL_OK && arg_given(args, "--customer"))
		rc = find_customer(ctl, arg_text(args, "--customer"), &f.customer);
	if (rc)
		return rc;
	rc = accounts_list(ctl->db, &ctl->scope, &f, &list);
	if (rc == 0 && json_array_size(list) == (size_t)f.limit)
		note("only the first %ld are shown: narrow the list down, or raise --limit", f.limit);
	return ctl_listed(ctl, "accounts", list, rc);
}

/* The account exists, or a refusal. */
static int check_account(struct ctl *ctl, const char *number, char kind[16])
{
	int rc = check_number(number);

	return rc ? rc : ctl_done(ctl, accounts_kind(ctl->db, &ctl->scope, number, kind));
}

/* Some facts of the account as it is now, those of `keys` (ended by NULL), or all of them (NULL). */
static int say_account(struct ctl *ctl, const char *number, const char *const *keys)
{
	json_t *object;
	int rc = ctl_done(ctl, accounts_show(ctl->db, &ctl->scope, number, &object));

	for (; rc == CTL_OK && keys && *keys; keys++)
		json_object_set(ctl->result, *keys, json_object_get(object, *keys));
	if (rc == CTL_OK && !keys)
		json_object_update(ctl->result, object);
	json_decref(object);
	return rc;
}

static int account_show(struct ctl *ctl, const struct args *args)
{
	const char *number = arg_text(args, "NUMBER");
	char why[512], kind[16];
	int rc = check_account(ctl, number, kind);
	json_t *binding;

	if (rc == CTL_OK)
		rc = say_account(ctl, number, NULL);
	if (rc)
		return rc;
	binding = find_binding(ctl, number, why, sizeof(why));
	if (json_is_null(binding))
		note("registration not asked: %s", why);
	ctl_say(ctl, "registered", binding);
	return CTL_OK;
}

/* ---- changes ---- */

static int account_delete(struct ctl *ctl, const struct args *args)
{
	const char *number = arg_text(args, "NUMBER");
	char kind[16];
	int rc = check_account(ctl, number, kind);

	if (rc == CTL_OK)
		rc = ctl_done(ctl, changes_delete(ctl, "accounts", number));
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
	rc = ctl_done(ctl, account_digests(ctl->db, &ctl->scope, number, ctl->config.realm, c.ha1, c.ha1b));
	if (rc == CTL_OK) {
		tell_accounts(ctl);
		credentials_say(ctl, number, kind, &c);
	}
	explicit_bzero(&c, sizeof(c));
	return rc;
}

/* Changes one column; then the account's registration goes at once where it may no longer have one. */
static int change_state(struct ctl *ctl, const struct args *args, const char *column, const char *value)
{
	static const char *const told[] = {"number", "kind", "state", "valid_until", NULL};
	const char *number = arg_text(args, "NUMBER");
	struct changes c = {.count = 0};
	char kind[16];
	int rc = check_account(ctl, number, kind);

	change_to(&c, column, value);
	if (rc == CTL_OK)
		rc = ctl_done(ctl, changes_update(ctl, "accounts", number, &c));
	if (rc == CTL_OK)
		rc = say_account(ctl, number, told);
	if (rc)
		return rc;
	tell_accounts(ctl); /* before the binding goes: with what Kamailio keeps it could come back */
	if (strcmp(json_string_value(json_object_get(ctl->result, "state")), "active") != 0)
		remove_binding(ctl, number);
	return CTL_OK;
}

static int account_lock(struct ctl *ctl, const struct args *args)
{
	return change_state(ctl, args, "state", "locked");
}

static int account_suspend(struct ctl *ctl, const struct args *args)
{
	return change_state(ctl, args, "state", "suspended");
}

static int account_unlock(struct ctl *ctl, const struct args *args)
{
	return change_state(ctl, args, "state", "active");
}

static int account_until(struct ctl *ctl, const struct args *args)
{
	return change_state(ctl, args, "valid_until", arg_text(args, "DATE"));
}

/* The customer of the arguments, 0 for nobody. */
static int take_owner(struct ctl *ctl, const struct args *args, const char *kind, long long *customer)
{
	*customer = 0;
	if (strcmp(kind, "factory") != 0 && strcmp(kind, "other") != 0)
		return refuse("the customer of a number in a group is the group's: see aetactl group set");
	return arg_text(args, "--customer")[0] ? find_customer(ctl, arg_text(args, "--customer"), customer) : CTL_OK;
}

static int account_set(struct ctl *ctl, const struct args *args)
{
	static const char *const told[] = {"number", "kind", "media", "media_in_force", "product", "serial", "comment", "customer", NULL};
	const char *number = arg_text(args, "NUMBER"), *media = arg_text(args, "--media");
	struct changes c = {.count = 0};
	long long customer;
	char kind[16];
	int rc = check_account(ctl, number, kind);

	change_to(&c, "media", media && strcmp(media, "group") == 0 ? "" : media);
	change_to(&c, "product", arg_text(args, "--product"));
	change_to(&c, "serial", arg_text(args, "--serial"));
	change_to(&c, "comment", arg_text(args, "--comment"));
	if (rc == CTL_OK && c.count == 0 && !arg_given(args, "--customer"))
		rc = refuse("what is to change? See aetactl help account set");
	if (rc == CTL_OK && strcmp(kind, "factory") != 0 && (arg_given(args, "--product") || arg_given(args, "--serial")))
		rc = refuse("--product and --serial are a factory account's");
	if (rc == CTL_OK && arg_given(args, "--customer"))
		rc = take_owner(ctl, args, kind, &customer);
	if (rc == CTL_OK && c.count)
		rc = ctl_done(ctl, changes_update(ctl, "accounts", number, &c));
	if (rc == CTL_OK && arg_given(args, "--customer"))
		rc = ctl_done(ctl, account_give(ctl->db, &ctl->scope, number, customer));
	if (rc)
		return rc;
	tell_accounts(ctl);
	return say_account(ctl, number, told);
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
				.value = "auto|always|never|group",
				.help = "media through the relay: where it must, always, never, or as its group says (C3)"},
		{.name = "--product", .value = "NAME", .empty = true, .help = "factory: the product that it is burnt into"},
		{.name = "--serial", .value = "SERIAL", .empty = true, .help = "factory: the serial number of the product"},
		{.name = "--customer", .value = "CUSTOMER", .empty = true, .help = "factory, other: id or name of who has it; \"\": nobody"},
		{.name = "--comment", .value = "TEXT", .empty = true, .help = "anything; \"\" takes it away"}, {0}};
static const struct arg password_args[] = {NUMBER_ARG, CREDENTIALS_ARGS, {0}};
static const struct arg until_args[] = {
		NUMBER_ARG, {.name = "DATE", .type = ARG_DATE, .required = true, .help = DATE_HELP}, {0}};

const struct command account_commands[] = {
		{"account", "add", add_args, account_add_command, true, "a factory account, or another one outside every group"},
		{"account", "list", list_args, account_list, true, "accounts, all or some"},
		{"account", "show", number_args, account_show, true, "an account, and where it is registered"},
		{"account", "set", set_args, account_set, true, "its media policy, which counts for the next call, and what is known of it"},
		{"account", "delete", number_args, account_delete, true, "delete an account and its credentials"},
		{"account", "password", password_args, account_password, true, "a new password, made or typed"},
		{"account", "lock", number_args, account_lock, true, "no registration and no calls any more; at once"},
		{"account", "unlock", number_args, account_unlock, true, "active again, after lock or suspend"},
		{"account", "suspend", number_args, account_suspend, true, "as lock, for a subscription that is not paid"},
		{"account", "until", until_args, account_until, true, "set or remove the end date"},
		{0},
};
