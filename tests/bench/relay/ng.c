/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ng.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REPLY_MAX 65536
#define TRIES 3
#define WAIT_MS 2000

static unsigned long last_cookie;

static size_t write_sdp(const struct sockaddr_in *agent, char *out, size_t size)
{
	char address[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &agent->sin_addr, address, sizeof(address));
	return (size_t)snprintf(out, size,
			"v=0\r\no=codec 3723 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio %u RTP/AVP 96 8 0 101\r\n"
			"a=rtpmap:96 opus/48000/2\r\na=fmtp:96 stereo=1;sprop-stereo=1\r\na=rtpmap:8 PCMA/8000\r\n"
			"a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n",
			address, address, ntohs(agent->sin_port));
}

/* "5:label" of bencode */
static size_t put(char *out, size_t size, const char *s, size_t length)
{
	int n = snprintf(out, size, "%zu:", length);

	if (n < 0 || (size_t)n + length >= size) {
		fprintf(stderr, "an ng request is too long\n");
		exit(1);
	}
	memcpy(out + n, s, length);
	return (size_t)n + length;
}

static const char *const names[] = {"offer", "answer", "delete"};

size_t ng_write(const struct ng_call *call, enum ng_step step, unsigned long cookie, char *out, size_t size)
{
	char sdp[700], id[64], from[64], to[64], address[INET_ADDRSTRLEN];
	const struct sockaddr_in *agent = &call->agents[step == NG_STEP_ANSWER];
	size_t n = (size_t)snprintf(out, size, "%d_%lu d8:supportsl10:load limite", getpid(), cookie);

#define TEXT(s) n += put(out + n, size - n, s, strlen(s))
#define PLAIN(s) n += (size_t)snprintf(out + n, size - n, "%s", s)
	snprintf(id, sizeof(id), "%08x-%08x@bench.example.com", call->run, call->number);
	snprintf(from, sizeof(from), "caller-%08x", call->number);
	snprintf(to, sizeof(to), "callee-%08x", call->number);
	if (step == NG_STEP_DELETE) {
		PLAIN("12:delete delayi0e");
	} else {
		TEXT("sdp");
		n += put(out + n, size - n, sdp, write_sdp(agent, sdp, sizeof(sdp)));
		if (call->across)
			PLAIN(step == NG_STEP_OFFER ? "9:directionl4:near3:fare" : "9:directionl3:far4:neare");
		PLAIN("3:ICE6:remove5:flagsl13:trust-addresse7:replacel6:origine");
		inet_ntop(AF_INET, &agent->sin_addr, address, sizeof(address));
		PLAIN("13:received-froml3:IP4");
		TEXT(address);
		PLAIN("e");
	}
	TEXT("call-id");
	TEXT(id);
	TEXT("from-tag");
	TEXT(from);
	if (step == NG_STEP_ANSWER) {
		TEXT("to-tag");
		TEXT(to);
	}
	TEXT("command");
	TEXT(names[step]);
	PLAIN("e");
#undef TEXT
#undef PLAIN
	return n;
}

static const char *find(const char *in, size_t length, const char *what)
{
	return memmem(in, length, what, strlen(what));
}

static bool read_sdp(struct sockaddr_in *relay, const char *reply, size_t length)
{
	const char *port = find(reply, length, "m=audio "), *line = find(reply, length, "c=IN IP4 ");
	char address[INET_ADDRSTRLEN] = "";

	if (!port || !line || sscanf(line, "c=IN IP4 %15[0-9.]", address) != 1)
		return false;
	*relay = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port + 8, NULL, 10))};
	return relay->sin_port && inet_pton(AF_INET, address, &relay->sin_addr) == 1;
}

bool ng_read(struct ng_call *call, enum ng_step step, unsigned long cookie, const char *reply, size_t length)
{
	char start[48];
	int n = snprintf(start, sizeof(start), "%d_%lu ", getpid(), cookie);

	if (length > (size_t)n && memcmp(reply, start, (size_t)n) == 0 && find(reply, length, "6:result2:ok")) {
		/* the reply to an offer says where the callee sends, that to an answer where the caller does */
		if (step == NG_STEP_DELETE || read_sdp(&call->relay[step == NG_STEP_OFFER], reply, length))
			return true;
	}
	fprintf(stderr, "the relay answers %s of call %u: %.*s\n", names[step], call->number, (int)(length < 300 ? length : 300), reply);
	return false;
}

int ng_socket(const struct sockaddr_in *relay)
{
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (s < 0 || connect(s, (const struct sockaddr *)relay, sizeof(*relay)) < 0) {
		perror("a socket to the relay");
		exit(1);
	}
	return s;
}

bool ng_do(int socket, struct ng_call *call, enum ng_step step)
{
	char request[2000];
	static char reply[REPLY_MAX];
	unsigned long cookie = ++last_cookie;
	size_t length = ng_write(call, step, cookie, request, sizeof(request));
	struct pollfd readable = {.fd = socket, .events = POLLIN};

	for (int i = 0; i < TRIES; i++) {
		ssize_t n;

		if (send(socket, request, length, 0) < 0 || poll(&readable, 1, WAIT_MS) != 1)
			continue;
		n = recv(socket, reply, sizeof(reply) - 1, 0);
		if (n > 0) {
			reply[n] = 0;
			return ng_read(call, step, cookie, reply, (size_t)n);
		}
	}
	fprintf(stderr, "the relay does not answer\n");
	return false;
}
