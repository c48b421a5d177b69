/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forwards established media streams in the kernel: flow_xdp where a packet comes in, or flow_tc (clsact ingress) where XDP
 * cannot. Both judge a packet alike (arrival.h) and make the same of it (rewrite.h); what is in any way unusual goes up to user
 * space as it came. A packet is not changed before it is sure that it is forwarded.
 *
 * For Linux 6.1 and later: no bpf_loop, no newer flags of helpers. CAP_BPF and CAP_NET_ADMIN are enough, so the length of a packet
 * is IP's, never end - data.
 */
#include "absence.h"
#include "sequence.h"

#include <linux/pkt_cls.h>

#define AF_INET  2
#define AF_INET6 10

/* False: packets and bytes are counted, nothing else. Set before the programs are loaded. */
const volatile _Bool all_statistics = 1;

/* ---- counting ---- */

static __always_inline void keep_statistics(const struct arrival *a, __u64 now_ns)
{
	struct flow_state *s = bpf_map_lookup_elem(&flow_states, &a->index);
	struct sequence_packet p = {.sequence = a->sequence, .type = a->type, .timestamp = a->timestamp, .now = now_ns / 1000};

	if (!s || a->kind == ARRIVAL_CONTROL)
		return;
	sequence_any(s, p.now);
	if (a->kind == ARRIVAL_MEDIA)
		sequence_media(s, &p);
}

static __always_inline void count_forwarded(const struct arrival *a)
{
	__u64 now = all_statistics ? bpf_ktime_get_ns() : 0; /* more than all other statistics together */
	struct flow_counters *c = bpf_map_lookup_elem(&flow_counters, &a->index);
	__u32 bytes = a->udp_length - (__u32)sizeof(struct udphdr);

	if (c && a->kind == ARRIVAL_CONTROL) {
		c->control_packets++;
		c->control_bytes += bytes;
	} else if (c) {
		c->packets++;
		c->bytes += bytes;
		c->last_ns = now;
	}
	if (all_statistics)
		keep_statistics(a, now);
	end_if_alone(a);
}

/* What becomes of a packet that is not forwarded: `pass`, or `drop`. */
static __always_inline int give_up(enum flow_verdict v, int dead, int pass, int drop)
{
	count_verdict(dead ? FLOW_STALE : v);
	return dead ? drop : pass;
}

/* ---- the next hop ---- */

static __always_inline __u16 length_out(const struct arrival *a)
{
	return a->udp_length + (a->f.flags & FLOW_OUT_IPV6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr));
}

/* Asks the kernel's routing, as for a packet that is forwarded; so it has an answer only where forwarding is on. */
static __always_inline enum flow_verdict ask_routing(void *ctx, struct arrival *a, __u32 ingress)
{
	struct bpf_fib_lookup *fib = &a->fib;
	long answer;

	__builtin_memset(fib, 0, sizeof(*fib));
	fib->l4_protocol = IPPROTO_UDP;
	fib->sport = a->f.from_port;
	fib->dport = a->f.to_port;
	fib->tot_len = length_out(a);
	fib->ifindex = ingress;
	if (a->f.flags & FLOW_OUT_IPV6) {
		fib->family = AF_INET6;
		fib->flowinfo = bpf_htonl((__u32)rewrite_tos(&a->f, a->tos) << 20);
		__builtin_memcpy(fib->ipv6_src, a->f.from6, 16);
		__builtin_memcpy(fib->ipv6_dst, a->f.to6, 16);
	} else {
		fib->family = AF_INET;
		fib->tos = rewrite_tos(&a->f, a->tos);
		fib->ipv4_src = a->f.from4;
		fib->ipv4_dst = a->f.to4;
	}
	answer = bpf_fib_lookup(ctx, fib, sizeof(*fib), 0);
	if (answer == BPF_FIB_LKUP_RET_NO_NEIGH)
		return FLOW_NEIGHBOUR;
	if (answer == BPF_FIB_LKUP_RET_FRAG_NEEDED)
		return FLOW_MTU;
	if (answer != BPF_FIB_LKUP_RET_SUCCESS)
		return FLOW_ROUTE;
	a->f.ifindex = fib->ifindex;
	a->f.flags |= FLOW_XDP; /* way_out() will see */
	__builtin_memcpy(a->f.mac_to, fib->dmac, 6);
	__builtin_memcpy(a->f.mac_from, fib->smac, 6);
	return FLOW_REDIRECT;
}

static __always_inline enum flow_verdict next_hop(void *ctx, struct arrival *a, __u32 ingress)
{
	if (!a->f.ifindex)
		return ask_routing(ctx, a, ingress);
	return length_out(a) <= a->f.mtu ? FLOW_REDIRECT : FLOW_MTU;
}

