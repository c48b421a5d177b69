/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/port_table.h"

#include "ports.skel.h"
#include "kernel/libbpf_quiet.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define NS 1000000000ull
#define ETHERNET 14

struct port_table {
	struct ports_bpf *program;
	struct bpf_link *link;
	struct port_entry *entries;
	size_t size; /* bytes of them, as mapped */
	unsigned first[PORT_ADDRESSES];
};

static uint32_t family_of(const struct address *a)
{
	return a->family == 6 ? AF_INET6 : AF_INET;
}

static int map_entries(struct port_table *t, unsigned count)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	t->size = (count * sizeof(struct port_entry) + page - 1) / page * page;
	t->entries = mmap(NULL, t->size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(t->program->maps.entries), 0);
	if (t->entries != MAP_FAILED)
		return 0;
	t->entries = NULL;
	return -errno;
}

static int add_range(struct port_table *t, unsigned index, const struct port_range *r)
{
	struct port_address_key key = {.family = family_of(&r->address)};
	struct port_address value = {.socket = index, .first = t->first[index], .port_min = r->port_min, .port_max = r->port_max};
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} bound = {0};
	socklen_t length = sizeof(bound);
	uint64_t fd = (uint64_t)r->socket;

	if (getsockname(r->socket, &bound.any, &length) != 0)
		return -errno;
	value.own_port = ntohs(key.family == AF_INET6 ? bound.v6.sin6_port : bound.v4.sin_port);
	memcpy(key.address, r->address.bytes, sizeof(key.address));
	if (bpf_map_update_elem(bpf_map__fd(t->program->maps.sockets), &index, &fd, BPF_ANY) != 0 ||
		bpf_map_update_elem(bpf_map__fd(t->program->maps.addresses), &key, &value, BPF_NOEXIST) != 0)
		return -errno;
	return 0;
}

static int attach(struct port_table *t)
{
	int ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), rc = 0;

	if (ns < 0)
		return -errno;
	t->link = bpf_program__attach_netns(t->program->progs.to_socket, ns);
	if (!t->link)
		rc = -errno;
	close(ns);
	return rc;
}

static int load(struct port_table *t, unsigned entries, unsigned rate, unsigned burst)
{
	int rc = bpf_map__set_max_entries(t->program->maps.entries, entries);

	t->program->rodata->pace_ns = rate ? NS / rate : 0;
	t->program->rodata->burst_ns = rate ? NS / rate * burst : 0;
	return rc ? rc : ports_bpf__load(t->program);
}

struct port_table *port_table_new(const struct port_range *ranges, unsigned count, unsigned rate, unsigned burst,
	char error[PORT_TABLE_ERROR_MAX])
{
	struct port_table *t = calloc(1, sizeof(*t));
	const char *what = "the program cannot be loaded";
	unsigned entries = 0;
	int rc = -ENOMEM;

	libbpf_quiet();
	if (!t || count == 0 || count > PORT_ADDRESSES)
		goto failed;
	for (unsigned i = 0; i < count; i++) {
		t->first[i] = entries;
		entries += (unsigned)ranges[i].port_max - ranges[i].port_min + 1;
	}
	t->program = ports_bpf__open();
	rc = t->program ? load(t, entries, rate, burst) : -errno;
	if (rc)
		goto failed;
	what = "the program cannot be attached";
	rc = map_entries(t, entries);
	for (unsigned i = 0; i < count && !rc; i++)
		rc = add_range(t, i, &ranges[i]);
	if (!rc)
		rc = attach(t);
	if (!rc)
		return t;
failed:
	snprintf(error, PORT_TABLE_ERROR_MAX, "%s: %s", what, strerror(-rc));
	port_table_free(t);
	return NULL;
}

void port_table_free(struct port_table *t)
{
	if (!t)
		return;
	bpf_link__destroy(t->link);
	if (t->entries)
		munmap(t->entries, t->size);
	ports_bpf__destroy(t->program);
	free(t);
}

struct port_entry *port_table_entries(struct port_table *t, unsigned i)
{
	return t->entries + t->first[i];
}

uint64_t port_table_too_fast(const struct port_table *t)
{
	return __atomic_load_n(&t->program->bss->too_fast, __ATOMIC_RELAXED);
}

int port_table_used(struct port_table *t, const struct address *at, const uint16_t ports[PORTS_ASKED])
{
	struct {
		uint8_t ethernet[ETHERNET];
		uint8_t question[sizeof(struct port_question)];
	} packet = {.ethernet = {0}};
	struct port_question q = {.family = family_of(at)};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = &packet, .data_size_in = sizeof(packet));

	memcpy(q.address, at->bytes, sizeof(q.address));
	for (unsigned i = 0; i < PORTS_ASKED; i++)
		q.ports[i] = htons(ports[i]);
	memcpy(packet.question, &q, sizeof(q));
	if (bpf_prog_test_run_opts(bpf_program__fd(t->program->progs.port_used), &run) != 0)
		return -errno;
	return run.retval >> PORTS_ASKED ? -EIO : (int)run.retval;
}

void port_entry_open(struct port_entry *e)
{
	e->guards = 0;
	e->next = e->refused = 0;
	__atomic_store_n(&e->open, 1, __ATOMIC_RELEASE);
}

void port_entry_close(struct port_entry *e)
{
	__atomic_store_n(&e->open, 0, __ATOMIC_RELEASE);
}

void port_entry_guard(struct port_entry *e, const struct endpoint *const *sources, unsigned n)
{
	__atomic_store_n(&e->guards, 0, __ATOMIC_RELEASE);
	for (unsigned i = 0; i < n && i < PORT_SOURCES; i++) {
		memcpy(e->source[i].address, sources[i]->address.bytes, sizeof(e->source[i].address));
		e->source[i].port = htons(sources[i]->port);
	}
	__atomic_store_n(&e->guards, n < PORT_SOURCES ? n : PORT_SOURCES, __ATOMIC_RELEASE);
}

uint64_t port_entry_unguard(struct port_entry *e)
{
	__atomic_store_n(&e->guards, 0, __ATOMIC_RELEASE);
	return __atomic_exchange_n(&e->refused, 0, __ATOMIC_RELAXED);
}
