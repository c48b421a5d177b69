/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media: 172 bytes of RTP a packet, twenty milliseconds' worth of a codec, from both agents of every call, spread evenly over time.
 * Each packet bears the time at which it was sent; the agent at the other end says how long it took. The time is that of this
 * program, whichever relay is between: it has the same part in both.
 */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PACKET 172
#define SECOND_NS 1000000000u
#define LINGER_NS 500000000u
#define TICK_NS 20000u     /* so often is looked what is due */
#define EVENTS 64
#define HISTOGRAM 200000   /* µs and tenths: up to 20 ms, the last one takes the rest */

struct flow {
	int socket;
	uint16_t sequence;
	uint32_t ssrc;
};

struct result {
	uint64_t sent, received;
	uint32_t tenths[HISTOGRAM + 1]; /* packets by latency, in 0.1 µs */
	uint64_t most;
};

static struct flow *open_flows(const struct options *o)
{
	struct flow *flows = calloc(2u * o->calls, sizeof(*flows));
	int control = ng_socket(&o->ng);

	for (unsigned i = 0; flows && i < o->calls; i++) {
		struct ng_call c = load_call(o, i);

		if (!ng_do(control, &c, NG_STEP_OFFER) || !ng_do(control, &c, NG_STEP_ANSWER))
			exit(1);
		for (int side = 0; side < 2; side++) {
			struct flow *f = &flows[2 * i + (unsigned)side];

			f->socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
			f->ssrc = 0x10000u + 2 * i + (unsigned)side;
			if (f->socket < 0 || bind(f->socket, (struct sockaddr *)&c.agents[side], sizeof(c.agents[side])) < 0
					|| connect(f->socket, (struct sockaddr *)&c.relay[side], sizeof(c.relay[side])) < 0) {
				perror("an agent's socket");
				exit(1);
			}
		}
	}
	close(control);
	return flows;
}

static void flow_send(struct flow *f, struct result *r, bool counted)
{
	uint8_t packet[PACKET] = {0x80, 8};
	uint32_t word;
	uint64_t now = now_ns();

	f->sequence++;
	packet[2] = (uint8_t)(f->sequence >> 8);
	packet[3] = (uint8_t)f->sequence;
	word = htonl(160u * f->sequence);
	memcpy(packet + 4, &word, 4);
	word = htonl(f->ssrc);
	memcpy(packet + 8, &word, 4);
	packet[12] = counted;
	memcpy(packet + 16, &now, sizeof(now));
	if (send(f->socket, packet, sizeof(packet), 0) == sizeof(packet) && counted)
		r->sent++;
}

static void flow_receive(struct flow *f, struct result *r)
{
	uint8_t packet[PACKET + 1];
	uint64_t sent, tenths;

	while (recv(f->socket, packet, sizeof(packet), 0) == PACKET) {
		if (!packet[12])
			continue;
		memcpy(&sent, packet + 16, sizeof(sent));
		tenths = (now_ns() - sent) / 100;
		r->received++;
		r->tenths[tenths < HISTOGRAM ? tenths : HISTOGRAM]++;
		if (tenths > r->most)
			r->most = tenths;
	}
}

static double percentile(const struct result *r, double share)
{
	uint64_t want = (uint64_t)((double)r->received * share), seen = 0;

	for (unsigned i = 0; i <= HISTOGRAM; i++) {
		seen += r->tenths[i];
		if (seen > want)
			return i / 10.0;
	}
	return HISTOGRAM / 10.0;
}

static int watch(const struct flow *flows, unsigned n)
{
	int e = epoll_create1(EPOLL_CLOEXEC);

	for (unsigned i = 0; i < n; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};

		if (e < 0 || epoll_ctl(e, EPOLL_CTL_ADD, flows[i].socket, &event) < 0) {
			perror("epoll");
			exit(1);
		}
	}
	return e;
}

/* Receives until `until`; looks at least once. */
static void receive_until(int epoll, struct flow *flows, struct result *r, uint64_t until)
{
	struct epoll_event events[EVENTS];
	int n;

	do {
		uint64_t now = now_ns();

		n = epoll_wait(epoll, events, EVENTS, now + 1000000u < until ? (int)((until - now) / 1000000u) : 0);
		for (int i = 0; i < n; i++)
			flow_receive(&flows[events[i].data.u32], r);
	} while (n > 0 || now_ns() < until);
}

static void measure(const struct options *o, struct flow *flows)
{
	static struct result r;
	unsigned n = 2 * o->calls, next = 0;
	int epoll = watch(flows, n);
	/* not counted: sources are learned, and streams given to the kernel where that is measured */
	uint64_t start = now_ns(), warm = start + (uint64_t)o->warm * SECOND_NS, end = warm + (uint64_t)o->seconds * SECOND_NS, due, done = 0;
	bool counted = false;

	for (uint64_t now = start; now < end; now = now_ns()) {
		if (!counted && now > warm) {
			counted = true;
			/* `run` reads the relay's processor time at this word, and at the end */
			printf("{\"begin\": true}\n");
			fflush(stdout);
		}
		due = (now - start) * o->rate / SECOND_NS;
		for (; done < due; done++) {
			flow_send(&flows[next], &r, counted);
			next = (next + 1) % n;
		}
		receive_until(epoll, flows, &r, now + TICK_NS);
	}
	receive_until(epoll, flows, &r, now_ns() + LINGER_NS);
	printf("{\"sent\": %llu, \"received\": %llu, \"p50\": %.1f, \"p99\": %.1f, \"max\": %.1f}\n", (unsigned long long)r.sent,
			(unsigned long long)r.received, percentile(&r, 0.5), percentile(&r, 0.99), (double)r.most / 10);
	fflush(stdout);
	close(epoll);
}

/* The streams from the first agent to the second, as they stand in packets to the relay. */
static void print_flows(const struct options *o, const struct flow *flows)
{
	char from[INET_ADDRSTRLEN], to[INET_ADDRSTRLEN];
	struct sockaddr_in local, peer;

	for (unsigned i = 0; i < o->calls; i++) {
		const struct flow *f = &flows[2 * i];
		socklen_t size = sizeof(local), peer_size = sizeof(peer);

		if (getsockname(f->socket, (struct sockaddr *)&local, &size) != 0 || getpeername(f->socket, (struct sockaddr *)&peer, &peer_size) != 0) {
			perror("an agent's socket");
			exit(1);
		}
		inet_ntop(AF_INET, &local.sin_addr, from, sizeof(from));
		inet_ntop(AF_INET, &peer.sin_addr, to, sizeof(to));
		printf("%s[\"%s\", %u, \"%s\", %u, %u, %u]", i ? ", " : "{\"flows\": [", from, ntohs(local.sin_port), to,
				ntohs(peer.sin_port), f->ssrc, f->sequence);
	}
	printf("]}\n");
}

int load_media(const struct options *o)
{
	struct flow *flows = open_flows(o);

	measure(o, flows);
	if (o->across) {
		print_flows(o, flows);
		load_wait();
	}
	return load_end(o, ng_socket(&o->ng)) ? 0 : 1;
}
