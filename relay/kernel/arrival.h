/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judging a packet: is it for a local port, is there a flow, does it fit it? Nothing is changed here. Both programs use it; it
 * reads between `data` (the Ethernet header) and `end`; the whole packet has `frame` bytes.
 */
#ifndef RELAY_KERNEL_ARRIVAL_H
#define RELAY_KERNEL_ARRIVAL_H

#include "flow_maps.h"
#include "rewrite.h"

#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>

/* Without CAP_PERFMON the verifier takes no sum of a map's address and a loop's counter; unrolled, there is none. (Nor may the
 * element's address be used behind the loop, whence `volatile`.) */
#define UNROLLED _Pragma("clang loop unroll(full)")

#define NEXT_IS_FRAGMENT 44
#define IS_FRAGMENT 0x3fff /* more to come, or not the first */

enum arrival_kind { ARRIVAL_OTHER, ARRIVAL_MEDIA, ARRIVAL_CONTROL };

/* In a map, of each processor one, not on the stack: what is written there has its price without CAP_PERFMON (README.md). */
struct arrival {
	__u32 index;         /* of the local port */
	__u16 udp_length, check;
	__u8 tos, ttl, type;
	__u8 kind;           /* enum arrival_kind: where it is counted */
	__u16 sequence;      /* of RTP */
	__u32 timestamp;
	struct flow f;       /* as it was when the packet was judged; source6 is not copied, from6 and to6 only if it leaves by IPv6 */
	struct bpf_fib_lookup fib;
	struct bpf_sock_tuple socket; /* whose packet that is, when it is asked for */
	union {
		struct iphdr ip4;
		struct ipv6hdr ip6;
	} out;               /* what TC writes: the headers */
	__u32 out_ethernet[4];
	__be16 out_ports[2];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct arrival);
} flow_scratch SEC(".maps");

static __always_inline struct arrival *scratch(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&flow_scratch, &zero);
}

static __always_inline struct flow_config *configured(void)
{
	__u32 zero = 0;
	struct flow_config *c = bpf_map_lookup_elem(&flow_config, &zero);

	return c && c->version == FLOW_ABI_VERSION ? c : NULL;
}

/* ---- addresses ---- */

static __always_inline int is_address6(const struct flow_address6 *a, const struct in6_addr *is)
{
	const __u32 *w = (const __u32 *)(const void *)a->address;

	return w[0] == is->s6_addr32[0] && w[1] == is->s6_addr32[1] && w[2] == is->s6_addr32[2] && w[3] == is->s6_addr32[3];
}

/* `any_port`: one of ours at all? 0: no. */
static __always_inline int find_port4(const struct flow_config *c, __be32 address, __u16 port, int any_port, __u32 *index)
{
	UNROLLED
	for (__u32 i = 0; i < FLOW_ADDRESSES_MAX; i++) {
		const struct flow_address4 *a = &c->address4[i];
		__u32 first = *(const volatile __u32 *)&a->first;
		__u16 at = (__u16)(port - a->port_min);

		if (i >= c->count4)
			break;
		if (a->address == address && (any_port || at < a->ports)) {
			*index = first + at;
			return 1;
		}
	}
	return 0;
}

static __always_inline int find_port6(const struct flow_config *c, const struct in6_addr *address, __u16 port, int any_port,
		__u32 *index)
{
	UNROLLED
	for (__u32 i = 0; i < FLOW_ADDRESSES_MAX; i++) {
		const struct flow_address6 *a = &c->address6[i];
		__u32 first = *(const volatile __u32 *)&a->first;
		__u16 at = (__u16)(port - a->port_min);

		if (i >= c->count6)
			break;
		if (is_address6(a, address) && (any_port || at < a->ports)) {
			*index = first + at;
			return 1;
		}
	}
	return 0;
}

/* ---- headers: FLOW_NO_FLOW means that it goes on ---- */

static __always_inline enum flow_verdict read_ip4(const struct flow_config *c, const struct iphdr *ip, const void *end,
		__u32 frame, struct arrival *a)
{
	const struct udphdr *udp = (const void *)(ip + 1);
	__u16 length;

	if ((const void *)(udp + 1) > end || ip->protocol != IPPROTO_UDP)
		return FLOW_NOT_OURS;
	if (ip->ihl != 5 || ip->frag_off & bpf_htons(IS_FRAGMENT)) {
		if (!find_port4(c, ip->daddr, 0, 1, &a->index))
			return FLOW_NOT_OURS;
		return ip->ihl != 5 ? FLOW_OPTIONS : FLOW_FRAGMENT;
	}
	if (!find_port4(c, ip->daddr, bpf_ntohs(udp->dest), 0, &a->index))
		return FLOW_NOT_OURS;
	a->udp_length = bpf_ntohs(udp->len);
	length = bpf_ntohs(ip->tot_len);
	a->tos = ip->tos;
	a->ttl = ip->ttl;
	a->check = udp->check;
	return length == a->udp_length + sizeof(*ip) && sizeof(struct ethhdr) + length <= frame ? FLOW_NO_FLOW : FLOW_MALFORMED;
}

