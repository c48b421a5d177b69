/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `aeta-relay flows`: what flows through a relay now, as a table. */
#ifndef RELAY_CLIENT_FLOWS_H
#define RELAY_CLIENT_FLOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define CLIENT_ANSWER_MAX 65536
#define CLIENT_CALLS_MAX 1000

/* client.c: asks over the connected socket. The length of the answer, JSON; 0: none came. `call_id` may be NULL. */
size_t client_ask(int fd, const char *command, const char *call_id, char answer[CLIENT_ANSWER_MAX]);

/* One line for each stream that a party sends; looks twice, a second apart, for the rates. False: no answer. */
bool client_flows(int fd, FILE *to);

#endif
