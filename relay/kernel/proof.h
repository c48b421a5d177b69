/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shows with packets that an interface's XDP or TC really takes what comes in and really sends: a neighbour on the link is asked for
 * its link address, and asked again by the program that is tried (proof_abi.h). One unicast frame a try, and one or two by the program;
 * a few tries a second at first, one in ten seconds in the end. Where nobody answers nothing is shown, and nothing refuted.
 *
 * Linux 6.1, CAP_BPF, CAP_NET_ADMIN, and CAP_NET_RAW for prover_new().
 */
#ifndef RELAY_KERNEL_PROOF_H
#define RELAY_KERNEL_PROOF_H

#include "core/address.h"

enum proof_path { PROOF_XDP, PROOF_TC };
enum proof_result { PROOF_OPEN, PROOF_GOOD, PROOF_BAD };

struct prover;

/* What is being tried at one interface; the caller's, all zero but the first two. */
struct proof {
	unsigned ifindex;
	enum proof_path path;
	struct address with;       /* who was asked last; family 0: nobody yet */
	uint64_t next;             /* µs, CLOCK_MONOTONIC: when it is looked at again */
	unsigned tries, refuted;
	bool asked, routers;       /* routers: the kernel was told to resolve one */
	const char *why;           /* of PROOF_BAD: what did not happen; of PROOF_OPEN: what is missing */
};

/* NULL with -errno in *rc. */
struct prover *prover_new(int *rc);
void prover_free(struct prover *p); /* NULL is allowed */

/* The program that is to be attached where p's interface is tried; p owns the descriptor. */
int prover_program(const struct prover *p, enum proof_path path);
/* After that program is attached. 0 or -errno. */
int proof_begin(struct prover *p, struct proof *proof);
/* Before it is detached, or another takes its place. */
void proof_end(struct prover *p, const struct proof *proof);
/* Asks, if it is time to, and says what is known; to be called again until it is not PROOF_OPEN. */
enum proof_result proof_look(struct prover *p, struct proof *proof, uint64_t now);
/* Is more to be known in a moment? */
bool proof_expects(const struct proof *proof);

#endif
