/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "local.h"

#include "log.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#define OTHER_DESCRIPTORS 256 /* control, recordings, files */

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

static void warn_of_ports(unsigned first, unsigned last)
{
	char range[64], ranges[4096];
	unsigned from, to;

	read_line("/proc/sys/net/ipv4/ip_local_port_range", range, sizeof(range));
	read_line("/proc/sys/net/ipv4/ip_local_reserved_ports", ranges, sizeof(ranges));
	if (sscanf(range, "%u %u", &from, &to) != 2 || last < from || first > to)
		return;
	if (!reserved(ranges, first > from ? first : from, last < to ? last : to))
		log_say(LOG_WARNING, "the system gives media ports to other programs (%u-%u); keep it from that: "
			"sysctl -w net.ipv4.ip_local_reserved_ports=%s%s%u-%u", from, to, ranges, *ranges ? "," : "", first, last);
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
