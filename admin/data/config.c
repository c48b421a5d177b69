/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define LINE_MAX_BYTES 1024

static const struct {
	const char *key;
	size_t offset;
	const char *initial;
} keys[] = {
		{"db_socket", offsetof(struct config, db_socket), ""},
		{"db_host", offsetof(struct config, db_host), ""},
		{"db_port", offsetof(struct config, db_port), ""},
		{"db_name", offsetof(struct config, db_name), "aeta"},
		{"db_user", offsetof(struct config, db_user), "aeta_admin"},
		{"db_password", offsetof(struct config, db_password), ""},
		{"realm", offsetof(struct config, realm), "aeta"},
		{"rpc_socket", offsetof(struct config, rpc_socket), ""},
		{"test_codec", offsetof(struct config, test_codec), "15000"},
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

static char *value_of(struct config *c, size_t key)
{
	return (char *)c + keys[key].offset;
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
static int take_line(struct config *c, char *line)
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
	for (i = 0; i < KEYS && strcmp(keys[i].key, key) != 0; i++)
		;
	if (i == KEYS || strlen(value) >= CONFIG_VALUE_MAX)
		return -EINVAL;
	strcpy(value_of(c, i), value);
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

static int read_lines(struct config *c, FILE *f, const char *path, char *error, size_t size)
{
	char line[LINE_MAX_BYTES];
	unsigned n = 0;
	int rc = 0;

	while (rc == 0 && fgets(line, sizeof(line), f)) {
		n++;
		rc = strchr(line, '\n') || feof(f) ? take_line(c, line) : -EINVAL;
	}
	if (rc)
		snprintf(error, size, "%s line %u: not \"key = value\" with a key of aetactl's (see aetactl help)", path, n);
	explicit_bzero(line, sizeof(line));
	return rc;
}

int config_read(struct config *c, const char *path, char *error, size_t size)
{
	FILE *f = fopen(path, "re");
	int rc = -errno;
	size_t i;

	memset(c, 0, sizeof(*c));
	for (i = 0; i < KEYS; i++)
		strcpy(value_of(c, i), keys[i].initial);
	if (!f) {
		snprintf(error, size, "cannot read the configuration %s: %s; give --config FILE or set AETACTL_CONF", path,
				strerror(-rc));
		return rc;
	}
	rc = check_mode(f, path, error, size);
	if (rc)
		goto out;
	rc = read_lines(c, f, path, error, size);
out:
	fclose(f);
	return rc;
}
