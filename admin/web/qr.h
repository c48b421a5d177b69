/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A QR code as a picture in the page. */
#ifndef AETA_WEB_QR_H
#define AETA_WEB_QR_H

#include "html.h"

/* Draws `text` (at most some 250 bytes) as SVG; without memory, or where it does not fit, nothing. */
void qr_draw(struct html *h, const char *text);

#endif
