/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that browsers fetch beside the pages. They are part of the program; the build makes static.c of them (embed.cmake). */
#ifndef AETA_WEB_STATIC_H
#define AETA_WEB_STATIC_H

#include <stddef.h>

struct static_file {
	const char *name; /* as in "/static/NAME" */
	const char *type; /* of the media */
	const char *tag;  /* another one for another content: "/static/NAME?v=TAG" may be kept for ever, and it is the ETag */
	const unsigned char *data;
	size_t length;
};

/* NULL: there is none of that name (htmx.min.js, where npm was not there when this was built). */
const struct static_file *static_find(const char *name);

#endif
