/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words that single keys may have, and what each sets. */
#include "decode.h"

static void set_family(struct decode *d, uint64_t value)
{
	d->out->address_family = (uint8_t)value;
}

static void set_drop(struct decode *d, uint64_t value)
{
	d->out->drop_traffic = value ? 1 : -1;
}

static void set_record(struct decode *d, uint64_t value)
{
	d->out->flags |= value;
	d->out->record_stop = !value;
}

static void set_replace(struct decode *d, uint64_t value)
{
	d->out->replace |= (unsigned)value;
}

static void set_mux(struct decode *d, uint64_t value)
{
	d->out->rtcp_mux |= (unsigned)value;
}

static void set_ice(struct decode *d, uint64_t value)
{
	d->out->ice = (enum ng_ice)value;
}

static void set_learning(struct decode *d, uint64_t value)
{
	d->out->learning = (enum ng_learning)value;
}

static void set_flag(struct decode *d, uint64_t value)
{
	d->out->flags |= value;
}

static void set_load_limit(struct decode *d, uint64_t value)
{
	d->out->load_limit_supported = value;
}

#define TAKE(name, value)        {NAME(name), WORD_TAKE, (value), NULL}
#define ACCEPT(name)             {NAME(name), WORD_ACCEPT, 0, NULL}
#define IGNORE(name)             {NAME(name), WORD_IGNORE, 0, NULL}
#define REFUSE(name, value, why) {NAME(name), WORD_REFUSE, (value), (why)}

static const struct word family_words[] = {TAKE("IP4", 4), TAKE("IP6", 6)};
static const struct word drop_words[] = {TAKE("start", 1), TAKE("stop", 0)};
static const struct word record_words[] = {TAKE("yes", NG_BIT(RECORD_CALL)), TAKE("on", NG_BIT(RECORD_CALL)), TAKE("no", 0), TAKE("off", 0),
		TAKE("discard", NG_BIT(DISCARD_RECORDING))};
static const struct word replace_words[] = {TAKE("origin", NG_REPLACE_ORIGIN), TAKE("origin_full", NG_REPLACE_ORIGIN_FULL),
		TAKE("username", NG_REPLACE_USERNAME), TAKE("session-name", NG_REPLACE_SESSION_NAME),
		TAKE("SDP-version", NG_REPLACE_SDP_VERSION), TAKE("force-increment-SDP-ver", NG_REPLACE_FORCE_SDP_VERSION),
		TAKE("zero-address", NG_REPLACE_ZERO_ADDRESS), ACCEPT("session-connection") /* always done */};
static const struct word mux_words[] = {TAKE("offer", NG_MUX_OFFER), TAKE("require", NG_MUX_OFFER | NG_MUX_REQUIRE),
		TAKE("demux", NG_MUX_DEMUX), TAKE("accept", NG_MUX_ACCEPT), TAKE("reject", NG_MUX_REJECT)};
static const struct word ice_words[] = {TAKE("remove", NG_ICE_REMOVE), TAKE("default", NG_ICE_DEFAULT), TAKE("optional", NG_ICE_OPTIONAL),
		REFUSE("force", NG_ICE_FORCE, "unsupported: ICE=force"),
		REFUSE("force_relay", NG_ICE_FORCE_RELAY, "unsupported: ICE=force-relay"), ACCEPT("trickle"), ACCEPT("no-lite"),
		ACCEPT("lite-no"), ACCEPT("lite-off"), ACCEPT("lite-none"), IGNORE("ICE2"), IGNORE("lite"), IGNORE("lite-fw"), IGNORE("lite-fwd"),
		IGNORE("lite-forward"), IGNORE("lite-offer"), IGNORE("lite-backward"), IGNORE("lite-backwards"), IGNORE("lite-reverse"),
		IGNORE("lite-answer"), IGNORE("lite-back"), IGNORE("lite-bkw"), IGNORE("lite-bk"), IGNORE("lite-both")};
static const struct word lite_words[] = {ACCEPT("off"), ACCEPT("none"), ACCEPT("no"), IGNORE("forward"), IGNORE("offer"), IGNORE("fwd"),
		IGNORE("fw"), IGNORE("backward"), IGNORE("backwards"), IGNORE("reverse"), IGNORE("answer"), IGNORE("back"), IGNORE("bkw"),
		IGNORE("bk"), IGNORE("both")};
static const struct word learning_words[] = {TAKE("off", NG_LEARN_OFF), TAKE("immediate", NG_LEARN_IMMEDIATE),
		TAKE("delayed", NG_LEARN_DELAYED), TAKE("heuristic", NG_LEARN_HEURISTIC)};
static const struct word load_words[] = {TAKE("load-limit", true)};
static const struct word passthrough_words[] = {TAKE("on", NG_BIT(PASSTHROUGH)), TAKE("yes", NG_BIT(PASSTHROUGH)),
		TAKE("enable", NG_BIT(PASSTHROUGH)), TAKE("enabled", NG_BIT(PASSTHROUGH)), TAKE("off", NG_BIT(NO_PASSTHROUGH)),
		TAKE("no", NG_BIT(NO_PASSTHROUGH)), TAKE("disable", NG_BIT(NO_PASSTHROUGH)), TAKE("disabled", NG_BIT(NO_PASSTHROUGH))};
static const struct word off_words[] = {ACCEPT("off"), ACCEPT("no"), ACCEPT("none"), ACCEPT("disable"), ACCEPT("disabled"),
		IGNORE("on"), IGNORE("yes")};
static const struct word bundle_words[] = {IGNORE("accept"), IGNORE("offer"), IGNORE("require"), IGNORE("strict"), IGNORE("reject")};

static const struct word transport_words[] = {TAKE("RTP/AVP", 0), TAKE("RTP/AVPF", 0), TAKE("accept", 0), TAKE("transparent", 0),
		REFUSE("RTP/SAVP", 0, "unsupported: transport-protocol RTP/SAVP"),
		REFUSE("RTP/SAVPF", 0, "unsupported: transport-protocol RTP/SAVPF"),
		REFUSE("UDP/TLS/RTP/SAVP", 0, "unsupported: transport-protocol UDP/TLS/RTP/SAVP"),
		REFUSE("UDP/TLS/RTP/SAVPF", 0, "unsupported: transport-protocol UDP/TLS/RTP/SAVPF")};

const struct words decode_words_family = WORDS(family_words, set_family);
const struct words decode_words_drop = WORDS(drop_words, set_drop);
const struct words decode_words_record = WORDS(record_words, set_record);
const struct words decode_words_replace = WORDS(replace_words, set_replace);
const struct words decode_words_mux = WORDS(mux_words, set_mux);
const struct words decode_words_ice = WORDS(ice_words, set_ice);
const struct words decode_words_ice_lite = WORDS(lite_words, NULL);
const struct words decode_words_learning = WORDS(learning_words, set_learning);
const struct words decode_words_supports = WORDS(load_words, set_load_limit);
const struct words decode_words_passthrough = WORDS(passthrough_words, set_flag);
const struct words decode_words_off = WORDS(off_words, NULL);
const struct words decode_words_bundle = WORDS(bundle_words, NULL);
const struct words decode_words_transport = WORDS(transport_words, NULL);