/* By words: the compiler would copy byte by byte to what need not be aligned. */
static __always_inline void write_ethernet(void *data, const struct arrival *a, __be16 protocol)
{
	const __u32 *macs = (const void *)a->f.mac_to;
	__u32 *to = data;

	to[0] = macs[0];
	to[1] = macs[1];
	to[2] = macs[2];
	*(__be16 *)(to + 3) = protocol;
}

/* ---- XDP ---- */

/*
 * How long the frame is would cost a call (a tenth of the whole), or a sum of addresses that wants CAP_PERFMON. So one that was cut off
 * goes on as it is, and the next host throws it away.
 */
#define FRAME_UNKNOWN 0xffffffffu

#define REPAIR_MAX 2047u

/* Adds the `size` bytes at *b, an even number, and goes on behind them; negative: they are not there. */
static __always_inline int add_piece(const __u8 **b, const void *end, __u32 size, __s64 *sum)
{
	barrier_var(*b); /* or the compiler calculates with `end`, which the verifier forbids */
	if ((const void *)(*b + size) > end)
		return -1;
	if (size >= 4)
		*sum = bpf_csum_diff(NULL, 0, (__be32 *)(void *)*b, size, (__wsum)*sum);
	else
		*sum += *(const __u16 *)(const void *)*b;
	*b += size;
	return 0;
}

/*
 * The sum of a datagram of `length` bytes, folded; negative: it is not there, or too long. A global function is verified once, instead
 * of with all that may come before and after it.
 */
__noinline int sum_datagram(struct xdp_md *ctx, __u32 in6, __u32 length)
{
	const void *data = (const void *)(long)ctx->data, *end = (const void *)(long)ctx->data_end;
	const __u8 *b = data + sizeof(struct ethhdr) + sizeof(struct iphdr);
	__s64 sum = 0;

	barrier_var(b);
	if (in6) {
		b += sizeof(struct ipv6hdr) - sizeof(struct iphdr);
		barrier_var(b);
	}
	if (length > REPAIR_MAX || (length & 1024 && (add_piece(&b, end, 512, &sum) || add_piece(&b, end, 512, &sum))))
		return -1;
	UNROLLED
	for (__u32 size = 512; size >= 2; size /= 2)
		if (length & size && add_piece(&b, end, size, &sum))
			return -1;
	barrier_var(b);
	if (length & 1) {
		if ((const void *)(b + 1) > end)
			return -1;
		sum += REWRITE_BE16((__u16)(*b << 8));
	}
	return sum_fold((__u64)sum);
}

/* False: the checksum is to be finished, and cannot be. */
static __always_inline int repair_check(struct xdp_md *ctx, struct arrival *a)
{
	const struct flow_config *c;
	int sum;

	if (!sum_is_partial(&a->f, a->check, a->udp_length))
		return 1;
	c = configured();
	if (!c || c->generic)
		return 0;
	sum = sum_datagram(ctx, a->f.flags & FLOW_IN_IPV6, a->udp_length);
	if (sum < 0)
		return 0;
	/* The field holds the pseudo-header's sum, so that this has both. */
	a->check = (__u16)~(__u16)sum;
	a->check = a->check ? a->check : 0xffff;
	return 1;
}

/* Writes what the datagram leaves with by IPv4; negative: it is too short, which cannot be. */
static __always_inline int leave_by_ip4(void *data, const void *end, const struct arrival *a)
{
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct udphdr *udp = (void *)(ip + 1);

	barrier_var(udp); /* or the compiler shares code with the other family, and adds the difference: as for UNROLLED */
	if ((void *)(udp + 1) > end)
		return -1;
	if (a->f.flags & FLOW_IN_IPV6)
		rewrite_new_ip4(ip, &a->f, a->tos, a->ttl, a->udp_length);
	else
		rewrite_ip4(ip, &a->f);
	rewrite_udp(udp, &a->f, rewrite_check(&a->f, a->check));
	write_ethernet(data, a, bpf_htons(ETH_P_IP));
	return 0;
}

static __always_inline int leave_by_ip6(void *data, const void *end, const struct arrival *a)
{
	struct ipv6hdr *ip = data + sizeof(struct ethhdr);
	struct udphdr *udp = (void *)(ip + 1);

	barrier_var(udp); /* or the compiler shares code with the other family, and adds the difference: as for UNROLLED */
	if ((void *)(udp + 1) > end)
		return -1;
	if (a->f.flags & FLOW_IN_IPV6)
		rewrite_ip6(ip, &a->f);
	else
		rewrite_new_ip6(ip, &a->f, a->tos, a->ttl, a->udp_length);
	rewrite_udp(udp, &a->f, rewrite_check(&a->f, a->check));
	write_ethernet(data, a, bpf_htons(ETH_P_IPV6));
	return 0;
}

