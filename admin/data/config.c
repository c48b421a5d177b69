/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define LINE_MAX_BYTES 1024

static const struct config_key keys[] = {CONFIG_KEYS(struct config, , "aeta_admin")};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

/* A file that is read: what its keys are, and where their values go. */
struct reading {
	void *base;
	const struct config_key *keys;
	size_t count;
	const char *program;
};

static char *value_of(const struct reading *r, size_t key)
{
	return (char *)r->base + r->keys[key].offset;
}

static char *trim(char *s)
{
	size_t len;

	s += strspn(s, " \t");
	len = strlen(s);
	while (len && isspace((unsigned char)s[len - 1]))
		len--;
	s[len] = '\0';
	return s;
}

/* Takes one line; 0, or -EINVAL. An empty or comment line is no error. */
static int take_line(const struct reading *r, char *line)
{
	char *key = trim(line), *value = strchr(key, '=');
	size_t i;

	if (*key == '\0' || *key == '#')
		return 0;
	if (!value)
		return -EINVAL;
	*value++ = '\0';
	key = trim(key);
	value = trim(value);
	for (i = 0; i < r->count && strcmp(r->keys[i].key, key) != 0; i++)
		;
	if (i == r->count || strlen(value) >= CONFIG_VALUE_MAX)
		return -EINVAL;
	strcpy(value_of(r, i), value);
	return 0;
}

/* The password in it must be its owner's and group's only, and no other may exchange it. */
static int check_mode(FILE *f, const char *path, char *error, size_t size)
{
	struct stat st;

	if (fstat(fileno(f), &st) != 0) {
		snprintf(error, size, "cannot read %s: %s", path, strerror(errno));
		return -errno;
	}
	if (!S_ISREG(st.st_mode) || (st.st_mode & (S_IRWXO | S_IWGRP))) {
		snprintf(error, size, "%s holds a password and others may read or change it (mode %03o): chmod 600 %s", path,
				(unsigned)st.st_mode & 0777, path);
		return -EACCES;
	}
	return 0;
}

static int read_lines(const struct reading *r, FILE *f, const char *path, char *error, size_t size)
{
	char line[LINE_MAX_BYTES];
	unsigned n = 0;
	int rc = 0;

	while (rc == 0 && fgets(line, sizeof(line), f)) {
		n++;
		rc = strchr(line, '\n') || feof(f) ? take_line(r, line) : -EINVAL;
	}
	if (rc)
		snprintf(error, size, "%s line %u: not \"key = value\" with a key of %s's (see %s help)", path, n, r->program, r->program);
	explicit_bzero(line, sizeof(line));
	return rc;
}

static int read_file(const struct reading *r, const char *path, const char *advice, char *error, size_t size)
{
	FILE *f = fopen(path, "re");
	int rc = -errno;

	for (size_t i = 0; i < r->count; i++)
		strcpy(value_of(r, i), r->keys[i].initial);
	if (!f) {
		snprintf(error, size, "cannot read the configuration %s: %s; give --config FILE%s", path, strerror(-rc), advice);
		return rc;
	}
	rc = check_mode(f, path, error, size);
	if (rc == 0)
		rc = read_lines(r, f, path, error, size);
	fclose(f);
	return rc;
}

int config_read_keys(void *base, const struct config_key *of, size_t count, const char *program, const char *path, char *error,
		size_t size)
{
	const struct reading r = {base, of, count, program};

	return read_file(&r, path, "", error, size);
}

int config_read(struct config *c, const char *path, char *error, size_t size)
{
	const struct reading r = {c, keys, KEYS, "aetactl"};

	memset(c, 0, sizeof(*c));
	return read_file(&r, path, " or set AETACTL_CONF", error, size);
}
