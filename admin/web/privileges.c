/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int become(const struct passwd *p)
{
	if (initgroups(p->pw_name, p->pw_gid) != 0 || setresgid(p->pw_gid, p->pw_gid, p->pw_gid) != 0 ||
			setresuid(p->pw_uid, p->pw_uid, p->pw_uid) != 0)
		return -errno;
	return 0;
}

int privileges_drop(const char *user, char *error, size_t size)
{
	const struct passwd *p = *user ? getpwnam(user) : NULL;
	int rc = 0;

	if (*user && !p) {
		snprintf(error, size, "user: there is no user %s; make one: useradd --system --no-create-home %s", user, user);
		return -ENOENT;
	}
	if (geteuid() == 0) /* a change of user takes the capabilities; nothing gives them back */
		for (int i = 0; prctl(PR_CAPBSET_DROP, i, 0, 0, 0) == 0; i++)
			;
	if (p && p->pw_uid != geteuid())
		rc = become(p);
	if (rc == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		rc = -errno;
	if (rc)
		snprintf(error, size, "cannot become the user %s: %s", user, strerror(-rc));
	else if (geteuid() == 0)
		fprintf(stderr, "aeta-admin: it runs as root; make a user for it (useradd --system --no-create-home aeta-admin), "
						"and give user = aeta-admin\n");
	return rc;
}