/* Changes the packet and sends it; the action, and in `v` what is to be counted. */
static __always_inline int send_xdp(struct xdp_md *ctx, const struct arrival *a, enum flow_verdict *v)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (a->f.flags & FLOW_OUT_IPV6 ? leave_by_ip6(data, end, a) : leave_by_ip4(data, end, a)) {
		*v = FLOW_FAILED;
		return XDP_DROP;
	}
	count_forwarded(a);
	return *v == FLOW_TX ? XDP_TX : XDP_REDIRECT;
}

/* Asked before anything is changed, so that what cannot be redirected goes up as it came; one that is, but goes up after all, is not. */
static __always_inline enum flow_verdict way_out(struct xdp_md *ctx, const struct arrival *a)
{
	if (!(a->f.flags & FLOW_XDP))
		return FLOW_DEVICE;
	if (a->f.ifindex == ctx->ingress_ifindex)
		return FLOW_TX;
	return bpf_redirect_map(&flow_devices, a->f.ifindex, XDP_PASS) == XDP_REDIRECT ? FLOW_REDIRECT : FLOW_DEVICE;
}

/* Room for a longer header, or none for a shorter one. */
static __always_inline int resize(struct xdp_md *ctx, const struct arrival *a)
{
	__u8 out6 = a->f.flags & FLOW_OUT_IPV6, in6 = a->f.flags & FLOW_IN_IPV6;
	const int more = sizeof(struct ipv6hdr) - sizeof(struct iphdr);

	if (!out6 == !in6)
		return 0;
	return (int)bpf_xdp_adjust_head(ctx, out6 ? -more : more);
}

static __always_inline enum flow_verdict prepare_xdp(struct xdp_md *ctx, struct arrival *a)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	enum flow_verdict v = judge(data, end, FRAME_UNKNOWN, a);

	if (v != FLOW_REDIRECT)
		return v;
	v = next_hop(ctx, a, ctx->ingress_ifindex);
	if (v != FLOW_REDIRECT)
		return v;
	v = way_out(ctx, a);
	if (v > FLOW_REDIRECT)
		return v;
	if (!repair_check(ctx, a))
		return FLOW_CHECKSUM;
	return resize(ctx, a) ? FLOW_HEADROOM : v;
}

static __always_inline int forward_xdp(struct xdp_md *ctx)
{
	struct arrival *a = scratch();
	enum flow_verdict v;
	int action;

	if (!a)
		return XDP_PASS; /* cannot be */
	v = prepare_xdp(ctx, a);
	if (v > FLOW_REDIRECT)
		return give_up(v, is_for_us(v) && is_for_the_dead_xdp(ctx), XDP_PASS, XDP_DROP);
	action = send_xdp(ctx, a, &v);
	count_verdict(v);
	return action;
}

SEC("xdp")
int flow_xdp(struct xdp_md *ctx)
{
	return forward_xdp(ctx);
}

/* ---- TC ---- */

/* Can all headers be read that a packet usually has? Of a longer one a part may be elsewhere. */
static __always_inline int has_headers(const struct __sk_buff *skb)
{
	const __u8 *data = (const void *)(long)skb->data;

	return data + sizeof(struct ethhdr) + sizeof(struct ipv6hdr) + sizeof(struct udphdr) + RTP_FIXED <= (const __u8 *)(long)skb->data_end;
}

static __always_inline enum flow_verdict prepare_tc(struct __sk_buff *skb, struct arrival *a)
{
	enum flow_verdict v;

	if (skb->pkt_type != 0 /* PACKET_HOST */ || skb->vlan_present)
		return FLOW_NOT_OURS;
	if (skb->protocol != bpf_htons(ETH_P_IP) && skb->protocol != bpf_htons(ETH_P_IPV6))
		return FLOW_NOT_OURS;
	if (!has_headers(skb) && bpf_skb_pull_data(skb, skb->len))
		return FLOW_NOT_OURS;
	v = judge((void *)(long)skb->data, (void *)(long)skb->data_end, skb->len, a);
	if (v != FLOW_REDIRECT)
		return v;
	if (skb->gso_segs > 1)
		return FLOW_AGGREGATE;
	return next_hop(skb, a, skb->ifindex);
}

static __always_inline int write_ip4(struct __sk_buff *skb, struct arrival *a)
{
	struct iphdr *ip = &a->out.ip4;

	if (a->f.flags & FLOW_IN_IPV6) {
		rewrite_new_ip4(ip, &a->f, a->tos, a->ttl, a->udp_length);
	} else {
		if (bpf_skb_load_bytes(skb, sizeof(struct ethhdr), ip, sizeof(*ip)))
			return -1;
		rewrite_ip4(ip, &a->f);
	}
	return (int)bpf_skb_store_bytes(skb, sizeof(struct ethhdr), ip, sizeof(*ip), BPF_F_RECOMPUTE_CSUM);
}

