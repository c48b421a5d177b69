/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests as clients send them, decoded. Those in JSON are written in JSON here; bencode() makes the same of them in bencode. */
#include "relay_suites.h"
#include "memory.h"

#include "core/request.h"
#include "core/value.h"

#include <stdio.h>
#include <stdlib.h>

static struct ng_decoder *decoder;
static struct ng_request r;
static enum ng_encoding encoding;
static const char *error;

static void setup_decoder(void)
{
	if (!decoder)
		decoder = ng_decoder_new();
	ck_assert_ptr_nonnull(decoder);
}

static void decode(struct text dict)
{
	setup_decoder();
	error = ng_decode(decoder, dict, &r, &encoding);
}

/* ---- a JSON text as bencode ---- */

static void bencode(struct reply *w, const struct value_tree *t, unsigned at)
{
	bool dict = t->at[at].kind == VALUE_DICT;

	VALUE_EACH(child, t, at) {
		if (dict) {
			reply_key(w, t->at[child].string);
			child = t->at[child].next;
		}
		if (t->at[child].kind == VALUE_INTEGER) {
			reply_integer(w, t->at[child].integer);
		} else if (t->at[child].kind == VALUE_STRING) {
			reply_string(w, t->at[child].string);
		} else {
			if (t->at[child].kind == VALUE_DICT)
				reply_dict(w);
			else
				reply_list(w);
			bencode(w, t, child);
			reply_close(w);
		}
	}
}

/* Decodes an offer with these further entries; in JSON, or the same in bencode. */
static struct out request;

static void offer_in(enum ng_encoding how, const char *entries)
{
	static char json[8192], space[8192];
	static struct value nodes[256];
	struct value_tree tree = {nodes, 0, 256};
	struct scratch scratch = {space, 0, sizeof(space)};
	struct reply w;
	size_t used;
	int n = snprintf(json, sizeof(json), "{\"command\":\"offer\",\"call-id\":\"c\",\"from-tag\":\"f\",\"sdp\":\"v=0\\r\\n\"%s%s}", *entries ? "," : "",
			entries);

	ck_assert(n > 0 && (size_t)n < sizeof(json));
	if (how == NG_JSON) {
		decode((struct text){json, (size_t)n});
	} else {
		ck_assert_int_eq(json_parse((struct text){json, (size_t)n}, &tree, &scratch, &used), 0);
		request.max = OUT_MAX;
		out_clear(&request);
		reply_start(&w, NG_BENCODE, &request);
		bencode(&w, &tree, 0);
		reply_finish(&w);
		decode(out_text(&request));
	}
	ck_assert_ptr_null(error);
	ck_assert_int_eq(encoding, how);
	ck_assert_int_eq(r.command, NG_OFFER);
	ck_assert(text_is(r.sdp, "v=0\r\n"));
}

static void offer(const char *entries)
{
	offer_in(NG_BENCODE, entries);
}

#define IS(text, should) ck_assert_msg(text_is((text), (should)), "is '%.*s', not '%s'", TEXT_ARGS(text), (should))

/* The texts of a list with commas between them. */
static void list_is(const struct ng_texts *t, const char *should)
{
	char line[2048] = "";
	size_t n = 0;

	for (unsigned i = 0; i < t->n; i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, "%s%.*s", i ? "," : "", TEXT_ARGS(t->at[i]));
	ck_assert_str_eq(line, should);
}

static void nothing_unknown(void)
{
	list_is(&r.unknown, "");
	list_is(&r.ignored, "");
	ck_assert_ptr_null(r.unsupported);
}

static struct text refusal(void)
{
	const char *s = error ? error : ng_refusal(&r);

	return text_of(s ? s : "");
}

/* ---- framing ---- */

START_TEST(a_datagram_is_split)
{
	struct text cookie, dict;

	ck_assert(ng_split(TEXT("1_2 d7:command4:pinge"), &cookie, &dict));
	IS(cookie, "1_2");
	IS(dict, "d7:command4:pinge");
	ck_assert(ng_split(TEXT("1_2 "), &cookie, &dict));
	ck_assert_uint_eq(dict.n, 0);
	ck_assert(!ng_split(TEXT(""), &cookie, &dict));
	ck_assert(!ng_split(TEXT("d7:command4:pinge"), &cookie, &dict));
	ck_assert(!ng_split(TEXT(" d7:command4:pinge"), &cookie, &dict));
}
END_TEST

