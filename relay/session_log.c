/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session_log.h"

#include "core/saved.h"
#include "log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (1u << 30) /* bytes that are read of one */
#define FILES_MAX 4096u
#define NAME_MAX_CALLS 24

/*
 *	head    "aeta-relay calls" ─ u32 version ─ boot[16] ─ key[16]
 *	entry   u32 "ENTR" ─ u32 length ─ u64 checksum ─ kind ─ body          length: of kind and body
 */
#define MAGIC "aeta-relay calls"
#define MAGIC_SIZE 16
#define FORMAT 1u
#define HEAD_SIZE (MAGIC_SIZE + 4 + 16 + 16)
#define ENTRY_MARK 0x52544e45u
#define ENTRY_HEAD 16

struct session_log {
	int directory, lock, file;
	uint32_t oldest, number;   /* of the files; number 0: none yet */
	uint64_t bytes;            /* of the newest */
	uint64_t key[2];
	uint8_t boot[16];          /* all 0: it is not known */
};

/* ---- numbers in files ---- */

static void put(uint8_t *to, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t get(const char *from, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t)(uint8_t)from[i] << 8 * i;
	return value;
}

/* Against accidents, not against somebody who may write here. */
static uint64_t checksum(struct text content)
{
	static const uint64_t key[2] = {0x61657461, 0x72656c61};

	return text_hash(content, key);
}

static void name_of(char name[NAME_MAX_CALLS], uint32_t number)
{
	snprintf(name, NAME_MAX_CALLS, "calls.%u", number);
}

/* ---- the directory ---- */

void session_log_prepare(const char *path, const struct identity *who)
{
	if (mkdir(path, 0700) == 0 && who->change && chown(path, who->user, who->group) != 0)
		log_say(LOG_WARNING, "--state-dir=%s: it cannot be given to user %u: %m", path, (unsigned)who->user);
}

static int wrong(char *error, const char *path, const char *why)
{
	snprintf(error, OPTIONS_ERROR_MAX, "--state-dir=%.200s: %s", path, why);
	return -EINVAL;
}

static int check_directory(const struct session_log *l, const char *path, char *error)
{
	struct stat is;

	if (fstat(l->directory, &is) != 0)
		return wrong(error, path, strerror(errno));
	if (is.st_uid != geteuid())
		return wrong(error, path, "it is another user's; give it to the one that the relay runs as");
	if (is.st_mode & 077)
		return wrong(error, path, "others may look into it, or write there; chmod 0700");
	return 0;
}