static __always_inline int is_extension(__u8 next)
{
	return next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_DSTOPTS || next == NEXT_IS_FRAGMENT;
}

static __always_inline enum flow_verdict read_ip6(const struct flow_config *c, const struct ipv6hdr *ip, const void *end,
		__u32 frame, struct arrival *a)
{
	const struct udphdr *udp = (const void *)(ip + 1);
	__u16 length;

	if ((const void *)(udp + 1) > end)
		return FLOW_NOT_OURS;
	if (is_extension(ip->nexthdr)) {
		if (!find_port6(c, &ip->daddr, 0, 1, &a->index))
			return FLOW_NOT_OURS;
		return ip->nexthdr == NEXT_IS_FRAGMENT ? FLOW_FRAGMENT : FLOW_OPTIONS;
	}
	if (ip->nexthdr != IPPROTO_UDP || !find_port6(c, &ip->daddr, bpf_ntohs(udp->dest), 0, &a->index))
		return FLOW_NOT_OURS;
	a->udp_length = bpf_ntohs(udp->len);
	length = bpf_ntohs(ip->payload_len);
	a->tos = ip6_tos(ip);
	a->ttl = ip->hop_limit;
	a->check = udp->check;
	return length == a->udp_length && sizeof(struct ethhdr) + sizeof(*ip) + length <= frame ? FLOW_NO_FLOW : FLOW_MALFORMED;
}

static __always_inline int same6(const struct in6_addr *a, const __u8 *b)
{
	const __u32 *w = (const __u32 *)(const void *)b;

	return w[0] == a->s6_addr32[0] && w[1] == a->s6_addr32[1] && w[2] == a->s6_addr32[2] && w[3] == a->s6_addr32[3];
}

/* ---- RTP and RTCP, told apart as core/rtp.c does (RFC 3550, 5761, 7983). FLOW_REDIRECT: it fits ---- */

#define RTP_FIXED  12u
#define RTCP_FIXED 8u

/* CSRCs and a header extension must fit into the `n` bytes of payload. */
static __always_inline int rtp_is_whole(const __u8 *b, const void *end, __u32 n)
{
	__u64 sources = b[0] & 15u, at = RTP_FIXED + sources * 4u, extended = b[0] & 0x10;

	if (at > n)
		return 0;
	if (!extended)
		return 1;
	b += RTP_FIXED;
	UNROLLED
	for (__u64 i = 0; i < 15; i++)
		if (i < sources) {
			b += 4; /* as for UNROLLED: the verifier takes no other sum of a packet's address */
			barrier_var(b);
		}
	if (at + 4 > n || (const void *)(b + 4) > end)
		return 0;
	return at + 4 + (__u32)(b[2] << 8 | b[3]) * 4 <= n;
}

static __always_inline enum flow_verdict read_rtp(const struct flow *f, const __u8 *b, const void *end, __u32 n, struct arrival *a)
{
	if (n < RTP_FIXED || (const void *)(b + RTP_FIXED) > end)
		return FLOW_MALFORMED;
	if (b[0] & 0x1f && !rtp_is_whole(b, end, n))
		return FLOW_MALFORMED;
	if (*(const __be32 *)(const void *)(b + 8) != f->ssrc)
		return FLOW_SSRC;
	a->kind = ARRIVAL_MEDIA;
	a->type = b[1] & 0x7f;
	a->sequence = bpf_ntohs(*(const __be16 *)(const void *)(b + 2));
	a->timestamp = bpf_ntohl(*(const __be32 *)(const void *)(b + 4));
	return FLOW_REDIRECT;
}

static __always_inline enum flow_verdict read_rtcp(const struct flow *f, const __u8 *b, __u32 n, struct arrival *a)
{
	if (((__u32)(b[2] << 8 | b[3]) + 1) * 4 > n)
		return FLOW_MALFORMED;
	if (*(const __be32 *)(const void *)(b + 4) != f->ssrc)
		return FLOW_SSRC;
	a->kind = f->flags & FLOW_RTP ? ARRIVAL_CONTROL : ARRIVAL_OTHER;
	return FLOW_REDIRECT;
}

