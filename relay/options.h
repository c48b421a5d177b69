/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's options. One table (options_table.c) holds everything about each of them; the command line, the configuration file,
 * --help and the reference in OPTIONS.md come from it. Names are rtpengine's where the meaning is the same.
 */
#ifndef RELAY_OPTIONS_H
#define RELAY_OPTIONS_H

#include "core/text.h"

#include <stdio.h>

#define OPTIONS_LIST_MAX 32
#define OPTIONS_ERROR_MAX 512

struct option_list {
	unsigned n;
	char *at[OPTIONS_LIST_MAX];
};

enum option_sockets { SOCKETS_AUTO = 0, SOCKETS_OWN };
enum option_recording_format { RECORDING_RAW = 0, RECORDING_ETHERNET };

struct options {
	/* what to serve */
	struct option_list interface, listen_ng, listen_tcp_ng, listen_http, ng_allow;
	int64_t port_min, port_max;
	/* calls */
	int64_t timeout, silent_timeout, final_timeout, offer_timeout, delete_delay, max_sessions;
	double max_load, max_cpu;
	/* media */
	int64_t tos, receive_buffer, port_rate;
	int sockets; /* enum option_sockets */
	int offload; /* enum flow_path */
	char *bpf_dir;
	int64_t offload_outlive, offload_grace;
	int endpoint_learning; /* enum learn_mode */
	bool strict_source, learn_outside, plain;
	int64_t num_threads;
	/* recording */
	char *recording_dir, *recording_pattern;
	int recording_method, recording_format;
	int64_t recording_buffer;
	/* what it tells others */
	char *notify, *notify_method;
	int64_t log_level;
	int64_t gather; /* µs */
	int log_facility; /* index; log.h */
	bool log_stderr;
	/* its life */
	bool foreground;
	char *pidfile, *user, *state_dir;
	int64_t drain_timeout;
	char *config_file, *config_section;
	/* only on the command line */
	bool help, version, reference, sweep;
};

enum option_type { OPTION_SWITCH, OPTION_NUMBER, OPTION_DECIMAL, OPTION_WORD, OPTION_TEXT, OPTION_LIST };

struct option_row {
	const char *name;
	char letter;           /* short form, 0: none */
	enum option_type type;
	size_t offset;         /* in struct options */
	int64_t min, max;      /* of numbers */
	const char *preset;    /* the default, written as a user would; NULL: none */
	const char *unit;      /* of numbers; of texts what stands for the value; of words all of them, separated by "|" */
	const char *text;
	unsigned flags;        /* enum option_flag */
};

enum option_flag { OPTION_RELOAD = 1 /* SIGHUP changes it */, OPTION_COMMAND_LINE = 2 /* not in the file */ };

extern const struct option_row option_rows[];
extern const unsigned option_row_count;

/*
 * Defaults, then the configuration file, then the command line (argv without the program's name). 0, or -EINVAL with the reason in
 * `error`: what, where, what to do. `o` is to be freed in both cases.
 */
int options_read(struct options *o, int argc, char **argv, char error[OPTIONS_ERROR_MAX]);
void options_free(struct options *o);

/* Sets one option from text. `where` (for the error) says who said it. A list grows by the `;`-separated parts. */
int options_set(struct options *o, const struct option_row *row, const char *value, const char *where, char *error);
const struct option_row *options_find(struct text name); /* NULL: no such option */

/* Reads a section of an ini file. -ENOENT: no such file; -ENODATA: no such section; -EINVAL. */
int options_read_file(struct options *o, const char *path, const char *section, char *error);

/* Takes from `new` what a SIGHUP may change; names of others that differ are written to `left`, comma-separated. */
void options_reload(struct options *o, struct options *new, char *left, size_t size);

void options_help(FILE *to);
void options_reference(FILE *to); /* Markdown: OPTIONS.md */

#endif
