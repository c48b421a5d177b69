/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admin_suites.h"

#include "web/visitors.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define SIZE 100

static struct sockaddr_storage address(const char *text)
{
	struct sockaddr_storage all = {.ss_family = AF_INET6};
	struct sockaddr_in *four = (struct sockaddr_in *)(void *)&all;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)&all;

	if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1)
		return all;
	all.ss_family = AF_INET;
	ck_assert_int_eq(inet_pton(AF_INET, text, &four->sin_addr), 1);
	return all;
}

static bool has_room(struct visitors *v, const char *from)
{
	struct sockaddr_storage a = address(from);

	return visitors_has_room(v, (struct sockaddr *)&a);
}

static struct visitor *enter(struct visitors *v, const char *from, int fd, int64_t now)
{
	struct sockaddr_storage a = address(from);

	return visitors_enter(v, (struct sockaddr *)&a, fd, now);
}

/* The first address fills what its network may have; the second is of the same, the third is not. */
static const char *const nets[][3] = {
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"},
		{"192.0.2.1", "192.0.2.1", "192.0.2.2"},
		{"192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.2"},
		{"::ffff:192.0.2.1", "192.0.2.1", "::1"},
};

START_TEST(test_so_many_of_a_network)
{
	struct visitors *v = visitors_new(SIZE);
	struct visitor *one = NULL;

	for (int i = 0; i < VISITORS_PER_NET; i++) {
		ck_assert(has_room(v, nets[_i][1]));
		one = enter(v, nets[_i][0], -1, 0);
		ck_assert_ptr_nonnull(one);
	}
	ck_assert(!has_room(v, nets[_i][0]));
	ck_assert(!has_room(v, nets[_i][1]));
	ck_assert(has_room(v, nets[_i][2]));
	visitors_leave(v, one);
	ck_assert(has_room(v, nets[_i][1]));
	visitors_free(v);
}
END_TEST

START_TEST(test_more_than_there_is_room_for)
{
	struct visitors *v = visitors_new(1);
	struct visitor *one = enter(v, "::1", -1, 0);

	ck_assert_ptr_nonnull(one);
	ck_assert_ptr_null(enter(v, "192.0.2.1", -1, 0));
	visitors_theirs(v, NULL, 0);
	visitors_ours(v, NULL);
	visitors_leave(v, NULL);
	visitors_leave(v, one);
	ck_assert_ptr_eq(enter(v, "192.0.2.1", -1, 0), one);
	visitors_free(v);
}
END_TEST

/* Nothing to read yet: -1; shut down: 0. */
static ssize_t seen_by_peer(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_DONTWAIT);
}

START_TEST(test_a_request_takes_so_long_and_no_longer)
{
	struct visitors *v = visitors_new(SIZE);
	int slow[2], ours[2], again[2];
	struct visitor *one;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, slow) | socketpair(AF_UNIX, SOCK_STREAM, 0, ours) |
					socketpair(AF_UNIX, SOCK_STREAM, 0, again), 0);
	enter(v, "192.0.2.1", slow[0], 1000);
	visitors_ours(v, enter(v, "192.0.2.2", ours[0], 1000));
	one = enter(v, "192.0.2.3", again[0], 1000);
	visitors_ours(v, one);
	visitors_theirs(v, one, 1030);
	ck_assert_uint_eq(visitors_sweep(v, 1000 + VISITORS_SEND_MS - 1), 0);
	ck_assert_int_eq(seen_by_peer(slow[1]), -1);
	ck_assert_uint_eq(visitors_sweep(v, 1000 + VISITORS_SEND_MS), 1);
	ck_assert_int_eq(seen_by_peer(slow[1]), 0);
	ck_assert_int_eq(seen_by_peer(again[1]), -1);
	ck_assert_uint_eq(visitors_sweep(v, 1030 + VISITORS_SEND_MS), 1);
	ck_assert_int_eq(seen_by_peer(again[1]), 0);
	ck_assert_int_eq(seen_by_peer(ours[1]), -1);
	for (int i = 0; i < 2; i++)
		close(slow[i]), close(ours[i]), close(again[i]);
	visitors_free(v);
}
END_TEST

