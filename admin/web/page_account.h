/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the page of an account says of the running service, below its facts. */
#ifndef AETA_WEB_PAGE_ACCOUNT_H
#define AETA_WEB_PAGE_ACCOUNT_H

#include "web.h"

/* Where it is registered, its NAT, its bans, what was tried lately and why, its trace. 0 or -errno of the data layer. */
int account_panel(struct request *r, const char *number);

#endif
