/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asks relays what they do, over the ng protocol: a datagram "COOKIE JSON" to the address at which each is controlled, and one
 * back. All of them at once, so one that is dead costs no more than the wait.
 */
#include "relays.h"

#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ASKED_MAX  64    /* relays; more are not asked */
#define ANSWER_MAX 65536
#define COOKIE     24
#define PORTS_MAX  65536 /* of one media address */

/* ---- an answer ---- */

/* "3600" or 3600; of media addresses the sum, unknown as soon as one is. */
static void read_ports(const json_t *interfaces, struct live_load *out)
{
	const json_t *one, *ports;
	long used, total;
	size_t i;

	json_array_foreach(interfaces, i, one)
	{
		ports = json_object_get(one, "ports");
		used = live_number(ports, "used");
		total = live_number(ports, "totals");
		if (used == LIVE_UNKNOWN || total == LIVE_UNKNOWN || used > PORTS_MAX || total > PORTS_MAX) {
			out->ports_used = out->ports = LIVE_UNKNOWN;
			return;
		}
		out->ports_used = (i ? out->ports_used : 0) + used;
		out->ports = (i ? out->ports : 0) + total;
	}
}

static void know_nothing(struct live_load *out)
{
	out->answered = false;
	out->calls = out->packets_s = out->bytes_s = out->ports_used = out->ports = out->uptime_s = LIVE_UNKNOWN;
}

bool live_load_parse(const char *bytes, size_t len, const char *cookie, struct live_load *out)
{
	size_t n = strlen(cookie);
	json_t *answer;
	const json_t *all, *now;

	if (len <= n || memcmp(bytes, cookie, n) != 0 || bytes[n] != ' ')
		return false;
	know_nothing(out);
	answer = json_loadb(bytes + n + 1, len - n - 1, 0, NULL);
	all = json_object_get(answer, "statistics");
	now = json_object_get(all, "currentstatistics");
	out->answered = json_is_object(all);
	out->calls = live_number(now, "sessionsown");
	out->packets_s = live_number(now, "packetrate");
	out->bytes_s = live_number(now, "byterate");
	out->uptime_s = live_number(json_object_get(all, "totalstatistics"), "uptime");
	read_ports(json_object_get(all, "interfaces"), out);
	json_decref(answer);
	return true;
}

/* ---- asking ---- */

struct asked {
	struct live_load *load;
	char cookie[COOKIE];
};

/* A socket connected to "udp:HOST:PORT" or "udp6:[HOST]:PORT" (the brackets may be missing); -1: it is of another kind. */
static int connect_to(const char *url)
{
	const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM};
	const char *start = strncmp(url, "udp:", 4) == 0 ? url + 4 : strncmp(url, "udp6:", 5) == 0 ? url + 5 : NULL;
	const char *colon = start ? strrchr(start, ':') : NULL;
	struct addrinfo *found = NULL;
	char host[LIVE_URL_MAX];
	size_t n;
	int fd = -1;

	if (!colon || (size_t)(colon - start) >= sizeof(host))
		return -1;
	n = (size_t)(colon - start);
	if (n > 2 && start[0] == '[' && start[n - 1] == ']') {
		start++;
		n -= 2;
	}
	memcpy(host, start, n);
	host[n] = '\0';
	if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
		return -1;
	fd = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
		close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	return fd;
}

static int send_question(struct asked *a)
{
	unsigned long long random = 0;
	char text[80];
	int fd = connect_to(a->load->url), n;

	if (fd < 0 || getrandom(&random, sizeof(random), 0) != sizeof(random))
		random = 0;
	snprintf(a->cookie, sizeof(a->cookie), "aeta_%016llx", random);
	n = snprintf(text, sizeof(text), "%s {\"command\":\"statistics\"}", a->cookie);
	if (fd >= 0 && send(fd, text, (size_t)n, 0) != n) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000L + t.tv_nsec / 1000000L;
}

/* Reads what has come to `p`; true: it is done with, since it answered or nobody is there. */
static bool take_answer(struct pollfd *p, struct asked *a, char *bytes)
{
	ssize_t n = recv(p->fd, bytes, ANSWER_MAX, 0);

	return n < 0 || live_load_parse(bytes, (size_t)n, a->cookie, a->load);
}

static void wait_for_all(struct pollfd *polls, struct asked *asked, nfds_t n, int wait_ms)
{
	long end = now_ms() + wait_ms, left = wait_ms;
	char *bytes = malloc(ANSWER_MAX);
	nfds_t open = 0;

	for (nfds_t i = 0; i < n; i++)
		open += polls[i].fd >= 0;
	while (bytes && open && left > 0 && poll(polls, n, (int)left) > 0) {
		for (nfds_t i = 0; i < n; i++) {
			if (polls[i].fd < 0 || !polls[i].revents || !take_answer(&polls[i], &asked[i], bytes))
				continue;
			close(polls[i].fd);
			polls[i].fd = -1;
			open--;
		}
		left = end - now_ms();
	}
	free(bytes);
}

void live_relay_loads(struct live_load *loads, size_t n, int wait_ms)
{
	struct pollfd polls[ASKED_MAX];
	struct asked asked[ASKED_MAX];

	for (size_t i = 0; i < n; i++)
		know_nothing(&loads[i]);
	n = n < ASKED_MAX ? n : ASKED_MAX;
	for (size_t i = 0; i < n; i++) {
		asked[i].load = &loads[i];
		polls[i] = (struct pollfd){.fd = send_question(&asked[i]), .events = POLLIN};
	}
	wait_for_all(polls, asked, n, wait_ms);
	for (size_t i = 0; i < n; i++)
		if (polls[i].fd >= 0)
			close(polls[i].fd);
}
