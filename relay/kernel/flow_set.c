/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/flow_set.h"

#include "clock.h"
#include "flow.skel.h"
#include "kernel/flow_tables.h"
#include "kernel/libbpf_quiet.h"
#include "kernel/proof_abi.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define INTERFACES_MAX PROOF_INTERFACES_MAX
#define PROOF_US 300000 /* so long a start may wait to see what works; what is not known by then is looked at later */
#define NS 1000000000ull
#define SPARE_FDS 64
/* Without CAP_PERFMON the verifier follows ways that no packet takes; how many depends on the compiler (clang 14: few enough, 19: not). */
#define TOO_LONG "it is too long for the kernel's verifier, which it is not with CAP_PERFMON"

struct flow_set {
	struct flow_tables tables;
	struct flow_pins *pins; /* NULL: none */
	int life; /* a socket in flow_alive, which the programs find there as long as we live */
	struct flow_counters *each; /* a processor's each, for the system to fill in */
	unsigned processors, count, ports;
	struct flow_range ranges[FLOW_ADDRESSES_MAX];
	unsigned first[FLOW_ADDRESSES_MAX];
	struct flow_programs programs;
	struct flow_interface interfaces[INTERFACES_MAX];
	unsigned interface_count;
};

/* What the programs are to know. */
static void describe(const struct flow_set *s, struct flow_config *c)
{
	for (unsigned i = 0; i < s->count; i++) {
		const struct flow_range *r = &s->ranges[i];
		uint16_t ports = (uint16_t)(r->port_max - r->port_min + 1);

		if (r->address.family == 6) {
			c->address6[c->count6] = (struct flow_address6){.first = s->first[i], .port_min = r->port_min, .ports = ports};
			memcpy(c->address6[c->count6++].address, r->address.bytes, 16);
		} else {
			c->address4[c->count4] = (struct flow_address4){.first = s->first[i], .port_min = r->port_min, .ports = ports};
			memcpy(&c->address4[c->count4++].address, r->address.bytes, 4);
		}
	}
}

static void describe_programs(struct flow_set *s)
{
	s->programs = (struct flow_programs){.xdp = bpf_program__fd(s->tables.program->progs.flow_xdp),
		.tc = bpf_program__fd(s->tables.program->progs.flow_tc), .devices = bpf_map__fd(s->tables.program->maps.flow_devices),
		.handle = s->ranges[0].port_min}; /* relays of one machine have different ones */
	s->programs.prover = prover_new(&s->programs.no_prover);
}

struct flow_set *flow_set_new(const struct flow_range *ranges, unsigned count, struct flow_pins *pins, enum flow_set_start *start,
	char error[FLOW_SET_ERROR_MAX])
{
	struct flow_set *s = calloc(1, sizeof(*s));
	struct flow_config wanted = {0};
	int rc = -ENOMEM, processors = libbpf_num_possible_cpus();

	libbpf_quiet();
	if (s)
		s->life = -1;
	if (!s || processors <= 0 || count == 0 || count > FLOW_ADDRESSES_MAX)
		goto failed;
	s->pins = pins;
	s->processors = (unsigned)processors;
	s->each = calloc(s->processors, sizeof(*s->each));
	for (unsigned i = 0; i < count; i++) {
		s->ranges[i] = ranges[i];
		s->first[i] = s->ports;
		s->ports += (unsigned)ranges[i].port_max - ranges[i].port_min + 1;
	}
	s->count = count;
	describe(s, &wanted);
	rc = s->each ? flow_tables_load(&s->tables, &wanted, s->ports, &s->pins, start, error) : -ENOMEM;
	if (!rc) {
		describe_programs(s);
		return s;
	}
failed:
	snprintf(error, FLOW_SET_ERROR_MAX, "the program cannot be loaded: %s", rc == -E2BIG ? TOO_LONG : strerror(-rc));
	flow_set_free(s, false);
	return NULL;
}

/* ---- life and death ---- */

/*
 * The system closes the descriptors of a process that dies from the highest to the lowest: with a high one the programs know of the
 * death before a media port is closed.
 */
