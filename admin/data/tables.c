/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What there is: see describe.h. */
#include "tables.h"

const struct table *const tables[] = {&table_customers, &table_contacts, &table_groups, &table_accounts, &table_exceptions, &table_domains, &table_relay_sets, &table_relays,
		&table_calls, &table_location, &table_cdrs, &table_attempts, &table_failures, &table_nat, &table_redial, &table_mails, &table_announcements, &table_operators, &table_web_logins, &table_sessions,
		&table_audit, NULL};
