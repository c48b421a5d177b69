/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "refresh.h"

bool aeta_refresh_due(int64_t before, int64_t now, int64_t granted, uint32_t phase)
{
	int64_t period = granted / 2;

	if (period < 1 || before < 0 || now < before)
		return true;
	return (before + phase) / period != (now + phase) / period;
}
