/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe_sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/dprint.h"
#include "core/resolve.h"
#include "core/socket_info.h"
#include "message_facts.h"
#include "params.h"

static struct aeta_probe_spot spots[AETA_PROBE_PLACES];
static unsigned count;

unsigned aeta_probe_spots(void)
{
	return count;
}

const struct aeta_probe_spot *aeta_probe_spot(unsigned i)
{
	return &spots[i];
}

static const struct aeta_probe_spot *at(const struct ip_addr *local)
{
	for (unsigned i = 0; i < count; i++)
		if (ip_addr_cmp(&spots[i].local, (ip_addr_t *)local))
			return &spots[i];
	return NULL;
}

const struct aeta_probe_spot *aeta_probe_spot_of(const struct socket_info *si)
{
	return at(&si->address);
}

const struct aeta_probe_spot *aeta_probe_spot_other(const struct aeta_probe_spot *than)
{
	for (unsigned i = 0; i < count; i++)
		if (&spots[i] != than && spots[i].shown.family == than->shown.family &&
				!aeta_address_same(&spots[i].shown, &than->shown))
			return &spots[i];
	return NULL;
}

/* ---- opening ---- */

/* `anywhere`: also where the address is on another machine of a pair now. The socket, or -errno. */
static int open_at(const struct ip_addr *local, unsigned port, bool anywhere)
{
	union sockaddr_union su;
	int on = 1, s, rc;

	init_su(&su, (ip_addr_t *)local, (unsigned short)port);
	s = socket((int)local->af, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s < 0)
		return -errno;
	if (local->af == AF_INET6)
		setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (anywhere)
		setsockopt(s, local->af == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP, local->af == AF_INET6 ? IPV6_FREEBIND : IP_FREEBIND, &on,
				sizeof(on));
	if (bind(s, &su.s, sockaddru_len(su)) == 0)
		return s;
	rc = -errno;
	close(s);
	return rc;
}

bool aeta_probe_spot_is_here(const struct aeta_probe_spot *spot)
{
	int s = open_at(&spot->local, 0, false);

	if (s >= 0)
		close(s);
	return s >= 0;
}

static int open_port(const struct ip_addr *local, int port)
{
	int s = open_at(local, (unsigned)port, true);

	if (s < 0)
		LM_ERR("cannot listen on UDP %s port %d for answers to probes: %s (probe_port, probe_knock_port; probe = 0: no probes)\n",
				ip_addr2a((struct ip_addr *)local), port, strerror(-s));
	return s;
}

static int add(const struct ip_addr *local, const struct ip_addr *shown)
{
	struct aeta_probe_spot spot = {.local = *local, .shown = aeta_ip_address(shown, 0)};

	if (at(local) || aeta_address_scope(&spot.shown) != AETA_SCOPE_PUBLIC)
		return 0;
	if (count == AETA_PROBE_PLACES) {
		LM_WARN("more than %d addresses: %s is not used for probes\n", AETA_PROBE_PLACES, ip_addr2a((struct ip_addr *)local));
		return 0;
	}
	spot.port = open_port(local, aeta_params.probe_port);
	if (spot.port < 0)
		return -1;
	spot.knock = open_port(local, aeta_params.probe_knock_port);
	if (spot.knock < 0) {
		close(spot.port);
		return -1;
	}
	spots[count++] = spot;
	return 0;
}

/* "LOCAL" or "LOCAL/SHOWN" of the parameter probe_address. */
static int add_parameter(void)
{
	str local = aeta_params.probe_address, shown = local;
	struct ip_addr mine, *ip;
	char *slash;

	if (!local.len)
		return 0;
	slash = memchr(local.s, '/', (size_t)local.len);
	if (slash) {
		shown = (str){slash + 1, (int)(local.s + local.len - slash - 1)};
		local.len = (int)(slash - local.s);
	}
	ip = str2ipx(&local);
	if (ip)
		mine = *ip; /* its memory is taken by the next one */
	if (!ip || !(ip = str2ipx(&shown))) {
		LM_ERR("probe_address must be an address, or two with a slash: the machine's and the one that agents know\n");
		return -1;
	}
	return add(&mine, ip);
}

int aeta_probe_sockets_open(void)
{
	if (!aeta_params.probe)
		return 0;
	for (const struct socket_info *si = udp_listen; si; si = si->next)
		if (add(&si->address, si->useinfo.address.len ? &si->useinfo.address : &si->address) < 0)
			return -1;
	if (count > 0)
		return add_parameter();
	LM_NOTICE("the service has no public address: agents are not asked what they are behind, and calls judged without it\n");
	aeta_params.probe = 0;
	return 0;
}

void aeta_probe_sockets_close(void)
{
	for (unsigned i = 0; i < count; i++) {
		close(spots[i].port);
		close(spots[i].knock);
	}
	count = 0;
}
