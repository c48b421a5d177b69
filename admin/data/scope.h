/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose eyes: which rows, which columns and which acts. Every function of the data layer takes one, and there is none that
 * sees everything by being left out: a scope of zeros sees nothing. A row outside the scope is -ENOENT, as one that is not there.
 */
#ifndef AETA_ADMIN_SCOPE_H
#define AETA_ADMIN_SCOPE_H

#include <stdbool.h>
#include <string.h>

#define SCOPE_WHO_MAX   64  /* characters, as the columns of aeta_audit */
#define SCOPE_WHERE_MAX 128

/* Bits of a mask: who may. A scope is one of them. */
enum by {
	BY_NOBODY = 0,
	BY_VIEWER = 1 << 0,  /* operators: reads */
	BY_SUPPORT = 1 << 1, /* ... sells and helps: groups, accounts, contacts */
	BY_ADMIN = 1 << 2,   /* ... everything */
	BY_CONTACT = 1 << 3, /* technical contact of a customer */
	BY_ACCOUNT = 1 << 4, /* the login of one number */

	BY_STAFF = BY_SUPPORT | BY_ADMIN,
	BY_OPERATORS = BY_VIEWER | BY_STAFF,
	BY_ALL = BY_OPERATORS | BY_CONTACT | BY_ACCOUNT
};

struct scope {
	enum by by;                           /* one bit */
	long long customer;                   /* BY_CONTACT: aeta_customer.id, */
	long long contact;                    /* ... and aeta_contact.id; 0: of no login */
	char number[19];                      /* BY_ACCOUNT */
	char who[SCOPE_WHO_MAX + 1];          /* for the audit: a login, a number */
	char from_where[SCOPE_WHERE_MAX + 1]; /* for the audit: a machine, an address */
};

/* Fill `s`; what is no printable ASCII in `who` and `from_where` becomes '?', what is too long is cut. */
void scope_operator(struct scope *s, enum by role, const char *who, const char *from_where);
void scope_contact(struct scope *s, long long customer, long long contact, const char *who, const char *from_where);
void scope_account(struct scope *s, const char *number, const char *from_where); /* `who` is the number */

static inline bool scope_may(const struct scope *s, unsigned mask)
{
	return (s->by & mask) != 0;
}

/* An operator, or the number's own login. */
static inline bool scope_has_number(const struct scope *s, const char *number)
{
	return scope_may(s, BY_OPERATORS) || (scope_may(s, BY_ACCOUNT) && strcmp(s->number, number) == 0);
}

#endif
