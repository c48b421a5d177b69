/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SDP line by line, for those who read it and those who write it again. */
#ifndef RELAY_CORE_SDP_LINE_H
#define RELAY_CORE_SDP_LINE_H

#include "text.h"

struct sdp_line {
	struct text whole; /* with its line end, if it has one */
	char type;         /* 'm' of "m="; 0: an empty line (of blanks or NULs, too) */
	struct text value; /* what follows the "=", without blanks at its end */
	struct text name;  /* of an attribute what stands before the first colon; else empty */
	struct text rest;  /* and what follows it */
	bool ended;        /* it has a line end */
};

/* Takes the first line off `rest`. False at the end. A line without "x=" has the type '?'. */
bool sdp_line_next(struct text *rest, struct sdp_line *line);

static inline bool sdp_line_is(const struct sdp_line *line, const char *attribute)
{
	return line->type == 'a' && text_is(line->name, attribute);
}

/* "97 minptime=10" of rtpmap, fmtp, rtcp-fb: the payload type, and what follows; -1: it is none (a "*" for example). */
int sdp_line_payload_type(const struct sdp_line *line, struct text *following);

#endif
