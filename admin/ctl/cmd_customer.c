/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Customers and their technical contacts (E3). */
#include "ctl.h"

#include <errno.h>

struct customer_new {
	const struct args *args;
	long long id;
};

static int insert_contact(struct db *db, long long customer, const char *email, const char *name, const char *phone)
{
	int rc = db_exec(db,
			"INSERT INTO aeta_contact (customer_id, email, name, phone) VALUES (?, ?, COALESCE(?, ''), COALESCE(?, "
			"''))",
			DB_VALUES(DB_INT(customer), DB_TEXT(email), DB_TEXT(name), DB_TEXT(phone)));

	if (rc == -EEXIST)
		return db_refuse(db, "%s is a contact of this customer already", email);
	return rc;
}

static int insert_customer(struct db *db, void *arg)
{
	struct customer_new *n = arg;
	const struct args *a = n->args;
	int rc = db_exec(db, "INSERT INTO aeta_customer (name, comment) VALUES (?, COALESCE(?, ''))",
			DB_VALUES(DB_TEXT(arg_text(a, "NAME")), DB_TEXT(arg_text(a, "--comment"))));

	if (rc)
		return rc;
	n->id = (long long)db_insert_id(db);
	return insert_contact(db, n->id, arg_text(a, "--email"), arg_text(a, "--contact"), arg_text(a, "--phone"));
}

static int show_customer(struct ctl *ctl, long long id)
{
	int rc = ctl_show(ctl, "there is no such customer: see aetactl customer list",
			"SELECT id, name, comment, created_at FROM aeta_customer WHERE id = ?", DB_VALUES(DB_INT(id)));

	if (rc == CTL_OK)
		rc = ctl_list(ctl, "contacts", "SELECT email, name, phone FROM aeta_contact WHERE customer_id = ? ORDER BY id",
				DB_VALUES(DB_INT(id)));
	if (rc == CTL_OK)
		rc = ctl_list(ctl, "groups", "SELECT prefix, name FROM aeta_group WHERE customer_id = ? ORDER BY prefix",
				DB_VALUES(DB_INT(id)));
	if (rc == CTL_OK)
		rc = ctl_list(ctl, "accounts",
				"SELECT number, kind, state FROM aeta_account WHERE customer_id = ? ORDER BY number",
				DB_VALUES(DB_INT(id)));
	return rc;
}

static int customer_add(struct ctl *ctl, const struct args *args)
{
	struct customer_new n = {.args = args};
	int rc = ctl_done(ctl, db_transaction(ctl->db, insert_customer, &n));

	return rc ? rc : show_customer(ctl, n.id);
}

static int customer_list(struct ctl *ctl, const struct args *args)
{
	(void)args;
	return ctl_list(ctl, "customers",
			"SELECT c.id, c.name, (SELECT email FROM aeta_contact k WHERE k.customer_id = c.id ORDER BY k.id LIMIT 1) "
			"AS email, "
			"(SELECT COUNT(*) FROM aeta_group g WHERE g.customer_id = c.id) AS `groups`, c.comment "
			"FROM aeta_customer c ORDER BY c.name",
			DB_NOTHING);
}

static int customer_show(struct ctl *ctl, const struct args *args)
{
	long long id;
	int rc = find_customer(ctl, arg_text(args, "CUSTOMER"), &id);

	return rc ? rc : show_customer(ctl, id);
}

static int customer_delete(struct ctl *ctl, const struct args *args)
{
	long long id;
	int rc = find_customer(ctl, arg_text(args, "CUSTOMER"), &id);

	if (rc == CTL_OK)
		rc = ctl_done(ctl, db_exec(ctl->db, "DELETE FROM aeta_customer WHERE id = ?", DB_VALUES(DB_INT(id))));
	if (rc == CTL_OK)
		ctl_say(ctl, "deleted", json_integer(id));
	return rc;
}

static int list_contacts(struct ctl *ctl, long long customer)
{
	return ctl_list(ctl, "contacts",
			"SELECT c.name AS customer, k.email, k.name, k.phone FROM aeta_contact k JOIN aeta_customer c ON c.id = "
			"k.customer_id "
			"WHERE ? IN (0, k.customer_id) ORDER BY c.name, k.id",
			DB_VALUES(DB_INT(customer)));
}

static int contact_add(struct ctl *ctl, const struct args *args)
{
	long long id;
	int rc = find_customer(ctl, arg_text(args, "CUSTOMER"), &id);

	if (rc == CTL_OK)
		rc = ctl_done(ctl, insert_contact(ctl->db, id, arg_text(args, "EMAIL"), arg_text(args, "--name"),
								   arg_text(args, "--phone")));
	return rc ? rc : list_contacts(ctl, id);
}

static int contact_list(struct ctl *ctl, const struct args *args)
{
	long long id = 0;
	int rc = arg_given(args, "CUSTOMER") ? find_customer(ctl, arg_text(args, "CUSTOMER"), &id) : CTL_OK;

	return rc ? rc : list_contacts(ctl, id);
}

static int contact_delete(struct ctl *ctl, const struct args *args)
{
	const char *email = arg_text(args, "EMAIL");
	long long id;
	int rc = find_customer(ctl, arg_text(args, "CUSTOMER"), &id);

	if (rc == CTL_OK)
		rc = ctl_done(ctl, db_exec(ctl->db, "DELETE FROM aeta_contact WHERE customer_id = ? AND email = ?",
								   DB_VALUES(DB_INT(id), DB_TEXT(email))));
	if (rc == CTL_OK && db_affected(ctl->db) == 0)
		rc = refuse("the customer has no contact %s: see aetactl contact list", email);
	return rc ? rc : list_contacts(ctl, id);
}

#define CUSTOMER_ARG \
	{ \
		.name = "CUSTOMER", .required = true, .help = "id or name" \
	}

static const struct arg customer_add_args[] = {{.name = "NAME", .required = true, .help = "name of the customer"},
		{.name = "--email", .required = true, .value = "ADDRESS", .help = "e-mail of its technical contact"},
		{.name = "--contact", .value = "NAME", .help = "name of the technical contact"},
		{.name = "--phone", .value = "PHONE", .help = "phone of the technical contact"},
		{.name = "--comment", .value = "TEXT", .help = "anything"}, {0}};
static const struct arg customer_args[] = {CUSTOMER_ARG, {0}};
static const struct arg contact_add_args[] = {CUSTOMER_ARG,
		{.name = "EMAIL", .required = true, .help = "one e-mail address"},
		{.name = "--name", .value = "NAME", .help = "name of the contact"},
		{.name = "--phone", .value = "PHONE", .help = "phone"}, {0}};
static const struct arg contact_delete_args[] = {
		CUSTOMER_ARG, {.name = "EMAIL", .required = true, .help = "which contact"}, {0}};
static const struct arg contact_list_args[] = {{.name = "CUSTOMER", .help = "id or name; all customers without"}, {0}};
static const struct arg no_args[] = {{0}};

const struct command customer_commands[] = {
		{"customer", "add", customer_add_args, customer_add, true, "a new customer and its first technical contact"},
		{"customer", "list", no_args, customer_list, true, "all customers"},
		{"customer", "show", customer_args, customer_show, true, "a customer with its contacts, groups and accounts"},
		{"customer", "delete", customer_args, customer_delete, true,
				"delete a customer that has no groups or accounts left"},
		{"contact", "add", contact_add_args, contact_add, true, "one more technical contact"},
		{"contact", "list", contact_list_args, contact_list, true, "technical contacts"},
		{"contact", "delete", contact_delete_args, contact_delete, true, "delete a contact (not the last one)"},
		{0},
};
