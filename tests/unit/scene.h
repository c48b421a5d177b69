/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call of two parties, one stream each, as the core lays it out, for the tests of what becomes of a packet. Without check,
 * since a fuzz target uses it too.
 *
 *      caller  192.0.2.10:4000 (RTCP 4001), SIP from 192.0.2.10         relay 203.0.113.1, ports 55004/5 face the caller,
 *      callee  198.51.100.20:5000 (5001), SIP from 198.51.100.20               55006/7 the callee
 *
 * The call is answered; payload types 0, 8 and 101 (DTMF) are signalled; the clock stands at 100 s and is the test's.
 */
#ifndef AETA_TESTS_SCENE_H
#define AETA_TESTS_SCENE_H

#include "core/rtp.h"
#include "core/sdp.h"
#include "core/state.h"

enum side { CALLER = 0, CALLEE = 1 };

struct scene {
	struct relay relay;
	struct call call;
	struct party party[2];
	struct stream stream[2];
	struct stream *streams[2];
	struct interface interface;
	uint64_t now;
	unsigned changed, lines; /* how often the shell was told */
	struct stream *changed_last;
	char line[256];
};

#define SCENE_MS(n) ((uint64_t)(n) * 1000u)

void scene_init(struct scene *s);

/* "192.0.2.10:4000", "[2001:db8::1]:4000" */
struct endpoint scene_endpoint(const char *text);
/* The party's SDP says that it receives there, RTCP at the next port; SIP came from `sip`. Says what learn_signalled() does. */
bool scene_signal(struct scene *s, enum side side, const char *rtp, const char *sip);

/* Headers with a little payload; the length is returned. */
#define SCENE_PACKET 64
size_t scene_rtp(uint8_t out[SCENE_PACKET], uint8_t type, uint16_t sequence, uint32_t ssrc);
size_t scene_rtcp(uint8_t out[SCENE_PACKET], uint32_t ssrc);
size_t scene_stun(uint8_t out[SCENE_PACKET]);

struct packet_verdict scene_packet(struct scene *s, struct component *at, const char *from, const uint8_t *bytes, size_t n);
/* RTP of type 0 to the port that faces `side`; and RTCP to its RTCP port. */
struct packet_verdict scene_media(struct scene *s, enum side side, const char *from, uint16_t sequence, uint32_t ssrc);
struct packet_verdict scene_control(struct scene *s, enum side side, const char *from, uint32_t ssrc);

/* Both sides send from their SDP's addresses and are locked: SSRC 1 and 2, sequence 1. */
void scene_lock(struct scene *s);

#endif
