/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON-RPC calls to the running Kamailio over the UNIX datagram socket of its jsonrpcs module. */
#ifndef AETA_ADMIN_RPC_H
#define AETA_ADMIN_RPC_H

#include <jansson.h>
#include <stddef.h>

/*
 * Calls `method`; takes over the reference to `params` (an array, or NULL for none). `*result` is the caller's to
 * decref, NULL after an error. Returns 0, or with a sentence in `error`:
 *      -EHOSTUNREACH  no socket is configured, nobody listens there, or no answer in 10 s (rpc_for_a_server(): or did not come lately)
 *      -EPERM         Kamailio answered with a fault; the sentence is Kamailio's
 *      -EINVAL        the answer is none
 */
int rpc_call(const char *socket_path, const char *method, json_t *params, json_t **result, char *error, size_t size);

/*
 * For a process with many threads, before there are any: an answer is waited for `wait_s` seconds (at most 2), and after one that did
 * not come calls fail at once for 3 seconds, then all but one at a time until an answer comes: a Kamailio that hangs does not hold
 * what the callers hold.
 */
void rpc_for_a_server(unsigned wait_s);

#endif
