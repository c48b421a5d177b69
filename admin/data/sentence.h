/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sentence that grows; what does not fit is cut. Begins as {0}. */
#ifndef AETA_ADMIN_SENTENCE_H
#define AETA_ADMIN_SENTENCE_H

#include <jansson.h>
#include <stddef.h>

struct sentence {
	char text[640];
	size_t used;
};

__attribute__((format(printf, 2, 3))) void say(struct sentence *s, const char *format, ...);

/* Never NULL. */
json_t *sentence_json(const struct sentence *s);

#endif
