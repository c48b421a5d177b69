/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may use the web administration: operators, subscribers' web logins (E1), and the sessions of both. */
#include "audit.h"
#include "ctl.h"

#include "data/operators.h"
#include "data/passwords.h"
#include "data/secret.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A change and its audit row, in one transaction. */
struct change {
	struct ctl *ctl;
	const char *action, *object, *detail;
	int (*make)(struct db *db, const struct change *c);
	const char *name, *password;
	enum role role;
	struct operator_change set;
};

static int body(struct db *db, void *arg)
{
	const struct change *c = arg;
	int rc = c->make(db, c);

	if (rc == 0 && audit(c->ctl, c->action, c->object, "%s", c->detail ? c->detail : "") != CTL_OK)
		rc = db_refuse(db, "nothing was changed");
	return rc;
}

/* Makes a change and tells its object. An exit status. */
static int carry_out(struct change *c, const char *key)
{
	int rc = ctl_done(c->ctl, db_transaction(c->ctl->db, body, c));

	if (rc == CTL_OK)
		ctl_say(c->ctl, key, json_string(c->object));
	return rc;
}

/* ---- passwords ---- */

struct password {
	char text[PASSWORDS_MAX + 1];
	bool generated;
};

static int read_password(struct password *p)
{
	char again[sizeof(p->text)];
	int rc = secret_read("password", p->text, sizeof(p->text));

	if (rc == 0 && secret_is_terminal()) {
		rc = secret_read("once more", again, sizeof(again));
		if (rc == 0 && strcmp(again, p->text) != 0)
			return refuse("the two passwords differ; nothing was changed");
		explicit_bzero(again, sizeof(again));
	}
	return rc == 0 ? CTL_OK : refuse("no password on standard input that can be one; nothing was changed");
}

/* From standard input, or made here. */
static int take_password(const struct args *args, struct password *p)
{
	*p = (struct password){.generated = !arg_given(args, "--password-stdin")};
	if (passwords_init() != 0)
		return refuse("libsodium does not start");
	if (!p->generated)
		return read_password(p);
	return secret_generate(p->text) == 0 ? CTL_OK : refuse("no random numbers: %s", strerror(errno));
}

/* A password that was made here is told, once. */
static int carry_out_with(struct change *c, struct password *p, const char *key)
{
	int rc;

	c->password = p->text;
	rc = carry_out(c, key);
	if (rc == CTL_OK && p->generated)
		ctl_say(c->ctl, "password", json_string(p->text));
	explicit_bzero(p, sizeof(*p));
	return rc;
}

/* ---- operators ---- */

static int make_operator(struct db *db, const struct change *c)
{
	return operator_add(db, c->object, c->name, c->role, c->password);
}

static int command_add(struct ctl *ctl, const struct args *args)
{
	const char *role = arg_text(args, "--role");
	struct change c = {.ctl = ctl, .action = "operator add", .object = arg_text(args, "LOGIN"), .detail = role, .make = make_operator, .name = arg_text(args, "--name"),
			.role = role_of(role)};
	struct password p;
	int rc = take_password(args, &p);

	return rc ? rc : carry_out_with(&c, &p, "operator");
}

static int command_list(struct ctl *ctl, const struct args *args)
{
	(void)args;
	return ctl_list(ctl, "operators",
			"SELECT login, name, role, enabled, totp, created_at, password_at, last_login_at FROM aeta_operator ORDER BY login", DB_NOTHING);
}

static int make_set(struct db *db, const struct change *c)
{
	return operator_set(db, c->object, &c->set, 0);
}

static int command_set(struct ctl *ctl, const struct args *args)
{
	const char *role = arg_text(args, "--role");
	char detail[160];
	struct change c = {.ctl = ctl, .action = "operator set", .object = arg_text(args, "LOGIN"), .detail = detail, .make = make_set};

	c.set = (struct operator_change){.name = arg_text(args, "--name"), .role = role ? role_of(role) : ROLE_NONE,
			.enabled = (int)arg_number(args, "--enabled", -1), .drop_totp = arg_given(args, "--drop-totp")};
	if (!c.set.name && !role && c.set.enabled < 0 && !c.set.drop_totp)
		return refuse("nothing to set: give --role, --name, --enabled or --drop-totp");
	snprintf(detail, sizeof(detail), "%s%s%s%s", role ? "role " : "", role ? role : "",
			c.set.enabled < 0 ? "" : c.set.enabled ? " enabled" : " disabled", c.set.drop_totp ? " without second factor" : "");
	return carry_out(&c, "operator");
}

