/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Maps by name: are those that are there the ones that the program would make? */
#include "kernel/flow_pins.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The program's own, which another program of it may lay out in another way, and constants. */
static bool is_shared(const struct bpf_map *m)
{
	return !bpf_map__is_internal(m) && strcmp(bpf_map__name(m), "flow_scratch") != 0;
}

/* Is `fd` a map like that? A pin may be of anything. */
static bool is_like(int fd, const struct bpf_map *m)
{
	struct bpf_map_info info = {0};
	uint32_t size = sizeof(info), flags = bpf_map__map_flags(m);

	return bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && info.type == bpf_map__type(m) && info.key_size == bpf_map__key_size(m) &&
		info.value_size == bpf_map__value_size(m) && info.max_entries == bpf_map__max_entries(m) && (info.map_flags & flags) == flags &&
		strcmp(info.name, bpf_map__name(m)) == 0; /* of a program the name stands elsewhere */
}

static int misfit(char error[FLOW_PINS_ERROR_MAX], const char *what)
{
	snprintf(error, FLOW_PINS_ERROR_MAX, "%.150s", what);
	return -EINVAL;
}

static int look_at_map(const struct flow_pins *p, const struct bpf_map *m, unsigned *found, unsigned *missing)
{
	int fd = flow_pins_get(p, bpf_map__name(m)), rc = 0;

	if (fd == -ENOENT) {
		++*missing;
		return 0;
	}
	++*found;
	if (fd < 0 || !is_like(fd, m))
		rc = -EINVAL;
	if (fd >= 0)
		close(fd);
	return rc;
}

/* 1: all are there, and have the right size; 0: none is there. */
static int look_at_maps(const struct flow_pins *p, struct bpf_object *o, char error[FLOW_PINS_ERROR_MAX])
{
	unsigned found = 0, missing = 0;
	struct bpf_map *m;

	bpf_object__for_each_map(m, o)
	{
		if (is_shared(m) && look_at_map(p, m, &found, &missing) != 0) {
			snprintf(error, FLOW_PINS_ERROR_MAX, "%.60s is another kind of thing", bpf_map__name(m));
			return -EINVAL;
		}
	}
	if (found && missing)
		return misfit(error, "some maps are missing");
	return found ? 1 : 0;
}

/* The version is read even where the size is another: that is what most likely happened. */
static int look_at_version(const struct flow_pins *p, char error[FLOW_PINS_ERROR_MAX])
{
	struct bpf_map_info info = {0};
	uint32_t size = sizeof(info), zero = 0, version;
	int fd = flow_pins_get(p, "flow_config"), rc = 0;
	void *value = NULL;

	if (fd < 0)
		return 0;
	if (bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && strcmp(info.name, "flow_config") == 0 && info.value_size >= sizeof(version))
		value = calloc(1, info.value_size);
	if (value && info.max_entries == 1 && bpf_map_lookup_elem(fd, &zero, value) == 0) {
		memcpy(&version, value, sizeof(version));
		if (version != FLOW_ABI_VERSION) {
			snprintf(error, FLOW_PINS_ERROR_MAX, "they are of version %#x, and this relay's of %#x", version, FLOW_ABI_VERSION);
			rc = -EINVAL;
		}
	}
	free(value);
	close(fd);
	return rc;
}

/* Before the sizes, which follow from it. What is no such map is left to those who look at all maps. */
static int look_at_config(const struct flow_pins *p, const struct bpf_object *o, const struct flow_config *wanted,
	char error[FLOW_PINS_ERROR_MAX])
{
	struct flow_config is;
	uint32_t zero = 0;
	int fd = flow_pins_get(p, "flow_config");
	bool known = fd >= 0 && is_like(fd, bpf_object__find_map_by_name(o, "flow_config")) && bpf_map_lookup_elem(fd, &zero, &is) == 0;

	if (fd >= 0)
		close(fd);
	if (!known)
		return 0;
	if (is.count4 != wanted->count4 || is.count6 != wanted->count6 || memcmp(is.address4, wanted->address4, sizeof(is.address4)) != 0 ||
		memcmp(is.address6, wanted->address6, sizeof(is.address6)) != 0)
		return misfit(error, "they are for other addresses or ports");
	return 0;
}

static int take_map(const struct flow_pins *p, struct bpf_map *m)
{
	int fd = flow_pins_get(p, bpf_map__name(m)), rc = fd < 0 ? fd : bpf_map__reuse_fd(m, fd);

	if (fd >= 0)
		close(fd);
	return rc;
}

int flow_pins_take(struct flow_pins *p, struct bpf_object *o, const struct flow_config *wanted, char error[FLOW_PINS_ERROR_MAX])
{
	int rc = look_at_version(p, error);
	struct bpf_map *m;

	if (!rc)
		rc = look_at_config(p, o, wanted, error);
	if (!rc)
		rc = look_at_maps(p, o, error);
	if (rc <= 0)
		return rc;
	bpf_object__for_each_map(m, o)
	{
		rc = is_shared(m) ? take_map(p, m) : 0;
		if (rc) {
			snprintf(error, FLOW_PINS_ERROR_MAX, "%.60s: %s", bpf_map__name(m), strerror(-rc));
			return rc;
		}
	}
	return 1;
}

int flow_pins_keep(struct flow_pins *p, struct bpf_object *o)
{
	struct bpf_map *m;
	int rc = 0;

	bpf_object__for_each_map(m, o)
	{
		if (!rc && is_shared(m))
			rc = flow_pins_put(p, bpf_map__name(m), bpf_map__fd(m));
		if (rc == -EEXIST)
			rc = 0; /* it was taken from there */
	}
	if (rc)
		flow_pins_remove(p);
	return rc;
}
