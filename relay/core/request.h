/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An ng request, decoded: what the client said, in our words. All texts are views into the datagram, or into the decoder's
 * scratch memory where JSON or a flag had escapes; they live until the decoder's next request.
 *
 * Space and hyphen (and in a few keys the underscore) are the same in a key or a flag; a capital letter of a name given below
 * may be small, the other letters are as they stand (as with rtpengine: "SIP-source-address", "sip source address"). Integers
 * may come as strings and strings as integers; a list of words may come as one string, with commas between them.
 *
 *      struct ng_decoder *d = ng_decoder_new();               // once
 *      struct text cookie, dict;
 *      if (!ng_split(datagram, &cookie, &dict)) ...           // no reply at all
 *      error = ng_decode(d, dict, &request, &encoding);       // an error-reason, to be written with `encoding`
 *      error = error ? error : ng_refusal(&request);          // what is missing, or is not done here
 */
#ifndef RELAY_CORE_REQUEST_H
#define RELAY_CORE_REQUEST_H

#include "address.h"
#include "reply.h"

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
	X(CREATE, "create") \
	X(CREATE_ANSWER, "create answer") \
	X(INJECT_START, "inject start") \
	X(INJECT_STOP, "inject stop") \
	X(MESH, "mesh") \
	X(CLI, "cli")

enum ng_command {
	NG_NO_COMMAND = 0, /* the key is missing, or nothing we know: `command_text` says which */
#define X(id, name) NG_##id,
	NG_COMMANDS(X)
#undef X
	NG_COMMAND_COUNT
};

/* Flags that mean something here, one bit each: X(ID, wire name). Others are named in `ignored` or `unknown`. */
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
	X(FULL_RTCP_ATTRIBUTE, "full-RTCP-attribute") \
	X(NO_RTCP_ATTRIBUTE, "no-RTCP-attribute") \
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
	unsigned n; /* what is more than NG_TEXTS_MAX sets `too_many`; for all but `unknown` and `ignored` it makes the request unsupported */
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
	struct text label, from_label, to_label, set_label; /* `label` and `from-label` are the same key: both are set */
	struct text to_call_id;
	struct address address; /* `address`: selects a participant of block/silence by its media address; family 0: none, see address_text */
	struct text address_text;
	struct ng_texts from_tags;
	bool all_set;           /* key `all` given; its word is in `all` */
	struct text all;

	/* what */
	struct text sdp;
	struct address received_from;    /* source of the SIP message */
	struct text direction[2];        /* logical interfaces: towards the sender of the SDP, towards its receiver; empty: not said */
	unsigned directions;             /* 0: none was said, 1: the first, 2: both, or the second alone */
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
	struct ng_texts t38, sdes, osrtp, dtls; /* words as said; those that ask for work on the media are in `ignored`, too */

	/* recording, list */
	bool record_stop;                /* record-call=off; on sets the flag RECORD_CALL */
	struct text metadata, recording_file, recording_dir, recording_pattern;
	int64_t limit;                   /* of list; INT64_MIN not said */

	bool load_limit_supported;       /* supports: ["load limit"] */

	/* what could not be honoured */
	struct ng_texts unknown;         /* keys and flags nobody knows: ignored, with a warning */
	struct ng_texts ignored;         /* known, but media work that this relay does not do: ignored, with a warning */
	const char *unsupported;         /* not NULL: ignoring it would change what the call means; answer this as error-reason */
};

static inline bool ng_has(const struct ng_request *r, uint64_t bits)
{
	return (r->flags & bits) != 0;
}

/* "<cookie> <dict>" into its two parts. False where there is no space, or nothing before it: such a datagram gets no reply. */
bool ng_split(struct text datagram, struct text *cookie, struct text *dict);

struct ng_decoder; /* memory for one request's tree, and scratch */

struct ng_decoder *ng_decoder_new(void); /* NULL: no memory */
void ng_decoder_free(struct ng_decoder *d);

/*
 * Decodes a dictionary, bencode or JSON; `encoding` is how to answer, also when it cannot be decoded. Returns NULL, or the
 * error-reason: the framing's texts, no command or an unknown one, no memory. What comes after the dictionary is not looked at.
 */
const char *ng_decode(struct ng_decoder *d, struct text dict, struct ng_request *out, enum ng_encoding *encoding);

/* Why the request cannot be carried out as it stands: the first key that its command cannot do without, or `unsupported`. NULL: go on. */
const char *ng_refusal(const struct ng_request *r);

/* The name of a command on the wire; "" for NG_NO_COMMAND. */
const char *ng_command_name(enum ng_command c);

#endif
