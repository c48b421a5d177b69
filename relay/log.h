/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log: syslog, or standard error. Never waits: a line that the receiver cannot take at once is dropped and counted. What strangers
 * said (Call-IDs, tags) is written with its control characters as \xHH, so that nobody forges a line.
 */
#ifndef RELAY_LOG_H
#define RELAY_LOG_H

#include "core/text.h"

#include <syslog.h>

#define LOG_LINE_MAX 8000

struct log_counts {
	uint64_t lines, dropped;
};

/* `facility`: index in the words of --log-facility. Until then lines go to standard error. */
void log_open(bool to_stderr, int facility, int level);
void log_level(int level);
bool log_wants(int level); /* would a line of this level be written? */
/* Connects to syslog anew. */
void log_reopen(void);
void log_close(void);
const struct log_counts *log_counts(void);
/* Control characters become \xHH. Returns the length; `to` is always ended, what does not fit is cut off. */
size_t log_printable(struct text from, char *to, size_t room);

/* Level as syslog's (LOG_INFO ...). `call`: Call-ID, may be empty. */
void log_call(int level, struct text call, const char *format, ...) __attribute__((format(printf, 3, 4)));
#define log_say(level, ...) log_call(level, (struct text){"", 0}, __VA_ARGS__)

#endif
