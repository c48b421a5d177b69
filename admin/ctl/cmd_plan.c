/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions from outgoing blocking (B5) and the domains of the service (A3, C5). */
#include "changes.h"
#include "data/plan.h"

#include <errno.h>
#include <stdio.h>

#define KEY_SIZE 80 /* of an exception: prefix, a dash, the number */

/* ---- exceptions ---- */

/* The number and the group of the arguments, 0 for every group. */
static int take_exception(const struct args *args, char prefix[8], char key[KEY_SIZE])
{
	long n = 0;
	int rc = arg_given(args, "--group") ? take_prefix(arg_text(args, "--group"), &n) : CTL_OK;

	snprintf(prefix, 8, "%ld", n);
	snprintf(key, KEY_SIZE, "%ld-%s", n, arg_text(args, "NUMBER"));
	return rc;
}

static int exception_list(struct ctl *ctl, const struct args *args)
{
	json_t *list;
	int rc = plan_exceptions(ctl->db, &ctl->scope, &list);

	(void)args;
	return ctl_listed(ctl, "exceptions", list, rc);
}

static int after_exception(struct ctl *ctl)
{
	int rc = exception_list(ctl, NULL);

	return rc ? rc : tell_kamailio(ctl, LIVE_PLAN);
}

static int exception_add(struct ctl *ctl, const struct args *args)
{
	struct changes c = {.count = 0};
	char prefix[8], key[KEY_SIZE];
	int rc = take_exception(args, prefix, key), changed;

	if (rc)
		return rc;
	change_to(&c, "prefix", prefix);
	change_to(&c, "number", arg_text(args, "NUMBER"));
	changed = changes_insert(ctl, "exceptions", &c);
	if (changed == -EEXIST)
		return refuse("%s is an exception there already: see aetactl exception list", arg_text(args, "NUMBER"));
	rc = ctl_done(ctl, changed);
	return rc ? rc : after_exception(ctl);
}

static int exception_delete(struct ctl *ctl, const struct args *args)
{
	char prefix[8], key[KEY_SIZE];
	int rc = take_exception(args, prefix, key), changed;

	if (rc)
		return rc;
	changed = changes_delete(ctl, "exceptions", key);
	if (changed == -ENOENT)
		return refuse("%s is no exception there: see aetactl exception list", arg_text(args, "NUMBER"));
	rc = ctl_done(ctl, changed);
	return rc ? rc : after_exception(ctl);
}

/* ---- domains ---- */

static int domain_list(struct ctl *ctl, const struct args *args)
{
	json_t *list;
	int rc = plan_domains(ctl->db, &ctl->scope, &list);

	(void)args;
	return ctl_listed(ctl, "domains", list, rc);
}

/* What came of a change: the domains as they are now, and Kamailio is told. */
static int after_domain(struct ctl *ctl, const struct args *args, int changed)
{
	const char *domain = arg_text(args, "DOMAIN");
	int rc;

	if (changed == -EEXIST)
		return refuse("%s is a domain of the service already: see aetactl domain list", domain);
	if (changed == -ENOENT)
		return refuse("%s is no domain of the service: see aetactl domain list", domain);
	rc = ctl_done(ctl, changed);
	if (rc == CTL_OK)
		rc = domain_list(ctl, NULL);
	return rc ? rc : tell_kamailio(ctl, LIVE_DOMAINS | LIVE_PLAN);
}

static struct changes domain_changes(const struct args *args)
{
	struct changes c = {.count = 0};

	change_to(&c, "relay_set", arg_text(args, "--relay-set"));
	change_to(&c, "comment", arg_text(args, "--comment"));
	return c;
}

static int domain_add(struct ctl *ctl, const struct args *args)
{
	struct changes c = domain_changes(args);

	change_to(&c, "domain", arg_text(args, "DOMAIN"));
	return after_domain(ctl, args, changes_insert(ctl, "domains", &c));
}

static int domain_set(struct ctl *ctl, const struct args *args)
{
	struct changes c = domain_changes(args);

	return after_domain(ctl, args, changes_update(ctl, "domains", arg_text(args, "DOMAIN"), &c));
}

static int domain_delete(struct ctl *ctl, const struct args *args)
{
	return after_domain(ctl, args, changes_delete(ctl, "domains", arg_text(args, "DOMAIN")));
}

static const struct arg exception_args[] = {
		{.name = "NUMBER", .required = true, .help = "the whole number that may be called"},
		{.name = "--group", .value = "PREFIX", .help = "for this group only; every group without"}, {0}};
static const struct arg domain_add_args[] = {
		{.name = "DOMAIN", .required = true, .help = "host name or bare address, as agents have it as their registrar"},
		{.name = "--relay-set", .value = "SET", .help = "relays for callers registered under it (C5); \"default\" if none was set"},
		{.name = "--comment", .value = "TEXT", .empty = true, .help = "anything; \"\" takes it away"}, {0}};
static const struct arg domain_args[] = {{.name = "DOMAIN", .required = true, .help = "which one"}, {0}};
static const struct arg no_args[] = {{0}};

const struct command plan_commands[] = {
		{"exception", "add", exception_args, exception_add, true,
				"a number that groups with outgoing blocking may call"},
		{"exception", "list", no_args, exception_list, true, "all exceptions"},
		{"exception", "delete", exception_args, exception_delete, true, "delete an exception"},
		{"domain", "add", domain_add_args, domain_add, true, "a domain under which the service is reached"},
		{"domain", "set", domain_add_args, domain_set, true,
				"give a domain another relay set; counts for an agent from its next REGISTER"},
		{"domain", "list", no_args, domain_list, true, "all domains"},
		{"domain", "delete", domain_args, domain_delete, true, "delete a domain"},
		{0},
};
