/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recorder.h"

#include "clock.h"
#include "log.h"
#include "pcap.h"
#include "recording_path.h"
#include "ring.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

#define RESERVE (64 * 1024) /* of the buffer, that packets leave to the messages that must come through */
#define METADATA_MAX 16384
#define DRAIN_S 5

/* One file. The first thread makes it and forgets it with its STOP; then the second one's word ends it. */
struct recording {
	struct recording *next, *stop_next; /* of those that the second thread writes; of those whose STOP found no room */
	FILE *pcap;
	int directory;        /* it is in */
	char name[256];
	char *file;           /* its whole path */
	struct out about;     /* the text file, so far */
	bool discard, dirty, said;
	uint64_t left_out;    /* of the first thread */
	uint64_t packets;     /* of the second */
	atomic_bool failed;
};

enum message_kind { MESSAGE_START, MESSAGE_PACKET, MESSAGE_STOP, MESSAGE_END };

struct message {
	struct recording *recording;
	uint64_t epoch_us;
	struct endpoint from, to;
	uint8_t kind;
	uint8_t payload[];
};

struct recorder {
	int directory;
	char *path, *pattern;
	bool ethernet, threaded;
	struct ring ring;
	int wake;
	atomic_bool asleep;
	pthread_t thread;
	struct recording *unstopped;
	struct recorder_counts counts; /* of the first thread */
	atomic_uint_fast64_t written, failed;
};

struct recorder *recorder_new(const struct recorder_options *o, int *error)
{
	struct recorder *r = calloc(1, sizeof(*r));

	*error = -ENOMEM;
	if (!r)
		return NULL;
	r->wake = -1;
	r->ethernet = o->ethernet;
	r->directory = open(o->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->directory < 0)
		*error = -errno;
	r->path = realpath(o->directory, NULL);
	r->pattern = strdup(o->pattern ? o->pattern : "%c-%r");
	if (r->directory >= 0 && r->path && r->pattern && ring_init(&r->ring, o->buffer) == 0) {
		*error = 0;
		return r;
	}
	recorder_free(r);
	return NULL;
}

/* ---- messages ---- */

static void send_message(struct recorder *r, size_t size)
{
	uint64_t one = 1;

	ring_send(&r->ring, size);
	if (atomic_exchange(&r->asleep, false) && write(r->wake, &one, sizeof(one)) < 0)
		return; /* cannot be: the counter would have to overflow */
}

static bool send_word(struct recorder *r, enum message_kind kind, struct recording *to)
{
	struct message *m = ring_room(&r->ring, sizeof(*m), 0);

	if (!m)
		return false;
	*m = (struct message){.recording = to, .kind = (uint8_t)kind};
	send_message(r, sizeof(*m));
	return true;
}

void recorder_packet(struct recorder *r, struct recording *to, const struct packet *p, const struct endpoint *at)
{
	struct message *m = ring_room(&r->ring, sizeof(*m) + p->length, RESERVE);

	if (!m) {
		to->left_out++;
		r->counts.left_out++;
		return;
	}
	m->recording = to;
	m->epoch_us = clock_us(CLOCK_REALTIME);
	m->from = p->source;
	m->to = *at;
	m->kind = MESSAGE_PACKET;
	memcpy(m->payload, p->bytes, p->length);
	send_message(r, sizeof(*m) + p->length);
}

/* ---- start and stop: the first thread ---- */

static void add_line(struct out *o, const char *key, struct text value)
{
	char line[1024];

	log_printable((struct text){value.s, value.n < 4000 ? value.n : 4000}, line, sizeof(line));
	out_string(o, key);
	out_string(o, ": ");
	out_string(o, line);
	out_char(o, '\n');
}

static void add_time(struct out *o, const char *key)
{
	char text[40];
	time_t now = time(NULL);
	struct tm tm;

	strftime(text, sizeof(text), "%FT%TZ", gmtime_r(&now, &tm));
	add_line(o, key, text_of(text));
}

static int open_file(struct recorder *r, struct recording *to, char path[RECORDING_PATH_MAX])
{
	const char *name;
	int fd;

	if (asprintf(&to->file, "%s/%s", r->path, path) < 0) {
		to->file = NULL;
		return -ENOMEM;
	}
	to->directory = recording_open_directory(r->directory, path, &name);
	if (to->directory < 0)
		return to->directory;
	if (strlen(name) >= sizeof(to->name))
		return -ENAMETOOLONG;
	strcpy(to->name, name);
	fd = openat(to->directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd < 0)
		return -errno;
	to->pcap = fdopen(fd, "w");
	if (!to->pcap) {
		close(fd);
		unlinkat(to->directory, name, 0);
		return -ENOMEM;
	}
	return 0;
}

