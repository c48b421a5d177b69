/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What systemd is told, by its socket (sd_notify(3)); nothing where there is none. */
#ifndef RELAY_SYSTEMD_H
#define RELAY_SYSTEMD_H

#include <stdint.h>

/* Takes NOTIFY_SOCKET and the watchdog from the environment. Returns how often "WATCHDOG=1" is due, in µs; 0: never. */
uint64_t systemd_init(void);
void systemd_say(const char *state); /* "READY=1" */

#endif