static void framing(struct text dict, enum ng_encoding reply_in, const char *reason)
{
	decode(dict);
	IS(refusal(), reason);
	ck_assert_int_eq(encoding, reply_in);
}

START_TEST(what_cannot_be_decoded_is_said)
{
	framing(TEXT(""), NG_BENCODE, "Invalid data (no payload)");
	framing(TEXT("ping"), NG_BENCODE, "Invalid NG data format");
	framing(TEXT("l7:command4:pinge"), NG_BENCODE, "Invalid NG data format");
	framing(TEXT(" {\"command\":\"ping\"}"), NG_BENCODE, "Invalid NG data format");
	framing(TEXT("d7:command4:ping"), NG_BENCODE, "Could not decode bencode dictionary");
	framing(TEXT("d7:commande"), NG_BENCODE, "Could not decode bencode dictionary");
	framing(TEXT("{\"command\":\"ping\""), NG_JSON, "Failed to parse JSON document");
	framing(TEXT("{command:ping}"), NG_JSON, "Failed to parse JSON document");
	framing(TEXT("de"), NG_BENCODE, "Dictionary contains no key \"command\"");
	framing(TEXT("{\"call-id\":\"a\"}"), NG_JSON, "Dictionary contains no key \"command\"");
	framing(TEXT("d7:commandl4:pingee"), NG_BENCODE, "Dictionary contains no key \"command\"");
	framing(TEXT("d7:command0:e"), NG_BENCODE, "Unrecognized command");
	framing(TEXT("d7:command4:Pinge"), NG_BENCODE, "Unrecognized command");
	framing(TEXT("{\"command\":\"start forward\"}"), NG_JSON, "Unrecognized command");
	framing(TEXT("d7:command4:pinge\n"), NG_BENCODE, "");
	framing(TEXT("{\"command\":\"ping\"}\n"), NG_JSON, "");
}
END_TEST

START_TEST(so_many_parts_are_no_request)
{
	static char s[8192] = "d7:command4:ping5:flagsl";
	size_t n = strlen(s);

	for (unsigned i = 0; i < 3000; i++, n += 2)
		memcpy(s + n, "0:", 2);
	memcpy(s + n, "ee", 2);
	framing((struct text){s, n + 2}, NG_BENCODE, "Could not decode bencode dictionary");
}
END_TEST

START_TEST(every_command_has_its_name)
{
	char json[64];

	for (int i = NG_NO_COMMAND + 1; i < NG_COMMAND_COUNT; i++) {
		int n = snprintf(json, sizeof(json), "{\"command\":\"%s\"}", ng_command_name((enum ng_command)i));

		decode((struct text){json, (size_t)n});
		ck_assert_ptr_null(error);
		ck_assert_int_eq(r.command, i);
	}
	ck_assert_str_eq(ng_command_name(NG_NO_COMMAND), "");
}
END_TEST

START_TEST(what_is_missing_is_said_in_order)
{
	framing(TEXT("{\"command\":\"answer\"}"), NG_JSON, "No SDP body in message");
	framing(TEXT("{\"command\":\"answer\",\"sdp\":\"v=0\"}"), NG_JSON, "No call-id in message");
	framing(TEXT("{\"command\":\"answer\",\"sdp\":\"v=0\",\"call-id\":\"c\"}"), NG_JSON, "No from-tag in message");
	framing(TEXT("{\"command\":\"answer\",\"sdp\":\"v=0\",\"call-id\":\"c\",\"from-tag\":\"f\"}"), NG_JSON, "No to-tag in message");
	framing(TEXT("{\"command\":\"answer\",\"sdp\":\"v=0\",\"call-id\":\"c\",\"from-tag\":\"f\",\"to-tag\":\"t\"}"), NG_JSON, "");
	framing(TEXT("{\"command\":\"offer\",\"sdp\":\"v=0\",\"call-id\":\"c\",\"from-tag\":\"f\"}"), NG_JSON, "");
	framing(TEXT("{\"command\":\"offer\",\"sdp\":null,\"call-id\":\"c\",\"from-tag\":\"f\"}"), NG_JSON, "No SDP body in message");
	framing(TEXT("{\"command\":\"delete\"}"), NG_JSON, "No call-id in message");
	framing(TEXT("{\"command\":\"query\"}"), NG_JSON, "No call-id in message");
	framing(TEXT("{\"command\":\"block media\"}"), NG_JSON, "No call-id in message");
	framing(TEXT("{\"command\":\"list\"}"), NG_JSON, "");
	framing(TEXT("{\"command\":\"statistics\"}"), NG_JSON, "");
	framing(TEXT("{\"command\":\"play media\"}"), NG_JSON, "unsupported");
	framing(TEXT("{\"command\":\"create answer\"}"), NG_JSON, "unsupported");
}
END_TEST

