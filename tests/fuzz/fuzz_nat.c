/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any datagram may come to the ports of the probes, and any Contact is written into one: what is read, written and read again. */
#include "policy/nat_probe.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

/* A copy of its own size, so that a byte read beyond it is seen. */
static char *copy(const uint8_t *data, size_t size)
{
	char *s = malloc(size ? size : 1);

	must(s != NULL);
	if (size)
		memcpy(s, data, size);
	return s;
}

static void read_it(const char *s, size_t len)
{
	struct aeta_probe_answer a;

	if (!aeta_probe_read(s, len, &a))
		return;
	must(a.code >= 100 && a.code < 700 && a.kind < AETA_PROBE_KINDS);
	must(len >= AETA_PROBE_BRANCH_LEN && memcmp(s, "SIP/2.0 ", 8) == 0);
}

/* Nothing of a Contact ends a line of a probe: there are eight, and an empty one. */
static void write_it(const char *uri, size_t len)
{
	char out[AETA_PROBE_MAX];
	uint8_t server[4] = {198, 51, 100, 10}, other[4] = {198, 51, 100, 11};
	struct aeta_probe_text t = {.kind = AETA_PROBE_ADDRESS, .token = 0xfedcba9876543210u, .uri = uri, .uri_len = len,
			.from = aeta_address_of(server, 4, 5060), .answer = aeta_address_of(other, 4, 5072)};
	size_t n = aeta_probe_write(&t, out, sizeof(out)), lines = 0;

	must((n > 0) == aeta_probe_uri(uri, len));
	for (size_t i = 0; i < n; i++)
		lines += out[i] == '\n';
	must(n == 0 || (lines == 9 && memcmp(out + n - 4, "\r\n\r\n", 4) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = copy(data, size);

	read_it(s, size);
	write_it(s, size);
	free(s);
	return 0;
}
