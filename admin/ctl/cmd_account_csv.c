/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Accounts as a CSV file: export, and import with a dry run. */
#include "ctl.h"

#include "data/accounts_csv.h"
#include "data/csv.h"
#include "live/binding.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FILE_MAX     (64u << 20) /* bytes of a file that is imported */
#define PROGRESS_MS  200         /* before the first progress line, and between two */

/* ---- export ---- */

static int export_to(struct ctl *ctl, const struct args *args, FILE *f)
{
	long long customer = 0;
	long prefix = 0;
	int rc = arg_given(args, "--group") ? take_prefix(arg_text(args, "--group"), &prefix) : CTL_OK;

	if (rc == CTL_OK && arg_given(args, "--customer"))
		rc = find_customer(ctl, arg_text(args, "--customer"), &customer);
	return rc ? rc : ctl_done(ctl, account_export(ctl->db, &ctl->scope, prefix, customer, f));
}

static int account_export_command(struct ctl *ctl, const struct args *args)
{
	return ctl_print(ctl, args, "csv", export_to);
}

/* ---- the file of passwords that were made: kept in memory until all is right ---- */

struct book {
	const char *path; /* NULL: there is none */
	FILE *f;
	char *text;
	size_t size;
	bool written;
};

static void book_drop(struct book *b)
{
	if (b->f)
		fclose(b->f);
	if (b->text)
		explicit_bzero(b->text, b->size);
	free(b->text);
	b->f = NULL;
	b->text = NULL;
}

/* All of `text` into a new file that only its owner reads, on the disk when it returns. 0 or -errno. */
static int write_new(const char *path, const char *text, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), rc = fd < 0 ? -errno : 0;
	ssize_t n;

	for (size_t done = 0; rc == 0 && done < size; done += (size_t)n) {
		n = write(fd, text + done, size - done);
		if (n < 0) {
			rc = -errno;
			n = 0;
		}
	}
	if (rc == 0 && fsync(fd) != 0)
		rc = -errno;
	if (fd >= 0 && close(fd) != 0 && rc == 0)
		rc = -errno;
	if (rc && fd >= 0)
		unlink(path);
	return rc;
}

/* ---- what the import tells ---- */

struct listener {
	struct book book;
	size_t size; /* of the file */
	bool terminal, shown;
	struct timespec next; /* progress line */
};

static void add_ms(struct timespec *t, long ms)
{
	t->tv_nsec += ms * 1000000;
	t->tv_sec += t->tv_nsec / 1000000000;
	t->tv_nsec %= 1000000000;
}

static void begin(void *arg)
{
	static const char *const head[] = {"number", "kind", "password"};
	struct listener *l = arg;

	clock_gettime(CLOCK_MONOTONIC, &l->next);
	add_ms(&l->next, PROGRESS_MS);
	book_drop(&l->book);
	l->book.f = open_memstream(&l->book.text, &l->book.size);
	if (l->book.f)
		csv_write(l->book.f, head, 3);
}

static void progress(void *arg, size_t bytes)
{
	struct listener *l = arg;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!l->terminal || now.tv_sec < l->next.tv_sec || (now.tv_sec == l->next.tv_sec && now.tv_nsec < l->next.tv_nsec))
		return;
	fprintf(stderr, "\r%zu %% of the file", 100 * bytes / (l->size ? l->size : 1));
	l->shown = true;
	l->next = now;
	add_ms(&l->next, PROGRESS_MS);
}

static void end_progress(struct listener *l)
{
	if (l->shown)
		fputs("\r                    \r", stderr);
	l->shown = false;
}

static int password(void *arg, struct db *db, const char *number, const char *kind, const char *text)
{
	const char *const row[] = {number, kind, text};
	struct listener *l = arg;

	if (!l->book.f)
		return data_refuse(db, "out of memory");
	csv_write(l->book.f, row, 3);
	return 0;
}

static int end(void *arg, struct db *db)
{
	struct listener *l = arg;
	struct book *b = &l->book;
	int rc = -ENOMEM;

	end_progress(l);
	if (!b->path)
		return 0;
	if (b->f && fflush(b->f) == 0)
		rc = write_new(b->path, b->text, b->size);
	if (rc)
		return data_refuse(db, "the passwords cannot be written to %s (%s): nothing was changed", b->path, strerror(-rc));
	b->written = true;
	return 0;
}

/* ---- import ---- */

/* The whole file, or standard input for "-"; free() it. An exit status. */
static int read_file(const char *path, char **bytes, size_t *size)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *grown = NULL;
	size_t room = 1 << 16, n = 1;
	int rc = CTL_OK;

	*bytes = NULL;
	*size = 0;
	if (!f)
		return refuse("cannot read %s: %s", path, strerror(errno));
	while (rc == CTL_OK && n) {
		if (!*bytes || *size == room) {
			room *= 2;
			grown = realloc(*bytes, room);
			if (!grown)
				rc = refuse("out of memory");
			else
				*bytes = grown;
		}
		n = rc ? 0 : fread(*bytes + *size, 1, room - *size, f);
		*size += n;
		if (*size > FILE_MAX)
			rc = refuse("%s is longer than %u MiB", path, FILE_MAX >> 20);
	}
	if (rc == CTL_OK && ferror(f))
		rc = refuse("cannot read %s: %s", path, strerror(errno));
	if (f != stdin)
		fclose(f);
	return rc;
}

