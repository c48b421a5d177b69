/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit.h"

#include "data/audit.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOBODY_LOGGED_IN 4294967295u /* what the kernel says of a service */

static void name_of(uid_t uid, char *out, size_t size)
{
	const struct passwd *p = getpwuid(uid);

	if (p)
		snprintf(out, size, "%s", p->pw_name);
	else
		snprintf(out, size, "uid %u", uid);
}

/* Who logged in, which the kernel keeps through su and sudo; else who called sudo; else whose process this is. */
static void find_person(char *out, size_t size)
{
	FILE *f = fopen("/proc/self/loginuid", "re");
	const char *sudo = getenv("SUDO_USER");
	unsigned uid = NOBODY_LOGGED_IN;

	if (f && fscanf(f, "%u", &uid) != 1)
		uid = NOBODY_LOGGED_IN;
	if (f)
		fclose(f);
	if (uid != NOBODY_LOGGED_IN)
		name_of(uid, out, size);
	else if (sudo && *sudo)
		snprintf(out, size, "%s", sudo);
	else
		name_of(getuid(), out, size);
}

/* "studio-sip", or "studio-sip, ssh from 192.0.2.1" where the environment says so. */
static void find_place(char *out, size_t size)
{
	const char *ssh = getenv("SSH_CONNECTION");
	char host[65] = "";

	if (gethostname(host, sizeof(host) - 1) != 0)
		snprintf(host, sizeof(host), "?");
	if (ssh && *ssh)
		snprintf(out, size, "%s, ssh from %.*s", host, (int)strcspn(ssh, " "), ssh);
	else
		snprintf(out, size, "%s", host);
}

void audit_person(struct scope *s)
{
	char who[SCOPE_WHO_MAX + 1], place[SCOPE_WHERE_MAX + 1];

	find_person(who, sizeof(who));
	find_place(place, sizeof(place));
	scope_operator(s, BY_ADMIN, who, place);
}

int audit(struct ctl *ctl, const char *action, const char *object, const char *format, ...)
{
	char detail[1024];
	va_list ap;
	int rc;

	va_start(ap, format);
	vsnprintf(detail, sizeof(detail), format, ap);
	va_end(ap);
	rc = audit_act(ctl->db, &ctl->scope, action, object, detail);
	if (rc == 0)
		rc = audit_prune(ctl->db);
	if (rc == 0)
		return CTL_OK;
	refuse("nothing was done, because the audit cannot be written: %s", data_error(ctl->db));
	return rc == -EHOSTUNREACH ? CTL_UNREACHABLE : CTL_REFUSED;
}
