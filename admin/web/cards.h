/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures of a dashboard, each on a card: begin, figure, label, more. The caller has opened the list, of class "cards". */
#ifndef AETA_WEB_CARDS_H
#define AETA_WEB_CARDS_H

#include "html.h"

#include <stdbool.h>

void card_begin(struct html *h, bool bad);
void card_figure(struct html *h, long long n); /* negative: not known */
void card_label(struct html *h, const char *path, const char *label); /* `path` NULL: no link */
void card_more(struct html *h, const char *text); /* ends it */

#endif
