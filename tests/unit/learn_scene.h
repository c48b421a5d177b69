/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For the tests of learning: one scene in each file, the caller is the party that is learned. */
#ifndef AETA_TESTS_LEARN_SCENE_H
#define AETA_TESTS_LEARN_SCENE_H

#include "relay_suites.h"
#include "scene.h"

#define SDP   "192.0.2.10:4000"
#define ALIKE "192.0.2.10:4711" /* rank 2 */
#define SIP   "192.0.2.99"
#define NAT   "192.0.2.99:30791" /* rank 3, once SIP comes from there */
#define OUT   "203.0.113.66:7000" /* rank 4 */

static struct scene s;
static struct learning *const l = &s.stream[CALLER].rtp.learning;

static void setup(void)
{
	scene_init(&s);
}

static void behind_nat(void)
{
	setup();
	scene_signal(&s, CALLER, "10.0.0.5:4000", SIP);
}

static void tick(unsigned ms)
{
	s.now += SCENE_MS(ms);
}

static bool is(const struct endpoint *e, const char *text)
{
	struct endpoint should = scene_endpoint(text);

	return e && endpoint_equal(e, &should);
}

/* Where the caller is sent to. */
static bool hears_at(const char *text)
{
	return is(learn_destination(&s.stream[CALLER].rtp), text);
}

/* `n` packets of the caller, 20 ms apart; how many of them were forwarded. */
static unsigned stream(const char *from, uint16_t first, unsigned n, uint32_t ssrc)
{
	unsigned forwarded = 0;

	for (unsigned i = 0; i < n; i++, tick(20))
		forwarded += scene_media(&s, CALLER, from, (uint16_t)(first + i), ssrc).forward;
	return forwarded;
}

static struct packet_verdict keepalive(enum component_kind kind, const char *from)
{
	return scene_packet(&s, kind == COMPONENT_RTP ? &s.stream[CALLER].rtp : &s.stream[CALLER].rtcp, from, NULL, 0);
}

/* A suite whose tests each begin with setup(). */
static Suite *learn_suite_of(const char *name, const TTest *const *tests)
{
	Suite *suite = suite_create(name);
	TCase *c = tcase_create(name);

	tcase_add_checked_fixture(c, setup, NULL);
	for (; *tests; tests++)
		tcase_add_test(c, *tests);
	suite_add_tcase(suite, c);
	return suite;
}

#endif
