/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "flow.skel.h"

#define PROCESSORS_MAX 1024

static void *mapped(const struct bpf_map *map)
{
	size_t n = (size_t)bpf_map__value_size(map) * bpf_map__max_entries(map);
	void *memory = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static void unmapped(const struct bpf_map *map, void *memory)
{
	if (memory)
		munmap(memory, (size_t)bpf_map__value_size(map) * bpf_map__max_entries(map));
}

static int set_up(struct programs *p, bool all_statistics)
{
	struct flow_bpf *s = p->skeleton;

	s->rodata->all_statistics = all_statistics;
	bpf_map__set_max_entries(s->maps.flow_table, PORTS);
	bpf_map__set_max_entries(s->maps.flow_states, PORTS);
	bpf_map__set_max_entries(s->maps.flow_counters, PORTS);
	if (flow_bpf__load(s))
		return -1;
	p->xdp = bpf_program__fd(s->progs.flow_xdp);
	p->tc = bpf_program__fd(s->progs.flow_tc);
	p->counters = bpf_map__fd(s->maps.flow_counters);
	p->verdicts = bpf_map__fd(s->maps.flow_verdicts);
	p->devices = bpf_map__fd(s->maps.flow_devices);
	p->alive = bpf_map__fd(s->maps.flow_alive);
	p->config = mapped(s->maps.flow_config);
	p->table = mapped(s->maps.flow_table);
	p->states = mapped(s->maps.flow_states);
	return p->config && p->table && p->states ? 0 : -1;
}

struct programs *programs_load(bool all_statistics)
{
	struct programs *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->skeleton = flow_bpf__open();
	if (!p->skeleton || set_up(p, all_statistics)) {
		programs_free(p);
		return NULL;
	}
	return p;
}

void programs_free(struct programs *p)
{
	if (!p)
		return;
	if (p->skeleton) {
		unmapped(p->skeleton->maps.flow_config, p->config);
		unmapped(p->skeleton->maps.flow_table, p->table);
		unmapped(p->skeleton->maps.flow_states, p->states);
	}
	flow_bpf__destroy(p->skeleton);
	free(p);
}

int programs_run(int program, const uint8_t *bytes, size_t n, struct outcome *o)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = bytes, .data_size_in = (uint32_t)n, .data_out = o->bytes,
			.data_size_out = sizeof(o->bytes), .repeat = 1);
	int status = bpf_prog_test_run_opts(program, &run);

	o->action = run.retval;
	o->n = run.data_size_out;
	return status;
}

int programs_run_aggregate(int program, const uint8_t *bytes, size_t n, unsigned segments, struct outcome *o)
{
	struct __sk_buff skb = {.gso_segs = segments, .gso_size = 172};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = bytes, .data_size_in = (uint32_t)n, .data_out = o->bytes,
			.data_size_out = sizeof(o->bytes), .repeat = 1, .ctx_in = &skb, .ctx_size_in = sizeof(skb));
	int status = bpf_prog_test_run_opts(program, &run);

	o->action = run.retval;
	o->n = run.data_size_out;
	return status;
}

uint64_t programs_verdicts(const struct programs *p, enum flow_verdict v)
{
	uint64_t each[PROCESSORS_MAX] = {0}, sum = 0;
	uint32_t key = v;

	if (bpf_map_lookup_elem(p->verdicts, &key, each))
		return UINT64_MAX;
	for (int i = 0; i < libbpf_num_possible_cpus() && i < PROCESSORS_MAX; i++)
		sum += each[i];
	return sum;
}

struct flow_counters programs_counters(const struct programs *p, uint32_t index)
{
	static struct flow_counters each[PROCESSORS_MAX];
	struct flow_counters sum = {0};

	memset(each, 0, sizeof(each));
	if (bpf_map_lookup_elem(p->counters, &index, each))
		return (struct flow_counters){.packets = UINT64_MAX};
	for (int i = 0; i < libbpf_num_possible_cpus() && i < PROCESSORS_MAX; i++) {
		sum.packets += each[i].packets;
		sum.bytes += each[i].bytes;
		sum.control_packets += each[i].control_packets;
		sum.control_bytes += each[i].control_bytes;
		sum.last_ns = each[i].last_ns > sum.last_ns ? each[i].last_ns : sum.last_ns;
	}
	return sum;
}
