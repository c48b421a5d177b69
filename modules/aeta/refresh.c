/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "refresh.h"

#include <stdbool.h>
#include <stdint.h>

#include "core/counters.h"
#include "core/dprint.h"
#include "core/parser/parse_to.h"
#include "core/sr_module.h"
#include "location.h"
#include "modules/registrar/api.h"
#include "modules/usrloc/usrloc.h"
#include "params.h"
#include "policy/refresh.h"
#include "relay_set.h"
#include "stats.h"

static registrar_api_t registrar;

int aeta_refresh_init(void)
{
	if (!module_loaded("registrar"))
		return 0;
	return registrar_load_api(&registrar) < 0 ? -1 : 0;
}

/* What is known of a binding before it is saved. */
struct binding_state {
	bool written; /* the database has all of it */
	uint64_t content, id;
	time_t modified, granted;
};

/* FNV-1a, of texts with their lengths. */
static uint64_t mix(uint64_t hash, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ull;
	return hash;
}

static uint64_t mix_text(uint64_t hash, const str *text)
{
	int length = text->s && text->len > 0 ? text->len : 0;

	return mix(mix(hash, &length, sizeof(length)), text->s, (size_t)length);
}

#define MIX(hash, value) mix(hash, &(value), sizeof(value))

/* All of a binding that a restart has to find again, but for the times and the CSeq. */
static uint64_t content_of(const ucontact_t *c)
{
	const str *texts[] = {&c->c, &c->received, &c->path, &c->callid, &c->user_agent, &c->instance};
	uint64_t hash = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		hash = mix_text(hash, texts[i]);
	hash = MIX(hash, c->sock);
	hash = MIX(hash, c->q);
	hash = MIX(hash, c->flags);
	hash = MIX(hash, c->cflags);
	hash = MIX(hash, c->methods);
	hash = MIX(hash, c->reg_id);
	hash = MIX(hash, c->server_id);
	return MIX(hash, c->tcpconn_id);
}

static void describe(ucontact_t *c, void *param)
{
	struct binding_state *out = param;

	out->written = c->state == CS_SYNC;
	out->content = content_of(c);
	out->id = mix_text(0xcbf29ce484222325ull, &c->ruid);
	out->modified = c->last_modified;
	out->granted = c->expires - c->last_modified;
}

/* After save(): `param` is the state before it. */
static void spare(ucontact_t *c, void *param)
{
	const struct binding_state *before = param;
	struct binding_state now;

	describe(c, &now);
	if (c->state != CS_DIRTY || now.id != before->id || now.content != before->content || now.granted != before->granted)
		return;
	if (aeta_refresh_due(before->modified, now.modified, now.granted, (uint32_t)(now.id % 1000003)))
		return;
	c->state = CS_SYNC;
	aeta_count(AETA_COUNT_REFRESH_SPARED);
}

int aeta_save(sip_msg_t *msg, int flags)
{
	struct binding_state before = {.written = false};
	struct sip_uri *to = parse_to_uri(msg);
	int result;

	if (!registrar.save) {
		LM_ERR("load the module registrar before aeta\n");
		return -1;
	}
	if (to)
		aeta_binding_with(&to->user, &to->host, describe, &before);
	aeta_note_register(msg);
	result = registrar.save(msg, &aeta_params.location, flags);
	if (result > 0 && before.written)
		aeta_binding_with(&to->user, &to->host, spare, &before);
	return result;
}
