/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scope.h"

#include <stdio.h>
#include <string.h>

/* Copies what fits; names come from the environment and from the net, so nothing but printable ASCII. */
static void keep(char *out, size_t size, const char *s)
{
	size_t n = 0;

	for (; s && s[n] && n < size - 1; n++)
		out[n] = s[n] < ' ' || s[n] > '~' ? '?' : s[n];
	out[n] = '\0';
}

static void begin(struct scope *s, enum by by, const char *who, const char *from_where)
{
	memset(s, 0, sizeof(*s));
	s->by = by;
	keep(s->who, sizeof(s->who), who);
	keep(s->from_where, sizeof(s->from_where), from_where);
}

void scope_operator(struct scope *s, enum by role, const char *who, const char *from_where)
{
	begin(s, (role == BY_VIEWER || role == BY_SUPPORT || role == BY_ADMIN) ? role : BY_NOBODY, who, from_where);
}

void scope_contact(struct scope *s, long long customer, long long contact, const char *who, const char *from_where)
{
	begin(s, customer > 0 ? BY_CONTACT : BY_NOBODY, who, from_where);
	s->customer = customer;
	s->contact = contact;
}

void scope_account(struct scope *s, const char *number, const char *from_where)
{
	bool known = *number && strlen(number) < sizeof(s->number);

	begin(s, known ? BY_ACCOUNT : BY_NOBODY, number, from_where);
	snprintf(s->number, sizeof(s->number), "%s", known ? number : "");
}
