/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the relay's daemon that only compute: streams of requests, networks, names of recordings, pcap, the ring, options. */
#include "relay_suites.h"

#include "bencode_span.h"
#include "net_address.h"
#include "options.h"
#include "pcap.h"
#include "recording_path.h"
#include "ring.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

START_TEST(a_dictionary_is_found_at_its_last_byte_and_not_before)
{
	static const char all[] = "d7:command5:offer1:ni-42e4:listl1:ai0ed1:x0:ee3:sdp10:i1e:de: lde";
	size_t n = sizeof(all) - 1;

	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(bencode_span((struct text){all, i}), 0);
	ck_assert_int_eq(bencode_span((struct text){all, n}), (ssize_t)n);
	ck_assert_int_eq(bencode_span(TEXT("d1:xi1eed1:y")), 8);
}
END_TEST

START_TEST(what_can_be_no_dictionary_is_told_at_once)
{
	static const char *const bad[] = {"x", "i1e", "l", "d1x", "d-", "dx", "di1x", "d1234567:", "d131073:",
		"d1:ai--1e", "d1:ai123456789012345678901234e"};
	char deep[200];

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(bencode_span(text_of(bad[i])) == -1, "%s", bad[i]);
	memset(deep, 'l', sizeof(deep));
	deep[0] = 'd';
	ck_assert_int_eq(bencode_span((struct text){deep, sizeof(deep)}), -1);
	ck_assert_int_eq(bencode_span(TEXT("d131000:")), 0);
}
END_TEST

static bool in(const char *network, const char *address)
{
	struct network n;
	struct address a;

	ck_assert_msg(network_parse(text_of(network), &n), "%s", network);
	ck_assert(address_parse(text_of(address), &a));
	return network_contains(&n, &a);
}

START_TEST(networks_hold_their_addresses_alone)
{
	static const char *const bad[] = {"", "x", "10.0.0.0/33", "10.0.0.1/8", "::/129", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/-1"};
	struct network n;

	ck_assert(in("10.0.0.0/8", "10.255.0.1") && !in("10.0.0.0/8", "11.0.0.0"));
	ck_assert(in("192.0.2.128/25", "192.0.2.128") && !in("192.0.2.128/25", "192.0.2.127"));
	ck_assert(in("192.0.2.7", "192.0.2.7") && !in("192.0.2.7", "192.0.2.6"));
	ck_assert(in("0.0.0.0/0", "203.0.113.9") && !in("0.0.0.0/0", "::1"));
	ck_assert(in("2001:db8::/33", "2001:db8:7fff::1") && !in("2001:db8::/33", "2001:db8:8000::1"));
	ck_assert(in("::/0", "fe80::1") && !in("::/0", "127.0.0.1"));
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!network_parse(text_of(bad[i]), &n) || i == 5, "%s", bad[i]);
}
END_TEST

START_TEST(addresses_are_written_as_they_were_read)
{
	static const char *const texts[] = {"0.0.0.0", "1.20.255.9", "10.99.100.101", "255.255.255.255", "::1", "2001:db8::7"};

	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char text[ADDRESS_TEXT_MAX];
		struct address a;

		ck_assert(address_parse(text_of(texts[i]), &a));
		ck_assert_uint_eq(address_format(&a, text), strlen(texts[i]));
		ck_assert_str_eq(text, texts[i]);
	}
}
END_TEST

START_TEST(places_to_listen)
{
	static const struct {
		const char *said, *means;
	} good[] = {{"2223", "127.0.0.1:2223"}, {"localhost:1", "127.0.0.1:1"}, {"192.0.2.1:65535", "192.0.2.1:65535"},
		{"[::1]:80", "[::1]:80"}};
	static const char *const bad[] = {"", "0", "65536", "x", "192.0.2.1", "::1", "::1:80", "host:80", "[::1]", ":80", "1.2.3.4:"};
	char text[ENDPOINT_TEXT_MAX];
	struct endpoint e;

	for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert(listen_parse(text_of(good[i].said), &e));
		endpoint_format(&e, text);
		ck_assert_str_eq(text, good[i].means);
	}
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!listen_parse(text_of(bad[i]), &e), "%s", bad[i]);
}
END_TEST

/* The path, or "-errno". */
static const char *path(const char *file, const char *directory, const char *pattern, const char *call)
{
	static char out[RECORDING_PATH_MAX + 8];
	const struct tm now = {.tm_year = 126, .tm_mon = 0, .tm_mday = 2, .tm_hour = 3, .tm_min = 4, .tm_sec = 5};
	int rc = recording_path(out, "/var/rec/", text_of(file), text_of(directory), text_of(pattern), text_of(call), 0xabc, &now);

	if (rc)
		snprintf(out, sizeof(out), "%d", rc);
	return out;
}

