/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An answer on its way to the browser; respond.c fills it, http.c sends it. */
#ifndef AETA_WEB_ANSWER_H
#define AETA_WEB_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#define ANSWER_COOKIES 2

struct answer {
	unsigned status; /* 0: there is none yet */
	const char *type;
	char *body; /* owned; NULL: empty */
	size_t length;
	bool is_file; /* `file` is the body, not `body` */
	int file;     /* a descriptor, at its begin; owned */
	char location[1536], disposition[128];
	char cookies[ANSWER_COOKIES][192];
	unsigned cookie_count;
	unsigned retry_after_s;
	const char *allow; /* of a 405 */
	bool keep;
};

#endif