static int open_life(const struct flow_set *s)
{
	const struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), high;

	if (fd < 0 || bind(fd, (const struct sockaddr *)(const void *)&at, sizeof(at)) != 0)
		return fd; /* where there is no loopback it is not taken into the map, either */
	high = fcntl(fd, F_DUPFD_CLOEXEC, (int)s->ports + SPARE_FDS);
	if (high < 0)
		return fd;
	close(fd);
	return high;
}

int flow_set_watch(struct flow_set *s)
{
	uint32_t first = 0;
	uint64_t fd;

	s->life = open_life(s);
	fd = (uint64_t)s->life;
	if (s->life < 0 || bpf_map_update_elem(bpf_map__fd(s->tables.program->maps.flow_alive), &first, &fd, BPF_ANY) != 0) {
		__atomic_store_n(&s->tables.config->watched, 0, __ATOMIC_RELEASE); /* the one before may have set it */
		return -errno;
	}
	__atomic_store_n(&s->tables.config->watched, 1, __ATOMIC_RELEASE);
	return 0;
}

void flow_set_beat(struct flow_set *s, uint64_t now, uint32_t outlive_s)
{
	s->tables.config->heartbeat_ns = now * 1000;
	s->tables.config->outlive_ns = outlive_s * NS;
}

/* ---- interfaces ---- */

bool flow_set_sweep(unsigned ifindex, uint16_t port_min)
{
	libbpf_quiet();
	return flow_interface_sweep(ifindex, port_min);
}

void flow_set_free(struct flow_set *s, bool keep)
{
	if (!s)
		return;
	keep = keep && s->pins;
	if (s->life >= 0)
		close(s->life);
	if (s->pins && !keep)
		flow_pins_remove(s->pins);
	for (unsigned i = 0; i < s->interface_count; i++)
		flow_interface_detach(&s->interfaces[i], &s->programs, keep);
	prover_free(s->programs.prover);
	flow_tables_unload(&s->tables);
	free(s->each);
	free(s);
}

static struct flow_interface *interface_of(const struct flow_set *s, unsigned ifindex)
{
	for (unsigned i = 0; i < s->interface_count; i++)
		if (s->interfaces[i].ifindex == ifindex)
			return (struct flow_interface *)&s->interfaces[i];
	return NULL;
}

/* The link of the one before, with our program: packets go through one of the two all the time. -1: there is none. */
static int take_link(struct flow_set *s, unsigned ifindex)
{
	int fd = s->pins ? flow_pins_link(s->pins, ifindex) : -1;

	if (fd < 0 || bpf_link_update(fd, s->programs.xdp, NULL) == 0)
		return fd;
	close(fd);
	return -1;
}

bool flow_set_attach(struct flow_set *s, unsigned ifindex, enum flow_path wanted)
{
	struct flow_interface *i = &s->interfaces[s->interface_count];
	bool may_forward;

	if (ifindex == 0 || interface_of(s, ifindex) || s->interface_count == INTERFACES_MAX)
		return false;
	*i = (struct flow_interface){.ifindex = ifindex, .wanted = wanted};
	may_forward = flow_interface_attach(i, &s->programs, wanted == FLOW_PATH_TC ? -1 : take_link(s, ifindex));
	i->changed = true;
	s->interface_count++;
	__atomic_store_n(&s->tables.config->generic, s->programs.generic, __ATOMIC_RELEASE);
	return may_forward;
}

/* Generic XDP's link is not for the next relay: it tries for itself what the driver can do by then. */
static void look_at(struct flow_set *s, struct flow_interface *i, uint64_t now)
{
	bool before = i->path == FLOW_PATH_XDP;

	flow_interface_look(i, &s->programs, now);
	if (i->path == FLOW_PATH_XDP && !before && !i->generic && s->pins)
		flow_pins_keep_link(s->pins, i->ifindex, i->link); /* not pinned, it goes with us */
}

/* True: there may be more in a moment. */
static bool look(struct flow_set *s, uint64_t now)
{
	bool more = false;

	for (unsigned i = 0; i < s->interface_count; i++) {
		look_at(s, &s->interfaces[i], now);
		more |= flow_interface_expects(&s->interfaces[i]);
	}
	return more;
}

