/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Customers and their technical contacts, as an operator asks for them. Beyond the generic functions of data.h. */
#ifndef AETA_ADMIN_PEOPLE_H
#define AETA_ADMIN_PEOPLE_H

#include "rows.h"
#include "scope.h"

/*
 * Operators; -ENOENT for others, as for what is not there, with the sentence in db_error(); else as db_query(). JSON is the caller's
 * to decref, empty after an error.
 */

/* A customer by its id, or else by its exact name. */
int people_find_customer(struct db *db, const struct scope *s, const char *who, long long *id);
/* A contact of a customer by its address: the key of its row. */
int people_find_contact(struct db *db, const struct scope *s, long long customer, const char *email, char key[24]);

/* {id, name, email: of its first contact, groups: how many, comment} */
int people_customers(struct db *db, const struct scope *s, json_t **list);
/* {customer, email, name, phone, login: null where it has none that is enabled}; of one customer, or of all (0) */
int people_contacts(struct db *db, const struct scope *s, long long customer, json_t **list);
/* {id, name, comment, created_at, contacts, groups, accounts} */
int people_customer(struct db *db, const struct scope *s, long long id, json_t **object);

#endif
