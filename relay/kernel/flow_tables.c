/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/flow_tables.h"

#include "flow.skel.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

static int map_all(struct flow_tables *t)
{
	int rc = map_in(t->program->maps.flow_config, (void **)&t->config);

	if (!rc)
		rc = map_in(t->program->maps.flow_table, (void **)&t->table);
	if (!rc)
		rc = map_in(t->program->maps.flow_states, (void **)&t->states);
	return rc;
}

/* The version last: until it is there, every packet passes. */
static void configure(struct flow_tables *t, const struct flow_config *wanted)
{
	*t->config = *wanted;
	__atomic_store_n(&t->config->version, FLOW_ABI_VERSION, __ATOMIC_RELEASE);
}

void flow_tables_unload(struct flow_tables *t)
{
	if (t->program) {
		map_out(t->program->maps.flow_config, t->config);
		map_out(t->program->maps.flow_table, t->table);
		map_out(t->program->maps.flow_states, t->states);
	}
	t->config = NULL;
	t->table = NULL;
	t->states = NULL;
	flow_bpf__destroy(t->program);
	t->program = NULL;
}

static int open_program(struct flow_tables *t, unsigned ports)
{
	int rc = 0;

	flow_tables_unload(t);
	t->program = flow_bpf__open();
	if (!t->program)
		return -errno;
	t->program->rodata->all_statistics = true;
	for (unsigned i = 0; i < 3 && !rc; i++) {
		struct bpf_map *const by_port[] = {t->program->maps.flow_table, t->program->maps.flow_states, t->program->maps.flow_counters};

		rc = bpf_map__set_max_entries(by_port[i], ports);
	}
	return rc;
}

/* Without what is pinned. *pins becomes NULL where the system has a bpffs, and does not let us use it. */
static int load_fresh(struct flow_tables *t, const struct flow_config *wanted, unsigned ports, struct flow_pins **pins)
{
	int rc = open_program(t, ports);

	if (!rc)
		rc = flow_bpf__load(t->program);
	if (!rc)
		rc = map_all(t);
	if (!rc)
		configure(t, wanted);
	if (!rc && *pins && flow_pins_keep(*pins, t->program->obj) != 0)
		*pins = NULL;
	return rc;
}

/* 1: they are those of before; 0: there are none; -errno: they are of no use, `error` says why. */
static int load_taken(struct flow_tables *t, const struct flow_config *wanted, unsigned ports, struct flow_pins *pins, char *error)
{
	int rc = open_program(t, ports);

	if (!rc)
		rc = flow_pins_take(pins, t->program->obj, wanted, error);
	if (rc <= 0)
		return rc;
	rc = flow_bpf__load(t->program);
	if (!rc)
		rc = map_all(t);
	if (rc)
		snprintf(error, FLOW_SET_ERROR_MAX, "they cannot be used: %s", strerror(-rc));
	return rc ? rc : 1;
}

int flow_tables_load(struct flow_tables *t, const struct flow_config *wanted, unsigned ports, struct flow_pins **pins,
	enum flow_set_start *start, char error[FLOW_SET_ERROR_MAX])
{
	int rc = *pins ? load_taken(t, wanted, ports, *pins, error) : 0;

	*start = rc > 0 ? FLOW_SET_TAKEN : rc < 0 ? FLOW_SET_REFUSED : FLOW_SET_FRESH;
	if (rc > 0)
		return 0;
	if (rc < 0)
		flow_pins_remove(*pins);
	return load_fresh(t, wanted, ports, pins);
}
