/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dispatch.h"
#include "back.h"
#include "respond.h"

#include "data/data.h"

#include <sodium.h>

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define DB_WAIT_MS 3000
#define CSRF_FIELD "csrf"

/* What a request needs while it is looked at. */
struct work {
	struct request r;
	struct incoming *in;
	struct params raw;  /* all that came, and the parts of the path */
	char room[1024];    /* of the path's parts */
	struct field misfit; /* declared, but what came does not fit; no name: none */
	size_t came;        /* bytes of it */
	bool broken;        /* the database connection */
	bool has_cookie;    /* of a session, be it over */
};

/* ---- errors ---- */

static const struct {
	int rc;
	unsigned status;
	const char *sentence;
} failures[] = {
		{-ENOENT, 404, "There is no such page, or it is not yours."},
		{-EACCES, 403, "You may not do that."},
		{-EPERM, 409, "The database refuses that."},
		{-EEXIST, 409, "There is one already."},
		{-ESTALE, 409, "Somebody else has changed it meanwhile."},
		{-EINVAL, 400, "What was sent is not what this page expects."},
		{-E2BIG, 413, "That is too much at once: a form has 64 KiB at most. Go back, shorten the longest field, and send it again."},
		{-EBUSY, 503, "The service is busy: try again."},
		{-EAGAIN, 503, "The service is busy: try again."},
		{-EHOSTUNREACH, 503, "The database cannot be reached: try again."},
};

/* What of a request does not fit, in words: nobody types that, so it comes from an address or a page of another day. */
static const char *misfit_sentence(const struct work *w, char room[320])
{
	const struct field *f = &w->misfit;
	bool posted = strcmp(w->r.method, "POST") == 0;
	char why[96] = "has a line end or a tab in it";

	if (w->came > f->max)
		snprintf(why, sizeof(why), "has %zu bytes, and %zu at most fit", w->came, f->max);
	else if (f->type == FIELD_NUMBER)
		snprintf(why, sizeof(why), "has something else than digits in it");
	snprintf(room, 320, "The part \"%.64s\" of this %s %s. %s", f->name, posted ? "form" : "address", why,
			posted ? "Load the page with the form anew and send that." : "Mend the address, or come by a link of the menu.");
	return room;
}

/* A return code as a page. What the database says is in the log, not on the page; a refusal of the schema is a sentence for people. */
static void fail(struct work *w, int rc)
{
	const char *said = w->r.db && rc != -ENOENT && rc != -EACCES ? data_error(w->r.db) : "";
	struct answer *a = w->r.answer;
	const char *sentence;
	char room[320];

	free(a->body);
	if (a->is_file)
		close(a->file);
	a->is_file = false;
	a->body = NULL;
	a->length = 0;
	a->status = 0;
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		if (failures[i].rc != rc)
			continue;
		if (rc == -EINVAL && w->misfit.name)
			sentence = misfit_sentence(w, room);
		else
			sentence = rc == -EPERM && *said ? said : failures[i].sentence;
		respond_error(&w->r, failures[i].status, sentence);
		break;
	}
	if (a->status == 0)
		respond_error(&w->r, 500, "Something went wrong; the log says what.");
	if (a->status >= 500)
		fprintf(stderr, "aeta-admin: %s %s: %s %s\n", w->r.method, w->r.route ? w->r.route->path : "?", strerror(-rc), said);
	w->broken = w->broken || rc == -EHOSTUNREACH;
}

/* ---- which route ---- */

/* HEAD is GET; libmicrohttpd leaves the body out. */
static const char *method_of(const char *method)
{
	return strcmp(method, "HEAD") == 0 ? "GET" : method;
}

