/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a trace from the database (table sip_trace), and writing its files. */
#ifndef AETA_ADMIN_TRACE_READ_H
#define AETA_ADMIN_TRACE_READ_H

#include "ctl.h"
#include "data/trace.h"

struct trace_rows {
	struct trace trace;
	struct traces rows; /* `last`: the highest id */
};

/*
 * The rows of `number` with ids above `after`, in the order of time; `full`: with the messages, else only their first
 * lines. trace_free() when done, also after an error. An exit status.
 */
int trace_read(struct ctl *ctl, const char *number, long long after, bool full, struct trace_rows *out);
void trace_free(struct trace_rows *t);

/* Highest id in the table now. An exit status. */
int trace_last(struct ctl *ctl, long long *id);

/*
 * Writes NUMBER-TIME.txt and NUMBER-TIME.pcap into `folder`, both new and for their owner only, and says their names in
 * the result. An exit status.
 */
int trace_write_files(struct ctl *ctl, const char *folder, const struct trace *t);

#endif