void flow_set_await(struct flow_set *s)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	uint64_t begin = clock_now();

	while (look(s, clock_now()) && clock_now() - begin < PROOF_US)
		nanosleep(&pause, NULL);
}

bool flow_set_prove(struct flow_set *s, uint64_t now, struct flow_news *news)
{
	look(s, now);
	for (unsigned i = 0; i < s->interface_count; i++) {
		struct flow_interface *at = &s->interfaces[i];

		if (!at->changed)
			continue;
		at->changed = false;
		*news = (struct flow_news){.ifindex = at->ifindex, .path = at->path};
		flow_interface_text(at, news->text);
		return true;
	}
	return false;
}

bool flow_set_forwards(const struct flow_set *s)
{
	for (unsigned i = 0; i < s->interface_count; i++)
		if (s->interfaces[i].path != FLOW_PATH_OFF)
			return true;
	return false;
}

bool flow_set_xdp(const struct flow_set *s, unsigned ifindex)
{
	const struct flow_interface *i = interface_of(s, ifindex);

	return i && i->path == FLOW_PATH_XDP;
}

static bool is_linked(const void *set, unsigned ifindex)
{
	return flow_set_xdp(set, ifindex);
}

static void sweep_but(const struct flow_set *s, uint16_t port_min)
{
	struct if_nameindex *all = if_nameindex();

	for (const struct if_nameindex *i = all; i && i->if_index; i++) {
		const struct flow_interface *ours = s ? interface_of(s, i->if_index) : NULL;

		if (!ours || !ours->tc)
			flow_set_sweep(i->if_index, port_min);
	}
	if (all)
		if_freenameindex(all);
}

void flow_set_sweep_all(uint16_t port_min)
{
	sweep_but(NULL, port_min);
}

/* Of a table that was taken over: XDP would send to where the link is not any more, and the packets be lost. */
static void sweep_devices(const struct flow_set *s)
{
	uint32_t next, at;
	bool more = bpf_map_get_next_key(s->programs.devices, NULL, &next) == 0;

	while (more) {
		at = next;
		more = bpf_map_get_next_key(s->programs.devices, &at, &next) == 0;
		if (!flow_set_xdp(s, at))
			bpf_map_delete_elem(s->programs.devices, &at);
	}
}

void flow_set_settle(struct flow_set *s)
{
	if (!s->pins)
		return; /* another relay of these ports may be running */
	flow_pins_sweep_links(s->pins, is_linked, s);
	sweep_devices(s);
	sweep_but(s, s->ranges[0].port_min);
}

/* ---- entries ---- */

int64_t flow_set_index(const struct flow_set *s, const struct endpoint *local)
{
	for (unsigned i = 0; i < s->count; i++) {
		const struct flow_range *r = &s->ranges[i];

		if (local->port >= r->port_min && local->port <= r->port_max && address_equal(&r->address, &local->address))
			return (int64_t)s->first[i] + local->port - r->port_min;
	}
	return -1;
}

unsigned flow_set_ports(const struct flow_set *s)
{
	return s->ports;
}

struct flow *flow_set_flow(struct flow_set *s, uint32_t index)
{
	return &s->tables.table[index];
}

struct flow_state *flow_set_state(struct flow_set *s, uint32_t index)
{
	return &s->tables.states[index];
}

int flow_set_counters(struct flow_set *s, uint32_t index, struct flow_counters *sum)
{
	*sum = (struct flow_counters){0};
	if (bpf_map_lookup_elem(bpf_map__fd(s->tables.program->maps.flow_counters), &index, s->each) != 0)
		return -errno;
	for (unsigned i = 0; i < s->processors; i++) {
		sum->packets += s->each[i].packets;
		sum->bytes += s->each[i].bytes;
		sum->control_packets += s->each[i].control_packets;
		sum->control_bytes += s->each[i].control_bytes;
		if (s->each[i].last_ns > sum->last_ns)
			sum->last_ns = s->each[i].last_ns;
	}
	return 0;
}
