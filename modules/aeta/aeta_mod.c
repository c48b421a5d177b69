/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Kamailio module aeta: its tables, its parameters, its start and its end. The manual is doc/aeta.xml. */
#include "core/dprint.h"
#include "core/sr_module.h"
#include "accounts.h"
#include "attempt.h"
#include "auth.h"
#include "db.h"
#include "facts.h"
#include "functions.h"
#include "generation.h"
#include "guard.h"
#include "load.h"
#include "location.h"
#include "nat_db.h"
#include "nat_known.h"
#include "params.h"
#include "policy/hunt.h"
#include "prober.h"
#include "pv.h"
#include "redial.h"
#include "refresh.h"
#include "register.h"
#include "relay_set.h"
#include "rpc.h"
#include "spare.h"
#include "stats.h"
#include "store.h"
#include "trace.h"

struct aeta_params aeta_params = {
	.db_url = str_init("mysql://kamailio:kamailiorw@localhost/kamailio"),
	.group_table = str_init("aeta_group"),
	.exception_table = str_init("aeta_exception"),
	.account_table = str_init("aeta_account"),
	.number_column = str_init("number"),
	.kind_column = str_init("kind"),
	.state_column = str_init("state"),
	.until_column = str_init("valid_until"),
	.media_column = str_init("media"),
	.domain_table = str_init("aeta_domain"),
	.relay_set_table = str_init("aeta_relay_set"),
	.branch_flag = 16,
	.location = str_init("location"),
	.hunt_tries = AETA_HUNT_TRIES_MAX,
	.devices = 16384,
	.credentials_table = str_init("aeta_credentials"),
	.generation_table = str_init("aeta_generation"),
	.accounts_kept = 0,
	.accounts_grace = 0,
	.account_cache = 0,
	.trace_table = STR_NULL,
	.trace_keep = 24,
	.attempt_table = str_init("aeta_attempt"),
	.attempts = 0,
	.attempt_days = 30,
	.guard_ban_s = AETA_BAN_MAX_S,
	.guard_failures = 5,
	.guard_users = 10,
	.guard_flood_rate = 50,
	.guard_dialog_rate = 20,
	.guard_account_rate = 10,
	.guard_size = 4096,
	.same_lan = 0,
	.redial_s = 0,
	.redial_table = STR_NULL,
	.nat_known = 65536,
	.nat_table = str_init(""),
	.nat_off_table = str_init(""),
	.probe = 0,
	.probe_port = 5072,
	.probe_knock_port = 5073,
	.probe_address = str_init(""),
	.probe_every = 86400,
	.probe_rate = 20,
	.probe_delay = 3000,
	.probe_agents_off = str_init(""),
	.probe_calls = str_init(""),
	.guard_scanners = str_init(""),
	.guard_realm = str_init(""),
};

static param_export_t params[] = {
	{"db_url", PARAM_STR, &aeta_params.db_url},
	{"group_table", PARAM_STR, &aeta_params.group_table},
	{"exception_table", PARAM_STR, &aeta_params.exception_table},
	{"account_table", PARAM_STR, &aeta_params.account_table},
	{"number_column", PARAM_STR, &aeta_params.number_column},
	{"kind_column", PARAM_STR, &aeta_params.kind_column},
	{"state_column", PARAM_STR, &aeta_params.state_column},
	{"until_column", PARAM_STR, &aeta_params.until_column},
	{"media_column", PARAM_STR, &aeta_params.media_column},
	{"domain_table", PARAM_STR, &aeta_params.domain_table},
	{"relay_set_table", PARAM_STR, &aeta_params.relay_set_table},
	{"branch_flag", PARAM_INT, &aeta_params.branch_flag},
	{"location", PARAM_STR, &aeta_params.location},
	{"hunt_tries", PARAM_INT, &aeta_params.hunt_tries},
	{"devices", PARAM_INT, &aeta_params.devices},
	{"credentials_table", PARAM_STR, &aeta_params.credentials_table},
	{"generation_table", PARAM_STR, &aeta_params.generation_table},
	{"accounts_kept", PARAM_INT, &aeta_params.accounts_kept},
	{"accounts_grace", PARAM_INT, &aeta_params.accounts_grace},
	{"account_cache", PARAM_INT, &aeta_params.account_cache},
	{"trace_table", PARAM_STR, &aeta_params.trace_table},
	{"trace_keep", PARAM_INT, &aeta_params.trace_keep},
	{"attempt_table", PARAM_STR, &aeta_params.attempt_table},
	{"attempts", PARAM_INT, &aeta_params.attempts},
	{"attempt_days", PARAM_INT, &aeta_params.attempt_days},
	{"guard_ban_s", PARAM_INT, &aeta_params.guard_ban_s},
	{"guard_failures", PARAM_INT, &aeta_params.guard_failures},
	{"guard_users", PARAM_INT, &aeta_params.guard_users},
	{"guard_flood_rate", PARAM_INT, &aeta_params.guard_flood_rate},
	{"guard_dialog_rate", PARAM_INT, &aeta_params.guard_dialog_rate},
	{"guard_account_rate", PARAM_INT, &aeta_params.guard_account_rate},
	{"guard_size", PARAM_INT, &aeta_params.guard_size},
	{"same_lan", PARAM_INT, &aeta_params.same_lan},
	{"redial_s", PARAM_INT, &aeta_params.redial_s},
	{"redial_table", PARAM_STR, &aeta_params.redial_table},
	{"nat_known", PARAM_INT, &aeta_params.nat_known},
	{"nat_table", PARAM_STR, &aeta_params.nat_table},
	{"nat_off_table", PARAM_STR, &aeta_params.nat_off_table},
	{"probe", PARAM_INT, &aeta_params.probe},
	{"probe_port", PARAM_INT, &aeta_params.probe_port},
	{"probe_knock_port", PARAM_INT, &aeta_params.probe_knock_port},
	{"probe_address", PARAM_STR, &aeta_params.probe_address},
	{"probe_every", PARAM_INT, &aeta_params.probe_every},
	{"probe_rate", PARAM_INT, &aeta_params.probe_rate},
	{"probe_delay", PARAM_INT, &aeta_params.probe_delay},
	{"probe_agents_off", PARAM_STR, &aeta_params.probe_agents_off},
	{"probe_calls", PARAM_STR, &aeta_params.probe_calls},
	{"guard_scanners", PARAM_STR, &aeta_params.guard_scanners},
	{"guard_realm", PARAM_STR, &aeta_params.guard_realm},
	{NULL, 0, NULL},
};

