/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two ends of the wire, and the least that can be between them (paths.py): a generator, which BPF_PROG_TEST_RUN runs with live
 * frames; what counts and drops them at the other end; and the bare redirect.
 */
#include "wire.h"

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, WIRE_FLOWS_MAX);
	__type(key, __u32);
	__type(value, struct wire_flow);
} wire_flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} wire_out SEC(".maps");

const volatile __u32 expected; /* where packets are addressed when they have arrived (network order) */
const volatile _Bool is_sent;  /* what is made; otherwise it is counted as arrived */

__u32 flows;   /* how many there are */
__u32 next;    /* whose turn it is */
__u64 arrived;

/* ---- the generator ---- */

static __always_inline __u16 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)((sum & 0xffff) + (sum >> 16));
}

/* A page comes again with what became of its packet, so that all headers are written anew. (Offset 44: RTP's sequence number.) */
static __always_inline void write_packet(__u64 *to, struct wire_flow *f)
{
	__u16 sequence = bpf_htons(++f->sequence), *half = (void *)to;
	__u32 timestamp = bpf_htonl(WIRE_TICKS * f->sequence);
	__u16 check = (__u16)~fold(f->sum + sequence + (timestamp & 0xffff) + (timestamp >> 16));

	to[0] = f->headers[0];
	to[1] = f->headers[1];
	to[2] = f->headers[2];
	to[3] = f->headers[3];
	to[4] = f->headers[4];
	to[5] = f->headers[5];
	to[6] = f->headers[6];
	half[20] = check ? check : 0xffff;
	half[22] = sequence;
	half[23] = (__u16)timestamp;
	half[24] = (__u16)(timestamp >> 16);
}

SEC("xdp")
int wire_generate(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 i = next;
	struct wire_flow *f = bpf_map_lookup_elem(&wire_flows, &i);

	if (!f || data + sizeof(f->headers) > end)
		return XDP_DROP;
	next = i + 1 < flows ? i + 1 : 0;
	write_packet(data, f);
	if (is_sent)
		return XDP_TX; /* out through the device that it is run for */
	arrived++;
	return XDP_DROP;
}

/* ---- the other end ---- */

static __always_inline int has_arrived(const void *data, const void *end)
{
	const __u8 *b = data;

	if (b + 14 + 20 > (const __u8 *)end)
		return 0;
	return *(const __be16 *)(b + 12) == bpf_htons(ETH_P_IP) && *(const __be16 *)(b + 16) == bpf_htons(WIRE_IP_LENGTH) &&
			b[23] == IPPROTO_UDP && *(const __be32 *)(b + 30) == expected;
}

SEC("xdp")
int wire_sink(struct xdp_md *ctx)
{
	if (!has_arrived((void *)(long)ctx->data, (void *)(long)ctx->data_end))
		return XDP_PASS;
	__sync_fetch_and_add(&arrived, 1);
	return XDP_DROP;
}

/* ---- between them ---- */

SEC("xdp")
int wire_redirect(struct xdp_md *ctx)
{
	return (int)bpf_redirect_map(&wire_out, 0, XDP_DROP);
}

char program_license[] SEC("license") = "GPL";
