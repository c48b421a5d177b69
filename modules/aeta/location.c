/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "location.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/mem.h"
#include "core/parser/parse_rr.h"
#include "core/parser/parse_uri.h"
#include "core/resolve.h"
#include "core/sr_module.h"
#include "modules/usrloc/hslot.h"
#include "modules/usrloc/udomain.h"
#include "modules/usrloc/urecord.h"
#include "modules/usrloc/usrloc.h"
#include "message_facts.h"
#include "params.h"
#include "relay_set.h"

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

/* Another device, Call-ID, Contact or address is another one, and what was learned of this one is not true of that. */
static uint64_t registration_of(const ucontact_t *c)
{
	struct aeta_bytes part[5] = {bytes(&c->callid), bytes(&c->user_agent), bytes(&c->instance), bytes(&c->c), bytes(&c->received)};
	uint64_t parts[5];

	for (unsigned i = 0; i < 5; i++)
		parts[i] = aeta_device((struct aeta_bytes){"", 0}, part[i], (struct aeta_bytes){"", 0});
	return aeta_device((struct aeta_bytes){"", 0}, (struct aeta_bytes){(const char *)parts, sizeof(parts)}, (struct aeta_bytes){"", 0});
}

void aeta_binding_whereabouts(ucontact_t *c, void *whereabouts)
{
	struct aeta_whereabouts *out = whereabouts;
	str path = c->path, from = c->received;
	struct aeta_noted noted;
	struct sip_uri u;

	memset(out, 0, sizeof(*out));
	out->cflags = c->cflags;
	noted = aeta_noted_of(c->cflags);
	out->side.via_mismatch = noted.via_mismatch;
	out->side.nat.cls = noted.cls;
	out->side.nat.evidence = (noted.cls == AETA_NAT_OPEN ? AETA_EVIDENCE_NO_NAT : 0) | (noted.natted ? AETA_EVIDENCE_NATTED : 0);
	out->side.binding = registration_of(c);
	out->side.contact = aeta_uri_address(&c->c);
	out->side.proxied = path.len > 0;
	if (path.len > 0 && get_path_dst_uri(&path, &from) < 0)
		return;
	out->side.source = aeta_uri_address(&from);
	if (c->sock)
		out->side.stream = c->sock->proto != PROTO_UDP;
	else
		out->side.stream = from.len > 0 && parse_uri(from.s, from.len, &u) == 0 && u.proto && u.proto != PROTO_UDP;
}

/* The address that a URI names as its host; NULL if it is a name. Kamailio's own static memory. */
static struct ip_addr *host_of(const struct sip_uri *u)
{
	return u->host.len > 0 && u->host.s[0] == '[' ? str2ip6((str *)&u->host) : str2ip((str *)&u->host);
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
	theirs = host_of(&u);
	return theirs && their_port == port && their_proto == proto && ip_addr_cmp((ip_addr_t *)ip, theirs);
}

/* ---- whose sources hold registrations ---- */

/* Where a binding registered from: its received address, else its Contact; NULL behind a proxy. */
static struct ip_addr *origin(const str *received, const str *contact, const str *path)
{
	const str *uri = received->len > 0 ? received : contact;
	struct sip_uri u;

	if (path->len > 0 || uri->len <= 0 || parse_uri(uri->s, uri->len, &u) < 0)
		return NULL;
	return host_of(&u);
}

static void (*watcher)(const struct ip_addr *ip, time_t until);

static void contact_changed(ucontact_t *c, int type, void *param)
{
	struct ip_addr *ip = origin(&c->received, &c->c, &c->path);

	(void)type;
	(void)param;
	if (ip)
		watcher(ip, c->expires);
}

int aeta_location_watch(void (*f)(const struct ip_addr *ip, time_t until))
{
	watcher = f;
	if (ul.register_ulcb(UL_CONTACT_INSERT | UL_CONTACT_UPDATE, contact_changed, NULL) < 0) {
		LM_ERR("cannot watch usrloc\n");
		return -1;
	}
	return 0;
}

/* The function goes along as the parameter: to an object pointer and back, as POSIX lets dlsym() do. */
static void contact_seen(ucontact_t *c, int type, void *param)
{
	void (*f)(struct ucontact *c, bool is_new);

	memcpy(&f, &param, sizeof(f));
	f(c, type == UL_CONTACT_INSERT);
}

int aeta_location_watch_contacts(void (*f)(struct ucontact *c, bool is_new))
{
	void *param;

	memcpy(&param, &f, sizeof(param));
	if (ul.register_ulcb(UL_CONTACT_INSERT | UL_CONTACT_UPDATE, contact_seen, param) < 0) {
		LM_ERR("cannot watch usrloc\n");
		return -1;
	}
	return 0;
}

/* The next field of usrloc's copy of a contact, all of them unaligned; returns what is behind it. */
static char *take_str(char *p, str *out)
{
	memcpy(&out->len, p, sizeof(out->len));
	out->s = p + sizeof(out->len);
	return out->s + out->len;
}

/* Walks a copy: length and bytes of Contact and received address, socket, flags, Path, an identifier and a hash. */
static bool holds_in(char *p, struct aeta_source source)
{
	str contact, received, path, ruid;

	for (;;) {
		const struct ip_addr *ip;
		struct aeta_source theirs;

		p = take_str(p, &contact);
		if (contact.len <= 0)
			return false;
		p = take_str(p, &received);
		p += sizeof(struct socket_info *) + sizeof(unsigned);
		p = take_str(p, &path);
		p = take_str(p, &ruid) + sizeof(unsigned);
		ip = origin(&received, &contact, &path);
		if (!ip)
			continue;
		theirs = aeta_source(ip->u.addr, ip->len);
		if (theirs.family == source.family && theirs.bits == source.bits)
			return true;
	}
}

#define PARTS 64 /* of usrloc's slots, so that the copies are small */

/* usrloc says how much is missing where the copy does not fit. Grows *buf. 0, or -ENOMEM. */
static int copy_part(unsigned part, char **buf, int *size)
{
	int missing;

	while ((missing = ul.get_all_ucontacts(*buf, *size, 0, part, PARTS, 0)) > 0) {
		pkg_free(*buf);
		*size += missing + 1024;
		*buf = pkg_malloc((size_t)*size);
		if (!*buf)
			return -ENOMEM;
	}
	return missing < 0 ? -ENOMEM : 0;
}

bool aeta_location_holds(struct aeta_source source)
{
	int size = 16384;
	char *buf = pkg_malloc((size_t)size);
	bool holds = !buf;

	for (unsigned part = 0; !holds && part < PARTS; part++)
		holds = copy_part(part, &buf, &size) < 0 || holds_in(buf, source);
	if (buf)
		pkg_free(buf);
	return holds;
}

/* ---- what was being written when Kamailio ended ---- */

/* A lock that is held now is held by a process that is gone. */
static bool was_at_work(hslot_t *slot)
{
	if (lock_try(&slot->rlock.lock) != 0)
		return true;
	lock_release(&slot->rlock.lock);
	return false;
}

static void write_again(urecord_t *r)
{
	for (ucontact_t *c = r->contacts; c; c = c->next)
		if (c->state == CS_SYNC)
			c->state = CS_DIRTY;
}

void aeta_location_ends(void)
{
	for (int i = 0; table && i < table->size; i++) {
		hslot_t *slot = &table->table[i];

		if (!was_at_work(slot))
			continue;
		for (urecord_t *r = slot->first; r; r = r->next)
			write_again(r);
	}
}
