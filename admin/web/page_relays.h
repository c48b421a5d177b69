/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef AETA_WEB_PAGE_RELAYS_H
#define AETA_WEB_PAGE_RELAYS_H

#include "web.h"

/*
 * On pages of domains, relays and relay sets (`table`; on others nothing): which sets calls are sent to that have no relay in use. A name
 * of a set that was mistyped in a domain makes such a one. 0 or -errno of the data layer.
 */
int relays_warning(struct request *r, const char *table);

#endif
