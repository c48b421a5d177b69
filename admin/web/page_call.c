/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One call that goes on, and its end. */
#include "listing.h"
#include "page_calls.h"
#include "page_now.h"
#include "respond.h"
#include "routes.h"

#include "data/data.h"
#include "data/reasons.h"
#include "live/calls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define WHY_SIZE 512

/* Seconds since "YYYY-MM-DD HH:MM:SS"; -1: that is no time. */
long long call_seconds(const char *utc)
{
	struct tm tm = {0};

	if (!utc || !strptime(utc, "%Y-%m-%d %H:%M:%S", &tm))
		return -1;
	return (long long)(time(NULL) - timegm(&tm));
}

/* What agents write there may be anything; accounts have digits. */
bool call_is_number(const char *s)
{
	return s && *s && strlen(s) <= CALL_CALLER_MAX && s[strspn(s, "0123456789")] == '\0';
}

void call_why(struct html *h, const char *list)
{
	char why[WHY_SIZE];

	reasons_sentence(list ? list : "", why, sizeof(why));
	html_text(h, *why ? why : "–");
}

static void fact(struct html *h, const char *label, const char *text)
{
	html_element(h, "dt", NULL, label);
	html_element(h, "dd", NULL, text && *text ? text : "–");
}

static void fact_number(struct html *h, const char *label, const char *number)
{
	html_element(h, "dt", NULL, label);
	html_open(h, "dd");
	put_number(h, number);
	html_close(h);
}

static void put_facts(struct html *h, const struct data_rows *row)
{
	html_open(h, "dl");
	html_attr(h, "class", "facts");
	fact_number(h, "Caller", data_named(row, 0, "caller"));
	fact(h, "Dialled", data_named(row, 0, "dialled"));
	fact_number(h, "Answered by", data_named(row, 0, "callee"));
	html_element(h, "dt", NULL, "Since");
	html_open(h, "dd");
	put_utc(h, data_named(row, 0, "since"));
	html_text(h, ", for ");
	put_duration(h, call_seconds(data_named(row, 0, "since")));
	html_close(h);
	html_element(h, "dt", NULL, "Media");
	html_open(h, "dd");
	put_path(h, data_named(row, 0, "path"));
	html_text(h, " ");
	call_why(h, data_named(row, 0, "path_reason"));
	html_close(h);
	fact(h, "Relay", data_named(row, 0, "relay"));
	fact(h, "Caller's address", data_named(row, 0, "caller_flow"));
	fact(h, "Callee's address", data_named(row, 0, "callee_flow"));
	fact(h, "Routed by rule", data_named(row, 0, "rule"));
	fact(h, "Call-ID", data_named(row, 0, "callid"));
	html_close(h);
}

static void begin_call(struct request *r, struct page *page, const char *title, enum message_kind kind, const char *message)
{
	request_page(r, page, title);
	page->up[0] = (struct page_up){"/calls", "Calls now"};
	page_begin(&r->body, page);
	if (message)
		page_message(&r->body, kind, message);
}

static int show_call(struct request *r, unsigned status, const char *refused)
{
	struct data_rows row;
	char title[160];
	struct page page;
	int rc = data_show(r->db, &r->scope, table_find("calls"), param(r, "id"), &row);

	if (rc == 0) {
		const char *caller = data_named(&row, 0, "caller"), *callee = data_named(&row, 0, "callee");

		snprintf(title, sizeof(title), "Call of %.64s with %.64s", caller ? caller : "?", callee ? callee : "?");
		begin_call(r, &page, title, MESSAGE_BAD, refused);
		put_facts(&r->body, &row);
		if (scope_may(&r->scope, BY_STAFF)) {
			html_element(&r->body, "h2", NULL, "End this call");
			html_element(&r->body, "p", NULL,
					"Both parties are hung up on at once, whether they are on air or not. The audit keeps who did it.");
			form_begin(&r->body, &page, "/calls/%s/end", param(r, "id"));
			form_hidden(&r->body, "caller", call_is_number(data_named(&row, 0, "caller")) ? data_named(&row, 0, "caller") : NULL);
			form_button(&r->body, "danger", "End the call");
			html_close(&r->body);
		}
		rc = now_end(r, &page, status);
	}
	data_rows_free(&row);
	return rc;
}

static void put_records_link(struct html *h, const char *caller)
{
	struct url u;

	url_begin(&u, "/cdrs");
	url_add(&u, "f.caller", caller);
	html_open(h, "p");
	html_open(h, "a");
	html_url_made(h, "href", u.text);
	html_textf(h, "Call records%s%s", *caller ? " of " : "", caller);
	html_close(h);
	html_close(h);
}

/* Calls end while somebody looks at them: that is no page that was not found. */
static int show_ended(struct request *r)
{
	struct page page;

	begin_call(r, &page, "Call", MESSAGE_NOTE, "This call has ended.");
	put_records_link(&r->body, param(r, "caller"));
	return now_end(r, &page, 404);
}

/* -ENOENT of the data layer, for what can be a call, as a page. */
static int or_ended(struct request *r, int rc)
{
	struct live_call_id id;

	return rc == -ENOENT && live_call_id_parse(param(r, "id"), &id) ? show_ended(r) : rc;
}

static int get_call(struct request *r)
{
	return or_ended(r, show_call(r, 200, NULL));
}

/* Ends a call that the scope sees; -EINVAL if another one than `callee` has answered it (NULL: whoever has). */
int call_end(struct request *r, struct live *live, const char *text, const char *callee)
{
	struct live_call_id id;
	struct data_rows row;
	const char *answered_by;
	char parties[64];
	int rc;

	if (!live_call_id_parse(text, &id))
		return -ENOENT;
	rc = data_show(r->db, &r->scope, table_find("calls"), text, &row);
	if (rc == 0) {
		answered_by = data_named(&row, 0, "callee");
		snprintf(parties, sizeof(parties), "%s to %s", data_named(&row, 0, "caller") ? data_named(&row, 0, "caller") : "?",
				answered_by ? answered_by : "?");
		if (callee && (!answered_by || strcmp(answered_by, callee) != 0))
			rc = -EINVAL;
	}
	data_rows_free(&row);
	if (rc == 0)
		rc = now_audit(r, "call end", text, parties);
	return rc ? rc : live_call_end(live, id);
}

static int post_end(struct request *r)
{
	struct live live = now_live(r);
	struct url u;
	int rc = call_end(r, &live, param(r, "id"), NULL);

	if (rc && live.error[0] && rc != -ENOENT)
		return or_ended(r, show_call(r, 502, live.error));
	if (rc)
		return or_ended(r, rc);
	url_begin(&u, "/calls");
	url_add(&u, "ended", param(r, "caller"));
	return respond_to(r, u.text);
}

static const struct field call_fields[] = {{"id", FIELD_LINE, CALL_ID_MAX}, {"caller", FIELD_NUMBER, CALL_CALLER_MAX}, {0}};

const struct route call_routes[] = {
		ROUTE_GET("/calls/:id", MAY_OPERATORS, get_call, .fields = call_fields),
		ROUTE_POST("/calls/:id/end", MAY_WRITERS, post_end, .fields = call_fields),
		{0},
};
