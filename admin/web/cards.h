/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures of a dashboard, each on a card: begin, figure, more. The caller has opened the list, of class "cards". */
#ifndef AETA_WEB_CARDS_H
#define AETA_WEB_CARDS_H

#include "html.h"

#include <stdbool.h>

void card_begin(struct html *h, bool bad);
/* A figure and what it counts, one link to the list of that; n < 0: not known. */
void card_figure(struct html *h, const char *path, long long n, const char *one, const char *many);
void card_more(struct html *h, const char *text); /* ends it */

#endif
