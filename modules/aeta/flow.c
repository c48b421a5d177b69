/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flow.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "core/dprint.h"
#include "core/parser/parse_uri.h"
#include "location.h"

#define DEVICE_DIGITS 16

static int parse_device(const str *s, aeta_device_t *out)
{
	char buf[DEVICE_DIGITS + 1], *end;

	if (s->len != DEVICE_DIGITS)
		return -1;
	memcpy(buf, s->s, DEVICE_DIGITS);
	buf[DEVICE_DIGITS] = '\0';
	*out = strtoull(buf, &end, 16);
	return *end || !*out ? -1 : 0;
}

int aeta_flow(sip_msg_t *msg, str *user, str *device)
{
	str domain = {NULL, 0}, next_hop;
	aeta_device_t wanted = 0;
	struct aeta_binding b;
	struct aeta_call *c;

	if (device && device->len > 0 && parse_device(device, &wanted) < 0)
		return -1;
	if (parse_sip_msg_uri(msg) >= 0)
		domain = msg->parsed_uri.host;
	if (aeta_locate(user, &domain, wanted, &b) != 1)
		return -1;
	if (!b.next_hop[0]) {
		LM_DBG("%.*s has a binding without a received address\n", user->len, user->s);
		return -1;
	}
	next_hop.s = b.next_hop;
	next_hop.len = (int)strlen(b.next_hop);
	if (!(c = aeta_call_have()) || set_dst_uri(msg, &next_hop) < 0)
		return -1;
	c->device = b.device;
	if (b.socket)
		set_force_socket(msg, b.socket);
	return 1;
}
