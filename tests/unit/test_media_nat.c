/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SERVICE.md C7: the verdict where the NATs of agents are found out. All 256 pairs of kinds of NAT, each agent with STUN and
 * without, as the server sees them (registration, INVITE, evidence of the probes), against which of them hear each other directly.
 */
#include "suites.h"

#include <stdio.h>
#include <string.h>

#include "policy/media.h"

#define PROBED (AETA_EVIDENCE_FLOW | AETA_EVIDENCE_ADDRESS_TRIED)
#define STEADY (PROBED | AETA_EVIDENCE_PORT | AETA_EVIDENCE_ADDRESS | AETA_EVIDENCE_AFTER)

/* What the server sees of each kind: where its SIP comes from, and how it answers the probes. `crossed`: others can reach it. */
static const struct kind {
	const char *name;
	bool nat;
	uint16_t sip_port;
	uint32_t evidence;
	bool crossed;
} kinds[] = {
	{"public", false, 5060, STEADY | AETA_EVIDENCE_KNOCK | AETA_EVIDENCE_NO_NAT, true},
	{"fwstate", false, 5060, STEADY | AETA_EVIDENCE_NO_NAT, true},
	{"fwsrv", false, 5060, PROBED | AETA_EVIDENCE_PORT | AETA_EVIDENCE_AFTER | AETA_EVIDENCE_NO_NAT, false},
	{"cone", true, 5060, STEADY | AETA_EVIDENCE_KNOCK, true},
	{"addr", true, 5060, STEADY | AETA_EVIDENCE_KNOCK, true},
	{"port", true, 5060, STEADY, true},
	{"shift", true, 30060, STEADY, true},
	{"sym", true, 30791, PROBED | AETA_EVIDENCE_PORT_MOVED | AETA_EVIDENCE_ADDRESS_MOVED | AETA_EVIDENCE_AFTER_MOVED, false},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))
#define CELLS (KINDS * KINDS * 4)

struct agent {
	const struct kind *kind;
	bool stun;
};

struct cell {
	struct agent caller, callee;
};

static struct cell cell_of(unsigned n)
{
	return (struct cell){.caller = {&kinds[n / 4 / KINDS], n & 1}, .callee = {&kinds[n / 4 % KINDS], n & 2}};
}

static bool heard_at(struct agent a)
{
	return a.kind->crossed && (!a.kind->nat || a.stun);
}

static bool direct_works(struct cell c)
{
	return heard_at(c.caller) && heard_at(c.callee);
}

static struct aeta_address ip(const char *s, unsigned port)
{
	return aeta_address_parse(s, strlen(s), port);
}

/* An agent as its registration shows it, once it has been probed. */
static struct aeta_media_side registered(struct agent a, const char *wan)
{
	struct aeta_media_side s = {.source = ip(wan, a.kind->sip_port), .contact = ip(a.kind->nat ? "192.168.1.2" : wan, 5060),
			.via_mismatch = a.kind->nat, .binding = 77};

	s.nat = (struct aeta_nat_known){.probed = true, .evidence = a.kind->evidence, .cls = (uint8_t)aeta_nat_classify(a.kind->evidence)};
	return s;
}

static void give_sdp(struct aeta_media_side *s, struct agent a, const char *wan)
{
	char sdp[256];

	snprintf(sdp, sizeof(sdp), "v=0\r\nc=IN IP4 %s\r\nm=audio 9000 RTP/AVP 0\r\nc=IN IP4 %s\r\n", a.kind->nat ? "192.168.1.2" : wan,
			a.kind->nat && !a.stun ? "192.168.1.2" : wan);
	aeta_sdp_read(sdp, strlen(sdp), &s->sdp);
}

/* It has sent an SDP before, and what that showed was kept. */
static void learn(struct aeta_media_side *s, struct agent a, const char *wan)
{
	struct aeta_media_side before = *s;

	give_sdp(&before, a, wan);
	s->nat.stun = (uint8_t)aeta_media_stun_shown(&before);
	s->nat.binding = s->binding;
}

static const char *const wans[] = {"198.51.100.1", "203.0.113.2"};
static const struct aeta_media_setting probing = {.probing = true};

static struct aeta_media_verdict verdict_of(struct cell c, bool learned, struct aeta_media_setting setting)
{
	struct aeta_media_side caller = registered(c.caller, wans[0]), callee = registered(c.callee, wans[1]);

