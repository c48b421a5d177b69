/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to the descriptions (describe.h): the tables, and shorthand for their columns. */
#ifndef AETA_ADMIN_TABLES_H
#define AETA_ADMIN_TABLES_H

#include "describe.h"

#include <policy/nat_class.h>

#define DIGITS_MAX 18

/* Who sees a column: in lists, in full, and searches by it. */
#define SEEN(by)        .list = (by), .show = (by), .search = (by)
#define SEEN_UNASKED(by) .list = (by), .show = (by) /* ... but does not search by it */
#define IN_FULL(by)     .show = (by), .search = (by) /* not in lists */
#define SET_BY(by)      .edit = (by), .insert = (by)

#define NUMBER_OF(name_, label_, sql_) .name = name_, .label = label_, .sql = sql_, .type = TYPE_DIGITS, .min = 1, .max = DIGITS_MAX
#define COUNT_OF(name_, label_, sql_)  .name = name_, .label = label_, .sql = sql_, .type = TYPE_NUMBER, .unsorted = true
#define BYTES_OF(name_, label_, sql_)  .name = name_, .label = label_, .sql = sql_, .type = TYPE_BYTES
#define TIME_OF(name_, label_, sql_)   .name = name_, .label = label_, .sql = sql_, .type = TYPE_TIME

/* A column in ASCII as one that can be compared with any text. */
#define ASCII_TEXT(sql_) "CONVERT(" sql_ " USING utf8mb4)"

/* What an agent may be behind, and what that means. */
#define NAT_CLASSES "unknown|open|eim|changed|walled|leaky"
#define NAT_MEANS(id, name, what, follows) what "|"
#define NAT_CLASSES_MEAN AETA_NAT_CLASS_ROWS(NAT_MEANS)

/* The accounts of a customer: those of its groups, and those that it has outside of any. */
#define ACCOUNTS_OF_CUSTOMER \
	"(SELECT own.number FROM aeta_account own LEFT JOIN aeta_group owned ON owned.prefix = own.prefix " \
	"WHERE COALESCE(owned.customer_id, own.customer_id) = ?)"

/* tables_customers.c */
extern const struct table table_customers, table_contacts;
/* tables_plan.c */
extern const struct table table_groups, table_accounts, table_exceptions;
/* tables_relays.c */
extern const struct table table_domains, table_relay_sets, table_relays;
/* tables_calls.c */
extern const struct table table_calls, table_cdrs, table_attempts, table_failures;
/* tables_agents.c */
extern const struct table table_location, table_nat, table_redial;
/* tables_mail.c */
extern const struct table table_mails, table_announcements;
/* tables_access.c */
extern const struct table table_operators, table_web_logins, table_sessions, table_audit;

#endif
