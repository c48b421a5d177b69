/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as the caller's SDP and as addresses of the callee: a verdict comes of it, its reasons can be written down, and what
 * cannot be read is never a reason to leave the relay out. The first line is the callee's Contact, the second its source, the
 * rest the SDP.
 */
#include "policy/media.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

static struct aeta_address take_line(const char **s, size_t *len)
{
	const char *end = memchr(*s, '\n', *len);
	size_t n = end ? (size_t)(end - *s) : *len;
	struct aeta_address a = aeta_address_parse(*s, n, 5060);

	*s += n + (end ? 1 : 0);
	*len -= n + (end ? 1 : 0);
	return a;
}

static void check_sdp(const struct aeta_sdp *sdp)
{
	must(sdp->count <= AETA_SDP_PLACES);
	must(!sdp->streams || sdp->count || sdp->unreadable);
	for (unsigned i = 0; i < sdp->count; i++)
		must(sdp->places[i].address.family != AETA_FAMILY_NONE);
}

static void check_verdict(const struct aeta_media_verdict *v)
{
	char text[AETA_REASONS_TEXT];
	size_t n = aeta_reasons_format(v->reasons, text, sizeof(text));

	must(n == strlen(text) && n > 0);
	must(v->path == AETA_PATH_DIRECT || v->path == AETA_PATH_RELAYED);
	must((v->path == AETA_PATH_DIRECT) == (v->reasons == 0));
	must(v->path == AETA_PATH_RELAYED || v->offer_family == AETA_FAMILY_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct aeta_media_side caller = {.source = aeta_address_parse("198.51.100.1", 12, 5060)}, callee = {.stream = false};
	const char *s = (const char *)data;
	struct aeta_media_verdict v;

	callee.contact = take_line(&s, &size);
	callee.source = take_line(&s, &size);
	caller.contact = caller.via = caller.source;
	aeta_sdp_read(s, size, &caller.sdp);
	check_sdp(&caller.sdp);
	v = aeta_media_decide(&caller, &callee, NULL);
	check_verdict(&v);
	if (caller.sdp.unreadable)
		must(v.path == AETA_PATH_RELAYED);
	v = aeta_media_decide(&caller, &callee, &(struct aeta_media_setting){.probing = true});
	must(v.path == AETA_PATH_RELAYED); /* neither is known */
	must(aeta_media_stun_shown(&caller) != AETA_STUN_YES || !caller.sdp.unreadable);
	caller.group = AETA_MEDIA_NEVER;
	v = aeta_media_decide(&caller, &callee, NULL);
	must(v.path == AETA_PATH_DIRECT || v.rule == AETA_RULE_MEDIA_NEVER);
	return 0;
}
