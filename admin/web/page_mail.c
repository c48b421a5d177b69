/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mails: what the lists of all tables do not do with them. Announcements: page_announce.c. */
#include "page_mail.h"

#include "cards.h"
#include "page_tables.h"
#include "respond.h"
#include "routes.h"
#include "view.h"

#include "data/mail.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAILS    "/mails"
#define LATE_S   3600 /* a mail that waits for so long is no good sign */
#define MORE_MAX 96

/* ---- the dashboard ---- */

/* "17 minutes" */
static void say_age(long long seconds, char out[32])
{
	static const struct {
		long long seconds;
		const char *one;
	} units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
	size_t i = 0;

	while (i < 3 && seconds < units[i].seconds)
		i++;
	snprintf(out, 32, "%lld %s%s", seconds / units[i].seconds, units[i].one, seconds / units[i].seconds == 1 ? "" : "s");
}

static void say_waiting(const struct mail_figures *f, bool configured, char more[MORE_MAX])
{
	char age[32];

	if (!configured)
		snprintf(more, MORE_MAX, "no mail server is configured");
	else if (f->oldest_s < 0)
		snprintf(more, MORE_MAX, "nothing is to be sent");
	else {
		say_age(f->oldest_s, age);
		snprintf(more, MORE_MAX, "the oldest for %s", age);
	}
}

int mail_cards(struct request *r)
{
	bool configured = r->web->settings.mail.configured;
	struct html *h = &r->body;
	struct mail_figures f;
	char more[MORE_MAX];
	int rc = mail_figures(r->db, &r->scope, &f);

	if (rc)
		return rc;
	say_waiting(&f, configured, more);
	card_begin(h, f.oldest_s > LATE_S || (f.waiting && !configured));
	card_figure(h, MAILS, f.waiting, "mail waiting", "mails waiting");
	card_more(h, more);
	snprintf(more, sizeof(more), "%lld that wait %s tried before", f.failed, f.failed == 1 ? "was" : "were");
	card_begin(h, f.given_up > 0);
	card_figure(h, MAILS "?f.state=given-up", f.given_up, "mail given up", "mails given up");
	card_more(h, more);
	return 0;
}

/* ---- above a list ---- */

static void put_retry_all(struct html *h, const struct page *page, const struct mail_figures *f)
{
	form_begin(h, page, MAILS "/all/retry");
	html_open(h, "p");
	html_attr(h, "class", "actions");
	form_button(h, "plain", "Try anew");
	html_textf(h, " what failed: %lld given up, %lld to be tried again later.", f->given_up, f->failed);
	html_close(h);
	html_close(h);
}

int mail_above(struct request *r, const struct page *page, const char *table)
{
	bool mails = !strcmp(table, "mails");
	struct mail_figures f;
	int rc;

	if (!scope_may(&r->scope, BY_OPERATORS) || (!mails && strcmp(table, "announcements") != 0))
		return 0;
	if (!r->web->settings.mail.configured)
		page_message(&r->body, MESSAGE_NOTE, "No mail server is configured, so mails wait: smtp_url and mail_from in the configuration.");
	rc = mails && scope_may(&r->scope, BY_STAFF) ? mail_figures(r->db, &r->scope, &f) : 1;
	if (rc == 0 && (f.failed || f.given_up))
		put_retry_all(&r->body, page, &f);
	return rc > 0 ? 0 : rc;
}

/* ---- one mail ---- */

void mail_panel(struct request *r, const struct data_rows *row)
{
	const char *state = data_named(row, 0, "state"), *key = data_key(row, 0);
	struct html *h = &r->body;
	struct page page;

	if (!state || !strcmp(state, "sent") || !scope_may(&r->scope, BY_STAFF))
		return;
	request_page(r, &page, "");
	html_element(h, "h2", NULL, "What to do with it");
	form_begin(h, &page, MAILS "/%s/retry", key);
	html_open(h, "p");
	html_attr(h, "class", "actions");
	form_button(h, NULL, "Try now");
	html_open(h, "a");
	html_attr(h, "class", "button plain");
	html_url(h, "href", MAILS "/%s/drop", key);
	html_text(h, "Drop");
	html_close(h);
	html_close(h);
	html_close(h);
}

/* The mail of the path; -ENOENT. */
static int take_id(struct request *r, long long *id)
{
	struct data_rows row = {0};
	int rc = data_show(r->db, &r->scope, table_find("mails"), param(r, "key"), &row);

	*id = rc ? 0 : strtoll(data_key(&row, 0), NULL, 10);
	data_rows_free(&row);
	return rc;
}

/* Is being sent at this moment, or is sent: the page of the mail says which. */
static int after(struct request *r, int rc, const char *path)
{
	return rc == -EPERM ? respond_error(r, 409, data_error(r->db)) : rc ? rc : respond_to(r, path);
}

static int post_retry(struct request *r)
{
	char path[48];
	long long id;
	int rc = take_id(r, &id);

	snprintf(path, sizeof(path), MAILS "/%lld", id);
	if (rc == 0)
		rc = mail_retry(r->db, &r->scope, id, NULL);
	return after(r, rc, path);
}

static int post_retry_all(struct request *r)
{
	return after(r, mail_retry(r->db, &r->scope, 0, NULL), MAILS);
}

static int get_drop(struct request *r)
{
	const struct view *v = view_of("mails");
	struct html *h = &r->body;
	struct page page;
	char title[48];
	long long id;
	int rc = take_id(r, &id);

	if (rc)
		return rc;
	snprintf(title, sizeof(title), "Drop mail %lld", id);
	request_page(r, &page, title);
	view_under(&page, v);
	page_begin(h, &page);
	html_element(h, "p", NULL, "It is taken out of the queue and never sent. The audit keeps its recipient and its subject.");
	form_begin(h, &page, MAILS "/%lld/drop", id);
	html_open(h, "p");
	html_attr(h, "class", "actions");
	form_button(h, "danger", "Drop it");
	html_open(h, "a");
	html_attr(h, "class", "button plain");
	html_url(h, "href", MAILS "/%lld", id);
	html_text(h, "Cancel");
	html_close_to(h, html_depth(h) - 3);
	page_end(h, &page);
	return respond_page(r, 200);
}

static int post_drop(struct request *r)
{
	long long id;
	int rc = take_id(r, &id);

	if (rc == 0)
		rc = mail_drop(r->db, &r->scope, id);
	return after(r, rc, MAILS);
}

/* ---- routes ---- */

static const struct field key_fields[] = {{"key", FIELD_LINE, PAGE_KEY_MAX}, {0}};

const struct route mail_routes[] = {
		ROUTE_GET(MAILS, MAY_OPERATORS, page_table_list, .more = page_table_field, .about = "mails"),
		ROUTE_GET(MAILS ".csv", MAY_OPERATORS, page_table_csv, .more = page_table_field, .about = "mails"),
		ROUTE_POST(MAILS "/all/retry", MAY_WRITERS, post_retry_all),
		ROUTE_GET(MAILS "/:key", MAY_OPERATORS, page_table_row, .fields = key_fields, .about = "mails"),
		ROUTE_POST(MAILS "/:key/retry", MAY_WRITERS, post_retry, .fields = key_fields),
		ROUTE_GET(MAILS "/:key/drop", MAY_WRITERS, get_drop, .fields = key_fields),
		ROUTE_POST(MAILS "/:key/drop", MAY_WRITERS, post_drop, .fields = key_fields),
		{0},
};
