/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two programs that show that packets come in, and leave again, by XDP or by TC (proof_abi.h). All else passes. */
#include "proof_abi.h"

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define ARP_REPLY 2
#define NEXT_IS_ICMPV6 58
#define ND_ADVERTISEMENT 136

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PROOF_INTERFACES_MAX);
	__type(key, __u32);
	__type(value, struct proof_question);
} proof_questions SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, PROOF_INTERFACES_MAX);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} proof_devices SEC(".maps");

/* `words` of 16 bits: what is compared begins at even addresses. */
static __always_inline int same(const __u8 *a, const __u8 *b, int words)
{
	const __u16 *x = (const void *)a, *y = (const void *)b;
	__u16 differs = 0;

	_Pragma("clang loop unroll(full)")
	for (int i = 0; i < words; i++)
		differs |= x[i] ^ y[i];
	return !differs;
}

static __always_inline __u16 word_at(const __u8 *b, int at)
{
	return bpf_ntohs(*(const __be16 *)(const void *)(b + at));
}

/* From the neighbour that was asked, to the address that asks. */
static __always_inline int is_arp_answer(const __u8 *b, const __u8 *end, const struct proof_question *q)
{
	if (b + PROOF_ARP > end || q->length != PROOF_ARP)
		return 0;
	return word_at(b, PROOF_PROTOCOL) == ETH_P_ARP && word_at(b, PROOF_ARP_CODE) == ARP_REPLY &&
		same(b, q->frame + PROOF_MAC_FROM, 3) && same(b + PROOF_ARP_FROM, q->frame + PROOF_ARP_TO, 2) &&
		same(b + PROOF_ARP_TO, q->frame + PROOF_ARP_FROM, 2);
}

static __always_inline int is_nd_answer(const __u8 *b, const __u8 *end, const struct proof_question *q)
{
	if (b + PROOF_ND > end || q->length != PROOF_ND)
		return 0;
	return word_at(b, PROOF_PROTOCOL) == ETH_P_IPV6 && b[PROOF_ND_NEXT] == NEXT_IS_ICMPV6 && b[PROOF_ND_TYPE] == ND_ADVERTISEMENT &&
		same(b, q->frame + PROOF_MAC_FROM, 3) && same(b + PROOF_ND_TARGET, q->frame + PROOF_ND_TARGET, 8) &&
		same(b + PROOF_ND_TO, q->frame + PROOF_ND_FROM, 8);
}

/* What is being tried at the interface, if this is an answer that it waits for; else NULL. */
static __always_inline struct proof_question *answered(const __u8 *b, const __u8 *end, __u32 ifindex)
{
	struct proof_question *q = bpf_map_lookup_elem(&proof_questions, &ifindex);

	if (!q || q->stage == PROOF_IDLE || q->stage >= PROOF_DONE)
		return NULL;
	if (!is_arp_answer(b, end, q) && !is_nd_answer(b, end, q))
		return NULL;
	return bpf_ktime_get_ns() <= q->until_ns ? q : NULL;
}

/* Anything behind the question is what Ethernet fills frames up with. */
static __always_inline int ask_again(struct xdp_md *ctx, const struct proof_question *q)
{
	__u8 *b = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (q->length == PROOF_ND && b + PROOF_ND <= end)
		__builtin_memcpy(b, q->frame, PROOF_ND);
	else if (q->length == PROOF_ARP && b + PROOF_ARP <= end)
		__builtin_memcpy(b, q->frame, PROOF_ARP);
	else
		return -1;
	return 0;
}

SEC("xdp")
int prove_xdp(struct xdp_md *ctx)
{
	struct proof_question *q = answered((void *)(long)ctx->data, (void *)(long)ctx->data_end, ctx->ingress_ifindex);

	if (!q)
		return XDP_PASS;
	if (q->stage == PROOF_REDIRECTED) {
		q->stage = PROOF_DONE;
		return XDP_PASS;
	}
	if (ask_again(ctx, q))
		return XDP_PASS; /* cannot be */
	if (q->stage == PROOF_ASKED) {
		q->stage = PROOF_SENT;
		return XDP_TX;
	}
	q->stage = PROOF_REDIRECTED;
	return (int)bpf_redirect_map(&proof_devices, ctx->ingress_ifindex, XDP_PASS);
}

static __always_inline int store_question(struct __sk_buff *skb, const struct proof_question *q)
{
	if (q->length == PROOF_ND)
		return (int)bpf_skb_store_bytes(skb, 0, q->frame, PROOF_ND, 0);
	return (int)bpf_skb_store_bytes(skb, 0, q->frame, PROOF_ARP, 0);
}

SEC("tc")
int prove_tc(struct __sk_buff *skb)
{
	struct proof_question *q = answered((void *)(long)skb->data, (void *)(long)skb->data_end, skb->ifindex);

	if (!q)
		return TC_ACT_UNSPEC;
	if (q->stage == PROOF_REDIRECTED) {
		q->stage = PROOF_DONE;
		return TC_ACT_UNSPEC;
	}
	if (store_question(skb, q))
		return TC_ACT_UNSPEC; /* cannot be */
	q->stage = PROOF_REDIRECTED;
	return (int)bpf_redirect(skb->ifindex, 0);
}

char program_license[] SEC("license") = "GPL";
