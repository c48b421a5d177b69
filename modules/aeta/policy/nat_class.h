/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What kind of NAT or firewall is an agent behind (C7)? The prober (prober.h) asks it with OPTIONS over its registered flow,
 * whose Via sends the answer elsewhere: the agent answers from its own SIP socket, and so opens a way out that shows its NAT.
 *
 *      probe     goes out from        asks for the answer at        shows
 *      flow      the service's port   the same                      that it answers OPTIONS at all
 *      port      the service's port   another port                  does its NAT keep the port for another port of ours?
 *      address   the service's port   another address (maddr)       ... and for another address? may it talk to others at all?
 *      knock     a port of its own    that port                     (unasked; what it does is shown by `after`)
 *      after     the service's port   the port that knocked         does its NAT keep the port once somebody else came first?
 *
 * The class follows from the evidence alone, and what cannot be told is UNKNOWN. Needed for OPEN and EIM: port and after came
 * back unchanged and, where there is a second address, address too. With one address only, a firewall that admits this service
 * alone is not seen, nor a NAT that minds addresses and not ports; the evidence then lacks ADDRESS_TRIED.
 */
#ifndef AETA_POLICY_NAT_CLASS_H
#define AETA_POLICY_NAT_CLASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(ID, name, what it is, what follows for its calls), in plain words. The numbers are in the database: add at the end. */
#define AETA_NAT_CLASS_ROWS(X) \
	X(UNKNOWN, "unknown", "not known what it is behind", "its calls are relayed") \
	X(OPEN, "open", "behind no NAT", "its calls are direct where the other side allows it") \
	X(EIM, "eim", "behind a NAT that STUN can cross", \
			"its calls are direct with STUN on, where the other side allows it, and relayed with STUN off") \
	X(CHANGED, "changed", "behind a symmetric NAT (mobile network)", "its calls are relayed; STUN may stay on") \
	X(WALLED, "walled", "behind a firewall that lets it talk to this service alone", "its calls are relayed; STUN may stay on") \
	X(LEAKY, "leaky", "behind a NAT that changes its port when the other side sends first", \
			"its calls are relayed; STUN may stay on")

enum aeta_nat_class {
#define X(id, name, what, follows) AETA_NAT_##id,
	AETA_NAT_CLASS_ROWS(X)
#undef X
	AETA_NAT_CLASSES
};

/* X(ID, name, text): bits of a mask, in the database too: add at the end. "Same": from where it registered. */
#define AETA_NAT_EVIDENCE_ROWS(X) \
	X(NO_NAT, "no-nat", "its Contact is the public address and port that it registers from") \
	X(FLOW, "flow", "it answers OPTIONS") \
	X(PORT, "port", "answers to another port come from the same port") \
	X(PORT_MOVED, "port-moved", "answers to another port come from another port") \
	X(PORT_IGNORED, "port-ignored", "it does not answer to the port that the Via names") \
	X(ADDRESS_TRIED, "address-tried", "it was asked to answer to a second address of the service") \
	X(ADDRESS, "address", "answers to the second address come from the same port") \
	X(ADDRESS_MOVED, "address-moved", "answers to the second address come from another port") \
	X(ADDRESS_IGNORED, "address-ignored", "it does not answer to the address that the Via names (maddr)") \
	X(KNOCK, "knock", "unasked packets from another port reach it") \
	X(AFTER, "after", "after an unasked packet, answers come from the same port") \
	X(AFTER_MOVED, "after-moved", "after an unasked packet, answers come from another port") \
	X(MEDIA, "media", "its media came from where its SDP says") \
	X(MEDIA_MOVED, "media-moved", "its media came from elsewhere than its SDP says") \
	X(ALG, "alg", "it looks as if it had no NAT and answers nothing: perhaps a router rewrites its SIP (SIP ALG)") \
	X(NATTED, "natted", "its Contact was not the public address before: perhaps it is rewritten now")

enum aeta_nat_evidence_bit {
#define X(id, name, text) AETA_EVIDENCE_BIT_##id,
	AETA_NAT_EVIDENCE_ROWS(X)
#undef X
	AETA_NAT_EVIDENCE_BITS
};

enum aeta_nat_evidence {
#define X(id, name, text) AETA_EVIDENCE_##id = 1 << AETA_EVIDENCE_BIT_##id,
	AETA_NAT_EVIDENCE_ROWS(X)
#undef X
};

#define AETA_NAT_EVIDENCE_TEXT 256 /* room for all names */

/* Does the agent find its public address by STUN? Learned from its SDPs, and true of one binding only. */
enum aeta_stun { AETA_STUN_UNKNOWN = 0, AETA_STUN_YES, AETA_STUN_NO };

/* What is known of one account at one public address. Zero-initialised: nothing. */
struct aeta_nat_known {
	uint8_t cls;       /* enum aeta_nat_class */
	bool probed;       /* false: the class was never asked for (it may come from media all the same) */
	uint8_t stun;      /* enum aeta_stun; counts only while `binding` is the present one's identity */
	uint32_t evidence; /* of enum aeta_nat_evidence */
	int64_t when;      /* it was last probed: seconds since 1970; 0 = never */
	uint64_t binding;  /* identity of the binding that `stun` is true of, as the learner chose it; 0 = none */
};

/* The class that this evidence, a mask of enum aeta_nat_evidence, proves. */
enum aeta_nat_class aeta_nat_classify(uint32_t evidence);

const char *aeta_nat_class_name(unsigned cls);    /* "eim"; "unknown" for what is none */
const char *aeta_nat_class_what(unsigned cls);    /* "behind a NAT that STUN can cross" */
const char *aeta_nat_class_follows(unsigned cls); /* "its calls are ..." */
/* AETA_NAT_UNKNOWN for what is none. */
enum aeta_nat_class aeta_nat_class_parse(const char *s, size_t len);

/* Name and text of bit `bit`; false where there is none. */
struct aeta_evidence_words {
	const char *name, *text;
};
bool aeta_nat_evidence_words(unsigned bit, struct aeta_evidence_words *out);

/* The names of a mask, comma-separated, "none" where there are none; whole names only, at most `size` bytes with the NUL. The length. */
size_t aeta_nat_evidence_format(uint32_t evidence, char *out, size_t size);

const char *aeta_stun_name(unsigned stun); /* "unknown", "yes", "no" */

#endif
