/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sdp_line.h"

/* Nothing, or nothing but blanks and NULs: some count the NUL of their string into the body. */
static bool is_empty(struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		if (t.s[i] != ' ' && t.s[i] != '\t' && t.s[i] != 0)
			return false;
	return true;
}

bool sdp_line_next(struct text *rest, struct sdp_line *line)
{
	const char *end = rest->n ? memchr(rest->s, '\n', rest->n) : NULL;
	struct text t;

	*line = (struct sdp_line){.ended = end != NULL};
	if (!rest->n)
		return false;
	line->whole = (struct text){rest->s, end ? (size_t)(end - rest->s) + 1 : rest->n};
	*rest = text_from(*rest, line->whole.n);
	t = (struct text){line->whole.s, line->whole.n - line->ended};
	while (t.n && t.s[t.n - 1] == '\r')
		t.n--;
	if (is_empty(t))
		return true;
	while (t.n > 2 && (t.s[t.n - 1] == ' ' || t.s[t.n - 1] == '\t' || t.s[t.n - 1] == '\r'))
		t.n--; /* "a=sendonly " is one, too, and so is "a=sendonly\r " */
	line->type = t.n > 1 && t.s[1] == '=' && t.s[0] != 0 ? t.s[0] : '?';
	line->value = text_from(t, 2);
	if (line->type == 'a') {
		line->rest = line->value;
		line->name = text_until(&line->rest, ':');
	}
	return true;
}

int sdp_line_payload_type(const struct sdp_line *line, struct text *following)
{
	uint64_t type;

	*following = line->rest;
	return text_number(text_word(following), 127, &type) ? (int)type : -1;
}
