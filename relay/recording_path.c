/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recording_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct name {
	char *s;
	size_t n;
	bool full;
};

static void name_add(struct name *to, struct text t)
{
	if (to->n + t.n + 1 > RECORDING_PATH_MAX) {
		to->full = true;
		return;
	}
	if (t.n)
		memcpy(to->s + to->n, t.s, t.n);
	to->n += t.n;
	to->s[to->n] = '\0';
}

/* A Call-ID may hold anything; what a file name should not is written %HH. */
static void name_add_safely(struct name *to, struct text t)
{
	static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_@.";

	for (size_t i = 0; i < t.n; i++) {
		char hex[4];

		if (t.s[i] && strchr(safe, t.s[i]) && !(t.s[i] == '.' && i == 0)) {
			name_add(to, (struct text){t.s + i, 1});
		} else {
			snprintf(hex, sizeof(hex), "%%%02X", (unsigned char)t.s[i]);
			name_add(to, (struct text){hex, 3});
		}
	}
}

/* A part of the time, by strftime()'s letters. */
static void name_add_time(struct name *to, char what, const struct tm *now)
{
	char text[16];
	int value = now->tm_year + 1900;

	switch (what) {
	case 'm': value = now->tm_mon + 1; break;
	case 'd': value = now->tm_mday; break;
	case 'H': value = now->tm_hour; break;
	case 'M': value = now->tm_min; break;
	case 'S': value = now->tm_sec; break;
	}
	snprintf(text, sizeof(text), "%02d", value);
	name_add(to, text_of(text));
}

static void name_add_pattern(struct name *to, struct text pattern, struct text call_id, uint64_t random, const struct tm *now)
{
	char digits[17];

	for (size_t i = 0; i < pattern.n; i++) {
		if (pattern.s[i] != '%' || i + 1 == pattern.n) {
			name_add(to, (struct text){pattern.s + i, 1});
			continue;
		}
		switch (pattern.s[++i]) {
		case 'c':
			name_add_safely(to, (struct text){call_id.s, call_id.n < 100 ? call_id.n : 100});
			break;
		case 'r':
			snprintf(digits, sizeof(digits), "%016llx", (unsigned long long)random);
			name_add(to, text_of(digits));
			break;
		case 'Y': case 'm': case 'd': case 'H': case 'M': case 'S':
			name_add_time(to, pattern.s[i], now);
			break;
		default:
			name_add(to, (struct text){pattern.s + i, 1});
		}
	}
}

/* Makes an absolute path relative to the root. */
static int below(struct text *path, const char *root)
{
	struct text top = text_of(root);

	while (top.n > 1 && top.s[top.n - 1] == '/')
		top.n--;
	if (path->n == 0 || path->s[0] != '/')
		return 0;
	if (!text_starts(*path, top) || (path->n > top.n && path->s[top.n] != '/' && top.n > 1))
		return -EPERM;
	*path = text_from(*path, top.n);
	return 0;
}

/* Every part is a plain name; slashes are single. */
static int check_parts(char *path)
{
	struct text rest = text_of(path);
	char clean[RECORDING_PATH_MAX];
	struct name to = {.s = clean};

	clean[0] = '\0';
	while (rest.n) {
		struct text part = text_until(&rest, '/');

		if (part.n == 0 || text_is(part, "."))
			continue;
		if (text_is(part, "..") || memchr(part.s, '\0', part.n))
			return -EPERM;
		if (part.n > 250)
			return -ENAMETOOLONG;
		if (to.n)
			name_add(&to, TEXT("/"));
		name_add(&to, part);
	}
	if (to.n == 0)
		return -EINVAL;
	memcpy(path, clean, to.n + 1);
	return 0;
}

int recording_path(char out[RECORDING_PATH_MAX], const char *root, struct text file, struct text directory, struct text pattern,
	struct text call_id, uint64_t random, const struct tm *now)
{
	struct name to = {.s = out};

	out[0] = '\0';
	if (below(&file, root) || below(&directory, root) || memchr(file.s ? file.s : "", '\0', file.n) ||
		memchr(directory.s ? directory.s : "", '\0', directory.n) || memchr(pattern.s ? pattern.s : "", '\0', pattern.n))
		return -EPERM;
	if (directory.n) {
		name_add(&to, directory);
		name_add(&to, TEXT("/"));
	}
	if (file.n) {
		name_add(&to, file);
	} else {
		name_add_pattern(&to, pattern, call_id, random, now);
		name_add(&to, TEXT(".pcap"));
	}
	return to.full ? -ENAMETOOLONG : check_parts(out);
}

int recording_open_directory(int root, char path[RECORDING_PATH_MAX], const char **name)
{
	int at = fcntl(root, F_DUPFD_CLOEXEC, 0);
	char *slash;

	if (at < 0)
		return -errno;
	while (at >= 0 && (slash = strchr(path, '/'))) {
		int next = -1;

		*slash = '\0';
		if (mkdirat(at, path, 0750) == 0 || errno == EEXIST)
			next = openat(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			next = -errno;
		close(at);
		at = next;
		path = slash + 1;
	}
	*name = path;
	return at;
}
