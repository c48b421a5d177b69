/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes.h"

#include "cause_list.h"

#include <stddef.h>
#include <string.h>

#define ROW(word, means, advice, command) {word, means, advice, command},

static const struct cause causes[] = {CAUSES_DONE(ROW) CAUSES_FAILED(ROW)};

const struct cause *cause_find(const char *word)
{
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		if (strcmp(causes[i].word, word) == 0)
			return &causes[i];
	return NULL;
}
