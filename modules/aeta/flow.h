/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flow of a number (A4): where it registered from, and through which socket. */
#ifndef AETA_FLOW_H
#define AETA_FLOW_H

#include "core/parser/msg_parser.h"

/* Sets destination and socket of the message; `device` (as $aeta(device) prints it) may be NULL. 1, or -1 without a binding. */
int aeta_flow(sip_msg_t *msg, str *user, str *device);

#endif
