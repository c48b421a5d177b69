/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode.h"

#include <errno.h>
#include <stdlib.h>

#define NODES_MAX 2048 /* a request of Kamailio's has about fifty */

struct ng_decoder {
	struct value nodes[NODES_MAX];
	char *scratch;
	size_t room;
};

struct ng_decoder *ng_decoder_new(void)
{
	return calloc(1, sizeof(struct ng_decoder));
}

void ng_decoder_free(struct ng_decoder *d)
{
	if (d)
		free(d->scratch);
	free(d);
}

bool ng_split(struct text datagram, struct text *cookie, struct text *dict)
{
	const char *space = datagram.n ? memchr(datagram.s, ' ', datagram.n) : NULL;

	if (!space || space == datagram.s)
		return false;
	*dict = datagram;
	*cookie = text_until(dict, ' ');
	return true;
}

/* JSON's escapes and those of flags shorten what they are in, each at most once: twice the request is always enough. */
static bool scratch_for(struct ng_decoder *d, struct text dict)
{
	size_t room = 2 * dict.n + 1;
	char *s;

	if (room <= d->room)
		return true;
	s = realloc(d->scratch, room);
	if (!s)
		return false;
	d->scratch = s;
	d->room = room;
	return true;
}

/* The tree of the dictionary, or the error-reason. */
static const char *parse(struct decode *d, struct text dict, enum ng_encoding *encoding)
{
	size_t used;

	if (dict.n == 0)
		return "Invalid data (no payload)";
	if (dict.s[0] == 'd')
		return bencode_parse(dict, &d->tree, &used) ? "Could not decode bencode dictionary" : NULL;
	if (dict.s[0] != '{')
		return "Invalid NG data format";
	*encoding = NG_JSON;
	return json_parse(dict, &d->tree, &d->scratch, &used) ? "Failed to parse JSON document" : NULL;
}

/* Media flags may come with any command (Kamailio's rtpengine_manage() gives them to all), but count for two. */
static void conclude(struct decode *d)
{
	struct ng_request *r = d->out;

	if (!r->directions && d->interface.n) {
		r->direction[0] = r->direction[1] = d->interface;
		r->directions = 2;
	}
	if (r->command == NG_OFFER || r->command == NG_ANSWER)
		r->unsupported = d->unsupported;
}

const char *ng_decode(struct ng_decoder *decoder, struct text dict, struct ng_request *out, enum ng_encoding *encoding)
{
	static const struct key root = {NAME(""), take_dict, 0, NULL, &decode_request_keys, NULL};
	struct decode d = {.out = out, .tree = {decoder->nodes, 0, NODES_MAX}};
	const char *error;

	*out = (struct ng_request){.tos = -1, .delete_delay_s = -1, .limit = INT64_MIN};
	*encoding = NG_BENCODE;
	if (!scratch_for(decoder, dict))
		return "Out of memory";
	d.scratch = (struct scratch){decoder->scratch, 0, decoder->room};
	error = parse(&d, dict, encoding);
	if (error)
		return error;
	take_dict(&d, &root, 0, out);
	conclude(&d);
	if (!out->command_text.s)
		return "Dictionary contains no key \"command\"";
	return out->command ? NULL : "Unrecognized command";
}

/* ---- what a command needs ---- */

enum { CALL = 1, FROM = 2, TO = 4, SDP = 8, ELSEWHERE = 16 /* work on media, or with several calls: not done here */ };

static const uint8_t needs[NG_COMMAND_COUNT] = {
		[NG_OFFER] = SDP | CALL | FROM,
		[NG_ANSWER] = SDP | CALL | FROM | TO,
		[NG_DELETE] = CALL,
		[NG_QUERY] = CALL,
		[NG_START_RECORDING] = CALL,
		[NG_STOP_RECORDING] = CALL,
		[NG_PAUSE_RECORDING] = CALL,
		[NG_BLOCK_MEDIA] = CALL,
		[NG_UNBLOCK_MEDIA] = CALL,
		[NG_SILENCE_MEDIA] = CALL,
		[NG_UNSILENCE_MEDIA] = CALL,
		[NG_BLOCK_DTMF] = CALL,
		[NG_UNBLOCK_DTMF] = CALL,
		[NG_START_FORWARDING] = CALL,
		[NG_STOP_FORWARDING] = CALL,
		[NG_PLAY_MEDIA] = ELSEWHERE,
		[NG_STOP_MEDIA] = ELSEWHERE,
		[NG_PLAY_DTMF] = ELSEWHERE,
		[NG_PUBLISH] = ELSEWHERE,
		[NG_SUBSCRIBE_REQUEST] = ELSEWHERE,
		[NG_SUBSCRIBE_ANSWER] = ELSEWHERE,
		[NG_UNSUBSCRIBE] = ELSEWHERE,
		[NG_CONNECT] = ELSEWHERE,
		[NG_TRANSFORM] = ELSEWHERE,
		[NG_CREATE] = ELSEWHERE,
		[NG_CREATE_ANSWER] = ELSEWHERE,
		[NG_INJECT_START] = ELSEWHERE,
		[NG_INJECT_STOP] = ELSEWHERE,
		[NG_MESH] = ELSEWHERE,
		[NG_CLI] = ELSEWHERE,
};

const char *ng_command_name(enum ng_command c)
{
	static const char *const names[NG_COMMAND_COUNT] = {
			"",
#define X(id, name) name,
			NG_COMMANDS(X)
#undef X
	};

	return names[c];
}

const char *ng_refusal(const struct ng_request *r)
{
	uint8_t n = needs[r->command];

	if (n & ELSEWHERE)
		return "unsupported";
	if ((n & SDP) && !r->sdp.n)
		return "No SDP body in message";
	if ((n & CALL) && !r->call_id.n)
		return "No call-id in message";
	if ((n & FROM) && !r->from_tag.n)
		return "No from-tag in message";
	if ((n & TO) && !r->to_tag.n)
		return "No to-tag in message";
	return r->unsupported;
}
