/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "location.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "core/dprint.h"
#include "core/parser/parse_rr.h"
#include "core/parser/parse_uri.h"
#include "core/resolve.h"
#include "core/sr_module.h"
#include "modules/usrloc/usrloc.h"
#include "params.h"

static usrloc_api_t ul;
static udomain_t *table;

int aeta_location_init(void)
{
	bind_usrloc_t bind = (bind_usrloc_t)find_export("ul_bind_usrloc", 1, 0);

	if (!bind || bind(&ul) < 0) {
		LM_ERR("cannot bind usrloc: load the module usrloc before aeta\n");
		return -1;
	}
	if (ul.register_udomain(aeta_params.location.s, &table) < 0) {
		LM_ERR("usrloc has no table %s (parameter location)\n", aeta_params.location.s);
		return -1;
	}
	return 0;
}

static struct aeta_bytes bytes(const str *s)
{
	return (struct aeta_bytes){.s = s->s, .len = s->len > 0 ? (size_t)s->len : 0};
}

static void identify(const ucontact_t *c, struct aeta_binding *out)
{
	struct aeta_bytes none = {"", 0}, instance = bytes(&c->instance), id = bytes(&c->callid), agent = bytes(&c->user_agent);

	out->device = aeta_device(instance, id, agent);
	out->instance = instance.len ? aeta_device(instance, none, none) : 0;
	out->dialog = aeta_device(none, id, agent);
}

/* An URI that does not fit is as good as none. */
static void copy_uri(char *to, size_t size, const str *uri)
{
	size_t n = uri->len > 0 && (size_t)uri->len < size ? (size_t)uri->len : 0;

	if (n)
		memcpy(to, uri->s, n);
	to[n] = '\0';
}

/* The URI that requests to a contact are sent to: the first hop of its Path, else where its REGISTER came from. */
static void copy_next_hop(const ucontact_t *c, struct aeta_binding *out)
{
	str path = c->path, uri = c->received, none = {NULL, 0};

	out->proxied = path.len > 0;
	copy_uri(out->contact, sizeof(out->contact), out->proxied || uri.len > 0 ? &none : &c->c);
	if (path.len > 0 && get_path_dst_uri(&path, &uri) < 0)
		uri = none;
	copy_uri(out->next_hop, sizeof(out->next_hop), &uri);
}

/* One number has one binding; where it has more all the same, the newest counts. */
static const ucontact_t *newest(const urecord_t *r, aeta_device_t wanted, struct aeta_binding *out)
{
	const ucontact_t *best = NULL;
	time_t now = time(NULL);

	for (const ucontact_t *c = r->contacts; c; c = c->next) {
		if (!VALID_CONTACT(c, now) || (best && c->last_modified < best->last_modified))
			continue;
		identify(c, out);
		if (!wanted || out->device == wanted)
			best = c;
	}
	return best;
}

static bool aor_of(const str *user, const str *domain, char *buf, size_t size, str *aor)
{
	size_t n = (size_t)user->len, m = ul.use_domain && domain ? (size_t)domain->len : 0;

	if (user->len <= 0 || n + m + 2 > size)
		return false;
	memcpy(buf, user->s, n);
	if (m) {
		buf[n++] = '@';
		for (size_t i = 0; i < m; i++)
			buf[n + i] = (char)tolower((unsigned char)domain->s[i]);
	}
	aor->s = buf;
	aor->len = (int)(n + m);
	return true;
}

int aeta_locate(const str *user, const str *domain, aeta_device_t wanted, struct aeta_binding *out)
{
	char buf[512];
	urecord_t *r = NULL;
	const ucontact_t *c = NULL;
	str aor;

	if (!aor_of(user, domain, buf, sizeof(buf), &aor))
		return -EINVAL;
	ul.lock_udomain(table, &aor);
	if (ul.get_urecord(table, &aor, &r) == 0 && r) {
		c = newest(r, wanted, out);
		if (c) {
			identify(c, out);
			copy_next_hop(c, out);
			out->socket = c->sock;
			out->modified = c->last_modified;
		}
		ul.release_urecord(r);
	}
	ul.unlock_udomain(table, &aor);
	return c ? 1 : 0;
}

int aeta_binding_with(const str *user, const str *domain, void (*with)(ucontact_t *c, void *param), void *param)
{
	char buf[512];
	urecord_t *r = NULL;
	ucontact_t *best = NULL;
	time_t now = time(NULL);
	str aor;

	if (!aor_of(user, domain, buf, sizeof(buf), &aor))
		return -EINVAL;
	ul.lock_udomain(table, &aor);
	if (ul.get_urecord(table, &aor, &r) == 0 && r) {
		for (ucontact_t *c = r->contacts; c; c = c->next)
			if (VALID_CONTACT(c, now) && (!best || c->last_modified > best->last_modified))
				best = c;
		if (best)
			with(best, param);
		ul.release_urecord(r);
	}
	ul.unlock_udomain(table, &aor);
	return best ? 1 : 0;
}

bool aeta_binding_is_at(const struct aeta_binding *b, const struct ip_addr *ip, unsigned port, char proto)
{
	struct sip_uri u;
	struct ip_addr *theirs;
	unsigned their_port;
	char their_proto;
	const char *uri = b->next_hop[0] ? b->next_hop : b->contact;

	if (b->proxied || !uri[0] || parse_uri((char *)uri, (int)strlen(uri), &u) < 0)
		return false;
	their_proto = u.proto ? (char)u.proto : (char)PROTO_UDP;
	if (u.type == SIPS_URI_T && their_proto == PROTO_TCP)
		their_proto = PROTO_TLS;
	their_port = u.port_no ? u.port_no : their_proto == PROTO_TLS ? SIPS_PORT : SIP_PORT;
	theirs = u.host.s[0] == '[' ? str2ip6(&u.host) : str2ip(&u.host);
	return theirs && their_port == port && their_proto == proto && ip_addr_cmp((ip_addr_t *)ip, theirs);
}
