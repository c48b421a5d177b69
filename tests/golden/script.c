/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "script.h"

#include <stdarg.h>
#include <stdio.h>

static bool take_line(struct script *s, struct text *line)
{
	if (s->rest.n == 0)
		return false;
	*line = text_until(&s->rest, '\n');
	s->line++;
	if (s->fill && !s->quiet)
		printf("%.*s\n", TEXT_ARGS(*line));
	return true;
}

static bool ignored(struct text line)
{
	line = text_trimmed(line);
	return line.n == 0 || line.s[0] == '#';
}

bool script_line(struct script *s, struct text *line)
{
	while (take_line(s, line))
		if (!ignored(*line))
			return true;
	return false;
}

bool script_peek(struct script *s, struct text *line)
{
	struct text rest = s->rest;
	unsigned number = s->line;
	bool quiet = s->quiet, there;

	s->quiet = true;
	there = script_line(s, line);
	s->quiet = quiet;
	s->rest = rest;
	s->line = number;
	return there;
}

bool script_fail(struct script *s, const char *format, ...)
{
	va_list arguments;

	printf("%s:%u: case '%.*s' (%s): ", s->file, s->line, TEXT_ARGS(s->title), s->json ? "JSON" : "bencode");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	return false;
}

/* "| ..." lines after "sdp:" (ended by CRLF) or "sdp-lf:" (LF); "sdp: file NAME". */
static struct text read_block(struct script *s, const char *end)
{
	struct out text;
	struct text line, copy;

	out_init(&text, OUT_MAX);
	while (s->rest.n && s->rest.s[0] == '|' && take_line(s, &line)) {
		out_add(&text, text_from(line, line.n > 1 ? 2 : 1));
		out_string(&text, end);
	}
	copy = text_copy(out_text(&text));
	out_free(&text);
	return copy;
}

static struct text read_file(struct script *s, struct text name)
{
	char path[512], bytes[65536];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%.*s", s->folder, TEXT_ARGS(name));
	f = fopen(path, "rb");
	if (!f) {
		script_fail(s, "there is no file %s", path);
		return (struct text){0};
	}
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	return text_copy((struct text){bytes, n});
}

static struct node *read_sdp(struct script *s, struct text key, struct text value)
{
	struct node *n = node_new(NODE_STRING);

	n->key = TEXT("sdp");
	if (text_starts(value, TEXT("file ")))
		n->string = read_file(s, text_from(value, 5));
	else
		n->string = read_block(s, text_is(key, "sdp-lf") ? "\n" : "\r\n");
	return n;
}

static int brackets(struct text t)
{
	int depth = 0;

	for (size_t i = 0; i < t.n; i++) {
		depth += t.s[i] == '[' || t.s[i] == '{';
		depth -= t.s[i] == ']' || t.s[i] == '}';
	}
	return depth;
}

/* A value may go on over lines while a bracket is open. */
static struct node *read_value(struct script *s, struct text value)
{
	int depth = value.n && value.s[0] == '"' ? 0 : brackets(value);
	struct text line;

	while (depth > 0 && take_line(s, &line)) {
		depth += brackets(line);
		value.n = (size_t)(line.s + line.n - value.s);
	}
	return node_read(&value);
}

bool script_dict(struct script *s, struct node *dict)
{
	struct text line, key;
	struct node *value;

	while (script_peek(s, &line) && !strchr(">!=-", line.s[0])) {
		script_line(s, &line);
		if (text_is(line, "...")) {
			dict->open = true;
			continue;
		}
		if (!memchr(line.s, ':', line.n))
			return script_fail(s, "no 'key: value'");
		key = text_until(&line, ':');
		if (line.n && line.s[0] == ' ')
			line = text_from(line, 1);
		if ((text_is(key, "sdp") && (line.n == 0 || text_starts(line, TEXT("file ")))) || text_is(key, "sdp-lf")) {
			value = read_sdp(s, key, line);
			key = TEXT("sdp");
		} else {
			value = read_value(s, line);
		}
		if (!value)
			return script_fail(s, "no value can be read");
		value->key = key;
		node_add(dict, value);
	}
	return true;
}