/* The route, with the parts of the path in w->raw. -ENOENT; -ENOTSUP: the path is there, the method is not; -EINVAL. */
static int find_route(struct work *w)
{
	int rc = -ENOENT;

	for (const struct route *const *table = route_tables; *table; table++) {
		for (const struct route *route = *table; route->method; route++) {
			int match;

			w->raw.n = 0;
			match = params_path(&w->raw, route->path, w->in->path, w->room, sizeof(w->room));
			if (match != 0) {
				rc = match == -ENOENT ? rc : match;
				continue;
			}
			if (strcmp(route->method, w->r.method) == 0) {
				w->r.route = route;
				return 0;
			}
			rc = -ENOTSUP;
		}
	}
	return rc;
}

/* ---- who may ---- */

static unsigned who_is(const struct request *r)
{
	static const unsigned of_role[] = {0, MAY_VIEWER, MAY_SUPPORT, MAY_ADMIN};
	const struct session *s = &r->session;

	if (!r->has_session)
		return 0;
	if (!s->whole)
		return MAY_HALF;
	if (s->kind != SESSION_OPERATOR)
		return s->kind == SESSION_CONTACT ? MAY_CONTACT : MAY_SUBSCRIBER;
	return !s->has_totp && r->web->settings.require_factor ? MAY_BARE : of_role[s->role];
}

/* Whose rows the data layer shows: nobody's before the second factor. */
static void make_scope(struct request *r)
{
	static const enum by of_role[] = {BY_NOBODY, BY_VIEWER, BY_SUPPORT, BY_ADMIN};
	const struct session *s = &r->session;
	char place[64];

	if (!r->has_session || !r->session.whole)
		return;
	snprintf(place, sizeof(place), "web%s, %s", s->kind == SESSION_CONTACT ? ", a contact" : "", r->address); /* logins may be alike */
	if (s->kind == SESSION_ACCOUNT)
		scope_account(&r->scope, s->who, place);
	else if (s->kind == SESSION_CONTACT)
		scope_contact(&r->scope, s->customer, s->person, s->who, place);
	else
		scope_operator(&r->scope, of_role[s->role], s->who, place);
}

/* htmx names the element whose trigger it was: a part of a page that it asks for every some seconds (now_part() in page_now.h). */
static bool looks_by_itself(const struct incoming *in)
{
	return strcmp(in->method, "GET") == 0 && in->hx_trigger && strcmp(in->hx_trigger, WATCHING_PART) == 0;
}

static int find_session(struct work *w)
{
	struct request *r = &w->r;
	const struct session_limits limits = {r->web->settings.idle_s, r->web->settings.long_s, looks_by_itself(w->in)};
	char token[SESSION_TOKEN_SIZE];
	int rc;

	w->has_cookie = params_cookie(w->in->cookie, r->web->settings.insecure_cookie ? SESSION_COOKIE : "__Host-" SESSION_COOKIE, token, sizeof(token));
	if (!w->has_cookie)
		return 0;
	rc = session_find(r->db, token, &limits, &r->session);
	explicit_bzero(token, sizeof(token));
	r->has_session = rc == 0;
	make_scope(r);
	return rc == -ENOENT ? 0 : rc;
}

/* Is it a page of a subscriber, or of a contact? */
static bool is_customers(const char *path)
{
	return !strncmp(path, "/siremis/", 9) || !strcmp(path, "/customer") || !strncmp(path, "/customer/", 10);
}

/* To the login page that belongs to the path, or to what is still to be done after it; and then back. */
static int to_login(struct work *w)
{
	struct request *r = &w->r;
	bool customers = is_customers(r->path), posted = strcmp(r->method, "POST") == 0;
	const char *home = !customers ? "/" : r->path[1] == 's' ? "/siremis/user/subscriber" : "/customer";
	char back[BACK_MAX + 1];

	if (r->has_session && r->session.whole)
		return respond_to(r, "/profile");
	back_of(r->method, r->path, w->in->query, w->in->query_length, back);
	if (!w->has_cookie && !posted && strcmp(back, home) == 0)
		back[0] = '\0'; /* somebody new, by the front door */
	else if (!back[0])
		snprintf(back, sizeof(back), "%s", home);
	return back_to_login(r, r->has_session ? "/login/code" : customers ? "/siremis/user/login" : "/login", back, posted);
}

