/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "local.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#define OTHER_DESCRIPTORS 256 /* control, recordings, files */
#define GIVEN "/proc/sys/net/ipv4/ip_local_port_range"
#define RESERVED "/proc/sys/net/ipv4/ip_local_reserved_ports"

static bool is_here(const struct address *a)
{
	struct endpoint e = {*a, 0};
	union net_address name;
	socklen_t length = net_from_endpoint(&e, &name);
	int fd = socket(name.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool here = fd >= 0 && bind(fd, &name.any, length) == 0;

	if (fd >= 0)
		close(fd);
	return here;
}

int local_missing(const struct settings *s)
{
	for (unsigned i = 0; i < s->relay.interface_count; i++)
		if (!is_here(&s->relay.interfaces[i].address))
			return (int)i;
	return -1;
}

static rlim_t calls_with(rlim_t descriptors)
{
	return descriptors > OTHER_DESCRIPTORS ? (descriptors - OTHER_DESCRIPTORS) / 4 : 0;
}

void local_descriptors(const struct settings *s)
{
	struct rlimit limit;
	rlim_t wanted = (rlim_t)settings_sockets(s) + OTHER_DESCRIPTORS;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = wanted;
	if (limit.rlim_max < wanted)
		limit.rlim_max = wanted;
	if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
		return;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < wanted)
		log_say(LOG_WARNING, "only %llu descriptors are allowed, enough for about %llu calls; all media ports need %llu "
			"(LimitNOFILE, ulimit -n)", (unsigned long long)limit.rlim_cur, (unsigned long long)calls_with(limit.rlim_cur),
			(unsigned long long)wanted);
}

/* A first line of a /proc file; empty where it cannot be read. */
static void read_line(const char *path, char *to, int size)
{
	FILE *f = fopen(path, "re");

	if (!f || !fgets(to, size, f))
		to[0] = '\0';
	if (f)
		fclose(f);
	to[strcspn(to, "\n")] = '\0';
}

/* "8080,55000-55999": is all of first..last in it? Its ranges are sorted, as the kernel prints them. */
static bool reserved(const char *ranges, unsigned first, unsigned last)
{
	struct text rest = text_of(ranges);

	while (rest.n) {
		struct text range = text_until(&rest, ','), low = text_until(&range, '-');
		uint64_t from, to;

		if (!text_number(low, 65535, &from))
			return false;
		if (range.n == 0 || !text_number(range, 65535, &to))
			to = from;
		if (from <= first && first <= to)
			first = (unsigned)to + 1;
		if (first > last)
			return true;
	}
	return false;
}

/* Of first..last the part that the system gives to programs that ask for any port, and the list of those that it does not. */
struct port_policy {
	unsigned given_first, given_last;
	char reserved[4096];
};

/* False: it gives none of them away, or does not say. */
static bool gives_away(unsigned first, unsigned last, struct port_policy *p)
{
	char range[64];
	unsigned from, to;

	read_line(GIVEN, range, sizeof(range));
	read_line(RESERVED, p->reserved, sizeof(p->reserved));
	if (sscanf(range, "%u %u", &from, &to) != 2 || last < from || first > to)
		return false;
	p->given_first = from;
	p->given_last = to;
	return !reserved(p->reserved, first > from ? first : from, last < to ? last : to);
}

static void warn_of_ports(unsigned first, unsigned last)
{
	struct port_policy p;

	if (gives_away(first, last, &p))
		log_say(LOG_WARNING, "the system gives media ports to other programs (%u-%u); keep it from that: "
			"sysctl -w net.ipv4.ip_local_reserved_ports=%s%s%u-%u", p.given_first, p.given_last, p.reserved, *p.reserved ? "," : "", first,
			last);
}

/* Another relay may be doing the same: the list is written as a whole. */
static int reserve(unsigned first, unsigned last)
{
	int fd = open(RESERVED, O_RDWR | O_CLOEXEC), n, rc = 0;
	char list[4096 + 16];
	struct port_policy p;

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX) != 0) {
		rc = -errno;
	} else if (gives_away(first, last, &p)) {
		n = snprintf(list, sizeof(list), "%s%s%u-%u\n", p.reserved, *p.reserved ? "," : "", first, last);
		if (strlen(p.reserved) + 1 >= sizeof(p.reserved))
			rc = -E2BIG;
		else if (write(fd, list, (size_t)n) != n)
			rc = -errno;
		else
			log_say(LOG_INFO, "the media ports are now reserved on this machine (net.ipv4.ip_local_reserved_ports=%.*s)", n - 1, list);
	}
	close(fd); /* which ends the lock */
	return rc;
}

int local_reserve(const struct settings *s)
{
	const struct relay_interface *first = &s->relay.interfaces[0]; /* all have the same ports */
	struct port_policy p;

	return gives_away(first->port_min, first->port_max, &p) ? reserve(first->port_min, first->port_max) : 0;
}

void local_warn(const struct settings *s)
{
	const struct relay_interface *first = &s->relay.interfaces[0];
	char text[ADDRESS_TEXT_MAX];

	for (unsigned i = 0; i < s->relay.interface_count; i++) {
		if (is_here(&s->relay.interfaces[i].address))
			continue;
		address_format(&s->relay.interfaces[i].address, text);
		log_say(LOG_WARNING, "this machine does not have the media address %s now; calls that need it are refused until it does", text);
	}
	warn_of_ports(first->port_min, first->port_max);
}
