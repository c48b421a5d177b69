/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nat_probe.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>

/* ---- one agent being probed ---- */

#define FLOW	AETA_PROBE_BIT(AETA_PROBE_FLOW)
#define PORT	AETA_PROBE_BIT(AETA_PROBE_PORT)
#define ADDRESS AETA_PROBE_BIT(AETA_PROBE_ADDRESS)
#define KNOCK	AETA_PROBE_BIT(AETA_PROBE_KNOCK)
#define AFTER	AETA_PROBE_BIT(AETA_PROBE_AFTER)

static const struct {
	unsigned at_ms, kinds;
} steps[] = {{0, KNOCK | FLOW | PORT | ADDRESS}, {100, KNOCK}, {400, AFTER}, {1200, FLOW | PORT | ADDRESS | AFTER}};

#define STEPS	(sizeof(steps) / sizeof(steps[0]))
#define LAST_MS 2400u

struct aeta_probe aeta_probe_begin(uint64_t token, bool no_nat, bool two, uint64_t now_ms)
{
	return (struct aeta_probe){.token = token,
			.begun_ms = now_ms,
			.evidence = (no_nat ? AETA_EVIDENCE_NO_NAT : 0u) | (two ? AETA_EVIDENCE_ADDRESS_TRIED : 0u),
			.kinds = (uint8_t)(KNOCK | FLOW | PORT | AFTER | (two ? ADDRESS : 0u))};
}

/* A knock is sent both times: that it is answered does not say that it was the first one. */
unsigned aeta_probe_due(struct aeta_probe *p, uint64_t now_ms)
{
	unsigned due = 0;

	while (p->step < STEPS && now_ms - p->begun_ms >= steps[p->step].at_ms)
		due |= steps[p->step++].kinds;
	return due & p->kinds & ~(p->answered & ~KNOCK);
}

static bool all_answered(const struct aeta_probe *p)
{
	return !(p->kinds & ~KNOCK & ~p->answered);
}

bool aeta_probe_over(const struct aeta_probe *p, uint64_t now_ms)
{
	return all_answered(p) || now_ms - p->begun_ms >= LAST_MS;
}

unsigned aeta_probe_wait(const struct aeta_probe *p, uint64_t now_ms)
{
	uint64_t at = p->step < STEPS ? steps[p->step].at_ms : LAST_MS, passed = now_ms - p->begun_ms;

	return all_answered(p) || passed >= at ? 0 : (unsigned)(at - passed);
}

/* One that asks for another address and is answered at the first one still shows whether the port moves. */
static uint32_t shown_at_port(bool same)
{
	return same ? AETA_EVIDENCE_PORT : AETA_EVIDENCE_PORT_MOVED;
}

static uint32_t shown(enum aeta_probe_kind kind, enum aeta_probe_place place, bool same)
{
	switch (kind) {
	case AETA_PROBE_FLOW:
		return place == AETA_AT_SERVICE ? AETA_EVIDENCE_FLOW : 0u;
	case AETA_PROBE_PORT:
		return place == AETA_AT_PORT	  ? shown_at_port(same)
			   : place == AETA_AT_SERVICE ? (uint32_t)AETA_EVIDENCE_PORT_IGNORED | AETA_EVIDENCE_FLOW
										  : 0u;
	case AETA_PROBE_ADDRESS:
		if (place == AETA_AT_OTHER)
			return same ? AETA_EVIDENCE_ADDRESS : AETA_EVIDENCE_ADDRESS_MOVED;
		return AETA_EVIDENCE_ADDRESS_IGNORED | (place == AETA_AT_PORT ? shown_at_port(same) : 0u);
	case AETA_PROBE_KNOCK:
		return place == AETA_AT_KNOCK ? AETA_EVIDENCE_KNOCK : 0u;
	case AETA_PROBE_AFTER:
		if (place != AETA_AT_KNOCK)
			return AETA_EVIDENCE_PORT_IGNORED;
		return same ? AETA_EVIDENCE_AFTER : AETA_EVIDENCE_AFTER_MOVED;
	default:
		return 0;
	}
}

void aeta_probe_answered(struct aeta_probe *p, enum aeta_probe_kind kind, enum aeta_probe_place place, bool same)
{
	if ((unsigned)kind >= AETA_PROBE_KINDS || !(p->kinds >> kind & 1))
		return;
	p->answered |= (uint8_t)AETA_PROBE_BIT(kind);
	p->evidence |= shown(kind, place, same);
}

/* ---- is the service itself walled off? ---- */

#define AT_PORT (AETA_EVIDENCE_PORT | AETA_EVIDENCE_PORT_MOVED)

/* An agent that was asked there, and would have answered there; `came`: it did. */
static void count_silent(unsigned *row, bool came, bool would)
{
	if (came)
		*row = 0;
	else if (would && *row < AETA_PROBE_SILENT_AGENTS)
		++*row;
}

