/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SERVICE.md C2, C6: addresses and their scope, and where an SDP asks for its media. */
#include "suites.h"

#include <stdio.h>
#include <string.h>

#include "policy/media_sdp.h"

static enum aeta_scope scope_of(const char *s)
{
	struct aeta_address a = aeta_address_parse(s, strlen(s), 0);

	return aeta_address_scope(&a);
}

START_TEST(scopes)
{
	static const struct {
		const char *text;
		enum aeta_scope scope;
	} rows[] = {
		{"", AETA_SCOPE_NONE}, {"0.0.0.0", AETA_SCOPE_UNSPECIFIED}, {"::", AETA_SCOPE_UNSPECIFIED},
		{"127.0.0.1", AETA_SCOPE_LOOPBACK}, {"127.255.255.254", AETA_SCOPE_LOOPBACK}, {"::1", AETA_SCOPE_LOOPBACK},
		{"[::1]", AETA_SCOPE_LOOPBACK}, {"128.0.0.1", AETA_SCOPE_PUBLIC}, {"126.255.255.255", AETA_SCOPE_PUBLIC},
		{"10.0.0.0", AETA_SCOPE_PRIVATE}, {"10.255.255.255", AETA_SCOPE_PRIVATE}, {"9.255.255.255", AETA_SCOPE_PUBLIC},
		{"11.0.0.0", AETA_SCOPE_PUBLIC}, {"172.16.0.0", AETA_SCOPE_PRIVATE}, {"172.31.255.255", AETA_SCOPE_PRIVATE},
		{"172.15.255.255", AETA_SCOPE_PUBLIC}, {"172.32.0.0", AETA_SCOPE_PUBLIC}, {"192.168.0.0", AETA_SCOPE_PRIVATE},
		{"192.168.255.255", AETA_SCOPE_PRIVATE}, {"192.167.255.255", AETA_SCOPE_PUBLIC}, {"192.169.0.0", AETA_SCOPE_PUBLIC},
		{"100.64.0.0", AETA_SCOPE_PRIVATE}, {"100.127.255.255", AETA_SCOPE_PRIVATE}, {"100.63.255.255", AETA_SCOPE_PUBLIC},
		{"100.128.0.0", AETA_SCOPE_PUBLIC}, {"169.254.1.1", AETA_SCOPE_PRIVATE}, {"169.253.1.1", AETA_SCOPE_PUBLIC},
		{"fc00::1", AETA_SCOPE_PRIVATE}, {"fdff::1", AETA_SCOPE_PRIVATE}, {"fbff::1", AETA_SCOPE_PUBLIC},
		{"fe00::1", AETA_SCOPE_PUBLIC}, {"fe80::1", AETA_SCOPE_PRIVATE}, {"fe80::1%eth0", AETA_SCOPE_PRIVATE},
		{"[fe80::1%eth0]", AETA_SCOPE_PRIVATE}, {"febf::1", AETA_SCOPE_PRIVATE}, {"fec0::1", AETA_SCOPE_PUBLIC},
		{"2001:db8::1", AETA_SCOPE_PUBLIC}, {"::ffff:10.0.0.1", AETA_SCOPE_PRIVATE}, {"::ffff:192.0.2.1", AETA_SCOPE_PUBLIC},
		{"phone.example", AETA_SCOPE_NAME}, {"10.0.0", AETA_SCOPE_NAME}, {"10.0.0.256", AETA_SCOPE_NAME},
		{"10.0.0.1.", AETA_SCOPE_NAME}, {"[10.0.0.1", AETA_SCOPE_NAME}, {"1:2", AETA_SCOPE_NAME}, {"[]", AETA_SCOPE_NAME},
		{"2001:db8:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:00001", AETA_SCOPE_NAME},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(scope_of(rows[i].text) == rows[i].scope, "%s: %d", rows[i].text, scope_of(rows[i].text));
}
END_TEST

START_TEST(same_address)
{
	static const char *const same[][2] = {{"192.0.2.1", "192.0.2.1"}, {"::ffff:192.0.2.1", "192.0.2.1"},
			{"2001:DB8::1", "[2001:db8:0::1]"}};
	static const char *const other[][2] = {{"192.0.2.1", "192.0.2.2"}, {"a.example", "a.example"}, {"", ""}, {"192.0.2.1", ""},
			{"::1", "127.0.0.1"}};

	for (size_t i = 0; i < 8; i++) {
		const char *const *pair = i < 3 ? same[i] : other[i - 3];
		struct aeta_address a = aeta_address_parse(pair[0], strlen(pair[0]), 1), b = aeta_address_parse(pair[1], strlen(pair[1]), 2);

		ck_assert_msg(aeta_address_same(&a, &b) == (i < 3), "%s, %s", pair[0], pair[1]);
	}
	ck_assert_int_eq(aeta_address_parse("a\0b", 3, 7).family, AETA_FAMILY_NAME);
	ck_assert_uint_eq(aeta_address_parse("a", 1, 5060).port, 5060);
	ck_assert_int_eq(aeta_address_of((const uint8_t *)"12345", 5, 1).family, AETA_FAMILY_NONE);
}
END_TEST

/* "address*" for a place of the media's own, "address" for the session's; then streams, and ? for unreadable. */
static void describe(const char *sdp, char *out, size_t size)
{
	struct aeta_sdp s;
	size_t n = 0;

	aeta_sdp_read(sdp, strlen(sdp), &s);
	out[0] = '\0';
	for (unsigned i = 0; i < s.count; i++) {
		const uint8_t *b = s.places[i].address.bytes;

		if (s.places[i].address.family == AETA_FAMILY_IP4)
			n += (size_t)snprintf(out + n, size - n, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
		else
			n += (size_t)snprintf(out + n, size - n, s.places[i].address.family == AETA_FAMILY_IP6 ? "v6" : "name");
		n += (size_t)snprintf(out + n, size - n, "%s ", s.places[i].own ? "*" : "");
	}
	snprintf(out + n, size - n, "%u%s", s.streams, s.unreadable ? "?" : "");
}

#define HEAD "v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\n"

START_TEST(places)
{
	static const struct {
		const char *sdp, *found;
	} rows[] = {
		{HEAD "c=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 9000 RTP/AVP 0\r\n", "192.0.2.1 1"},
		{HEAD "c=IN IP4 10.0.0.9\r\nt=0 0\r\nm=audio 9000 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\na=x\r\n", "192.0.2.1* 1"},
		{HEAD "c=IN IP4 10.0.0.9\nm=audio 9000 RTP/AVP 0\nc=IN IP4 192.0.2.1\nm=audio 9002 RTP/AVP 0\n", "192.0.2.1* 10.0.0.9 2"},
		{HEAD "c=IN IP4 192.0.2.1\r\nm=audio 9000 RTP/AVP 0\r\nm=audio 9000 RTP/AVP 8", "192.0.2.1 2"},
		{HEAD "m=audio 9000 RTP/AVP 0\r\n", "1?"},
		{HEAD "m=audio 0 RTP/AVP 0\r\n", "0"},
		{HEAD "m=audio 00 RTP/AVP 0\r\nc=IN IP4 10.0.0.1\r\n", "0"},
		{HEAD "c=IN IP4 192.0.2.1/127\r\nm=video 9000/2 RTP/AVP 0\r\n", "192.0.2.1 1"},
		{HEAD "c=IN IP6 2001:db8::1\r\nm=audio 9 RTP/AVP 0\r\n", "v6 1"},
		{HEAD "c=IN IP4 2001:db8::1\r\nm=audio 9 RTP/AVP 0\r\n", "1?"},
		{HEAD "c=IN IP4 studio.example\r\nm=audio 9 RTP/AVP 0\r\n", "name 1"},
		{HEAD "c=IN IP4\r\nm=audio 9 RTP/AVP 0\r\n", "1?"},
		{HEAD "c=TN RFC2543 1\r\nm=audio 9 RTP/AVP 0\r\n", "1?"},
		{HEAD "c=IN IP4 0.0.0.0\r\nm=audio 9 RTP/AVP 0\r\n", "0.0.0.0 1"},
		{HEAD "c=IN IP4 192.0.2.1\r\nm=audio\r\n", "0?"},
		{HEAD "c=IN IP4 192.0.2.1\r\nm=\r\n", "0?"},
		{HEAD "m=audio 9 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\nc=IN IP4 192.0.2.2\r\n", "192.0.2.1* 192.0.2.2* 1"},
		{"c=IN IP4 10.0.0.1", "0"}, {"", "0"}, {"\n\n\r\n", "0"}, {"m", "0"}, {"m=", "0?"},
	};
	char out[256];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		describe(rows[i].sdp, out, sizeof(out));
		ck_assert_msg(strcmp(out, rows[i].found) == 0, "%s\nis %s, not %s", rows[i].sdp, out, rows[i].found);
	}
}
END_TEST

START_TEST(many_places)
{
	char sdp[2048] = HEAD;
	struct aeta_sdp s;

	for (unsigned i = 1; i <= AETA_SDP_PLACES + 1; i++) {
		size_t n = strlen(sdp);

		aeta_sdp_read(sdp, n, &s);
		ck_assert(!s.unreadable && s.count == i - 1);
		snprintf(sdp + n, sizeof(sdp) - n, "m=audio 9 RTP/AVP 0\r\nc=IN IP4 192.0.2.%u\r\n", i);
		snprintf(sdp + strlen(sdp), sizeof(sdp) - strlen(sdp), "m=audio 9 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\n");
	}
	aeta_sdp_read(sdp, strlen(sdp), &s);
	ck_assert(s.unreadable && s.count == AETA_SDP_PLACES && s.streams == 2 * (AETA_SDP_PLACES + 1));
}
END_TEST

START_TEST(session_address)
{
	struct aeta_sdp s;
	static const char origin[] = "v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\nm=audio 9 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\n";
	static const char connection[] = HEAD "c=IN IP4 192.0.2.2\r\n";

	aeta_sdp_read(origin, sizeof(origin) - 1, &s);
	ck_assert(s.session.family == AETA_FAMILY_IP4 && s.session.bytes[0] == 10 && s.present);
	aeta_sdp_read(connection, sizeof(connection) - 1, &s);
	ck_assert(s.session.bytes[3] == 2);
	aeta_sdp_read(NULL, 0, &s);
	ck_assert(!s.present);
}
END_TEST

/* Cut anywhere, in memory that ends there: nothing is read beyond (the sanitizer looks). */
START_TEST(truncated)
{
	static const char sdp[] = HEAD "c=IN IP6 2001:db8::1/1\r\nm=audio 9000/2 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\n";
	struct aeta_sdp s;

	for (size_t len = 0; len < sizeof(sdp); len++) {
		char cut[sizeof(sdp)];

		memset(cut, '9', sizeof(cut));
		memcpy(cut + sizeof(cut) - len, sdp, len);
		aeta_sdp_read(cut + sizeof(cut) - len, len, &s);
		ck_assert_uint_le(s.count, 2);
	}
}
END_TEST

Suite *media_sdp_suite(void)
{
	const TTest *const tests[] = {scopes, same_address, places, many_places, session_address, truncated, NULL};

	return suite_of("media sdp", tests);
}
