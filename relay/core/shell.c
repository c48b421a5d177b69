/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the shell tells the core, beside requests and packets. */
#include "state.h"

void relay_limits(struct relay *r, const struct relay_config *c)
{
	r->config.max_sessions = c->max_sessions;
	r->config.timeout_s = c->timeout_s;
	r->config.silent_timeout_s = c->silent_timeout_s;
	r->config.final_timeout_s = c->final_timeout_s;
	r->config.offer_timeout_s = c->offer_timeout_s;
	r->config.delete_delay_s = c->delete_delay_s;
}

void relay_send_failed(struct relay *r)
{
	r->totals.send_errors++;
	r->totals.refused[REFUSED_SEND]++;
}
