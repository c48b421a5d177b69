/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sheet with credentials, for whatever makes some. */
#ifndef AETA_WEB_PAGE_SELL_H
#define AETA_WEB_PAGE_SELL_H

#include "view.h"
#include "web.h"

#include "data/numbers.h"

/*
 * Answers with what was sold, as a page to print that is shown once; its "Done" leads to the row `key` of the view. The caller forgets
 * the credentials afterwards. Returns as respond_page().
 */
int sell_sheet(struct request *r, const char *title, const struct view *v, const char *key, const struct numbers_sold *sold);

#endif