/* ---- what clients send ---- */

/* As Kamailio 5.6 writes it for rtpengine_offer("trust-address replace-origin ICE=remove TOS=46 ..."). */
START_TEST(kamailio_5_6)
{
	offer("\"supports\":[\"load limit\"],\"direction\":[\"external\",\"internal\"],\"flags\":[\"trust-address\",\"strict-source\"],"
		  "\"replace\":[\"origin\",\"session-connection\"],\"codec\":{\"strip\":[\"PCMA\",\"opus\"],\"offer\":[\"G722\"]},"
		  "\"transport-protocol\":\"RTP/AVP\",\"rtcp-mux\":[\"demux\"],\"TOS\":46,\"ICE\":\"remove\",\"delete delay\":5,\"delete-delay\":\"5\","
		  "\"via-branch\":\"z9hG4bKx\",\"received-from\":[\"IP4\",\"192.0.2.7\"],\"label\":\"caller\",\"address-family\":\"IP6\"");
	nothing_unknown();
	ck_assert(r.load_limit_supported);
	ck_assert_uint_eq(r.directions, 2);
	IS(r.direction[0], "external");
	IS(r.direction[1], "internal");
	ck_assert_uint_eq(r.flags, NG_BIT(TRUST_ADDRESS) | NG_BIT(STRICT_SOURCE));
	ck_assert_uint_eq(r.replace, NG_REPLACE_ORIGIN);
	list_is(&r.codec_strip, "PCMA,opus");
	list_is(&r.codec_offer, "G722");
	IS(r.transport_protocol, "RTP/AVP");
	ck_assert_uint_eq(r.rtcp_mux, NG_MUX_DEMUX);
	ck_assert_int_eq(r.tos, 46);
	ck_assert_int_eq(r.ice, NG_ICE_REMOVE);
	ck_assert_int_eq(r.delete_delay_s, 5);
	IS(r.via_branch, "z9hG4bKx");
	ck_assert_uint_eq(r.received_from.family, 4);
	IS(r.label, "caller");
	IS(r.from_label, "caller");
	ck_assert_uint_eq(r.address_family, 6);
}
END_TEST

/* Kamailio 6.0 with the flags left to the daemon */
START_TEST(kamailio_6_0)
{
	offer("\"supports\":[\"load limit\"],\"sip-message-type\":\"sip_request\",\"rtpp-flags\":\"trust-address replace-origin replace=[session-name "
		  "username] codec=[strip=[PCMA  opus] except=PCMU] direction=pub direction=priv RTP AVPF TOS=184 label=callee to-tag=tt "
		  "rtcp-mux-offer endpoint-learning-off via-branch=auto-next\"");
	nothing_unknown();
	ck_assert(r.load_limit_supported);
	ck_assert_uint_eq(r.flags, NG_BIT(TRUST_ADDRESS) | NG_BIT(TO_TAG));
	ck_assert_uint_eq(r.replace, NG_REPLACE_ORIGIN | NG_REPLACE_SESSION_NAME | NG_REPLACE_USERNAME);
	list_is(&r.codec_strip, "PCMA,opus");
	list_is(&r.codec_except, "PCMU");
	ck_assert_uint_eq(r.directions, 2);
	IS(r.direction[0], "pub");
	IS(r.direction[1], "priv");
	IS(r.transport_protocol, "RTP/AVPF");
	ck_assert_int_eq(r.tos, 184);
	IS(r.label, "callee");
	IS(r.to_tag, "tt");
	IS(r.via_branch, "auto-next");
	ck_assert_uint_eq(r.rtcp_mux, NG_MUX_OFFER);
	ck_assert_int_eq(r.learning, NG_LEARN_OFF);
}
END_TEST

START_TEST(opensips)
{
	offer("\"direction\":[\"in\",\"out\"],\"address family\":\"IP4\",\"delete-delay\":\"0\",\"flags\":[\"trust-address\"],"
		  "\"replace\":[\"origin\",\"session-connection\"],\"received-from\":[\"IP6\",\"2001:db8::1\"],\"ICE\":\"force-relay\"");
	ck_assert(!r.load_limit_supported);
	ck_assert_uint_eq(r.directions, 2);
	ck_assert_uint_eq(r.address_family, 4);
	ck_assert_int_eq(r.delete_delay_s, 0);
	ck_assert_uint_eq(r.received_from.family, 6);
	IS(refusal(), "unsupported: ICE=force-relay");
}
END_TEST

