/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the programs do while the daemon is dead: flows go on, nobody hears of it by ICMP, and nothing goes on for ever. */
#ifndef RELAY_KERNEL_ABSENCE_H
#define RELAY_KERNEL_ABSENCE_H

#include "arrival.h"

static __always_inline int is_out_of_time(const struct flow_config *c)
{
	return c->outlive_ns && (__s64)(bpf_ktime_get_coarse_ns() - c->heartbeat_ns) > (__s64)c->outlive_ns;
}

/*
 * Nothing is forwarded for ever for a daemon that does not come back. Packets that are a multiple of 1024 look: so often a look at the
 * clock costs nothing.
 */
static __always_inline void end_if_alone(const struct arrival *a)
{
	const struct flow_config *c;
	struct flow *f;

	if (a->sequence & 1023)
		return;
	c = configured();
	if (!c || !is_out_of_time(c))
		return;
	f = bpf_map_lookup_elem(&flow_table, &a->index);
	if (f)
		f->generation = 0;
}

/* When nothing flows any more there is nothing to be kept secret: then everything is as if nobody had ever been there. */
static __always_inline int daemon_lives(void)
{
	const struct flow_config *c = configured();
	struct bpf_sock *socket;
	__u32 zero = 0;

	if (!c || !c->watched || is_out_of_time(c))
		return 1;
	socket = bpf_map_lookup_elem(&flow_alive, &zero);
	if (!socket)
		return 0;
	bpf_sk_release(socket);
	return 1;
}

static __always_inline void read_tuple4(const struct iphdr *ip, struct bpf_sock_tuple *t)
{
	const struct udphdr *udp = (const void *)(ip + 1);

	t->ipv4.saddr = ip->saddr;
	t->ipv4.daddr = ip->daddr;
	t->ipv4.sport = udp->source;
	t->ipv4.dport = udp->dest;
}

static __always_inline void read_tuple6(const struct ipv6hdr *ip, struct bpf_sock_tuple *t)
{
	const struct udphdr *udp = (const void *)(ip + 1);

	__builtin_memcpy(t->ipv6.saddr, &ip->saddr, 16);
	__builtin_memcpy(t->ipv6.daddr, &ip->daddr, 16);
	t->ipv6.sport = udp->source;
	t->ipv6.dport = udp->dest;
	barrier_var(t); /* or the compiler shares code with the other family, and adds the difference: as for UNROLLED */
}

/* Is somebody there to take it? Another program may have got one of our ports, or the next daemon has opened its sockets just now. */
static __always_inline int finds_socket(void *ctx, const void *data, const void *end)
{
	const struct ethhdr *eth = data;
	struct arrival *a = scratch();
	const struct iphdr *ip4 = (const void *)(eth + 1);
	const struct ipv6hdr *ip6 = (const void *)(eth + 1);
	__u32 size = sizeof(a->socket.ipv4);
	struct bpf_sock *found;

	if (!a || (const __u8 *)(ip4 + 1) + sizeof(struct udphdr) > (const __u8 *)end)
		return 0;
	if (ip4->version == 4) {
		read_tuple4(ip4, &a->socket);
	} else {
		if ((const __u8 *)(ip6 + 1) + sizeof(struct udphdr) > (const __u8 *)end)
			return 0;
		read_tuple6(ip6, &a->socket);
		size = sizeof(a->socket.ipv6);
	}
	found = bpf_sk_lookup_udp(ctx, &a->socket, size, BPF_F_CURRENT_NETNS, 0);
	if (!found)
		return 0;
	bpf_sk_release(found);
	return 1;
}

/* Would the packet draw an ICMP error, which may end its sender's call? Global functions are verified once, by themselves. */
__noinline int is_for_the_dead_xdp(struct xdp_md *ctx)
{
	return !daemon_lives() && !finds_socket(ctx, (void *)(long)ctx->data, (void *)(long)ctx->data_end);
}

__noinline int is_for_the_dead_tc(struct __sk_buff *skb)
{
	return !daemon_lives() && !finds_socket(skb, (void *)(long)skb->data, (void *)(long)skb->data_end);
}

/* Fragments and the like may be for any port of the address. */
static __always_inline int is_for_us(enum flow_verdict v)
{
	return v > FLOW_OPTIONS;
}

#endif
