/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load.h"

#include "clock.h"

#include <stdlib.h>

/* The first line of /proc/stat: user nice system idle iowait irq softirq steal, in ticks. */
static bool read_stat(uint64_t *busy, uint64_t *total)
{
	unsigned long long t[8];
	FILE *f = fopen("/proc/stat", "re");
	bool ok = f && fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", t, t + 1, t + 2, t + 3, t + 4, t + 5, t + 6, t + 7) == 8;

	if (f)
		fclose(f);
	*total = 0;
	for (unsigned i = 0; ok && i < 8; i++)
		*total += t[i];
	*busy = ok ? *total - t[3] - t[4] : 0;
	return ok;
}

void load_tick(struct load *l, uint64_t now)
{
	uint64_t busy, total, used = clock_us(CLOCK_THREAD_CPUTIME_ID);

	if (getloadavg(&l->average, 1) != 1)
		l->average = 0;
	if (read_stat(&busy, &total)) {
		if (l->total && total > l->total && busy >= l->busy)
			l->machine = (double)(busy - l->busy) / (double)(total - l->total);
		l->busy = busy;
		l->total = total;
	}
	if (l->at && now > l->at)
		l->thread = (double)(used - l->thread_us) / (double)(now - l->at);
	l->thread_us = used;
	l->at = now;
}

const char *load_limit(const struct load *l, const struct options *o)
{
	double busy = l->machine > l->thread ? l->machine : l->thread;

	if (o->max_cpu > 0 && busy * 100 > o->max_cpu)
		return "CPU usage limit exceeded";
	if (o->max_load > 0 && l->average > o->max_load)
		return "Load limit exceeded";
	return NULL;
}
