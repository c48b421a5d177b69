/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of sdp_rewrite() share; nobody else includes this. */
#ifndef RELAY_CORE_SDP_WRITE_H
#define RELAY_CORE_SDP_WRITE_H

#include "request.h"
#include "sdp.h"
#include "sdp_line.h"

struct sdp_writer {
	const struct sdp *in;
	struct sdp_edit *edit;
	struct out *to;
	const struct ng_attributes *attributes; /* of the part in hand; NULL: none */
	struct text connection;                 /* value of the session-level c= as it is written, empty: there is none */
	char connection_text[16 + ADDRESS_TEXT_MAX];
	bool ended;                             /* what was written last ends with a line end */
};

/* A whole line, as it came. */
void sdp_write_line(struct sdp_writer *w, const struct sdp_line *line);
/* A line of ours, in two parts: "c=" and what follows, with the SDP's line end. */
void sdp_write_own(struct sdp_writer *w, const char *begin, struct text rest);
/*
 * An attribute that is ours to say, in the place of the line `l` (with its line end) or added (NULL); sdp-attr may take it away or
 * put another in its place.
 */
void sdp_write_attribute(struct sdp_writer *w, const struct sdp_line *l, struct text attribute);
/* A line whose value is another one than the line that came, and whose line end is the same. */
void sdp_write_value(struct sdp_writer *w, const struct sdp_line *line, struct text value);

/* Writes "IN IP4 192.0.2.1"; at most 16 + ADDRESS_TEXT_MAX bytes with the NUL. */
struct text sdp_connection(char *out, const struct address *a, bool zero);

/* ---- sdp_session.c, sdp_media.c ---- */

void sdp_write_session(struct sdp_writer *w);
void sdp_write_media(struct sdp_writer *w, unsigned i);

/* What becomes of an attribute in either part: lines that nobody may see any more are gone. True: it is done, whatever it was. */
bool sdp_attribute_done(struct sdp_writer *w, const struct sdp_line *line);
/* Lines that sdp-attr adds to the part in hand, `section` as it came, unless they are there. */
void sdp_add_attributes(struct sdp_writer *w, struct text section);

/* ---- sdp_fmtp.c ---- */

/* Writes an a=fmtp line, in which an m-line's own address and port become what is written for that m-line. */
void sdp_write_fmtp(struct sdp_writer *w, const struct sdp_line *line);

/* ---- sdp_codecs.c ---- */

/* The payload types of an m-line that an offer's codec-strip takes away, as bits; none where nothing would be left. */
void sdp_codecs_removed(const struct ng_request *q, const struct sdp_media *m, uint64_t removed[2]);
/* The place of a payload type among those that stay: the lower one comes first, of equals as it came; at most NG_TEXTS_MAX. */
unsigned sdp_codecs_rank(const struct ng_request *q, const struct sdp_media *m, int type);

#endif
