// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One socket for all media ports of an address. Packets to an open port are given to that socket, whatever port it is bound to; a
 * flood to one port is stopped here, so that it cannot fill the queue that all calls share.
 */
#include "ports_abi.h"

#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define AF_INET 2
#define AF_INET6 10
#define ETHERNET 14

/* The highest rate of one port, set before loading: ns from packet to packet (0: no limit), and how much of a burst is let through. */
const volatile __u64 pace_ns;
const volatile __u64 burst_ns;

__u64 too_fast; /* packets above it, of all ports */

/*
 * The answer of port_used(). In memory, since the verifier follows what is in a register through each sequence of answers that there can
 * be; without CAP_PERFMON, where it takes no two values for alike, it does not come to an end.
 */
__u32 ports_used;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* as many as there are ports */
	__type(key, __u32);
	__type(value, struct port_entry);
} entries SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PORT_ADDRESSES);
	__type(key, struct port_address_key);
	__type(value, struct port_address);
} addresses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, PORT_ADDRESSES);
	__type(key, __u32);
	__type(value, __u64);
} sockets SEC(".maps");

/* The verifier wants each word of the context read where it is; a compiler that may would compute a pointer to one of two. */
#define WORD(field) (*(const volatile __u32 *)&ctx->field)

static __always_inline void local_address(__u32 to[4], const struct bpf_sk_lookup *ctx)
{
	if (ctx->family == AF_INET) {
		to[0] = WORD(local_ip4);
		to[1] = to[2] = to[3] = 0;
	} else {
		to[0] = WORD(local_ip6[0]);
		to[1] = WORD(local_ip6[1]);
		to[2] = WORD(local_ip6[2]);
		to[3] = WORD(local_ip6[3]);
	}
}

static __always_inline void remote_address(__u32 to[4], const struct bpf_sk_lookup *ctx)
{
	if (ctx->family == AF_INET) {
		to[0] = WORD(remote_ip4);
		to[1] = to[2] = to[3] = 0;
	} else {
		to[0] = WORD(remote_ip6[0]);
		to[1] = WORD(remote_ip6[1]);
		to[2] = WORD(remote_ip6[2]);
		to[3] = WORD(remote_ip6[3]);
	}
}

static __always_inline int is_source(const struct port_source *s, const __u32 address[4], __be16 port)
{
	const __u32 *a = (const __u32 *)s->address;

	return s->port == port && a[0] == address[0] && a[1] == address[1] && a[2] == address[2] && a[3] == address[3];
}

/* Do the guards, if there are any, let it pass? */
static __always_inline int is_welcome(const struct port_entry *e, const struct bpf_sk_lookup *ctx)
{
	__u32 guards = *(const volatile __u32 *)&e->guards, address[4];
	__be16 port = ctx->remote_port;

	if (guards == 0)
		return 1;
	remote_address(address, ctx);
	if (is_source(&e->source[0], address, port))
		return 1;
	if (guards > 1 && is_source(&e->source[1], address, port))
		return 1;
	return guards > 2 && is_source(&e->source[2], address, port);
}

/* Two processors may count one packet for both: the limit is for floods, and need not be exact. */
static __always_inline int is_too_fast(struct port_entry *e)
{
	__u64 now, due;

	if (pace_ns == 0)
		return 0;
	now = bpf_ktime_get_ns();
	due = *(volatile __u64 *)&e->next;
	if (due < now)
		due = now;
	if (due - now > burst_ns)
		return 1;
	*(volatile __u64 *)&e->next = due + pace_ns;
	return 0;
}

static __always_inline int give(struct bpf_sk_lookup *ctx, __u32 index)
{
	struct bpf_sock *sk = bpf_map_lookup_elem(&sockets, &index);

	if (!sk)
		return SK_PASS;
	bpf_sk_assign(ctx, sk, BPF_SK_LOOKUP_F_REPLACE);
	bpf_sk_release(sk);
	return SK_PASS;
}

/*
 * A question of port_used(), of this relay or another one on this machine, comes here too, from nowhere, as no packet does. It is told
 * that the port is open, even while a guard or the rate would stop a packet.
 */
static __always_inline int is_question(const struct bpf_sk_lookup *ctx)
{
	__u32 address[4];

	if (ctx->remote_port != 0)
		return 0;
	remote_address(address, ctx);
	return (address[0] | address[1] | address[2] | address[3]) == 0;
}

SEC("sk_lookup")
int to_socket(struct bpf_sk_lookup *ctx)
{
	struct port_address_key key = {.family = ctx->family};
	const struct port_address *a;
	struct port_entry *e;
	__u32 port = ctx->local_port, index;

	if (ctx->protocol != IPPROTO_UDP)
		return SK_PASS;
	local_address((__u32 *)key.address, ctx);
	a = bpf_map_lookup_elem(&addresses, &key);
	if (!a)
		return SK_PASS;
	if (port == a->own_port)
		return SK_DROP;
	if (port < a->port_min || port > a->port_max)
		return SK_PASS;
	index = a->first + port - a->port_min;
	e = bpf_map_lookup_elem(&entries, &index);
	if (!e || !*(volatile __u32 *)&e->open)
		return SK_PASS;
	if (is_question(ctx))
		return give(ctx, a->socket);
	if (!is_welcome(e, ctx)) {
		__sync_fetch_and_add(&e->refused, 1);
		return SK_DROP;
	}
	if (is_too_fast(e)) {
		__sync_fetch_and_add(&too_fast, 1);
		return SK_DROP;
	}
	return give(ctx, a->socket);
}

static __always_inline int is_used(struct __sk_buff *skb, const struct port_question *q, __be16 port)
{
	struct bpf_sock_tuple tuple = {0};
	struct bpf_sock *sk;

	if (q->family == AF_INET) {
		__builtin_memcpy(&tuple.ipv4.daddr, q->address, sizeof(tuple.ipv4.daddr));
		tuple.ipv4.dport = port;
		sk = bpf_sk_lookup_udp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	} else {
		__builtin_memcpy(&tuple.ipv6.daddr, q->address, sizeof(tuple.ipv6.daddr));
		tuple.ipv6.dport = port;
		sk = bpf_sk_lookup_udp(skb, &tuple, sizeof(tuple.ipv6), BPF_F_CURRENT_NETNS, 0);
	}
	if (!sk)
		return 0;
	bpf_sk_release(sk);
	return 1;
}

/*
 * Run by the daemon itself, on a packet that holds a question: do sockets of other programs listen at that address and these ports?
 * A bit for each, the first one's the lowest. One asks at a time.
 */
SEC("tc")
int port_used(struct __sk_buff *skb)
{
	volatile __u32 *used = &ports_used;
	struct port_question q;

	if (bpf_skb_load_bytes(skb, ETHERNET, &q, sizeof(q)) != 0)
		return -1;
	*used = 0;
#pragma unroll
	for (unsigned i = 0; i < PORTS_ASKED; i++)
		if (q.ports[i] && is_used(skb, &q, q.ports[i]))
			*used |= 1u << i;
	return (int)*used;
}

char terms[] SEC("license") = "GPL";
