/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One SDP on its way from a party to another, an offer's or an answer's. It is worked on in steps, so that whatever fails leaves
 * the call as it was:
 *
 *      read     the SDP, and which parties it is about
 *      plan     the streams that it needs: what is missing is opened, beside what is there
 *      write    the SDP that goes out, into the reply
 *      commit   what was planned becomes the call's; nothing can fail any more
 *  or  abandon  what was opened is closed, what is new is freed
 */
#ifndef RELAY_CORE_EXCHANGE_H
#define RELAY_CORE_EXCHANGE_H

#include "command.h"
#include "sdp.h"

/* What an SDP says of one stream: the sum of its m-lines. */
struct said {
	bool known;      /* there is such an m-line */
	bool live;       /* and one that is not rejected */
	bool held, mux, mux_only;
	bool no_rtcp;    /* datagrams alone, or parity FEC */
	uint8_t transport, direction;
	struct endpoint rtp, rtcp;           /* where the party receives; port 0: it does not say (hold) */
	struct endpoint also, also_rtcp;     /* a second m-line of the stream */
	uint64_t types[2], dtmf[2];
};

struct side {
	struct party *party;
	bool fresh;                             /* the party came with this SDP */
	struct interface *on;
	unsigned planned;
	struct stream *streams[SDP_MEDIA_MAX];  /* as planned; NULL: none */
};

struct exchange {
	struct request *m;
	struct relay *relay;
	const struct ng_request *q;
	uint64_t now;
	struct call *call;
	bool fresh_call;
	bool offer;
	struct side from, to;                   /* the SDP's sender and receiver */
	unsigned stream_count;
	uint8_t number[SDP_MEDIA_MAX];          /* each m-line's number in the session: those that the sender was not shown come between */
	uint64_t hidden;                        /* of an offer: as struct party has it, for the receiver */
	struct text hidden_lines;
	uint8_t map[SDP_MEDIA_MAX];             /* each m-line's stream, as in struct party */
	uint8_t fec_map[SDP_MEDIA_MAX];         /* and that of its parity FEC */
	struct said said[SDP_MEDIA_MAX];        /* by stream, the first stream_count */
	struct stream *opened[2 * SDP_MEDIA_MAX];
	unsigned opened_count;
	struct sdp sdp;
	struct sdp_edit edit;
};

/* All return NULL, or the error-reason. */

/* Parses. `*looped`: it has passed here before, and goes out as it came. */
const char *exchange_read(struct exchange *x, struct request *m, bool *looped);
/* Sets x->number, and what of an offer its receiver is not shown: that counts as rejected. */
const char *exchange_number(struct exchange *x);
/* Has the m-lines that the sender was not shown written as rejected ones, and those omitted that the receiver was not. */
void exchange_edit_hidden(struct exchange *x);
/* Sets x->map for an offer between from and to: the m-lines that are known keep their streams, new ones get one, or share one. */
void exchange_map_offer(struct exchange *x);
/* The same for an answer: as was offered. */
void exchange_map_answer(struct exchange *x);
/* Sums the SDP up into x->said, by x->map. */
void exchange_sum_up(struct exchange *x);
/* Opens what an offer needs on both sides. */
const char *exchange_plan(struct exchange *x);
/* Rewrites, x->edit being filled, and puts the SDP into the reply. */
const char *exchange_write(struct exchange *x);
void exchange_commit_streams(struct exchange *x);
void exchange_abandon(struct exchange *x);

/* What offers and answers share of an edit; the m-lines are theirs. */
void exchange_edit(struct exchange *x);
/* The edit of an m-line that is rejected, or cannot be relayed. */
void edit_reject(struct exchange *x, unsigned i);
/* The edit of m-line `i` that goes out with the ports of `s`. */
struct sdp_media_edit *edit_media(struct exchange *x, unsigned i, const struct stream *s);

/* The party has said this: its streams, as they stand in the party, take note (all but what an offer leaves open until it is answered). */
void exchange_hear(struct exchange *x, struct party *p);

/* What is common to every offer and answer of a call that went well: TOS, labels, recording, dropping. */
void exchange_finish(struct exchange *x);

#endif
