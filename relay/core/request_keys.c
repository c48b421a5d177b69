/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of a request: one row each. What is not done here is a row as well: ignored where the call can be without it. */
#include "decode.h"

#define AT(member) offsetof(struct ng_request, member)

#define ROW(name, take, member)       {NAME(name), (take), AT(member), NULL, NULL, NULL}
#define ROW_WORDS(name, list)         {NAME(name), take_words, 0, &decode_words_##list, NULL, NULL}
#define ROW_DICT(name, member, table) {NAME(name), take_dict, AT(member), NULL, &(table), NULL}
#define ROW_KEYS(name, table)         {NAME(name), take_dict, 0, NULL, &(table), NULL} /* about the request itself */
#define ROW_ACCEPTED(name)            {NAME(name), take_accepted, 0, NULL, NULL, NULL}
#define ROW_IGNORED(name)             {NAME(name), take_ignored, 0, NULL, NULL, NULL}
#define ROW_REFUSED(name, because)    {NAME(name), take_refused, 0, NULL, NULL, (because)}

/* ---- dictionaries ---- */

static const struct key codec_rows[] = {
		ROW("strip", take_escaped_texts, codec_strip),
		ROW("offer", take_escaped_texts, codec_offer),
		ROW("except", take_escaped_texts, codec_except),
		ROW_IGNORED("ignore"),
		ROW_IGNORED("transcode"),
		ROW_IGNORED("mask"),
		ROW_IGNORED("consume"),
		ROW_IGNORED("accept"),
		ROW_IGNORED("set"),
};
static const struct keys codec_keys = KEYS(codec_rows, NULL);

static const struct key extmap_rows[] = {
		ROW("strip", take_extensions, flags),
		ROW_IGNORED("mask"),
};
static const struct keys extmap_keys = KEYS(extmap_rows, NULL);

static const struct key section_rows[] = {
		ROW_DICT("none", attributes_session, decode_attribute_keys),
		ROW_DICT("global", attributes_session, decode_attribute_keys),
		ROW_DICT("audio", attributes_audio, decode_attribute_keys),
		ROW_DICT("video", attributes_video, decode_attribute_keys),
};
static const struct keys section_keys = KEYS(section_rows, "unsupported: sdp-attr for other sections than none, audio and video");

/* ---- the request ---- */

