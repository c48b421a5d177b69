/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose REGISTER is it (A6)? The device behind a message, and what is remembered of the devices of an account. */
#ifndef AETA_REGISTER_H
#define AETA_REGISTER_H

#include "core/parser/msg_parser.h"
#include "policy/device.h"
#include "policy/number.h"

/* mod_init(): makes the history. 0 or -1. */
int aeta_devices_init(void);
void aeta_devices_destroy(void);

/* Identity of the +sip.instance of the message's Contact alone, 0 = it has none. */
aeta_device_t aeta_message_instance(sip_msg_t *msg);

/* Functions of the script; user NULL: the authenticated one. */
int aeta_device_check(sip_msg_t *msg, str *user);
int aeta_owner_check(sip_msg_t *msg, str *user);

/* Is this message from the device that registered that account last? False where none is remembered. */
bool aeta_device_is_last(sip_msg_t *msg, str *user);

/*
 * Whether an account that registers does so from elsewhere than the last time, or for the first time after a failure;
 * notes where. `place` is a hash of the source and the device. False too where nothing is known of it: that is a restart.
 */
bool aeta_place_moved(aeta_number_t number, uint64_t place);
/* A registration of the account failed. An account that has never registered is left unknown. */
void aeta_place_failed(aeta_number_t number);

#endif
