/* SPDX-License-Identifier: GPL-2.0-or-later */
/* THE table of routes: `aeta-admin --routes` prints it, and a test walks it with every role. */
#include "routes.h"

const struct route *const route_tables[] = {
		login_routes,
		profile_routes,
		file_routes,
		monitor_routes,
		user_routes,
		user_call_routes,
		user_location_routes,
		user_help_routes,
		now_routes,
		calls_routes,
		call_routes,
		testcodec_routes,
		ban_routes,
		account_new_routes,
		account_routes,
		customer_routes,
		contact_routes,
		own_account_routes,
		own_routes,
		mail_routes,
		redial_routes,
		announcement_routes,
		operator_routes,
		sell_routes,
		table_routes, /* last: their "/:key" takes what is left */
		NULL,
};
