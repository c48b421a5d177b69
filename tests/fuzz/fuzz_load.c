/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a relay's answer to "statistics": each figure is one that can be, or unknown, and nothing is known of no answer. */
#include "live/live.h"
#include "live/relays.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define COOKIE "aeta_0123456789abcdef"
#define ANSWER_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

static void check_figure(const struct live_load *load, long figure)
{
	must(figure == LIVE_UNKNOWN || (figure >= 0 && load->answered));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] = COOKIE " ";
	static char bytes[ANSWER_MAX];
	const size_t n = sizeof(begin) - 1;
	struct live_load load = {.url = "udp:127.0.0.1:2223"};

	if (size > sizeof(bytes) - n)
		return 0;
	live_load_parse((const char *)data, size, COOKIE, &load); /* hardly ever an answer to this question */
	memcpy(bytes, begin, n);
	memcpy(bytes + n, data, size);
	if (!live_load_parse(bytes, n + size, COOKIE, &load)) {
		must(size == 0);
		return 0;
	}
	check_figure(&load, load.calls);
	check_figure(&load, load.packets_s);
	check_figure(&load, load.bytes_s);
	check_figure(&load, load.uptime_s);
	check_figure(&load, load.ports);
	check_figure(&load, load.ports_used);
	must((load.ports == LIVE_UNKNOWN) == (load.ports_used == LIVE_UNKNOWN));
	return 0;
}