/* A TCP connection whose far end holds little that nobody reads: ends[0] is the server's. */
static void connect_pair(int ends[2])
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(at);
	int listens = socket(AF_INET, SOCK_STREAM, 0), little = 4096;

	ends[1] = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(setsockopt(ends[1], SOL_SOCKET, SO_RCVBUF, &little, sizeof(little)), 0);
	ck_assert_int_eq(bind(listens, (struct sockaddr *)&at, size) | listen(listens, 1), 0);
	ck_assert_int_eq(getsockname(listens, (struct sockaddr *)&at, &size), 0);
	ck_assert_int_eq(connect(ends[1], (struct sockaddr *)&at, size), 0);
	ends[0] = accept(listens, NULL, NULL);
	ck_assert_int_ge(ends[0], 0);
	close(listens);
}

/* Sends as much as goes, and has the other end take `to_read` bytes of it. */
static void pour(const int ends[2], size_t to_read)
{
	static char bytes[4096];
	ssize_t n;

	for (;;) {
		while (send(ends[0], bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
			;
		if (!to_read)
			return;
		n = recv(ends[1], bytes, to_read < sizeof(bytes) ? to_read : sizeof(bytes), 0);
		ck_assert_int_gt(n, 0);
		to_read -= (size_t)n;
	}
}

START_TEST(test_an_answer_is_taken_at_some_rate)
{
	struct visitors *v = visitors_new(SIZE);
	struct visitor *one;
	int ends[2], pair[2];

	connect_pair(ends);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	visitors_take(v, enter(v, "192.0.2.2", pair[0], 0), 0); /* nothing is known of it: left alone */
	one = enter(v, "192.0.2.1", ends[0], 0);
	visitors_take(v, one, 0);
	for (int i = 1; i <= 3; i++) { /* for hours, as long as some is taken */
		pour(ends, 2 * VISITORS_TAKE_BYTES);
		ck_assert_uint_eq(visitors_sweep(v, i * VISITORS_TAKE_MS - 1), 0);
		ck_assert_uint_eq(visitors_sweep(v, i * VISITORS_TAKE_MS), 0);
	}
	pour(ends, 0); /* it fills what the far end holds */
	ck_assert_uint_eq(visitors_sweep(v, 4 * VISITORS_TAKE_MS - 1), 0);
	ck_assert_uint_eq(visitors_sweep(v, 4 * VISITORS_TAKE_MS), 1);
	ck_assert_int_eq(send(ends[0], "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL), -1);
	ck_assert_uint_eq(visitors_sweep(v, 9 * VISITORS_TAKE_MS), 0);
	for (int i = 0; i < 2; i++)
		close(ends[i]), close(pair[i]);
	visitors_free(v);
}
END_TEST

START_TEST(test_whose_request_may_be_under_way)
{
	struct visitors *v = visitors_new(SIZE);
	struct visitor *one, *other;

	ck_assert(!visitors_expected(v, 1000));
	one = enter(v, "192.0.2.1", -1, 1000);
	other = enter(v, "192.0.2.2", -1, 1200);
	ck_assert(visitors_expected(v, 1000));
	visitors_ours(v, other);
	ck_assert(visitors_expected(v, 1000 + VISITORS_SOON_MS - 1));
	ck_assert(!visitors_expected(v, 1000 + VISITORS_SOON_MS));
	visitors_theirs(v, other, 5000);
	ck_assert(visitors_expected(v, 5000 + VISITORS_SOON_MS - 1));
	ck_assert(!visitors_expected(v, 5000 + VISITORS_SOON_MS));
	visitors_theirs(v, one, 7000);
	visitors_leave(v, one);
	ck_assert(!visitors_expected(v, 7000));
	visitors_free(v);
}
END_TEST

Suite *visitors_suite(void)
{
	Suite *s = suite_create("visitors");
	TCase *t = tcase_create("visitors");

	tcase_add_loop_test(t, test_so_many_of_a_network, 0, sizeof(nets) / sizeof(nets[0]));
	tcase_add_test(t, test_more_than_there_is_room_for);
	tcase_add_test(t, test_a_request_takes_so_long_and_no_longer);
	tcase_add_test(t, test_an_answer_is_taken_at_some_rate);
	tcase_add_test(t, test_whose_request_may_be_under_way);
	suite_add_tcase(s, t);
	return s;
}
