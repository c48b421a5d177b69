/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE /* memmem() */
#include "suites.h"

#include "policy/mask.h"

#include <stdio.h>
#include <string.h>

static char masked[2048];

/* The message of these lines after a start line, masked. */
static const char *mask(const char *lines)
{
	size_t len = (size_t)snprintf(masked, sizeof(masked), "REGISTER sip:sip.example.com SIP/2.0\r\n%s", lines);

	aeta_mask(masked, len);
	ck_assert_uint_eq(strlen(masked), len);
	return strstr(masked, "\r\n") + 2;
}

#define MASKED(before, after) ck_assert_str_eq(mask(before), after)
#define KEPT(lines)           ck_assert_str_eq(mask(lines), lines)

START_TEST(only_harmless_parameters_stay)
{
	MASKED("Authorization: Digest username=\"45675001\", realm=\"aeta\", nonce=\"ab\\\"c,d\", uri=\"sip:a\", qop=auth, nc=1, "
		   "cnonce=\"12\", response=\"0123456789abcdef\", opaque=\"o\"\r\n\r\n",
			"Authorization: Digest username=\"45675001\", realm=\"aeta\", nonce=xxxxxxxxx, uri=\"sip:a\", qop=auth, nc=1, "
			"cnonce=xxxx, response=xxxxxxxxxxxxxxxxxx, opaque=\"o\"\r\n\r\n");
}
END_TEST

START_TEST(however_it_is_written)
{
	static const char *const ways[] = {
			"Authorization: Digest response=\"SECRET\"\r\n\r\n",
			"PROXY-AUTHORIZATION \t:  digest  RESPONSE = \"SECRET\"\r\n\r\n",
			"Authorization: Digest realm=\"a\",\r\n response\r\n\t=\r\n \"SECRET\"\r\n\r\n",
			"Authorization: Digest realm=\"a\" response=\"SECRET\"\r\n\r\n",
			"Authorization: Digest realm=\"a,response=\"SECRET\"\r\n\r\n",
			"Authorization: Digest x=\"a\\\",response=\"SECRET\"\r\n\r\n",
			"Authorization: Digest response=\"SECRET\n\n",
			"Authorization:Digest response=SECRET\n\n",
			"Authorization: Basic SECRET\r\n\r\n",
			"Authorization: SECRET\r\n\r\n",
			"Authorization: Digest SECRET\r\n\r\n",
			"Authentication-Info: rspauth=\"SECRET\", nextnonce=\"SECRET\"\r\n\r\n",
			"X-Note: a\rAuthorization: Digest response=\"SECRET\"\r\n\r\n",
			"Refer-To: <sip:a@b?Authorization=Digest%20response%3DSECRET>\r\n\r\n",
			"X-Aeta-Own: udp:127.0.0.1|SECRET\r\n\r\n",
			"To: <sip:45675001:SECRET@sip.example.com>\r\n\r\n",
			"To: SIPS:45675001:SECRET@sip.example.com\r\n\r\n",
			"Content-Type: text/plain\r\n\r\nSECRET\r\n",
			"Subject: no type\r\n\r\nSECRET",
			"Content-Type: application/sdp\r\nContent-Encoding: gzip\r\n\r\nSECRET",
			"Content-Type: application/sdp\r\nc: text/plain\r\n\r\nSECRET",
			"c: application/sdpx\r\n\r\nSECRET",
			"c: application/sdp\r\n\r\nv=0\r\nk=clear:SECRET\r\na=crypto:1 AES_CM_128 inline:SECRET\r\na=ice-pwd:SECRET",
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		ck_assert_msg(!strstr(mask(ways[i]), "SECRET"), "way %zu: %s", i, masked);
}
END_TEST

START_TEST(what_is_no_secret_stays)
{
	KEPT("WWW-Authenticate: Digest realm=\"aeta\", nonce=\"abc\", stale=true\r\nContent-Length: 0\r\n\r\n");
	KEPT("From: \"A:B@C\" <sip:45675001@sip.example.com:5060>;tag=1\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1\r\n\r\n");
	KEPT("Content-Type: Application/SDP; charset=utf-8\r\n\r\nv=0\r\nc=IN IP4 10.0.0.1\r\na=rtpmap:8 PCMA/8000\r\n");
}
END_TEST

START_TEST(zero_bytes_hide_nothing)
{
	char message[] = "REGISTER sip:a SIP/2.0\r\nUser-Agent: a\0b\r\nTo: <sip:1:SEC\0RET@a>\r\n"
					 "Authorization: Digest a=\"\0\", response=\"SECRET\"\r\n\r\n";
	const size_t len = sizeof(message) - 1;

	aeta_mask(message, len);
	ck_assert_ptr_null(memmem(message, len, "SECRET", 6));
	ck_assert_ptr_null(memmem(message, len, "SEC", 3));
	ck_assert_ptr_nonnull(memmem(message, len, "User-Agent: a\0b", 15));
}
END_TEST

Suite *mask_suite(void)
{
	const TTest *const tests[] = {
			only_harmless_parameters_stay, however_it_is_written, what_is_no_secret_stays, zero_bytes_hide_nothing, NULL};

	return suite_of("masks", tests);
}
