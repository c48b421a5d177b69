/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media_heard.h"

#include <string.h>

#include "call.h"
#include "core/dprint.h"
#include "core/mem/mem.h"
#include "core/utils/srjson.h"
#include "location.h"
#include "nat_known.h"
#include "stats.h"

/* The member of that name and type; NULL where `of` is no object, or has none. */
static srjson_t *member(const srjson_t *of, const char *name, size_t len, int type)
{
	if (!of || of->type != srjson_Object)
		return NULL;
	for (srjson_t *m = of->child; m; m = m->next)
		if (m->type == type && m->string && strlen(m->string) == len && memcmp(m->string, name, len) == 0)
			return m;
	return NULL;
}

#define MEMBER(of, name, type) member(of, name, sizeof(name) - 1, srjson_##type)

static struct aeta_address endpoint(const srjson_t *e)
{
	const srjson_t *address = MEMBER(e, "address", String), *port = MEMBER(e, "port", Number);

	if (!address || !port || port->valuedouble < 1 || port->valuedouble > 65535)
		return (struct aeta_address){.family = AETA_FAMILY_NONE};
	return aeta_address_parse(address->valuestring, strlen(address->valuestring), (unsigned)port->valuedouble);
}

static bool has_flag(const srjson_t *stream, const char *flag)
{
	const srjson_t *flags = MEMBER(stream, "flags", Array);

	for (const srjson_t *f = flags ? flags->child : NULL; f; f = f->next)
		if (f->type == srjson_String && strcmp(f->valuestring, flag) == 0)
			return true;
	return false;
}

/* Of one stream of RTP whose source the relay is sure of. */
static uint32_t evidence_of_stream(const srjson_t *stream, const struct aeta_address *source)
{
	struct aeta_address offered, heard;

	if (!has_flag(stream, "RTP") || !has_flag(stream, "confirmed"))
		return 0;
	offered = endpoint(MEMBER(stream, "advertised endpoint", Object));
	heard = endpoint(MEMBER(stream, "endpoint", Object));
	return aeta_media_evidence(source, &offered, &heard);
}

static uint32_t evidence_of_party(const srjson_t *party, const struct aeta_address *source)
{
	const srjson_t *medias = MEMBER(party, "medias", Array);
	uint32_t evidence = 0;

	for (const srjson_t *m = medias ? medias->child : NULL; m; m = m->next) {
		const srjson_t *streams = MEMBER(m, "streams", Array);

		for (const srjson_t *s = streams ? streams->child : NULL; s; s = s->next)
			evidence |= evidence_of_stream(s, source);
	}
	return evidence;
}

static void take(const srjson_t *tags, const str *number, const str *tag)
{
	const srjson_t *party = tag->len > 0 ? member(tags, tag->s, (size_t)tag->len, srjson_Object) : NULL;
	struct aeta_whereabouts at;
	str domain = {NULL, 0};
	uint32_t evidence;

	if (!party || aeta_binding_with(number, &domain, aeta_binding_whereabouts, &at) != 1 || at.side.proxied)
		return;
	evidence = evidence_of_party(party, &at.side.source);
	if (!evidence || !aeta_nat_add_evidence(number, &at.side.source, evidence))
		return;
	LM_NOTICE("account=%.*s its media came from elsewhere than its SDP said: its calls are relayed (C7)\n", number->len, number->s);
	aeta_count(AETA_COUNT_MEDIA_MOVED);
}

int aeta_media_heard(sip_msg_t *msg, str *caller, str *caller_tag, str *callee, str *callee_tag, str *json)
{
	srjson_doc_t doc;
	srjson_t *tags;
	char *text;

	(void)msg;
	text = json->len > 0 ? pkg_malloc((size_t)json->len + 1) : NULL; /* the parser wants its end marked */
	if (!text)
		return -1;
	aeta_text_set(text, (size_t)json->len + 1, json->s, (size_t)json->len);
	srjson_InitDoc(&doc, NULL);
	doc.root = srjson_Parse(&doc, text);
	tags = MEMBER(doc.root, "tags", Object);
	if (tags) {
		take(tags, caller, caller_tag);
		take(tags, callee, callee_tag);
	}
	srjson_DestroyDoc(&doc);
	pkg_free(text);
	return tags ? 1 : -1;
}
