/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "web_password.h"

#include "data/secret.h"

#include <errno.h>
#include <string.h>

static int read_password(struct web_password *p)
{
	char again[sizeof(p->text)];
	int rc = secret_read("password", p->text, sizeof(p->text));

	if (rc == 0 && secret_is_terminal()) {
		rc = secret_read("once more", again, sizeof(again));
		if (rc == 0 && strcmp(again, p->text) != 0)
			return refuse("the two passwords differ; nothing was changed");
		explicit_bzero(again, sizeof(again));
	}
	return rc == 0 ? CTL_OK : refuse("no password on standard input that can be one; nothing was changed");
}

int web_password_take(const struct args *args, struct web_password *p)
{
	*p = (struct web_password){.generated = !arg_given(args, "--password-stdin")};
	if (passwords_init() != 0)
		return refuse("libsodium does not start");
	if (!p->generated)
		return read_password(p);
	return secret_generate(p->text) == 0 ? CTL_OK : refuse("no random numbers: %s", strerror(errno));
}

int web_password_finish(struct ctl *ctl, int rc, const char *key, const char *object, struct web_password *p)
{
	rc = ctl_done(ctl, rc);
	if (rc == CTL_OK)
		ctl_say(ctl, key, json_string(object));
	if (rc == CTL_OK && p && p->generated)
		ctl_say(ctl, "password", json_string(p->text));
	if (p)
		explicit_bzero(p, sizeof(*p));
	return rc;
}
