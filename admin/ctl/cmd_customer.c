/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Customers and their technical contacts (E3). */
#include "changes.h"
#include "data/contact_logins.h"
#include "data/customers.h"
#include "data/people.h"
#include "web_password.h"

#include <errno.h>
#include <stdio.h>

/* ---- customers ---- */

static int show_customer(struct ctl *ctl, long long id)
{
	json_t *object;
	int rc = ctl_done(ctl, people_customer(ctl->db, &ctl->scope, id, &object));

	json_object_update(ctl->result, object);
	json_decref(object);
	return rc;
}

/* The customer of the arguments, and its id as the key of its row. */
static int take_customer(struct ctl *ctl, const struct args *args, long long *id, char key[24])
{
	int rc = find_customer(ctl, arg_text(args, "CUSTOMER"), id);

	snprintf(key, 24, "%lld", rc ? 0 : *id);
	return rc;
}

static int customer_add_command(struct ctl *ctl, const struct args *args)
{
	const struct customer_new n = {.name = arg_text(args, "NAME"), .comment = arg_text(args, "--comment"),
			.email = arg_text(args, "--email"), .contact = arg_text(args, "--contact"), .phone = arg_text(args, "--phone")};
	struct data_problems problems;
	long long id;
	int rc = customer_add(ctl->db, &ctl->scope, &n, &problems, &id);

	if (rc == -EINVAL && problems.count)
		return refuse("%s %s", problems.list[0].column->label, problems.list[0].text);
	rc = ctl_done(ctl, rc);
	return rc ? rc : show_customer(ctl, id);
}

static int customer_list(struct ctl *ctl, const struct args *args)
{
	json_t *list;
	int rc = people_customers(ctl->db, &ctl->scope, &list);

	(void)args;
	return ctl_listed(ctl, "customers", list, rc);
}

static int customer_show(struct ctl *ctl, const struct args *args)
{
	long long id;
	char key[24];
	int rc = take_customer(ctl, args, &id, key);

	return rc ? rc : show_customer(ctl, id);
}

static int customer_set(struct ctl *ctl, const struct args *args)
{
	struct changes c = {.count = 0};
	long long id;
	char key[24];
	int rc = take_customer(ctl, args, &id, key);

	change_to(&c, "name", arg_text(args, "--name"));
	change_to(&c, "comment", arg_text(args, "--comment"));
	if (rc == CTL_OK)
		rc = changes_update(ctl, "customers", key, &c);
	else
		return rc;
	if (rc == -EEXIST)
		return refuse("there is a customer of that name already: see aetactl customer list");
	rc = ctl_done(ctl, rc);
	return rc ? rc : show_customer(ctl, id);
}

static int customer_delete(struct ctl *ctl, const struct args *args)
{
	long long id;
	char key[24];
	int rc = take_customer(ctl, args, &id, key);

	if (rc == CTL_OK)
		rc = ctl_done(ctl, changes_delete(ctl, "customers", key));
	if (rc == CTL_OK)
		ctl_say(ctl, "deleted", json_integer(id));
	return rc;
}

/* ---- contacts ---- */

static int list_contacts(struct ctl *ctl, long long customer)
{
	json_t *list;
	int rc = people_contacts(ctl->db, &ctl->scope, customer, &list);

	return ctl_listed(ctl, "contacts", list, rc);
}

/* After a change: the contacts of the customer as they are now. */
static int after_contact(struct ctl *ctl, long long customer, const char *email, int changed)
{
	int rc;

	if (changed == -EEXIST)
		return refuse("%s is a contact of this customer already", email);
	rc = ctl_done(ctl, changed);
	return rc ? rc : list_contacts(ctl, customer);
}

static int contact_add(struct ctl *ctl, const struct args *args)
{
	struct changes c = {.count = 0};
	long long id;
	char key[24];
	int rc = take_customer(ctl, args, &id, key);

	if (rc)
		return rc;
	change_to(&c, "customer_id", key);
	change_to(&c, "email", arg_text(args, "EMAIL"));
	change_to(&c, "name", arg_text(args, "--name"));
	change_to(&c, "phone", arg_text(args, "--phone"));
	return after_contact(ctl, id, arg_text(args, "EMAIL"), changes_insert(ctl, "contacts", &c));
}

static int contact_list(struct ctl *ctl, const struct args *args)
{
	long long id = 0;
	int rc = arg_given(args, "CUSTOMER") ? find_customer(ctl, arg_text(args, "CUSTOMER"), &id) : CTL_OK;

	return rc ? rc : list_contacts(ctl, id);
}

/* The contact of the arguments: its customer, and the key of its row. */
static int take_contact(struct ctl *ctl, const struct args *args, long long *customer, char key[24])
{
	int rc = find_customer(ctl, arg_text(args, "CUSTOMER"), customer);

	return rc ? rc : ctl_done(ctl, people_find_contact(ctl->db, &ctl->scope, *customer, arg_text(args, "EMAIL"), key));
}

