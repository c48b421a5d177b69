/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mask.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* A piece of the message: from `s` up to `end`. */
struct piece {
	char *s, *end;
};

static size_t length(struct piece p)
{
	return p.end > p.s ? (size_t)(p.end - p.s) : 0;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Everything but line ends, so that the message keeps its lines. */
static void hide(struct piece p)
{
	for (; p.s < p.end; p.s++)
		if (*p.s != '\r' && *p.s != '\n')
			*p.s = AETA_MASK;
}

static struct piece skip_space(struct piece p)
{
	while (p.s < p.end && is_space(*p.s))
		p.s++;
	return p;
}

static bool equals(struct piece p, const char *word)
{
	return length(p) == strlen(word) && strncasecmp(p.s, word, length(p)) == 0;
}

static bool is_one_of(struct piece p, const char *const *words)
{
	while (*words && !equals(p, *words))
		words++;
	return *words != NULL;
}

static char *find(struct piece p, const char *word)
{
	size_t len = strlen(word);

	for (; length(p) >= len; p.s++)
		if (strncasecmp(p.s, word, len) == 0)
			return p.s;
	return NULL;
}

/* ---- digest credentials ---- */

/* The parameter at the start of `p`, to its comma; a quoted string that does not end takes all. */
static struct piece parameter(struct piece p)
{
	bool quoted = false;
	char *s;

	for (s = p.s; s < p.end && (quoted || *s != ','); s++) {
		if (quoted && *s == '\\' && s + 1 < p.end)
			s++;
		else if (*s == '"')
			quoted = !quoted;
	}
	return (struct piece){p.s, s};
}

/* name = value: keeps it if its name is listed; but not if a comma was forgotten, and the next parameter is in its value. */
static void mask_parameter(struct piece p)
{
	static const char *const harmless[] = {"username", "realm", "uri", "algorithm", "qop", "nc", "opaque", "stale", NULL};
	struct piece name = skip_space(p), value;
	char *equal = memchr(name.s, '=', length(name));

	value = (struct piece){equal ? equal + 1 : p.end, p.end};
	name.end = equal ? equal : p.end;
	while (name.end > name.s && is_space(name.end[-1]))
		name.end--;
	if (!is_one_of(name, harmless) || find(value, "response") || find(value, "nonce"))
		hide(equal ? value : p);
}

/* Parameters, one after the other, up to the end of the header. */
static void mask_parameters(struct piece p)
{
	while (p.s < p.end) {
		struct piece one = parameter(p);

		mask_parameter(one);
		p.s = one.end < p.end ? one.end + 1 : p.end;
	}
}

static void mask_credentials(struct piece value)
{
	struct piece scheme = skip_space(value), rest = scheme;

	while (rest.s < rest.end && !is_space(*rest.s))
		rest.s++;
	scheme.end = rest.s;
	if (equals(scheme, "Digest"))
		mask_parameters(rest);
	else
		hide(value);
}

/* ---- any line ---- */

/* The end of what may be the user part of a URI: '@' ends it, too, or what no user part may hold. */
static char *user_part(struct piece p)
{
	while (p.s < p.end && !is_space(*p.s) && !memchr("<>\",@", *p.s, 5))
		p.s++;
	return p.s;
}

/* sip:user:password@ and sips:… */
static void mask_passwords(struct piece p)
{
	char *colon;

	for (; length(p) > 4; p.s++) {
		struct piece user;

		if (strncasecmp(p.s, "sip:", 4) != 0 && strncasecmp(p.s, "sips:", 5) != 0)
			continue;
		user = (struct piece){(char *)memchr(p.s, ':', length(p)) + 1, p.end};
		user.end = user_part(user);
		colon = memchr(user.s, ':', length(user));
		if (colon && user.end < p.end && *user.end == '@')
			hide((struct piece){colon + 1, user.end});
	}
}

static void mask_anything(struct piece p)
{
	char *credentials = find(p, "authorization");

	mask_passwords(p);
	if (credentials)
		hide((struct piece){credentials + strlen("authorization"), p.end});
}

/* ---- headers ---- */

/* The header at the start of `p` with its folded lines and their ends, or the first line. */
static struct piece whole_line(struct piece p)
{
	char *s = p.s;

	for (;;) {
		s = memchr(s, '\n', (size_t)(p.end - s));
		if (!s)
			return p;
		s++;
		if (s == p.end || (*s != ' ' && *s != '\t'))
			return (struct piece){p.s, s};
	}
}

/* The value of the header if it has one of these names. */
static bool value_of(struct piece header, const char *const *names, struct piece *value)
{
	struct piece name = header;
	char *colon = memchr(header.s, ':', length(header));

	if (!colon)
		return false;
	name.end = colon;
	while (name.end > name.s && is_space(name.end[-1]))
		name.end--;
	*value = (struct piece){colon + 1, header.end};
	return is_one_of(name, names);
}

/* What may stay of the body, by its Content-Type and other headers. */
enum body { BODY_UNKNOWN, BODY_SDP, BODY_OTHER };

static void look_at_type(struct piece header, enum body *body)
{
	static const char *const type[] = {"Content-Type", "c", NULL};
	static const char *const encoding[] = {"Content-Encoding", "e", NULL};
	struct piece value;

	if (value_of(header, encoding, &value)) {
		*body = BODY_OTHER;
	} else if (value_of(header, type, &value)) {
		value = skip_space(value);
		for (char *s = value.s; s < value.end; s++)
			if (*s == ';' || is_space(*s))
				value.end = s;
		*body = *body == BODY_UNKNOWN && equals(value, "application/sdp") ? BODY_SDP : BODY_OTHER;
	}
}

static void mask_header(struct piece header, enum body *body)
{
	static const char *const credentials[] = {"Authorization", "Proxy-Authorization", NULL};
	static const char *const info[] = {"Authentication-Info", "Proxy-Authentication-Info", NULL};
	static const char *const own[] = {"X-Aeta-Own", NULL};
	struct piece value;

	if (value_of(header, credentials, &value))
		mask_credentials(value);
	else if (value_of(header, info, &value))
		mask_parameters(value);
	else if (value_of(header, own, &value))
		hide(value);
	else
		mask_anything(header);
	look_at_type(header, body);
}

/* ---- body ---- */

static void mask_sdp(struct piece p)
{
	static const char *const keys[] = {"k=", "a=crypto", "a=key-mgmt", "a=ice-pwd", NULL};

	while (p.s < p.end) {
		char *lf = memchr(p.s, '\n', length(p));
		struct piece line = {p.s, lf ? lf : p.end};
		const char *const *key = keys;

		while (*key && (length(line) < strlen(*key) || strncasecmp(line.s, *key, strlen(*key)) != 0))
			key++;
		if (*key)
			hide((struct piece){line.s + strlen(*key), line.end});
		else
			mask_anything(line);
		p.s = lf ? lf + 1 : p.end;
	}
}

void aeta_mask(char *message, size_t len)
{
	struct piece p = {message, message + len};
	enum body body = BODY_UNKNOWN;

	while (p.s < p.end) {
		struct piece header = whole_line(p);

		if (*p.s == '\n' || *p.s == '\r')
			break; /* the empty line */
		mask_header(header, &body);
		p.s = header.end;
	}
	if (body == BODY_SDP)
		mask_sdp(p);
	else
		hide(p);
}