static __always_inline enum flow_verdict read_payload(const struct flow *f, const __u8 *b, const void *end, struct arrival *a)
{
	__u32 n = a->udp_length - (__u32)sizeof(struct udphdr);

	a->kind = ARRIVAL_OTHER;
	a->type = 0;
	a->sequence = 0;
	a->timestamp = 0;
	if (!(f->flags & (FLOW_RTP | FLOW_RTCP)))
		return n ? FLOW_REDIRECT : FLOW_MALFORMED;
	if (n < RTCP_FIXED || (const void *)(b + RTCP_FIXED) > end)
		return FLOW_MALFORMED;
	if (b[0] >> 6 != 2)
		return b[0] <= 3 ? FLOW_STUN : FLOW_MALFORMED;
	if (b[1] >= 192 && b[1] <= 223)
		return f->flags & FLOW_RTCP_TO_USER ? FLOW_CONTROL : read_rtcp(f, b, n, a);
	return f->flags & FLOW_RTP ? read_rtp(f, b, end, n, a) : FLOW_MALFORMED;
}

/* ---- the whole ---- */

/* Copies what forwarding needs, and makes sure that all of it is of one flow. */
static __always_inline int take_flow(const struct flow *f, __u32 generation, struct arrival *a)
{
	__builtin_memcpy(&a->f, f, __builtin_offsetof(struct flow, source6));
	if (a->f.flags & FLOW_OUT_IPV6)
		__builtin_memcpy(a->f.from6, f->from6, 32);
	barrier();
	return *(const volatile __u32 *)&f->generation == generation;
}

/* The datagram at `udp` for the port `index`; `same`: does it come from the flow's address? */
static __always_inline enum flow_verdict fits(const struct flow *f, __u32 generation, const struct udphdr *udp, const void *end, int same,
		struct arrival *a)
{
	enum flow_verdict v;

	if ((const void *)(udp + 1) > end || a->udp_length < sizeof(*udp))
		return FLOW_MALFORMED;
	if (udp->source != f->source_port || !same)
		return FLOW_SOURCE;
	v = read_payload(f, (const void *)(udp + 1), end, a);
	if (v != FLOW_REDIRECT)
		return v;
	if (a->ttl <= 1)
		return FLOW_TTL;
	if (!take_flow(f, generation, a))
		return FLOW_CHANGING;
	return a->check || !(a->f.flags & (FLOW_IN_IPV6 | FLOW_OUT_IPV6)) ? FLOW_REDIRECT : FLOW_CHECKSUM;
}

/* The flow at the packet's port, of its family; NULL: none. */
static __always_inline const struct flow *find_flow(const struct arrival *a, __u16 family, __u32 *generation)
{
	const struct flow *f = bpf_map_lookup_elem(&flow_table, &a->index);

	if (!f)
		return NULL;
	*generation = *(const volatile __u32 *)&f->generation;
	barrier();
	return *generation && (f->flags & FLOW_IN_IPV6) == family ? f : NULL;
}

static __always_inline enum flow_verdict judge4(const struct flow_config *c, const struct iphdr *ip, const void *end, __u32 frame,
		struct arrival *a)
{
	enum flow_verdict v = read_ip4(c, ip, end, frame, a);
	const struct flow *f;
	__u32 generation;

	if (v != FLOW_NO_FLOW)
		return v;
	f = find_flow(a, 0, &generation);
	return f ? fits(f, generation, (const void *)(ip + 1), end, ip->saddr == f->source4, a) : FLOW_NO_FLOW;
}

static __always_inline enum flow_verdict judge6(const struct flow_config *c, const struct ipv6hdr *ip, const void *end, __u32 frame,
		struct arrival *a)
{
	enum flow_verdict v = read_ip6(c, ip, end, frame, a);
	const struct flow *f;
	__u32 generation;

	if (v != FLOW_NO_FLOW)
		return v;
	f = find_flow(a, FLOW_IN_IPV6, &generation);
	return f ? fits(f, generation, (const void *)(ip + 1), end, same6(&ip->saddr, f->source6), a) : FLOW_NO_FLOW;
}

/* FLOW_REDIRECT: `a` is complete, and the packet is to be forwarded. */
static __always_inline enum flow_verdict judge(const void *data, const void *end, __u32 frame, struct arrival *a)
{
	const struct ethhdr *eth = data;
	const struct flow_config *c = configured();
	__be16 protocol;

	if (!c || (const void *)(eth + 1) > end)
		return FLOW_NOT_OURS;
	protocol = *((const __be16 *)(eth + 1) - 1); /* as one word: the structure is packed, and the compiler would read bytes */
	if (protocol == bpf_htons(ETH_P_IP))
		return judge4(c, (const void *)(eth + 1), end, frame, a);
	if (protocol == bpf_htons(ETH_P_IPV6))
		return judge6(c, (const void *)(eth + 1), end, frame, a);
	return FLOW_NOT_OURS;
}

#endif
