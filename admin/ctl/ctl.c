/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl.h"
#include "data/people.h"

#include <policy/number.h>

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- saying ---- */

__attribute__((format(printf, 2, 0))) static void say_line(const char *lead, const char *format, va_list ap)
{
	char line[1024];

	vsnprintf(line, sizeof(line), format, ap);
	for (char *s = line; *s; s++) {
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = '?';
	}
	fprintf(stderr, "aetactl: %s%s\n", lead, line);
}

int refuse(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say_line("", format, ap);
	va_end(ap);
	return CTL_REFUSED;
}

void note(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say_line("note: ", format, ap);
	va_end(ap);
}

int ctl_done(struct ctl *ctl, int rc)
{
	if (rc == 0)
		return CTL_OK;
	refuse("%s", data_error(ctl->db));
	return rc == -EHOSTUNREACH ? CTL_UNREACHABLE : CTL_REFUSED;
}

void ctl_say(struct ctl *ctl, const char *key, json_t *value)
{
	json_object_set_new(ctl->result, key, value);
}

int ctl_print(struct ctl *ctl, const struct args *args, const char *key, ctl_writer *write_it)
{
	char *text = NULL;
	size_t size;
	FILE *f;
	int rc;

	if (!args->json)
		return write_it(ctl, args, stdout);
	f = open_memstream(&text, &size);
	if (!f)
		return refuse("out of memory");
	rc = write_it(ctl, args, f);
	if (fclose(f) == 0 && rc == CTL_OK)
		ctl_say(ctl, key, json_string(text));
	free(text);
	return rc;
}

/* ---- looking up ---- */

int take_prefix(const char *text, long *prefix)
{
	if (strlen(text) != 4 || strspn(text, "0123456789") != 4 || text[0] == '0')
		return refuse("\"%s\" is no prefix: a prefix is 1000 to 9999", text);
	*prefix = strtol(text, NULL, 10);
	return CTL_OK;
}

int check_number(const char *text)
{
	if (aeta_number_parse(text, strlen(text)) == 0)
		return refuse("\"%s\" is no number: a number is 1 to %d digits and nothing else", text, AETA_NUMBER_MAX);
	return CTL_OK;
}

int find_customer(struct ctl *ctl, const char *who, long long *id)
{
	return ctl_done(ctl, people_find_customer(ctl->db, &ctl->scope, who, id));
}