START_TEST(names_of_recordings_stay_below_their_root)
{
	char perm[8];

	snprintf(perm, sizeof(perm), "%d", -EPERM);
	ck_assert_str_eq(path("", "", "%c-%r", "a@b"), "a@b-0000000000000abc.pcap");
	ck_assert_str_eq(path("", "", "%Y/%m/%d/%H%M%S%%%x%", "a"), "2026/01/02/030405%x%.pcap");
	ck_assert_str_eq(path("", "", "%c", "../../etc/passwd"), "%2E.%2F..%2Fetc%2Fpasswd.pcap");
	ck_assert_str_eq(path("", "", "%c", ".."), "%2E..pcap");
	ck_assert_str_eq(path("x.pcap", "a//b/./", "%c", "c"), "a/b/x.pcap");
	ck_assert_str_eq(path("/var/rec/sub/x", "", "%c", "c"), "sub/x");
	ck_assert_str_eq(path("", "/var/rec", "p", "c"), "p.pcap");
	ck_assert_str_eq(path("/var/recx/y", "", "%c", "c"), perm);
	ck_assert_str_eq(path("/etc/x", "", "%c", "c"), perm);
	ck_assert_str_eq(path("/var/rec/../x", "", "%c", "c"), perm);
	ck_assert_str_eq(path("..", "", "%c", "c"), perm);
	ck_assert_str_eq(path("", "a/../..", "%c", "c"), perm);
	ck_assert_str_eq(path("", "", "../%c", "c"), perm);
	ck_assert_int_eq(atoi(path("/", "", "%c", "c")), -EPERM);
	ck_assert_int_eq(atoi(path("./.", "", "%c", "c")), -EINVAL);
}
END_TEST

START_TEST(a_packet_in_a_pcap)
{
	/* Worked out by hand: 192.0.2.1:5004 to 192.0.2.2:5006, three bytes. */
	static const uint8_t wanted[] = {0x45, 0, 0, 31, 0, 0, 0x40, 0, 64, 17, 0xb6, 0xca, 192, 0, 2, 1, 192, 0, 2, 2,
		0x13, 0x8c, 0x13, 0x8e, 0, 11, 0x90, 0x57, 'a', 'b', 'c'};
	struct endpoint from, to;
	uint8_t out[PCAP_HEADERS_MAX];
	uint32_t record[4];
	size_t n;

	ck_assert(listen_parse(TEXT("192.0.2.1:5004"), &from) && listen_parse(TEXT("192.0.2.2:5006"), &to));
	n = pcap_packet_headers(out, false, 1700000000123456, &from, &to, (const uint8_t *)"abc", 3);
	ck_assert_uint_eq(n, 16 + 28);
	memcpy(record, out, sizeof(record));
	ck_assert_uint_eq(record[0], 1700000000);
	ck_assert_uint_eq(record[1], 123456);
	ck_assert_uint_eq(record[2], 31);
	ck_assert_mem_eq(out + 16, wanted, 28);
}
END_TEST

#define MESSAGES 200000u

static void *reader(void *argument)
{
	struct ring *r = argument;

	for (unsigned i = 0; i < MESSAGES;) {
		size_t n;
		unsigned char *m = ring_peek(r, &n);

		if (!m)
			continue;
		if (n != i % 700 + 1 || m[0] != (unsigned char)i || m[n - 1] != (unsigned char)i)
			return argument;
		ring_taken(r, n);
		i++;
	}
	return NULL;
}

START_TEST(messages_between_threads_keep_order_and_bytes)
{
	struct ring r;
	pthread_t thread;
	void *said;

	ck_assert_int_eq(ring_init(&r, 5000), 0);
	ck_assert_uint_eq(r.size, 8192);
	pthread_create(&thread, NULL, reader, &r);
	for (unsigned i = 0; i < MESSAGES;) {
		size_t n = i % 700 + 1;
		unsigned char *m = ring_room(&r, n, 0);

		if (!m)
			continue;
		memset(m, (int)i, n);
		ring_send(&r, n);
		i++;
	}
	pthread_join(thread, &said);
	ck_assert_msg(!said, "a message came otherwise than it was sent");
	ck_assert_ptr_null(ring_room(&r, 8192, 0));
	ck_assert_ptr_nonnull(ring_room(&r, 100, 4000));
	ck_assert_ptr_null(ring_room(&r, 100, 8192));
	ring_free(&r);
}
END_TEST

START_TEST(every_option_reads_its_own_default)
{
	struct options o;
	char error[OPTIONS_ERROR_MAX];
	char option[] = "--config-file=none", *none[] = {option, NULL};

	ck_assert_int_eq(options_read(&o, 1, none, error), 0);
	ck_assert_int_eq(o.port_min, 55004);
	ck_assert_int_eq(o.port_max, 55999);
	ck_assert_int_eq(o.tos, -1);
	ck_assert_uint_eq(o.listen_ng.n, 1);
	options_free(&o);
	for (unsigned i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];

		ck_assert_ptr_eq(options_find(text_of(row->name)), row);
		ck_assert_msg(row->text && row->text[0], "%s", row->name);
		for (unsigned k = 0; k < i; k++)
			ck_assert_msg(!row->letter || row->letter != option_rows[k].letter, "-%c", row->letter);
	}
}
END_TEST

Suite *shell_suite(void)
{
	const TTest *const tests[] = {a_dictionary_is_found_at_its_last_byte_and_not_before, what_can_be_no_dictionary_is_told_at_once,
		networks_hold_their_addresses_alone, addresses_are_written_as_they_were_read, places_to_listen,
		names_of_recordings_stay_below_their_root, a_packet_in_a_pcap,
		messages_between_threads_keep_order_and_bytes, every_option_reads_its_own_default, NULL};

	return suite_of("the relay's daemon", tests);
}
