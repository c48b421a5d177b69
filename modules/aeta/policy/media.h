/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which calls need the relay (C2, C3, C7, A8)? Facts of both parties in, a verdict with its reasons out; no clock, no I/O.
 *
 * Each sign of a NAT is one predicate and one row of AETA_MEDIA_SIGNS: the same predicates judge the caller and the callee, so
 * a reason is a row with "caller-" or "callee-" before its name. What cannot be told counts as a sign: a call that is relayed
 * for nothing costs a little, one that is silent costs a broadcast. So every call is relayed that Kamailio's usual test of NATs
 * (private Contact, Via against source address and port) would relay, and those whose SDP shows what SIP does not.
 *
 * An agent behind a trusted proxy (A8) has the proxy's SIP addresses: with an SDP, that alone is judged; without one (the
 * callee, whose SDP is not known before it answers) its Contact is all there is. Two parties that both come from a loopback
 * address are on one machine: between them there is no NAT, whatever their Contacts say.
 *
 * Where the agents are probed (C7, nat_class.h) a call is direct only if each of them is known to be open, or behind a NAT whose
 * mapping is independent, and its media address is public. Then the NAT that its SIP shows counts no more, and one that is not
 * known does. The callee's SDP comes too late for that, so it is predicted: public without a NAT, and behind one, or where its Contact
 * has ever shown one, if the SDPs of the same binding were.
 */
#ifndef AETA_POLICY_MEDIA_H
#define AETA_POLICY_MEDIA_H

#include "media_sdp.h"
#include "nat_class.h"
#include "verdict.h"

enum aeta_media_policy { /* C3; of an account or a group */
	AETA_MEDIA_GROUP = 0, /* an account's: as its group says; a group's: auto */
	AETA_MEDIA_AUTO,
	AETA_MEDIA_ALWAYS,
	AETA_MEDIA_NEVER,
	AETA_MEDIA_POLICIES
};

/* X(ID, name, text). At most 24: the bits of one party. */
#define AETA_MEDIA_SIGNS(X) \
	X(UNKNOWN, "unknown", "nothing is known of its address") \
	X(CONTACT_PRIVATE, "contact-private", "its Contact is a private address") \
	X(CONTACT_NAME, "contact-name", "its Contact is a host name, which tells nothing") \
	X(CONTACT_MISMATCH, "contact-mismatch", "its Contact is not the address that its SIP comes from") \
	X(VIA_MISMATCH, "via-mismatch", "the Via of its request is not the address that it came from") \
	X(SOURCE_PORT, "source-port", "its SIP comes from another port than its Contact or Via says") \
	X(NOT_UDP, "not-udp", "its SIP comes by TCP or TLS, whose port tells nothing of a NAT") \
	X(SDP_PRIVATE, "sdp-private", "its SDP asks for media at a private address, the session's") \
	X(SDP_MEDIA_PRIVATE, "sdp-media-private", "its SDP asks for a medium at a private address") \
	X(SDP_NOT_SOURCE, "sdp-not-source", "its SDP asks for media at another address than its SIP comes from") \
	X(SDP_NAME, "sdp-name", "its SDP asks for media at a host name, which tells nothing") \
	X(SDP_UNREADABLE, "sdp-unreadable", "its SDP does not say where a medium is to go") \
	X(NAT_UNKNOWN, "nat-unknown", "it is not known what NAT or firewall it is behind") \
	X(NAT_CHANGED, "nat-changed", "it is behind a symmetric NAT (mobile network)") \
	X(NAT_WALLED, "nat-walled", "it is behind a firewall that lets it talk to this service alone") \
	X(NAT_LEAKY, "nat-leaky", "it is behind a NAT that changes its port when the other side sends first") \
	X(NO_STUN, "no-stun", "its SDPs asked for media at an address that is not its public one: it does not use STUN") \
	X(STUN_UNKNOWN, "stun-unknown", "it is behind a NAT, and not known yet to use STUN")

enum aeta_media_sign {
#define X(id, name, text) AETA_SIGN_##id,
	AETA_MEDIA_SIGNS(X)
#undef X
	AETA_SIGNS
};

/* X(ID, name, text): reasons that are no party's alone. */
#define AETA_MEDIA_CAUSES(X) \
	X(FAMILIES_DIFFER, "families-differ", "one party has IPv4, the other IPv6") \
	X(POLICY_ALWAYS, "policy-always", "a party, or its group, always wants the relay") \
	X(POLICY_NEVER, "policy-never", "a party, or its group, never wants the relay, and none always") \
	X(SAME_LAN, "same-lan", "both are on one private network behind one public address, and offer it: direct") \
	X(SAME_NAT, "same-nat", "both come from one public address, whose router may send nothing back inside") \
	X(REDIALLED, "redialled", "a direct call between them was ended soon and dialled again")

enum aeta_media_cause {
#define X(id, name, text) AETA_CAUSE_##id,
	AETA_MEDIA_CAUSES(X)
#undef X
	AETA_CAUSES
};

