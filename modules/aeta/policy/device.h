/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices (SERVICE.md A6): whose is a REGISTER, and are two agents taking turns with one account?
 *
 * A device is known by its +sip.instance (RFC 5626), else by (Call-ID of its REGISTERs, User-Agent); never by its
 * Contact, which a codec behind the same router may share. A reboot makes a new Call-ID that never comes back, an address
 * change makes none: neither is a return, so neither raises the alarm.
 */
#ifndef AETA_POLICY_DEVICE_H
#define AETA_POLICY_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t aeta_device_t; /* 0 = no device */

struct aeta_bytes {
	const char *s;
	size_t len;
};

/* Identity of a device; the instance wins where there is one (quotes and angle brackets around it do not matter). Never 0. */
aeta_device_t aeta_device(struct aeta_bytes instance, struct aeta_bytes call_id, struct aeta_bytes user_agent);

#define AETA_RETURNS_ALARM 3     /* A6: three returns A -> B -> A */
#define AETA_RETURNS_WINDOW 600u /* s; within ten minutes */
#define AETA_DEVICES_KEPT 4

/* What is remembered of one account; zero-initialised. */
struct aeta_device_history {
	aeta_device_t current;
	aeta_device_t former[AETA_DEVICES_KEPT]; /* devices that held the account before, most recent first; 0 = empty */
	uint32_t returned[AETA_RETURNS_ALARM];   /* times of the latest returns, newest first */
	uint8_t returns;                         /* how many of them are filled */
};

enum aeta_device_event {
	AETA_DEVICE_SAME = 0, /* the owner again */
	AETA_DEVICE_FIRST,    /* the account had no device */
	AETA_DEVICE_CHANGED,  /* another device took it over */
	AETA_DEVICE_RETURNED, /* a former device took it back */
	AETA_DEVICE_ALARM     /* ... for the third time within ten minutes; raised once, then counting starts anew */
};

/* Device `d` registered at `now_s` (any steady clock in seconds). */
enum aeta_device_event aeta_device_seen(struct aeta_device_history *h, aeta_device_t d, uint32_t now_s);

#endif
