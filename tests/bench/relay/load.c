/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS_MAX 64
#define ANSWER_MS 2000

struct ng_call load_call(const struct options *o, unsigned number)
{
	struct ng_call c = {.number = number, .run = (unsigned)getpid(), .across = o->across, .agents = {o->callers, o->callees}};

	for (int i = 0; i < 2; i++)
		c.agents[i].sin_port = htons((uint16_t)(ntohs(c.agents[i].sin_port) + 2 * (number % 20000)));
	return c;
}

/* ---- control: each client has one request under way ---- */

struct client {
	int socket;
	bool busy;
	struct ng_call call;
	enum ng_step step;
	unsigned long cookie;
};

static void client_send(struct client *c)
{
	static unsigned long cookie;
	char request[2000];

	c->cookie = ++cookie;
	if (send(c->socket, request, ng_write(&c->call, c->step, c->cookie, request, sizeof(request)), 0) < 0) {
		perror("send");
		exit(1);
	}
}

/* Takes the reply and sends the next step; true when the call is through. */
static bool client_go_on(struct client *c)
{
	static char reply[65536];
	ssize_t n = recv(c->socket, reply, sizeof(reply) - 1, 0);

	if (n <= 0 || !ng_read(&c->call, c->step, c->cookie, reply, (size_t)n))
		exit(1);
	if (c->step == NG_STEP_DELETE)
		return true;
	c->step++;
	client_send(c);
	return false;
}

int load_control(const struct options *o)
{
	struct client clients[CLIENTS_MAX] = {0};
	struct pollfd readable[CLIENTS_MAX];
	unsigned begun = 0, ended = 0, n = o->clients < CLIENTS_MAX ? o->clients : CLIENTS_MAX;
	uint64_t start = now_ns();

	for (unsigned i = 0; i < n; i++) {
		clients[i].socket = ng_socket(&o->ng);
		readable[i] = (struct pollfd){.fd = clients[i].socket, .events = POLLIN};
	}
	while (ended < o->calls) {
		for (unsigned i = 0; i < n; i++) {
			if (clients[i].busy || begun == o->calls)
				continue;
			clients[i].busy = true;
			clients[i].call = load_call(o, begun++);
			clients[i].step = NG_STEP_OFFER;
			client_send(&clients[i]);
		}
		if (poll(readable, n, ANSWER_MS) < 1) {
			fprintf(stderr, "the relay does not answer\n");
			return 1;
		}
		for (unsigned i = 0; i < n; i++) {
			if ((readable[i].revents & POLLIN) && client_go_on(&clients[i])) {
				clients[i].busy = false;
				ended++;
			}
		}
	}
	printf("{\"calls\": %u, \"seconds\": %.6f}\n", o->calls, (double)(now_ns() - start) / 1e9);
	return 0;
}

void load_wait(void)
{
	char byte;

	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

bool load_end(const struct options *o, int socket)
{
	for (unsigned i = 0; i < o->calls; i++) {
		struct ng_call c = load_call(o, i);

		if (!ng_do(socket, &c, NG_STEP_DELETE))
			return false;
	}
	return true;
}

int load_hold(const struct options *o)
{
	int socket = ng_socket(&o->ng);

	for (unsigned i = 0; i < o->calls; i++) {
		struct ng_call c = load_call(o, i);

		if (!ng_do(socket, &c, NG_STEP_OFFER) || !ng_do(socket, &c, NG_STEP_ANSWER))
			return 1;
	}
	printf("{\"calls\": %u}\n", o->calls);
	load_wait();
	return load_end(o, socket) ? 0 : 1;
}

/* ---- the command line, for the program `run` ---- */

static struct sockaddr_in endpoint(const char *s)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	char host[64];
	unsigned port;

	if (sscanf(s, "%63[0-9.]:%u", host, &port) != 2 || port > 65535 || inet_pton(AF_INET, host, &a.sin_addr) != 1) {
		fprintf(stderr, "'%s' is no ADDRESS:PORT\n", s);
		exit(2);
	}
	a.sin_port = htons((uint16_t)port);
	return a;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const struct options *);
	} kinds[] = {{"control", load_control}, {"hold", load_hold}, {"media", load_media}};
	struct options o;

	if (argc != 10) {
		fprintf(stderr, "usage: bench_relay_load control|hold|media NG CALLERS CALLEES CALLS CLIENTS RATE SECONDS WARM\n");
		return 2;
	}
	o = (struct options){.ng = endpoint(argv[2]), .callers = endpoint(argv[3]), .callees = endpoint(argv[4]),
			.calls = (unsigned)atoi(argv[5]), .clients = (unsigned)atoi(argv[6]), .rate = (unsigned)atoi(argv[7]),
			.seconds = (unsigned)atoi(argv[8]), .warm = (unsigned)atoi(argv[9])};
	o.across = o.callers.sin_addr.s_addr != o.callees.sin_addr.s_addr;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(argv[1], kinds[i].name) == 0)
			return kinds[i].run(&o);
	}
	fprintf(stderr, "'%s' is no kind of load\n", argv[1]);
	return 2;
}
