/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a browser sends, as any bytes: the first byte says what, the rest is it. A form, a cookie header, a path. Whatever comes out is
 * text, lies where it should, and is what a decoder that knows nothing of ours makes of it.
 */
#include "web/params.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
	if (!holds)
		abort();
}

/* In exactly as much memory as the promise asks for: a byte beyond it is the sanitizer's. */
static char *copy_of(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1);

	must(copy != NULL);
	memcpy(copy, data, size);
	copy[size] = '\0';
	return copy;
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* Does `from`, up to its end or `end`, decode to `value`? */
static int decodes_to(const char *from, const char *end, const char *value, int plus)
{
	for (; from < end; value++) {
		char c = *from++;

		if (c == '%') {
			c = (char)(hex(from[0]) << 4 | hex(from[1]));
			from += 2;
		} else if (plus && c == '+') {
			c = ' ';
		}
		if (c != *value)
			return 0;
	}
	return *value == '\0';
}

static void try_form(const uint8_t *data, size_t size)
{
	char *text = copy_of(data, size), *original = copy_of(data, size), *at = original, *end;
	struct params p = {.n = 0};
	int rc = params_parse(&p, text, size);

	must(rc == 0 || rc == -EINVAL || rc == -E2BIG);
	must(rc == 0 || p.n == 0);
	for (size_t i = 0; i < p.n; i++) {
		char *equals;

		at += strspn(at, "&");
		end = at + strcspn(at, "&");
		equals = memchr(at, '=', (size_t)(end - at));
		must(p.at[i].name >= text && p.at[i].value <= text + size + 1);
		must(params_is_text(p.at[i].name, strlen(p.at[i].name)) && params_is_text(p.at[i].value, strlen(p.at[i].value)));
		must(decodes_to(at, equals ? equals : end, p.at[i].name, 1));
		must(decodes_to(equals ? equals + 1 : end, end, p.at[i].value, 1));
		must(params_find(&p, p.at[i].name) != NULL);
		at = end;
	}
	free(text);
	free(original);
}

static void try_cookie(const uint8_t *data, size_t size)
{
	char *header = copy_of(data, size), out[16];

	if (params_cookie(header, "aeta", out, sizeof(out)))
		must(strlen(out) < sizeof(out) && !strchr(out, ';') && strstr(header, out) != NULL);
	free(header);
}

static void try_path(const uint8_t *data, size_t size)
{
	static const char *const patterns[] = {"/", "/a", "/:x", "/a/:x/b", "/:x/:y/:z"};
	char *path = copy_of(data, size), room[48];

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		struct params p = {.n = 0};
		int rc = params_path(&p, patterns[i], path, room, sizeof(room));

		must(rc == 0 || p.n == 0);
		for (size_t k = 0; k < p.n; k++) {
			must(p.at[k].name >= room && p.at[k].value + strlen(p.at[k].value) < room + sizeof(room));
			must(p.at[k].value[0] != '\0' && params_is_text(p.at[k].value, strlen(p.at[k].value)));
		}
	}
	free(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const tries[])(const uint8_t *data, size_t size) = {try_form, try_cookie, try_path};

	if (size == 0)
		return 0;
	tries[data[0] % 3](data + 1, size - 1);
	return 0;
}