unsigned aeta_probe_silent(struct aeta_probe_silence *s, uint32_t e)
{
	count_silent(&s->port, e & (AT_PORT | AETA_EVIDENCE_AFTER | AETA_EVIDENCE_AFTER_MOVED),
			e & AETA_EVIDENCE_FLOW && !(e & AETA_EVIDENCE_PORT_IGNORED));
	count_silent(&s->address, e & (AETA_EVIDENCE_ADDRESS | AETA_EVIDENCE_ADDRESS_MOVED),
			e & AETA_EVIDENCE_ADDRESS_TRIED && e & AT_PORT && !(e & AETA_EVIDENCE_ADDRESS_IGNORED));
	return (s->port == AETA_PROBE_SILENT_AGENTS ? (unsigned)AETA_SILENT_PORT : 0u) |
		   (s->address == AETA_PROBE_SILENT_AGENTS ? (unsigned)AETA_SILENT_ADDRESS : 0u);
}

/* ---- texts ---- */

bool aeta_probe_uri(const char *uri, size_t len)
{
	if (len < sizeof("sip:") || len > AETA_PROBE_URI_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (uri[i] <= ' ' || uri[i] == 0x7f || uri[i] == '<' || uri[i] == '>' || uri[i] == '"')
			return false;
	return true;
}

/* As an address stands in a header, IPv6 in brackets. */
static void host(const struct aeta_address *a, char out[INET6_ADDRSTRLEN + 2])
{
	bool v6 = a->family == AETA_FAMILY_IP6;
	char *to = out + (v6 ? 1 : 0);

	out[0] = '[';
	if (!inet_ntop(v6 ? AF_INET6 : AF_INET, a->bytes, to, INET6_ADDRSTRLEN))
		*to = '\0';
	if (v6)
		strcat(out, "]");
}

/*
 * The Via says where the answer goes (RFC 3261 18.2.2): to maddr where there is one, else to where the request came from, at the
 * port that it names; with rport (RFC 3581) to the very port that it came from.
 *
 * A Via that steers has a name that is no host, not our address with a port that we do not send from: routers with Linux's SIP helper
 * (nf_conntrack_sip) take that for a telephone that listens at the Via's port (forced_dport), and from then on nothing that we send
 * would reach the agent. They read no names.
 */
#define NO_HOST "probe.invalid" /* RFC 2606 */

size_t aeta_probe_write(const struct aeta_probe_text *t, char *out, size_t size)
{
	char from[INET6_ADDRSTRLEN + 2], answer[INET6_ADDRSTRLEN + 2];
	bool other = !aeta_address_same(&t->from, &t->answer), steered = other || t->from.port != t->answer.port;
	int n;

	if (!aeta_probe_uri(t->uri, t->uri_len))
		return 0;
	host(&t->from, from);
	host(&t->answer, answer);
	n = snprintf(out, size,
			"OPTIONS %.*s SIP/2.0\r\n"
			"Via: SIP/2.0/UDP %s:%u%s%s%s;branch=" AETA_PROBE_BRANCH "%016" PRIx64 "%x\r\n"
			"Max-Forwards: 70\r\n"
			"From: <sip:nat@%s>;tag=%016" PRIx64 "%x\r\n"
			"To: <%.*s>\r\n"
			"Call-ID: %016" PRIx64 "%x@%s\r\n"
			"CSeq: 1 OPTIONS\r\n"
			"Content-Length: 0\r\n\r\n",
			(int)t->uri_len, t->uri, steered ? NO_HOST : from, t->answer.port, other ? ";maddr=" : "", other ? answer : "",
			steered ? "" : ";rport", t->token, (unsigned)t->kind, from, t->token, (unsigned)t->kind, (int)t->uri_len, t->uri, t->token,
			(unsigned)t->kind, from);
	return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool aeta_probe_read_branch(const char *s, size_t len, struct aeta_probe_answer *out)
{
	const size_t n = sizeof(AETA_PROBE_BRANCH) - 1;
	int digit;

	out->token = 0;
	if (len < AETA_PROBE_BRANCH_LEN || memcmp(s, AETA_PROBE_BRANCH, n) != 0)
		return false;
	for (size_t i = n; i < n + 16; i++) {
		digit = hex(s[i]);
		if (digit < 0)
			return false;
		out->token = out->token << 4 | (uint64_t)digit;
	}
	digit = hex(s[n + 16]);
	out->kind = (uint8_t)digit;
	return digit >= 0 && digit < AETA_PROBE_KINDS;
}

/* "SIP/2.0 200 "; 0: it is no answer. */
static unsigned read_code(const char *s, size_t len)
{
	static const char version[] = "SIP/2.0 ";
	const size_t n = sizeof(version) - 1;
	unsigned code = 0;

	if (len < n + 4 || memcmp(s, version, n) != 0 || s[n + 3] != ' ')
		return 0;
	for (size_t i = n; i < n + 3; i++) {
		if (s[i] < '0' || s[i] > '9')
			return 0;
		code = code * 10 + (unsigned)(s[i] - '0');
	}
	return code >= 100 && code < 700 ? code : 0;
}

/* The branch is looked for as such: a probe has one Via, and no agent has a reason to write ours anywhere else. */
bool aeta_probe_read(const char *s, size_t len, struct aeta_probe_answer *out)
{
	out->code = read_code(s, len);
	if (!out->code)
		return false;
	for (size_t at = 0; at + AETA_PROBE_BRANCH_LEN <= len; at++) {
		const char *z = memchr(s + at, 'z', len - at);

		if (!z)
			return false;
		at = (size_t)(z - s);
		if (aeta_probe_read_branch(z, len - at, out))
			return true;
	}
	return false;
}
