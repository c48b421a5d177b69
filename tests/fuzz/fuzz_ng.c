/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as an ng message. What is a dictionary, and is written again, says the same; what is cut off is known as a beginning;
 * every text of a decoded request can be read; and the same bytes as rtpp-flags, and as one flag, harm nothing.
 */
#include "core/request.h"
#include "core/value.h"

#include <errno.h>
#include <stdlib.h>

#define NODES 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct parsed {
	struct value_tree tree;
	struct value nodes[NODES];
	char *space;
};

static struct parsed first, second;
static struct out once, twice;

static void must(int condition)
{
	if (!condition)
		abort();
}

static int parse(struct parsed *p, struct text in, size_t *used)
{
	struct scratch scratch;
	int err;

	free(p->space);
	p->space = malloc(in.n + 1);
	must(p->space != NULL);
	p->tree = (struct value_tree){p->nodes, 0, NODES};
	scratch = (struct scratch){p->space, 0, in.n};
	err = in.s[0] == '{' ? json_parse(in, &p->tree, &scratch, used) : bencode_parse(in, &p->tree, used);
	must(!err || (p->tree.n == 0 && scratch.n == 0));
	return err;
}

/* ---- written again ---- */

static void write_children(struct reply *w, const struct value_tree *t, unsigned at);

static void write_one(struct reply *w, const struct value_tree *t, unsigned at)
{
	if (t->at[at].kind == VALUE_INTEGER) {
		reply_integer(w, t->at[at].integer);
	} else if (t->at[at].kind == VALUE_STRING) {
		reply_string(w, t->at[at].string);
	} else {
		if (t->at[at].kind == VALUE_DICT)
			reply_dict(w);
		else
			reply_list(w);
		write_children(w, t, at); /* as deep as the parser allows */
		reply_close(w);
	}
}

static void write_children(struct reply *w, const struct value_tree *t, unsigned at)
{
	VALUE_EACH(child, t, at) {
		if (t->at[at].kind == VALUE_DICT) {
			reply_key(w, t->at[child].string);
			child = t->at[child].next;
		}
		write_one(w, t, child);
	}
}

static struct text written(struct out *to, enum ng_encoding encoding, const struct value_tree *t)
{
	struct reply w;

	to->max = OUT_MAX;
	out_clear(to);
	reply_start(&w, encoding, to);
	write_children(&w, t, 0);
	reply_finish(&w);
	must(!to->failed);
	return out_text(to);
}

static void must_equal(const struct value_tree *a, const struct value_tree *b)
{
	must(a->n == b->n);
	for (unsigned i = 0; i < a->n; i++) {
		must(a->at[i].kind == b->at[i].kind && a->at[i].next == b->at[i].next && a->at[i].integer == b->at[i].integer);
		must(a->at[i].kind != VALUE_STRING || text_equal(a->at[i].string, b->at[i].string));
	}
}

static void round_trip(struct text in)
{
	struct text again;
	size_t used = 0, cut;
	int err = parse(&first, in, &used);

	must(!err || err == -EAGAIN || err == -EINVAL || err == -E2BIG);
	if (err)
		return;
	must(used >= 2 && used <= in.n);
	again = written(&once, NG_BENCODE, &first.tree);
	must(parse(&second, again, &used) == 0 && used == again.n);
	must_equal(&first.tree, &second.tree);
	again = written(&once, NG_JSON, &first.tree);
	must(parse(&second, again, &used) == 0 && used == again.n);
	must(text_equal(written(&twice, NG_JSON, &second.tree), again)); /* what was no UTF-8 became it the first time */
	cut = 1 + again.n * 7 / 11 % (again.n - 1);
	must(parse(&second, (struct text){again.s, cut}, &used) == -EAGAIN);
}

/* ---- decoded ---- */

static void read_texts(const struct ng_texts *t)
{
	static const uint64_t key[2];

	must(t->n <= NG_TEXTS_MAX);
	for (unsigned i = 0; i < t->n; i++)
		text_hash(t->at[i], key); /* reads every byte */
}

static void read_attributes(const struct ng_attributes *a)
{
	must(a->substitute.n % 2 == 0);
	read_texts(&a->add);
	read_texts(&a->remove);
	read_texts(&a->substitute);
}

static void read_request(const struct ng_request *r)
{
	const struct ng_texts texts = {20, false, {r->command_text, r->call_id, r->from_tag, r->to_tag, r->via_branch, r->label, r->from_label,
			r->to_label, r->set_label, r->to_call_id, r->all, r->sdp, r->direction[0], r->direction[1], r->media_address_text,
			r->transport_protocol, r->metadata, r->recording_file, r->recording_dir, r->recording_pattern}};
	const struct ng_texts *const lists[] = {&texts, &r->from_tags, &r->codec_strip, &r->codec_offer, &r->codec_except, &r->media_remove,
			&r->t38, &r->sdes, &r->osrtp, &r->dtls, &r->unknown, &r->ignored};

	must(r->command < NG_COMMAND_COUNT && r->directions <= 2 && r->tos >= -1 && r->tos <= 255 && r->delete_delay_s >= -1);
	must(!r->unsupported || r->command == NG_OFFER || r->command == NG_ANSWER);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		read_texts(lists[i]);
	read_attributes(&r->attributes_session);
	read_attributes(&r->attributes_audio);
	read_attributes(&r->attributes_video);
}

static void decode(struct text in)
{
	static struct ng_decoder *decoder;
	static struct ng_request r;
	enum ng_encoding encoding;

	if (!decoder)
		decoder = ng_decoder_new();
	must(decoder != NULL);
	if (!ng_decode(decoder, in, &r, &encoding))
		ng_refusal(&r);
	read_request(&r);
}

/* The bytes as the value of one key of an offer. */
static void decode_as(const char *key, bool list, struct text in)
{
	struct reply w;

	once.max = OUT_MAX;
	out_clear(&once);
	reply_start(&w, NG_BENCODE, &once);
	reply_put_string(&w, "command", TEXT("offer"));
	reply_key(&w, text_of(key));
	if (list)
		reply_list(&w);
	reply_string(&w, in);
	reply_finish(&w);
	decode(out_text(&once));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text in = {(const char *)data, size}, cookie, dict;

	if (size == 0 || size > 32768)
		return 0;
	if (ng_split(in, &cookie, &dict))
		must(cookie.n + dict.n + 1 == size);
	if (in.s[0] == '{' || in.s[0] == 'd')
		round_trip(in);
	decode(in);
	decode_as("rtpp-flags", false, in);
	decode_as("flags", true, in);
	return 0;
}
