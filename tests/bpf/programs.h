/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loaded programs and their maps, and how to run a packet through them. */
#ifndef AETA_TESTS_BPF_PROGRAMS_H
#define AETA_TESTS_BPF_PROGRAMS_H

#include "kernel/flow_abi.h"
#include "packets.h"

#define PORTS 64

struct flow_bpf;

struct programs {
	struct flow_bpf *skeleton;
	int xdp, tc; /* descriptors */
	int counters, verdicts, devices, alive;
	struct flow_config *config;
	struct flow *table;
	struct flow_state *states;
};

/* NULL: the system does not allow it, and said why on stderr. */
struct programs *programs_load(bool all_statistics);
void programs_free(struct programs *p);

struct outcome {
	uint32_t action;
	size_t n;
	uint8_t bytes[PACKET_MAX];
};

/* Runs it once; 0 or -errno. The packet comes in through the loopback interface. */
int programs_run(int program, const uint8_t *bytes, size_t n, struct outcome *o);
/* The same of flow_tc, of a buffer that holds so many packets in one. */
int programs_run_aggregate(int program, const uint8_t *bytes, size_t n, unsigned segments, struct outcome *o);

/* Sums over the processors. */
uint64_t programs_verdicts(const struct programs *p, enum flow_verdict v);
struct flow_counters programs_counters(const struct programs *p, uint32_t index);

#endif
