/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qr.h"

#include <qrencode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUIET 4      /* modules of white around it, as readers want */
#define STEP_MAX 32  /* bytes of one row of dark modules in a path: "M123 123h123v1h-123z" */

/* Each run of dark modules in a line as a rectangle. */
static void add_line(const QRcode *code, int y, char *path, size_t *n)
{
	const unsigned char *line = code->data + (size_t)y * (size_t)code->width;

	for (int x = 0, end; x < code->width; x = end + 1) {
		for (end = x; end < code->width && line[end] & 1; end++)
			;
		if (end > x)
			*n += (size_t)snprintf(path + *n, STEP_MAX, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, end - x, end - x);
	}
}

void qr_draw(struct html *h, const char *text)
{
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	size_t n = 0, room = code ? (size_t)code->width * ((size_t)code->width / 2 + 1) * STEP_MAX + 1 : 0;
	char *path = code ? malloc(room) : NULL;

	if (path) {
		int side = code->width + 2 * QUIET;

		path[0] = '\0';
		for (int y = 0; y < code->width; y++)
			add_line(code, y, path, &n);
		html_open(h, "svg");
		html_attr(h, "class", "qr");
		html_attrf(h, "viewBox", "0 0 %d %d", side, side);
		html_attr(h, "width", "240");
		html_attr(h, "height", "240");
		html_attr(h, "role", "img");
		html_attr(h, "aria-label", "QR code of the secret below");
		html_open(h, "rect");
		html_attrf(h, "width", "%d", side);
		html_attrf(h, "height", "%d", side);
		html_attr(h, "fill", "#fff");
		html_close(h);
		html_open(h, "path");
		html_attr(h, "fill", "#000");
		html_attr(h, "d", path);
		html_close(h);
		html_close(h);
		explicit_bzero(path, n);
	}
	free(path);
	QRcode_free(code);
}
