/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A reply, written as a case would have it: ports by the names they have in the case. */
#include "script.h"

#include <stdio.h>

static void print_port(struct script *s, unsigned port)
{
	unsigned even = port & ~1u, i = 0;

	while (i < MATCH_PORTS - 1 && s->match.ports[i] && s->match.ports[i] != even)
		i++;
	s->match.ports[i] = even;
	printf("PORT%u%s", i, port & 1 ? "+1" : "");
}

static bool digit(struct text t, size_t at)
{
	return at < t.n && t.s[at] >= '0' && t.s[at] <= '9';
}

/* Numbers of the ports' range are ports. */
static void print_text(struct script *s, struct text t)
{
	for (size_t i = 0; i < t.n; i++) {
		uint64_t port;

		if (i + 5 <= t.n && !digit(t, i + 5) && (i == 0 || !digit(t, i - 1)) && text_number((struct text){t.s + i, 5}, 29999, &port) &&
				port >= 20000) {
			print_port(s, (unsigned)port);
			i += 4;
		} else {
			putchar(t.s[i]);
		}
	}
}

static void print_node(struct script *s, const struct node *n)
{
	if (n->kind == NODE_INTEGER && n->integer >= 20000 && n->integer <= 29999) {
		print_port(s, (unsigned)n->integer);
	} else if (n->kind == NODE_INTEGER) {
		printf("%lld", n->integer);
	} else if (n->kind == NODE_STRING) {
		putchar('"');
		print_text(s, n->string);
		putchar('"');
	} else {
		putchar(n->kind == NODE_LIST ? '[' : '{');
		for (const struct node *c = n->first; c; c = c->next) {
			if (n->kind == NODE_DICT)
				printf("%.*s: ", TEXT_ARGS(c->key));
			print_node(s, c);
			printf("%s", c->next ? ", " : "");
		}
		putchar(n->kind == NODE_LIST ? ']' : '}');
	}
}

static void print_sdp(struct script *s, struct text sdp)
{
	bool lf = !memchr(sdp.s, '\r', sdp.n);
	struct text line;

	printf("%s\n", lf ? "sdp-lf:" : "sdp:");
	while (sdp.n) {
		line = text_until(&sdp, '\n');
		if (line.n && line.s[line.n - 1] == '\r')
			line.n--;
		printf("| ");
		print_text(s, line);
		putchar('\n');
	}
}

void script_print(struct script *s, const struct node *reply)
{
	for (const struct node *c = reply->first; c; c = c->next) {
		if (text_is(c->key, "sdp")) {
			print_sdp(s, c->string);
			continue;
		}
		printf("%.*s: ", TEXT_ARGS(c->key));
		if (c->kind == NODE_STRING && !memchr(c->string.s, ',', c->string.n))
			print_text(s, c->string);
		else
			print_node(s, c);
		putchar('\n');
	}
}
