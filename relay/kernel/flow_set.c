/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/flow_set.h"

#include "flow.skel.h"
#include "kernel/libbpf_quiet.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define INTERFACES_MAX 64
#define NS 1000000000ull
#define TC_PRIORITY 10000 /* behind whatever was put there on purpose */
#define SPARE_FDS 64

struct attached {
	unsigned ifindex;
	enum flow_path path;
	int link_fd; /* of XDP; -1: none */
};

struct flow_set {
	struct flow_bpf *program;
	struct flow_pins *pins; /* NULL: none */
	int life; /* a socket in flow_alive, which the programs find there as long as we live */
	struct flow_config *config;
	struct flow *table;
	struct flow_state *states;
	struct flow_counters *each; /* a processor's each, for the system to fill in */
	unsigned processors, count, ports;
	struct flow_range ranges[FLOW_ADDRESSES_MAX];
	unsigned first[FLOW_ADDRESSES_MAX];
	struct attached attached[INTERFACES_MAX];
	unsigned attached_count;
};

static size_t mapped_size(const struct bpf_map *map)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return ((size_t)bpf_map__value_size(map) * bpf_map__max_entries(map) + page - 1) / page * page;
}

static int map_in(const struct bpf_map *map, void **at)
{
	*at = mmap(NULL, mapped_size(map), PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	if (*at != MAP_FAILED)
		return 0;
	*at = NULL;
	return -errno;
}

static void map_out(const struct bpf_map *map, void *at)
{
	if (at)
		munmap(at, mapped_size(map));
}

static int map_all(struct flow_set *s)
{
	int rc = map_in(s->program->maps.flow_config, (void **)&s->config);

	if (!rc)
		rc = map_in(s->program->maps.flow_table, (void **)&s->table);
	if (!rc)
		rc = map_in(s->program->maps.flow_states, (void **)&s->states);
	return rc;
}

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

/* The version last: until it is there, every packet passes. */
static void configure(struct flow_set *s)
{
	describe(s, s->config);
	__atomic_store_n(&s->config->version, FLOW_ABI_VERSION, __ATOMIC_RELEASE);
}

static void unload(struct flow_set *s)
{
	if (s->program) {
		map_out(s->program->maps.flow_config, s->config);
		map_out(s->program->maps.flow_table, s->table);
		map_out(s->program->maps.flow_states, s->states);
	}
	s->config = NULL;
	s->table = NULL;
	s->states = NULL;
	flow_bpf__destroy(s->program);
	s->program = NULL;
}

static int open_program(struct flow_set *s)
{
	int rc = 0;

	unload(s);
	s->program = flow_bpf__open();
	if (!s->program)
		return -errno;
	s->program->rodata->all_statistics = true;
	for (unsigned i = 0; i < 3 && !rc; i++) {
		struct bpf_map *const by_port[] = {s->program->maps.flow_table, s->program->maps.flow_states, s->program->maps.flow_counters};

		rc = bpf_map__set_max_entries(by_port[i], s->ports);
	}
	return rc;
}

/* Without what is pinned. */
static int load_fresh(struct flow_set *s)
{
	int rc = open_program(s);

	if (!rc)
		rc = flow_bpf__load(s->program);
	if (!rc)
		rc = map_all(s);
	if (!rc)
		configure(s);
	if (!rc && s->pins && flow_pins_keep(s->pins, s->program->obj) != 0)
		s->pins = NULL; /* a system that has a bpffs, and does not let us use it */
	return rc;
}

static int load_taken(struct flow_set *s, char error[FLOW_SET_ERROR_MAX])
{
	struct flow_config wanted = {0};
	int rc = open_program(s);

	describe(s, &wanted);
	if (!rc)
		rc = flow_pins_take(s->pins, s->program->obj, &wanted, error);
	if (rc <= 0)
		return rc;
	rc = flow_bpf__load(s->program);
	if (!rc)
		rc = map_all(s);
	if (rc)
		snprintf(error, FLOW_SET_ERROR_MAX, "they cannot be used: %s", strerror(-rc));
	return rc ? rc : 1;
}

static int load(struct flow_set *s, enum flow_set_start *start, char error[FLOW_SET_ERROR_MAX])
{
	int rc = s->pins ? load_taken(s, error) : 0;

	*start = rc > 0 ? FLOW_SET_TAKEN : rc < 0 ? FLOW_SET_REFUSED : FLOW_SET_FRESH;
	if (rc > 0)
		return 0;
	if (rc < 0)
		flow_pins_remove(s->pins);
	return load_fresh(s);
}

struct flow_set *flow_set_new(const struct flow_range *ranges, unsigned count, struct flow_pins *pins, enum flow_set_start *start,
	char error[FLOW_SET_ERROR_MAX])
{
	struct flow_set *s = calloc(1, sizeof(*s));
	int rc = -ENOMEM, processors = libbpf_num_possible_cpus();

	libbpf_quiet();
	if (!s || processors <= 0 || count == 0 || count > FLOW_ADDRESSES_MAX)
		goto failed;
	s->life = -1;
	s->pins = pins;
	s->processors = (unsigned)processors;
	s->each = calloc(s->processors, sizeof(*s->each));
	for (unsigned i = 0; i < count; i++) {
		s->ranges[i] = ranges[i];
		s->first[i] = s->ports;
		s->ports += (unsigned)ranges[i].port_max - ranges[i].port_min + 1;
	}
	s->count = count;
	rc = s->each ? load(s, start, error) : -ENOMEM;
	if (!rc)
		return s;
failed:
	snprintf(error, FLOW_SET_ERROR_MAX, "the program cannot be loaded: %s", strerror(-rc));
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
	if (s->life < 0 || bpf_map_update_elem(bpf_map__fd(s->program->maps.flow_alive), &first, &fd, BPF_ANY) != 0) {
		__atomic_store_n(&s->config->watched, 0, __ATOMIC_RELEASE); /* the one before may have set it */
		return -errno;
	}
	__atomic_store_n(&s->config->watched, 1, __ATOMIC_RELEASE);
	return 0;
}

void flow_set_beat(struct flow_set *s, uint64_t now, uint32_t outlive_s)
{
	s->config->heartbeat_ns = now * 1000;
	s->config->outlive_ns = outlive_s * NS;
}

/* ---- interfaces ---- */

static uint32_t tc_handle(const struct flow_set *s)
{
	return s->ranges[0].port_min; /* relays of one machine have different ports */
}

static bool is_ours(uint32_t program)
{
	struct bpf_prog_info info = {0};
	uint32_t size = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(program);
	bool ours = fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && strcmp(info.name, "flow_tc") == 0;

	if (fd >= 0)
		close(fd);
	return ours;
}

bool flow_set_sweep(unsigned ifindex, uint16_t port_min)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, left, .handle = port_min, .priority = TC_PRIORITY);

	libbpf_quiet();
	if (bpf_tc_query(&hook, &left) != 0 || !is_ours(left.prog_id))
		return false;
	left.prog_fd = left.prog_id = left.flags = 0;
	return bpf_tc_detach(&hook, &left) == 0;
}

