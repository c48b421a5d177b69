/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of recordings, and the way to them below one directory (F5). */
#ifndef RELAY_RECORDING_PATH_H
#define RELAY_RECORDING_PATH_H

#include "core/text.h"

#include <time.h>

#define RECORDING_PATH_MAX 512

/*
 * The path below `root` of a recording: `file` where a request says it, else `directory` and the pattern's name with ".pcap". Absolute
 * ones must lead below `root`. 0; -EPERM: it leaves the root; -ENAMETOOLONG; -EINVAL: nothing is left of it.
 */
int recording_path(char out[RECORDING_PATH_MAX], const char *root, struct text file, struct text directory, struct text pattern,
	struct text call_id, uint64_t random, const struct tm *now);
/*
 * Opens the directory that holds `path` below `root` (a descriptor), making what is missing; *name is its last part. No symbolic link is
 * followed. The descriptor, or -errno.
 */
int recording_open_directory(int root, char path[RECORDING_PATH_MAX], const char **name);

#endif
