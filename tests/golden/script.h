/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A golden case being played: its lines, the world it is played in. */
#ifndef AETA_GOLDEN_SCRIPT_H
#define AETA_GOLDEN_SCRIPT_H

#include "match.h"
#include "../unit/world.h"

struct script {
	const char *file;     /* for messages */
	unsigned line;        /* of the file */
	struct text title;
	struct text rest;     /* lines to come */
	bool json;
	bool restarts;        /* another relay takes over before each line, with the calls that were saved */
	struct world *world;
	bool started;
	struct match match;
	uint16_t sequence;    /* of the RTP that is sent */
	struct packet_verdict verdict; /* of the newest packet */
	unsigned replies;     /* requests that were answered as expected */
	bool fill, quiet;     /* the file is printed again, with the replies as they are */
	const char *folder;   /* of the case files: SDPs in files are looked for there */
};

/* The next line, without its end; false: the case is over. Comments and empty lines are left out. */
bool script_line(struct script *s, struct text *line);
/* The same, and it stays. */
bool script_peek(struct script *s, struct text *line);

/* Prints what is wrong, with file and line. Returns false. */
bool script_fail(struct script *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Reads `key: value` lines (and an SDP's) into `dict` until a line that is something else. */
bool script_dict(struct script *s, struct node *dict);

/* Prints a reply as a case would have it. */
void script_print(struct script *s, const struct node *reply);

/* "! ...": something happens; "= ...": something is so. */
bool script_event(struct script *s, struct text words);
bool script_state(struct script *s, struct text words);

/* "> command key=value ...": sends the request, truncated at every byte and then whole, and compares the reply. */
bool script_request(struct script *s, struct text words);

#endif
