/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this machine must be able to give, looked at before calls depend on it. */
#ifndef RELAY_LOCAL_H
#define RELAY_LOCAL_H

#include "settings.h"

/* The index of the first media address that the machine does not have now; -1: it has all of them. */
int local_missing(const struct settings *s);
/* Raises the limit of descriptors to what the calls may need; warns where that is not allowed. */
void local_descriptors(const struct settings *s);
/*
 * Sees to it that the system gives no media port to a program that asks for any port: such a program would not hear anything there
 * while a call has the port, if ports share sockets. 0, or -errno: it may not be changed.
 */
int local_reserve(const struct settings *s);
/* Warns of settings that will cost calls: an address that is not here, media ports that the system gives to other programs. */
void local_warn(const struct settings *s);

#endif
