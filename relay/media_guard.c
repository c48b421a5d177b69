/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media_guard.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>

#define PASS BPF_STMT(BPF_RET | BPF_K, 0xffffffff)
#define DROP BPF_STMT(BPF_RET | BPF_K, 0)
#define LOAD_WORD(at) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (at))
#define LOAD_HALF(at) BPF_STMT(BPF_LD | BPF_H | BPF_ABS, (at))
/* Goes on where equal, else skips `n` instructions. */
#define EQUAL(value, n) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (n))

#define NET(at) ((unsigned)SKF_NET_OFF + (at)) /* of the IP header; a UDP socket's filter begins at the UDP header */
#define SOURCE_PORT 0
#define SOURCE_V4 12
#define SOURCE_V6 8
#define FILTER_MAX (3 * 11 + 1)

static uint32_t word(const uint8_t *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* Passes what comes from `e`, goes on behind this with the rest. Returns how many instructions that are. */
static unsigned filter_source(const struct endpoint *e, struct sock_filter *out)
{
	unsigned words = e->address.family == 6 ? 4 : 1, at = e->address.family == 6 ? SOURCE_V6 : SOURCE_V4, n = 0;

	for (unsigned i = 0; i < words; i++) {
		out[n++] = (struct sock_filter)LOAD_WORD(NET(at + 4 * i));
		out[n++] = (struct sock_filter)EQUAL(word(e->address.bytes + 4 * i), (uint8_t)(2 * (words - i - 1) + 3));
	}
	out[n++] = (struct sock_filter)LOAD_HALF(SOURCE_PORT);
	out[n++] = (struct sock_filter)EQUAL(e->port, 1);
	out[n++] = (struct sock_filter)PASS;
	return n;
}

/* Lets only the locked source through, and those that were signalled, to which the lock may move. Returns its length. */
static unsigned filter_of(const struct media_socket *s, struct sock_filter out[FILTER_MAX])
{
	const struct component *c = s->component;
	const struct endpoint *all[] = {&c->learning.source, &c->signalled, &c->also};
	unsigned n = 0;

	for (unsigned i = 0; i < 3; i++)
		if (all[i]->port && all[i]->address.family == s->local.address.family)
			n += filter_source(all[i], out + n);
	out[n++] = (struct sock_filter)DROP;
	return n;
}

/* Packets that the system did not give to the socket: refused by a filter, or no room. */
static uint32_t drops_of(int fd)
{
	uint32_t info[SK_MEMINFO_VARS] = {0};
	socklen_t length = sizeof(info);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &length) != 0)
		return 0;
	return info[SK_MEMINFO_DROPS];
}

/*
 * Only a lock is an answer to who may come; while a party is being learned everybody is looked at. So they are just after a source of
 * the last rank was learned, since a plausible one may still take it back.
 */
static void guard_attach(struct guard_list *l, struct media_socket *s, uint64_t now, struct media_counts *counts)
{
	const struct learning *learning = &s->component->learning;
	struct sock_filter code[FILTER_MAX];
	struct sock_fprog program = {.filter = code};

	if (learning->state != LEARN_LOCKED || learning->source.address.family != s->local.address.family)
		return;
	if (learning->rank > 3 && now - learning->since < GUARD_NOT_US)
		return;
	program.len = (unsigned short)filter_of(s, code);
	s->drops = drops_of(s->fd);
	if (setsockopt(s->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) != 0)
		return;
	s->guarded = true;
	s->second = now;
	s->guarded_next = l->first;
	l->first = s;
	counts->guarded++;
}

void guard_refused(struct guard_list *l, struct media_socket *s, uint64_t now, struct media_counts *counts)
{
	if (s->guarded)
		return; /* what was in the queue before it */
	if (now - s->second >= 1000000) {
		s->second = now;
		s->refused = 0;
	}
	if (++s->refused >= GUARD_REFUSED)
		guard_attach(l, s, now, counts);
}

void guard_remove(struct guard_list *l, struct media_socket *s, struct media_counts *counts)
{
	struct media_socket **at = &l->first;
	uint32_t refused;
	int none = 0;

	if (!s->guarded)
		return;
	while (*at != s)
		at = &(*at)->guarded_next;
	*at = s->guarded_next;
	setsockopt(s->fd, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof(none));
	refused = drops_of(s->fd) - s->drops;
	s->component->in.refused[REFUSED_SOURCE] += refused;
	counts->guard_refused += refused;
	s->guarded = false;
	s->refused = 0;
}

void guard_tick(struct guard_list *l, uint64_t now, struct media_counts *counts)
{
	struct media_socket *next;

	for (struct media_socket *s = l->first; s; s = next) {
		next = s->guarded_next;
		if (now - s->second >= GUARD_US)
			guard_remove(l, s, counts);
	}
}
