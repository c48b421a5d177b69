/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may use the web administration: operators, subscribers' web logins (E1), and the sessions of both. */
#include "changes.h"
#include "web_password.h"

#include "data/operators.h"

#include <errno.h>

/* ---- operators ---- */

static int command_add(struct ctl *ctl, const struct args *args)
{
	const char *login = arg_text(args, "LOGIN");
	struct web_password p;
	int rc = web_password_take(args, &p);

	if (rc)
		return rc;
	rc = operator_add(ctl->db, &ctl->scope, login, arg_text(args, "--name"), role_of(arg_text(args, "--role")), p.text);
	return web_password_finish(ctl, rc, "operator", login, &p);
}

static int command_list(struct ctl *ctl, const struct args *args)
{
	json_t *list;
	int rc = operators_list(ctl->db, &ctl->scope, &list);

	(void)args;
	return ctl_listed(ctl, "operators", list, rc);
}

static int command_set(struct ctl *ctl, const struct args *args)
{
	const char *role = arg_text(args, "--role"), *login = arg_text(args, "LOGIN");
	const struct operator_change c = {.name = arg_text(args, "--name"), .role = role ? role_of(role) : ROLE_NONE,
			.enabled = (int)arg_number(args, "--enabled", -1), .drop_totp = arg_given(args, "--drop-totp")};

	if (!c.name && !role && c.enabled < 0 && !c.drop_totp)
		return refuse("nothing to set: give --role, --name, --enabled or --drop-totp");
	return web_password_finish(ctl, operator_set(ctl->db, &ctl->scope, login, &c, 0), "operator", login, NULL);
}

static int command_password(struct ctl *ctl, const struct args *args)
{
	const char *login = arg_text(args, "LOGIN");
	struct web_password p;
	int rc = web_password_take(args, &p);

	return rc ? rc : web_password_finish(ctl, operator_password(ctl->db, &ctl->scope, login, NULL, p.text, 0), "operator", login, &p);
}

static int command_delete(struct ctl *ctl, const struct args *args)
{
	const char *login = arg_text(args, "LOGIN");

	return web_password_finish(ctl, operator_delete(ctl->db, &ctl->scope, login, NULL), "deleted", login, NULL);
}

/* ---- web logins of accounts ---- */

static int command_web_password(struct ctl *ctl, const struct args *args)
{
	const char *number = arg_text(args, "NUMBER");
	struct web_password p;
	int rc = check_number(number);

	if (rc == CTL_OK)
		rc = web_password_take(args, &p);
	return rc ? rc : web_password_finish(ctl, web_login_password(ctl->db, &ctl->scope, number, p.text, 0), "number", number, &p);
}

static int command_web_list(struct ctl *ctl, const struct args *args)
{
	json_t *list;
	int rc = web_logins_list(ctl->db, &ctl->scope, &list);

	(void)args;
	return ctl_listed(ctl, "weblogins", list, rc);
}

static int command_web_delete(struct ctl *ctl, const struct args *args)
{
	const char *number = arg_text(args, "NUMBER");
	int rc = check_number(number);

	return rc ? rc : web_password_finish(ctl, web_login_delete(ctl->db, &ctl->scope, number), "deleted", number, NULL);
}

/* ---- sessions ---- */

static int command_sessions(struct ctl *ctl, const struct args *args)
{
	json_t *list;
	int rc = sessions_list(ctl->db, &ctl->scope, &list);

	(void)args;
	return ctl_listed(ctl, "sessions", list, rc);
}

static int command_end(struct ctl *ctl, const struct args *args)
{
	const char *id = arg_text(args, "ID");
	int rc = changes_delete(ctl, "sessions", id);

	if (rc == -ENOENT)
		return refuse("there is no session %s: see aetactl session list", id);
	return web_password_finish(ctl, rc, "ended", id, NULL);
}

/* ---- the commands ---- */

#define LOGIN_ARG \
	{ \
		.name = "LOGIN", .required = true, .help = "what the operator logs in with: a-z 0-9 . _ @ -" \
	}
#define NUMBER_ARG \
	{ \
		.name = "NUMBER", .required = true, .help = "an account in a group with self-management" \
	}
#define ROLES "viewer|support|admin"

static const struct arg no_args[] = {{0}};
static const struct arg add_args[] = {LOGIN_ARG,
		{.name = "--role", .type = ARG_WORD, .required = true, .value = ROLES, .help = "what the operator may do"},
		{.name = "--name", .value = "NAME", .help = "the person's name"}, WEB_PASSWORD_ARG, {0}};
static const struct arg set_args[] = {LOGIN_ARG, {.name = "--role", .type = ARG_WORD, .value = ROLES, .help = "what the operator may do"},
		{.name = "--name", .value = "NAME", .help = "the person's name"},
		{.name = "--enabled", .type = ARG_SWITCH, .help = "off: the operator cannot log in"},
		{.name = "--drop-totp", .type = ARG_FLAG, .help = "the second factor is lost: the password alone will do until a new one is set up"}, {0}};
static const struct arg password_args[] = {LOGIN_ARG, WEB_PASSWORD_ARG, {0}};
static const struct arg delete_args[] = {LOGIN_ARG, {0}};
static const struct arg web_password_args[] = {NUMBER_ARG, WEB_PASSWORD_ARG, {0}};
static const struct arg web_args[] = {NUMBER_ARG, {0}};
static const struct arg session_args[] = {{.name = "ID", .type = ARG_NUMBER, .required = true, .help = "of the session", .min = 1, .max = 2147483647}, {0}};

const struct command operator_commands[] = {
		{"operator", "add", add_args, command_add, true, "a new operator of the web administration"},
		{"operator", "list", no_args, command_list, true, "all operators"},
		{"operator", "set", set_args, command_set, true, "change an operator; its sessions end"},
		{"operator", "password", password_args, command_password, true, "a new password for an operator; its sessions end"},
		{"operator", "delete", delete_args, command_delete, true, "delete an operator"},
		{"weblogin", "password", web_password_args, command_web_password, true, "a new web password for an account; its sessions end"},
		{"weblogin", "list", no_args, command_web_list, true, "accounts with a web login"},
		{"weblogin", "delete", web_args, command_web_delete, true, "no web login any more"},
		{"session", "list", no_args, command_sessions, true, "who is logged in to the web administration"},
		{"session", "end", session_args, command_end, true, "log somebody out"},
		{0},
};
