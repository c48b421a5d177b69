/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "back.h"

#include "respond.h"

#include <stdio.h>
#include <string.h>

#define WHO (MAY_OPERATORS | MAY_CUSTOMERS)

static const struct route *find_page(const char *path)
{
	char room[1024];

	for (const struct route *const *table = route_tables; *table; table++) {
		for (const struct route *route = *table; route->method; route++) {
			struct params parts;

			parts.n = 0;
			if (!strcmp(route->method, "GET") && params_path(&parts, route->path, path, room, sizeof(room)) == 0)
				return route;
		}
	}
	return NULL;
}

bool back_is_page(const char *address, unsigned who)
{
	size_t length = strcspn(address, "?");
	char path[BACK_MAX + 1];
	const struct route *route;

	if (strlen(address) > BACK_MAX || !respond_is_path(address))
		return false;
	snprintf(path, sizeof(path), "%.*s", (int)length, address);
	route = find_page(path);
	return route && !(route->who & MAY_ANYBODY) && (route->who & who & WHO);
}

void back_of(const char *method, const char *path, const char *query, size_t query_length, char out[BACK_MAX + 1])
{
	bool asked = !strcmp(method, "GET") && query && query_length;

	if ((size_t)snprintf(out, BACK_MAX + 1, "%s%s%.*s", path, asked ? "?" : "", asked ? (int)query_length : 0, asked ? query : "") > BACK_MAX)
		snprintf(out, BACK_MAX + 1, "%s", path);
	if (!back_is_page(out, WHO))
		out[0] = '\0';
}

int back_to_login(struct request *r, const char *login, const char *back, bool lost)
{
	struct url u;

	url_begin(&u, login);
	url_add(&u, BACK_LOST, lost ? "1" : NULL);
	url_add(&u, BACK, back);
	return respond_to(r, u.cut || strlen(u.text) > RESPOND_PATH_MAX ? login : u.text);
}
