/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/flow_pins.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define NAME_LENGTH 64
#define LINK "xdp-"

struct flow_pins {
	int base, fd; /* the directory that all relays share, and ours in it */
	char name[NAME_LENGTH];
	uid_t user;
	gid_t group;
};

/* ---- directories ---- */

static int wrong(char error[FLOW_PINS_ERROR_MAX], const char *what, int rc)
{
	snprintf(error, FLOW_PINS_ERROR_MAX, "%.150s: %s", what, strerror(-rc));
	return rc;
}

/* Our network namespace's own number: another one does not get it as long as the machine runs. */
static int find_network(uint64_t *cookie)
{
	socklen_t length = sizeof(*cookie);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = 0;

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, cookie, &length) != 0)
		rc = -errno;
	if (fd >= 0)
		close(fd);
	return rc;
}

static int open_directory(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Makes it where it may and has to. A descriptor or -errno. */
static int enter(int above, const char *name, const struct flow_pins_place *at)
{
	bool made = at->make && mkdirat(above, name, 0700) == 0;
	int failed = at->make && !made && errno != EEXIST ? -errno : 0, fd = open_directory(above, name);

	if (fd < 0)
		return failed ? failed : fd;
	if (!made || geteuid() != 0 || fchown(fd, at->user, at->group) == 0)
		return fd;
	failed = -errno;
	close(fd);
	return failed;
}

static int enter_base(struct flow_pins *p, const struct flow_pins_place *at)
{
	struct statfs fs;
	bool was_there = access(at->directory, F_OK) == 0;

	p->base = enter(AT_FDCWD, at->directory, at);
	if (p->base < 0)
		return p->base;
	if (fstatfs(p->base, &fs) == 0 && fs.f_type == BPF_FS_MAGIC)
		return 0;
	if (!was_there)
		rmdir(at->directory);
	return -ENOTSUP;
}

/* Nobody else may have put something into it. */
static int look_at_owner(int fd, const struct flow_pins_place *at)
{
	struct stat s;

	if (fstat(fd, &s) != 0)
		return -errno;
	return (s.st_uid != 0 && s.st_uid != at->user) || s.st_mode & 077 ? -EPERM : 0;
}

static int enter_own(struct flow_pins *p, const struct flow_pins_place *at)
{
	int rc;

	p->fd = enter(p->base, p->name, at);
	if (p->fd < 0)
		return p->fd;
	rc = look_at_owner(p->fd, at);
	if (rc)
		return rc;
	return flock(p->fd, LOCK_EX | LOCK_NB) == 0 ? 0 : errno == EWOULDBLOCK ? -EBUSY : -errno;
}

static void say_why(const struct flow_pins_place *at, int rc, char error[FLOW_PINS_ERROR_MAX])
{
	if (rc == -EBUSY)
		snprintf(error, FLOW_PINS_ERROR_MAX, "another relay with the first media port %u is running", at->port_min);
	else if (rc == -ENOTSUP)
		snprintf(error, FLOW_PINS_ERROR_MAX, "%.150s is in no bpffs", at->directory);
	else
		wrong(error, at->directory, rc);
}

struct flow_pins *flow_pins_open(const struct flow_pins_place *at, int *rc, char error[FLOW_PINS_ERROR_MAX])
{
	struct flow_pins *p = calloc(1, sizeof(*p));
	uint64_t network = 0;

	*rc = p ? find_network(&network) : -ENOMEM;
	if (p) {
		p->base = p->fd = -1;
		p->user = at->user;
		p->group = at->group;
		snprintf(p->name, sizeof(p->name), "%llu-%u", (unsigned long long)network, at->port_min);
	}
	if (!*rc)
		*rc = enter_base(p, at);
	if (!*rc)
		*rc = enter_own(p, at);
	if (!*rc)
		return p;
	say_why(at, *rc, error);
	flow_pins_close(p);
	return NULL;
}

void flow_pins_close(struct flow_pins *p)
{
	if (!p)
		return;
	if (p->fd >= 0)
		close(p->fd);
	if (p->base >= 0)
		close(p->base);
	free(p);
}

/* ---- names ---- */

/* bpf(2) wants a path: one through our descriptor. */
static void path_of(const struct flow_pins *p, const char *name, char path[NAME_LENGTH])
{
	snprintf(path, NAME_LENGTH, "/proc/self/fd/%d/%.30s", p->fd, name);
}

static int get(const struct flow_pins *p, const char *name)
{
	char path[NAME_LENGTH];
	int fd;

	path_of(p, name, path);
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

static int pin(const struct flow_pins *p, const char *name, int fd)
{
	char path[NAME_LENGTH];

	path_of(p, name, path);
	if (bpf_obj_pin(fd, path) != 0)
		return -errno;
	return geteuid() == 0 && fchownat(p->fd, name, p->user, p->group, AT_SYMLINK_NOFOLLOW) != 0 ? -errno : 0;
}

/* Goes through a copy of the directory's descriptor, from its beginning. */
static DIR *list(const struct flow_pins *p)
{
	int fd = open_directory(p->fd, ".");
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && !d)
		close(fd);
	return d;
}

void flow_pins_remove(struct flow_pins *p)
{
	DIR *d = list(p);

	for (const struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d))
		if (e->d_name[0] != '.')
			unlinkat(p->fd, e->d_name, 0);
	if (d)
		closedir(d);
	unlinkat(p->base, p->name, AT_REMOVEDIR);
}

/* ---- maps ---- */

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
	int fd = get(p, bpf_map__name(m)), rc = 0;

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
	int fd = get(p, "flow_config"), rc = 0;
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
	int fd = get(p, "flow_config");
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
	int fd = get(p, bpf_map__name(m)), rc = fd < 0 ? fd : bpf_map__reuse_fd(m, fd);

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
		if (rc)
			return wrong(error, bpf_map__name(m), rc);
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
			rc = pin(p, bpf_map__name(m), bpf_map__fd(m));
		if (rc == -EEXIST)
			rc = 0; /* it was taken from there */
	}
	if (rc)
		flow_pins_remove(p);
	return rc;
}

/* ---- links ---- */

static void link_name(unsigned ifindex, char name[NAME_LENGTH])
{
	snprintf(name, NAME_LENGTH, LINK "%u", ifindex);
}

/* An interface that was removed leaves a link that leads nowhere, and its number may be another's now. */
static bool leads_to(int fd, unsigned ifindex)
{
	struct bpf_link_info info = {0};
	uint32_t size = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && info.type == BPF_LINK_TYPE_XDP && info.xdp.ifindex == ifindex;
}

int flow_pins_link(struct flow_pins *p, unsigned ifindex)
{
	char name[NAME_LENGTH];
	int fd;

	link_name(ifindex, name);
	fd = get(p, name);
	if (fd < 0 || leads_to(fd, ifindex))
		return fd < 0 ? -1 : fd;
	close(fd);
	unlinkat(p->fd, name, 0);
	return -1;
}

int flow_pins_keep_link(struct flow_pins *p, unsigned ifindex, int fd)
{
	char name[NAME_LENGTH];
	int rc;

	link_name(ifindex, name);
	rc = pin(p, name, fd);
	return rc == -EEXIST ? 0 : rc;
}

void flow_pins_sweep_links(struct flow_pins *p, bool (*kept)(const void *context, unsigned ifindex), const void *context)
{
	DIR *d = list(p);
	unsigned ifindex;

	for (const struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d))
		if (sscanf(e->d_name, LINK "%u", &ifindex) == 1 && !kept(context, ifindex))
			unlinkat(p->fd, e->d_name, 0);
	if (d)
		closedir(d);
}
