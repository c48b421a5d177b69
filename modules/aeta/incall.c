/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "incall.h"

#include <string.h>

#include "core/dprint.h"
#include "core/fmsg.h"
#include "core/kemi.h"
#include "core/pvar.h"
#include "params.h"

/* dialog has no API for its profiles; of what it lends to scripts this one is the nearest to C. */
typedef int (*profile_size_f)(sip_msg_t *msg, str *profile, str *value, str *variable);

static profile_size_f profile_size;
static str variable = str_init("$var(aeta_incall)");
static pv_spec_t *result;

static profile_size_f find(const char *module, const char *function)
{
	sr_kemi_module_t *modules = sr_kemi_modules_get();

	for (int i = 0; i < sr_kemi_modules_size_get(); i++) {
		const sr_kemi_t *f = modules[i].kexp;

		if (modules[i].mname.len != (int)strlen(module) || memcmp(modules[i].mname.s, module, strlen(module)) != 0)
			continue;
		for (; f->fname.s; f++)
			if (f->fname.len == (int)strlen(function) && memcmp(f->fname.s, function, strlen(function)) == 0)
				return (profile_size_f)f->func;
	}
	return NULL;
}

int aeta_incall_open(void)
{
	if (!aeta_params.probe_calls.len)
		return 0;
	profile_size = find("dialog", "get_profile_size");
	result = pv_cache_get(&variable);
	if (profile_size && result && faked_msg_init() == 0)
		return 0;
	LM_ERR("who is in a call is not known: load the modules dialog and pv, or set probe_calls to \"\"\n");
	profile_size = NULL;
	return -1;
}

bool aeta_incall(const char *number)
{
	str value = {(char *)number, (int)strlen(number)};
	sip_msg_t *msg = profile_size ? faked_msg_next() : NULL;
	pv_value_t v;

	if (!msg || profile_size(msg, &aeta_params.probe_calls, &value, &variable) < 0)
		return false;
	return pv_get_spec_value(msg, result, &v) == 0 && v.flags & PV_VAL_INT && v.ri > 0;
}
