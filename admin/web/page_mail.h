/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What mails add to other pages. */
#ifndef AETA_WEB_PAGE_MAIL_H
#define AETA_WEB_PAGE_MAIL_H

#include "web.h"

#include "data/data.h"

/* The cards of the dashboard. 0 or -errno of the data layer. */
int mail_cards(struct request *r);

/* Above the list of mails and that of announcements: that none are sent, or that some were given up. Likewise. */
int mail_above(struct request *r, const struct page *page, const char *table);

/* Below the facts of a mail: what can be done with it. */
void mail_panel(struct request *r, const struct data_rows *row);

#endif