START_TEST(nothing_said_is_nothing)
{
	offer_in(NG_JSON, "");
	nothing_unknown();
	ck_assert_int_eq(r.tos, -1);
	ck_assert_int_eq(r.delete_delay_s, -1);
	ck_assert(r.limit == INT64_MIN);
	ck_assert_uint_eq(r.directions, 0);
	ck_assert_uint_eq(r.flags, 0);
	ck_assert_int_eq(r.ice, NG_ICE_UNSAID);
	ck_assert_int_eq(r.learning, NG_LEARN_UNSAID);
	ck_assert_uint_eq(r.address_family, 0);
	ck_assert(!r.all_set && !r.load_limit_supported);
	IS(refusal(), "");
}
END_TEST

/* ---- names ---- */

START_TEST(every_flag_both_ways)
{
	static const char *const names[] = {
#define X(id, name) name,
			NG_FLAGS(X)
#undef X
	};
	char line[128];

	ck_assert_uint_le(NG_FLAG_COUNT, 64);
	for (unsigned i = 0; i < NG_FLAG_COUNT; i++) {
		snprintf(line, sizeof(line), "\"flags\":[\"%s\"]", names[i]);
		offer(line);
		ck_assert_msg(r.flags == 1ull << i, "%s", names[i]);
		for (char *c = strchr(line, '['); *c; c++)
			*c = *c == '-' ? ' ' : *c;
		offer_in(NG_JSON, line);
		ck_assert_msg(r.flags == 1ull << i, "%s", line);
		snprintf(line, sizeof(line), "\"rtpp flags\":\"  %s \"", names[i]);
		offer(line);
		ck_assert_msg(r.flags == 1ull << i || r.directions, "%s", names[i]);
		nothing_unknown();
	}
}
END_TEST

START_TEST(capitals_may_be_small_and_nothing_else)
{
	offer("\"flags\":[\"sip-source-address\",\"full rtcp attribute\",\"pierce-nat\",\"ICE-reject\",\"to_tag\"]");
	nothing_unknown();
	ck_assert_uint_eq(r.flags, NG_BIT(SIP_SOURCE_ADDRESS) | NG_BIT(FULL_RTCP_ATTRIBUTE) | NG_BIT(PIERCE_NAT) | NG_BIT(REJECT_ICE) | NG_BIT(TO_TAG));
	offer("\"flags\":[\"Trust-Address\",\"strict_source\",\"SYMMETRIC\",\"\"]");
	ck_assert_uint_eq(r.flags, 0);
	list_is(&r.unknown, "Trust-Address,strict_source,SYMMETRIC,");
}
END_TEST

START_TEST(keys_in_all_their_spellings)
{
	static const char *const keys[] = {"call-ID", "call id", "call ID"}, *const to[] = {"to-tag", "to_tag", "to tag"},
			*const delays[] = {"delete-delay", "delete delay", "delete_delay"};
	char line[128];

	for (int i = 0; i < 3; i++) {
		snprintf(line, sizeof(line), "\"%s\":\"c2\",\"%s\":\"t\",\"%s\":7", keys[i], to[i], delays[i]);
		offer(line);
		nothing_unknown();
		IS(r.call_id, "c2");
		IS(r.to_tag, "t");
		ck_assert_int_eq(r.delete_delay_s, 7);
	}
	offer("\"ice\":\"remove\",\"RTCP mux\":[\"require\"],\"tos\":\"0\",\"t.38\":[],\"SDP_media_remove\":[\"video\"],\"osrtp\":[],\"Label\":\"x\"");
	ck_assert_int_eq(r.ice, NG_ICE_REMOVE);
	ck_assert_uint_eq(r.rtcp_mux, NG_MUX_OFFER | NG_MUX_REQUIRE);
	ck_assert_int_eq(r.tos, 0);
	list_is(&r.media_remove, "video");
	list_is(&r.unknown, "Label");
}
END_TEST

