/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media in user space: packets that come to the ports of calls, to relay_packet() and out again. Where the system allows it, all
 * ports of an address share one socket (media_shared.c), else each has its own (media_own.c); nobody outside knows which.
 */
#ifndef RELAY_MEDIA_H
#define RELAY_MEDIA_H

#include "core/relay.h"
#include "kernel/port_table.h"

struct offload;
struct recorder;
struct media_reader;

struct media_options {
	int epoll;           /* its sockets are added there, data.ptr = struct media_socket */
	bool plain;          /* see NG.md's plain mode: one packet a call, no socket option is needed */
	bool receive_tos;    /* packets keep the TOS that they came with */
	int receive_buffer;  /* bytes, of a port with a socket of its own */
	unsigned port_rate;  /* packets a second that a port of a shared socket may get; 0: no limit */
	struct recorder *recorder; /* NULL: none */
	struct offload *offload;   /* NULL: the kernel forwards nothing by itself */
};

struct media_counts {
	uint64_t ports, open_failed, receive_failed;
	uint64_t closed;                   /* packets that came to a port after it was closed */
	uint64_t send_full, send_failed;   /* the system took it not now; not at all */
	uint64_t guarded, guard_refused;   /* times that a port was guarded; packets that were refused so */
};

struct media;

struct media *media_new(const struct media_options *options); /* NULL: no memory */
void media_free(struct media *m);
/*
 * Lets the ports of each address of `c` share a socket, if the system allows it: with the rights of root, or CAP_BPF, CAP_NET_ADMIN
 * and CAP_NET_RAW; nothing needs them afterwards. Returns for how many addresses; 0: for none, with the reason in `error`.
 */
unsigned media_share(struct media *m, const struct relay_config *c, char error[PORT_TABLE_ERROR_MAX]);
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
void media_receive(struct media *m, struct media_reader *r);
/* Serves `sockets` of those that have more. True: there are still some, so that the loop must not sleep. */
bool media_again(struct media *m, unsigned sockets);
/* Once a second. */
void media_tick(struct media *m, uint64_t now);

const struct media_counts *media_counts(const struct media *m);
/* Packets that were stopped because a port got more than `port_rate`. */
uint64_t media_too_fast(const struct media *m);

#endif
