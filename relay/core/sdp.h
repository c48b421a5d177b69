/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SDP (RFC 8866) as a relay needs it: read into views, and rewritten in place: what is not changed by an edit is the same
 * bytes in the same order (C6). Bare \n, a missing final newline, empty last lines, blanks and NULs at the end are tolerated and kept.
 */
#ifndef RELAY_CORE_SDP_H
#define RELAY_CORE_SDP_H

#include "address.h"
#include "out.h"

#define SDP_MAX 65536      /* bytes */
#define SDP_MEDIA_MAX 64   /* m-lines; more is an error, never cut off */

struct ng_request; /* request.h */

enum sdp_direction { SDP_SENDRECV = 0, SDP_SENDONLY, SDP_RECVONLY, SDP_INACTIVE }; /* bit 0: does not receive, bit 1: does not send */

enum sdp_transport {
	SDP_OTHER = 0,  /* not relayed: left as it is */
	SDP_RTP,        /* RTP/AVP, RTP/AVPF */
	SDP_SRTP,       /* RTP/SAVP, RTP/SAVPF, UDP/TLS/RTP/SAVP[F]: relayed, never looked into */
	SDP_UDP         /* udptl, UDPTL, udp, UDP/...: relayed as plain datagrams, no RTCP */
};

struct sdp_media {
	struct text section;         /* from its m= to the next one or the end */
	struct text line;            /* the m= line without its newline */
	struct text type;            /* "audio" */
	struct text port_text;       /* "6000" or "6000/2" */
	struct text proto;           /* "RTP/AVP" */
	struct text formats;         /* all that follows */
	struct text connection;      /* value of its own (first) c= line, empty: the session's counts */
	struct text mid;
	enum sdp_transport transport;
	enum sdp_direction direction;     /* its own, else the session's, else sendrecv; a zero address makes it no receiver */
	bool direction_said;              /* in this section */
	bool held;                        /* its address is 0.0.0.0 or ::, never to be sent to (but with trickle ICE, RFC 8840: unusable) */
	bool rejected;                    /* port 0; with bundle_only it is not refused, but shares another m-line's port */
	bool bundle_only;
	bool unusable;                    /* its address is a host name, or none: it can be relayed only towards the source that SIP shows */
	unsigned ports;                   /* number of ports, 1 unless the m= line says more */
	struct endpoint rtp;              /* where it wants to receive; port 0 when rejected */
	struct endpoint rtcp;             /* by a=rtcp, else rtp + 1; the same as rtp with rtcp-mux-only; transports without RTCP, and
	                                   * an a=rtcp that says 0.0.0.0 where the m-line is not held (browsers): none */
	struct endpoint fec;              /* parity FEC on the m-line's own address and another port, "a=fmtp:97 5006 IN IP4 ..." (RFC 2733); port 0: none */
	bool rtcp_said, rtcp_mux, rtcp_mux_only;
	bool ice, crypto, dtls;           /* a=candidate or ice-ufrag (here or in the session), a=crypto, a=fingerprint (here or in the session) */
	uint64_t payload_types[2];        /* bit per payload type 0..127 of the formats; where the transport is RTP or SRTP */
	uint64_t dtmf_types[2];           /* those of them that are telephone-event (RFC 4733; one for each clock rate) */
};

struct sdp {
	struct text whole;
	struct text session;              /* what stands before the first m= */
	struct text origin;               /* the o= line's value */
	struct text origin_username, origin_id, origin_version, origin_address; /* empty where o= has not got its six fields */
	struct text session_name;         /* s= */
	struct text connection;           /* session-level c= line's value, or empty */
	struct address connection_address;/* family 0: a host name or none */
	enum sdp_direction direction;
	bool direction_said;
	bool ice, ice_lite, dtls;
	bool bundle;                      /* a=group:BUNDLE */
	struct text loop_mark;            /* value of the first a=aeta-relay or a=rtpengine, empty: none; see sdp_has_mark() */
	bool crlf;                        /* how added lines end */
	unsigned count;
	struct sdp_media media[SDP_MEDIA_MAX]; /* only the first `count` are set */
};

