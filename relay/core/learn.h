/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which source a party really sends from (F2; RFC 7362 latching, made safe).
 *
 * Sources are ranked: 1 the SDP's address and port; 2 the SDP's address; 3 the address that SIP came from; 4 any other. Rank 1
 * locks at once. 2 and 3 lock after four consecutive valid packets of one SSRC with rising sequence (two gaps allowed) and a
 * signalled payload type; what they send meanwhile is forwarded, but nothing is sent back to them. Rank 4 may be switched off,
 * and is off under `strict`: no plausible source for 2 s, and exactly one outside source sends a consistent stream: it is
 * learned, and a plausible source heard within 5 s takes it back. Once locked, source and SSRC are strict; a lock moves only by
 * signalling, or by media handover (same SSRC, old source silent). Before the lock nothing is sent anywhere but to the
 * signalled address.
 */
#ifndef RELAY_CORE_LEARN_H
#define RELAY_CORE_LEARN_H

#include "address.h"

enum learn_mode { LEARN_HEURISTIC = 0, LEARN_OFF, LEARN_IMMEDIATE, LEARN_DELAYED };

enum learn_state {
	LEARN_OPEN = 0,   /* nothing heard yet */
	LEARN_WATCHING,   /* a candidate is being counted */
	LEARN_LOCKED
};

struct learning {
	uint8_t state;             /* enum learn_state */
	uint8_t mode;              /* enum learn_mode */
	uint8_t rank;              /* of the locked source, or of the candidate; 0: none */
	uint8_t count, gaps;       /* consecutive valid packets of the candidate; gaps among them */
	uint8_t outsiders;         /* different sources of rank 4 since `since`: 0, 1, 2 = several */
	bool outside_allowed;      /* rank 4 may be learned */
	bool ssrc_known;
	uint16_t sequence;         /* last of the candidate */
	uint32_t ssrc;             /* of the candidate, then of the lock */
	struct endpoint source;    /* the candidate, then the lock */
	struct endpoint outsider;  /* the one source of rank 4 */
	uint64_t since;            /* µs: learning began; when locked: it locked */
	uint64_t last;             /* µs: last packet of `source` */
};

#endif
