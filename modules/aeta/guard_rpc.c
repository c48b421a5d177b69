/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guard_rpc.h"

#include <string.h>
#include <time.h>

#include "guard.h"

/* A datagram holds 64 KiB, and a ban takes some 120 bytes of it. */
#define BANS_SHOWN 400

struct listing {
	rpc_t *rpc;
	void *rows;
	aeta_usec_t now;
	unsigned shown, more;
};

static bool add_ban(void *p, const struct aeta_ban *b)
{
	struct listing *l = p;
	char source[AETA_SOURCE_TEXT], user[AETA_GUARD_NAME + 1], since[32] = "";
	time_t from = time(NULL) - (time_t)((l->now - b->from) / 1000000u);
	struct tm tm;
	void *row;

	if (l->shown == BANS_SHOWN) {
		l->more++;
		return true;
	}
	if (gmtime_r(&from, &tm))
		strftime(since, sizeof(since), "%Y-%m-%dT%H:%M:%SZ", &tm);
	aeta_guard_name(b->user, strlen(b->user), user);
	if (l->rpc->array_add(l->rows, "{", &row) < 0)
		return false;
	l->rpc->struct_add(row, "ssddsd", "source", aeta_source_text(b->source, source), "user", user, "failures",
			(int)b->failures, "users", (int)b->users, "since", since, "left_s",
			(int)((b->until - l->now + 999999u) / 1000000u));
	l->shown++;
	return true;
}

void aeta_rpc_bans(rpc_t *rpc, void *ctx)
{
	struct listing l = {.rpc = rpc, .now = aeta_guard_now()};
	void *h;

	if (rpc->add(ctx, "{", &h) < 0 || rpc->struct_add(h, "[", "bans", &l.rows) < 0)
		return;
	aeta_guard_bans(aeta_guard_shared(), l.now, add_ban, &l);
	rpc->struct_add(h, "d", "more", (int)l.more);
}

void aeta_rpc_unban(rpc_t *rpc, void *ctx)
{
	struct aeta_knock k = {0};
	struct aeta_lifted l;
	str source, user;
	void *h;
	int n = rpc->scan(ctx, ".S*.S", &source, &user);

	if (n < 1 || aeta_source_parse(&source, &k.source) < 0) {
		rpc->fault(ctx, 400, "Parameters: SOURCE [USER], the source an IP address");
		return;
	}
	if (n > 1) {
		k.user = user.s;
		k.user_len = (size_t)user.len;
	}
	l = aeta_guard_lift(aeta_guard_shared(), &k, aeta_guard_now());
	if (l.pairs + l.sources == 0) {
		rpc->fault(ctx, 404, "No such ban");
		return;
	}
	aeta_guard_log_lifted(&k, l, "lifted by an operator");
	if (rpc->add(ctx, "{", &h) == 0)
		rpc->struct_add(h, "dd", "users", (int)l.pairs, "sources", (int)l.sources);
}
