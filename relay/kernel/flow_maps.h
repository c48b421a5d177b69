/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The programs' maps (flow_abi.h says what is in them), and counting. */
#ifndef RELAY_KERNEL_FLOW_MAPS_H
#define RELAY_KERNEL_FLOW_MAPS_H

#include "flow_abi.h"

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define PORTS_DEFAULT 1024 /* the daemon says how many */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct flow_config);
} flow_config SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, PORTS_DEFAULT);
	__type(key, __u32);
	__type(value, struct flow);
} flow_table SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, PORTS_DEFAULT);
	__type(key, __u32);
	__type(value, struct flow_state);
} flow_states SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, PORTS_DEFAULT);
	__type(key, __u32);
	__type(value, struct flow_counters);
} flow_counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, FLOW_VERDICTS_COUNT);
	__type(key, __u32);
	__type(value, __u64);
} flow_verdicts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, FLOW_DEVICES_MAX);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} flow_devices SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} flow_alive SEC(".maps");

static __always_inline void count_verdict(enum flow_verdict v)
{
	__u32 key = v;
	__u64 *count = bpf_map_lookup_elem(&flow_verdicts, &key);

	if (count)
		(*count)++;
}

#endif
