/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parties of a call, their streams, and who speaks to whom. */
#ifndef RELAY_CORE_PARTY_H
#define RELAY_CORE_PARTY_H

#include "state.h"

#define PARTIES_MAX 128 /* of a call: a hunt of 30 members, and forks below */

/*
 * Added to the call's end. `streams` and `medias` are expected: their memory is part of the party's block.
 * NULL: no memory, or the call has PARTIES_MAX.
 */
struct party *party_new(struct call *c, struct text tag, struct text branch, unsigned streams, unsigned medias, uint64_t now);
/* Unlinked, its ports given back, taken out of the call. */
void party_free(struct party *p);

struct party *party_by_tag(const struct call *c, struct text tag);
struct party *party_by_branch(const struct call *c, struct text branch);
struct party *party_by_label(const struct call *c, struct text label);
/* Whose SDP says that it receives at this address. */
struct party *party_by_address(const struct call *c, const struct address *a);

/*
 * The party's logical interface for a new SDP: the one it is on, unless another name (that is configured) or another family is
 * asked for. NULL: there is no address of the family.
 */
struct interface *party_interface(const struct party *p, struct text name, uint8_t family);

/* A stream without ports on `on`, not yet the party's. NULL: no memory. */
struct stream *stream_new(struct party *p, struct interface *on);
/*
 * Takes a pair and has it opened, RTCP too where it is wanted; of an open stream only what lacks. Pairs that the system refuses are set
 * aside and others tried. 0, or -errno: -ENOSPC there is no pair (left), else what the system said that no other pair would mend.
 */
int stream_open(struct stream *s, bool rtcp);
/* Opens the ports that it has in its components already, its pair being taken. 0; or -errno of the shell, and the pair stays its own. */
int stream_open_again(struct stream *s);
void stream_close(struct stream *s);
/* Closed, and its memory kept for the party's next stream; it is no stream of the party (any more). */
void stream_drop(struct stream *s);
void stream_close_rtcp(struct stream *s); /* the pair stays the stream's */

/* Room for so many streams and m-lines. 0 or -ENOMEM. */
int party_room(struct party *p, unsigned streams, unsigned medias);

/* They speak to each other, and to nobody else any more. The shell is told of every stream that this changes. */
void parties_link(struct party *a, struct party *b);
void party_unlink(struct party *p);
/* Links the streams that both have, where the parties are peers; after streams were added, closed or exchanged. */
void streams_link(struct party *a);

/* The stream of m-line `i`; NULL: it is not relayed. */
static inline struct stream *party_media(const struct party *p, unsigned i)
{
	unsigned k = i < p->media_count ? p->media_stream[i] : NO_STREAM;

	return k < p->stream_count ? p->streams[k] : NULL;
}

#endif
