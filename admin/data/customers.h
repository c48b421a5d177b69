/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A new customer, which is never without a technical contact. */
#ifndef AETA_DATA_CUSTOMERS_H
#define AETA_DATA_CUSTOMERS_H

#include "data.h"

/* As a user writes them; NULL or "": none. */
struct customer_new {
	const char *name, *comment;         /* of the customer */
	const char *email, *contact, *phone; /* of its first contact */
};

/*
 * Both in one transaction, with its row of the audit; `*id` is the customer's. -EACCES: not BY_STAFF. -EINVAL: what is wrong is in
 * `problems`, with the columns of the tables customers and contacts. Others as data_insert().
 */
int customer_add(struct db *db, const struct scope *s, const struct customer_new *n, struct data_problems *problems, long long *id);

#endif
