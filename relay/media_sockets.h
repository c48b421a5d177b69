/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media through sockets: one for each component, bound to its address and port without SO_REUSEADDR, so that a port of another
 * program is a failure to bind and the core takes the next. The rest of the daemon knows no media socket; whoever forwards packets in
 * another way replaces this file.
 */
#ifndef RELAY_MEDIA_SOCKETS_H
#define RELAY_MEDIA_SOCKETS_H

#include "core/relay.h"

struct recorder;
struct media_socket;

struct media_options {
	int epoll;           /* its sockets are added there, data.ptr = struct media_socket */
	bool plain;          /* see NG.md's plain mode: one packet a call, no socket option is needed */
	bool receive_tos;    /* packets keep the TOS that they came with */
	int receive_buffer;  /* bytes */
	struct recorder *recorder; /* NULL: none */
};

struct media_counts {
	uint64_t sockets, open_failed, receive_failed;
	uint64_t send_full, send_failed;   /* the system took it not now; not at all */
	uint64_t guarded, guard_refused;   /* times that a port was guarded; packets that were refused so */
};

struct media;

struct media *media_new(const struct media_options *options); /* NULL: no memory */
void media_free(struct media *m);
/* Before the first packet. */
void media_serve(struct media *m, struct relay *r);

/* As struct relay_shell wants it; `m` is its context. */
int media_open(struct media *m, struct component *c, const struct relay_interface *on);
void media_close(struct media *m, struct component *c);
void media_changed(struct media *m, struct stream *s);

/*
 * Reads what has come to a socket, a batch at most, and forwards it. The epoll tells of a socket once (edge-triggered: it need not be
 * asked again after each packet); one that may have more is served again, in its turn, by media_again().
 */
void media_receive(struct media *m, struct media_socket *s);
/* Serves `sockets` of those that have more. True: there are still some, so that the loop must not sleep. */
bool media_again(struct media *m, unsigned sockets);
/* Once a second. */
void media_tick(struct media *m, uint64_t now);

const struct media_counts *media_counts(const struct media *m);

#endif
