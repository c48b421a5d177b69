/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "privileges.h"

#include "log.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define USUAL "aeta-relay"

static int wrong(char *error, const char *said, const char *why)
{
	snprintf(error, OPTIONS_ERROR_MAX, "--user=%.100s: %s", said, why);
	return -EINVAL;
}

static int find_group(struct identity *who, const char *name, const char *said, char *error)
{
	const struct group *g = getgrnam(name);
	uint64_t number;

	if (g)
		who->group = g->gr_gid;
	else if (text_number(text_of(name), UINT32_MAX - 1, &number))
		who->group = (gid_t)number;
	else
		return wrong(error, said, "there is no such group");
	return 0;
}

int privileges_find(struct identity *who, const char *said, char error[OPTIONS_ERROR_MAX])
{
	const char *name = said ? said : USUAL;
	struct text rest = text_of(name), user = text_until(&rest, ':');
	const struct passwd *p;
	uint64_t number;

	*who = (struct identity){.user = geteuid(), .group = getegid()};
	if (geteuid() != 0 && !said)
		return 0;
	if (user.n == 0 || user.n >= sizeof(who->name))
		return wrong(error, name, "NAME[:GROUP] is expected");
	memcpy(who->name, user.s, user.n);
	p = getpwnam(who->name);
	if (p) {
		who->user = p->pw_uid;
		who->group = p->pw_gid;
	} else if (said && text_number(user, UINT32_MAX - 1, &number)) {
		who->user = (uid_t)number;
		who->group = (gid_t)number;
	} else if (said) {
		return wrong(error, name, "there is no such user; make one: useradd --system --no-create-home aeta-relay");
	} else {
		who->name[0] = '\0';
		return 0; /* root without its usual user: it stays root, in name */
	}
	if (rest.n && find_group(who, rest.s, name, error))
		return -EINVAL;
	who->change = who->user != geteuid() || who->group != getegid();
	if (who->change && geteuid() != 0)
		return wrong(error, name, "only root can become another user");
	return 0;
}

/* Counters are asked for, and neighbours kept alive, as long as it runs. */
static void keep_for_offload(struct __user_cap_data_struct kept[_LINUX_CAPABILITY_U32S_3])
{
	static const int wanted[] = {CAP_BPF, CAP_NET_ADMIN};

	for (unsigned i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		kept[CAP_TO_INDEX(wanted[i])].effective |= CAP_TO_MASK(wanted[i]);
		kept[CAP_TO_INDEX(wanted[i])].permitted |= CAP_TO_MASK(wanted[i]);
	}
}

static int become(const struct identity *who)
{
	if (!who->change)
		return 0;
	if ((who->name[0] && getpwnam(who->name) ? initgroups(who->name, who->group) : setgroups(0, NULL)) != 0 ||
		setresgid(who->group, who->group, who->group) != 0 || setresuid(who->user, who->user, who->user) != 0)
		return -errno;
	return 0;
}

/* The bounding set first: to take from it is itself a capability. Unknown numbers end the loop. */
static int drop_capabilities(const struct __user_cap_data_struct kept[_LINUX_CAPABILITY_U32S_3])
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};

	if (syscall(SYS_capset, &head, kept) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -errno;
	return 0;
}

int privileges_drop(const struct identity *who, bool plain, bool offload, char error[OPTIONS_ERROR_MAX])
{
	struct __user_cap_data_struct kept[_LINUX_CAPABILITY_U32S_3] = {{0}};
	int rc;

	if (offload) {
		keep_for_offload(kept);
		prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0); /* over the change of user; the rest goes with drop_capabilities() */
	}
	if (geteuid() == 0)
		for (int i = 0; prctl(PR_CAPBSET_DROP, i, 0, 0, 0) == 0; i++)
			;
	rc = become(who);
	if (rc) {
		snprintf(error, OPTIONS_ERROR_MAX, "cannot become the user %s (%u): %s", who->name, (unsigned)who->user, strerror(-rc));
		return rc;
	}
	rc = drop_capabilities(kept);
	if (rc && !plain) {
		snprintf(error, OPTIONS_ERROR_MAX, "cannot give up capabilities: %s (--plain goes on without)", strerror(-rc));
		return rc;
	}
	log_say(LOG_INFO, "runs as user %u, group %u, %s", (unsigned)geteuid(), (unsigned)getegid(),
		rc ? "with the capabilities that it was started with" : offload ? "with CAP_BPF and CAP_NET_ADMIN" : "without any capability");
	if (geteuid() == 0)
		log_say(LOG_WARNING, "it runs as root; make a user for it: useradd --system --no-create-home " USUAL ", or give --user");
	return 0;
}
