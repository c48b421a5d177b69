/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions, domains, relays and their sets, as an operator manages them. Beyond the generic functions of data.h. */
#ifndef AETA_ADMIN_PLAN_H
#define AETA_ADMIN_PLAN_H

#include "data.h"
#include "rows.h"
#include "scope.h"

/*
 * Lists as arrays of objects, the caller's to decref, empty after an error. Operators; -ENOENT for others, else as db_query().
 *      plan_exceptions  {group: "every" or its prefix, number}
 *      plan_domains     {domain, relay_set, relays: how many are switched on, comment}
 *      plan_relays      {set, number, url, position, enabled, comment}
 *      plan_sets        {number, name, relays, domains: how many of each}
 *      plan_empty_sets  {number, name}: calls are sent to it, and no relay in it is switched on: those of set 0 stand in
 */
int plan_exceptions(struct db *db, const struct scope *s, json_t **list);
int plan_domains(struct db *db, const struct scope *s, json_t **list);
int plan_relays(struct db *db, const struct scope *s, json_t **list);
int plan_sets(struct db *db, const struct scope *s, json_t **list);
int plan_empty_sets(struct db *db, const struct scope *s, json_t **list);

#define RELAY_SET_KEY_SIZE 24

/* The key of the relay set of that name, for data_update() and data_delete(). Operators; -ENOENT with a sentence. */
int plan_set_key(struct db *db, const struct scope *s, const char *name, char key[RELAY_SET_KEY_SIZE]);

struct relay_new {
	const char *set, *url;
	const char *comment; /* NULL: none */
	long position;       /* 0: behind the others */
};

/* A set of that name is made where there is none. Returns as data_insert(). */
int relay_add(struct db *db, const struct scope *s, const struct relay_new *n);
/* The set goes with its last relay, unless a domain uses it or it is the default one. Returns as data_delete(). */
int relay_remove(struct db *db, const struct scope *s, const char *set, const char *url);
/* Changes of its position, whether it is in use, its comment. Returns as data_update(). */
int relay_change(struct db *db, const struct scope *s, const char *set, const char *url, const struct data_change *changes, size_t count);
/* Off: no new calls; those on it go on. Returns as data_update(). */
int relay_switch(struct db *db, const struct scope *s, const char *set, const char *url, bool on);

#endif
