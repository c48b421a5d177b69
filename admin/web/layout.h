/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frame of every page: head, bar with who is logged in, menu of what that one may see, messages, main part, foot.
 *
 *	page_begin(h, &page);  ... the main part ...  page_end(h);
 *
 * Works without JavaScript; with it, htmx (if this build has it) exchanges parts of pages.
 */
#ifndef AETA_WEB_LAYOUT_H
#define AETA_WEB_LAYOUT_H

#include "html.h"

#include <stdbool.h>

/* Whose pages these are. The bits of `by` say more (data/describe.h). */
enum page_face {
	FACE_GUEST, /* nobody is logged in: no menu */
	FACE_OPERATOR,
	FACE_SUBSCRIBER, /* an account's own pages */
	FACE_CONTACT,    /* the technical contact of a customer */
};

enum page_theme {
	THEME_AUTO, /* as the browser says */
	THEME_LIGHT,
	THEME_DARK,
};

enum message_kind {
	MESSAGE_GOOD, /* done */
	MESSAGE_NOTE,
	MESSAGE_BAD, /* refused; read out at once by a screen reader */
};

/* A page above ours. */
struct page_up {
	const char *path, *label; /* path NULL: none */
};

/* What the frame needs; everything is borrowed until page_end(). */
struct page {
	const char *title; /* the heading */
	const char *path;  /* of the request: marks the menu, and is where the theme's form comes back to */
	const char *site;  /* the installation's name; NULL: the product's */
	enum page_face face;
	unsigned by;       /* BY_ bits of who is logged in */
	const char *user;  /* operator's name or number; NULL for a guest */
	const char *role;  /* in words, for the bar; NULL: none */
	const char *csrf;  /* of this session, for every form; NULL for a guest who has none */
	enum page_theme theme;
	bool wide;         /* lists: no limit to the width of the main part */
	struct page_up up[2]; /* stand over the heading, the highest first */
	const char *logout; /* where the form of the bar posts to; NULL: "/logout" */
};

/* The names of the parameters and of the cookie that the theme's form and its handler (POST /theme) agree on. */
#define THEME_PARAMETER "theme"
#define THEME_BACK      "back"

/* "auto", "light", "dark"; another word or NULL is THEME_AUTO. */
enum page_theme theme_of(const char *word);
const char *theme_word(enum page_theme theme);

/* Everything up to the main part's heading. `h` is empty. */
void page_begin(struct html *h, const struct page *page);
/* Closes what page_begin() and the caller opened, and writes the foot. */
void page_end(struct html *h, const struct page *page);

/* The id of a part of a page that asks for itself anew: such a request does not count as somebody's being there. One a page. */
#define WATCHING_PART "now"
/*
 * Attributes of the element that is open: it is such a part, at `address`. Nothing is exchanged while the focus is in it, so that nobody
 * loses their place (app.js).
 */
void page_watch(struct html *h, const char *address);

/* A box with a message, where it is called: first in the main part. */
void page_message(struct html *h, enum message_kind kind, const char *text);
/* A small label in a line: `kind` is a class of style.css (good, bad, warn, note, quiet). */
#define page_badge(h, kind, text) html_element((h), "span", "badge " kind, (text))

/* A form that changes something: POST, with the token. The caller writes fields and buttons, then html_close(). */
#define form_begin(h, page, ...) \
	do { \
		html_open((h), "form"); \
		html_attr((h), "method", "post"); \
		html_url((h), "action", __VA_ARGS__); \
		form_token((h), (page)); \
	} while (0)
/* The hidden field with the token; part of form_begin(). Ends the attributes of the form. */
void form_token(struct html *h, const struct page *page);
#define FORM_TOKEN "csrf"
/* A hidden field. */
void form_hidden(struct html *h, const char *name, const char *value);
/* A button that prints the page; only where scripts run. */
void page_print_button(struct html *h);
/* The button that sends; `class_name` NULL, or "danger" or "plain". */
void form_button(struct html *h, const char *class_name, const char *label);

#endif