	caller.via = caller.contact;
	give_sdp(&caller, c.caller, wans[0]);
	if (learned)
		learn(&callee, c.callee, wans[1]);
	return aeta_media_decide(&caller, &callee, &setting);
}

static const char *words_of(struct cell c, const struct aeta_media_verdict *v)
{
	static char text[AETA_REASONS_TEXT + 128];
	char reasons[AETA_REASONS_TEXT];

	aeta_reasons_format(v->reasons, reasons, sizeof(reasons));
	snprintf(text, sizeof(text), "%s%s, %s%s: %s, %s", c.caller.kind->name, c.caller.stun ? " with STUN" : "", c.callee.kind->name,
			c.callee.stun ? " with STUN" : "", aeta_path_name(v->path), reasons);
	return text;
}

/* Once each agent has been in a call: direct exactly where it works. 64 of 256, the 25 % that are possible. */
START_TEST(all_pairs_once_stun_is_known)
{
	unsigned direct = 0;

	for (unsigned n = 0; n < CELLS; n++) {
		struct cell c = cell_of(n);
		struct aeta_media_verdict v = verdict_of(c, true, probing);

		ck_assert_msg((v.path == AETA_PATH_DIRECT) == direct_works(c), "%s", words_of(c, &v));
		ck_assert(v.path == AETA_PATH_DIRECT || v.path == AETA_PATH_RELAYED);
		direct += v.path == AETA_PATH_DIRECT;
	}
	ck_assert_uint_eq(direct, 64);
}
END_TEST

/* At the callee's first call: none is direct that does not work, and needless only what waits for the callee's STUN. */
START_TEST(all_pairs_before_stun_is_known)
{
	unsigned needless = 0, known = 0;

	for (unsigned n = 0; n < CELLS; n++) {
		struct cell c = cell_of(n);
		struct aeta_media_verdict v = verdict_of(c, false, probing);

		ck_assert_msg(v.path == AETA_PATH_RELAYED || direct_works(c), "%s", words_of(c, &v));
		known += v.path == AETA_PATH_DIRECT;
		if (v.path == AETA_PATH_DIRECT || !direct_works(c))
			continue;
		ck_assert_msg(v.reasons == AETA_REASON_CALLEE(AETA_SIGN_STUN_UNKNOWN), "%s", words_of(c, &v));
		ck_assert(c.callee.kind->nat && c.callee.stun);
		needless++;
	}
	ck_assert_uint_eq(needless, 32); /* to four callees of sixteen, once each: then it is known */
	ck_assert_uint_eq(known, 32);
}
END_TEST

/* Whatever is not known of either agent, nothing that is wrong gets direct; and without probing the old verdict holds. */
START_TEST(all_pairs_without_a_class)
{
	for (unsigned n = 0; n < CELLS; n++) {
		struct cell c = cell_of(n), worse = c;
		struct kind nothing[2] = {*c.caller.kind, *c.callee.kind};
		struct aeta_media_setting off = {.probing = false};
		bool sip_shows_nat = c.caller.kind->nat || c.callee.kind->nat;
		struct aeta_media_verdict v;

		nothing[0].evidence = nothing[1].evidence = 0;
		worse.caller.kind = &nothing[0];
		v = verdict_of(worse, true, probing);
		ck_assert_msg(v.path == AETA_PATH_RELAYED && v.reasons & AETA_REASON_CALLER(AETA_SIGN_NAT_UNKNOWN), "%s", words_of(c, &v));
		worse = (struct cell){.caller = c.caller, .callee = {&nothing[1], c.callee.stun}};
		v = verdict_of(worse, true, probing);
		ck_assert_msg(v.path == AETA_PATH_RELAYED && v.reasons & AETA_REASON_CALLEE(AETA_SIGN_NAT_UNKNOWN), "%s", words_of(c, &v));
		worse.caller.kind = &nothing[0];
		v = verdict_of(worse, true, off);
		ck_assert_msg((v.path == AETA_PATH_RELAYED) == sip_shows_nat, "%s", words_of(c, &v));
		/* what is known against an agent counts all the same */
		v = verdict_of(c, true, off);
		ck_assert_msg((v.path == AETA_PATH_RELAYED) == (sip_shows_nat || !c.caller.kind->crossed || !c.callee.kind->crossed), "%s",
				words_of(c, &v));
	}
}
END_TEST

/* ---- one agent ---- */

static const struct agent cone = {&kinds[3], true}, open_agent = {&kinds[0], false};