START_TEST(one_string_is_a_list)
{
	offer("\"flags\":\"trust-address,replace-origin,fatal\",\"replace\":\"username\",\"supports\":\"load limit\",\"direction\":\"a,b\","
		  "\"codec\":{\"strip\":\"PCMA,PCMU\"},\"received-from\":\"2001:db8::7\"");
	nothing_unknown();
	ck_assert_uint_eq(r.flags, NG_BIT(TRUST_ADDRESS) | NG_BIT(FATAL));
	ck_assert_uint_eq(r.replace, NG_REPLACE_ORIGIN | NG_REPLACE_USERNAME);
	ck_assert(r.load_limit_supported);
	ck_assert_uint_eq(r.directions, 2);
	list_is(&r.codec_strip, "PCMA,PCMU");
	ck_assert_uint_eq(r.received_from.family, 6);
}
END_TEST

START_TEST(flags_with_a_prefix)
{
	offer("\"flags\":[\"replace-origin-full\",\"replace-zero address\",\"rtcp-mux-reject\",\"RTCP-mux-accept\",\"ICE-remove\",\"codec-strip-PCMA\","
		  "\"codec-offer-opus/48000/2\",\"codec-except-G722\",\"endpoint-learning-delayed\",\"from-tags-a--b\",\"SDES-off\","
		  "\"sdp-attr-add-audio-ptime:20\",\"sdp-attr-remove-none-tool\",\"sdp-attr-substitute-video-a>b..c--d\"]");
	nothing_unknown();
	ck_assert_uint_eq(r.flags, 0);
	ck_assert_uint_eq(r.replace, NG_REPLACE_ORIGIN_FULL | NG_REPLACE_ZERO_ADDRESS);
	ck_assert_uint_eq(r.rtcp_mux, NG_MUX_REJECT | NG_MUX_ACCEPT);
	ck_assert_int_eq(r.ice, NG_ICE_REMOVE);
	list_is(&r.codec_strip, "PCMA");
	list_is(&r.codec_offer, "opus/48000/2");
	list_is(&r.codec_except, "G722");
	ck_assert_int_eq(r.learning, NG_LEARN_DELAYED);
	list_is(&r.from_tags, "a=b");
	list_is(&r.sdes, "off");
	list_is(&r.attributes_audio.add, "ptime:20");
	list_is(&r.attributes_session.remove, "tool");
	list_is(&r.attributes_video.substitute, "a,b c=d");
	offer("\"flags\":[\"replace-\",\"replace-all\",\"codec-strip-\"]");
	list_is(&r.unknown, "replace-,all,codec-strip-");
}
END_TEST

/* ---- single keys ---- */

START_TEST(interfaces)
{
	offer("\"from-interface\":\"a\",\"to interface\":\"b\"");
	ck_assert_uint_eq(r.directions, 2);
	IS(r.direction[0], "a");
	IS(r.direction[1], "b");
	offer("\"to-interface\":\"b\"");
	ck_assert_uint_eq(r.directions, 2);
	IS(r.direction[0], "");
	IS(r.direction[1], "b");
	offer("\"interface\":\"x\"");
	ck_assert_uint_eq(r.directions, 2);
	IS(r.direction[0], "x");
	IS(r.direction[1], "x");
	offer("\"interface\":\"x\",\"direction\":[\"a\"]");
	ck_assert_uint_eq(r.directions, 1);
	IS(r.direction[0], "a");
	offer("\"rtpp-flags\":\"external internal\"");
	nothing_unknown();
	ck_assert_uint_eq(r.directions, 2);
	IS(r.direction[0], "external");
	offer("\"direction\":[\"a\",\"b\",\"c\"]");
	list_is(&r.unknown, "c");
}
END_TEST

START_TEST(addresses)
{
	offer("\"media-address\":\"192.0.2.9\",\"address\":\"[2001:db8::2]\",\"received-from\":[\"IP4\",\"nowhere\"]");
	IS(r.media_address_text, "192.0.2.9");
	ck_assert_uint_eq(r.media_address.family, 4);
	ck_assert_uint_eq(r.address.family, 6);
	IS(r.address_text, "[2001:db8::2]");
	ck_assert_uint_eq(r.received_from.family, 0);
	list_is(&r.unknown, "received-from");
	offer("\"media address\":\"media.example.com\",\"address\":\"x\"");
	IS(r.media_address_text, "media.example.com");
	ck_assert_uint_eq(r.media_address.family, 0);
	IS(r.address_text, "x");
	ck_assert_uint_eq(r.address.family, 0);
	offer("\"received-from\":[\"IP4\",\"192.0.2.7\"],\"address-family\":\"ip6\"");
	ck_assert_uint_eq(r.received_from.bytes[3], 7);
	ck_assert_uint_eq(r.address_family, 6);
}
END_TEST