static const struct key rows[] = {
		/* what every request has comes first */
		ROW("command", take_command, command),
		ROW("call-ID", take_text, call_id),
		ROW("from-tag", take_text, from_tag),
		ROW("to_tag", take_text, to_tag),
		ROW("SDP", take_text, sdp),
		ROW("via-branch", take_text, via_branch),
		ROW("flags", take_flags, flags),
		ROW("rtpp_flags", take_rtpp_flags, flags),
		ROW_WORDS("supports", supports),
		ROW("received-from", take_received_from, received_from),
		ROW_WORDS("replace", replace),
		ROW_WORDS("ICE", ice),
		ROW("direction", take_direction, direction),
		ROW("from-interface", take_from_interface, direction[0]),
		ROW("to-interface", take_to_interface, direction[1]),
		ROW("interface", take_interface, direction),
		ROW_WORDS("address-family", family),
		ROW("media-address", take_media_address, media_address),
		ROW("transport-protocol", take_transport, transport_protocol),
		ROW_WORDS("RTCP-mux", mux),
		ROW_WORDS("endpoint-learning", learning),
		ROW("TOS", take_tos, tos),
		ROW("delete_delay", take_seconds, delete_delay_s),
		ROW_WORDS("drop-traffic", drop),
		ROW("SDES", take_pass, sdes),
		ROW("OSRTP", take_pass, osrtp),
		ROW("T.38", take_pass, t38),
		ROW("T38", take_pass, t38),
		ROW("DTLS", take_pass, dtls),
		ROW("DTLS-reverse", take_pass, dtls),

		/* participants */
		ROW("label", take_label, label),
		ROW("from-label", take_label, label),
		ROW("to-label", take_text, to_label),
		ROW("set-label", take_text, set_label),
		ROW("address", take_participant, address),
		ROW("to-call-ID", take_text, to_call_id),
		ROW("from-tags", take_texts, from_tags),
		ROW("all", take_all, all),
		ROW("limit", take_limit, limit),

		/* what the SDP becomes */
		ROW_KEYS("codec", codec_keys),
		ROW_KEYS("codecs", codec_keys),
		ROW("codec-strip", take_escaped_texts, codec_strip),
		ROW("codec-offer", take_escaped_texts, codec_offer),
		ROW("codec-except", take_escaped_texts, codec_except),
		ROW_KEYS("extmap", extmap_keys),
		ROW_KEYS("SDP-attr", section_keys),
		ROW("SDP_media_remove", take_texts, media_remove),
		ROW_WORDS("passthrough", passthrough),
		ROW_WORDS("passthru", passthrough),

		/* recording */
		ROW_WORDS("record-call", record),
		ROW("metadata", take_text, metadata),
		ROW("recording-file", take_text, recording_file),
		ROW("recording-destination", take_text, recording_file),
		ROW("recording-dest", take_text, recording_file),
		ROW("output-file", take_text, recording_file),
		ROW("output-destination", take_text, recording_file),
		ROW("output-dest", take_text, recording_file),
		ROW("recording-dir", take_text, recording_dir),
		ROW("recording-directory", take_text, recording_dir),
		ROW("recording-folder", take_text, recording_dir),
		ROW("recording-path", take_text, recording_dir),
		ROW("output-dir", take_text, recording_dir),
		ROW("output-directory", take_text, recording_dir),
		ROW("output-folder", take_text, recording_dir),
		ROW("output-path", take_text, recording_dir),
		ROW("recording-pattern", take_text, recording_pattern),
		ROW("output-pattern", take_text, recording_pattern),

		/* nothing hangs on these */
		ROW_ACCEPTED("SIP_message_type"), ROW_ACCEPTED("SIP_code"), ROW_ACCEPTED("SIP_response_code"),

		/* a packet's way would be another one than was asked for */
		ROW_REFUSED("media-echo", "unsupported: media-echo"),

		/* media work and conveniences that a call can be without */
		ROW_WORDS("ICE-lite", ice_lite),
		ROW_WORDS("BUNDLE", bundle),
		ROW_WORDS("generate-RTCP", off),
		ROW_WORDS("recrypt", off),
		ROW_WORDS("alias-key", off),
		ROW_WORDS("audio-player", off),
		ROW_WORDS("player", off),
		ROW_IGNORED("DTLS-fingerprint"), ROW_IGNORED("T.38-version"), ROW_IGNORED("T38-version"),
		ROW_IGNORED("codec-ignore"), ROW_IGNORED("codec-transcode"), ROW_IGNORED("transcode"), ROW_IGNORED("codec-mask"),
		ROW_IGNORED("codec-consume"), ROW_IGNORED("codec-accept"), ROW_IGNORED("codec-set"), ROW_IGNORED("ptime"),
		ROW_IGNORED("ptime-reverse"), ROW_IGNORED("reverse-ptime"), ROW_IGNORED("repacketize"),
		ROW_IGNORED("delay-buffer"), ROW_IGNORED("MOH"), ROW_IGNORED("digit"), ROW_IGNORED("code"),
		ROW_IGNORED("frequency"), ROW_IGNORED("frequencies"), ROW_IGNORED("volume"), ROW_IGNORED("duration"),
		ROW_IGNORED("pause"), ROW_IGNORED("repeat-times"), ROW_IGNORED("repeat-duration"), ROW_IGNORED("start-pos"),
		ROW_IGNORED("file"), ROW_IGNORED("blob"), ROW_IGNORED("blob64"), ROW_IGNORED("db-id"), ROW_IGNORED("trigger"),
		ROW_IGNORED("trigger-end"), ROW_IGNORED("end-trigger"), ROW_IGNORED("trigger-end-time"),
		ROW_IGNORED("end-trigger-time"), ROW_IGNORED("trigger-end-digits"), ROW_IGNORED("end-trigger-digits"),
		ROW_IGNORED("DTMF-delay"), ROW_IGNORED("DTMF-log-dest"), ROW_IGNORED("DTMF-log-destination"),
		ROW_IGNORED("DTMF-security"), ROW_IGNORED("DTMF-security-trigger"), ROW_IGNORED("DTMF-security-trigger-end"),
		ROW_IGNORED("VSC-start-rec"), ROW_IGNORED("VSC-start-recording"), ROW_IGNORED("VSC-stop-rec"),
		ROW_IGNORED("VSC-stop-recording"), ROW_IGNORED("VSC-pause-rec"), ROW_IGNORED("VSC-pause-recording"),
		ROW_IGNORED("VSC-start-stop-rec"), ROW_IGNORED("VSC-start-stop-recording"), ROW_IGNORED("VSC-pause-resume-rec"),
		ROW_IGNORED("VSC-pause-resume-recording"), ROW_IGNORED("VSC-start-pause-resume-rec"),
		ROW_IGNORED("VSC-start-pause-resume-recording"), ROW_IGNORED("recording-media-slot-offer"),
		ROW_IGNORED("recording-media-slot-answer"), ROW_IGNORED("recording-media-slots"), ROW_IGNORED("XMLRPC-callback"),
		ROW_IGNORED("template"), ROW_IGNORED("peer"), ROW_IGNORED("inbound-peer"), ROW_IGNORED("outbound-peer"),
		ROW_IGNORED("calls"), ROW_IGNORED("tags"), ROW_IGNORED("instance"), ROW_IGNORED("media"), ROW_IGNORED("medias"),
		ROW_IGNORED("source-tag"), ROW_IGNORED("source-call-ID"),
};

const struct keys decode_request_keys = KEYS(rows, NULL);
