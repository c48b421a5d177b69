/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes: an answer with the headers that every answer has. */
#include "http_private.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Every answer's. Nothing is loaded from elsewhere, no script or style stands in a page, no other page may frame ours. */
static const char *const headers[][2] = {
		{"Content-Security-Policy",
				"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
				"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"},
		{"X-Content-Type-Options", "nosniff"},
		{"X-Frame-Options", "DENY"},
		{"Referrer-Policy", "same-origin"},
		{"Cross-Origin-Opener-Policy", "same-origin"},
		{"Cross-Origin-Resource-Policy", "same-origin"},
		{"Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"},
};

static void add_headers(const struct web *web, struct MHD_Response *m, const struct answer *a)
{
	char number[16];

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		MHD_add_response_header(m, headers[i][0], headers[i][1]);
	if (web->settings.tls || web->settings.behind_proxy)
		MHD_add_response_header(m, "Strict-Transport-Security", "max-age=31536000");
	MHD_add_response_header(m, MHD_HTTP_HEADER_CACHE_CONTROL, a->keep ? "public, max-age=31536000, immutable" : "no-store");
	MHD_add_response_header(m, MHD_HTTP_HEADER_CONTENT_TYPE, a->type);
	if (a->location[0])
		MHD_add_response_header(m, a->status == 200 ? "HX-Redirect" : MHD_HTTP_HEADER_LOCATION, a->location);
	if (a->disposition[0])
		MHD_add_response_header(m, MHD_HTTP_HEADER_CONTENT_DISPOSITION, a->disposition);
	if (a->allow)
		MHD_add_response_header(m, MHD_HTTP_HEADER_ALLOW, a->allow);
	for (unsigned i = 0; i < a->cookie_count; i++)
		MHD_add_response_header(m, MHD_HTTP_HEADER_SET_COOKIE, a->cookies[i]);
	if (a->retry_after_s) {
		snprintf(number, sizeof(number), "%u", a->retry_after_s);
		MHD_add_response_header(m, MHD_HTTP_HEADER_RETRY_AFTER, number);
	}
	if (atomic_load(&web->draining))
		MHD_add_response_header(m, MHD_HTTP_HEADER_CONNECTION, "close");
}

/* The body is libmicrohttpd's from then on, or gone. */
static struct MHD_Response *make_response(struct answer *a)
{
	struct MHD_Response *m;

	if (a->is_file)
		m = MHD_create_response_from_fd64(a->length, a->file);
	else
		m = MHD_create_response_from_buffer(a->length, a->body, a->body ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
	if (!m && a->is_file)
		close(a->file);
	else if (!m)
		free(a->body);
	return m;
}

enum MHD_Result http_send(const struct web *web, struct MHD_Connection *c, struct answer *a)
{
	struct MHD_Response *m = make_response(a);
	enum MHD_Result done;

	if (!m)
		return MHD_NO;
	add_headers(web, m, a);
	done = MHD_queue_response(c, a->status, m);
	MHD_destroy_response(m);
	return done;
}
