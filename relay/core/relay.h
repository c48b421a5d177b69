/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The relay's core: pure. Bytes, a source and the time go in; a reply, or a verdict on a packet, comes out; what has to be done
 * in the world (sockets, files) is asked of the shell by the callbacks of struct relay_shell. No clock, no system call, no file here.
 *
 *      struct relay *r = relay_new(&config, &shell, now);
 *      relay_ng(r, datagram, &source, now, &reply);        // an ng request, with its cookie -> the reply's bytes
 *      relay_packet(r, component, &packet, now, &verdict); // a media packet at one of our ports
 *      relay_tick(r, now);                                 // once a second: time-outs
 *      relay_free(r);
 */
#ifndef RELAY_CORE_RELAY_H
#define RELAY_CORE_RELAY_H

#include "out.h"
#include "stream.h"

struct relay;

/* A local address that media can use. Several of one name are one logical interface (one of each family, or more: calls are spread). */
struct relay_interface {
	char name[32];
	struct address address;    /* bound */
	struct address advertised; /* written into SDPs; family 0: the same */
	uint16_t port_min, port_max; /* 55004..55999; even = RTP, odd = RTCP (C4) */
};

#define RELAY_INTERFACES_MAX 16

struct relay_config {
	struct relay_interface interfaces[RELAY_INTERFACES_MAX];
	unsigned interface_count;
	unsigned max_sessions;       /* calls; 0: as many as there are ports */
	unsigned timeout_s;          /* a call with no packet for so long ends (60) */
	unsigned silent_timeout_s;   /* the same while a party is on hold or nothing is to be heard (3600) */
	unsigned final_timeout_s;    /* no call lives longer; 0: no limit (B11) */
	unsigned offer_timeout_s;    /* an offer without an answer is forgotten (3600) */
	unsigned delete_delay_s;     /* a deleted call stays so long (30) */
	int tos;                     /* set on media; -1: kept as it came */
	bool strict;                 /* F2: nothing but signalled addresses is learned, for all calls */
	bool learn_outside;          /* rank 4 may be learned (default true) */
	uint8_t learn_mode;          /* enum learn_mode, where the request does not say */
	const char *software;        /* name and version, for statistics */
	uint64_t key[2];             /* random: hash tables; what is saved is of use to a relay with the same one */
	uint64_t first_pair;         /* random: where the taking of ports begins, so that a relay that was restarted does not take the last ones */
	uint64_t epoch_offset;       /* µs that make the relay's clock (monotonic) the time since 1970 */
};

enum relay_end { RELAY_DELETED = 0, RELAY_TIMEOUT, RELAY_SILENT, RELAY_OFFER_TIMEOUT, RELAY_FINAL_TIMEOUT, RELAY_SHUTDOWN };

struct relay_shell {
	void *context;
	/* Opens the component's socket, bound to its interface's address and c->port; sets c->io. 0 or -errno (the core takes another pair). */
	int (*open)(void *context, struct component *c, const struct relay_interface *on);
	void (*close)(void *context, struct component *c);
	/* What may be offloaded has changed: the stream was locked, signalled anew, blocked, held, unlinked ... */
	void (*changed)(void *context, struct stream *s);
	/* Starts writing a call's packets; path parts may be empty. 0 or -errno. The core calls record_stop() before the call is freed. */
	int (*record_start)(void *context, struct call *c, struct text file, struct text directory, struct text pattern, struct text metadata);
	void (*record_stop)(void *context, struct call *c, bool discard);
	/* A call has ended; it is freed after this. The shell writes the closing line and, after a time-out, tells the SIP server. */
	void (*ended)(void *context, struct call *c, enum relay_end why);
	/* One line for the log; level as syslog's. Call may be NULL. */
	void (*log)(void *context, int level, const struct call *c, const char *line);
	/* The processor's load, 0..1, and other limits of the machine: the text of a load limit that holds now, or NULL. */
	const char *(*overload)(void *context);
	/* The counters of `c` are about to be read: what is known elsewhere of its streams is to be added. NULL: there is nothing. */
	void (*refresh)(void *context, struct call *c);
	/* relay_touched() has something. NULL: nobody asks. */
	void (*touched)(void *context);
};

struct relay *relay_new(const struct relay_config *config, const struct relay_shell *shell, uint64_t now); /* NULL: no memory */
void relay_free(struct relay *r); /* ends every call (RELAY_SHUTDOWN) */
void relay_leave(struct relay *r); /* the same, but its calls go on elsewhere: nobody is told that they ended */

