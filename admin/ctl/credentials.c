/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "credentials.h"

#include "data/sip_password.h"

#include <errno.h>
#include <string.h>

#define SHORT_PASSWORD 8 /* characters; below this a note */

static int read_refused(const char *what, int rc)
{
	if (rc == -ENODATA)
		return refuse("no %s on standard input", what);
	if (rc == -EMSGSIZE)
		return refuse("the %s on standard input is too long", what);
	if (rc == -EINTR)
		return refuse("interrupted; nothing was changed");
	return refuse("the %s on standard input has characters that no device can send", what);
}

static int read_password(struct ctl *ctl, const char *number, struct credentials *c)
{
	char again[sizeof(c->password)];
	int rc = secret_read("password", c->password, sizeof(c->password));

	if (rc == 0 && c->password[0] == '\0')
		rc = -ENODATA;
	if (rc)
		return read_refused("password", rc);
	if (secret_is_terminal()) {
		rc = secret_read("once more", again, sizeof(again));
		if (rc || strcmp(again, c->password) != 0)
			return refuse("the two passwords differ; nothing was changed");
		explicit_bzero(again, sizeof(again));
	}
	if (strlen(c->password) < SHORT_PASSWORD)
		note("this password has fewer than %d characters", SHORT_PASSWORD);
	secret_ha1(number, ctl->config.realm, c->password, c->ha1, c->ha1b);
	return CTL_OK;
}

static int read_ha1(struct credentials *c)
{
	int rc = secret_read("HA1", c->ha1, sizeof(c->ha1));

	if (rc && rc != -EMSGSIZE)
		return read_refused("HA1", rc);
	if (rc == -EMSGSIZE || !secret_is_ha1(c->ha1))
		return refuse("an HA1 is the 32 hex digits of MD5(number:realm:password)");
	if (!secret_is_terminal()) {
		rc = secret_read("HA1B", c->ha1b, sizeof(c->ha1b));
		if (rc == 0 && c->ha1b[0] && secret_is_ha1(c->ha1b))
			return CTL_OK;
		if (rc != -ENODATA && !(rc == 0 && c->ha1b[0] == '\0'))
			return refuse("an HA1B is the 32 hex digits of MD5(number@realm:realm:password)");
	}
	return secret_no_ha1(c->ha1b) == 0 ? CTL_OK : refuse("no random numbers: %s", strerror(errno));
}

/* Makes new ones; 0 or -errno. */
static int make(const char *number, const char *realm, struct credentials *c)
{
	int rc = secret_generate(c->password);

	c->generated = true;
	if (rc == 0)
		secret_ha1(number, realm, c->password, c->ha1, c->ha1b);
	return rc;
}

int credentials_take(struct ctl *ctl, const struct args *args, const char *number, struct credentials *c)
{
	memset(c, 0, sizeof(*c));
	if (arg_given(args, "--ha1") && arg_given(args, "--password-stdin"))
		return refuse("--ha1 and --password-stdin exclude each other");
	if (arg_given(args, "--ha1"))
		return read_ha1(c);
	if (arg_given(args, "--password-stdin"))
		return read_password(ctl, number, c);
	return make(number, ctl->config.realm, c) == 0 ? CTL_OK : refuse("no random numbers: %s", strerror(errno));
}

json_t *credentials_sold(const struct numbers_sold *sold)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sold->n; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s*}", "number", sold->at[i].number, "kind",
											   sold->at[i].hunting ? "hunting" : "premium", "password", sold->at[i].password, "web_password",
											   sold->at[i].web_password[0] ? sold->at[i].web_password : NULL));
	return list;
}

void credentials_say(struct ctl *ctl, const char *number, const char *kind, const struct credentials *c)
{
	json_t *told = json_pack("{s:s, s:s, s:s*}", "number", number, "kind", kind, "password", c->generated ? c->password : NULL);

	json_object_update(ctl->result, told);
	json_decref(told);
}
