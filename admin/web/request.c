/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What handlers ask of a request. */
#include "web.h"

#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

void request_page(const struct request *r, struct page *p, const char *title)
{
	static const enum page_face faces[] = {
			[SESSION_OPERATOR] = FACE_OPERATOR, [SESSION_CONTACT] = FACE_CONTACT, [SESSION_ACCOUNT] = FACE_SUBSCRIBER};
	const char *site = r->web->settings.text.service_name;
	bool in = r->has_session && r->session.whole;

	*p = (struct page){.title = title, .path = r->path, .site = *site ? site : NULL, .theme = r->theme};
	p->csrf = r->has_session ? r->session.csrf : NULL;
	if (!in)
		return;
	p->face = faces[r->session.kind];
	p->by = r->scope.by;
	p->user = r->session.who;
	p->role = r->session.role == ROLE_NONE ? NULL : role_word(r->session.role);
}

const char *request_home(const struct session *s)
{
	static const char *const homes[] = {
			[SESSION_OPERATOR] = "/", [SESSION_CONTACT] = "/customer", [SESSION_ACCOUNT] = "/siremis/user/subscriber"};

	return homes[s->kind];
}

const char *request_door(const struct session *s)
{
	return s->kind == SESSION_OPERATOR ? "/login" : "/siremis/user/login";
}

void request_origin(const struct request *r, char *out, size_t size)
{
	const struct settings *s = &r->web->settings;

	out[0] = '\0';
	if (s->text.origin[0])
		snprintf(out, size, "%s", s->text.origin);
	else if (r->host)
		snprintf(out, size, "%s%s", s->tls || s->behind_proxy ? "https://" : "http://", r->host);
}

static const char *declared(const struct request *r, const char *name)
{
	const char *value = params_find(&r->params, name);
	struct field room;

	if (value)
		return value;
	for (const struct field *f = r->route->fields; f && f->name; f++)
		if (strcmp(f->name, name) == 0)
			return NULL;
	if (r->route->more && r->route->more(r->route, name, &room))
		return NULL;
	fprintf(stderr, "aeta-admin: %s %s does not declare the parameter %s\n", r->method, r->route->path, name);
	abort();
}

const char *param(const struct request *r, const char *name)
{
	const char *value = declared(r, name);

	return value ? value : "";
}

long long param_number(const struct request *r, const char *name, long long otherwise)
{
	const char *value = declared(r, name);
	char *end;
	long long n;

	if (!value || !*value)
		return otherwise;
	errno = 0;
	n = strtoll(value, &end, 10);
	return errno == 0 && *end == '\0' ? n : otherwise;
}
