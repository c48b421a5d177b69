/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/flow_pins.h"

#include <bpf/bpf.h>
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
		snprintf(error, FLOW_PINS_ERROR_MAX, "%.150s: %s", at->directory, strerror(-rc));
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

int flow_pins_get(const struct flow_pins *p, const char *name)
{
	char path[NAME_LENGTH];
	int fd;

	path_of(p, name, path);
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

int flow_pins_put(const struct flow_pins *p, const char *name, int fd)
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
	fd = flow_pins_get(p, name);
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
	rc = flow_pins_put(p, name, fd);
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
