/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "profile.h"

static const char *const types[] = {"other", "audio", "video", "image", "text", "application", "message"};
static const char *const profiles[] = {"unknown", "RTP/AVP", "RTP/AVPF", "RTP/SAVP", "RTP/SAVPF", "UDP/TLS/RTP/SAVP",
		"UDP/TLS/RTP/SAVPF", "udptl"};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static uint8_t number_of(struct text name, const char *const names[], size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (text_is_nocase(name, names[i]))
			return (uint8_t)i;
	return 0;
}

uint8_t media_type_of(struct text name)
{
	return number_of(name, types, COUNT(types));
}

const char *media_type_name(unsigned type)
{
	return types[type < COUNT(types) ? type : 0];
}

uint8_t profile_of(struct text name)
{
	return number_of(name, profiles, COUNT(profiles));
}

const char *profile_name(unsigned profile)
{
	return profiles[profile < COUNT(profiles) ? profile : 0];
}