static void recording_free(struct recording *to)
{
	if (to->pcap)
		fclose(to->pcap);
	if (to->directory >= 0)
		close(to->directory);
	out_free(&to->about);
	free(to->file);
	free(to);
}

int recorder_start(struct recorder *r, struct call *c, struct text file, struct text directory, struct text pattern,
	struct text metadata)
{
	struct recording *to = calloc(1, sizeof(*to));
	char path[RECORDING_PATH_MAX];
	uint64_t random = 0;
	time_t now = time(NULL);
	struct tm tm;
	int rc;

	if (!to)
		return -ENOMEM;
	to->directory = -1;
	out_init(&to->about, METADATA_MAX);
	if (getrandom(&random, sizeof(random), 0) < 0)
		random = clock_now();
	rc = recording_path(path, r->path, file, directory, pattern.n ? pattern : text_of(r->pattern), c->id, random, localtime_r(&now, &tm));
	if (!rc) {
		add_line(&to->about, "file", text_of(path));
		add_line(&to->about, "call-id", c->id);
		add_time(&to->about, "started");
		if (metadata.n)
			add_line(&to->about, "metadata", metadata);
		rc = open_file(r, to, path);
	}
	if (!rc && !send_word(r, MESSAGE_START, to)) {
		unlinkat(to->directory, to->name, 0);
		rc = -ENOBUFS;
	}
	if (rc) {
		recording_free(to);
		return rc;
	}
	c->recording = to;
	c->recording_file = text_of(to->file);
	r->counts.recordings++;
	r->counts.running++;
	return 0;
}

/* Which ports and addresses are whose, so that the packets can be told apart. */
static void add_parties(struct out *o, const struct call *c)
{
	char text[200], local[ENDPOINT_TEXT_MAX];

	for (const struct party *p = c->parties; p; p = p->next) {
		add_line(o, "party", p->tag);
		if (p->label.n)
			add_line(o, "label", p->label);
		for (unsigned i = 0; i < p->stream_count; i++) {
			const struct component *at = &p->streams[i]->rtp;

			endpoint_format(at->learning.state == LEARN_LOCKED ? &at->learning.source : &at->signalled, local);
			snprintf(text, sizeof(text), "%u: %s at port %u, SSRC %08x", i, local, at->port, at->in.ssrc);
			add_line(o, "stream", text_of(text));
		}
	}
}

void recorder_stop(struct recorder *r, struct call *c, bool discard)
{
	struct recording *to = c->recording;
	char text[40];

	if (!to)
		return;
	c->recording = NULL;
	to->discard = discard;
	add_time(&to->about, "ended");
	if (c->metadata.n)
		add_line(&to->about, "call-metadata", c->metadata);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)to->left_out);
	add_line(&to->about, "packets-left-out", text_of(text));
	add_parties(&to->about, c);
	r->counts.running--;
	if (r->unstopped || !send_word(r, MESSAGE_STOP, to)) {
		to->stop_next = r->unstopped;
		r->unstopped = to;
	}
}

void recorder_tick(struct recorder *r)
{
	uint64_t failed = atomic_load(&r->failed);

	while (r->unstopped) {
		struct recording *next = r->unstopped->stop_next;

		if (!send_word(r, MESSAGE_STOP, r->unstopped))
			break;
		r->unstopped = next;
	}
	if (failed > r->counts.failed)
		log_say(LOG_ERR, "%llu recordings could not be written to the end: is there room in %s?",
			(unsigned long long)(failed - r->counts.failed), r->path);
	r->counts.failed = failed;
}

struct recorder_counts recorder_counts(const struct recorder *r)
{
	struct recorder_counts c = r->counts;

	c.packets = atomic_load(&r->written);
	c.failed = atomic_load(&r->failed);
	return c;
}

/* ---- the second thread ---- */

static void fail(struct recorder *r, struct recording *to)
{
	if (!atomic_exchange(&to->failed, true))
		atomic_fetch_add(&r->failed, 1);
}

static void write_start(struct recorder *r, struct recording *to)
{
	uint8_t head[PCAP_FILE_HEADER];

	pcap_file_header(head, r->ethernet);
	if (fwrite(head, sizeof(head), 1, to->pcap) != 1)
		fail(r, to);
	to->dirty = true;
}

