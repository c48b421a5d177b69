/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the relay's daemon reads from strangers by itself: requests in a stream of bytes, and the names that recordings are to have.
 * A request is found where the whole is there, and never in less of it; a name never leads out of its root.
 */
#include "bencode_span.h"
#include "net_address.h"
#include "recording_path.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void stream(struct text t)
{
	ssize_t n = bencode_span(t);

	if (n > (ssize_t)t.n)
		abort();
	if (n <= 0)
		return;
	for (ssize_t i = 0; i < n && n < 2000; i++)
		if (bencode_span((struct text){t.s, (size_t)i}) != 0)
			abort();
}

static void name(struct text t)
{
	struct text file = text_until(&t, '\n'), directory = text_until(&t, '\n'), pattern = text_until(&t, '\n');
	char out[RECORDING_PATH_MAX];
	const struct tm now = {.tm_year = 126, .tm_mday = 1};
	struct text rest;

	if (recording_path(out, "/var/rec", file, directory, pattern, t, 1, &now) != 0)
		return;
	rest = text_of(out);
	if (rest.n == 0 || rest.n >= RECORDING_PATH_MAX)
		abort();
	while (rest.n) {
		struct text part = text_until(&rest, '/');

		if (part.n == 0 || text_is(part, ".") || text_is(part, ".."))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text t = {(const char *)data, size};
	struct network n;
	struct endpoint e;

	stream(t);
	name(t);
	network_parse(t, &n);
	listen_parse(t, &e);
	return 0;
}
