/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where saved calls lie: a directory with a log in it, to whose end everything is written. Nothing is ever written over, so whatever
 * moment the relay dies at, what was written before is whole.
 *
 *      lock            held by the relay that uses the directory
 *      calls.N         ─┬─ head: version, boot, key
 *                       ├─ length, checksum, kind: a call as core/saved.h has it, the newer one counts; a Call-ID that is gone; or
 *                       │  that the relay has left in order
 *                       └─ ...
 *
 * When the newest file has grown long another one is begun; the older ones are removed when all that is worth keeping has been
 * written anew (sessions.c). The directory is the relay's user's, 0700, its files 0600; a memory file system is best (/run).
 */
#ifndef RELAY_SESSION_LOG_H
#define RELAY_SESSION_LOG_H

#include "core/out.h"
#include "options.h"
#include "privileges.h"

struct session_log;

/* As root: makes the directory, for `who` is to own it. One that is there stays as it is. */
void session_log_prepare(const char *path, const struct identity *who);

/*
 * As the user that it is to run as: takes the directory, and looks at its files. NULL with the reason in `error`: somebody else may
 * write there, another relay has it ...
 */
struct session_log *session_log_open(const char *path, char error[OPTIONS_ERROR_MAX]);
void session_log_close(struct session_log *l); /* NULL: nothing */

/* The key of the hashes in what is saved; in: one to take if there is none yet. */
void session_log_key(struct session_log *l, uint64_t key[2]);

struct session_found {
	struct text record;
	bool same_boot;    /* written since this machine was started: its clock is ours */
	bool left;         /* its relay left in order: all is as it was in the end */
};

/*
 * Gives the newest record of each call that is not gone to `take`, oldest call first; once, before the first session_log_add().
 * What was cut off or damaged is said in the log. 0 or -errno.
 */
int session_log_read(struct session_log *l, void (*take)(void *context, const struct session_found *f), void *context);

/* Entries to be written: framed, appended to `to`; to->failed where they do not fit. Between the two the caller appends its body. */
enum session_kind { SESSION_CALL = 'C', SESSION_GONE = 'G', SESSION_LEFT = 'L' /* nothing follows */ };
size_t session_entry_begin(struct out *to, enum session_kind kind); /* what session_entry_end() wants */
void session_entry_end(struct out *to, size_t begin);

/* Appends entries; all of them, or none: 0 or -errno. */
int session_log_add(struct session_log *l, struct text entries);

/* The newest file: its number, from 1 on, and its bytes. */
uint32_t session_log_number(const struct session_log *l);
uint64_t session_log_bytes(const struct session_log *l);
/* Begins another file. 0, or -errno and the newest one stays it. */
int session_log_next(struct session_log *l);
/* Removes all files but the newest one. */
void session_log_forget(struct session_log *l);

#endif
