/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that go on, as the database knows them (the view aeta_call), and pairs that are relayed since they dialled again (C7). For
 * operators: with another scope all of it is -ENOENT. Lists are the caller's to decref, empty after an error. Return as db_query().
 */
#ifndef AETA_DATA_CALLS_H
#define AETA_DATA_CALLS_H

#include "rows.h"
#include "scope.h"

/* The newest first, of one number or (NULL) all: {id, caller, dialled, answered_by, since, seconds, path, path_reason, relay}. */
int calls_list(struct db *db, const struct scope *s, const char *number, long limit, json_t **list);

/* Those that a number has answered, the oldest first: {id, caller, since, seconds, path}. */
int calls_answered(struct db *db, const struct scope *s, const char *callee, json_t **list);

/* "45675001 to 45675002". -ENOENT: there is no such call, or `callee` (NULL: whoever) has not answered it. */
int calls_parties(struct db *db, const struct scope *s, const char *id, const char *callee, char *out, size_t size);

/* {number, other, address, other_address, relayed_until}, of one number or (NULL) all. */
int redial_pairs(struct db *db, const struct scope *s, const char *number, json_t **list);

#endif
