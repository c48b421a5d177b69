/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SERVICE.md C2, C3, A8: which calls need the relay, sign by sign, and against a naive reference that works on texts: the
 * reference knows what Kamailio's usual test of NATs (private Contact, Via against source address and port) would say, and no
 * call that this relays may go directly.
 */
#include "suites.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/domains.h"
#include "policy/media.h"

/* A party in words; addresses are "host:port" or "host", "" is not known. */
struct party {
	const char *source, *contact, *via;
	const char *session, *own; /* addresses of an SDP's session and of its second stream; NULL: no SDP */
	bool via_mismatch, proxied, stream;
	uint8_t account, group;
};

static struct aeta_address address(const char *s)
{
	const char *colon = s && strchr(s, '.') ? strrchr(s, ':') : NULL;

	if (!s)
		s = "";
	return aeta_address_parse(s, colon ? (size_t)(colon - s) : strlen(s), colon ? (unsigned)atoi(colon + 1) : *s ? 5060 : 0);
}

static struct aeta_media_side side(const struct party *p)
{
	struct aeta_media_side s = {.source = address(p->source), .contact = address(p->contact), .via = address(p->via),
			.via_mismatch = p->via_mismatch, .proxied = p->proxied, .stream = p->stream, .account = p->account, .group = p->group};
	char sdp[512];

	if (p->session || p->own) {
		if (p->session)
			snprintf(sdp, sizeof(sdp), "v=0\r\nc=IN %s %s\r\nm=audio 9 RTP/AVP 0\r\n%s%s%s", strchr(p->session, ':') ? "IP6" : "IP4",
					p->session, p->own ? "m=audio 11 RTP/AVP 0\r\nc=IN IP4 " : "", p->own ? p->own : "", p->own ? "\r\n" : "");
		else
			snprintf(sdp, sizeof(sdp), "v=0\r\nm=audio 11 RTP/AVP 0\r\nc=IN IP4 %s\r\n", p->own);
		aeta_sdp_read(sdp, strlen(sdp), &s.sdp);
	}
	return s;
}

static const struct party pub1 = {.source = "198.51.100.1:5060", .contact = "198.51.100.1:5060", .via = "198.51.100.1:5060",
		.session = "198.51.100.1"};
static const struct party pub2 = {.source = "203.0.113.2:5060", .contact = "203.0.113.2:5060"};

static struct aeta_media_verdict judge(struct party a, struct party b)
{
	struct aeta_media_side caller = side(&a), callee = side(&b);

	return aeta_media_decide(&caller, &callee, NULL);
}

static const char *reasons_of(struct party a, struct party b)
{
	static char text[AETA_REASONS_TEXT];

	aeta_reasons_format(judge(a, b).reasons, text, sizeof(text));
	return text;
}

#define WITH(like, ...) \
	({ \
		struct party p_ = like; \
		__VA_ARGS__; \
		p_; \
	})

