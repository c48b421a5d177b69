/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The module's parameters, as modparam() left them; read-only after mod_init(). */
#ifndef AETA_PARAMS_H
#define AETA_PARAMS_H

#include "core/str.h"

#define AETA_PROBE_RATE_MAX 50

struct aeta_params {
	str db_url;
	str group_table;
	str exception_table;
	str account_table; /* empty: nothing is known of accounts, existence is left to the location service */
	str number_column;
	str kind_column;  /* empty: kind UNKNOWN where the row exists */
	str state_column; /* empty: active */
	str until_column; /* empty: never ends */
	str media_column; /* of accounts and of groups; empty: every policy is auto */
	str domain_table;    /* empty: one relay set for all */
	str relay_set_table; /* numbers and names of the relay sets */
	int branch_flag;     /* the first of AETA_BRANCH_FLAGS that are the module's own */
	str location;     /* usrloc table */
	int hunt_tries;   /* members really rung in one hunt, 1..AETA_HUNT_TRIES_MAX */
	int devices;      /* accounts whose device history is kept (A6) */
	str attempt_table; /* the history of the accounts */
	int attempts;      /* lines of it that may wait to be written; 0 = no history is kept */
	int attempt_days;  /* days that a line is kept in the database */
	int guard_ban_s;      /* F1, as in policy/guard.h: 1..AETA_BAN_MAX_S */
	int guard_failures;   /* 1..AETA_BAN_FAILURES_MAX */
	int guard_users;      /* 1..AETA_BAN_USERS_MAX */
	int guard_flood_rate; /* 1..AETA_FLOOD_RATE_MAX */
	int guard_dialog_rate; /* 1..AETA_DIALOG_RATE_MAX */
	int guard_account_rate; /* 1..AETA_ACCOUNT_RATE_MAX */
	int guard_size;       /* failing sources that are remembered */
	int same_lan;  /* agents of one private network may talk directly */
	int redial_s;     /* a direct call dialled again so soon after a short one is relayed; 0 = no net */
	str redial_table; /* where such pairs are remembered; empty: nowhere */
	int nat_known;        /* accounts at public addresses whose NAT is remembered */
	str nat_table;        /* ... also over a restart; empty: not */
	str nat_off_table;    /* accounts that are not probed; empty: there are none */
	int probe;            /* 0: nobody is probed, and NATs do not count in the verdict on media */
	int probe_port;       /* that answers are steered to */
	int probe_knock_port; /* that unasked packets come from */
	str probe_address;    /* one more of this machine, for probes alone: "LOCAL" or "LOCAL/SHOWN" */
	int probe_every;      /* seconds that a class is believed */
	int probe_rate;       /* agents a second, 1..AETA_PROBE_RATE_MAX */
	int probe_delay;      /* ms after the registration, 0..60000 */
	str probe_agents_off; /* regular expression of User-Agents, no matter the case; empty: all are probed */
	str probe_calls;      /* dialog's profile of the numbers in a call; empty: that does not matter */
	str guard_scanners;   /* regular expression, no matter the case; empty: no User-Agent is a scanner's */
	str guard_realm;      /* of the credentials that count */
	str credentials_table; /* of aeta_auth_check(): username, ha1, and the columns of the account table */
	str generation_table;  /* what tells that accounts have changed */
	int accounts_kept;     /* accounts kept in memory; 0 = none */
	int accounts_grace;    /* seconds for which what was kept registers agents while the database is away; 0 = none */
	int account_cache; /* seconds that an account read once is believed; 0 = read at every call */
	str trace_table;   /* empty: no traces */
	int trace_keep;    /* hours that a traced message is kept */
};

extern struct aeta_params aeta_params;

#endif
