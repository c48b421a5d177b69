/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The programs, each run after a step that makes the same packet the stream's next one: BPF_PROG_TEST_RUN feeds a program's output to
 * its next run, so without that it would see one packet again and again, or a TTL that runs out.
 */
#include "flow.bpf.c"
#include "bench.h"

static __always_inline void next_packet(__u8 *ttl, __u8 *rtp)
{
	__be16 *sequence = (__be16 *)(void *)(rtp + 2);
	__be32 *timestamp = (__be32 *)(void *)(rtp + 4);

	*ttl = 64;
	*sequence = bpf_htons((__u16)(bpf_ntohs(*sequence) + 1));
	*timestamp = bpf_htonl(bpf_ntohl(*timestamp) + 160);
}

static __always_inline void next(void *data, const void *end)
{
	__u8 *b = data;

	if ((void *)(b + 14 + 40 + 8 + 12) > end)
		return;
	if (*(__be16 *)(void *)(b + 12) == bpf_htons(ETH_P_IP)) {
		next_packet(b + 14 + 8, b + 14 + 20 + 8);
		return;
	}
	barrier_var(b); /* or the compiler adds the difference, which the verifier forbids to those without CAP_PERFMON */
	next_packet(b + 14 + 7, b + 14 + 40 + 8);
}

SEC("xdp")
int bench_xdp(struct xdp_md *ctx)
{
	next((void *)(long)ctx->data, (void *)(long)ctx->data_end);
	return forward_xdp(ctx);
}

SEC("tc")
int bench_tc(struct __sk_buff *skb)
{
	next((void *)(long)skb->data, (void *)(long)skb->data_end);
	return forward_tc(skb);
}

/* What BPF_PROG_TEST_RUN costs, what the step before each packet, and what the kernel's own parts that the programs cannot do without. */
SEC("xdp")
int bench_empty(struct xdp_md *ctx)
{
	return XDP_TX;
}

SEC("xdp")
int bench_nothing(struct xdp_md *ctx)
{
	next((void *)(long)ctx->data, (void *)(long)ctx->data_end);
	return XDP_TX;
}

SEC("xdp")
int bench_clock(struct xdp_md *ctx)
{
	return bpf_ktime_get_ns() ? XDP_TX : XDP_DROP;
}

SEC("xdp")
int bench_redirect(struct xdp_md *ctx)
{
	return (int)bpf_redirect_map(&flow_devices, FARAWAY, XDP_PASS);
}

/* The question that ask_routing() asks, of the flow that measure.c installs. */
SEC("xdp")
int bench_routing(struct xdp_md *ctx)
{
	struct bpf_fib_lookup fib = {.family = AF_INET, .l4_protocol = IPPROTO_UDP, .tot_len = 200, .ifindex = ctx->ingress_ifindex,
			.ipv4_src = bpf_htonl(0xc0000201), .ipv4_dst = bpf_htonl(0xc0000209)};

	return bpf_fib_lookup(ctx, &fib, sizeof(fib), 0) == BPF_FIB_LKUP_RET_SUCCESS ? XDP_TX : XDP_DROP;
}
