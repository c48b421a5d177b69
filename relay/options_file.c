/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration file: an ini as rtpengine's. `# comment`, `; comment`, `[section]`, `name = value`; a list may be repeated. */
#include "options.h"

#include <errno.h>
#include <stdlib.h>

#define LINE_MAX_BYTES 4096

struct reading {
	struct options *o;
	const char *path, *section;
	char *error;
	unsigned line;
	bool inside, found; /* in the section now; it was there */
	uint64_t begun;     /* lists of which a value was read */
};

static int bad_line(struct reading *r, const char *what)
{
	snprintf(r->error, OPTIONS_ERROR_MAX, "%.200s, line %u: %s", r->path, r->line, what);
	return -EINVAL;
}

static int read_section_line(struct reading *r, struct text line)
{
	if (line.s[line.n - 1] != ']')
		return bad_line(r, "a section is written [name]");
	r->inside = text_is(text_trimmed((struct text){line.s + 1, line.n - 2}), r->section);
	r->found |= r->inside;
	return 0;
}

static int read_setting(struct reading *r, struct text line)
{
	const struct option_row *row;
	char value[LINE_MAX_BYTES], where[300], what[200];
	struct text name = text_trimmed(text_until(&line, '='));

	line = text_trimmed(line);
	row = options_find(name);
	if (!row || row->flags & OPTION_COMMAND_LINE) {
		snprintf(what, sizeof(what), "there is no option `%.*s` here; aeta-relay --help lists them",
			(int)(name.n < 80 ? name.n : 80), name.s);
		return bad_line(r, what);
	}
	if (row->type == OPTION_LIST && !(r->begun & 1ull << (row - option_rows)))
		options_set(r->o, row, "none", "", r->error);
	r->begun |= 1ull << (row - option_rows);
	snprintf(value, sizeof(value), "%.*s", (int)line.n, line.s);
	snprintf(where, sizeof(where), "%.200s, line %u", r->path, r->line);
	return options_set(r->o, row, value, where, r->error);
}

static int read_line(struct reading *r, struct text line)
{
	line = text_trimmed(line);
	if (line.n == 0 || line.s[0] == '#' || line.s[0] == ';')
		return 0;
	if (line.s[0] == '[')
		return read_section_line(r, line);
	if (!r->inside)
		return 0;
	if (!memchr(line.s, '=', line.n))
		return bad_line(r, "`name = value` is expected");
	return read_setting(r, line);
}

int options_read_file(struct options *o, const char *path, const char *section, char *error)
{
	struct reading r = {.o = o, .path = path, .section = section, .error = error};
	char line[LINE_MAX_BYTES];
	FILE *f = fopen(path, "re");
	int rc = 0;

	if (!f) {
		rc = errno == ENOENT ? -ENOENT : -EINVAL;
		snprintf(error, OPTIONS_ERROR_MAX, "the configuration file %.200s cannot be read: %m", path);
		return rc;
	}
	while (!rc && fgets(line, sizeof(line), f)) {
		size_t n = strcspn(line, "\r\n");

		r.line++;
		rc = line[n] || feof(f) ? read_line(&r, (struct text){line, n}) : bad_line(&r, "the line is too long");
	}
	if (!rc && ferror(f))
		rc = bad_line(&r, "it cannot be read");
	if (!rc && !r.found) {
		snprintf(error, OPTIONS_ERROR_MAX, "the configuration file %.200s has no section [%s]", path, section);
		rc = -ENODATA;
	}
	fclose(f);
	return rc;
}