static void say_import(struct ctl *ctl, const struct import *in)
{
	json_t *problems = json_array();

	ctl_say(ctl, "rows", json_integer((json_int_t)in->rows));
	ctl_say(ctl, "new", json_integer((json_int_t)in->added));
	ctl_say(ctl, "changed", json_integer((json_int_t)in->changed));
	ctl_say(ctl, "unchanged", json_integer((json_int_t)in->same));
	ctl_say(ctl, "passwords_made", json_integer((json_int_t)in->needed));
	ctl_say(ctl, "bad", json_integer((json_int_t)in->bad));
	for (size_t i = 0; i < in->problem_count; i++)
		json_array_append_new(problems, json_pack("{s:I, s:s, s:s}", "line", (json_int_t)in->problems[i].line, "column",
												in->problems[i].column, "why", in->problems[i].why));
	if (in->problem_count)
		ctl_say(ctl, "problems", problems);
	else
		json_decref(problems);
}

/* Kamailio learns of it, and forgets those who may no longer be registered. */
static void after_import(struct ctl *ctl, const struct import *in)
{
	size_t gone = 0;
	int rc = 0;

	tell_accounts(ctl);
	for (size_t i = 0; i < in->closed_count && (rc == 0 || rc == -ENOENT); i++) {
		rc = live_unbind(&ctl->live, in->closed[i]);
		gone += rc == 0;
	}
	if (in->closed_count == 0)
		return;
	ctl_say(ctl, "registrations_removed", json_integer((json_int_t)gone));
	if (rc && rc != -ENOENT)
		note("who is locked, suspended or ended now may stay registered until the next REGISTER: %s", ctl->live.error);
}

static int import_done(struct ctl *ctl, const struct import *in, const struct book *book, int rc)
{
	if (rc == -EBADMSG) {
		say_import(ctl, in);
		return refuse("%zu of %zu rows are bad: nothing was changed", in->bad, in->rows);
	}
	if (rc && book->written && rc == -EHOSTUNREACH)
		note("the database went away in the end: if the new accounts are there, their passwords are in %s", book->path);
	else if (rc && book->written)
		unlink(book->path);
	if (rc)
		return ctl_done(ctl, rc);
	say_import(ctl, in);
	ctl_say(ctl, "done", json_boolean(!in->dry_run));
	if (in->dry_run && in->needed && !book->path)
		note("the passwords of new accounts are told in a file: give --credentials FILE");
	if (book->written)
		ctl_say(ctl, "credentials", json_string(book->path));
	if (!in->dry_run)
		after_import(ctl, in);
	return CTL_OK;
}

static int account_import_command(struct ctl *ctl, const struct args *args)
{
	struct listener listener = {.book = {.path = arg_text(args, "--credentials")}, .terminal = isatty(STDERR_FILENO)};
	struct import in = {.realm = ctl->config.realm, .dry_run = arg_given(args, "--dry-run"), .gaps = arg_given(args, "--gaps"),
			.listener = &listener, .begin = begin, .progress = progress, .password = listener.book.path ? password : NULL, .end = end};
	char *bytes = NULL;
	int rc;

	if (listener.book.path && access(listener.book.path, F_OK) == 0)
		return refuse("%s is there already: passwords are written to a new file", listener.book.path);
	rc = read_file(arg_text(args, "FILE"), &bytes, &in.size);
	if (rc == CTL_OK) {
		in.bytes = bytes;
		listener.size = in.size;
		rc = account_import(ctl->db, &ctl->scope, &in);
		end_progress(&listener);
		rc = import_done(ctl, &in, &listener.book, rc);
		account_import_free(&in);
	}
	book_drop(&listener.book);
	if (bytes)
		explicit_bzero(bytes, in.size);
	free(bytes);
	return rc;
}

static const struct arg export_args[] = {{.name = "--group", .value = "PREFIX", .help = "only the members of this group"},
		{.name = "--customer", .value = "CUSTOMER", .help = "only those of this customer"}, {0}};
static const struct arg import_args[] = {
		{.name = "FILE", .required = true, .help = "CSV, its first row the names of the columns; - is standard input"},
		{.name = "--dry-run", .type = ARG_FLAG, .help = "say what would come of it, and every bad row, and change nothing"},
		{.name = "--credentials", .value = "FILE", .help = "a new file for the passwords that are made here"},
		{.name = "--gaps", .type = ARG_FLAG, .help = "premium numbers may skip some, which are then never given"}, {0}};

const struct command account_csv_commands[] = {
		{"account", "export", export_args, account_export_command, NEEDS_DB, "accounts as CSV, without passwords"},
		{"account", "import", import_args, account_import_command, NEEDS_DB, "make and change accounts by CSV, all rows or none"},
		{0},
};