/*
 * 0; -EINVAL: not an SDP ("Failed to parse SDP"); -ENODATA: no m-line ("Error rewriting SDP"); -E2BIG: more than SDP_MAX bytes or SDP_MEDIA_MAX m-lines. `out` refers to `body`.
 */
int sdp_parse(struct text body, struct sdp *out);

/* Is one of its a=aeta-relay lines `mark`? Then the SDP has passed here already. */
bool sdp_has_mark(const struct sdp *s, struct text mark);

static inline bool sdp_type_has(const uint64_t types[2], uint8_t type)
{
	return type < 128 && (types[type / 64] >> type % 64 & 1);
}

/* What to write for one m-line. */
struct sdp_media_edit {
	bool omit;                   /* not written at all: the receiver was never shown it (sdp-media-remove) */
	bool relay;                  /* false: left as it came, all of it */
	uint16_t port;               /* 0: rejected */
	unsigned ports;              /* more than 1: written as "port/ports"; else the port alone */
	uint16_t rtcp_port;          /* a=rtcp says it; 0: no a=rtcp */
	uint16_t fec_port;           /* for the m-line's `fec`; 0: left as it came, and counted */
	struct address address;      /* written to c=, session or media level, wherever it was */
	bool hold_zero;              /* write 0.0.0.0 or :: in its place (it came so) */
	bool mux;                    /* a=rtcp-mux is said */
	bool mux_attribute_keep;     /* leave a=rtcp-mux[-only] as it came (not ours to judge) */
	bool rtcp_attribute_keep;    /* leave a=rtcp as it came, whatever rtcp_port says */
	enum sdp_direction direction;
	bool write_direction;        /* else the lines stay as they came */
	struct text proto;           /* transport protocol to write; empty: as it came */
	struct text before;          /* whole lines to write before its m=, each with its line end: rejected m-lines that sdp-media-remove kept from the answerer */
};

enum sdp_rtcp_attribute { SDP_RTCP_PORT = 0, SDP_RTCP_FULL, SDP_RTCP_NONE };

struct sdp_edit {
	unsigned replace;            /* enum ng_replace (request.h) */
	struct address address;      /* ours, for o= and a session-level c= that no m-line decides; family 0: both stay */
	struct text origin_username, origin_id;   /* for NG_REPLACE_ORIGIN_FULL, the name also for NG_REPLACE_USERNAME; empty: as it came */
	uint64_t origin_version;     /* written with NG_REPLACE_SDP_VERSION, _FORCE_SDP_VERSION, _ORIGIN_FULL */
	struct text session_name;    /* for NG_REPLACE_SESSION_NAME; empty: as it came */
	bool ice_remove;             /* candidates, ice-*, remote-candidates, end-of-candidates, at both levels */
	bool bundle_remove;          /* a=group:BUNDLE, a=bundle-only */
	bool strip_extmap;
	enum sdp_rtcp_attribute rtcp_attribute;
	struct text loop_mark;       /* a=aeta-relay:MARK is added to the session, unless it is there; empty: none */
	const struct ng_request *request; /* codec lists (where it is an offer), sdp-attr, generate-mid; NULL: none of it */
	struct text after;           /* as `before`, at the end */
	unsigned foreign_addresses;  /* out: addresses in a=fmtp that were no m-line's own, and left (C6) */
	struct sdp_media_edit media[SDP_MEDIA_MAX]; /* one for each of the SDP's m-lines; only those are looked at */
};

/* An edit that changes nothing: every m-line that can be relayed "relayed" to its own address and ports. Change what is to change. */
void sdp_edit_init(struct sdp_edit *edit, const struct sdp *in);

/* Does sdp-media-remove name this m-line? To take it out, `omit` it. */
bool sdp_media_removed(const struct ng_request *request, const struct sdp_media *media);

/*
 * Appends the edited SDP to `to`. 0; -ENOBUFS: it does not fit `to`, or no memory.
 * In a=fmtp an address and port that are an m-line's own become what that m-line is written with, whichever m-line names them.
 */
int sdp_rewrite(const struct sdp *in, struct sdp_edit *edit, struct out *to);

#endif