static int make_password(struct db *db, const struct change *c)
{
	return operator_password(db, c->object, c->password, 0);
}

static int command_password(struct ctl *ctl, const struct args *args)
{
	struct change c = {.ctl = ctl, .action = "operator password", .object = arg_text(args, "LOGIN"), .make = make_password};
	struct password p;
	int rc = take_password(args, &p);

	return rc ? rc : carry_out_with(&c, &p, "operator");
}

static int make_delete(struct db *db, const struct change *c)
{
	return operator_delete(db, c->object);
}

static int command_delete(struct ctl *ctl, const struct args *args)
{
	struct change c = {.ctl = ctl, .action = "operator delete", .object = arg_text(args, "LOGIN"), .make = make_delete};

	return carry_out(&c, "deleted");
}

/* ---- web logins of accounts ---- */

static int make_web_password(struct db *db, const struct change *c)
{
	return web_login_password(db, c->object, c->password, 0);
}

static int command_web_password(struct ctl *ctl, const struct args *args)
{
	struct change c = {.ctl = ctl, .action = "weblogin password", .object = arg_text(args, "NUMBER"), .make = make_web_password};
	struct password p;
	int rc = check_number(c.object);

	if (rc == CTL_OK)
		rc = take_password(args, &p);
	return rc ? rc : carry_out_with(&c, &p, "number");
}

static int command_web_list(struct ctl *ctl, const struct args *args)
{
	(void)args;
	return ctl_list(ctl, "weblogins",
			"SELECT account AS number, email, created_at, password_at, last_login_at FROM aeta_web_login ORDER BY CHAR_LENGTH(account), account",
			DB_NOTHING);
}

static int make_web_delete(struct db *db, const struct change *c)
{
	int rc = web_login_delete(db, c->object);

	return rc == 0 && db_affected(db) == 0 ? db_refuse(db, "%s has no web login: see aetactl weblogin list", c->object) : rc;
}

static int command_web_delete(struct ctl *ctl, const struct args *args)
{
	struct change c = {.ctl = ctl, .action = "weblogin delete", .object = arg_text(args, "NUMBER"), .make = make_web_delete};
	int rc = check_number(c.object);

	return rc ? rc : carry_out(&c, "deleted");
}

/* ---- sessions ---- */

static int command_sessions(struct ctl *ctl, const struct args *args)
{
	(void)args;
	return ctl_list(ctl, "sessions",
			"SELECT s.id, COALESCE(o.login, s.account) AS who, COALESCE(o.role, 'subscriber') AS role, s.created_at, s.seen_at, s.ends_at, "
			"s.address, s.user_agent FROM aeta_web_session s LEFT JOIN aeta_operator o ON o.id = s.operator_id ORDER BY s.seen_at DESC",
			DB_NOTHING);
}

static int make_end(struct db *db, const struct change *c)
{
	int rc = session_end(db, strtoull(c->object, NULL, 10));

	return rc == 0 && db_affected(db) == 0 ? db_refuse(db, "there is no session %s: see aetactl session list", c->object) : rc;
}

static int command_end(struct ctl *ctl, const struct args *args)
{
	struct change c = {.ctl = ctl, .action = "session end", .object = arg_text(args, "ID"), .make = make_end};

	return carry_out(&c, "ended");
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
#define PASSWORD_ARG \
	{ \
		.name = "--password-stdin", .type = ARG_FLAG, \
		.help = "take the password from standard input (asked for at a terminal) instead of making one" \
	}
#define ROLES "viewer|support|admin"

static const struct arg no_args[] = {{0}};
static const struct arg add_args[] = {LOGIN_ARG,
		{.name = "--role", .type = ARG_WORD, .required = true, .value = ROLES, .help = "what the operator may do"},
		{.name = "--name", .value = "NAME", .help = "the person's name"}, PASSWORD_ARG, {0}};
static const struct arg set_args[] = {LOGIN_ARG, {.name = "--role", .type = ARG_WORD, .value = ROLES, .help = "what the operator may do"},
		{.name = "--name", .value = "NAME", .help = "the person's name"},
		{.name = "--enabled", .type = ARG_SWITCH, .help = "off: the operator cannot log in"},
		{.name = "--drop-totp", .type = ARG_FLAG, .help = "the second factor is lost: the password alone will do until a new one is set up"}, {0}};
static const struct arg password_args[] = {LOGIN_ARG, PASSWORD_ARG, {0}};
static const struct arg delete_args[] = {LOGIN_ARG, {0}};
static const struct arg web_password_args[] = {NUMBER_ARG, PASSWORD_ARG, {0}};
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
