/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An ng request, decoded: what the client said, in our words. All texts are views into the datagram, or into the decoder's
 * scratch memory where JSON escapes or a split `rtpp-flags` needed it; they live as long as both.
 *
 * Space and hyphen (and in a few keys the underscore) are the same in a key or a flag; integers may come as strings and
 * strings as integers; a list of one element may come as the plain string. See NG.md's tables: every row marked A is here.
 */
#ifndef RELAY_CORE_REQUEST_H
#define RELAY_CORE_REQUEST_H

#include "address.h"

/* X(ID, wire name) */
#define NG_COMMANDS(X) \
	X(PING, "ping") \
	X(OFFER, "offer") \
	X(ANSWER, "answer") \
	X(DELETE, "delete") \
	X(QUERY, "query") \
	X(LIST, "list") \
	X(STATISTICS, "statistics") \
	X(START_RECORDING, "start recording") \
	X(STOP_RECORDING, "stop recording") \
	X(PAUSE_RECORDING, "pause recording") \
	X(BLOCK_MEDIA, "block media") \
	X(UNBLOCK_MEDIA, "unblock media") \
	X(SILENCE_MEDIA, "silence media") \
	X(UNSILENCE_MEDIA, "unsilence media") \
	X(BLOCK_DTMF, "block DTMF") \
	X(UNBLOCK_DTMF, "unblock DTMF") \
	X(START_FORWARDING, "start forwarding") \
	X(STOP_FORWARDING, "stop forwarding") \
	X(PLAY_MEDIA, "play media") \
	X(STOP_MEDIA, "stop media") \
	X(PLAY_DTMF, "play DTMF") \
	X(PUBLISH, "publish") \
	X(SUBSCRIBE_REQUEST, "subscribe request") \
	X(SUBSCRIBE_ANSWER, "subscribe answer") \
	X(UNSUBSCRIBE, "unsubscribe") \
	X(CONNECT, "connect") \
	X(TRANSFORM, "transform") \
	X(CREATE, "create")

enum ng_command {
	NG_NO_COMMAND = 0, /* the key is missing, or nothing we know: `command_text` says which */
#define X(id, name) NG_##id,
	NG_COMMANDS(X)
#undef X
	NG_COMMAND_COUNT
};

/* Flags that mean something here, one bit each: X(ID, wire name). Others are counted in `unknown_flags`, and named. */
#define NG_FLAGS(X) \
	X(TRUST_ADDRESS, "trust-address") \
	X(SIP_SOURCE_ADDRESS, "SIP-source-address") \
	X(SYMMETRIC, "symmetric") \
	X(ASYMMETRIC, "asymmetric") \
	X(STRICT_SOURCE, "strict-source") \
	X(MEDIA_HANDOVER, "media-handover") \
	X(PORT_LATCHING, "port-latching") \
	X(NO_PORT_LATCHING, "no-port-latching") \
	X(ORIGINAL_SENDRECV, "original-sendrecv") \
	X(LOOP_PROTECT, "loop-protect") \
	X(FULL_RTCP_ATTRIBUTE, "full-rtcp-attribute") \
	X(NO_RTCP_ATTRIBUTE, "no-rtcp-attribute") \
	X(STRIP_EXTMAP, "strip-extmap") \
	X(RESET, "reset") \
	X(PIERCE_NAT, "pierce-NAT") \
	X(NAT_WAIT, "NAT-wait") \
	X(UNIDIRECTIONAL, "unidirectional") \
	X(DIRECTIONAL, "directional") \
	X(ALL, "all") \
	X(FATAL, "fatal") \
	X(FAST, "fast") \
	X(TO_TAG, "to-tag") \
	X(RECORD_CALL, "record-call") \
	X(PROVISIONAL, "provisional") \
	X(NEW_BRANCH, "new-branch") \
	X(DEBUG, "debug") \
	X(FRAGMENT, "fragment") \
	X(REJECT_ICE, "reject-ICE") \
	X(GENERATE_MID, "generate-mid") \
	X(INTERNAL, "internal") \
	X(EXTERNAL, "external") \
	X(SINGLE_CODEC, "single-codec") \
	X(INACTIVE, "inactive") \
	X(BLOCK_DTMF, "block-DTMF") \
	X(DISCARD_RECORDING, "discard-recording") \
	X(PASSTHROUGH, "passthrough") \
	X(NO_PASSTHROUGH, "no-passthrough")

