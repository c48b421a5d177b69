/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int trace_read(struct ctl *ctl, const char *number, long long after, bool full, struct trace_rows *out)
{
	int rc = traces_read(ctl->db, &ctl->scope, number, after, full, &out->rows);

	out->trace = (struct trace){.number = number, .messages = out->rows.messages, .count = out->rows.count};
	return ctl_done(ctl, rc);
}

void trace_free(struct trace_rows *t)
{
	traces_free(&t->rows);
}

int trace_last(struct ctl *ctl, long long *id)
{
	return ctl_done(ctl, traces_last(ctl->db, &ctl->scope, id));
}

/* ---- files ---- */

/* A new file that nobody else can read; NULL with a refusal. */
static FILE *create(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (!f)
		refuse("cannot create %s: %s", path, strerror(errno));
	return f;
}

static int finish(FILE *f, const char *path)
{
	bool bad = ferror(f) != 0;

	if (fclose(f) != 0 || bad)
		return refuse("cannot write %s: %s", path, strerror(errno));
	return CTL_OK;
}

static int write_pcap(const char *path, const struct trace *t)
{
	FILE *f = create(path);
	unsigned bad;

	if (!f)
		return CTL_REFUSED;
	bad = trace_write_pcap(f, t);
	if (bad)
		note("%u messages are not whole in %s: too long for a datagram, or without an address", bad, path);
	return finish(f, path);
}

static int write_text(const char *path, const struct trace *t)
{
	FILE *f = create(path);

	if (!f)
		return CTL_REFUSED;
	trace_write_text(f, t);
	return finish(f, path);
}

int trace_write_files(struct ctl *ctl, const char *folder, const struct trace *t)
{
	char stem[4096], path[4104], when[32];
	time_t now = time(NULL);
	struct tm tm;
	int rc;

	strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
	snprintf(stem, sizeof(stem), "%s/%s-%s", folder, t->number, when);
	snprintf(path, sizeof(path), "%s.txt", stem);
	rc = write_text(path, t);
	if (rc)
		return rc;
	ctl_say(ctl, "text", json_string(path));
	snprintf(path, sizeof(path), "%s.pcap", stem);
	rc = write_pcap(path, t);
	if (rc == CTL_OK)
		ctl_say(ctl, "pcap", json_string(path));
	return rc;
}
