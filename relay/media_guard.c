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
#define FILTER_MAX (PORT_SOURCES * 11 + 1)

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

/* The locked source, and those that were signalled, to which the lock may move. */
static unsigned guard_sources(const struct media_port *p, const struct endpoint *out[PORT_SOURCES])
{
	const struct component *c = p->component;
	const struct endpoint *all[PORT_SOURCES] = {&c->learning.source, &c->signalled, &c->also};
	unsigned n = 0;

	for (unsigned i = 0; i < PORT_SOURCES; i++)
		if (all[i]->port && all[i]->address.family == p->local.address.family)
			out[n++] = all[i];
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

/* ---- a port with a socket of its own has a filter on it; one that shares has its guards where the socket is chosen ---- */

static int filter_attach(struct media_port *p, const struct endpoint *const *sources, unsigned count)
{
	struct sock_filter code[FILTER_MAX];
	struct sock_fprog program = {.filter = code};
	unsigned n = 0;

	for (unsigned i = 0; i < count; i++)
		n += filter_source(sources[i], code + n);
	code[n++] = (struct sock_filter)DROP;
	program.len = (unsigned short)n;
	p->drops = drops_of(p->reader.fd);
	return setsockopt(p->reader.fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static uint32_t filter_detach(struct media_port *p)
{
	int none = 0;

	setsockopt(p->reader.fd, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof(none));
	return drops_of(p->reader.fd) - p->drops;
}

static struct port_entry *entry_of(const struct media_port *p)
{
	return &p->shared->entries[p->local.port - p->shared->first.port];
}

/*
 * Only a lock is an answer to who may come; while a party is being learned everybody is looked at. So they are just after a source of
 * the last rank was learned, since a plausible one may still take it back.
 */
static void guard_attach(struct media *m, struct media_port *p, uint64_t now)
{
	const struct learning *learning = &p->component->learning;
	const struct endpoint *sources[PORT_SOURCES];
	unsigned n;

	if (learning->state != LEARN_LOCKED || learning->source.address.family != p->local.address.family)
		return;
	if (learning->rank > 3 && now - learning->since < GUARD_NOT_US)
		return;
	n = guard_sources(p, sources);
	if (p->shared)
		port_entry_guard(entry_of(p), sources, n);
	else if (filter_attach(p, sources, n) != 0)
		return;
	p->guarded = true;
	p->second = now;
	p->guarded_next = m->guarded;
	m->guarded = p;
	m->counts.guarded++;
}

void guard_refused(struct media *m, struct media_port *p, uint64_t now)
{
	if (p->guarded)
		return; /* what was in the queue before it */
	if (now - p->second >= 1000000) {
		p->second = now;
		p->refused = 0;
	}
	if (++p->refused >= GUARD_REFUSED)
		guard_attach(m, p, now);
}

void guard_remove(struct media *m, struct media_port *p)
{
	struct media_port **at = &m->guarded;
	uint32_t refused;

	if (!p->guarded)
		return;
	while (*at != p)
		at = &(*at)->guarded_next;
	*at = p->guarded_next;
	refused = p->shared ? (uint32_t)port_entry_unguard(entry_of(p)) : filter_detach(p);
	p->component->in.refused[REFUSED_SOURCE] += refused;
	m->counts.guard_refused += refused;
	p->guarded = false;
	p->refused = 0;
}

void guard_tick(struct media *m, uint64_t now)
{
	struct media_port *next;

	for (struct media_port *p = m->guarded; p; p = next) {
		next = p->guarded_next;
		if (now - p->second >= GUARD_US)
			guard_remove(m, p);
	}
}