/* Reasons as one mask: causes from bit 0, the caller's signs from 16, the callee's from 40. */
typedef uint64_t aeta_reasons_t;
#define AETA_REASON_CAUSE(cause) ((aeta_reasons_t)1 << (cause))
#define AETA_REASON_CALLER(sign) ((aeta_reasons_t)1 << (16 + (sign)))
#define AETA_REASON_CALLEE(sign) ((aeta_reasons_t)1 << (40 + (sign)))
#define AETA_REASON_BITS         64
#define AETA_REASONS_TEXT        512 /* room for all reasons that one call can have */

/* What is known of one party. Zero-initialised: nothing. */
struct aeta_media_side {
	struct aeta_address source;  /* where its SIP comes from; of the callee: its REGISTER. Behind a proxy: the proxy */
	struct aeta_address contact; /* with the port that it means (5060 where none is written) */
	struct aeta_address via;     /* sent-by, likewise; NONE: not known, as of a registration */
	bool via_mismatch;           /* its REGISTER's Via was not its source, by address or port */
	bool proxied;                /* behind a trusted proxy */
	bool stream;                 /* TCP or TLS */
	struct aeta_sdp sdp;         /* present: false where it is not known */
	uint8_t account, group;      /* enum aeta_media_policy */
	uint64_t binding;            /* identity of its registration, of which nat.stun must be true; 0: not registered there */
	struct aeta_nat_known nat;   /* at `source` */
};

/* How calls are judged besides. Zero-initialised: agents are not probed, and what their SIP and SDP show is all there is. */
struct aeta_media_setting {
	bool probing;   /* the NATs of agents are found out, so an agent of which nothing is known counts as any sign does */
	bool same_lan;  /* agents of one private network (the same 24 bits of IPv4, one public address) may talk directly */
	bool redialled; /* see redial.h; of these two parties */
};

enum aeta_path { AETA_PATH_NONE = 0, AETA_PATH_DIRECT, AETA_PATH_RELAYED, AETA_PATH_REFUSED };

struct aeta_media_verdict {
	uint8_t path;          /* enum aeta_path */
	uint8_t policy;        /* enum aeta_media_policy in force, never GROUP */
	uint8_t rule;          /* REFUSED: AETA_RULE_MEDIA_NEVER */
	uint8_t offer_family;  /* enum aeta_family that the relay has to offer to the callee; NONE: as the SDP is */
	uint8_t answer_family; /* the same for the answer to the caller */
	aeta_reasons_t reasons; /* all that was seen, whether or not it decided; 0: nothing speaks for a relay */
};

/* `setting` NULL: all zero. */
struct aeta_media_verdict aeta_media_decide(const struct aeta_media_side *caller, const struct aeta_media_side *callee,
		const struct aeta_media_setting *setting);

/* The policy of an account: its own, else its group's, else auto. What is no policy counts as always. */
enum aeta_media_policy aeta_media_policy(unsigned account, unsigned group);

/* True if the party's SDP shows that it uses STUN: its streams ask for a public address, its session for a private one. */
bool aeta_media_uses_stun(const struct aeta_media_side *side);

/* Whether it is known that the party, as it is registered now, uses STUN. */
enum aeta_stun aeta_media_stun(const struct aeta_media_side *side);

/*
 * What an SDP of a party shows for those to come: YES if its media are asked for at the public address that its SIP comes from, NO
 * if any is not, UNKNOWN where none says (no stream, or all on hold).
 */
enum aeta_stun aeta_media_stun_shown(const struct aeta_media_side *side);

/*
 * What media show of a NAT, a mask of enum aeta_nat_evidence: the party offered `offered`, and was heard from `heard`. Only an offer of
 * the public address that its SIP comes from, `source`, can be held against that; else 0.
 */
uint32_t aeta_media_evidence(const struct aeta_address *source, const struct aeta_address *offered, const struct aeta_address *heard);

/* True if its Contact is the address and port that its SIP comes from: there is no NAT, or it takes no part in it. */
bool aeta_media_is_open(const struct aeta_media_side *side);

/* The signs of one party alone, bit n = enum aeta_media_sign n; `other` only tells whether both are on one machine. */
uint32_t aeta_media_signs(const struct aeta_media_side *side, const struct aeta_media_side *other,
		const struct aeta_media_setting *setting);

/* Name and text of bit `bit` of a mask; false where the bit is no reason. "caller-contact-private", "its Contact is ...". */
struct aeta_reason_words {
	const char *who; /* "caller", "callee" or "" */
	const char *name, *text;
};
bool aeta_reason_words(unsigned bit, struct aeta_reason_words *out);

/*
 * The reasons of a mask, comma-separated in the order of the bits, "no-sign" where there are none. Whole names only, at most
 * `size` bytes with the NUL; returns the length.
 */
size_t aeta_reasons_format(aeta_reasons_t reasons, char *out, size_t size);

const char *aeta_path_name(enum aeta_path p);                  /* "direct", "relayed", "refused", "" */
const char *aeta_media_policy_name(enum aeta_media_policy p);  /* "group", "auto", "always", "never" */
enum aeta_media_policy aeta_media_policy_parse(const char *s, size_t len); /* AETA_MEDIA_POLICIES for what is none */

#endif
