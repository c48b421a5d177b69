/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SDP (RFC 8866) as a relay needs it: read into views, and rewritten in place: what is not changed by an edit is the same
 * bytes in the same order (C6). Bare \n, a missing final newline and an empty last line are tolerated and kept.
 */
#ifndef RELAY_CORE_SDP_H
#define RELAY_CORE_SDP_H

#include "address.h"
#include "out.h"

#define SDP_MAX 65535      /* bytes */
#define SDP_MEDIA_MAX 64   /* m-lines; more is an error, never cut off */

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
	struct text connection;      /* its own c= line, empty: the session's counts */
	struct text mid;
	enum sdp_transport transport;
	enum sdp_direction direction;     /* its own, else the session's, else sendrecv; a zero address makes it no receiver */
	bool direction_said;              /* in this section */
	bool held;                        /* its address is 0.0.0.0 or :: */
	bool rejected;                    /* port 0 */
	bool bundle_only;
	bool unusable;                    /* its address is a host name, or none: it can be relayed only towards the source that SIP shows */
	unsigned ports;                   /* number of ports, 1 unless the m= line says more */
	struct endpoint rtp;              /* where it wants to receive; port 0 when rejected */
	struct endpoint rtcp;             /* by a=rtcp, else rtp + 1; the same as rtp with rtcp-mux-only */
	bool rtcp_said, rtcp_mux, rtcp_mux_only;
	bool ice, crypto, dtls;           /* a=candidate or ice-ufrag (here or in the session), a=crypto, a=fingerprint */
	uint64_t payload_types[2];        /* bit per payload type 0..127 of the formats; where the transport is RTP or SRTP */
};

struct sdp {
	struct text whole;
	struct text session;              /* what stands before the first m= */
	struct text origin;               /* the o= line's value */
	struct text origin_username, origin_id, origin_version, origin_address;
	struct text session_name;         /* s= */
	struct text connection;           /* session-level c= line's value, or empty */
	struct address connection_address;/* family 0: a host name or none */
	enum sdp_direction direction;
	bool direction_said;
	bool ice, ice_lite, dtls;
	struct text loop_mark;            /* value of a=aeta-relay (or a=rtpengine), empty: none */
	unsigned count;
	struct sdp_media media[SDP_MEDIA_MAX];
	bool crlf;                        /* how added lines end */
};

/*
 * 0; -EINVAL: not an SDP ("Failed to parse SDP"); -ENODATA: no m-line ("Incomplete SDP specification" is for the caller to say);
 * -E2BIG: more than SDP_MAX bytes or SDP_MEDIA_MAX m-lines. `out` refers to `body`.
 */
int sdp_parse(struct text body, struct sdp *out);

/* What to write for one m-line. */
struct sdp_media_edit {
	bool relay;                  /* false: left as it came, all of it */
	uint16_t port;               /* 0: rejected */
	uint16_t rtcp_port;          /* 0: no RTCP of its own */
	struct address address;      /* written to c=, session or media level, wherever it was */
	bool hold_zero;              /* write 0.0.0.0 or :: in its place (it came so) */
	bool mux;                    /* a=rtcp-mux is said */
	bool mux_attribute_keep;     /* leave a=rtcp-mux[-only] as it came (not ours to judge) */
	enum sdp_direction direction;
	bool write_direction;        /* else the lines stay as they came */
	struct text proto;           /* transport protocol to write; empty: as it came */
	struct endpoint own;         /* the stream's own address as it came: where it is found in a=fmtp it is rewritten (parity FEC, RFC 6015 style), any other address there is left and counted */
};

enum sdp_rtcp_attribute { SDP_RTCP_PORT = 0, SDP_RTCP_FULL, SDP_RTCP_NONE };

struct sdp_edit {
	unsigned replace;            /* enum ng_replace (request.h) */
	struct address address;      /* ours, for o= and a session-level c= that no m-line decides */
	struct text origin_username, origin_id;   /* for ng_replace_...; empty: as it came */
	uint64_t origin_version;     /* written with NG_REPLACE_SDP_VERSION */
	struct text session_name;
	bool ice_remove;             /* candidates, ice-*, remote-candidates, end-of-candidates, at both levels */
	bool strip_extmap;
	enum sdp_rtcp_attribute rtcp_attribute;
	struct text loop_mark;       /* a=aeta-relay:MARK is added to the session; empty: none */
	const void *request;         /* struct ng_request: codec lists, sdp-attr, sdp-media-remove, generate-mid; NULL: none of it */
	struct sdp_media_edit media[SDP_MEDIA_MAX]; /* one for each of the SDP's m-lines */
	unsigned foreign_addresses;  /* out: addresses in a=fmtp that were not the stream's own, and left */
};

/* Writes the edited SDP to `to`. 0; -E2BIG where it grows beyond `to`'s limit; -ENOMEM. */
int sdp_rewrite(const struct sdp *in, struct sdp_edit *edit, struct out *to);

#endif
