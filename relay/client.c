/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"

#include "client_flows.h"
#include "core/reply.h"
#include "net_address.h"

#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define TRIES 5
#define WAIT_MS 1000
static const struct word {
	const char *word, *command;
	bool call; /* it wants a Call-ID */
} words[] = {{"ping", "ping", false}, {"list", "list", false}, {"statistics", "statistics", false}, {"show", "query", true},
	{"flows", NULL, false}};

static const struct word *find(const char *said)
{
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(said, words[i].word) == 0)
			return &words[i];
	return NULL;
}

bool client_knows(const char *said)
{
	return find(said) != NULL;
}

static void write_request(struct out *o, const char *command, const char *call_id)
{
	struct reply r;

	reply_start(&r, NG_JSON, o);
	reply_put_string(&r, "command", text_of(command));
	if (call_id)
		reply_put_string(&r, "call-id", text_of(call_id));
	if (strcmp(command, "list") == 0)
		reply_put_integer(&r, "limit", CLIENT_CALLS_MAX);
	reply_finish(&r);
}

/* The answer's length behind its cookie, 0: none came. */
static size_t exchange(int fd, const struct out *request, size_t cookie, char answer[CLIENT_ANSWER_MAX])
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	for (int i = 0; i < TRIES; i++) {
		ssize_t n;

		if (send(fd, request->s, request->n, 0) < 0 || poll(&ready, 1, WAIT_MS) != 1)
			continue;
		n = recv(fd, answer, CLIENT_ANSWER_MAX, 0);
		if (n > (ssize_t)cookie && memcmp(answer, request->s, cookie) == 0) {
			memmove(answer, answer + cookie, (size_t)n - cookie);
			return (size_t)n - cookie;
		}
	}
	return 0;
}

size_t client_ask(int fd, const char *command, const char *call_id, char answer[CLIENT_ANSWER_MAX])
{
	static unsigned number;
	struct out request;
	size_t cookie, n;

	out_init(&request, 8192);
	out_format(&request, "client_%d_%lld_%u ", (int)getpid(), (long long)time(NULL), number++);
	cookie = request.n;
	write_request(&request, command, call_id);
	n = exchange(fd, &request, cookie, answer);
	out_free(&request);
	return n;
}

static int no_answer(void)
{
	fputs("aeta-relay: no answer; does a relay listen there (--ng ADDRESS:PORT)?\n", stderr);
	return 3;
}

static int say_answer(int fd, const struct word *w, const char *call_id)
{
	static char answer[CLIENT_ANSWER_MAX];
	size_t n = client_ask(fd, w->command, call_id, answer);

	if (n == 0)
		return no_answer();
	fwrite(answer, 1, n, stdout);
	putchar('\n');
	return memmem(answer, n, "\"result\":\"error\"", 16) ? 1 : 0;
}

static int converse(const struct endpoint *at, const struct word *w, const char *call_id)
{
	union net_address name;
	socklen_t length = net_from_endpoint(at, &name);
	int fd = socket(name.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), status = 3;

	if (fd < 0 || connect(fd, &name.any, length) != 0)
		return no_answer();
	if (w->command)
		status = say_answer(fd, w, call_id);
	else if (!client_flows(fd, stdout))
		no_answer();
	else
		status = 0;
	close(fd);
	return status;
}

static int usage(void)
{
	fputs("Usage: aeta-relay ping|list|flows|statistics|show CALL-ID [--ng ADDRESS:PORT]   (127.0.0.1:2223)\n", stderr);
	return 2;
}

int client_run(int argc, char **argv)
{
	const struct word *w = find(argv[0]);
	const char *call_id = NULL, *ng = "127.0.0.1:2223";
	struct endpoint at;

	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--ng=", 5) == 0)
			ng = argv[i] + 5;
		else if (strcmp(argv[i], "--ng") == 0 && i + 1 < argc)
			ng = argv[++i];
		else if (w->call && !call_id)
			call_id = argv[i];
		else
			return usage();
	}
	if ((w->call && !call_id) || !listen_parse(text_of(ng), &at))
		return usage();
	return converse(&at, w, call_id);
}
