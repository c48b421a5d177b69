/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static struct {
	bool to_syslog;
	int facility, level, socket;
	struct log_counts counts;
} the_log = {.level = LOG_INFO, .socket = -1};

static void connect_syslog(void)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};

	the_log.socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (the_log.socket >= 0 && connect(the_log.socket, (struct sockaddr *)&name, sizeof(name)) != 0)
		log_close();
}

void log_open(bool to_stderr, int facility, int level)
{
	static const int facilities[] = {LOG_DAEMON, LOG_LOCAL0, LOG_LOCAL1, LOG_LOCAL2, LOG_LOCAL3, LOG_LOCAL4, LOG_LOCAL5, LOG_LOCAL6,
		LOG_LOCAL7};

	the_log.facility = facilities[facility];
	the_log.level = level;
	the_log.to_syslog = !to_stderr;
	if (the_log.to_syslog)
		connect_syslog();
}

void log_level(int level)
{
	the_log.level = level;
}

bool log_wants(int level)
{
	return level <= the_log.level;
}

void log_close(void)
{
	if (the_log.socket >= 0)
		close(the_log.socket);
	the_log.socket = -1;
}

void log_reopen(void)
{
	log_close();
	if (the_log.to_syslog)
		connect_syslog();
}

const struct log_counts *log_counts(void)
{
	return &the_log.counts;
}

size_t log_printable(struct text from, char *to, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < from.n && n + 5 < room; i++) {
		unsigned char c = (unsigned char)from.s[i];

		if (c >= ' ' && c != 0x7f)
			to[n++] = (char)c;
		else
			n += (size_t)snprintf(to + n, room - n, "\\x%02x", c);
	}
	to[n] = '\0';
	return n;
}

static bool write_syslog(int level, const char *line)
{
	char datagram[LOG_LINE_MAX + 100], when[32];
	time_t now = time(NULL);
	struct tm tm;
	int n;

	strftime(when, sizeof(when), "%b %e %T", localtime_r(&now, &tm));
	n = snprintf(datagram, sizeof(datagram), "<%d>%s aeta-relay[%d]: %s", the_log.facility | level, when, (int)getpid(), line);
	if (the_log.socket < 0)
		connect_syslog();
	if (send(the_log.socket, datagram, (size_t)n, MSG_NOSIGNAL) == n)
		return true;
	if (errno != EAGAIN)
		log_close(); /* the next line connects again: syslog was restarted */
	return false;
}

/* A full pipe says so at poll(); a line that is longer than what it takes at once is cut to that. */
static bool write_stderr(int level, char *line, size_t n)
{
	static const char *const names[] = {"EMERG", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO", "DEBUG"};
	char whole[LOG_LINE_MAX + 100];
	struct pollfd ready = {.fd = STDERR_FILENO, .events = POLLOUT};
	int length = snprintf(whole, sizeof(whole), "%s: %.*s\n", names[level & 7], (int)(n < 4000 ? n : 4000), line);

	if (poll(&ready, 1, 0) != 1 || !(ready.revents & POLLOUT))
		return false;
	return write(STDERR_FILENO, whole, (size_t)length) == length;
}

void log_call(int level, struct text call, const char *format, ...)
{
	char said[LOG_LINE_MAX], line[LOG_LINE_MAX];
	va_list arguments;
	size_t n = 0;
	bool done;
	int length;

	if (level > the_log.level)
		return;
	if (call.n) {
		line[n++] = '[';
		n += log_printable((struct text){call.s, call.n < 256 ? call.n : 256}, line + n, 1200);
		line[n++] = ']';
		line[n++] = ' ';
	}
	va_start(arguments, format);
	length = vsnprintf(said, sizeof(said), format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	if ((size_t)length >= sizeof(said))
		length = sizeof(said) - 1;
	n += log_printable((struct text){said, (size_t)length}, line + n, sizeof(line) - n);
	the_log.counts.lines++;
	done = the_log.to_syslog ? write_syslog(level, line) : write_stderr(level, line, n);
	if (!done)
		the_log.counts.dropped++;
}
