/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saves registrations, and spares the database those refreshes that it need not know (A5, D2). */
#ifndef AETA_REFRESH_H
#define AETA_REFRESH_H

#include "core/parser/msg_parser.h"
#include "core/str.h"

/* mod_init(): binds registrar, if it is there. 0 or -1. */
int aeta_refresh_init(void);

/*
 * save() of registrar for the parameter `location`, with its flags and its result. Where usrloc writes back (db_mode 2), a
 * binding that was written and is refreshed as it stands is not marked to be written again, but for the refreshes that
 * aeta_refresh_due() names. -1 too if registrar is not loaded.
 */
int aeta_save(sip_msg_t *msg, int flags);

#endif