START_TEST(numbers)
{
	offer("\"TOS\":256,\"delete-delay\":-1,\"limit\":\"-3\"");
	ck_assert_int_eq(r.tos, -1);
	ck_assert_int_eq(r.delete_delay_s, -1);
	ck_assert_int_eq(r.limit, -3);
	list_is(&r.unknown, "TOS,delete-delay");
	offer("\"TOS\":\"184\",\"delete-delay\":\"30\",\"limit\":0");
	nothing_unknown();
	ck_assert_int_eq(r.tos, 184);
	ck_assert_int_eq(r.delete_delay_s, 30);
	ck_assert_int_eq(r.limit, 0);
	offer("\"TOS\":[46],\"call-id\":12,\"from-tag\":[\"f\"]");
	IS(r.call_id, "12");
	IS(r.from_tag, "f");
	list_is(&r.unknown, "TOS,from-tag");
}
END_TEST

START_TEST(recording_and_blocking)
{
	offer("\"record-call\":\"on\",\"metadata\":\"m\",\"output file\":\"f\",\"recording-folder\":\"d\",\"recording pattern\":\"p\","
		  "\"drop-traffic\":\"start\",\"all\":\"offer-answer\",\"to-label\":\"l\",\"set-label\":\"s\",\"from-label\":\"x\"");
	nothing_unknown();
	ck_assert_uint_eq(r.flags, NG_BIT(RECORD_CALL));
	IS(r.metadata, "m");
	IS(r.recording_file, "f");
	IS(r.recording_dir, "d");
	IS(r.recording_pattern, "p");
	ck_assert_int_eq(r.drop_traffic, 1);
	ck_assert(r.all_set);
	IS(r.all, "offer-answer");
	IS(r.to_label, "l");
	IS(r.set_label, "s");
	IS(r.label, "x");
	IS(r.from_label, "x");
	offer("\"record call\":\"no\",\"drop traffic\":\"stop\",\"all\":\"everything\"");
	ck_assert(r.record_stop);
	ck_assert_uint_eq(r.flags, 0);
	ck_assert_int_eq(r.drop_traffic, -1);
	ck_assert(!r.all_set);
	list_is(&r.unknown, "everything");
}
END_TEST

START_TEST(attributes)
{
	offer("\"sdp-attr\":{\"none\":{\"add\":[\"tool:a,b\"]},\"audio\":{\"add\":\"fmtp:96 a=1,b=2\",\"remove\":[\"x\",\"y\"],"
		  "\"substitute\":[[\"sendrecv\",\"sendonly\"],\"p>q\"]},\"video\":{\"remove\":\"z\"}}");
	nothing_unknown();
	list_is(&r.attributes_session.add, "tool:a,b");
	ck_assert_uint_eq(r.attributes_audio.add.n, 1);
	list_is(&r.attributes_audio.add, "fmtp:96 a=1,b=2");
	list_is(&r.attributes_audio.remove, "x,y");
	list_is(&r.attributes_audio.substitute, "sendrecv,sendonly,p,q");
	list_is(&r.attributes_video.remove, "z");
	offer("\"rtpp-flags\":\"sdp-attr=[audio=[add=[x--1..2 y] substitute=[[a b] c>d]] none=[remove=[tool]]] fatal\"");
	nothing_unknown();
	list_is(&r.attributes_audio.add, "x=1 2,y");
	list_is(&r.attributes_audio.substitute, "a,b,c,d");
	list_is(&r.attributes_session.remove, "tool");
	ck_assert_uint_eq(r.flags, NG_BIT(FATAL));
	offer("\"sdp-attr\":{\"image\":{\"add\":[\"x\"]}}");
	IS(refusal(), "unsupported: sdp-attr for other sections than none, audio and video");
	offer("\"sdp-attr\":{\"audio\":{\"move\":[\"x\"]}}");
	IS(refusal(), "unsupported: sdp-attr with another verb than add, remove and substitute");
	offer("\"sdp-attr\":{\"audio\":{\"substitute\":[\"x\"]}}");
	IS(refusal(), "unsupported: an sdp-attr substitution that is no pair");
}
END_TEST

/* ---- what is not done here ---- */

