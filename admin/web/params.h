/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a browser sends: parameters of a query or a form, cookies, the pattern of a path. Pure: bytes in, views into them out.
 * Everything is text: UTF-8 without NUL and control characters (but line ends, and tabs), else it is refused here.
 */
#ifndef AETA_WEB_PARAMS_H
#define AETA_WEB_PARAMS_H

#include <stdbool.h>
#include <stddef.h>

#define PARAMS_MAX 128

struct param {
	const char *name, *value;
};

struct params {
	struct param at[PARAMS_MAX];
	size_t n;
};

/*
 * Adds the parameters of an application/x-www-form-urlencoded text, which is decoded where it stands; text[length] is written, too.
 * The views live as long as the text. 0; -EINVAL: malformed; -E2BIG: too many. After an error `p` is as before.
 */
int params_parse(struct params *p, char *text, size_t length);

/* The first of that name; NULL: none. */
const char *params_find(const struct params *p, const char *name);

/* The value of a cookie in a Cookie header, copied; false: it is not there, or longer than `size` - 1, or there twice. */
bool params_cookie(const char *header, const char *name, char *out, size_t size);

/*
 * Does a path, still encoded, match a pattern such as "/groups/:prefix/edit"? Each ":name" takes one segment, not empty, which is
 * decoded into `room` and added to `p`. The path is "/"-separated; "/x/" is not "/x". 0; -ENOENT: no match; -EINVAL: a segment is
 * malformed; -E2BIG. After an error `p` is as before.
 */
int params_path(struct params *p, const char *pattern, const char *path, char *room, size_t size);

/* Is that valid UTF-8 without control characters but tab, CR, LF? */
bool params_is_text(const char *s, size_t length);

#endif
