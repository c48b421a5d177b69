/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of routes, one a subject; each ends with a row without a method. routes.c lists them. */
#ifndef AETA_WEB_ROUTES_H
#define AETA_WEB_ROUTES_H

#include "web.h"

extern const struct route login_routes[];
extern const struct route profile_routes[];
extern const struct route file_routes[];
extern const struct route monitor_routes[];
extern const struct route account_new_routes[];
extern const struct route customer_routes[];
extern const struct route contact_routes[];
extern const struct route own_routes[];
extern const struct route own_account_routes[];
extern const struct route operator_routes[];
extern const struct route sell_routes[];
extern const struct route mail_routes[];
extern const struct route redial_routes[];
extern const struct route announcement_routes[];
extern const struct route table_routes[];
extern const struct route user_routes[];
extern const struct route user_call_routes[];
extern const struct route user_location_routes[];
extern const struct route user_help_routes[];
extern const struct route now_routes[];
extern const struct route calls_routes[];
extern const struct route call_routes[];
extern const struct route testcodec_routes[];
extern const struct route ban_routes[];
extern const struct route account_routes[];

#endif
