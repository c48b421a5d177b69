/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What media.c, media_own.c, media_shared.c and media_guard.c know of each other; nobody else looks in here. */
#ifndef RELAY_MEDIA_PORT_H
#define RELAY_MEDIA_PORT_H

#include "core/relay.h"
#include "ip_packet.h"
#include "kernel/port_table.h"
#include "media.h"
#include "net_address.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define MEDIA_BATCH 64 /* packets that are read, and sent, together */
#define DATAGRAM_MAX 65536
#define CONTROL_MAX 96

/* A socket that is read: of one port, or of all ports of an address. */
struct media_reader {
	int fd;
	struct media_port *port;       /* NULL: of a struct shared, of which it is the first member */
	struct media_reader *again_next, **again_at; /* in the list of those that have more; NULL: not in it */
};

/* An open media port. 96 bytes: a call has four. */
struct media_port {
	struct media_reader reader;    /* its own socket, where it has one */
	struct component *component;   /* NULL: not open */
	struct shared *shared;         /* NULL: it has a socket of its own */
	struct endpoint local;
	uint8_t tos;                   /* that is set on its own socket */
	bool guarded;
	uint32_t refused;              /* packets of strangers in the second that began at `second` */
	uint32_t drops;                /* its own socket's count when the guard came */
	uint64_t second;               /* µs; while it is guarded: when the guard came */
	struct media_port *guarded_next; /* in the list of guarded ones */
};

/* An address whose ports share two sockets: one hears all of them, one speaks from any. */
struct shared {
	struct media_reader reader;
	int raw;
	struct endpoint first;         /* the address, port_min */
	uint16_t port_max;
	uint16_t asked[PORTS_ASKED];   /* ports that the system was asked about; 0: none, or its answer has served its turn */
	uint64_t asked_at;             /* µs */
	bool away;                     /* the machine does not have the address now, as a pair's standby */
	struct port_table *table;
	struct port_entry *entries;    /* by port - port_min, as `ports` */
	struct media_port *ports;
};

/* One datagram's place, coming in; going out it is the same bytes with another name, and maybe with headers of ours. */
struct place {
	union net_address source, target;
	struct iovec bytes, out[2];
	uint8_t head[IP_HEAD_MAX];
	uint8_t control[CONTROL_MAX] __attribute__((aligned(8)));
};

struct media {
	struct media_options options;
	struct media_counts counts;
	struct relay *relay;
	struct media_port *guarded;    /* a list */
	struct media_reader *again, **again_end; /* have more; oldest first */
	struct port_table *table;      /* NULL: no address shares */
	struct shared shared[PORT_ADDRESSES];
	unsigned shared_count;
	struct place places[MEDIA_BATCH];
	struct mmsghdr in[MEDIA_BATCH], out[MEDIA_BATCH];
	struct packet_verdict verdicts[MEDIA_BATCH];
	uint8_t datagrams[MEDIA_BATCH][DATAGRAM_MAX]; /* of which only the pages that were needed are in memory */
};

/* media.c: what was lent to the system for a packet is made ready for the next one. */
void media_place_reset(struct media *m, unsigned i);

/* media_own.c: a socket for a port. 0 or -errno. */
int own_open(struct media *m, struct media_port *p);
void own_close(struct media_port *p);
void own_tos(struct media_port *p, uint8_t tos);
/* UDP, non-blocking, with the options that media need. The socket or -errno. */
int media_socket(const struct media *m, uint8_t family, int buffer);
int socket_option(int fd, int level, int name, int value); /* 0 or -errno */

/* media_shared.c */
struct shared *shared_of(struct media *m, const struct address *a); /* NULL: its ports have their own */
/* `from`: whose pairs will be asked for next, or NULL. NULL: -errno is in `rc`. The caller sets its component. */
struct media_port *shared_open(struct shared *s, uint16_t port, const struct interface *from, int *rc);
void shared_close(struct media_port *p);
void shared_tick(struct media *m); /* once a second */
/* The port that datagram `i` was sent to; NULL: it is closed. */
struct media_port *shared_port(struct media *m, struct shared *s, unsigned i);
/* Puts headers before a place's bytes, which go out as `h`. */
void shared_prepare(struct media_port *from, struct place *p, const struct packet_verdict *v, struct msghdr *h);
/* One that needs to be in fragments by the system's own rules. 1, or -1 with errno, as sendmsg(). */
int shared_send_large(const struct media *m, struct media_port *from, const struct place *p, const struct packet_verdict *v);
void shared_free(struct media *m);

#endif
