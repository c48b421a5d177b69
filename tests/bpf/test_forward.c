/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is forwarded, byte for byte, by both programs and in every combination of families. */
#include "scene.h"
#include "suites.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <string.h>

/* check's loop tests: _i is 0..3, a combination of families. */
#define IN6  ((_i & 1) != 0)
#define OUT6 ((_i & 2) != 0)

START_TEST(headers_are_rewritten)
{
	struct scene s = scene(IN6, OUT6);

	scene_check_forwarded(&s);
}
END_TEST

START_TEST(every_length_and_content)
{
	struct scene s = scene(IN6, OUT6);
	uint64_t state = 4242;

	for (size_t n = 12; n <= 1440; n += n < 64 ? 1 : 37) {
		s.in.n = n;
		packet_random_bytes(&state, s.in.payload + 12, n - 12);
		s.in.payload[1] = (uint8_t)(packet_random(&state) % 64);
		memcpy(s.in.payload + 8, "\x11\x22\x33\x44", 4);
		scene_check_forwarded(&s);
	}
}
END_TEST

START_TEST(the_lifetime_goes_down_to_one)
{
	struct scene s = scene(IN6, OUT6);

	s.in.ttl = 2;
	scene_check_forwarded(&s);
	s.in.ttl = 255;
	scene_check_forwarded(&s);
}
END_TEST

START_TEST(dscp_is_set_and_ecn_is_kept)
{
	struct scene s = scene(IN6, OUT6);

	s.flow.flags |= FLOW_SET_DSCP;
	for (unsigned tos = 0; tos < 256; tos++) {
		s.flow.tos = (uint8_t)(255 - tos);
		s.in.tos = (uint8_t)tos;
		scene_install(&s);
		scene_check_forwarded(&s);
	}
}
END_TEST

START_TEST(another_interface_is_redirected_to)
{
	struct scene s = scene(IN6, OUT6);
	uint32_t key = ELSEWHERE, loopback = LOOPBACK;

	ck_assert_int_eq(bpf_map_update_elem(s.programs->devices, &key, &loopback, BPF_ANY), 0);
	s.flow.ifindex = ELSEWHERE;
	scene_install(&s);
	scene_check_forwarded(&s);
	ck_assert_int_eq(bpf_map_delete_elem(s.programs->devices, &key), 0);
}
END_TEST

START_TEST(an_unfinished_checksum_is_finished)
{
	struct scene s = scene(IN6, OUT6);
	uint64_t state = 77;

	s.in.sum = SUM_PARTIAL;
	for (size_t n = 12; n <= 1452; n++) {
		s.in.n = n;
		packet_random_bytes(&state, s.in.payload + 12, n - 12);
		scene_check_forwarded(&s);
	}
}
END_TEST

START_TEST(no_checksum_stays_none)
{
	struct scene s = scene(false, false);

	s.in.sum = SUM_NONE;
	scene_check_forwarded(&s);
}
END_TEST

/* Of all values of the last two bytes there is one for which the sum that leaves is 0, which is written as 0xffff. */
START_TEST(a_sum_of_zero_is_written_as_ones)
{
	struct scene s = scene(IN6, OUT6);
	unsigned ones = 0;

	for (unsigned i = 0; i < 65536; i++) {
		struct shape e;
		uint8_t bytes[PACKET_MAX];
		size_t at = 14 + (OUT6 ? 40 : 20) + 6;

		s.in.n = 14;
		s.in.payload[12] = (uint8_t)(i >> 8);
		s.in.payload[13] = (uint8_t)i;
		e = scene_expected(&s);
		packet_write(&e, bytes);
		if (bytes[at] != 0xff || bytes[at + 1] != 0xff)
			continue;
		ones++;
		scene_check_forwarded(&s);
	}
	ck_assert_uint_eq(ones, 1);
}
END_TEST

START_TEST(csrcs_and_an_extension)
{
	struct scene s = scene(IN6, OUT6);

	for (unsigned sources = 0; sources < 16; sources++) {
		s.in.payload[0] = (uint8_t)(0x80 | sources);
		scene_check_forwarded(&s);
		s.in.payload[0] = (uint8_t)(0x90 | sources);
		memcpy(s.in.payload + 12 + sources * 4, "\xbe\xde\x00\x02", 4);
		scene_check_forwarded(&s);
	}
}
END_TEST

START_TEST(rtcp_on_its_own_port)
{
	struct scene s = scene(IN6, OUT6);

	s.flow.flags = (uint16_t)((s.flow.flags & ~FLOW_RTP) | FLOW_RTCP);
	scene_install(&s);
	memcpy(s.in.payload, "\x80\xc8\x00\x06\x11\x22\x33\x44", 8);
	s.in.n = 28;
	scene_check_forwarded(&s);
}
END_TEST

START_TEST(rtcp_beside_rtp)
{
	struct scene s = scene(IN6, OUT6);

	memcpy(s.in.payload, "\x81\xc9\x00\x07\x11\x22\x33\x44", 8);
	s.in.n = 32;
	scene_check_forwarded(&s);
}
END_TEST

START_TEST(any_datagram_of_another_transport)
{
	struct scene s = scene(IN6, OUT6);

	s.flow.flags &= (uint16_t)~FLOW_RTP;
	scene_install(&s);
	for (s.in.n = 1; s.in.n < 30; s.in.n++) {
		memset(s.in.payload, (int)s.in.n, s.in.n);
		scene_check_forwarded(&s);
	}
}
END_TEST

Suite *forward_suite(void)
{
	Suite *s = suite_create("forward");
	TCase *c = tcase_create("forward");
	const TTest *const tests[] = {headers_are_rewritten, every_length_and_content, the_lifetime_goes_down_to_one,
			dscp_is_set_and_ecn_is_kept, another_interface_is_redirected_to, an_unfinished_checksum_is_finished,
			a_sum_of_zero_is_written_as_ones, csrcs_and_an_extension, rtcp_on_its_own_port, rtcp_beside_rtp,
			any_datagram_of_another_transport};

	for (unsigned i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_loop_test(c, tests[i], 0, 4);
	tcase_add_test(c, no_checksum_stays_none);
	suite_add_tcase(s, c);
	return s;
}
