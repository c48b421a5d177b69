/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The probes that find out what an agent is behind (nat_class.h draws them): their text, when each is sent, how an answer is
 * recognised and what it shows. Pure: sockets and clock are the caller's.
 *
 *      0 ms     knock, flow, port, address
 *      100      knock again: should both be lost, a NAT that leaks would look like one that does not
 *      400      after
 *      1200     once more what was not answered, but for the knock
 *      2400     the end; sooner where all are answered
 */
#ifndef AETA_POLICY_NAT_PROBE_H
#define AETA_POLICY_NAT_PROBE_H

#include "address.h"
#include "nat_class.h"

enum aeta_probe_kind {
	AETA_PROBE_FLOW = 0,
	AETA_PROBE_PORT,
	AETA_PROBE_ADDRESS,
	AETA_PROBE_KNOCK,
	AETA_PROBE_AFTER,
	AETA_PROBE_KINDS
};
#define AETA_PROBE_BIT(kind) (1u << (kind))

#define AETA_PROBE_BRANCH "z9hG4bK-aeta-nat-" /* then 16 hexadecimal digits and the kind as one more */
#define AETA_PROBE_BRANCH_LEN (sizeof(AETA_PROBE_BRANCH) - 1 + 16 + 1)
#define AETA_PROBE_MAX 1400  /* bytes of a probe */
#define AETA_PROBE_URI_MAX 255

/* ---- one agent being probed ---- */

struct aeta_probe {
	uint64_t token;    /* random: who does not get a probe cannot answer it */
	uint64_t begun_ms; /* of any steady clock */
	uint32_t evidence;
	uint8_t kinds;    /* bits of AETA_PROBE_BIT(): those that are sent at all */
	uint8_t answered; /* likewise */
	uint8_t step;
};

/* `no_nat`: its Contact is where it registers from, and public; `two`: there is a second address of ours to answer to. */
struct aeta_probe aeta_probe_begin(uint64_t token, bool no_nat, bool two, uint64_t now_ms);

/* What is to be sent now, as bits; may be called at any time, and says each thing once. */
unsigned aeta_probe_due(struct aeta_probe *p, uint64_t now_ms);

/* Milliseconds until aeta_probe_due() or aeta_probe_over() has something to say. */
unsigned aeta_probe_wait(const struct aeta_probe *p, uint64_t now_ms);

bool aeta_probe_over(const struct aeta_probe *p, uint64_t now_ms);

/* Where an answer came in. */
enum aeta_probe_place {
	AETA_AT_SERVICE, /* where the agent registered */
	AETA_AT_PORT,    /* the same address, the port that answers are steered to */
	AETA_AT_OTHER,   /* that port of another address */
	AETA_AT_KNOCK    /* the same address, the port that knocks */
};

/* A final answer to the probe `kind` came in at `place`; `same`: from the address and port that it registered from. */
void aeta_probe_answered(struct aeta_probe *p, enum aeta_probe_kind kind, enum aeta_probe_place place, bool same);

/* ---- is the service itself walled off? ---- */

/*
 * Agents in a row that answered OPTIONS, and nothing of the others came in. Zero-initialised. A port that is closed in the
 * service's own firewall would show as more relaying and nothing else.
 */
struct aeta_probe_silence {
	unsigned port, address;
};

#define AETA_PROBE_SILENT_AGENTS 10u

enum aeta_probe_silent { AETA_SILENT_PORT = 1, AETA_SILENT_ADDRESS = 2 };

/* Counts an agent that was probed, with this evidence. What seems to be closed now: a mask of enum aeta_probe_silent. */
unsigned aeta_probe_silent(struct aeta_probe_silence *s, uint32_t evidence);

/* ---- texts ---- */

struct aeta_probe_text {
	enum aeta_probe_kind kind;
	uint64_t token;
	const char *uri; /* of the agent: its Contact; `uri_len` bytes */
	size_t uri_len;
	struct aeta_address from;   /* what the probe is about to come from, as the agent sees it: address and port */
	struct aeta_address answer; /* where the answer is wanted */
};

/* May this be the R-URI of a probe? Nothing in it could be taken for more than an URI. */
bool aeta_probe_uri(const char *uri, size_t len);

/* Writes an OPTIONS, at most `size` bytes without a NUL. Its length, or 0: does not fit, or is no such URI. */
size_t aeta_probe_write(const struct aeta_probe_text *t, char *out, size_t size);

struct aeta_probe_answer {
	uint64_t token;
	unsigned code; /* 100..699 */
	uint8_t kind;  /* enum aeta_probe_kind */
};

/* Reads the branch of a probe of ours; false: it is none. */
bool aeta_probe_read_branch(const char *s, size_t len, struct aeta_probe_answer *out);

/* Reads a datagram; false: it is no answer to a probe of ours. Any bytes will do. */
bool aeta_probe_read(const char *s, size_t len, struct aeta_probe_answer *out);

#endif