/* A proxy that is not known as one would make everybody local. */
static bool may_monitor(const struct work *w)
{
	const struct settings *s = &w->r.web->settings;

	return (s->behind_proxy || !w->in->forwarded) && settings_is_monitor(s, w->r.address);
}

/* 0: go on; 1: answered; -ENOENT, -EACCES. Who is of the other kind sees nothing there, not even that there is something. */
static int check_who(struct work *w)
{
	struct request *r = &w->r;
	unsigned who = who_is(r), may = r->route->who;

	if ((may & MAY_ANYBODY) || (may & who))
		return 0;
	if (may & MAY_MONITOR)
		return may_monitor(w) ? 0 : -ENOENT;
	if (who == 0 || who == MAY_HALF || who == MAY_BARE) {
		to_login(w);
		return 1;
	}
	return (who & MAY_OPERATORS) && (may & MAY_OPERATORS) ? -EACCES : -ENOENT;
}

/* ---- does a change come from a page of ours? ---- */

static bool is_own_origin(const struct request *r, const char *origin)
{
	char own[ORIGIN_SIZE];

	request_origin(r, own, sizeof(own));
	return *own && strcasecmp(origin, own) == 0;
}

/* A browser says where a form comes from in one of two headers, or both; who says nothing is no browser with a form of ours. */
static bool comes_from_us(const struct work *w)
{
	if (!w->in->origin && !w->in->site)
		return false;
	if (w->in->site && strcmp(w->in->site, "same-origin") != 0)
		return false;
	return !w->in->origin || is_own_origin(&w->r, w->in->origin);
}

static int check_source(struct work *w)
{
	const char *token = params_find(&w->raw, CSRF_FIELD);
	bool good = comes_from_us(w);

	if (good && w->r.has_session)
		good = token && strlen(token) == SESSION_TOKEN_SIZE - 1 && sodium_memcmp(token, w->r.session.csrf, SESSION_TOKEN_SIZE - 1) == 0;
	if (good)
		return 0;
	atomic_fetch_add(&w->r.web->counters.refused_csrf, 1);
	respond_error(&w->r, 403, "This change does not come from a page of this server, or from one that is too old: load the page anew.");
	return 1;
}

/* ---- what came with it ---- */

static bool fits(const struct field *f, const char *value)
{
	if (strlen(value) > f->max)
		return false;
	if (f->type == FIELD_NUMBER)
		return strspn(value, "0123456789") == strlen(value);
	return f->type == FIELD_TEXT || value[strcspn(value, "\r\n\t")] == '\0';
}

