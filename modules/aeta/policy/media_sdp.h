/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where an SDP (RFC 8866) asks for its media: the address of each stream that is open, at the level it stands on. Agents that
 * use STUN write the mapped address into the media's own c= and leave a private one in the session's, so only what counts for a
 * stream is taken. Nothing is kept of the text.
 */
#ifndef AETA_POLICY_MEDIA_SDP_H
#define AETA_POLICY_MEDIA_SDP_H

#include "address.h"

#define AETA_SDP_PLACES 8 /* different ones that are kept; more are counted as not readable */

struct aeta_sdp_place {
	struct aeta_address address; /* without a port */
	bool own;                    /* of the media's own c=; false: of the session's */
};

struct aeta_sdp {
	bool present;     /* there is an SDP at all */
	bool unreadable;  /* a stream without an address, or one that cannot be read */
	uint8_t count;    /* of places[] */
	uint16_t streams; /* m= lines whose port is not 0 */
	struct aeta_sdp_place places[AETA_SDP_PLACES];
	struct aeta_address session; /* of the session's c=, else of its o=; NONE: neither */
};

/* Reads `len` bytes, any bytes. An m= line with port 0 is no stream (it was refused, RFC 3264). */
void aeta_sdp_read(const char *s, size_t len, struct aeta_sdp *out);

#endif