static void write_packet(struct recorder *r, const struct message *m, size_t size)
{
	struct recording *to = m->recording;
	uint8_t head[PCAP_HEADERS_MAX];
	size_t length = size - sizeof(*m), n;

	if (atomic_load(&to->failed))
		return;
	n = pcap_packet_headers(head, r->ethernet, m->epoch_us, &m->from, &m->to, m->payload, length);
	if (fwrite(head, n, 1, to->pcap) != 1 || (length && fwrite(m->payload, length, 1, to->pcap) != 1)) {
		fail(r, to);
		return;
	}
	to->packets++;
	to->dirty = true;
	atomic_fetch_add_explicit(&r->written, 1, memory_order_relaxed);
}

/* NAME.txt beside NAME.pcap, complete or not there. */
static void write_about(struct recorder *r, struct recording *to)
{
	char name[sizeof(to->name) + 8], number[32];
	size_t n = strlen(to->name);
	FILE *f;
	int fd;

	if (n > 5 && strcmp(to->name + n - 5, ".pcap") == 0)
		n -= 5;
	snprintf(name, sizeof(name), "%.*s.txt", (int)n, to->name);
	snprintf(number, sizeof(number), "%llu", (unsigned long long)to->packets);
	add_line(&to->about, "packets", text_of(number));
	fd = openat(to->directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
	f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!f || fwrite(to->about.s, 1, to->about.n, f) != to->about.n)
		fail(r, to);
	if (f && fclose(f) != 0)
		fail(r, to);
	else if (!f && fd >= 0)
		close(fd);
}

static void write_stop(struct recorder *r, struct recording *to, struct recording **all)
{
	while (*all && *all != to)
		all = &(*all)->next;
	if (*all)
		*all = to->next;
	if (fclose(to->pcap) != 0)
		fail(r, to);
	to->pcap = NULL;
	if (to->discard)
		unlinkat(to->directory, to->name, 0);
	else
		write_about(r, to);
	recording_free(to);
}

static void flush_all(struct recorder *r, struct recording *all)
{
	for (; all; all = all->next) {
		if (all->dirty && fflush(all->pcap) != 0)
			fail(r, all);
		all->dirty = false;
	}
}

/* Sleeps until the first thread has sent something, or a second. False: nothing came. */
static bool sleep_until_sent(struct recorder *r)
{
	struct pollfd woken = {.fd = r->wake, .events = POLLIN};
	uint64_t count;
	size_t n;

	atomic_store(&r->asleep, true);
	if (ring_peek(&r->ring, &n)) {
		atomic_store(&r->asleep, false);
		return true;
	}
	if (poll(&woken, 1, 1000) != 1)
		return false;
	return read(r->wake, &count, sizeof(count)) == sizeof(count);
}

static void *recorder_thread(void *argument)
{
	struct recorder *r = argument;
	struct recording *all = NULL;
	bool running = true;
	struct message *m;
	size_t size;

	while (running) {
		m = ring_peek(&r->ring, &size);
		if (!m) {
			if (!sleep_until_sent(r))
				flush_all(r, all);
			continue;
		}
		switch (m->kind) {
		case MESSAGE_START:
			m->recording->next = all;
			all = m->recording;
			write_start(r, m->recording);
			break;
		case MESSAGE_PACKET:
			write_packet(r, m, size);
			break;
		case MESSAGE_STOP:
			write_stop(r, m->recording, &all);
			break;
		default:
			running = false;
		}
		ring_taken(&r->ring, size);
	}
	return NULL;
}

int recorder_run(struct recorder *r)
{
	sigset_t all, before;
	int rc;

	r->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->wake < 0)
		return -errno;
	sigfillset(&all); /* signals are the first thread's */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&r->thread, NULL, recorder_thread, r);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	r->threaded = rc == 0;
	return -rc;
}

/* At the very end, so that it keeps no call waiting. False: the disk has not taken it in that time; the thread still uses `r`. */
static bool drain(struct recorder *r)
{
	struct timespec end;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += DRAIN_S;
	while (r->unstopped || !send_word(r, MESSAGE_END, NULL)) {
		if (time(NULL) >= end.tv_sec)
			return false;
		recorder_tick(r);
		usleep(1000);
	}
	return pthread_timedjoin_np(r->thread, NULL, &end) == 0;
}

void recorder_free(struct recorder *r)
{
	if (!r)
		return;
	if (r->threaded && !drain(r)) {
		log_say(LOG_ERR, "%s does not take what was recorded: the end of the recordings is lost", r->path);
		return;
	}
	if (r->wake >= 0)
		close(r->wake);
	if (r->directory >= 0)
		close(r->directory);
	ring_free(&r->ring);
	free(r->path);
	free(r->pattern);
	free(r);
}
