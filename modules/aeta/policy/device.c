/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device.h"

#include <string.h>

#define FNV_OFFSET 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

static uint64_t fnv(uint64_t h, struct aeta_bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		h = (h ^ (unsigned char)b.s[i]) * FNV_PRIME;
	return h;
}

/* The instance as the registrar may keep it: with its quotes and angle brackets or without. */
static struct aeta_bytes bare(struct aeta_bytes b)
{
	while (b.len && strchr("\"<", b.s[0]) && b.s[0])
		b.s++, b.len--;
	while (b.len && strchr("\">", b.s[b.len - 1]) && b.s[b.len - 1])
		b.len--;
	return b;
}

aeta_device_t aeta_device(struct aeta_bytes instance, struct aeta_bytes call_id, struct aeta_bytes user_agent)
{
	struct aeta_bytes id = bare(instance);
	struct aeta_bytes by_instance = {"i", 1}, by_call = {"c", 1}, between = {"\n", 1};
	uint64_t h;

	if (id.len)
		h = fnv(fnv(FNV_OFFSET, by_instance), id);
	else /* a header holds no line feed, so nothing of one part can be read as the other's */
		h = fnv(fnv(fnv(fnv(FNV_OFFSET, by_call), call_id), between), user_agent);
	return h ? h : 1;
}

/* Takes `d` out of the former devices; true if it was one. */
static bool forget_former(struct aeta_device_history *h, aeta_device_t d)
{
	for (int i = 0; i < AETA_DEVICES_KEPT; i++) {
		if (h->former[i] != d)
			continue;
		memmove(&h->former[i], &h->former[i + 1], (size_t)(AETA_DEVICES_KEPT - 1 - i) * sizeof(h->former[0]));
		h->former[AETA_DEVICES_KEPT - 1] = 0;
		return true;
	}
	return false;
}

static void replace_current(struct aeta_device_history *h, aeta_device_t d)
{
	memmove(&h->former[1], &h->former[0], (AETA_DEVICES_KEPT - 1) * sizeof(h->former[0]));
	h->former[0] = h->current;
	h->current = d;
}

/* Notes a return; true if it completes the alarm. */
static bool count_return(struct aeta_device_history *h, uint32_t now_s)
{
	memmove(&h->returned[1], &h->returned[0], (AETA_RETURNS_ALARM - 1) * sizeof(h->returned[0]));
	h->returned[0] = now_s;
	if (h->returns < AETA_RETURNS_ALARM)
		h->returns++;
	if (h->returns < AETA_RETURNS_ALARM || now_s - h->returned[AETA_RETURNS_ALARM - 1] > AETA_RETURNS_WINDOW)
		return false;
	h->returns = 0;
	return true;
}

enum aeta_device_event aeta_device_seen(struct aeta_device_history *h, aeta_device_t d, uint32_t now_s)
{
	bool back;

	if (h->current == d)
		return AETA_DEVICE_SAME;
	if (!h->current) {
		h->current = d;
		return AETA_DEVICE_FIRST;
	}
	back = forget_former(h, d);
	replace_current(h, d);
	if (!back)
		return AETA_DEVICE_CHANGED;
	return count_return(h, now_s) ? AETA_DEVICE_ALARM : AETA_DEVICE_RETURNED;
}
