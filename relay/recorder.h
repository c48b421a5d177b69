/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recordings: a pcap file for each recorded call, and beside it a text file that says what it is. Files are opened by the thread that
 * answers requests, so that a request is told at once if it cannot be; packets are written by a second thread, behind a buffer of a
 * fixed size: a slow disk costs packets of the recording, never of the call.
 *
 * All of it stays below one directory (F5): names from requests are taken apart, no part may be `..`, no symbolic link is followed.
 */
#ifndef RELAY_RECORDER_H
#define RELAY_RECORDER_H

#include "core/relay.h"

struct recorder;

struct recorder_options {
	const char *directory, *pattern;
	bool ethernet;
	size_t buffer; /* bytes */
};

struct recorder_counts {
	uint64_t recordings, running, packets, left_out, failed; /* failed: recordings that the disk did not take to their end */
};

/* -errno in *error where the directory cannot be used, else 0. The thread begins with recorder_run(), after root was dropped. */
struct recorder *recorder_new(const struct recorder_options *options, int *error);
int recorder_run(struct recorder *r);
/* Waits for what is in the buffer. */
void recorder_free(struct recorder *r);

/* As struct relay_shell's record_start and record_stop. -EPERM: the path leaves the directory; -EEXIST. */
int recorder_start(struct recorder *r, struct call *c, struct text file, struct text directory, struct text pattern,
	struct text metadata);
void recorder_stop(struct recorder *r, struct call *c, bool discard);
void recorder_packet(struct recorder *r, struct recording *to, const struct packet *p, const struct endpoint *at);
/* Once a second. */
void recorder_tick(struct recorder *r);
struct recorder_counts recorder_counts(const struct recorder *r);

#endif
