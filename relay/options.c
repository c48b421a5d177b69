/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static void *field_of(const struct options *o, const struct option_row *row)
{
	return (char *)(uintptr_t)o + row->offset;
}

const struct option_row *options_find(struct text name)
{
	for (unsigned i = 0; i < option_row_count; i++)
		if (text_is(name, option_rows[i].name))
			return &option_rows[i];
	return NULL;
}

static const struct option_row *find_letter(char letter)
{
	for (unsigned i = 0; i < option_row_count; i++)
		if (letter && option_rows[i].letter == letter)
			return &option_rows[i];
	return NULL;
}

static int refuse(char *error, const struct option_row *row, const char *where, const char *value, const char *wanted)
{
	snprintf(error, OPTIONS_ERROR_MAX, "%s: %s = %.100s: %s", where, row->name, value, wanted);
	return -EINVAL;
}

static int set_switch(bool *to, const char *value)
{
	static const char *const yes[] = {"yes", "true", "1", "on"}, *const no[] = {"no", "false", "0", "off"};

	for (unsigned i = 0; i < 4; i++) {
		if (strcmp(value, yes[i]) == 0 || strcmp(value, no[i]) == 0) {
			*to = strcmp(value, yes[i]) == 0;
			return 0;
		}
	}
	return -EINVAL;
}

static int set_number(int64_t *to, const struct option_row *row, const char *value)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(value, &end, 10);
	if (end == value || *end || errno || n < row->min || n > row->max)
		return -EINVAL;
	*to = n;
	return 0;
}

static int set_decimal(double *to, const struct option_row *row, const char *value)
{
	char *end;
	double n = strtod(value, &end);

	if (end == value || *end || !isfinite(n) || n < (double)row->min || n > (double)row->max)
		return -EINVAL;
	*to = n;
	return 0;
}

static int set_word(int *to, const struct option_row *row, const char *value)
{
	struct text words = text_of(row->unit);

	for (int i = 0; words.n; i++) {
		if (text_is(text_until(&words, '|'), value)) {
			*to = i;
			return 0;
		}
	}
	return -EINVAL;
}

static int set_text(char **to, const char *value)
{
	char *copy = strdup(value);

	if (!copy)
		return -ENOMEM;
	free(*to);
	*to = *value ? copy : NULL;
	if (!*value)
		free(copy);
	return 0;
}

static void list_free(struct option_list *l)
{
	while (l->n)
		free(l->at[--l->n]);
}

static int set_list(struct option_list *to, const char *value)
{
	struct text rest = text_of(value);

	if (strcmp(value, "none") == 0) {
		list_free(to);
		return 0;
	}
	while (rest.n) {
		struct text one = text_trimmed(text_until(&rest, ';'));

		if (one.n == 0)
			continue;
		if (to->n == OPTIONS_LIST_MAX)
			return -E2BIG;
		to->at[to->n] = strndup(one.s, one.n);
		if (!to->at[to->n])
			return -ENOMEM;
		to->n++;
	}
	return 0;
}

int options_set(struct options *o, const struct option_row *row, const char *value, const char *where, char *error)
{
	void *to = field_of(o, row);
	char wanted[160];
	int rc = 0;

	switch (row->type) {
	case OPTION_SWITCH:
		if (set_switch(to, value))
			return refuse(error, row, where, value, "it is either yes or no");
		break;
	case OPTION_NUMBER:
	case OPTION_DECIMAL:
		snprintf(wanted, sizeof(wanted), "a number from %lld to %lld is expected (%s)", (long long)row->min,
			(long long)row->max, row->unit);
		rc = row->type == OPTION_NUMBER ? set_number(to, row, value) : set_decimal(to, row, value);
		if (rc)
			return refuse(error, row, where, value, wanted);
		break;
	case OPTION_WORD:
		snprintf(wanted, sizeof(wanted), "one of %s is expected", row->unit);
		if (set_word(to, row, value))
			return refuse(error, row, where, value, wanted);
		break;
	case OPTION_TEXT:
		rc = set_text(to, value);
		break;
	case OPTION_LIST:
		rc = set_list(to, value);
		break;
	}
	if (rc == -E2BIG)
		return refuse(error, row, where, value, "that is more than 32 values");
	return rc ? refuse(error, row, where, value, "no memory") : 0;
}

static int set_presets(struct options *o, char *error)
{
	int rc = 0;

	for (unsigned i = 0; i < option_row_count && !rc; i++)
		if (option_rows[i].preset)
			rc = options_set(o, &option_rows[i], option_rows[i].preset, "default", error);
	return rc;
}

/* ---- the command line ---- */

struct said { /* one option of the command line */
	const struct option_row *row;
	const char *value;
};

static int unknown(char *error, const char *argument)
{
	snprintf(error, OPTIONS_ERROR_MAX, "command line: there is no option %.100s; aeta-relay --help lists them", argument);
	return -EINVAL;
}

