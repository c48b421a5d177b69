/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traces: the SIP of single numbers, for a limited time, for an operator. siptrace hands over each message while it is
 * switched on; what belongs to a traced number is masked (policy/mask.h) and queued, and a process of its own writes it:
 *
 *      message --siptrace--> aeta_trace() --masked--> queue in shared memory --writer process--> trace_table
 *
 * So no worker waits for the database, and no secret leaves the worker. Everything is bounded: traces, calls that are
 * followed, messages of a trace, bytes in the queue; what does not fit is counted as lost. Nothing survives a restart.
 */
#ifndef AETA_TRACE_H
#define AETA_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/time.h>

#include "core/parser/msg_parser.h"
#include "core/rpc.h"
#include "policy/number.h"

#define AETA_TRACES        8    /* at a time, and as many that have ended are remembered in their place */
#define AETA_TRACE_S_MAX   3600 /* longest trace, in seconds */
#define AETA_TRACE_CALLS   1024 /* Call-IDs followed, of all traces; the one that was quiet longest gives way */
#define AETA_TRACE_ROWS    20000
#define AETA_TRACE_BYTES   (32 << 20) /* of one trace */
#define AETA_TRACE_WAITING (4 << 20)  /* bytes in the queue */

/* mod_init(): nothing but 0 where the parameter trace_table is empty; 0 or -1. child_init(PROC_MAIN): the writer. */
int aeta_trace_init(void);
int aeta_trace_fork(void);
void aeta_trace_destroy(void);

/* True while any number is traced: one look into shared memory. */
bool aeta_tracing(void);

/*
 * A message as it came or went; `from` and `to` are proto:address:port. 1: it belongs to a traced number and is kept (or lost,
 * and counted); -1: it does not. One that comes from a socket of ours goes out, also on its way in from ourselves.
 */
int aeta_trace(sip_msg_t *msg, str *from, str *to);

/* From now on the call of this request belongs to `number`, if that is traced: it is rung under another name. Always 1. */
int aeta_trace_follow(sip_msg_t *msg, str *number);

/* ---- between trace.c and trace_db.c ---- */

/* A message on its way into the table; the texts lie behind it. */
struct aeta_traced {
	struct aeta_traced *next;
	struct timeval at;
	size_t size; /* all of it, in bytes */
	unsigned numbers;
	aeta_number_t number[AETA_TRACES];
	str body, callid, method, status, from, to, fromtag, totag;
	bool out;
};

int aeta_trace_queue_init(void);
void aeta_trace_queue_destroy(void);
/* Copies `t` and its texts into the queue, the body masked. 0, or -ENOSPC. */
int aeta_trace_push(const struct aeta_traced *t);
/* Messages that wait to be written. */
unsigned aeta_trace_waiting(void);

/* Notes that a row of `number` could not be written. */
void aeta_trace_lost(aeta_number_t number);
/* Ends what is over. */
void aeta_trace_expire(void);

extern rpc_export_t aeta_trace_rpc[];

#endif
