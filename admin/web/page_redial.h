/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef AETA_WEB_PAGE_REDIAL_H
#define AETA_WEB_PAGE_REDIAL_H

#include "web.h"

#include "data/data.h"

/* Below the facts of a pair that dialled again: what can be done with it, by those who may. */
void redial_panel(struct request *r, const struct data_rows *row);

#endif
