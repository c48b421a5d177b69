/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the decoding of a request: rows of keys and words, and what to do with each. A key is looked up in a table of rows; its
 * row says which function takes the value, and into which member. The same rows serve a key of the request, a key of a dictionary
 * in it (codec, sdp-attr), a word with a prefix among the flags (codec-strip-PCMA) and `key=value` in rtpp-flags.
 */
#ifndef RELAY_CORE_DECODE_H
#define RELAY_CORE_DECODE_H

#include "request.h"
#include "value.h"

struct decode {
	struct ng_request *out;
	struct value_tree tree;
	struct scratch scratch;
	struct text said;        /* the key or flag in hand, for `unknown` and `ignored` */
	struct text interface;   /* counts where no direction is said */
	const char *unsupported; /* the first thing that must not be ignored, if it is an offer or an answer */
};

#define NAME(literal) {(literal), sizeof(literal) - 1}
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- names ---- */

/*
 * In a name of ours '-' stands for hyphen and space, '_' for hyphen, space and underscore, a capital letter for both cases,
 * and anything else for itself.
 */
bool name_is(struct text said, struct text name);
bool name_starts(struct text said, struct text name);

/* ---- words: a value that is one of a few, or a list of such ---- */

enum word_use {
	WORD_TAKE = 0, /* give `value` to the list's function */
	WORD_ACCEPT,   /* nothing to do: what it asks for is so anyway */
	WORD_IGNORE,   /* something that this relay does not do, and that the call can be without */
	WORD_REFUSE    /* ... and that it cannot: take `value`, and remember `why` */
};

struct word {
	struct text name;
	uint8_t use; /* enum word_use */
	uint64_t value;
	const char *why;
};

struct words {
	const struct word *at;
	size_t n;
	void (*take)(struct decode *d, uint64_t value); /* NULL: nothing to keep */
};

#define WORDS(array, function) {(array), COUNT(array), (function)}

/* False: it is none of them. */
bool decode_word(struct decode *d, const struct words *words, struct text said);

/* ---- keys ---- */

struct key;
/* Takes the value at node `at`; `to` is the row's member. */
typedef void key_taker(struct decode *d, const struct key *key, unsigned at, void *to);

struct keys {
	const struct key *at;
	size_t n;
	const char *why; /* an unknown key among these must not be ignored; NULL: it can */
};

struct key {
	struct text name;
	key_taker *take;
	size_t offset;             /* of the member in the structure that the table is about */
	const struct words *words; /* for take_words */
	const struct keys *keys;   /* for take_dict */
	const char *why;           /* for take_refused */
};

#define KEYS(array, unknown) {(array), COUNT(array), (unknown)}

key_taker take_text, take_texts, take_escaped_texts, take_words, take_dict, take_accepted, take_ignored, take_refused;

/* The key `said` with its value at node `at`, by a table about the structure at `base`. */
void decode_key(struct decode *d, const struct keys *keys, struct text said, unsigned at, void *base);

/* Those of single keys (request_take.c). */
key_taker take_tos, take_seconds, take_limit, take_participant, take_media_address, take_received_from, take_label, take_all,
		take_direction, take_from_interface, take_to_interface, take_interface, take_transport, take_pass, take_flags,
		take_rtpp_flags, take_command, take_extensions;

/* ---- what the takers need ---- */

void decode_add(struct decode *d, struct ng_texts *to, struct text t);
void decode_unknown(struct decode *d, struct text t);
void decode_ignored(struct decode *d, struct text t);
void decode_refuse(struct decode *d, const char *why);
/* -- is =, .. is a space: for clients whose flags can hold neither. */
struct text decode_unescaped(struct decode *d, struct text t);

/* Calls `take` for each word of a list, or of one string with commas between its words. */
void decode_each(struct decode *d, unsigned at, void (*take)(struct decode *d, struct text word, void *with), void *with);

/* ---- the tables ---- */

extern const struct words decode_words_family, decode_words_drop, decode_words_record, decode_words_replace, decode_words_mux,
		decode_words_ice, decode_words_ice_lite, decode_words_learning, decode_words_supports, decode_words_passthrough,
		decode_words_off, decode_words_bundle, decode_words_transport;
extern const struct keys decode_request_keys;
extern const struct keys decode_attribute_keys; /* add, remove, substitute; about a struct ng_attributes */

/* One word of `flags`, or a bare one of rtpp-flags. */
void decode_flag(struct decode *d, struct text said);
/* A whole rtpp-flags string. */
void decode_rtpp_flags(struct decode *d, struct text flags);
void decode_direction(struct decode *d, struct text interface);

#endif