START_TEST(media_work_is_ignored_aloud)
{
	offer("\"flags\":[\"always-transcode\",\"transcode-PCMA\",\"codec-mask-opus\",\"WebRTC\",\"mirror-RTCP\"],\"ptime\":20,\"repacketize\":30,"
		  "\"codec\":{\"transcode\":[\"PCMU\"]},\"T.38\":[\"decode\"],\"DTLS\":\"passive\",\"OSRTP\":[\"accept\"],\"extmap\":{\"strip\":[\"x\"]}");
	list_is(&r.ignored, "always-transcode,transcode-PCMA,codec-mask-opus,WebRTC,mirror-RTCP,ptime,repacketize,transcode,decode,passive,accept,x");
	list_is(&r.unknown, "");
	list_is(&r.t38, "decode");
	list_is(&r.dtls, "passive");
	IS(refusal(), "");
}
END_TEST

START_TEST(what_is_so_anyway_is_accepted)
{
	offer("\"flags\":[\"no-jitter-buffer\",\"no-redis-update\",\"static codecs\",\"trickle-ice\",\"no-player\"],\"recrypt\":\"off\",\"DTLS\":\"off\","
		  "\"SDES\":[\"off\"],\"generate-RTCP\":\"off\",\"ICE-lite\":\"off\",\"extmap\":{\"strip\":\"all\"},\"passthrough\":\"on\"");
	nothing_unknown();
	ck_assert_uint_eq(r.flags, NG_BIT(STRIP_EXTMAP) | NG_BIT(PASSTHROUGH));
}
END_TEST

START_TEST(what_would_change_the_call_is_refused)
{
	static const char *const cases[][2] = {{"\"transport-protocol\":\"RTP/SAVPF\"", "unsupported: transport-protocol RTP/SAVPF"},
			{"\"rtpp-flags\":\"SRTP\"", "unsupported: transport-protocol RTP/SAVP"},
			{"\"rtpp-flags\":\"DTLS AVPF\"", "unsupported: transport-protocol UDP/TLS/RTP/SAVPF"},
			{"\"rtpp-flags\":\"RTP/SAVP RTP/AVP\"", ""}, {"\"transport-protocol\":\"transparent\"", ""},
			{"\"transport-protocol\":\"accept\"", ""}, {"\"ICE\":\"force\"", "unsupported: ICE=force"}, {"\"ICE\":\"default\"", ""},
			{"\"ICE\":\"optional\"", ""}, {"\"flags\":[\"ICE-force\"]", "unsupported: ICE=force"},
			{"\"media-echo\":\"both\"", "unsupported: media-echo"},
			{"\"rtpp-flags\":\"fatal codec=[strip=[a] b]\"", "unsupported: rtpp-flags that cannot be read"},
			{"\"rtpp-flags\":\"rtpp-flags=fatal\"", "unsupported: rtpp-flags that cannot be read"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		offer(cases[i][0]);
		IS(refusal(), cases[i][1]);
	}
	offer("\"transport-protocol\":\"RTP/OTHER\"");
	list_is(&r.unknown, "RTP/OTHER");
	IS(r.transport_protocol, "");
}
END_TEST

/* rtpengine_manage() gives the same flags to delete: it must not leave the call behind. */
START_TEST(a_delete_is_never_refused_for_a_media_flag)
{
	framing(TEXT("{\"ICE\":\"force\",\"media-echo\":\"both\",\"transport-protocol\":\"RTP/SAVP\",\"command\":\"delete\",\"call-id\":\"c\"}"), NG_JSON, "");
	framing(TEXT("{\"ICE\":\"force\",\"sdp\":\"v=0\",\"call-id\":\"c\",\"from-tag\":\"f\",\"command\":\"offer\"}"), NG_JSON,
			"unsupported: ICE=force");
}
END_TEST

START_TEST(unknown_ones_are_named)
{
	offer("\"flags\":[\"colour\"],\"shape\":\"round\",\"replace\":[\"everything\"],\"rtcp-mux\":[\"offer\",\"twice\"],\"direction\":{\"a\":1},"
		  "\"codec\":[\"x\"],\"endpoint-learning\":\"fast\",\"rtpp-flags\":\"smell=sweet\"");
	list_is(&r.unknown, "colour,shape,everything,twice,direction,codec,fast,smell");
	ck_assert_uint_eq(r.rtcp_mux, NG_MUX_OFFER);
	IS(refusal(), "");
}
END_TEST

/* `n` words in a list of this key */
static void long_list(const char *begin, const char *end, unsigned n)
{
	char line[1024];
	int at = snprintf(line, sizeof(line), "%s\"x\"", begin);

	while (--n)
		at += snprintf(line + at, sizeof(line) - (size_t)at, ",\"x\"");
	snprintf(line + at, sizeof(line) - (size_t)at, "%s", end);
	offer(line);
}

START_TEST(lists_are_never_cut_silently)
{
	long_list("\"codec\":{\"strip\":[", "]}", NG_TEXTS_MAX);
	ck_assert_uint_eq(r.codec_strip.n, NG_TEXTS_MAX);
	IS(refusal(), "");
	long_list("\"codec\":{\"strip\":[", "]}", NG_TEXTS_MAX + 1);
	ck_assert(r.codec_strip.too_many);
	IS(refusal(), "unsupported: more entries in a list than there is room for");
	long_list("\"flags\":[", "]", NG_TEXTS_MAX + 1);
	ck_assert(r.unknown.too_many);
	IS(refusal(), "");
}
END_TEST

START_TEST(brackets_in_every_state_of_disrepair)
{
	static const char *const strings[] = {"replace=[", "replace=[]", "replace=[ origin", "replace=[origin", "replace=[origin]]]", "replace=[[[[origin",
			"codec=[strip=", "codec=[strip=]", "codec=[strip=[", "codec=[=]", "=", "==", "=[", "[", "]", "codec=[strip=[a]offer=[b]]",
			"a=[[[[[[[[[[[[[[[[[[[[[[[[[[[[a", "sdp-attr=[audio=[substitute=[[]]]]", "sdp-attr=[a", "    ", "replace=[ ] fatal"};
	char line[256];

	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		for (size_t n = 0; n <= strlen(strings[i]); n++) {
			snprintf(line, sizeof(line), "\"rtpp-flags\":\"%.*s\"", (int)n, strings[i]);
			offer(line);
			ck_assert_uint_le(r.codec_strip.n, 1);
		}
	}
	ck_assert_uint_eq(r.flags, NG_BIT(FATAL));
	offer("\"rtpp-flags\":\"replace=[ origin  username \"");
	nothing_unknown();
	ck_assert_uint_eq(r.replace, NG_REPLACE_ORIGIN | NG_REPLACE_USERNAME);
}
END_TEST

