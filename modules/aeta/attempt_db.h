/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes the history to the table of the parameter attempt_table, and takes what is too old out of it. In one process only,
 * with a database handle of its own. The dialect is that of MariaDB and MySQL (ON DUPLICATE KEY UPDATE).
 */
#ifndef AETA_ATTEMPT_DB_H
#define AETA_ATTEMPT_DB_H

#include <stddef.h>
#include <stdint.h>
#include "policy/attempt.h"

#define AETA_BATCH_LINES 50

/*
 * Lines on their way: in shared memory, so that the last ones are written at the end by the main process. A batch whose
 * writing fails is written again under its old number, and a line that bears the number already is not counted twice.
 */
struct aeta_batch {
	uint64_t number; /* 0 = none yet */
	uint32_t failing_since; /* seconds since 1970; 0 = the last attempt to write went well */
	size_t lines, checked;  /* `checked` of them have been asked whether they may stay */
	struct aeta_attempt line[AETA_BATCH_LINES];
};

/* Writes all that waits. 0, or -errno where the database did not take it: then it is kept. */
int aeta_attempt_write(struct aeta_batch *b);

/* Deletes at most 1,000 lines that are older than attempt_days. How many, or -errno. */
int aeta_attempt_prune(void);

void aeta_attempt_disconnect(void);

#endif
