/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "visitors.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define NET_BYTES 8

struct visitor {
	bool here;
	enum { OURS, THEIRS, TAKES } turn; /* to answer; to send; the answer is theirs to take */
	unsigned char net[NET_BYTES];
	int fd;
	int64_t since;  /* THEIRS: when it became so; TAKES: since when is looked at how much they take */
	uint64_t taken; /* TAKES: bytes of the connection that they had acknowledged then */
};

struct visitors {
	pthread_mutex_t lock;
	unsigned size;
	struct visitor at[];
};

struct visitors *visitors_new(unsigned size)
{
	struct visitors *v = calloc(1, sizeof(*v) + size * sizeof(v->at[0]));

	if (!v)
		return NULL;
	pthread_mutex_init(&v->lock, NULL);
	v->size = size;
	return v;
}

void visitors_free(struct visitors *v)
{
	if (!v)
		return;
	pthread_mutex_destroy(&v->lock);
	free(v);
}

/* Of IPv6 the first 64 bits; of IPv4 the address behind 32 bits that no IPv6 network in use has, also if IPv6 carries it. */
static void net_of(const struct sockaddr *from, unsigned char net[NET_BYTES])
{
	const struct in6_addr *six = &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr;
	const void *four = NULL;

	if (from->sa_family == AF_INET)
		four = &((const struct sockaddr_in *)(const void *)from)->sin_addr;
	else if (IN6_IS_ADDR_V4MAPPED(six))
		four = &six->s6_addr[12];
	if (four) {
		memset(net, 0xff, NET_BYTES - 4);
		memcpy(net + NET_BYTES - 4, four, 4);
	} else {
		memcpy(net, six->s6_addr, NET_BYTES);
	}
}

bool visitors_has_room(struct visitors *v, const struct sockaddr *from)
{
	unsigned char net[NET_BYTES];
	unsigned n = 0;

	net_of(from, net);
	pthread_mutex_lock(&v->lock);
	for (unsigned i = 0; i < v->size; i++)
		n += v->at[i].here && memcmp(v->at[i].net, net, NET_BYTES) == 0;
	pthread_mutex_unlock(&v->lock);
	return n < VISITORS_PER_NET;
}

struct visitor *visitors_enter(struct visitors *v, const struct sockaddr *from, int fd, int64_t now)
{
	struct visitor *one = NULL;

	pthread_mutex_lock(&v->lock);
	for (unsigned i = 0; i < v->size && !one; i++)
		one = v->at[i].here ? NULL : &v->at[i];
	if (one) {
		*one = (struct visitor){.here = true, .turn = THEIRS, .fd = fd, .since = now};
		net_of(from, one->net);
	}
	pthread_mutex_unlock(&v->lock);
	return one;
}

void visitors_leave(struct visitors *v, struct visitor *one)
{
	pthread_mutex_lock(&v->lock);
	if (one)
		one->here = false;
	pthread_mutex_unlock(&v->lock);
}

void visitors_theirs(struct visitors *v, struct visitor *one, int64_t now)
{
	pthread_mutex_lock(&v->lock);
	if (one) {
		one->turn = THEIRS;
		one->since = now;
	}
	pthread_mutex_unlock(&v->lock);
}

void visitors_ours(struct visitors *v, struct visitor *one)
{
	pthread_mutex_lock(&v->lock);
	if (one)
		one->turn = OURS;
	pthread_mutex_unlock(&v->lock);
}

/* What the other end has acknowledged, of all that was ever sent. False: this is no TCP connection. */
static bool taken_of(int fd, uint64_t *bytes)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
			size < offsetof(struct tcp_info, tcpi_bytes_acked) + sizeof(info.tcpi_bytes_acked))
		return false;
	*bytes = info.tcpi_bytes_acked;
	return true;
}

void visitors_take(struct visitors *v, struct visitor *one, int64_t now)
{
	pthread_mutex_lock(&v->lock);
	if (one) {
		one->turn = taken_of(one->fd, &one->taken) ? TAKES : OURS;
		one->since = now;
	}
	pthread_mutex_unlock(&v->lock);
}

bool visitors_expected(struct visitors *v, int64_t now)
{
	bool expected = false;

	pthread_mutex_lock(&v->lock);
	for (unsigned i = 0; i < v->size && !expected; i++)
		expected = v->at[i].here && v->at[i].turn == THEIRS && now - v->at[i].since < VISITORS_SOON_MS;
	pthread_mutex_unlock(&v->lock);
	return expected;
}

/* Too long at sending, or too slow at taking; whoever takes enough is looked at anew from now on. */
static bool is_too_slow(struct visitor *one, int64_t now)
{
	uint64_t taken = one->taken;

	if (one->turn == THEIRS)
		return now - one->since >= VISITORS_SEND_MS;
	if (one->turn != TAKES || now - one->since < VISITORS_TAKE_MS || !taken_of(one->fd, &taken))
		return false;
	if (taken - one->taken < VISITORS_TAKE_BYTES)
		return true;
	one->taken = taken;
	one->since = now;
	return false;
}

/* The lock is held meanwhile, so that no socket is closed and its number another's. */
unsigned visitors_sweep(struct visitors *v, int64_t now)
{
	unsigned n = 0;

	pthread_mutex_lock(&v->lock);
	for (unsigned i = 0; i < v->size; i++) {
		struct visitor *one = &v->at[i];

		if (!one->here || !is_too_slow(one, now))
			continue;
		shutdown(one->fd, SHUT_RDWR);
		one->turn = OURS; /* once */
		n++;
	}
	pthread_mutex_unlock(&v->lock);
	return n;
}