static const char *callee_reasons(const struct aeta_media_side *callee)
{
	static char text[AETA_REASONS_TEXT];
	struct aeta_media_side caller = registered(open_agent, wans[0]);
	struct aeta_media_verdict v;

	caller.via = caller.contact;
	give_sdp(&caller, open_agent, wans[0]);
	v = aeta_media_decide(&caller, callee, &probing);
	aeta_reasons_format(v.reasons, text, sizeof(text));
	return text;
}

START_TEST(stun_is_of_one_binding)
{
	struct aeta_media_side s = registered(cone, wans[1]);

	ck_assert_str_eq(callee_reasons(&s), "callee-stun-unknown");
	learn(&s, cone, wans[1]);
	ck_assert_str_eq(callee_reasons(&s), "no-sign");
	s.binding++;
	ck_assert_str_eq(callee_reasons(&s), "callee-stun-unknown");
	s.binding = s.nat.binding = 0;
	ck_assert_str_eq(callee_reasons(&s), "callee-stun-unknown");
	s.binding = s.nat.binding = 5;
	s.nat.stun = AETA_STUN_NO;
	ck_assert_str_eq(callee_reasons(&s), "callee-no-stun");
	/* an SDP of its own says more than what was learned */
	give_sdp(&s, cone, wans[1]);
	ck_assert_str_eq(callee_reasons(&s), "no-sign");
	give_sdp(&s, (struct agent){cone.kind, false}, wans[1]);
	ck_assert_str_eq(callee_reasons(&s), "callee-sdp-media-private");
}
END_TEST

/* Behind a NAT without STUN, with a Contact that it has rewritten from the answer to its first REGISTER. */
START_TEST(rewritten_contact)
{
	struct aeta_media_side s = registered(open_agent, wans[1]);

	s.nat.evidence |= AETA_EVIDENCE_NATTED;
	ck_assert_int_eq(aeta_nat_classify(s.nat.evidence), AETA_NAT_OPEN);
	ck_assert_str_eq(callee_reasons(&s), "callee-stun-unknown");
	learn(&s, open_agent, wans[1]);
	ck_assert_str_eq(callee_reasons(&s), "no-sign");
	learn(&s, (struct agent){cone.kind, false}, wans[1]);
	ck_assert_str_eq(callee_reasons(&s), "callee-no-stun");
}
END_TEST

/* A class that was found without a NAT is none behind one. */
START_TEST(class_of_another_state)
{
	struct aeta_media_side s = registered(open_agent, wans[1]);

	ck_assert_str_eq(callee_reasons(&s), "no-sign");
	s.contact.port++;
	ck_assert_str_eq(callee_reasons(&s), "callee-source-port,callee-nat-unknown");
	s = registered(cone, wans[1]);
	learn(&s, cone, wans[1]);
	s.contact = s.source;
	s.via_mismatch = false;
	ck_assert_str_eq(callee_reasons(&s), "callee-nat-unknown");
	s.nat.cls = AETA_NAT_CHANGED;
	ck_assert_str_eq(callee_reasons(&s), "callee-nat-changed");
	s.nat.cls = AETA_NAT_LEAKY;
	ck_assert_str_eq(callee_reasons(&s), "callee-nat-leaky");
}
END_TEST

/* What is judged otherwise stays so: TCP is never crossed by a class, a proxy's agents have none, one machine needs none. */
START_TEST(no_class_needed)
{
	struct aeta_media_side s = registered(open_agent, wans[1]);
	struct aeta_media_side a = {.source = ip("127.0.0.2", 5060), .contact = ip("127.0.0.2", 5060)}, b = a;

	s.stream = true;
	ck_assert_str_eq(callee_reasons(&s), "callee-not-udp");
	s.nat = (struct aeta_nat_known){.cls = AETA_NAT_UNKNOWN};
	ck_assert_str_eq(callee_reasons(&s), "callee-not-udp");
	s.stream = false;
	s.proxied = true;
	ck_assert_str_eq(callee_reasons(&s), "no-sign");
	ck_assert_int_eq(aeta_media_decide(&a, &b, &probing).path, AETA_PATH_DIRECT);
	memset(&s, 0, sizeof(s));
	ck_assert_str_eq(callee_reasons(&s), "callee-unknown,callee-nat-unknown");
}
END_TEST

