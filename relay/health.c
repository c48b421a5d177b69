/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon.h"

#include "clock.h"
#include "core/reply.h"
#include "local.h"

/* Why no new call should be sent here, or "ok". */
static const char *status(struct daemon *d, const struct relay_totals *t)
{
	if (d->leave_at)
		return "draining";
	if (load_limit(&d->load, &d->options))
		return "overloaded";
	if (t->ports_free == 0)
		return "no-ports";
	if (!d->options.plain && local_missing(&d->settings) >= 0)
		return "no-address";
	return "ok";
}

bool health_write(struct daemon *d, struct out *to)
{
	const struct relay_totals *t = relay_totals(d->relay);
	const char *said = status(d, t);
	struct reply w;

	reply_start(&w, NG_JSON, to);
	reply_put_string(&w, "status", text_of(said));
	reply_put_string(&w, "version", TEXT(AETA_VERSION));
	reply_put_integer(&w, "uptime_s", (int64_t)((clock_now() - d->started) / 1000000));
	reply_put_integer(&w, "calls", relay_calls(d->relay));
	reply_put_integer(&w, "ports_used", t->ports_used);
	reply_put_integer(&w, "ports_free", t->ports_free);
	reply_put_integer(&w, "ports_failed", t->ports_failed);
	reply_finish(&w);
	out_char(to, '\n');
	return strcmp(said, "ok") == 0;
}
