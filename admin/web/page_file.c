/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Style sheet, script, icon: parts of the program, under addresses that change with their content. And the choice of colours. */
#include "respond.h"
#include "routes.h"
#include "static.h"

#include <errno.h>
#include <string.h>

static int get_file(struct request *r)
{
	const struct static_file *file = static_find(param(r, "name"));

	if (!file)
		return -ENOENT;
	if (strcmp(param(r, "v"), file->tag) == 0)
		respond_keep(r);
	return respond_bytes(r, 200, file->type, file->data, file->length);
}

static int get_robots(struct request *r)
{
	return respond_text(r, 200, "User-agent: *\nDisallow: /\n");
}

/* Changes nothing but the browser's own cookie. */
static int post_theme(struct request *r)
{
	enum page_theme theme = theme_of(param(r, THEME_PARAMETER));

	respond_cookie_for_long(r, "theme", theme == THEME_AUTO ? NULL : theme_word(theme));
	return respond_to(r, param(r, THEME_BACK));
}

static const struct field file_fields[] = {{"name", FIELD_LINE, 64}, {"v", FIELD_LINE, 64}, {0}};
static const struct field theme_fields[] = {{THEME_PARAMETER, FIELD_LINE, 8}, {THEME_BACK, FIELD_LINE, 500}, {0}};

const struct route file_routes[] = {
		ROUTE_GET("/static/:name", MAY_ANYBODY, get_file, .fields = file_fields),
		ROUTE_GET("/robots.txt", MAY_ANYBODY, get_robots),
		ROUTE_POST("/theme", MAY_ANYBODY, post_theme, .fields = theme_fields),
		{0},
};
