/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "call.h"

#include <string.h>

#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/xavp.h"
#include "stats.h"

static str xavp_name = str_init("aeta");

struct aeta_call *aeta_call_get(void)
{
	sr_xavp_t *x = xavp_get(&xavp_name, NULL);

	return x && x->val.type == SR_XTYPE_SPTR ? x->val.v.vptr : NULL;
}

struct aeta_call *aeta_call_have(void)
{
	struct aeta_call *c = aeta_call_get();
	sr_xval_t value = {.type = SR_XTYPE_SPTR};

	if (c)
		return c;
	c = shm_malloc(sizeof(*c));
	if (!c) {
		SHM_MEM_ERROR;
		return NULL;
	}
	memset(c, 0, sizeof(*c));
	value.v.vptr = c; /* from here on the list owns it */
	if (!xavp_add_value(&xavp_name, &value, NULL)) {
		SHM_MEM_ERROR;
		shm_free(c);
		return NULL;
	}
	return c;
}

void aeta_text_set(char *to, size_t size, const char *s, size_t len)
{
	if (len >= size)
		len = size - 1;
	if (len)
		memcpy(to, s, len);
	to[len] = '\0';
}

/* What was dialled may be any bytes; a log line takes only those that can forge nothing. */
static const char *printable(const char *s, char out[AETA_TEXT_MAX + 1])
{
	size_t i;

	for (i = 0; i < AETA_TEXT_MAX && s[i]; i++)
		out[i] = s[i] > ' ' && s[i] < 0x7f && s[i] != '"' ? s[i] : '?';
	out[i] = '\0';
	return out;
}

static void log_verdict(const struct aeta_call *c)
{
	static const char *const words[] = {[AETA_REFUSE] = "refuse", [AETA_ROUTE] = "route", [AETA_HUNT] = "hunt"};
	char caller[AETA_TEXT_MAX + 1], dialled[AETA_TEXT_MAX + 1];

	LM_INFO("verdict=%s caller=%s dialled=%s final=%s group=%u code=%u rule=%s promise=%s reason=\"%s\"\n", words[c->action],
			printable(c->caller, caller), printable(c->dialled, dialled), c->final, c->group, c->code,
			aeta_rule_name(c->rule), aeta_rule_promise(c->rule), aeta_rule_text(c->rule));
}

void aeta_call_verdict(struct aeta_call *c, const struct aeta_verdict *v)
{
	char digits[AETA_NUMBER_MAX + 1];

	c->action = v->action;
	c->rule = v->rule;
	c->code = v->code;
	c->group = v->group;
	aeta_text_set(c->final, sizeof(c->final), digits, aeta_number_format(v->number, digits));
	aeta_stats_verdict(v->action, v->rule);
	log_verdict(c);
}

void aeta_call_refuse(struct aeta_call *c, enum aeta_rule rule, unsigned code)
{
	c->action = AETA_REFUSE;
	c->rule = (uint8_t)rule;
	c->code = (uint16_t)(code ? code : aeta_rule_code(rule));
	aeta_stats_verdict(AETA_REFUSE, rule);
	log_verdict(c);
}