static pv_export_t variables[] = {
	{{"aeta", sizeof("aeta") - 1}, PVT_OTHER, aeta_pv_get, NULL, aeta_pv_parse, NULL, NULL, 0},
	{{NULL, 0}, 0, NULL, NULL, NULL, NULL, NULL, 0},
};

static int check_attempts(void)
{
	if (aeta_params.attempts < 0 || aeta_params.attempts > AETA_ATTEMPTS_MAX) {
		LM_ERR("attempts must be 0 to %d\n", AETA_ATTEMPTS_MAX);
		return -1;
	}
	if (aeta_params.attempt_days < 1 || aeta_params.attempt_days > 3650) {
		LM_ERR("attempt_days must be 1 to 3650\n");
		return -1;
	}
	return 0;
}

/* A number that has to be at least 1. */
struct counted {
	const char *name;
	int value;
	unsigned max;
};

static int check_counted(const struct counted *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (rows[i].value >= 1 && (unsigned)rows[i].value <= rows[i].max)
			continue;
		LM_ERR("%s must be 1 to %u\n", rows[i].name, rows[i].max);
		return -1;
	}
	return 0;
}

static int check_probe_params(void)
{
	const struct counted rows[] = {
		{"nat_known", aeta_params.nat_known, 1000000},
		{"probe_port", aeta_params.probe_port, 65535},
		{"probe_knock_port", aeta_params.probe_knock_port, 65535},
		{"probe_every", aeta_params.probe_every, 31536000},
		{"probe_rate", aeta_params.probe_rate, AETA_PROBE_RATE_MAX},
	};

	if (aeta_params.probe_port == aeta_params.probe_knock_port) {
		LM_ERR("probe_port and probe_knock_port must be two ports: what knocks would spoil what is asked at the other\n");
		return -1;
	}
	if (aeta_params.probe_delay < 0 || aeta_params.probe_delay > 60000) {
		LM_ERR("probe_delay must be 0 to 60000 ms\n");
		return -1;
	}
	return check_counted(rows, sizeof(rows) / sizeof(rows[0]));
}

static int check_guard_params(void)
{
	const struct counted rows[] = {
		{"guard_ban_s", aeta_params.guard_ban_s, AETA_BAN_MAX_S},
		{"guard_failures", aeta_params.guard_failures, AETA_BAN_FAILURES_MAX},
		{"guard_users", aeta_params.guard_users, AETA_BAN_USERS_MAX},
		{"guard_flood_rate", aeta_params.guard_flood_rate, AETA_FLOOD_RATE_MAX},
		{"guard_dialog_rate", aeta_params.guard_dialog_rate, AETA_DIALOG_RATE_MAX},
		{"guard_account_rate", aeta_params.guard_account_rate, AETA_ACCOUNT_RATE_MAX},
		{"guard_size", aeta_params.guard_size, 1000000},
	};

	return check_counted(rows, sizeof(rows) / sizeof(rows[0]));
}