static void detach(const struct flow_set *s, struct attached *a, bool keep)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)a->ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = tc_handle(s), .priority = TC_PRIORITY);

	if (a->path == FLOW_PATH_TC && !keep)
		bpf_tc_detach(&hook, &filter);
	if (a->link_fd >= 0)
		close(a->link_fd);
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
	for (unsigned i = 0; i < s->attached_count; i++)
		detach(s, &s->attached[i], keep);
	unload(s);
	free(s->each);
	free(s);
}

/* A virtual pair's XDP depends on the other end, which is not ours to look at: packets may vanish there. */
static bool is_virtual(unsigned ifindex)
{
	static const char *const drivers[] = {"veth", "bridge", "tun", "802.1Q VLAN Support", "bonding", "team", "dummy", "macvlan"};
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq request = {.ifr_data = (void *)&info};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool found = fd < 0 || !if_indextoname(ifindex, request.ifr_name) || ioctl(fd, SIOCETHTOOL, &request) != 0;

	for (unsigned i = 0; i < sizeof(drivers) / sizeof(drivers[0]) && !found; i++)
		found = strcmp(info.driver, drivers[i]) == 0;
	if (fd >= 0)
		close(fd);
	return found;
}

/* The link of the one before, with our program: packets go through one of the two all the time. */
static int take_link(struct flow_set *s, unsigned ifindex)
{
	int fd = s->pins ? flow_pins_link(s->pins, ifindex) : -1;

	if (fd < 0 || bpf_link_update(fd, bpf_program__fd(s->program->progs.flow_xdp), NULL) == 0)
		return fd;
	close(fd);
	return -1;
}

