/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every SDP of a folder on its way through a call's life: offered, answered by another and by itself, re-offered by either side,
 * deleted. It may be refused, with one of the reasons below; else what comes back is an SDP with as many m-lines, each on a port of
 * ours or rejected, or left alone, and the core's books are right after each step.
 */
#include "sweep.h"

#include "../unit/world.h"
#include "node.h"

#include "core/sdp.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static struct world world;
static const char *name; /* of the file */
static unsigned failed;

static bool fail(const char *step, const char *what)
{
	printf("%s: %s: %s\n", name, step, what);
	failed++;
	return false;
}

static void add(struct node *dict, const char *key, struct text value)
{
	struct node *n = node_new(NODE_STRING);

	n->key = text_of(key);
	n->string = value;
	node_add(dict, n);
}

static struct node *ask(const char *command, const char *from, const char *to, struct text sdp)
{
	struct node *request = node_new(NODE_DICT), *reply;
	struct text wire;
	struct out o;

	add(request, "command", text_of(command));
	add(request, "call-id", TEXT("sweep"));
	add(request, "from-tag", text_of(from));
	if (*to)
		add(request, "to-tag", text_of(to));
	if (sdp.n)
		add(request, "sdp", sdp);
	add(request, "received-from", TEXT("198.51.100.9"));
	add(request, "delete-delay", TEXT("0"));
	out_init(&o, OUT_MAX);
	node_write_bencode(request, &o);
	wire = world_ask(&world, out_text(&o), NULL);
	reply = node_parse_bencode(text_copy(wire));
	out_free(&o);
	return reply;
}

static bool may_be_refused(struct text reason)
{
	return text_is(reason, "Failed to parse SDP") || text_is(reason, "Error rewriting SDP");
}

/* Its ports are ours, or none. */
static bool check_media(const char *step, const struct sdp_media *m)
{
	if (m->transport == SDP_OTHER || m->rejected)
		return true;
	if (m->rtp.port < 20000 || m->rtp.port > 29999 || m->rtp.port % 2)
		return fail(step, "an m-line is on no port of ours");
	if (!m->held && !text_is(m->type, "") && m->unusable)
		return fail(step, "an m-line has no address");
	return true;
}

static bool check_sdp(const char *step, struct text out, const struct sdp *in)
{
	static struct sdp sdp;

	if (sdp_parse(out, &sdp) < 0)
		return fail(step, "what comes back is no SDP");
	if (sdp.count != in->count)
		return fail(step, "it has another number of m-lines");
	for (unsigned i = 0; i < sdp.count; i++)
		if (!check_media(step, &sdp.media[i]))
			return false;
	return true;
}

/* False: refused, or wrong. */
static bool step(const char *what, const char *command, const char *from, const char *to, struct text body)
{
	static struct sdp in;
	const struct node *reply = ask(command, from, to, body), *result, *sdp, *reason;
	const char *wrong = world_check(&world);

	if (wrong)
		return fail(what, wrong);
	if (!reply || !(result = node_find(reply, TEXT("result"))))
		return fail(what, "no reply");
	reason = node_find(reply, TEXT("error-reason"));
	if (reason)
		return may_be_refused(reason->string) ? false : fail(what, text_copy(reason->string).s);
	sdp = node_find(reply, TEXT("sdp"));
	if (!body.n)
		return true;
	if (!sdp || sdp_parse(body, &in) < 0)
		return fail(what, "no SDP comes back");
	return check_sdp(what, sdp->string, &in);
}

#define PLAIN "v=0\r\no=- 1 1 IN IP4 203.0.113.9\r\ns=-\r\nc=IN IP4 203.0.113.9\r\nt=0 0\r\nm=audio 7000 RTP/AVP 8\r\n"

static void live(struct text sdp)
{
	world_configure(&world);
	if (!world_start(&world))
		abort();
	if (step("offer", "offer", "a", "", sdp)) {
		step("answer by another", "answer", "a", "b", TEXT(PLAIN));
		step("re-offer", "offer", "a", "b", sdp);
		step("answer by itself", "answer", "a", "b", sdp);
		step("re-offer from the other side", "offer", "b", "a", sdp);
		step("answer to that", "answer", "b", "a", sdp);
		step("re-offer of another", "offer", "b", "a", TEXT(PLAIN));
		step("answer to that", "answer", "b", "a", TEXT(PLAIN));
		step("query", "query", "a", "", (struct text){0});
	}
	step("delete", "delete", "a", "", (struct text){0});
	if (world_open_sockets(&world))
		fail("delete", "sockets are left open");
	if (world_stop(&world))
		fail("end", "something is left");
	node_forget();
}

static int is_sdp(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return n > 4 && strcmp(e->d_name + n - 4, ".sdp") == 0;
}

static void sweep_file(const char *folder, const char *file)
{
	static char bytes[SDP_MAX];
	char path[512];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	name = file;
	f = fopen(path, "rb");
	if (!f) {
		fail("file", "cannot be read");
		return;
	}
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	live((struct text){bytes, n});
}

unsigned sweep(const char *folder, unsigned *files)
{
	struct dirent **found;
	int n = scandir(folder, &found, is_sdp, alphasort);

	failed = 0;
	*files = n > 0 ? (unsigned)n : 0;
	for (int i = 0; i < n; i++) {
		sweep_file(folder, found[i]->d_name);
		free(found[i]);
	}
	if (n >= 0)
		free(found);
	return failed;
}
