/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edits of an SDP that the unit tests and the fuzz target share. */
#ifndef AETA_TESTS_SDP_EDITS_H
#define AETA_TESTS_SDP_EDITS_H

#include "core/sdp.h"

#define STANDARD_PORT     55004 /* of the first m-line; the next ones follow every 4 ports, m-lines on one port stay on one */
#define STANDARD_FEC_PORT 55504
#define STANDARD_MARK     "golden"

/* 203.0.113.9, 2001:db8:9::9 */
struct address standard_address(uint8_t family);

/* What a relay does to nearly every SDP: its own ports and addresses, ICE and bundle removed, o='s address replaced, a mark. */
void standard_edit(struct sdp_edit *edit, const struct sdp *in);

/* Is the SDP, written again with an edit that changes nothing, the same bytes? `to` is cleared first. */
bool sdp_stays(const struct sdp *in, struct out *to);

/* Does it parse (so that 0 is returned, and it stays the same), or is it refused with one of the promised errors (1)? Else -1. */
int sdp_parses_or_not(struct text body, struct out *to);

#endif