/* --name, --no-name, --name=value, --name value, -n value. Moves *i past what it took. */
static int take(struct said *said, int argc, char **argv, int *i, char *error)
{
	const char *argument = argv[(*i)++], *equals = NULL;
	bool no = false;

	if (strncmp(argument, "--", 2) == 0) {
		struct text name = text_of(argument + 2);

		equals = strchr(argument, '=');
		if (equals)
			name.n = (size_t)(equals - name.s);
		said->row = options_find(name);
		if (!said->row && text_starts(name, TEXT("no-"))) {
			said->row = options_find(text_from(name, 3));
			no = said->row != NULL;
			if (no && (said->row->type != OPTION_SWITCH || equals))
				said->row = NULL;
		}
	} else if (argument[0] == '-' && argument[1] && !argument[2]) {
		said->row = find_letter(argument[1]);
	}
	if (!said->row)
		return unknown(error, argument);
	if (equals)
		said->value = equals + 1;
	else if (said->row->type == OPTION_SWITCH)
		said->value = no ? "no" : "yes";
	else if (*i < argc)
		said->value = argv[(*i)++];
	else {
		snprintf(error, OPTIONS_ERROR_MAX, "command line: %.100s needs a value (%s)", argument, said->row->unit);
		return -EINVAL;
	}
	return 0;
}

/* A list that is given replaces what stood before it (a default, the file), and then grows. */
static void list_start(struct options *o, const struct option_row *row, uint64_t *begun)
{
	uint64_t bit = 1ull << (row - option_rows);

	if (row->type == OPTION_LIST && !(*begun & bit))
		list_free(field_of(o, row));
	*begun |= bit;
}

/* Only the rows with all the `flags`; the others are passed over (checked, not set). */
static int read_command_line(struct options *o, int argc, char **argv, unsigned flags, char *error)
{
	uint64_t begun = 0;
	int i = 0, rc = 0;

	while (i < argc && !rc) {
		struct said said = {0};

		rc = take(&said, argc, argv, &i, error);
		if (rc || (said.row->flags & flags) != flags)
			continue;
		list_start(o, said.row, &begun);
		rc = options_set(o, said.row, said.value, "command line", error);
	}
	return rc;
}

static int read_config(struct options *o, char *error)
{
	const char *preset = options_find(TEXT("config-file"))->preset;
	int rc;

	if (!o->config_file || strcmp(o->config_file, "none") == 0)
		return 0;
	if (o->config_section)
		return options_read_file(o, o->config_file, o->config_section, error);
	rc = options_read_file(o, o->config_file, "aeta-relay", error);
	if (rc == -ENODATA)
		rc = options_read_file(o, o->config_file, "rtpengine", error);
	return rc == -ENOENT && strcmp(o->config_file, preset) == 0 ? 0 : rc;
}

int options_read(struct options *o, int argc, char **argv, char error[OPTIONS_ERROR_MAX])
{
	int rc;

	memset(o, 0, sizeof(*o));
	error[0] = '\0';
	rc = set_presets(o, error);
	if (!rc)
		rc = read_command_line(o, argc, argv, OPTION_COMMAND_LINE, error); /* which file it is */
	if (rc || o->help || o->version || o->reference)
		return rc ? -EINVAL : 0;
	rc = read_config(o, error);
	if (!rc)
		rc = read_command_line(o, argc, argv, 0, error);
	return rc ? -EINVAL : 0;
}

void options_free(struct options *o)
{
	for (unsigned i = 0; i < option_row_count; i++) {
		void *field = field_of(o, &option_rows[i]);

		if (option_rows[i].type == OPTION_LIST) {
			list_free(field);
		} else if (option_rows[i].type == OPTION_TEXT) {
			free(*(char **)field);
			*(char **)field = NULL;
		}
	}
}

/* ---- SIGHUP ---- */

static size_t size_of(enum option_type type)
{
	static const size_t sizes[] = {[OPTION_SWITCH] = sizeof(bool), [OPTION_NUMBER] = sizeof(int64_t), [OPTION_DECIMAL] = sizeof(double),
		[OPTION_WORD] = sizeof(int), [OPTION_TEXT] = sizeof(char *), [OPTION_LIST] = sizeof(struct option_list)};

	return sizes[type];
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same(const struct option_row *row, const void *a, const void *b)
{
	const struct option_list *x = a, *y = b;

	if (row->type == OPTION_TEXT)
		return same_text(*(char *const *)a, *(char *const *)b);
	if (row->type != OPTION_LIST)
		return memcmp(a, b, size_of(row->type)) == 0;
	for (unsigned i = 0; i < x->n && i < y->n; i++)
		if (strcmp(x->at[i], y->at[i]) != 0)
			return false;
	return x->n == y->n;
}

static void swap(void *a, void *b, size_t size)
{
	char kept[sizeof(struct option_list)];

	memcpy(kept, a, size);
	memcpy(a, b, size);
	memcpy(b, kept, size);
}

void options_reload(struct options *o, struct options *new, char *left, size_t size)
{
	size_t n = 0;

	left[0] = '\0';
	for (unsigned i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];
		void *old_field = field_of(o, row), *new_field = field_of(new, row);

		if (same(row, old_field, new_field))
			continue;
		if (row->flags & OPTION_RELOAD)
			swap(old_field, new_field, size_of(row->type));
		else if (n < size)
			n += (size_t)snprintf(left + n, size - n, "%s%s", n ? ", " : "", row->name);
	}
}
