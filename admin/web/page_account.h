/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the page of an account says of the running service, below its facts: as operators see it, and as its customer's contact does. */
#ifndef AETA_WEB_PAGE_ACCOUNT_H
#define AETA_WEB_PAGE_ACCOUNT_H

#include "web.h"

/* Where it is registered, its NAT, its bans, what was tried lately and why, its trace. 0 or -errno of the data layer. */
int account_panel(struct request *r, const char *number);

/* For a contact: where it is registered, its NAT, and the way to a new SIP password. Likewise. In page_own_account.c. */
int own_account_panel(struct request *r, const char *number);

#endif
