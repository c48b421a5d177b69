/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One media socket; only media_sockets.c and media_guard.c look into it. 80 bytes: a call has four. */
#ifndef RELAY_MEDIA_SOCKET_H
#define RELAY_MEDIA_SOCKET_H

#include "core/relay.h"
#include "net_address.h"

struct media_socket {
	struct component *component;
	struct endpoint local;
	uint8_t tos;                   /* that is set on it */
	int fd;
	uint32_t refused;              /* packets of strangers in the second that began at `second` */
	uint32_t drops;                /* the system's count when the guard came */
	uint64_t second;               /* µs; while it is guarded: when the guard came */
	struct media_socket *guarded_next; /* in the list of guarded ones */
	struct media_socket *again_next, **again_at; /* in the list of those that have more; NULL: not in it */
	bool guarded;
};

#endif
