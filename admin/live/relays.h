/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Media relays: what Kamailio thinks of each, and what each says of itself. */
#ifndef AETA_ADMIN_LIVE_RELAYS_H
#define AETA_ADMIN_LIVE_RELAYS_H

#include "live.h"

#define LIVE_URL_MAX 128

/* X(ID, name as in JSON) */
#define LIVE_RELAY_STATES(X) \
	X(NOT_LOADED, "not loaded") /* Kamailio does not know it (yet) */ \
	X(UP, "up") \
	X(DOWN, "down")             /* Kamailio found it so, and looks again */ \
	X(OFF, "off")               /* an operator's doing */ \
	X(UNKNOWN, "unknown")

enum live_relay_state {
#define X(id, name) LIVE_RELAY_##id,
	LIVE_RELAY_STATES(X)
#undef X
};

const char *live_relay_state_name(enum live_relay_state s);

/* Those that Kamailio has loaded. */
struct live_relays {
	struct live_relay {
		char url[LIVE_URL_MAX];
		enum live_relay_state state;
	} *at; /* to be freed with live_relays_free() */
	size_t n;
};

int live_relays(struct live *l, struct live_relays *out);
void live_relays_free(struct live_relays *relays);

/* NOT_LOADED where it is not among them. */
enum live_relay_state live_relay_state(const struct live_relays *relays, const char *url);

/* What a relay says of itself (ng command "statistics"); each LIVE_UNKNOWN where it does not. */
struct live_load {
	const char *url; /* the caller's: "udp:127.0.0.1:2223", "udp6:[::1]:2223" */
	bool answered;
	long calls;
	long packets_s, bytes_s;  /* relayed each second, in user space */
	long ports_used, ports;   /* of all its media addresses together */
	long uptime_s;
};

/* Asks all of them at once, and waits for no longer than `wait_ms` in all. One whose URL is of another kind is not asked. */
void live_relay_loads(struct live_load *loads, size_t n, int wait_ms);

/* Takes one answer apart, a datagram "COOKIE JSON"; false: it is none to `cookie`. Pure. */
bool live_load_parse(const char *bytes, size_t len, const char *cookie, struct live_load *out);

#endif
