/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "address.h"

#include <arpa/inet.h>
#include <stdio.h>

/* inet_pton() wants a string of its own. */
static bool copied(struct text t, char out[ADDRESS_TEXT_MAX])
{
	if (t.n == 0 || t.n >= ADDRESS_TEXT_MAX || memchr(t.s, 0, t.n))
		return false;
	memcpy(out, t.s, t.n);
	out[t.n] = 0;
	return true;
}

static void unmapped(struct address *a)
{
	static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	if (memcmp(a->bytes, prefix, sizeof(prefix)) != 0)
		return;
	memmove(a->bytes, a->bytes + 12, 4);
	memset(a->bytes + 4, 0, 12);
	a->family = 4;
}

bool address_parse(struct text t, struct address *out)
{
	char s[ADDRESS_TEXT_MAX];
	bool bracketed = t.n > 2 && t.s[0] == '[' && t.s[t.n - 1] == ']';

	if (bracketed)
		t = (struct text){t.s + 1, t.n - 2};
	memset(out, 0, sizeof(*out));
	if (!copied(t, s))
		return false;
	if (!bracketed && inet_pton(AF_INET, s, out->bytes) == 1) {
		out->family = 4;
		return true;
	}
	if (inet_pton(AF_INET6, s, out->bytes) != 1) {
		memset(out, 0, sizeof(*out));
		return false;
	}
	out->family = 6;
	unmapped(out);
	return true;
}

/* inet_ntop() goes through printf(), and each reply has several addresses. */
static size_t format_v4(const uint8_t bytes[4], char out[ADDRESS_TEXT_MAX])
{
	size_t n = text_write_number(out, bytes[0]);

	for (unsigned i = 1; i < 4; i++) {
		out[n++] = '.';
		n += text_write_number(out + n, bytes[i]);
	}
	out[n] = 0;
	return n;
}

size_t address_format(const struct address *a, char out[ADDRESS_TEXT_MAX])
{
	if (a->family == 4)
		return format_v4(a->bytes, out);
	out[0] = 0;
	if (a->family)
		inet_ntop(AF_INET6, a->bytes, out, ADDRESS_TEXT_MAX);
	return strlen(out);
}

size_t endpoint_format(const struct endpoint *e, char out[ENDPOINT_TEXT_MAX])
{
	char address[ADDRESS_TEXT_MAX];

	address_format(&e->address, address);
	return (size_t)snprintf(out, ENDPOINT_TEXT_MAX, e->address.family == 6 ? "[%s]:%u" : "%s:%u", address, e->port);
}

bool address_is_any(const struct address *a)
{
	static const uint8_t zero[16];

	return a->family && memcmp(a->bytes, zero, sizeof(zero)) == 0;
}