/* The kinds of the NAT lab: what the server sees of each, without and with STUN. `relay`: as caller to a public callee. */
START_TEST(kinds_of_nat)
{
	static const struct {
		const char *kind, *source, *contact, *session, *own, *signs;
	} rows[] = {
		{"public", "198.51.100.1:5060", "198.51.100.1:5060", "198.51.100.1", NULL, "no-sign"},
		{"cone", "198.51.100.9:5060", "192.168.1.2:5060", "192.168.1.2", NULL,
				"caller-contact-private,caller-via-mismatch,caller-sdp-private"},
		{"cone, STUN", "198.51.100.9:5060", "192.168.1.2:5060", NULL, "198.51.100.9",
				"caller-contact-private,caller-via-mismatch"},
		{"shift", "198.51.100.9:30060", "192.168.1.2:5060", "192.168.1.2", NULL,
				"caller-contact-private,caller-via-mismatch,caller-source-port,caller-sdp-private"},
		{"sym, STUN", "198.51.100.9:30791", "192.168.1.2:5060", NULL, "198.51.100.9",
				"caller-contact-private,caller-via-mismatch,caller-source-port"},
		{"cone, STUN in Contact too", "198.51.100.9:5060", "198.51.100.9:5060", NULL, "198.51.100.9", "no-sign"},
		{"sym, STUN in Contact too", "198.51.100.9:30791", "198.51.100.9:30800", NULL, "198.51.100.9", "caller-source-port"},
		{"carrier NAT", "198.51.100.9:5060", "100.64.0.2:5060", "100.64.0.2", NULL,
				"caller-contact-private,caller-via-mismatch,caller-sdp-private"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct party p = {.source = rows[i].source, .contact = rows[i].contact, .via = rows[i].contact,
				.session = rows[i].session, .own = rows[i].own};
		struct party registered = {.source = rows[i].source, .contact = rows[i].contact};
		bool direct = strcmp(rows[i].signs, "no-sign") == 0;

		ck_assert_msg(strcmp(reasons_of(p, pub2), rows[i].signs) == 0, "%s: %s", rows[i].kind, reasons_of(p, pub2));
		ck_assert_int_eq(judge(p, pub2).path, direct ? AETA_PATH_DIRECT : AETA_PATH_RELAYED);
		ck_assert_int_eq(judge(pub1, registered).path, direct ? AETA_PATH_DIRECT : AETA_PATH_RELAYED);
	}
}
END_TEST

START_TEST(signs)
{
	ck_assert_str_eq(reasons_of(pub1, pub2), "no-sign");
	ck_assert_str_eq(reasons_of(WITH(pub1, p_.contact = "a.example"), pub2), "caller-contact-name");
	ck_assert_str_eq(reasons_of(WITH(pub1, p_.contact = "198.51.100.7"), pub2), "caller-contact-mismatch");
	ck_assert_str_eq(reasons_of(WITH(pub1, p_.contact = "0.0.0.0"), pub2), "caller-contact-mismatch");
	ck_assert_str_eq(reasons_of(WITH(pub1, p_.via = "a.example"), pub2), "caller-via-mismatch");
	ck_assert_str_eq(reasons_of(WITH(pub1, p_.stream = true), pub2), "caller-not-udp");
	ck_assert_str_eq(reasons_of(WITH(pub1, p_.stream = true; p_.contact = "198.51.100.1:9"), pub2), "caller-not-udp");
	ck_assert_str_eq(reasons_of(WITH(pub1, p_.own = "198.51.100.7"), pub2), "caller-sdp-not-source");
	ck_assert_str_eq(reasons_of(WITH(pub1, p_.own = "10.0.0.1"), pub2), "caller-sdp-media-private");
	ck_assert_str_eq(reasons_of(WITH(pub1, p_.session = "0.0.0.0"), pub2), "no-sign");
	ck_assert_str_eq(reasons_of(WITH(pub1, p_.session = "nowhere."), pub2), "caller-sdp-name");
	ck_assert_str_eq(reasons_of(WITH(pub1, p_.session = "-"), WITH(pub2, p_.via_mismatch = true)),
			"caller-sdp-name,callee-via-mismatch");
	ck_assert_str_eq(reasons_of(WITH(pub1, p_.session = NULL), pub2), "no-sign"); /* no offer yet */
	ck_assert_str_eq(reasons_of(pub1, (struct party){0}), "callee-unknown");
	ck_assert_str_eq(reasons_of(pub1, WITH(pub2, p_.source = "")), "no-sign");
	ck_assert_str_eq(reasons_of(pub1, WITH(pub2, p_.source = ""; p_.contact = "10.0.0.1")), "callee-contact-private");
	ck_assert_str_eq(reasons_of(pub1, WITH(pub2, p_.stream = true)), "callee-not-udp");
}
END_TEST

/* Without a NAT between, but private to others; and both in one private network behind one address: relayed, for now. */
START_TEST(private_networks)
{
	struct party a = {.source = "10.0.0.1", .contact = "10.0.0.1", .via = "10.0.0.1", .session = "10.0.0.1"}, b = a;

	ck_assert_int_eq(judge(a, pub2).path, AETA_PATH_RELAYED);
	ck_assert_int_eq(judge(pub1, a).path, AETA_PATH_RELAYED);
	ck_assert_int_eq(judge(a, b).path, AETA_PATH_RELAYED);
	a.source = b.source = "198.51.100.9";
	ck_assert_int_eq(judge(a, b).path, AETA_PATH_RELAYED);
}
END_TEST

START_TEST(one_machine)
{
	struct party a = {.source = "127.0.0.2:5060", .contact = "127.0.0.2:5060", .via = "127.0.0.2:5060", .session = "127.0.0.2"};
	struct party b = {.source = "127.0.0.3:5060", .contact = "127.0.0.3:5060"}, six = {.source = "::1", .contact = "::1"};

	ck_assert_int_eq(judge(a, b).path, AETA_PATH_DIRECT);
	ck_assert_int_eq(judge(WITH(a, p_.contact = "10.1.1.1"; p_.via = "x"; p_.stream = true), WITH(b, p_.contact = "y")).path,
			AETA_PATH_DIRECT);
	ck_assert_str_eq(reasons_of(WITH(a, p_.session = "10.1.1.1"), b), "caller-sdp-private");
	ck_assert_str_eq(reasons_of(a, pub2), "caller-contact-private,caller-sdp-private");
	ck_assert_str_eq(reasons_of(pub1, b), "callee-contact-private");
	ck_assert_str_eq(reasons_of(a, six), "families-differ");
}
END_TEST

START_TEST(behind_a_proxy)
{
	struct party a = {.source = "198.51.100.99:5060", .contact = "10.0.0.1:5080", .via = "10.0.0.1", .proxied = true,
			.session = "198.51.100.7"};
	struct party b = {.source = "198.51.100.99:5060", .contact = "10.0.0.1:5080", .proxied = true};

	ck_assert_str_eq(reasons_of(a, pub2), "no-sign");
	ck_assert_str_eq(reasons_of(WITH(a, p_.stream = true), pub2), "no-sign");
	ck_assert_str_eq(reasons_of(WITH(a, p_.session = "10.0.0.1"), pub2), "caller-sdp-private");
	ck_assert_str_eq(reasons_of(WITH(a, p_.session = NULL), pub2), "caller-contact-private");
	ck_assert_str_eq(reasons_of(pub1, b), "callee-contact-private");
	ck_assert_str_eq(reasons_of(pub1, WITH(b, p_.contact = "198.51.100.7:5080")), "no-sign");
	ck_assert_str_eq(reasons_of(pub1, WITH(b, p_.contact = "ua.example")), "callee-contact-name");
}
END_TEST

START_TEST(families)
{
	struct party six = {.source = "2001:db8::2", .contact = "2001:db8::2"};
	struct party from_six = {.source = "2001:db8::1", .contact = "2001:db8::1", .via = "2001:db8::1", .session = "2001:db8::1"};
	struct aeta_media_verdict v = judge(pub1, six);

	ck_assert_str_eq(reasons_of(pub1, six), "families-differ");
	ck_assert(v.path == AETA_PATH_RELAYED && v.offer_family == AETA_FAMILY_IP6 && v.answer_family == AETA_FAMILY_IP4);
	v = judge(from_six, pub2);
	ck_assert(v.path == AETA_PATH_RELAYED && v.offer_family == AETA_FAMILY_IP4 && v.answer_family == AETA_FAMILY_IP6);
	v = judge(from_six, six);
	ck_assert(v.path == AETA_PATH_DIRECT && v.offer_family == AETA_FAMILY_NONE && v.answer_family == AETA_FAMILY_NONE);
	/* both families in one SDP: the answer stays as it is */
	v = judge(WITH(from_six, p_.own = "198.51.100.1"), six);
	ck_assert(v.path == AETA_PATH_RELAYED && v.offer_family == AETA_FAMILY_IP6 && v.answer_family == AETA_FAMILY_NONE);
	/* the SDP says more than where SIP comes from; of a callee behind a proxy its own Contact does */
	ck_assert(judge(WITH(pub1, p_.session = "2001:db8::1"), six).offer_family == AETA_FAMILY_NONE);
	ck_assert(judge(pub1, WITH(six, p_.proxied = true; p_.source = "198.51.100.9")).offer_family == AETA_FAMILY_IP6);
	/* never: C3 */
	v = judge(WITH(pub1, p_.account = AETA_MEDIA_NEVER), six);
	ck_assert(v.path == AETA_PATH_REFUSED && v.rule == AETA_RULE_MEDIA_NEVER && v.offer_family == AETA_FAMILY_NONE);
	ck_assert_uint_eq(aeta_rule_code(v.rule), 488);
	v = judge(WITH(pub1, p_.account = AETA_MEDIA_NEVER), WITH(six, p_.group = AETA_MEDIA_ALWAYS));
	ck_assert(v.path == AETA_PATH_RELAYED && v.rule == AETA_RULE_NONE);
}
END_TEST

START_TEST(policy_of_an_account)
{
	for (unsigned group = 0; group < AETA_MEDIA_POLICIES; group++) {
		ck_assert_int_eq(aeta_media_policy(AETA_MEDIA_GROUP, group), group ? group : AETA_MEDIA_AUTO);
		for (unsigned account = AETA_MEDIA_AUTO; account < AETA_MEDIA_POLICIES; account++)
			ck_assert_int_eq(aeta_media_policy(account, group), account);
	}
	ck_assert_int_eq(aeta_media_policy(77, 0), AETA_MEDIA_ALWAYS);
	for (unsigned p = 0; p < AETA_MEDIA_POLICIES; p++) {
		const char *name = aeta_media_policy_name((enum aeta_media_policy)p);

		ck_assert_int_eq(aeta_media_policy_parse(name, strlen(name)), p);
	}
	ck_assert_int_eq(aeta_media_policy_parse("ALWAYS", 6), AETA_MEDIA_ALWAYS);
	ck_assert_int_eq(aeta_media_policy_parse("always ", 7), AETA_MEDIA_POLICIES);
	ck_assert_int_eq(aeta_media_policy_parse("", 0), AETA_MEDIA_POLICIES);
}
END_TEST

START_TEST(words)
{
	aeta_reasons_t all = 0;
	char text[AETA_REASONS_TEXT * 2];
	struct aeta_reason_words w;
	size_t whole;

	for (unsigned bit = 0; bit < AETA_REASON_BITS + 8; bit++) {
		if (!aeta_reason_words(bit, &w))
			continue;
		ck_assert(w.name[0] && w.text[0] && bit < AETA_REASON_BITS && strlen(w.who) + strlen(w.name) < 40);
		all |= (aeta_reasons_t)1 << bit;
	}
	ck_assert_int_eq(__builtin_popcountll(all), AETA_CAUSES + 2 * AETA_SIGNS);
	whole = aeta_reasons_format(all, text, sizeof(text));
	ck_assert_uint_eq(whole, strlen(text));
	/* whatever the room: whole names, and never beyond it */
	for (size_t size = 0; size < whole + 2; size++) {
		char cut[AETA_REASONS_TEXT * 2];
		size_t n;

		memset(cut, '#', sizeof(cut));
		n = aeta_reasons_format(all, cut, size);
		HOT_ASSERT(cut[size] == '#' && (size == 0 || (n < size && cut[n] == '\0')), "room of %zu", size);
		HOT_ASSERT(memcmp(cut, text, n) == 0 && (n == 0 || text[n] == ',' || text[n] == '\0'), "room of %zu", size);
	}
	ck_assert_str_eq(aeta_path_name(AETA_PATH_RELAYED), "relayed");
	ck_assert_str_eq(aeta_path_name((enum aeta_path)9), "");
}
END_TEST

START_TEST(stun)
{
	struct aeta_media_side s = side(&pub1);
	static const char mapped[] = "c=IN IP4 10.0.0.1\r\nm=audio 9 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\n";
	static const char in_origin[] = "o=- 1 1 IN IP4 10.0.0.1\r\nm=audio 9 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\n";
	static const char plain[] = "c=IN IP4 10.0.0.1\r\nm=audio 9 RTP/AVP 0\r\n";

	ck_assert(!aeta_media_uses_stun(&s));
	aeta_sdp_read(mapped, sizeof(mapped) - 1, &s.sdp);
	ck_assert(aeta_media_uses_stun(&s));
	aeta_sdp_read(in_origin, sizeof(in_origin) - 1, &s.sdp);
	ck_assert(aeta_media_uses_stun(&s));
	aeta_sdp_read(plain, sizeof(plain) - 1, &s.sdp);
	ck_assert(!aeta_media_uses_stun(&s));
}
END_TEST

/* ---- against a naive reference ---- */

static const struct aeta_media_setting plain;

static const char *const hosts[] = {"198.51.100.1", "203.0.113.2", "10.0.0.1", "192.168.1.1", "100.64.0.1", "127.0.0.1", "127.0.0.9",
		"a.example", "2001:db8::1", "fd00::1", "::1", "0.0.0.0", ""};
#define HOSTS (sizeof(hosts) / sizeof(hosts[0]))

static unsigned below(unsigned n)
{
	return (unsigned)rand() % n;
}

struct drawn {
	const char *source, *contact, *via, *session, *own;
	unsigned source_port, contact_port, via_port;
	bool via_mismatch, proxied, stream, sdp;
	unsigned policy;
};

static const char *draw_host(void)
{
	return hosts[below(HOSTS)];
}

static struct drawn draw(bool callee)
{
	struct drawn d = {.source = hosts[below(7)], .contact = draw_host(), .via = callee ? "" : draw_host(), .session = draw_host(),
			.own = draw_host(), .source_port = 5060 + below(2), .contact_port = 5060 + below(2), .via_port = 5060 + below(2),
			.via_mismatch = callee && below(4) == 0, .proxied = below(6) == 0, .stream = below(6) == 0, .sdp = !callee && below(5) > 0,
			.policy = below(3) ? AETA_MEDIA_AUTO : 1 + below(3)};

	if (below(3)) /* an agent without NAT */
		d.contact = d.session = d.own = d.source;
	if (below(3) && !callee)
		d.via = d.source;
	if (below(2))
		d.contact_port = d.via_port = d.source_port;
	return d;
}

static struct aeta_media_side side_of(const struct drawn *d)
{
	struct aeta_media_side s = {.source = aeta_address_parse(d->source, strlen(d->source), d->source_port),
			.contact = aeta_address_parse(d->contact, strlen(d->contact), d->contact_port),
			.via = aeta_address_parse(d->via, strlen(d->via), d->via_port), .via_mismatch = d->via_mismatch, .proxied = d->proxied,
			.stream = d->stream, .account = (uint8_t)d->policy};
	char sdp[256];

	if (d->sdp) {
		snprintf(sdp, sizeof(sdp), "c=IN %s %s\r\nm=audio 9 RTP/AVP 0\r\nm=audio 11 RTP/AVP 0\r\nc=IN %s %s\r\n",
				strchr(d->session, ':') ? "IP6" : "IP4", d->session, strchr(d->own, ':') ? "IP6" : "IP4", d->own);
		aeta_sdp_read(sdp, strlen(sdp), &s.sdp);
	}
	return s;
}

static bool begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

static bool is_loop(const char *h)
{
	return begins(h, "127.") || strcmp(h, "::1") == 0;
}

static bool is_priv(const char *h, bool one)
{
	return begins(h, "10.") || begins(h, "192.168.") || begins(h, "100.64.") || begins(h, "fd00:") || (is_loop(h) && !one);
}

static bool is_name(const char *h)
{
	return strcmp(h, "a.example") == 0;
}

/* Would Kamailio's usual test, nat_uac_test("19"), say NAT? Of a registration the Via is not known, but whether it was true is. */
static bool usual_test(const struct drawn *d)
{
	bool private_contact = begins(d->contact, "10.") || begins(d->contact, "192.168.") || begins(d->contact, "100.64.");

	if (private_contact || d->via_mismatch)
		return true;
	return d->via[0] && (strcmp(d->via, d->source) != 0 || d->via_port != d->source_port);
}

static uint32_t naive_signs(const struct drawn *d, const struct drawn *other)
{
	bool one = is_loop(d->source) && is_loop(other->source), sip = !d->proxied && !one, only_contact = d->proxied && !d->sdp && !one;
	const char *places[2] = {d->session, d->own};
	uint32_t m = 0;

#define SIGN(id, when) m |= (when) ? 1u << AETA_SIGN_##id : 0
	SIGN(CONTACT_PRIVATE, (sip || only_contact) && is_priv(d->contact, one));
	SIGN(CONTACT_NAME, (sip || only_contact) && is_name(d->contact));
	SIGN(CONTACT_MISMATCH,
			sip && d->contact[0] && !is_name(d->contact) && !is_priv(d->contact, one) && strcmp(d->contact, d->source) != 0);
	SIGN(VIA_MISMATCH, sip && (d->via_mismatch || (d->via[0] && strcmp(d->via, d->source) != 0)));
	SIGN(SOURCE_PORT, sip && !d->stream &&
							  ((d->contact[0] && d->contact_port != d->source_port) || (d->via[0] && d->via_port != d->source_port)));
	SIGN(NOT_UDP, sip && d->stream);
	for (int i = 0; d->sdp && i < 2; i++) {
		SIGN(SDP_UNREADABLE, !places[i][0]);
		SIGN(SDP_NAME, is_name(places[i]));
		if (i == 0)
			SIGN(SDP_PRIVATE, is_priv(places[i], one));
		else
			SIGN(SDP_MEDIA_PRIVATE, is_priv(places[i], one));
		SIGN(SDP_NOT_SOURCE, sip && places[i][0] && !is_name(places[i]) && !is_priv(places[i], one) && !is_loop(places[i]) &&
									 strcmp(places[i], "0.0.0.0") != 0 && strcmp(places[i], d->source) != 0);
	}
#undef SIGN
	return m;
}

START_TEST(as_the_reference)
{
	unsigned direct = 0, usual = 0;

	srand(20260726);
	for (int i = 0; i < 400000; i++) {
		struct drawn a = draw(false), b = draw(true);
		struct aeta_media_side caller = side_of(&a), callee = side_of(&b);
		struct aeta_media_verdict v = aeta_media_decide(&caller, &callee, NULL);
		bool one = is_loop(a.source) && is_loop(b.source), always = a.policy == AETA_MEDIA_ALWAYS || b.policy == AETA_MEDIA_ALWAYS;
		bool never = !always && (a.policy == AETA_MEDIA_NEVER || b.policy == AETA_MEDIA_NEVER);
		bool differ = v.reasons & AETA_REASON_CAUSE(AETA_CAUSE_FAMILIES_DIFFER);

		HOT_ASSERT(aeta_media_signs(&caller, &callee, &plain) == naive_signs(&a, &b), "round %d: caller %x, not %x", i,
				aeta_media_signs(&caller, &callee, &plain), naive_signs(&a, &b));
		HOT_ASSERT(aeta_media_signs(&callee, &caller, &plain) == naive_signs(&b, &a), "round %d: callee", i);
		HOT_ASSERT((v.path == AETA_PATH_REFUSED) == (never && differ), "round %d: refused", i);
		HOT_ASSERT(!always || v.path == AETA_PATH_RELAYED, "round %d: always", i);
		HOT_ASSERT(!never || v.path != AETA_PATH_RELAYED, "round %d: never", i);
		HOT_ASSERT(never || !differ || v.path == AETA_PATH_RELAYED, "round %d: families", i);
		direct += v.path == AETA_PATH_DIRECT && !never;
		if (always || never || one || a.proxied || b.proxied || (!usual_test(&a) && !usual_test(&b)))
			continue;
		usual++;
		HOT_ASSERT(v.path == AETA_PATH_RELAYED, "round %d: the usual test would relay it", i);
	}
	ck_assert_uint_gt(direct, 5000);
	ck_assert_uint_gt(usual, 50000);
}
END_TEST

/* ---- relay sets ---- */

START_TEST(domains)
{
	static const char longest[AETA_DOMAIN_NAME_MAX + 1] = {0};
	_Alignas(8) char mem[512];
	struct aeta_domains *d;

	ck_assert_uint_le(aeta_domains_size(3), sizeof(mem));
	d = aeta_domains_init(mem, 3);
	ck_assert_int_eq(aeta_domains_set(d, "sip.example.com", 15), -ENOENT);
	ck_assert_int_eq(aeta_domains_add(d, "sip.example.com", 15, 0), 0);
	ck_assert_int_eq(aeta_domains_add(d, "sip.example.fr", 14, 15), 0);
	ck_assert_int_eq(aeta_domains_add(d, "x", 1, 16), -EINVAL);
	ck_assert_int_eq(aeta_domains_add(d, "", 0, 1), -EINVAL);
	ck_assert_int_eq(aeta_domains_add(d, longest, sizeof(longest), 1), -EINVAL);
	ck_assert_int_eq(aeta_domains_add(d, "[2001:db8::1]", 13, 2), 0);
	ck_assert_int_eq(aeta_domains_add(d, "y", 1, 1), -ENOSPC);
	ck_assert_uint_eq(aeta_domains_count(d), 3);
	ck_assert_int_eq(aeta_domains_set(d, "SIP.example.FR", 14), 15);
	ck_assert_int_eq(aeta_domains_set(d, "sip.example.com", 15), 0);
	ck_assert_int_eq(aeta_domains_set(d, "[2001:DB8::1]", 13), 2);
	ck_assert_int_eq(aeta_domains_set(d, "sip.example.f", 13), -ENOENT);
	ck_assert_int_eq(aeta_domains_set(d, "", 0), -ENOENT);
}
END_TEST

Suite *media_suite(void)
{
	const TTest *const tests[] = {kinds_of_nat, signs, private_networks, one_machine, behind_a_proxy, families,
			policy_of_an_account, words, stun, as_the_reference, domains, NULL};

	return suite_of("media", tests);
}
