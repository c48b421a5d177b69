/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listening for TCP connections, and what to say where one cannot listen. */
#ifndef RELAY_LISTEN_H
#define RELAY_LISTEN_H

#include "net_address.h"
#include "options.h"

/* A listening socket, or -errno. */
int listen_tcp(const struct endpoint *at);
/* Writes what, where and what to do. `rc`: -errno. */
void listen_error(char error[OPTIONS_ERROR_MAX], const char *option, const struct endpoint *at, int rc);

#endif
