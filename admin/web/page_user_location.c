/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A subscriber's Location Records (E1): where the agent is registered from. */
#include "respond.h"
#include "routes.h"
#include "view.h"

#include "data/data.h"

#include <errno.h>

static int get_location(struct request *r)
{
	struct html *h = &r->body;
	struct data_rows row;
	struct page page;
	int rc = data_show(r->db, &r->scope, table_find("location"), r->session.who, &row);

	if (rc == 0 || rc == -ENOENT) {
		request_page(r, &page, "Location Records");
		page_begin(h, &page);
		html_open(h, "div");
		page_watch(h, "/siremis/user/location");
		if (rc == 0)
			view_facts(h, &r->scope, &row);
		else
			html_element(h, "p", "empty", "This number is not registered now.");
		html_close(h);
		page_end(h, &page);
		rc = respond_page(r, 200);
	}
	data_rows_free(&row);
	return rc;
}

const struct route user_location_routes[] = {
		ROUTE_GET("/siremis/user/location", MAY_SUBSCRIBER, get_location),
		{0},
};