START_TEST(stun_shown)
{
	static const struct {
		const char *sdp;
		enum aeta_stun shown;
	} rows[] = {
		{"", AETA_STUN_UNKNOWN},
		{"c=IN IP4 192.168.1.2\r\nm=audio 0 RTP/AVP 0\r\n", AETA_STUN_UNKNOWN},
		{"c=IN IP4 0.0.0.0\r\nm=audio 9 RTP/AVP 0\r\n", AETA_STUN_UNKNOWN},
		{"c=IN IP4 192.168.1.2\r\nm=audio 9 RTP/AVP 0\r\n", AETA_STUN_NO},
		{"c=IN IP4 203.0.113.2\r\nm=audio 9 RTP/AVP 0\r\n", AETA_STUN_YES},
		{"c=IN IP4 203.0.113.3\r\nm=audio 9 RTP/AVP 0\r\n", AETA_STUN_NO},
		{"c=IN IP4 phone.example\r\nm=audio 9 RTP/AVP 0\r\n", AETA_STUN_NO},
		{"c=IN IP4 203.0.113.2\r\nm=audio 9 RTP/AVP 0\r\nm=audio 11 RTP/AVP 0\r\nc=IN IP4 192.168.1.2\r\n", AETA_STUN_NO},
		{"c=IN IP4 0.0.0.0\r\nm=audio 9 RTP/AVP 0\r\nm=audio 11 RTP/AVP 0\r\nc=IN IP4 203.0.113.2\r\n", AETA_STUN_YES},
		{"c=IN IP4 203.0.113.2\r\nm=audio 9 RTP/AVP 0\r\nm=\r\n", AETA_STUN_NO},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct aeta_media_side s = registered(cone, wans[1]);

		aeta_sdp_read(rows[i].sdp, strlen(rows[i].sdp), &s.sdp);
		ck_assert_msg(aeta_media_stun_shown(&s) == rows[i].shown, "%s", rows[i].sdp);
	}
}
END_TEST

/* Where a relay heard a party from counts only against an offer of the address that its SIP comes from. */
START_TEST(evidence_of_media)
{
	static const struct {
		const char *offered, *heard;
		unsigned offered_port, heard_port;
		uint32_t evidence;
	} rows[] = {
		{"203.0.113.2", "203.0.113.2", 9000, 9000, AETA_EVIDENCE_MEDIA},
		{"203.0.113.2", "203.0.113.2", 9000, 9001, AETA_EVIDENCE_MEDIA_MOVED},
		{"203.0.113.2", "203.0.113.3", 9000, 9000, AETA_EVIDENCE_MEDIA_MOVED},
		{"203.0.113.3", "203.0.113.3", 9000, 9000, 0}, /* another line than SIP's */
		{"192.168.1.2", "203.0.113.2", 9000, 9000, 0}, /* without STUN */
		{"0.0.0.0", "203.0.113.2", 9000, 9000, 0},
		{"203.0.113.2", "", 9000, 0, 0},
		{"", "203.0.113.2", 0, 9000, 0},
	};
	struct aeta_address source = ip("203.0.113.2", 5060), inside = ip("192.168.1.2", 5060);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct aeta_address offered = ip(rows[i].offered, rows[i].offered_port), heard = ip(rows[i].heard, rows[i].heard_port);

		ck_assert_msg(aeta_media_evidence(&source, &offered, &heard) == rows[i].evidence, "row %zu", i);
	}
	ck_assert_uint_eq(aeta_media_evidence(&inside, &inside, &source), 0);
	ck_assert_int_eq(aeta_nat_classify(STEADY | AETA_EVIDENCE_MEDIA_MOVED), AETA_NAT_CHANGED);
}
END_TEST

/* ---- two that come from one address ---- */

struct neighbours {
	struct aeta_media_side caller, callee;
};

static struct neighbours behind_one(struct agent a)
{
	struct neighbours n = {registered(a, wans[0]), registered(a, wans[0])};

	give_sdp(&n.caller, a, wans[0]);
	n.callee.contact = ip("192.168.1.3", 5064);
	n.callee.nat.stun = a.stun ? AETA_STUN_YES : AETA_STUN_NO;
	n.callee.nat.binding = n.callee.binding;
	return n;
}

static const char *between(struct neighbours n, struct aeta_media_setting setting, enum aeta_path path)
{
	static char text[AETA_REASONS_TEXT];
	struct aeta_media_verdict v = aeta_media_decide(&n.caller, &n.callee, &setting);

	ck_assert_int_eq(v.path, path);
	aeta_reasons_format(v.reasons, text, sizeof(text));
	return text;
}

