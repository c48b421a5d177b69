/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rewriting of headers: pure, for the programs and, compiled on the host, for the daemon (flow_seal) and the tests.
 *
 * Checksums are mended, not computed anew (RFC 1624): what a flow changes is always the same, so the daemon computes the
 * difference once. Sums are of 16-bit words as they stand in memory, in whichever order, with the carries still to be folded in.
 */
#ifndef RELAY_KERNEL_REWRITE_H
#define RELAY_KERNEL_REWRITE_H

#include "flow_abi.h"

#ifndef __bpf__
#include <netinet/in.h> /* first, or the two define things twice */
#endif
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define REWRITE_BE16(x) ((__be16)__builtin_bswap16(x))
#else
#define REWRITE_BE16(x) ((__be16)(x))
#endif

#define REWRITE_DSCP 0xfcu
#define REWRITE_DF   0x4000u

/* The sum so far, at most 2^33, as 16 bits. */
static __always_inline __u16 sum_fold(__u64 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)((sum & 0xffff) + (sum >> 16));
}

static __always_inline __u64 sum_word(__u32 word)
{
	return (word & 0xffff) + (word >> 16);
}

static __always_inline __u64 sum_address6(const __u8 *address)
{
	const __u16 *w = (const __u16 *)(const void *)address;

	return (__u64)w[0] + w[1] + w[2] + w[3] + w[4] + w[5] + w[6] + w[7];
}

/* A checksum after words that sum up to ~old have become words that sum up to new: delta = new + ~old. */
static __always_inline __u16 sum_mend(__u16 check, __u64 delta)
{
	return (__u16)~sum_fold((__u16)~check + delta);
}

/* The same of UDP, where 0 means that there is none: none stays none, and a result of 0 is sent as 0xffff (RFC 768). */
static __always_inline __u16 sum_mend_udp(__u16 check, __u64 delta)
{
	__u16 mended = sum_mend(check, delta);

	if (!check)
		return 0;
	return mended ? mended : 0xffff;
}

/*
 * A sender on this machine leaves the checksum to a card that is none (veth): it holds the folded pseudo-header, and is to be
 * computed anew. By chance (1 of 65535) a finished one looks so too; computing that anew does no harm.
 */
static __always_inline int sum_is_partial(const struct flow *f, __u16 check, __u16 udp_length)
{
	return check && check == sum_fold((__u64)f->sum_in + REWRITE_BE16(udp_length));
}

static __always_inline __u8 rewrite_tos(const struct flow *f, __u8 tos)
{
	return f->flags & FLOW_SET_DSCP ? (f->tos & REWRITE_DSCP) | (tos & ~REWRITE_DSCP & 0xff) : tos;
}

/* IPv4 -> IPv4, in place: addresses, TTL, DSCP. */
static __always_inline void rewrite_ip4(struct iphdr *ip, const struct flow *f)
{
	__u8 tos = rewrite_tos(f, ip->tos);
	/* of the words version | tos and TTL | protocol; one less is ~0 more */
	__u64 delta = (__u64)f->delta_addresses + REWRITE_BE16(tos) + (__u16)~REWRITE_BE16(ip->tos) + (__u16)~REWRITE_BE16(0x100);

	ip->check = sum_mend(ip->check, delta);
	ip->tos = tos;
	ip->ttl--;
	ip->saddr = f->from4;
	ip->daddr = f->to4;
}

/* A new header before a datagram of `udp_length` bytes with its header; `tos` and `ttl` as it came. It may not be fragmented. */
static __always_inline void rewrite_new_ip4(struct iphdr *ip, const struct flow *f, __u8 tos, __u8 ttl, __u16 udp_length)
{
	__u64 sum;

	ip->version = 4;
	ip->ihl = 5;
	ip->tos = rewrite_tos(f, tos);
	ip->tot_len = REWRITE_BE16((__u16)(udp_length + sizeof(*ip)));
	ip->id = 0;
	ip->frag_off = REWRITE_BE16(REWRITE_DF);
	ip->ttl = ttl - 1;
	ip->protocol = IPPROTO_UDP;
	ip->saddr = f->from4;
	ip->daddr = f->to4;
	sum = (__u64)REWRITE_BE16((__u16)(0x4500 | ip->tos)) + ip->tot_len + ip->frag_off +
			REWRITE_BE16((__u16)(ip->ttl << 8 | IPPROTO_UDP)) + sum_word(ip->saddr) + sum_word(ip->daddr);
	ip->check = (__u16)~sum_fold(sum);
}

static __always_inline __u8 ip6_tos(const struct ipv6hdr *ip)
{
	return (__u8)(ip->priority << 4 | ip->flow_lbl[0] >> 4);
}

static __always_inline void ip6_set_tos(struct ipv6hdr *ip, __u8 tos)
{
	ip->priority = tos >> 4;
	ip->flow_lbl[0] = (__u8)(tos << 4 | (ip->flow_lbl[0] & 0x0f));
}

/* IPv6 -> IPv6, in place; the flow label stays. */
static __always_inline void rewrite_ip6(struct ipv6hdr *ip, const struct flow *f)
{
	ip6_set_tos(ip, rewrite_tos(f, ip6_tos(ip)));
	ip->hop_limit--;
	__builtin_memcpy(&ip->saddr, f->from6, 16);
	__builtin_memcpy(&ip->daddr, f->to6, 16);
}

static __always_inline void rewrite_new_ip6(struct ipv6hdr *ip, const struct flow *f, __u8 tos, __u8 ttl, __u16 udp_length)
{
	ip->version = 6;
	ip->flow_lbl[0] = ip->flow_lbl[1] = ip->flow_lbl[2] = 0;
	ip6_set_tos(ip, rewrite_tos(f, tos));
	ip->payload_len = REWRITE_BE16(udp_length);
	ip->nexthdr = IPPROTO_UDP;
	ip->hop_limit = ttl - 1;
	__builtin_memcpy(&ip->saddr, f->from6, 16);
	__builtin_memcpy(&ip->daddr, f->to6, 16);
}

/* `check` is the checksum that goes out. */
static __always_inline void rewrite_udp(struct udphdr *udp, const struct flow *f, __u16 check)
{
	udp->source = f->from_port;
	udp->dest = f->to_port;
	udp->check = check;
}

/* Of a datagram that came with `check`, which is no partial one. */
static __always_inline __u16 rewrite_check(const struct flow *f, __u16 check)
{
	return sum_mend_udp(check, (__u64)f->delta_addresses + f->delta_ports);
}

/* Computes the checksum terms of a flow that is complete but for them. `local`: the address that packets arrive at, 4 or 16 bytes. */
static inline void flow_seal(struct flow *f, const void *local, __be16 local_port)
{
	__u32 local6[4] = {0};
	__u64 in, out;

	__builtin_memcpy(local6, local, f->flags & FLOW_IN_IPV6 ? 16 : 4);
	in = sum_word(local6[0]) + sum_word(local6[1]) + sum_word(local6[2]) + sum_word(local6[3]);
	in += f->flags & FLOW_IN_IPV6 ? sum_address6(f->source6) : sum_word(f->source4);
	out = f->flags & FLOW_OUT_IPV6 ? sum_address6(f->from6) + sum_address6(f->to6) : sum_word(f->from4) + sum_word(f->to4);
	f->sum_in = sum_fold(in + REWRITE_BE16(IPPROTO_UDP));
	f->delta_addresses = sum_fold(out + (__u16)~sum_fold(in));
	f->delta_ports = sum_fold((__u64)f->from_port + f->to_port + (__u16)~f->source_port + (__u16)~local_port);
}

#endif
