/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of media types and transport profiles, as numbers that fit a stream; 0: another one. */
#ifndef RELAY_CORE_PROFILE_H
#define RELAY_CORE_PROFILE_H

#include "text.h"

uint8_t media_type_of(struct text name);
const char *media_type_name(unsigned type);
uint8_t profile_of(struct text name);
const char *profile_name(unsigned profile);

#endif