static int check_params(void)
{
	if (aeta_params.hunt_tries < 1 || aeta_params.hunt_tries > AETA_HUNT_TRIES_MAX) {
		LM_ERR("hunt_tries must be 1 to %d: tm has room for no more in one transaction\n", AETA_HUNT_TRIES_MAX);
		return -1;
	}
	if (aeta_params.devices < 1 || aeta_params.devices > 10000000) {
		LM_ERR("devices must be 1 to 10000000\n");
		return -1;
	}
	if (aeta_params.redial_s < 0 || aeta_params.redial_s > 3600) {
		LM_ERR("redial_s must be 0 to 3600 seconds\n");
		return -1;
	}
	if (aeta_params.account_cache < 0 || aeta_params.account_cache > 3600) {
		LM_ERR("account_cache must be 0 to 3600 seconds\n");
		return -1;
	}
	if (aeta_params.accounts_kept < 0 || aeta_params.accounts_kept > 10000000) {
		LM_ERR("accounts_kept must be 0 to 10000000\n");
		return -1;
	}
	if (aeta_params.accounts_grace < 0 || aeta_params.accounts_grace > 3600) {
		LM_ERR("accounts_grace must be 0 to 3600 seconds\n");
		return -1;
	}
	if (aeta_params.trace_keep < 1 || aeta_params.trace_keep > 720) {
		LM_ERR("trace_keep must be 1 to 720 hours\n");
		return -1;
	}
	if (aeta_params.branch_flag < 0 || aeta_params.branch_flag > 31 - AETA_BRANCH_FLAGS) {
		LM_ERR("branch_flag must be 0 to %d: the module keeps %d flags from there on\n", 31 - AETA_BRANCH_FLAGS,
				AETA_BRANCH_FLAGS);
		return -1;
	}
	if (aeta_params.account_table.len && !aeta_params.number_column.len) {
		LM_ERR("number_column must not be empty\n");
		return -1;
	}
	return check_attempts() < 0 || check_guard_params() < 0 || check_probe_params() < 0 ? -1 : 0;
}

/* The directory is loaded before anything forks: without one there is no answer to any call, so Kamailio does not start. */
static int load_first(void)
{
	struct aeta_loaded r;

	if (aeta_load(&r) == 0)
		return 0;
	LM_ERR("cannot start without a directory: %s\n", r.error);
	return -1;
}

static int mod_init(void)
{
	if (check_params() < 0 || aeta_db_bind() < 0 || aeta_location_init() < 0 || aeta_refresh_init() < 0 ||
			aeta_auth_init() < 0)
		return -1;
	if (aeta_stats_init() < 0 || aeta_store_init() < 0 || aeta_devices_init() < 0 || aeta_spare_init() < 0 ||
			aeta_attempt_init() < 0 || aeta_trace_init() < 0 || aeta_guard_start() < 0 || aeta_nat_known_init() < 0 ||
			aeta_redial_start() < 0)
		return -1;
	if (aeta_accounts_init() < 0 || aeta_generation_init() < 0 || aeta_prober_init() < 0)
		return -1;
	aeta_nat_load();
	return load_first();
}

static int child_init(int rank)
{
	if (rank == PROC_INIT)
		return aeta_store_ready() < 0 || aeta_spare_ready() < 0 ? -1 : 0;
	if (rank == PROC_MAIN)
		return aeta_trace_fork() < 0 || aeta_attempt_start() < 0 || aeta_generation_start() < 0 ||
						aeta_prober_start() < 0
				? -1
				: 0;
	if (rank == PROC_TCP_MAIN)
		return 0;
	return aeta_facts_open();
}

static void destroy(void)
{
	aeta_location_ends();
	aeta_attempt_destroy();
	aeta_facts_close();
	aeta_generation_destroy();
	aeta_accounts_destroy();
	aeta_spare_destroy();
	aeta_trace_destroy();
	aeta_prober_destroy();
	aeta_redial_stop();
	aeta_nat_known_destroy();
	aeta_guard_stop();
	aeta_devices_destroy();
	aeta_store_destroy();
}

/* The symbols that Kamailio looks for; nothing else of the module is visible to it. */
#pragma GCC visibility push(default)

MODULE_VERSION

struct module_exports exports = {
	"aeta", DEFAULT_DLFLAGS, aeta_commands, params, aeta_rpc, variables, NULL, mod_init, child_init, destroy,
};

int mod_register(char *path, int *dlflags, void *p1, void *p2);

int mod_register(char *path, int *dlflags, void *p1, void *p2)
{
	(void)path;
	(void)dlflags;
	(void)p1;
	(void)p2;
	return sr_kemi_modules_add(aeta_kemi);
}

#pragma GCC visibility pop