static const struct field *find_field(struct work *w, const char *name, struct field *room)
{
	const struct route *route = w->r.route;

	for (const struct field *f = route->fields; f && f->name; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return route->more ? route->more(route, name, room) : NULL;
}

/* Declared parameters go to the handler; one that does not fit is refused, one that is not declared is left out. */
static int take_params(struct work *w)
{
	struct field room;

	for (size_t i = 0; i < w->raw.n; i++) {
		const struct field *f = find_field(w, w->raw.at[i].name, &room);

		if (!f)
			continue;
		if (!fits(f, w->raw.at[i].value)) {
			w->misfit = *f;
			w->came = strlen(w->raw.at[i].value);
			return -EINVAL;
		}
		w->r.params.at[w->r.params.n++] = w->raw.at[i];
	}
	return 0;
}

static int parse(struct work *w)
{
	struct incoming *in = w->in;
	bool post = strcmp(w->r.method, "POST") == 0;
	int rc = in->query ? params_parse(&w->raw, in->query, in->query_length) : 0;

	if (rc == 0 && in->too_long)
		rc = -E2BIG;
	if (rc == 0 && post && in->body_length) {
		if (!in->content_type || strncasecmp(in->content_type, "application/x-www-form-urlencoded", 33) != 0)
			return -EINVAL;
		rc = params_parse(&w->raw, in->body, in->body_length);
	}
	return rc;
}

/* ---- the handler ---- */

static int run(struct work *w)
{
	bool reads = strcmp(w->r.method, "GET") == 0 && w->r.db;
	int rc = reads ? data_begin_reading(w->r.db) : 0;

	if (rc == 0)
		rc = w->r.route->handle(&w->r);
	if (reads)
		data_end_reading(w->r.db);
	if (rc == 0 && w->r.answer->status == 0)
		rc = -EPROTO; /* a handler that does not answer */
	return rc;
}

static int handle(struct work *w)
{
	char error[512];
	int rc = find_route(w);

	if (rc == -ENOTSUP) {
		w->r.answer->allow = strcmp(w->r.method, "GET") == 0 ? "POST" : "GET, HEAD";
		return respond_error(&w->r, 405, "This page does not take that method.");
	}
	if (rc)
		return rc;
	if (!(w->r.route->who & MAY_MONITOR)) {
		rc = pool_take(w->r.web->pool, DB_WAIT_MS, &w->r.db, error, sizeof(error));
		if (rc)
			fprintf(stderr, "aeta-admin: %s\n", error);
		if (rc == 0)
			rc = find_session(w);
	}
	if (rc == 0)
		rc = check_who(w);
	if (rc == 0)
		rc = parse(w);
	if (rc == 0 && strcmp(w->r.method, "POST") == 0)
		rc = check_source(w);
	if (rc == 0)
		rc = take_params(w);
	if (rc == -EINVAL || rc == -E2BIG)
		atomic_fetch_add(&w->r.web->counters.refused_input, 1);
	return rc ? rc : run(w);
}

void dispatch(struct web *web, struct incoming *in, struct answer *a)
{
	struct work w = {.in = in};
	struct request *r = &w.r;
	const char *theme_cookie = web->settings.insecure_cookie ? "theme" : "__Host-theme";
	char theme[8];
	int rc;

	*a = (struct answer){0};
	r->web = web;
	r->answer = a;
	r->method = method_of(in->method);
	r->path = in->path;
	r->host = in->host;
	r->user_agent = in->user_agent ? in->user_agent : "";
	r->theme = theme_of(params_cookie(in->cookie, theme_cookie, theme, sizeof(theme)) ? theme : NULL);
	r->htmx = in->hx_request && strcmp(in->hx_request, "true") == 0;
	memcpy(r->address, in->address, sizeof(r->address));
	html_init(&r->body);
	rc = handle(&w);
	if (rc < 0)
		fail(&w, rc);
	html_free(&r->body);
	if (r->db)
		pool_give(web->pool, r->db, w.broken);
	atomic_fetch_add(&web->counters.requests, 1);
	atomic_fetch_add(&web->counters.answers[a->status / 100 < 6 ? a->status / 100 : 0], 1);
}

/* ---- the table as JSON ---- */

static json_t *who_json(unsigned who)
{
	static const char *const names[] = {"anybody", "viewer", "support", "admin", "subscriber", "half", "monitor", "bare", "contact"};
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (who & 1u << i)
			json_array_append_new(list, json_string(names[i]));
	return list;
}

void dispatch_print_routes(void)
{
	json_t *list = json_array();

	for (const struct route *const *table = route_tables; *table; table++) {
		for (const struct route *route = *table; route->method; route++) {
			json_t *fields = json_array();

			for (const struct field *f = route->fields; f && f->name; f++)
				json_array_append_new(fields, json_string(f->name));
			json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:o}", "method", route->method, "path", route->path, "who",
					who_json(route->who), "fields", fields));
		}
	}
	json_dumpf(list, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(list);
}
