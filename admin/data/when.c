/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "when.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

bool when_parse(const char *s, enum when_date alone, char out[WHEN_SIZE])
{
	static const char *const forms[] = {
			"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"};
	struct tm t, again;
	const char *end;
	time_t moment;

	out[0] = '\0';
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		t = (struct tm){0};
		if (i == 0 && alone == WHEN_END_OF_DAY)
			t = (struct tm){.tm_hour = 23, .tm_min = 59, .tm_sec = 59};
		end = strptime(s, forms[i], &t);
		if (!end || strcmp(end, i && *end == 'Z' ? "Z" : "") != 0)
			continue;
		again = t;
		moment = timegm(&again); /* puts 31 February right: then it was none */
		return again.tm_mday == t.tm_mday && again.tm_sec == t.tm_sec && t.tm_year >= 100 &&
			   strftime(out, WHEN_SIZE, "%Y-%m-%d %H:%M:%S", gmtime_r(&moment, &again)) == WHEN_SIZE - 1;
	}
	return false;
}
