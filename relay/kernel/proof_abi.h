/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs that try an interface (proof.bpf.c) share with the daemon.
 *
 *   proof_questions  HASH        ifindex -> struct proof_question: what is being tried there
 *   proof_devices    DEVMAP_HASH ifindex -> ifindex: that XDP may redirect to what it came from
 *
 * The daemon asks a neighbour on the link for its link address (ARP, or neighbour discovery), as hosts do all the time. Its answer is
 * turned into the same question again by the program, and sent out by the way that is to be tried; if that is answered, it left.
 *
 *       daemon        program        neighbour
 *          |--- question ------------->|    PROOF_ASKED
 *          |             |<-- answer --|    what comes in passes the program
 *          |             |-- question->|    PROOF_SENT: by XDP_TX
 *          |             |<-- answer --|
 *          |             |-- question->|    PROOF_REDIRECTED: by redirecting it
 *          |             |<-- answer --|    PROOF_DONE
 */
#ifndef RELAY_KERNEL_PROOF_ABI_H
#define RELAY_KERNEL_PROOF_ABI_H

#include <linux/types.h>

#define PROOF_INTERFACES_MAX 64
#define PROOF_ARP  42 /* bytes of a question for IPv4, with the Ethernet header ... */
#define PROOF_ND   78 /* ... and for IPv6, without options */

/* Offsets in the two questions, and in the answers. */
#define PROOF_MAC_FROM   6
#define PROOF_PROTOCOL   12
#define PROOF_ARP_CODE   20
#define PROOF_ARP_FROM   28
#define PROOF_ARP_TO     38
#define PROOF_ND_NEXT    20
#define PROOF_ND_FROM    22
#define PROOF_ND_TO      38
#define PROOF_ND_TYPE    54
#define PROOF_ND_TARGET  62

/* TC has no PROOF_SENT: it sends by redirecting. */
enum proof_stage { PROOF_IDLE = 0, PROOF_ASKED, PROOF_SENT, PROOF_REDIRECTED, PROOF_DONE };

struct proof_question {
	__u32 stage;    /* enum proof_stage; the daemon writes PROOF_ASKED, the program what comes of it */
	__u32 length;   /* PROOF_ARP or PROOF_ND */
	__u64 until_ns; /* CLOCK_MONOTONIC: after it everything passes */
	__u8 frame[80]; /* the question */
};

#endif
