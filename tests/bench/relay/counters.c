/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "counters.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flow.skel.h"

#define MAPS_MAX 32

static int link_fd = -1, program_before = -1;

static void fail(const char *what)
{
	fprintf(stderr, "bench_relay_wire: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* The link by which the XDP program is at the interface; -1: none. (Interfaces of other namespaces may have the same number.) */
static int find_link(uint32_t ifindex)
{
	uint32_t id = 0, program = 0;

	if (bpf_xdp_query_id((int)ifindex, XDP_FLAGS_DRV_MODE, &program) != 0 || !program)
		return -1;
	program_before = bpf_prog_get_fd_by_id(program);

	while (bpf_link_get_next_id(id, &id) == 0) {
		struct bpf_link_info info = {0};
		uint32_t size = sizeof(info);
		int fd = bpf_link_get_fd_by_id(id);

		if (fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && info.type == BPF_LINK_TYPE_XDP &&
				info.xdp.ifindex == ifindex && info.prog_id == program)
			return fd;
		if (fd >= 0)
			close(fd);
	}
	return -1;
}

/* The map of the new object that has this name has to be this one. */
static void share(struct bpf_object *object, int map)
{
	struct bpf_map_info info = {0};
	uint32_t size = sizeof(info);
	struct bpf_map *same;

	if (bpf_obj_get_info_by_fd(map, &info, &size) != 0)
		fail("a map of the relay's");
	same = bpf_object__find_map_by_name(object, info.name);
	if (same && !bpf_map__is_internal(same) && bpf_map__reuse_fd(same, map) != 0)
		fail("a map of the relay's cannot be shared");
}

static void share_all(struct bpf_object *object)
{
	uint32_t ids[MAPS_MAX], size;
	struct bpf_prog_info info = {.nr_map_ids = MAPS_MAX, .map_ids = (uintptr_t)ids};

	size = sizeof(info);
	if (bpf_obj_get_info_by_fd(program_before, &info, &size) != 0 || info.nr_map_ids > MAPS_MAX)
		fail("the relay's program");
	for (uint32_t i = 0; i < info.nr_map_ids; i++) {
		int map = bpf_map_get_fd_by_id(ids[i]);

		if (map < 0)
			fail("a map of the relay's");
		share(object, map);
		close(map);
	}
}

void counters_alone(uint32_t ifindex)
{
	struct flow_bpf *flow = flow_bpf__open();

	link_fd = find_link(ifindex);
	if (!flow || link_fd < 0)
		fail("the relay has no XDP program there");
	flow->rodata->all_statistics = false;
	share_all(flow->obj);
	if (flow_bpf__load(flow) != 0 || bpf_link_update(link_fd, bpf_program__fd(flow->progs.flow_xdp), NULL) != 0)
		fail("the relay's program cannot be replaced");
}

void counters_again(void)
{
	if (link_fd >= 0 && bpf_link_update(link_fd, program_before, NULL) != 0)
		fail("the relay's program cannot be put back");
}