/* ---- memory ---- */

static void starved(void)
{
	struct text dict = TEXT("{\"command\":\"ping\",\"rtpp-flags\":\"fat\\u0061l\"}");
	struct ng_decoder *d = ng_decoder_new();
	const char *why = d ? ng_decode(d, dict, &r, &encoding) : "";

	STARVED_ASSERT((why != NULL) == memory_refused());
	STARVED_ASSERT(why || ng_has(&r, NG_BIT(FATAL)));
	ng_decoder_free(d);
}

START_TEST(no_memory_is_an_error)
{
	memory_starve(starved);
}
END_TEST

/* What is cut off is no request; and no byte beyond it is read. */
START_TEST(cut_off_anywhere)
{
	static const struct text whole[] = {
			{"d7:command5:offer7:call-id1:c8:from-tag1:f3:sdp5:v=0\r\n5:flagsl13:trust-addresse10:rtpp-flags9:codec=[aee", 0},
			{"{\"command\":\"offer\",\"call-id\":\"\\u0063\",\"sdp\":\"v=0\\r\\n\",\"flags\":[\"fatal\"],\"TOS\":1,\"codec\":{\"strip\":[\"a\"]}}", 0}};

	for (size_t i = 0; i < 2; i++) {
		size_t length = strlen(whole[i].s);

		for (size_t n = 1; n <= length; n++) {
			char *copy = malloc(n);

			ck_assert_ptr_nonnull(copy);
			memcpy(copy, whole[i].s, n);
			decode((struct text){copy, n});
			HOT_ASSERT((error == NULL) == (n == length), "%zu bytes: %s", n, error ? error : "");
			free(copy);
		}
	}
}
END_TEST

Suite *request_suite(void)
{
	const TTest *const tests[] = {a_datagram_is_split, what_cannot_be_decoded_is_said, so_many_parts_are_no_request, every_command_has_its_name,
			what_is_missing_is_said_in_order, kamailio_5_6, kamailio_6_0, opensips, nothing_said_is_nothing, every_flag_both_ways,
			capitals_may_be_small_and_nothing_else, keys_in_all_their_spellings, one_string_is_a_list, flags_with_a_prefix, interfaces,
			addresses, numbers, recording_and_blocking, attributes, media_work_is_ignored_aloud, what_is_so_anyway_is_accepted,
			what_would_change_the_call_is_refused, a_delete_is_never_refused_for_a_media_flag, unknown_ones_are_named,
			lists_are_never_cut_silently, brackets_in_every_state_of_disrepair, no_memory_is_an_error, cut_off_anywhere, NULL};

	return suite_of("requests", tests);
}
