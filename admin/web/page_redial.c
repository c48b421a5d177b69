/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be done with a pair that dialled again (C7), beside what all tables have. */
#include "page_redial.h"

#include "page_now.h"
#include "page_tables.h"
#include "respond.h"
#include "routes.h"

#include "live/calls.h"

#include <errno.h>
#include <stdio.h>

void redial_panel(struct request *r, const struct data_rows *row)
{
	struct html *h = &r->body;
	struct page page;

	if (!scope_may(&r->scope, BY_STAFF))
		return;
	request_page(r, &page, "");
	html_element(h, "h2", NULL, "Once it is mended");
	html_element(h, "p", NULL,
			"When one of the two has another router or another setting, their calls can be judged anew: the next one goes the direct way "
			"where nothing else speaks against it.");
	form_begin(h, &page, "/redial/%s/lift", data_key(row, 0));
	form_button(h, NULL, "Judge their calls anew");
	html_close(h);
}

/* That they are not relayed for it any more is no fault: it is what was asked for. */
static int lift(struct request *r, const char *low, const char *high)
{
	struct live live = now_live(r);
	int rc = now_audit(r, "redial lift", low, high);

	if (rc)
		return rc;
	rc = live_redial_lift(&live, low, high);
	return rc && rc != -ENOENT ? respond_error(r, 502, live.error) : respond_to(r, "/redial");
}

static int post_lift(struct request *r)
{
	struct data_rows row = {0};
	char low[24] = "", high[24] = "";
	int rc = data_show(r->db, &r->scope, table_find("redial"), param(r, "key"), &row);

	if (rc == 0) {
		snprintf(low, sizeof(low), "%s", data_named(&row, 0, "low"));
		snprintf(high, sizeof(high), "%s", data_named(&row, 0, "high"));
	}
	data_rows_free(&row);
	return rc ? rc : lift(r, low, high);
}

static const struct field key_fields[] = {{"key", FIELD_LINE, PAGE_KEY_MAX}, {0}};

const struct route redial_routes[] = {
		ROUTE_POST("/redial/:key/lift", MAY_WRITERS, post_lift, .fields = key_fields),
		{0},
};
