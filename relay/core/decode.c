/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode.h"

#include <ctype.h>

/* ---- names ---- */

static bool letter_is(char said, char name)
{
	if (name == '-' || name == '_')
		return said == '-' || said == ' ' || (name == '_' && said == '_');
	return said == name || (isupper((unsigned char)name) && said == tolower((unsigned char)name));
}

bool name_starts(struct text said, struct text name)
{
	if (said.n < name.n)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!letter_is(said.s[i], name.s[i]))
			return false;
	return true;
}

bool name_is(struct text said, struct text name)
{
	return said.n == name.n && name_starts(said, name);
}

/* ---- what could not be honoured ---- */

static void note(struct ng_texts *to, struct text t)
{
	if (to->n < NG_TEXTS_MAX)
		to->at[to->n++] = t;
	else
		to->too_many = true;
}

void decode_unknown(struct decode *d, struct text t)
{
	note(&d->out->unknown, t);
}

void decode_ignored(struct decode *d, struct text t)
{
	note(&d->out->ignored, t);
}

void decode_refuse(struct decode *d, const char *why)
{
	if (!d->unsupported)
		d->unsupported = why;
}

void decode_add(struct decode *d, struct ng_texts *to, struct text t)
{
	note(to, t);
	if (to->too_many)
		decode_refuse(d, "unsupported: more entries in a list than there is room for");
}

/* ---- texts ---- */

/* Is there a pair of one of the two at `i`? What it stands for, or 0. */
static char escaped(struct text t, size_t i)
{
	if (i + 1 >= t.n || t.s[i] != t.s[i + 1])
		return 0;
	return t.s[i] == '-' ? '=' : t.s[i] == '.' ? ' ' : 0;
}

struct text decode_unescaped(struct decode *d, struct text t)
{
	struct text out = {d->scratch.at + d->scratch.n, 0};
	size_t i = 0;

	while (i < t.n && !escaped(t, i))
		i++;
	if (i == t.n)
		return t;
	if (t.n > d->scratch.room - d->scratch.n) {
		decode_refuse(d, "unsupported: more escapes than there is room for");
		return t;
	}
	for (i = 0; i < t.n; i++) {
		char c = escaped(t, i);

		d->scratch.at[d->scratch.n++] = c ? c : t.s[i];
		out.n++;
		i += c != 0;
	}
	return out;
}

void decode_each(struct decode *d, unsigned at, void (*take)(struct decode *, struct text, void *), void *with)
{
	const struct value *v = &d->tree.at[at];
	struct text rest = v->string;

	if (v->kind == VALUE_DICT) {
		decode_unknown(d, d->said);
	} else if (v->kind == VALUE_LIST) {
		VALUE_EACH(child, &d->tree, at)
			take(d, d->tree.at[child].string, with);
	} else {
		while (rest.n)
			take(d, text_until(&rest, ','), with);
	}
}

/* ---- words ---- */

bool decode_word(struct decode *d, const struct words *words, struct text said)
{
	const struct word *w = words->at;

	while (w < words->at + words->n && !name_is(said, w->name))
		w++;
	if (w == words->at + words->n)
		return false;
	if (w->use == WORD_IGNORE)
		decode_ignored(d, said);
	if (w->use == WORD_REFUSE)
		decode_refuse(d, w->why);
	if (words->take && (w->use == WORD_TAKE || w->use == WORD_REFUSE))
		words->take(d, w->value);
	return true;
}

/* ---- takers ---- */

void take_text(struct decode *d, const struct key *key, unsigned at, void *to)
{
	const struct value *v = &d->tree.at[at];

	(void)key;
	if (v->kind == VALUE_LIST || v->kind == VALUE_DICT)
		decode_unknown(d, d->said);
	else
		*(struct text *)to = v->string;
}

static void add_plain(struct decode *d, struct text t, void *to)
{
	decode_add(d, to, t);
}

static void add_escaped(struct decode *d, struct text t, void *to)
{
	decode_add(d, to, decode_unescaped(d, t));
}

void take_texts(struct decode *d, const struct key *key, unsigned at, void *to)
{
	(void)key;
	decode_each(d, at, add_plain, to);
}

void take_escaped_texts(struct decode *d, const struct key *key, unsigned at, void *to)
{
	(void)key;
	decode_each(d, at, add_escaped, to);
}

static void one_word(struct decode *d, struct text said, void *with)
{
	if (!decode_word(d, with, said))
		decode_unknown(d, said);
}

void take_words(struct decode *d, const struct key *key, unsigned at, void *to)
{
	(void)to;
	decode_each(d, at, one_word, (void *)key->words);
}

void take_dict(struct decode *d, const struct key *key, unsigned at, void *to)
{
	struct text said = d->said;

	if (d->tree.at[at].kind != VALUE_DICT) {
		decode_unknown(d, said);
		return;
	}
	VALUE_EACH(child, &d->tree, at) {
		struct text name = d->tree.at[child].string;

		child = d->tree.at[child].next; /* its value; the loop goes on to the next key */
		decode_key(d, key->keys, name, child, to);
	}
	d->said = said;
}

void take_accepted(struct decode *d, const struct key *key, unsigned at, void *to)
{
	(void)d;
	(void)key;
	(void)at;
	(void)to;
}

void take_ignored(struct decode *d, const struct key *key, unsigned at, void *to)
{
	(void)key;
	(void)at;
	(void)to;
	decode_ignored(d, d->said);
}

void take_refused(struct decode *d, const struct key *key, unsigned at, void *to)
{
	(void)at;
	(void)to;
	decode_refuse(d, key->why);
}

/* ---- keys ---- */

void decode_key(struct decode *d, const struct keys *keys, struct text said, unsigned at, void *base)
{
	const struct key *k = keys->at;

	d->said = said;
	while (k < keys->at + keys->n && !name_is(said, k->name))
		k++;
	if (k < keys->at + keys->n) {
		k->take(d, k, at, (char *)base + k->offset);
		return;
	}
	decode_unknown(d, said);
	if (keys->why)
		decode_refuse(d, keys->why);
}
