/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 512 /* of a first line, where only that is read */

enum { COLUMN_ID, COLUMN_S, COLUMN_US, COLUMN_DIRECTION, COLUMN_FROM, COLUMN_TO, COLUMN_METHOD, COLUMN_CALLID, COLUMN_HEX };

static int nibble(char c)
{
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* The bytes of a cell that holds hexadecimal digits, in its own place, with a NUL behind. How many. */
static size_t unhex(char *cell)
{
	size_t n = strlen(cell) / 2;

	for (size_t i = 0; i < n; i++)
		cell[i] = (char)(nibble(cell[2 * i]) << 4 | nibble(cell[2 * i + 1]));
	cell[n] = '\0';
	return n;
}

static void take_row(struct trace_rows *t, size_t row)
{
	char **cells = &t->rows.cells[row * t->rows.columns];
	long long id = strtoll(cells[COLUMN_ID], NULL, 10);

	t->trace.messages[row] = (struct trace_message){
			.at = {.tv_sec = strtoll(cells[COLUMN_S], NULL, 10), .tv_usec = strtol(cells[COLUMN_US], NULL, 10)},
			.from = cells[COLUMN_FROM],
			.to = cells[COLUMN_TO],
			.callid = cells[COLUMN_CALLID],
			.method = cells[COLUMN_METHOD],
			.bytes = (unsigned char *)cells[COLUMN_HEX],
			.len = unhex(cells[COLUMN_HEX]),
			.out = strcmp(cells[COLUMN_DIRECTION], "out") == 0,
	};
	if (id > t->last)
		t->last = id;
}

int trace_read(struct ctl *ctl, const char *number, long long after, bool full, struct trace_rows *out)
{
	int rc;

	memset(out, 0, sizeof(*out));
	out->trace.number = number;
	out->last = after;
	rc = db_query(ctl->db, &out->rows,
			"SELECT id, TIMESTAMPDIFF(SECOND, '1970-01-01', time_stamp), time_us, direction, fromip, toip, method, callid, "
			"HEX(IF(?, msg, LEFT(msg, ?))) FROM sip_trace WHERE traced_user = ? AND id > ? ORDER BY time_stamp, time_us, id",
			DB_VALUES(DB_INT(full), DB_INT(LINE_MAX_BYTES), DB_TEXT(number), DB_INT(after)));
	if (rc)
		return ctl_done(ctl, rc);
	out->trace.messages = calloc(out->rows.rows + 1, sizeof(*out->trace.messages));
	if (!out->trace.messages)
		return refuse("out of memory");
	for (size_t i = 0; i < out->rows.rows; i++)
		take_row(out, i);
	out->trace.count = out->rows.rows;
	return CTL_OK;
}

void trace_free(struct trace_rows *t)
{
	free(t->trace.messages);
	t->trace.messages = NULL;
	db_rows_free(&t->rows);
}

int trace_last(struct ctl *ctl, long long *id)
{
	struct db_rows rows;
	int rc = db_query(ctl->db, &rows, "SELECT COALESCE(MAX(id), 0) FROM sip_trace", DB_NOTHING);

	if (rc == 0)
		*id = strtoll(db_cell(&rows, 0, 0), NULL, 10);
	db_rows_free(&rows);
	return ctl_done(ctl, rc);
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
