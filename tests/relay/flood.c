/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As many RTP packets as the machine gives, over a socket that the test has made:
 *
 *      relay_flood FD ADDRESS FIRST LAST SSRC MILLISECONDS
 *
 * sends to each of the ports in turn, one stream of rising sequence to each, and prints how many were sent.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BATCH  64
#define LENGTH 172

static uint8_t packets[BATCH][LENGTH];
static struct sockaddr_in to[BATCH];
static struct iovec bytes[BATCH];
static struct mmsghdr messages[BATCH];

static void prepare(const char *address, uint32_t ssrc)
{
	for (unsigned i = 0; i < BATCH; i++) {
		packets[i][0] = 0x80;
		for (unsigned k = 0; k < 4; k++)
			packets[i][8 + k] = (uint8_t)(ssrc >> (24 - 8 * k));
		to[i].sin_family = AF_INET;
		if (inet_pton(AF_INET, address, &to[i].sin_addr) != 1)
			exit(2);
		bytes[i] = (struct iovec){packets[i], LENGTH};
		messages[i].msg_hdr = (struct msghdr){.msg_name = &to[i], .msg_namelen = sizeof(to[i]), .msg_iov = &bytes[i],
				.msg_iovlen = 1};
	}
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* The next packet: the ports go round, and with each round the sequence rises. */
static void number(unsigned i, unsigned first, unsigned ports, uint64_t count)
{
	uint64_t round = count / ports;

	to[i].sin_port = htons((uint16_t)(first + count % ports));
	packets[i][2] = (uint8_t)(round >> 8);
	packets[i][3] = (uint8_t)round;
}

int main(int argc, char **argv)
{
	uint64_t sent = 0, end;
	unsigned first, ports;
	int fd;

	if (argc != 7)
		return 2;
	fd = atoi(argv[1]);
	first = (unsigned)atoi(argv[3]);
	ports = (unsigned)atoi(argv[4]) - first + 1;
	prepare(argv[2], (uint32_t)strtoul(argv[5], NULL, 10));
	end = now_ms() + (unsigned)atoi(argv[6]);
	while (now_ms() < end) {
		int n;

		for (unsigned i = 0; i < BATCH; i++)
			number(i, first, ports, sent + i);
		n = sendmmsg(fd, messages, BATCH, 0);
		if (n > 0)
			sent += (unsigned)n;
	}
	printf("%llu\n", (unsigned long long)sent);
	return 0;
}
