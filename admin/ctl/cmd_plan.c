/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions from outgoing blocking (B5) and the domains of the service (A3, C5). */
#include "ctl.h"

#include <errno.h>

static int exception_group(const struct args *args, long *prefix)
{
	*prefix = 0;
	return arg_given(args, "--group") ? take_prefix(arg_text(args, "--group"), prefix) : CTL_OK;
}

static int list_exceptions(struct ctl *ctl)
{
	return ctl_list(ctl, "exceptions",
			"SELECT IF(prefix = 0, 'every', CAST(prefix AS CHAR)) AS `group`, number FROM aeta_exception ORDER BY "
			"prefix, number",
			DB_NOTHING);
}

static int exception_add(struct ctl *ctl, const struct args *args)
{
	const char *number = arg_text(args, "NUMBER");
	long prefix;
	int rc = exception_group(args, &prefix), changed;

	if (rc)
		return rc;
	changed = db_exec(ctl->db, "INSERT INTO aeta_exception (prefix, number) VALUES (?, ?)",
			DB_VALUES(DB_INT(prefix), DB_TEXT(number)));
	if (changed == -EEXIST)
		return refuse("%s is an exception there already: see aetactl exception list", number);
	rc = ctl_done(ctl, changed);
	if (rc == CTL_OK)
		rc = list_exceptions(ctl);
	return rc ? rc : tell_kamailio(ctl, LIVE_PLAN);
}

static int exception_list(struct ctl *ctl, const struct args *args)
{
	(void)args;
	return list_exceptions(ctl);
}

static int exception_delete(struct ctl *ctl, const struct args *args)
{
	const char *number = arg_text(args, "NUMBER");
	long prefix;
	int rc = exception_group(args, &prefix);

	if (rc == CTL_OK)
		rc = ctl_done(ctl, db_exec(ctl->db, "DELETE FROM aeta_exception WHERE prefix = ? AND number = ?",
								   DB_VALUES(DB_INT(prefix), DB_TEXT(number))));
	if (rc == CTL_OK && db_affected(ctl->db) == 0)
		rc = refuse("%s is no exception there: see aetactl exception list", number);
	if (rc == CTL_OK)
		rc = list_exceptions(ctl);
	return rc ? rc : tell_kamailio(ctl, LIVE_PLAN);
}

static int list_domains(struct ctl *ctl)
{
	return ctl_list(ctl, "domains",
			"SELECT domain, relay_set, (SELECT COUNT(*) FROM aeta_relay r JOIN aeta_relay_set s ON s.number = r.set_number "
			"WHERE s.name = d.relay_set AND r.enabled) AS relays, comment FROM aeta_domain d ORDER BY domain",
			DB_NOTHING);
}

static int domain_add(struct ctl *ctl, const struct args *args)
{
	const char *domain = arg_text(args, "DOMAIN");
	int rc, changed = db_exec(ctl->db,
					"INSERT INTO aeta_domain (domain, relay_set, comment) VALUES (?, COALESCE(?, 'default'), "
					"COALESCE(?, ''))",
					DB_VALUES(DB_TEXT(domain), DB_TEXT(arg_text(args, "--relay-set")),
							DB_TEXT(arg_text(args, "--comment"))));

	if (changed == -EEXIST)
		return refuse("%s is a domain of the service already: see aetactl domain list", domain);
	rc = ctl_done(ctl, changed);
	if (rc == CTL_OK)
		rc = list_domains(ctl);
	return rc ? rc : tell_kamailio(ctl, LIVE_DOMAINS | LIVE_PLAN);
}

static int domain_set(struct ctl *ctl, const struct args *args)
{
	const char *domain = arg_text(args, "DOMAIN");
	int rc = ctl_done(ctl,
			db_exec(ctl->db,
					"UPDATE aeta_domain SET relay_set = COALESCE(?, relay_set), comment = COALESCE(?, comment) WHERE domain = ?",
					DB_VALUES(DB_TEXT(arg_text(args, "--relay-set")), DB_TEXT(arg_text(args, "--comment")), DB_TEXT(domain))));

	if (rc == CTL_OK && db_affected(ctl->db) == 0)
		rc = refuse("%s is no domain of the service: see aetactl domain list", domain);
	if (rc == CTL_OK)
		rc = list_domains(ctl);
	return rc ? rc : tell_kamailio(ctl, LIVE_DOMAINS | LIVE_PLAN);
}

static int domain_list(struct ctl *ctl, const struct args *args)
{
	(void)args;
	return list_domains(ctl);
}

static int domain_delete(struct ctl *ctl, const struct args *args)
{
	const char *domain = arg_text(args, "DOMAIN");
	int rc = ctl_done(ctl, db_exec(ctl->db, "DELETE FROM aeta_domain WHERE domain = ?", DB_VALUES(DB_TEXT(domain))));

	if (rc == CTL_OK && db_affected(ctl->db) == 0)
		rc = refuse("%s is no domain of the service: see aetactl domain list", domain);
	if (rc == CTL_OK)
		rc = list_domains(ctl);
	return rc ? rc : tell_kamailio(ctl, LIVE_DOMAINS | LIVE_PLAN);
}

static const struct arg exception_args[] = {
		{.name = "NUMBER", .required = true, .help = "the whole number that may be called"},
		{.name = "--group", .value = "PREFIX", .help = "for this group only; every group without"}, {0}};
static const struct arg domain_add_args[] = {
		{.name = "DOMAIN", .required = true, .help = "host name or bare address, as agents have it as their registrar"},
		{.name = "--relay-set", .value = "SET", .help = "relays for callers registered under it (C5); \"default\" if none was set"},
		{.name = "--comment", .value = "TEXT", .help = "anything"}, {0}};
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
