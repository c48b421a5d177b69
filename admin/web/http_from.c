/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whom a request comes from. */
#include "http_private.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const struct sockaddr *http_from(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	return info ? info->client_addr : NULL;
}

void http_peer(struct MHD_Connection *c, char out[HTTP_ADDRESS_SIZE])
{
	const struct sockaddr *a = http_from(c);

	snprintf(out, HTTP_ADDRESS_SIZE, "?");
	if (a && a->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)a)->sin_addr, out, HTTP_ADDRESS_SIZE);
	else if (a && a->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr, out, HTTP_ADDRESS_SIZE);
}

/* The last one, where there are several lines: each proxy adds its own at the end, or to the end of the last. */
static enum MHD_Result keep_last(void *last, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)kind;
	if (strcasecmp(name, "X-Forwarded-For") == 0)
		*(const char **)last = value ? value : "";
	return MHD_YES;
}

bool http_forwarded(struct MHD_Connection *c, char out[HTTP_ADDRESS_SIZE])
{
	const char *list = NULL, *last;
	char text[HTTP_ADDRESS_SIZE];
	struct in6_addr a;
	size_t n;

	snprintf(out, HTTP_ADDRESS_SIZE, "?");
	MHD_get_connection_values(c, MHD_HEADER_KIND, keep_last, &list);
	if (!list)
		return false;
	last = strrchr(list, ',');
	last = last ? last + 1 : list;
	last += strspn(last, " \t");
	n = strcspn(last, " \t");
	if (n >= sizeof(text) || last[n + strspn(last + n, " \t")])
		return true;
	memcpy(text, last, n);
	text[n] = '\0';
	if (inet_pton(AF_INET, text, &a) == 1 || inet_pton(AF_INET6, text, &a) == 1)
		memcpy(out, text, n + 1);
	return true;
}