enum ng_flag {
#define X(id, name) NG_FLAG_##id,
	NG_FLAGS(X)
#undef X
	NG_FLAG_COUNT /* at most 64 */
};

#define NG_BIT(flag) (1ull << NG_FLAG_##flag)

enum ng_replace {
	NG_REPLACE_ORIGIN = 1,
	NG_REPLACE_ORIGIN_FULL = 2,
	NG_REPLACE_USERNAME = 4,
	NG_REPLACE_SESSION_NAME = 8,
	NG_REPLACE_SDP_VERSION = 16,
	NG_REPLACE_FORCE_SDP_VERSION = 32,
	NG_REPLACE_ZERO_ADDRESS = 64
};

enum ng_rtcp_mux { NG_MUX_OFFER = 1, NG_MUX_REQUIRE = 2, NG_MUX_DEMUX = 4, NG_MUX_ACCEPT = 8, NG_MUX_REJECT = 16 };

enum ng_ice { NG_ICE_UNSAID = 0, NG_ICE_REMOVE, NG_ICE_DEFAULT, NG_ICE_FORCE, NG_ICE_OPTIONAL, NG_ICE_FORCE_RELAY };

enum ng_learning { NG_LEARN_UNSAID = 0, NG_LEARN_OFF, NG_LEARN_IMMEDIATE, NG_LEARN_DELAYED, NG_LEARN_HEURISTIC };

#define NG_TEXTS_MAX 24

struct ng_texts {
	unsigned n; /* what is more than NG_TEXTS_MAX sets `too_many` */
	bool too_many;
	struct text at[NG_TEXTS_MAX];
};

/* sdp-attr: lines to add to, remove from, or substitute in the session's or the media's part of an SDP. */
struct ng_attributes {
	struct ng_texts add, remove, substitute; /* substitute: pairs, what and by what */
};

struct ng_request {
	enum ng_command command;
	struct text command_text;

	/* who */
	struct text call_id, from_tag, to_tag, via_branch;
	struct text label, from_label, to_label, set_label;
	struct text to_call_id;
	struct address address; /* `address`: selects a participant of block/silence by its media address */
	struct ng_texts from_tags;
	bool all_set;           /* key `all` given; its word is in `all` */
	struct text all;

	/* what */
	struct text sdp;
	struct address received_from;    /* source of the SIP message */
	struct text direction[2];        /* logical interfaces: towards the sender of the SDP, towards its receiver */
	unsigned directions;             /* how many of them were said */
	uint8_t address_family;          /* of the SDP that goes out: 4, 6; 0: as it came */
	struct address media_address;    /* written in place of the interface's; family 0: not said */
	struct text media_address_text;  /* as said, also where it is no address */
	struct text transport_protocol;
	enum ng_ice ice;
	enum ng_learning learning;
	unsigned rtcp_mux;               /* enum ng_rtcp_mux */
	unsigned replace;                /* enum ng_replace */
	uint64_t flags;                  /* NG_BIT() */
	int tos;                         /* 0..255, -1 not said */
	int64_t delete_delay_s;          /* -1 not said */
	int drop_traffic;                /* 1 start, -1 stop, 0 not said */
	struct ng_texts codec_strip, codec_offer, codec_except;
	struct ng_attributes attributes_session, attributes_audio, attributes_video;
	struct ng_texts media_remove;    /* sdp-media-remove: media types */
	struct ng_texts t38, sdes, osrtp, dtls; /* words as said */

	/* recording, list */
	struct text metadata, recording_file, recording_dir, recording_pattern;
	int64_t limit;                   /* of list; INT64_MIN not said */

	bool load_limit_supported;       /* supports: ["load limit"] */

	/* what could not be honoured */
	struct ng_texts unknown;         /* keys and flags nobody knows: ignored, with a warning */
	struct ng_texts ignored;         /* known, but media work that this relay does not do: ignored, with a warning */
	const char *unsupported;         /* not NULL: honouring it would change what the call means; answer this as error-reason */
};

static inline bool ng_has(const struct ng_request *r, uint64_t bits)
{
	return (r->flags & bits) != 0;
}

#endif