static __always_inline int write_ip6(struct __sk_buff *skb, struct arrival *a)
{
	struct ipv6hdr *ip = &a->out.ip6;

	if (a->f.flags & FLOW_IN_IPV6) {
		if (bpf_skb_load_bytes(skb, sizeof(struct ethhdr), ip, sizeof(*ip)))
			return -1;
		rewrite_ip6(ip, &a->f);
	} else {
		rewrite_new_ip6(ip, &a->f, a->tos, a->ttl, a->udp_length);
	}
	return (int)bpf_skb_store_bytes(skb, sizeof(struct ethhdr), ip, sizeof(*ip), BPF_F_RECOMPUTE_CSUM);
}

static __always_inline __u32 udp_offset(const struct arrival *a)
{
	return sizeof(struct ethhdr) + (a->f.flags & FLOW_OUT_IPV6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr));
}

/* What the kernel has summed up of the buffer stays true by itself where only IPv4 changes: its header sums up to the same. */
static __always_inline int rewrite_in_place(struct __sk_buff *skb, const struct arrival *a)
{
	void *data = (void *)(long)skb->data;
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct udphdr *udp = (void *)(ip + 1);

	if ((void *)(udp + 1) > (void *)(long)skb->data_end)
		return -1;
	write_ethernet(data, a, bpf_htons(ETH_P_IP));
	rewrite_ip4(ip, &a->f);
	udp->source = a->f.from_port;
	udp->dest = a->f.to_port;
	return 0;
}

/* The same by helpers, which take notice of what changes in the sum. */
static __always_inline int rewrite_by_helpers(struct __sk_buff *skb, struct arrival *a)
{
	__u8 out6 = a->f.flags & FLOW_OUT_IPV6, in6 = a->f.flags & FLOW_IN_IPV6;
	__be16 protocol = out6 ? bpf_htons(ETH_P_IPV6) : bpf_htons(ETH_P_IP);

	if (!out6 != !in6 && bpf_skb_change_proto(skb, protocol, 0))
		return -1;
	a->out_ports[0] = a->f.from_port;
	a->out_ports[1] = a->f.to_port;
	write_ethernet(a->out_ethernet, a, protocol);
	if (bpf_skb_store_bytes(skb, 0, a->out_ethernet, sizeof(struct ethhdr), 0) || (out6 ? write_ip6(skb, a) : write_ip4(skb, a)))
		return -1;
	return (int)bpf_skb_store_bytes(skb, udp_offset(a), a->out_ports, sizeof(a->out_ports), 0);
}

/* UDP's checksum by helpers in any case: one that the sender left to the card stays so. */
static __always_inline int rewrite_tc(struct __sk_buff *skb, struct arrival *a)
{
	__u32 check = udp_offset(a) + __builtin_offsetof(struct udphdr, check);

	if (a->f.flags & (FLOW_IN_IPV6 | FLOW_OUT_IPV6) ? rewrite_by_helpers(skb, a) : rewrite_in_place(skb, a))
		return -1;
	if (bpf_l4_csum_replace(skb, check, 0, a->f.delta_addresses, BPF_F_PSEUDO_HDR | BPF_F_MARK_MANGLED_0))
		return -1;
	return (int)bpf_l4_csum_replace(skb, check, 0, a->f.delta_ports, BPF_F_MARK_MANGLED_0);
}

/* What it was marked with on its way in, and when it came, is not for the way out. */
static __always_inline void forget(struct __sk_buff *skb)
{
	skb->mark = 0;
	barrier(); /* the compiler would write two fields at once, which the verifier forbids */
	skb->queue_mapping = 0;
	skb->tstamp = 0;
}

static __always_inline int forward_tc(struct __sk_buff *skb)
{
	struct arrival *a = scratch();
	enum flow_verdict v;

	if (!a)
		return TC_ACT_UNSPEC; /* cannot be */
	v = prepare_tc(skb, a);
	if (v > FLOW_REDIRECT)
		return give_up(v, is_for_us(v) && is_for_the_dead_tc(skb), TC_ACT_UNSPEC, TC_ACT_SHOT);
	if (rewrite_tc(skb, a)) {
		count_verdict(FLOW_FAILED);
		return TC_ACT_SHOT;
	}
	forget(skb);
	count_forwarded(a);
	count_verdict(a->f.ifindex == skb->ifindex ? FLOW_TX : FLOW_REDIRECT);
	return (int)bpf_redirect(a->f.ifindex, 0);
}

SEC("tc")
int flow_tc(struct __sk_buff *skb)
{
	return forward_tc(skb);
}

char program_license[] SEC("license") = "GPL";
