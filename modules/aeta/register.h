/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose REGISTER is it (A6)? The device behind a message, and what is remembered of the devices of an account. */
#ifndef AETA_REGISTER_H
#define AETA_REGISTER_H

#include "core/parser/msg_parser.h"
#include "policy/device.h"

/* mod_init(): makes the history. 0 or -1. */
int aeta_devices_init(void);
void aeta_devices_destroy(void);

/* Identity of the +sip.instance of the message's Contact alone, 0 = it has none. */
aeta_device_t aeta_message_instance(sip_msg_t *msg);

/* Functions of the script; user NULL: the authenticated one. */
int aeta_device_check(sip_msg_t *msg, str *user);
int aeta_owner_check(sip_msg_t *msg, str *user);

#endif
