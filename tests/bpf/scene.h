/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One relayed flow, in each combination of families: the party's packet as it arrives, the flow in the table, and the packet as
 * it is to leave.
 *
 *   party 192.0.2.9:40000      -> relay 192.0.2.1:55010      |  relay 198.51.100.1:55020    -> peer 198.51.100.7:50000
 *         [2001:db8::9]:40000  ->       [2001:db8::1]:55010  |        [2001:db8:1::1]:55020 ->      [2001:db8:1::7]:50000
 */
#ifndef AETA_TESTS_BPF_SCENE_H
#define AETA_TESTS_BPF_SCENE_H

#include "programs.h"

#define PORT_MIN   55004
#define LOCAL_PORT 55010
#define INDEX4     (LOCAL_PORT - PORT_MIN)        /* of the IPv4 address */
#define INDEX6     (PORTS / 2 + LOCAL_PORT - PORT_MIN)
#define LOOPBACK   1
#define ELSEWHERE  2 /* an interface that is no more than a number here: what is redirected to it goes nowhere */
#define SSRC       0x11223344u

struct scene {
	struct programs *programs;
	bool in6, out6;
	uint32_t index;
	struct shape in;
	struct flow flow;
};

/* Loads the programs, or ends the process, which is a failure. Then frees them. */
void scenes_begin(void);
void scenes_end(void);

/* RTP of 172 bytes, TTL 64, tos 0xb9. The table has the flow, with a cached next hop through loopback. Statistics are zero. */
struct scene scene(bool in6, bool out6);
/* The same, with packets and bytes counted only. */
struct scene scene_counters(bool in6, bool out6);

/* Writes s->flow, sealed, into the table with another generation. */
void scene_install(struct scene *s);
/* What is to come out for s->in. */
struct shape scene_expected(const struct scene *s);

/* Runs s->in; the outcome, with the verdict that was counted. Fails the test where not exactly one was. */
struct outcome scene_run(struct scene *s, int program, enum flow_verdict *verdict);
struct outcome scene_run_bytes(struct scene *s, int program, const uint8_t *bytes, size_t n, enum flow_verdict *verdict);

/* The packet was forwarded by both programs as scene_expected() says, byte for byte. */
void scene_check_forwarded(struct scene *s);
/* It went up to user space, unchanged and with that verdict, by both programs. */
void scene_check_passed(struct scene *s, enum flow_verdict verdict);
void scene_check_passed_bytes(struct scene *s, const uint8_t *bytes, size_t n, enum flow_verdict verdict);

#endif
