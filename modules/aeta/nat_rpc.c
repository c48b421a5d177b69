/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nat_rpc.h"

#include <arpa/inet.h>
#include <string.h>
#include <time.h>

#include "nat_known.h"
#include "prober.h"

struct listing {
	rpc_t *rpc;
	void *rows;
};

static void add_row(void *p, const struct aeta_nat_row *row)
{
	struct listing *l = p;
	const struct aeta_nat_known *k = &row->known;
	char address[INET6_ADDRSTRLEN] = "", evidence[AETA_NAT_EVIDENCE_TEXT], when[32] = "";
	time_t at = (time_t)k->when;
	struct tm tm;
	void *h;

	if (l->rpc->array_add(l->rows, "{", &h) < 0)
		return;
	inet_ntop(row->address.family == AETA_FAMILY_IP6 ? AF_INET6 : AF_INET, row->address.bytes, address, sizeof(address));
	aeta_nat_evidence_format(k->evidence, evidence, sizeof(evidence));
	if (k->probed && gmtime_r(&at, &tm))
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	l->rpc->struct_add(h, "ssssss", "address", address, "class", aeta_nat_class_name(k->cls), "means", aeta_nat_class_what(k->cls),
			"evidence", evidence, "probed_at", when, "stun", aeta_stun_name(k->stun));
}

void aeta_rpc_nat(rpc_t *rpc, void *ctx)
{
	struct listing l = {.rpc = rpc};
	str number;
	void *h;

	if (rpc->scan(ctx, ".S", &number) < 1) {
		rpc->fault(ctx, 400, "One parameter is needed: NUMBER");
		return;
	}
	if (rpc->add(ctx, "{", &h) < 0)
		return;
	rpc->struct_add(h, "d", "silent", (int)aeta_prober_silent());
	if (rpc->struct_add(h, "[", "addresses", &l.rows) == 0)
		aeta_nat_each(&number, add_row, &l);
}

void aeta_rpc_nat_probe(rpc_t *rpc, void *ctx)
{
	str number, in_call = {NULL, 0};
	int n = rpc->scan(ctx, ".S*.S", &number, &in_call);

	if (n < 1 || (n > 1 && (in_call.len != 7 || memcmp(in_call.s, "in-call", 7) != 0))) {
		rpc->fault(ctx, 400, "Parameters: NUMBER [in-call]");
		return;
	}
	switch (aeta_prober_ask(&number, n > 1)) {
	case AETA_PROBE_ASKED:
		break;
	case AETA_PROBE_OFF:
		rpc->fault(ctx, 409, "Probing is switched off, or the service has no public address");
		break;
	case AETA_PROBE_UNREGISTERED:
		rpc->fault(ctx, 404, "The number is not registered by UDP from a public address, or its User-Agent is not probed");
		break;
	case AETA_PROBE_FULL:
		rpc->fault(ctx, 503, "Too many agents wait to be probed");
		break;
	}
}
