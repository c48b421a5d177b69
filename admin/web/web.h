/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of aeta-admin share: the server, a request, and the routes.
 *
 *      http.c       libmicrohttpd: a thread for each connection, bounded in number, time and size of what they send
 *      dispatch.c   route, who may, declared parameters, CSRF; then the route's handler
 *      respond.c    answers, with the headers that every answer has
 *      routes.c     THE table of routes
 *      page_*.c     handlers
 *
 * A handler gets only what its route declares, and answers exactly once (respond.h). It returns 0, or -errno of the data layer, which
 * becomes a page: -ENOENT 404, -EACCES 403, -ESTALE 409, -EHOSTUNREACH 503 ... A handler of GET runs in a transaction that
 * can only read: it cannot change anything, whatever is wrong in it.
 */
#ifndef AETA_WEB_WEB_H
#define AETA_WEB_WEB_H

#include "html.h"
#include "layout.h"
#include "params.h"
#include "settings.h"

#include "data/pool.h"
#include "data/scope.h"
#include "data/sessions.h"

#include <stdatomic.h>
#include <stdint.h>

/* ---- routes ---- */

/* Who may; or-ed. */
enum who {
	MAY_ANYBODY = 1 << 0, /* also without a session */
	MAY_VIEWER = 1 << 1,
	MAY_SUPPORT = 1 << 2,
	MAY_ADMIN = 1 << 3,
	MAY_SUBSCRIBER = 1 << 4,
	MAY_HALF = 1 << 5,    /* an operator or a contact whose second factor is still to come */
	MAY_MONITOR = 1 << 6, /* no session, but an address of `monitor_from` */
	MAY_BARE = 1 << 7,    /* an operator without the second factor that is required */
	MAY_CONTACT = 1 << 8, /* the technical contact of a customer */
	MAY_OPERATORS = MAY_VIEWER | MAY_SUPPORT | MAY_ADMIN,
	MAY_WRITERS = MAY_SUPPORT | MAY_ADMIN,
	MAY_CUSTOMERS = MAY_SUBSCRIBER | MAY_CONTACT /* who come in by /siremis/user/login */
};

enum field_type {
	FIELD_LINE,   /* text without line ends, */
	FIELD_TEXT,   /* and with */
	FIELD_NUMBER, /* digits only */
	FIELD_SECRET  /* as a line; never shown or logged */
};

/*
 * What people type, in bytes: as much as a form may have at all (http.c), so that what is too long comes to the handler, which says it at its
 * field and keeps what was typed.
 */
#define TYPED_MAX 65536

/* A parameter that a route takes, from its path, its query or its form. A row without a name ends the table. */
struct field {
	const char *name;
	enum field_type type;
	size_t max; /* characters (bytes) at most */
};

struct request;

struct route {
	const char *method; /* GET (and with it HEAD) or POST */
	const char *path;   /* "/groups/:prefix/edit" */
	unsigned who;       /* enum who */
	int (*handle)(struct request *r);
	const struct field *fields; /* NULL: none */
	/* More of them, where a table describes them (the generic forms); NULL: none. */
	const struct field *(*more)(const struct route *route, const char *name, struct field *room);
	const void *about; /* for the handler: what this route is about, such as a table */
};

/* A row: ROUTE_GET("/groups/:prefix", MAY_OPERATORS, get_group, .fields = group_fields) */
#define ROUTE_GET(path_, who_, handle_, ...)  {.method = "GET", .path = (path_), .who = (who_), .handle = (handle_), __VA_ARGS__}
#define ROUTE_POST(path_, who_, handle_, ...) {.method = "POST", .path = (path_), .who = (who_), .handle = (handle_), __VA_ARGS__}

/* All of them, in one list of tables that end with a row without a method. */
extern const struct route *const route_tables[]; /* NULL ends it */

/* ---- the server ---- */

struct counters {
	atomic_ulong requests, answers[6]; /* by the first digit of the status */
	atomic_ulong refused_csrf, refused_input;
	atomic_ulong logins_ok, logins_wrong, logins_throttled, logins_second;
	atomic_ulong under_way, logins_now;
};

struct web {
	struct settings settings;
	struct pool *pool; /* of database connections */
	struct visitors *visitors;
	struct counters counters;
	time_t began;
	atomic_bool draining; /* no new connections, and those that are there close */
};

/* ---- a request ---- */

struct request {
	struct web *web;
	struct db *db; /* one connection, for this request alone */
	const struct route *route;
	const char *method, *path, *host, *user_agent;
	char address[46];      /* of the browser */
	bool htmx;             /* the answer is put into a page */
	struct params params;  /* those that the route declares, and no others */
	bool has_session;
	struct session session; /* where has_session */
	struct scope scope;     /* whose rows the data layer shows; nobody's without a whole session */
	enum page_theme theme;
	struct html body;      /* of the answer */
	struct answer *answer; /* respond.h */
};

/* The frame of this request's page: who is logged in, the token of its forms, colours, the path. */
void request_page(const struct request *r, struct page *p, const char *title);

/* The first page of whoever has a session, and where it logs in. */
const char *request_home(const struct session *s);
const char *request_door(const struct session *s);

/* "https://host" of this server: as configured, else by the Host header; "" where there is neither. A longer one is cut off. */
#define ORIGIN_SIZE 512
void request_origin(const struct request *r, char *out, size_t size);

/* A declared parameter; "" where it was not sent. A name that the route does not declare stops the program: a mistake in a handler. */
const char *param(const struct request *r, const char *name);
long long param_number(const struct request *r, const char *name, long long otherwise);

#endif