/*
 * Answers one datagram "<cookie> <dict>", bencode or JSON, the reply in the same. A request seen before (same source, same cookie,
 * within 30 to 60 s) gets its stored reply. Nothing is written where there is no cookie.
 */
void relay_ng(struct relay *r, struct text datagram, const struct endpoint *source, uint64_t now, struct out *reply);
/* The same without a cookie (TCP and HTTP bodies): always executed. */
void relay_ng_plain(struct relay *r, struct text dict, const struct endpoint *source, uint64_t now, struct out *reply);

struct packet {
	const uint8_t *bytes;
	size_t length;
	struct endpoint source;
	uint8_t tos;           /* as received; 0 where it is not known */
};

struct packet_verdict {
	bool forward;
	uint8_t refusal;        /* enum refusal, counted already; REFUSED_NOT and no forward: a keepalive, which ends here */
	struct component *from; /* to send from: the peer's component */
	struct endpoint to;
	uint8_t tos;
	struct recording *record; /* not NULL: to be written there as well, forwarded or not */
	uint16_t silence_from;  /* not 0: the party is silenced; what is sent has `silence` from here on */
	uint8_t silence;        /* of G.711 and G.722; other codecs pass as they are */
};

/* Never allocates. Counts, learns, decides. A forwarded packet is counted as sent with relay_sent(). */
void relay_packet(struct relay *r, struct component *at, const struct packet *p, uint64_t now, struct packet_verdict *v);
static inline void relay_sent(struct component *from, size_t bytes, bool ok)
{
	if (ok) {
		from->out_packets++;
		from->out_bytes += bytes;
	} else {
		from->out_errors++;
	}
}

/* Counts, in the totals, a packet that the system did not take; beside relay_sent(). */
void relay_send_failed(struct relay *r);

/*
 * A stream of RTP that somebody else may forward instead of relay_packet(): what comes to `at` from `source` with `ssrc` leaves
 * from the component `from`, to `to`. All else that comes to `at` must go on coming to relay_packet().
 */
struct media_flow {
	struct component *from;
	struct endpoint source, to;
	uint32_t ssrc;
	int16_t tos;           /* set on what is sent; -1: kept */
};

/*
 * False: every packet has to be seen here, now: RTCP's own ports and what is no RTP; a side whose source is not locked yet, or so lately
 * from outside that it may still be taken back; a hold, a block, silence, a recording. struct relay_shell's changed() says
 * when another answer may have become true; time makes an answer true as well.
 */
bool relay_flow(struct relay *r, struct component *at, uint64_t now, struct media_flow *f);

/* `packets` more of `bytes` bytes in all were forwarded so, the last one at `last` (µs). at->in is the caller's. */
void relay_flowed(struct relay *r, struct component *at, struct component *from, uint64_t packets, uint64_t bytes, uint64_t last);

void relay_tick(struct relay *r, uint64_t now);

/* Takes the time-outs, delete-delay and the limit of calls from `c`; calls that run have them from the next tick on. The rest stays. */
void relay_limits(struct relay *r, const struct relay_config *c);

/* No new calls from now on (re-offers of calls that run go through); the number of calls that are left. */
void relay_drain(struct relay *r);
unsigned relay_calls(const struct relay *r);

/* Totals for metrics and `statistics`. */
struct relay_totals {
	uint64_t calls_started, calls_ended[RELAY_SHUTDOWN + 1], calls_refused;
	uint64_t commands[64], errors[64]; /* by enum ng_command */
	uint64_t cookie_hits;
	uint64_t packets, bytes, refused[REFUSALS_COUNT], send_errors;
	uint64_t rank_locked[5], lock_moved; /* by rank of the source */
	uint64_t foreign_addresses;    /* in a=fmtp, left as they were (C6) */
	unsigned calls, ports_used, ports_free, ports_failed;
};
const struct relay_totals *relay_totals(struct relay *r);

/*
 * What has to be saved of calls (saved.h) when they change: the core touches a call by each request that changes it, and when a
 * source is learned; the shell does so for what it does itself. Counters alone are no change. relay_touched() takes a call off the list
 * of those, oldest change first; NULL: none is left.
 */
void call_touch(struct call *c);
struct call *relay_touched(struct relay *r);

/* Goes through the calls, oldest first; for lists and tables. */
struct call *relay_first(struct relay *r);
struct call *relay_next(struct call *c);

#endif