START_TEST(same_lan)
{
	struct aeta_media_setting lan = {.probing = true, .same_lan = true};
	struct neighbours n;

	for (size_t i = 3; i < KINDS; i++) {
		n = behind_one((struct agent){&kinds[i], false});
		ck_assert_str_eq(between(n, lan, AETA_PATH_DIRECT), "same-lan");
		lan.probing = false;
		ck_assert_str_eq(between(n, lan, AETA_PATH_DIRECT), "same-lan");
		lan.probing = true;
		between(n, probing, AETA_PATH_RELAYED);
		/* they offer the outside */
		ck_assert_msg(strstr(between(behind_one((struct agent){&kinds[i], true}), lan, AETA_PATH_RELAYED), "same-nat"), "%s",
				kinds[i].name);
	}
	n.callee.nat.stun = AETA_STUN_UNKNOWN;
	between(n, lan, AETA_PATH_RELAYED);
	n = behind_one((struct agent){cone.kind, false});
	lan.redialled = true;
	ck_assert_str_eq(between(n, lan, AETA_PATH_RELAYED), "same-lan,redialled");
	lan.redialled = false;
	n.callee.stream = true;
	ck_assert_str_eq(between(n, lan, AETA_PATH_RELAYED), "same-lan,callee-not-udp");
	n.callee.stream = false;
	n.callee.account = AETA_MEDIA_ALWAYS;
	ck_assert_str_eq(between(n, lan, AETA_PATH_RELAYED), "policy-always,same-lan");
}
END_TEST

/* Another network, a carrier's, another public address, an SDP that asks for media elsewhere: no neighbours. */
START_TEST(not_the_same_lan)
{
	struct aeta_media_setting lan = {.probing = true, .same_lan = true};
	struct agent quiet = {cone.kind, false};
	struct neighbours n = behind_one(quiet);

	n.callee.contact = ip("192.168.2.3", 5064);
	ck_assert_ptr_nonnull(strstr(between(n, lan, AETA_PATH_RELAYED), "same-nat"));
	n = behind_one(quiet);
	n.callee.source = ip(wans[1], 5060);
	ck_assert_ptr_null(strstr(between(n, lan, AETA_PATH_RELAYED), "same-"));
	n = behind_one(quiet);
	n.caller.sdp.places[0].address = ip("192.168.9.2", 0);
	ck_assert_ptr_nonnull(strstr(between(n, lan, AETA_PATH_RELAYED), "same-nat"));
	n = behind_one(quiet);
	n.caller.sdp.count = 0;
	ck_assert_ptr_nonnull(strstr(between(n, lan, AETA_PATH_RELAYED), "same-nat"));
	n = behind_one(quiet);
	n.caller.contact = ip("100.64.0.2", 5060);
	n.callee.contact = ip("100.64.0.3", 5060);
	n.caller.sdp.places[0].address = ip("100.64.0.2", 0);
	ck_assert_ptr_nonnull(strstr(between(n, lan, AETA_PATH_RELAYED), "same-nat"));
}
END_TEST

START_TEST(one_router)
{
	struct neighbours n = {registered(open_agent, wans[0]), registered(open_agent, wans[0])};

	/* two agents of one public machine cannot be told from two behind one router that write its address into their Contacts */
	ck_assert_str_eq(between(n, probing, AETA_PATH_RELAYED), "same-nat");
	ck_assert_str_eq(between(n, (struct aeta_media_setting){.probing = false}, AETA_PATH_DIRECT), "no-sign");
	n.callee.proxied = true;
	ck_assert_str_eq(between(n, probing, AETA_PATH_DIRECT), "no-sign");
}
END_TEST

START_TEST(redialled)
{
	struct cell c = {open_agent, open_agent};
	struct aeta_media_setting again = {.probing = true, .redialled = true};
	struct aeta_media_verdict v = verdict_of(c, true, again);

	ck_assert(v.path == AETA_PATH_RELAYED && v.reasons == AETA_REASON_CAUSE(AETA_CAUSE_REDIALLED));
	again.probing = false;
	ck_assert_int_eq(verdict_of(c, true, again).path, AETA_PATH_RELAYED);
}
END_TEST

Suite *media_nat_suite(void)
{
	const TTest *const tests[] = {all_pairs_once_stun_is_known, all_pairs_before_stun_is_known, all_pairs_without_a_class,
			stun_is_of_one_binding, rewritten_contact, class_of_another_state, no_class_needed, stun_shown, evidence_of_media, same_lan, not_the_same_lan, one_router,
			redialled, NULL};

	return suite_of("media behind NATs", tests);
}