static int contact_set(struct ctl *ctl, const struct args *args)
{
	struct changes c = {.count = 0};
	long long id;
	char key[24];
	int rc = take_contact(ctl, args, &id, key);

	if (rc)
		return rc;
	change_to(&c, "email", arg_text(args, "--email"));
	change_to(&c, "name", arg_text(args, "--name"));
	change_to(&c, "phone", arg_text(args, "--phone"));
	return after_contact(ctl, id, arg_text(args, "--email"), changes_update(ctl, "contacts", key, &c));
}

static int contact_delete(struct ctl *ctl, const struct args *args)
{
	long long id;
	char key[24];
	int rc = take_contact(ctl, args, &id, key);

	return rc ? rc : after_contact(ctl, id, NULL, changes_delete(ctl, "contacts", key));
}

/* ---- their web logins ---- */

static int contact_password(struct ctl *ctl, const struct args *args)
{
	struct contact_access access = {.login = arg_text(args, "--login"), .drop_totp = arg_given(args, "--drop-totp")};
	char key[24], login[SESSION_WHO_SIZE];
	struct web_password p;
	long long id;
	int rc = take_contact(ctl, args, &id, key);

	if (rc == CTL_OK)
		rc = web_password_take(args, &p);
	if (rc)
		return rc;
	access.password = p.text;
	return web_password_finish(ctl, contact_login_give(ctl->db, &ctl->scope, key, &access, login), "login", login, &p);
}

static int contact_disable(struct ctl *ctl, const struct args *args)
{
	bool forget = arg_given(args, "--delete");
	long long id;
	char key[24];
	int rc = take_contact(ctl, args, &id, key);

	if (rc)
		return rc;
	rc = forget ? contact_login_delete(ctl->db, &ctl->scope, key) : contact_login_disable(ctl->db, &ctl->scope, key);
	return web_password_finish(ctl, rc, forget ? "deleted" : "disabled", arg_text(args, "EMAIL"), NULL);
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
static const struct arg customer_set_args[] = {CUSTOMER_ARG, {.name = "--name", .value = "NAME", .help = "another name"},
		{.name = "--comment", .value = "TEXT", .empty = true, .help = "anything; \"\" takes it away"}, {0}};
static const struct arg contact_add_args[] = {CUSTOMER_ARG,
		{.name = "EMAIL", .required = true, .help = "one e-mail address"},
		{.name = "--name", .value = "NAME", .help = "name of the contact"},
		{.name = "--phone", .value = "PHONE", .help = "phone"}, {0}};
static const struct arg contact_set_args[] = {CUSTOMER_ARG,
		{.name = "EMAIL", .required = true, .help = "which contact"},
		{.name = "--email", .value = "ADDRESS", .help = "another e-mail address"},
		{.name = "--name", .value = "NAME", .empty = true, .help = "name of the contact"},
		{.name = "--phone", .value = "PHONE", .empty = true, .help = "phone"}, {0}};
static const struct arg contact_delete_args[] = {
		CUSTOMER_ARG, {.name = "EMAIL", .required = true, .help = "which contact"}, {0}};
static const struct arg contact_password_args[] = {CUSTOMER_ARG, {.name = "EMAIL", .required = true, .help = "which contact"},
		{.name = "--login", .value = "NAME", .help = "what it logs in with, if not its address: a-z 0-9 . _ @ + - and not digits alone"},
		{.name = "--drop-totp", .type = ARG_FLAG, .help = "the second factor is lost: the password alone will do until a new one is set up"},
		WEB_PASSWORD_ARG, {0}};
static const struct arg contact_disable_args[] = {CUSTOMER_ARG, {.name = "EMAIL", .required = true, .help = "which contact"},
		{.name = "--delete", .type = ARG_FLAG, .help = "name and second factor go, too"}, {0}};
static const struct arg contact_list_args[] = {{.name = "CUSTOMER", .help = "id or name; all customers without"}, {0}};
static const struct arg no_args[] = {{0}};

const struct command customer_commands[] = {
		{"customer", "add", customer_add_args, customer_add_command, true, "a new customer and its first technical contact"},
		{"customer", "list", no_args, customer_list, true, "all customers"},
		{"customer", "show", customer_args, customer_show, true, "a customer with its contacts, groups and accounts"},
		{"customer", "set", customer_set_args, customer_set, true, "change its name or comment"},
		{"customer", "delete", customer_args, customer_delete, true,
				"delete a customer that has no groups or accounts left"},
		{"contact", "add", contact_add_args, contact_add, true, "one more technical contact"},
		{"contact", "list", contact_list_args, contact_list, true, "technical contacts"},
		{"contact", "set", contact_set_args, contact_set, true, "change a technical contact"},
		{"contact", "password", contact_password_args, contact_password, true,
				"a web login for a contact, or a new password; its sessions end"},
		{"contact", "disable", contact_disable_args, contact_disable, true, "take the web login away; its sessions end"},
		{"contact", "delete", contact_delete_args, contact_delete, true, "delete a contact (not the last one)"},
		{0},
};