/* By the driver alone; the generic kind is slower than TC, and leaves unfinished checksums broken. */
static int make_link(struct flow_set *s, unsigned ifindex)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_DRV_MODE);
	int fd = bpf_link_create(bpf_program__fd(s->program->progs.flow_xdp), (int)ifindex, BPF_XDP, &options);

	if (fd >= 0 && s->pins)
		flow_pins_keep_link(s->pins, ifindex, fd); /* not pinned, it goes with us */
	return fd;
}

static int attach_xdp(struct flow_set *s, struct attached *a)
{
	int fd = take_link(s, a->ifindex);

	if (fd < 0)
		fd = make_link(s, a->ifindex);
	if (fd < 0)
		return -errno;
	if (bpf_map_update_elem(bpf_map__fd(s->program->maps.flow_devices), &a->ifindex, &a->ifindex, BPF_ANY) != 0) {
		close(fd);
		return -errno;
	}
	a->link_fd = fd;
	return 0;
}

static int attach_tc(struct flow_set *s, struct attached *a)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)a->ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = tc_handle(s), .priority = TC_PRIORITY,
		.prog_fd = bpf_program__fd(s->program->progs.flow_tc), .flags = BPF_TC_F_REPLACE);
	int rc = bpf_tc_hook_create(&hook);

	return rc && rc != -EEXIST ? rc : bpf_tc_attach(&hook, &filter);
}

static int attach(struct flow_set *s, struct attached *a, enum flow_path wanted)
{
	int rc = -EOPNOTSUPP;

	if (wanted == FLOW_PATH_XDP || (wanted == FLOW_PATH_AUTO && !is_virtual(a->ifindex))) {
		a->path = FLOW_PATH_XDP;
		rc = attach_xdp(s, a);
	}
	if (rc && wanted != FLOW_PATH_XDP) {
		a->path = FLOW_PATH_TC;
		rc = attach_tc(s, a);
	}
	return rc;
}

enum flow_path flow_set_attach(struct flow_set *s, unsigned ifindex, enum flow_path wanted, char error[FLOW_SET_ERROR_MAX])
{
	struct attached *a = &s->attached[s->attached_count];
	int rc = -E2BIG;

	for (unsigned i = 0; i < s->attached_count; i++)
		if (s->attached[i].ifindex == ifindex)
			return s->attached[i].path;
	if (s->attached_count < INTERFACES_MAX) {
		*a = (struct attached){.ifindex = ifindex, .link_fd = -1};
		rc = attach(s, a, wanted);
	}
	if (rc) {
		snprintf(error, FLOW_SET_ERROR_MAX, "%s", strerror(-rc));
		return FLOW_PATH_OFF;
	}
	s->attached_count++;
	return a->path;
}

static enum flow_path path_of(const struct flow_set *s, unsigned ifindex)
{
	for (unsigned i = 0; i < s->attached_count; i++)
		if (s->attached[i].ifindex == ifindex)
			return s->attached[i].path;
	return FLOW_PATH_OFF;
}

bool flow_set_xdp(const struct flow_set *s, unsigned ifindex)
{
	return path_of(s, ifindex) == FLOW_PATH_XDP;
}

static bool is_linked(const void *set, unsigned ifindex)
{
	return flow_set_xdp(set, ifindex);
}

static void sweep_but(const struct flow_set *s, uint16_t port_min)
{
	struct if_nameindex *all = if_nameindex();

	for (const struct if_nameindex *i = all; i && i->if_index; i++)
		if (!s || path_of(s, i->if_index) != FLOW_PATH_TC)
			flow_set_sweep(i->if_index, port_min);
	if (all)
		if_freenameindex(all);
}

void flow_set_sweep_all(uint16_t port_min)
{
	sweep_but(NULL, port_min);
}

void flow_set_settle(struct flow_set *s)
{
	if (!s->pins)
		return; /* another relay of these ports may be running */
	flow_pins_sweep_links(s->pins, is_linked, s);
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
	return &s->table[index];
}

struct flow_state *flow_set_state(struct flow_set *s, uint32_t index)
{
	return &s->states[index];
}

int flow_set_counters(struct flow_set *s, uint32_t index, struct flow_counters *sum)
{
	*sum = (struct flow_counters){0};
	if (bpf_map_lookup_elem(bpf_map__fd(s->program->maps.flow_counters), &index, s->each) != 0)
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