static int take_directory(struct session_log *l, const char *path, char *error)
{
	l->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (l->directory < 0)
		return wrong(error, path, strerror(errno));
	if (check_directory(l, path, error) != 0)
		return -EINVAL;
	l->lock = openat(l->directory, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (l->lock < 0)
		return wrong(error, path, strerror(errno));
	if (flock(l->lock, LOCK_EX | LOCK_NB) != 0)
		return wrong(error, path, errno == EWOULDBLOCK ? "another relay has it; give each its own" : strerror(errno));
	return 0;
}

/* "calls.7" is 7; 0: it is no such name. */
static uint32_t number_of(const char *name)
{
	uint64_t number;

	if (strncmp(name, "calls.", 6) != 0 || !text_number(text_of(name + 6), UINT32_MAX - 1, &number))
		return 0;
	return (uint32_t)number;
}

static int find_files(struct session_log *l)
{
	int fd = openat(l->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	if (!d)
		return -errno;
	while ((e = readdir(d))) {
		uint32_t number = number_of(e->d_name);

		if (!number)
			continue;
		if (l->oldest == 0 || number < l->oldest)
			l->oldest = number;
		if (number > l->number)
			l->number = number;
	}
	closedir(d);
	return l->number - l->oldest < FILES_MAX ? 0 : -ERANGE;
}

/* "8f2c0a5e-..." of the kernel, as bytes; it stays 0 where that is not to be had. */
static void read_boot(struct session_log *l)
{
	char text[64] = "";
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	unsigned digits = 0;

	if (fd >= 0)
		close(fd);
	for (ssize_t i = 0; i < n && digits < 32; i++) {
		const char *all = "0123456789abcdef", *at = text[i] ? strchr(all, text[i]) : NULL;

		if (!at)
			continue;
		l->boot[digits / 2] |= (uint8_t)((at - all) << (digits % 2 ? 0 : 4));
		digits++;
	}
}

struct session_log *session_log_open(const char *path, char error[OPTIONS_ERROR_MAX])
{
	struct session_log *l = calloc(1, sizeof(*l));
	int rc;

	snprintf(error, OPTIONS_ERROR_MAX, "no memory");
	if (!l)
		return NULL;
	l->directory = l->lock = l->file = -1;
	rc = take_directory(l, path, error);
	if (!rc) {
		rc = find_files(l);
		if (rc)
			wrong(error, path, strerror(-rc));
	}
	read_boot(l);
	if (!rc)
		return l;
	session_log_close(l);
	return NULL;
}

void session_log_close(struct session_log *l)
{
	if (!l)
		return;
	if (l->file >= 0)
		close(l->file);
	if (l->lock >= 0)
		close(l->lock);
	if (l->directory >= 0)
		close(l->directory);
	free(l);
}

/* ---- reading ---- */

/* A file's bytes, to be freed; NULL: -errno in *rc. */
static char *load(const struct session_log *l, uint32_t number, size_t *size, int *rc)
{
	char name[NAME_MAX_CALLS], *bytes = NULL;
	struct stat is;
	int fd;

	name_of(name, number);
	fd = openat(l->directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &is) != 0 || is.st_size > FILE_MAX) {
		*rc = fd < 0 || is.st_size <= FILE_MAX ? -errno : -EFBIG;
	} else {
		bytes = malloc((size_t)is.st_size + 1);
		*rc = bytes ? 0 : -ENOMEM;
	}
	for (*size = 0; bytes && *size < (size_t)is.st_size;) {
		ssize_t n = read(fd, bytes + *size, (size_t)is.st_size - *size);

		if (n <= 0)
			break;
		*size += (size_t)n;
	}
	if (fd >= 0)
		close(fd);
	return bytes;
}

static bool is_ours(const char *bytes, size_t size)
{
	return size >= HEAD_SIZE && memcmp(bytes, MAGIC, MAGIC_SIZE) == 0 && get(bytes + MAGIC_SIZE, 4) == FORMAT;
}

void session_log_key(struct session_log *l, uint64_t key[2])
{
	size_t size = 0;
	int rc;

	for (uint32_t n = l->oldest; n && n <= l->number; n++) {
		char *bytes = load(l, n, &size, &rc);
		bool ours = bytes && is_ours(bytes, size);

		if (ours) {
			key[0] = get(bytes + MAGIC_SIZE + 20, 8);
			key[1] = get(bytes + MAGIC_SIZE + 28, 8);
		}
		free(bytes);
		if (ours)
			break;
	}
	memcpy(l->key, key, sizeof(l->key));
}

/* An entry, in the order in which they were written. */
struct entry {
	struct text id, record;    /* of one that is gone the record is empty */
	uint64_t hash, created;
	uint32_t place;
	bool same_boot;
};

struct reading {
	struct entry *at;
	size_t n, room;
	char **files;
	unsigned file_count;
	unsigned damaged, versions; /* entries */
	bool left;                 /* the newest entry says that */
};

static bool keep_entry(struct reading *r, const struct entry *e)
{
	if (r->n == r->room) {
		size_t room = r->room ? 2 * r->room : 256;
		struct entry *more = realloc(r->at, room * sizeof(*more));

		if (!more)
			return false;
		r->at = more;
		r->room = room;
	}
	r->at[r->n] = *e;
	r->at[r->n].place = (uint32_t)r->n;
	r->n++;
	return true;
}

static bool read_entry(struct reading *r, struct text content, bool same_boot)
{
	struct entry e = {.same_boot = same_boot};
	struct text body = text_from(content, 1);
	struct saved_head head;

	r->left = content.s[0] == SESSION_LEFT;
	if (r->left)
		return true;
	if (content.s[0] == SESSION_GONE) {
		e.id = body;
	} else if (content.s[0] == SESSION_CALL && saved_head(body, &head)) {
		e.id = head.id;
		e.created = head.created;
		e.record = body;
	} else {
		r->versions++;
		return true;
	}
	e.hash = checksum(e.id);
	return keep_entry(r, &e);
}

/* Is there an entry here, and how long is what it holds? */
static bool entry_at(struct text rest, size_t *length)
{
	if (rest.n < ENTRY_HEAD || get(rest.s, 4) != ENTRY_MARK)
		return false;
	*length = (size_t)get(rest.s + 4, 4);
	return *length > 0 && *length <= rest.n - ENTRY_HEAD;
}

/* One that is damaged is passed over, as long as it can be seen where the next one begins. */
static int read_entries(struct reading *r, const char *name, struct text rest, bool same_boot)
{
	size_t length;

	while (entry_at(rest, &length)) {
		struct text content = {rest.s + ENTRY_HEAD, length};

		if (get(rest.s + 8, 8) != checksum(content))
			r->damaged++;
		else if (!read_entry(r, content, same_boot))
			return -ENOMEM;
		rest = text_from(rest, ENTRY_HEAD + length);
	}
	if (rest.n)
		log_say(LOG_NOTICE, "--state-dir: the last %zu bytes of %s are no whole entry, and are left out", rest.n, name);
	return 0;
}

static int read_file(struct session_log *l, struct reading *r, uint32_t number)
{
	static const uint8_t none[16];
	char name[NAME_MAX_CALLS];
	size_t size;
	int rc = 0;
	char *bytes = load(l, number, &size, &rc);

	name_of(name, number);
	if (!bytes && rc != -ENOENT)
		log_say(LOG_ERR, "--state-dir: %s cannot be read: %s", name, strerror(-rc));
	if (!bytes)
		return rc == -ENOMEM ? rc : 0;
	r->files[r->file_count++] = bytes;
	if (size < HEAD_SIZE)
		return 0; /* was just begun */
	if (!is_ours(bytes, size)) {
		log_say(LOG_WARNING, "--state-dir: %s is of another version, or none of ours; its calls are not known, and it is kept as `refused`",
			name);
		renameat(l->directory, name, l->directory, "refused");
		return 0;
	}
	return read_entries(r, name, (struct text){bytes + HEAD_SIZE, size - HEAD_SIZE},
		memcmp(bytes + MAGIC_SIZE + 4, l->boot, 16) == 0 && memcmp(l->boot, none, 16) != 0);
}

static int by_call(const void *one, const void *other)
{
	const struct entry *a = one, *b = other;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	if (a->id.n != b->id.n)
		return a->id.n < b->id.n ? -1 : 1;
	if (!text_equal(a->id, b->id))
		return memcmp(a->id.s, b->id.s, a->id.n);
	return a->place < b->place ? -1 : 1;
}

static int by_age(const void *one, const void *other)
{
	const struct entry *a = one, *b = other;

	if (a->created != b->created)
		return a->created < b->created ? -1 : 1;
	return a->place < b->place ? -1 : 1;
}

/* Keeps of each call its newest record. */
static void keep_newest(struct reading *r)
{
	size_t kept = 0;

	qsort(r->at, r->n, sizeof(*r->at), by_call);
	for (size_t i = 0; i < r->n; i++) {
		bool last = i + 1 == r->n || !text_equal(r->at[i].id, r->at[i + 1].id);

		if (last && r->at[i].record.n)
			r->at[kept++] = r->at[i];
	}
	r->n = kept;
	qsort(r->at, r->n, sizeof(*r->at), by_age);
}

static void say_damage(const struct reading *r)
{
	if (r->damaged)
		log_say(LOG_WARNING, "--state-dir: %u damaged entries are left out", r->damaged);
	if (r->versions)
		log_say(LOG_WARNING, "--state-dir: %u entries of another version are left out", r->versions);
}

int session_log_read(struct session_log *l, void (*take)(void *context, const struct session_found *f), void *context)
{
	struct reading r = {.files = calloc(l->number ? (size_t)l->number - l->oldest + 1 : 1, sizeof(char *))};
	int rc = r.files ? 0 : -ENOMEM;

	for (uint32_t n = l->oldest; n && n <= l->number && !rc; n++)
		rc = read_file(l, &r, n);
	if (!rc && r.n)
		keep_newest(&r);
	say_damage(&r);
	for (size_t i = 0; i < r.n && !rc; i++)
		take(context, &(struct session_found){r.at[i].record, r.at[i].same_boot, r.left});
	for (unsigned i = 0; i < r.file_count; i++)
		free(r.files[i]);
	free(r.files);
	free(r.at);
	return rc;
}

/* ---- writing ---- */

size_t session_entry_begin(struct out *to, enum session_kind kind)
{
	static const char head[ENTRY_HEAD];
	size_t begin = to->n;

	out_add(to, (struct text){head, sizeof(head)});
	out_char(to, (char)kind);
	return begin;
}

void session_entry_end(struct out *to, size_t begin)
{
	struct text content = text_from(out_text(to), begin + ENTRY_HEAD);
	uint8_t *head = (uint8_t *)to->s + begin;

	if (to->failed)
		return;
	put(head, ENTRY_MARK, 4);
	put(head + 4, content.n, 4);
	put(head + 8, checksum(content), 8);
}

/* What a full disk took of it is taken back, so that the next entry stands behind a whole one. */
static int append(int fd, uint64_t *bytes, struct text t)
{
	size_t done = 0;
	int rc = 0;

	while (done < t.n && !rc) {
		ssize_t n = write(fd, t.s + done, t.n - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			rc = -errno;
	}
	if (!rc)
		*bytes += t.n;
	else if (done && ftruncate(fd, (off_t)*bytes) != 0)
		log_say(LOG_ERR, "--state-dir: what follows half an entry cannot be read: %m");
	return rc;
}

int session_log_add(struct session_log *l, struct text entries)
{
	int rc = l->file < 0 ? session_log_next(l) : 0;

	return rc ? rc : append(l->file, &l->bytes, entries);
}

uint32_t session_log_number(const struct session_log *l)
{
	return l->number;
}

uint64_t session_log_bytes(const struct session_log *l)
{
	return l->bytes;
}

int session_log_next(struct session_log *l)
{
	uint8_t head[HEAD_SIZE] = MAGIC;
	char name[NAME_MAX_CALLS];
	uint64_t bytes = 0;
	int fd, rc;

	name_of(name, l->number + 1);
	fd = openat(l->directory, name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	put(head + MAGIC_SIZE, FORMAT, 4);
	memcpy(head + MAGIC_SIZE + 4, l->boot, sizeof(l->boot));
	put(head + MAGIC_SIZE + 20, l->key[0], 8);
	put(head + MAGIC_SIZE + 28, l->key[1], 8);
	rc = append(fd, &bytes, (struct text){(const char *)head, sizeof(head)});
	if (rc) {
		unlinkat(l->directory, name, 0);
		close(fd);
		return rc;
	}
	if (l->file >= 0)
		close(l->file);
	l->file = fd;
	l->bytes = bytes;
	l->number++;
	if (!l->oldest)
		l->oldest = l->number;
	return 0;
}

void session_log_forget(struct session_log *l)
{
	for (; l->oldest < l->number; l->oldest++) {
		char name[NAME_MAX_CALLS];

		name_of(name, l->oldest);
		unlinkat(l->directory, name, 0);
	}
}
