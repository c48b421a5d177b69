/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "layout.h"

#include "static.h"

#include "data/scope.h"

#include <ctype.h>
#include <string.h>

/* One line of the menu; a row without a path is the heading of those after it. */
struct menu_row {
	enum page_face face;
	unsigned by; /* who sees it; 0: all of that face */
	const char *path, *label;
};

static const struct menu_row menu[] = {
		{FACE_OPERATOR, 0, NULL, "Service"},
		{FACE_OPERATOR, 0, "/", "Dashboard"},
		{FACE_OPERATOR, 0, "/calls", "Calls now"},
		{FACE_OPERATOR, 0, "/location", "Registrations"},
		{FACE_OPERATOR, 0, "/testcodec", "Test codec"},
		{FACE_OPERATOR, 0, "/bans", "Bans"},
		{FACE_OPERATOR, 0, NULL, "Subscribers"},
		{FACE_OPERATOR, 0, "/customers", "Customers"},
		{FACE_OPERATOR, 0, "/contacts", "Contacts"},
		{FACE_OPERATOR, 0, "/groups", "Groups"},
		{FACE_OPERATOR, 0, "/accounts", "Accounts"},
		{FACE_OPERATOR, 0, "/exceptions", "Exceptions"},
		{FACE_OPERATOR, 0, "/web-logins", "Web logins"},
		{FACE_OPERATOR, 0, NULL, "Records"},
		{FACE_OPERATOR, 0, "/cdrs", "Call records"},
		{FACE_OPERATOR, 0, "/blocked", "Blocked and failed"},
		{FACE_OPERATOR, 0, "/nat", "NATs and firewalls"},
		{FACE_OPERATOR, 0, "/redial", "Redialled pairs"},
		{FACE_OPERATOR, 0, NULL, "Network"},
		{FACE_OPERATOR, 0, "/domains", "Domains"},
		{FACE_OPERATOR, 0, "/relays", "Relays"},
		{FACE_OPERATOR, 0, "/relay-sets", "Relay sets"},
		{FACE_OPERATOR, 0, NULL, "Mail"},
		{FACE_OPERATOR, 0, "/announcements", "Announcements"},
		{FACE_OPERATOR, 0, "/mails", "Mails"},
		{FACE_OPERATOR, BY_STAFF, NULL, "Administration"},
		{FACE_OPERATOR, BY_ADMIN, "/operators", "Operators"},
		{FACE_OPERATOR, BY_ADMIN, "/sessions", "Sessions"},
		{FACE_OPERATOR, BY_STAFF, "/audit", "Audit"},
		{FACE_SUBSCRIBER, 0, NULL, "Own SIP Profile"},
		{FACE_SUBSCRIBER, 0, "/siremis/user/subscriber", "Subscriber Data"},
		{FACE_SUBSCRIBER, 0, "/siremis/user/location", "Location Records"},
		{FACE_SUBSCRIBER, 0, "/siremis/user/options", "Options"},
		{FACE_SUBSCRIBER, 0, NULL, "Accounting"},
		{FACE_SUBSCRIBER, 0, "/siremis/user/cdrs", "Call Data Records"},
		{FACE_SUBSCRIBER, 0, NULL, "Service"},
		{FACE_SUBSCRIBER, 0, "/siremis/user/announcements", "Announcements"},
		{FACE_SUBSCRIBER, 0, NULL, "Help"},
		{FACE_SUBSCRIBER, 0, "/siremis/user/firewall", "Firewall"},
		{FACE_SUBSCRIBER, 0, "/siremis/user/testcall", "Test call"},
		{FACE_CONTACT, 0, NULL, "Service"},
		{FACE_CONTACT, 0, "/customer", "Overview"},
		{FACE_CONTACT, 0, "/customer/calls", "Calls now"},
		{FACE_CONTACT, 0, "/customer/location", "Registrations"},
		{FACE_CONTACT, 0, "/customer/announcements", "Announcements"},
		{FACE_CONTACT, 0, NULL, "Subscription"},
		{FACE_CONTACT, 0, "/customer/groups", "Groups"},
		{FACE_CONTACT, 0, "/customer/accounts", "Accounts"},
		{FACE_CONTACT, 0, "/customer/contacts", "Contacts"},
		{FACE_CONTACT, 0, NULL, "Records"},
		{FACE_CONTACT, 0, "/customer/cdrs", "Call records"},
		{FACE_CONTACT, 0, "/customer/blocked", "Blocked and failed"},
		{FACE_CONTACT, 0, "/customer/nat", "NATs and firewalls"},
		{FACE_CONTACT, 0, NULL, "Help"},
		{FACE_CONTACT, 0, "/customer/firewall", "Firewall"},
};

static const char *const theme_words[] = {"auto", "light", "dark"};

enum page_theme theme_of(const char *word)
{
	for (size_t i = THEME_LIGHT; word && i <= THEME_DARK; i++) {
		if (!strcmp(word, theme_words[i]))
			return (enum page_theme)i;
	}
	return THEME_AUTO;
}

const char *theme_word(enum page_theme theme)
{
	return theme_words[theme];
}

static void put_meta(struct html *h, const char *name, const char *content)
{
	html_void(h, "meta");
	html_attr(h, "name", name);
	html_attr(h, "content", content);
}

/* htmx may neither evaluate text as a program nor write styles into the page: the policy of our pages forbids both. */
#define HTMX_CONFIG \
	"{\"allowEval\":false,\"includeIndicatorStyles\":false,\"selfRequestsOnly\":true,\"historyCacheSize\":0," \
	"\"refreshOnHistoryMiss\":true,\"allowScriptTags\":false}"

static void put_script(struct html *h, const char *name)
{
	const struct static_file *file = static_find(name);

	if (!file)
		return;
	html_open(h, "script");
	html_url(h, "src", "/static/%s?v=%s", file->name, file->tag);
	html_flag(h, "defer", true);
	html_close(h);
}

static const char *site_of(const struct page *page)
{
	return page->site ? page->site : "AETA SIP service";
}

static void put_head(struct html *h, const struct page *page)
{
	const struct static_file *style = static_find("style.css");

	html_open(h, "head");
	html_void(h, "meta");
	html_attr(h, "charset", "utf-8");
	put_meta(h, "viewport", "width=device-width, initial-scale=1");
	put_meta(h, "referrer", "same-origin");
	put_meta(h, "htmx-config", HTMX_CONFIG);
	html_open(h, "title");
	html_textf(h, "%s · %s", page->title, site_of(page));
	html_close(h);
	html_void(h, "link");
	html_attr(h, "rel", "stylesheet");
	html_url(h, "href", "/static/%s?v=%s", style->name, style->tag);
	html_void(h, "link");
	html_attr(h, "rel", "icon");
	html_attr(h, "type", "image/svg+xml");
	html_url(h, "href", "/static/icon.svg");
	put_script(h, "htmx.min.js");
	put_script(h, "app.js");
	html_close(h);
}

/* Others are below its path, and not part of it. */
static bool is_first_page(const struct menu_row *row)
{
	return !strcmp(row->path, "/") || !strcmp(row->path, "/customer");
}

/* The longest path of the menu that ours is, or is below. */
static const struct menu_row *row_of(const struct page *page)
{
	const struct menu_row *best = NULL;
	size_t n, most = 0;

	for (size_t i = 0; page->path && i < sizeof(menu) / sizeof(*menu); i++) {
		if (menu[i].face != page->face || !menu[i].path)
			continue;
		n = strlen(menu[i].path);
		if (n > most && !strncmp(page->path, menu[i].path, n) &&
				(!page->path[n] || (!is_first_page(&menu[i]) && strchr("/?", page->path[n])))) {
			best = &menu[i];
			most = n;
		}
	}
	return best;
}

static void put_menu_link(struct html *h, const struct menu_row *row, bool here)
{
	html_open(h, "li");
	html_open(h, "a");
	html_url_made(h, "href", row->path);
	html_attr(h, "aria-current", here ? "page" : NULL);
	html_text(h, row->label);
	html_close(h);
	html_close(h);
}

static void put_menu(struct html *h, const struct page *page)
{
	const struct menu_row *here = row_of(page);
	int depth;

	html_open(h, "nav");
	html_attr(h, "id", "menu");
	html_attr(h, "aria-label", "Menu");
	html_open(h, "a");
	html_attr(h, "class", "menu-close");
	html_url(h, "href", "#main");
	html_text(h, "Close menu");
	html_close(h);
	depth = html_depth(h);
	for (size_t i = 0; i < sizeof(menu) / sizeof(*menu); i++) {
		if (menu[i].face != page->face || (menu[i].by && !(menu[i].by & page->by)))
			continue;
		if (menu[i].path) {
			put_menu_link(h, &menu[i], &menu[i] == here);
			continue;
		}
		html_close_to(h, depth);
		html_element(h, "h2", NULL, menu[i].label);
		html_open(h, "ul");
	}
	html_close_to(h, depth);
	html_close(h);
}

/* So that words do not run together where no style keeps them apart. */
static void put_gap(struct html *h)
{
	html_text(h, " ");
}

/* The name of an operator or a contact leads to its own password and second factor. */
static void put_user(struct html *h, const struct page *page)
{
	bool leads = page->face == FACE_OPERATOR || page->face == FACE_CONTACT;

	if (leads) {
		html_open(h, "a");
		html_url_made(h, "href", page->face == FACE_CONTACT ? "/customer/profile" : "/profile");
	}
	html_element(h, "bdi", NULL, page->user);
	if (leads)
		html_close(h);
}

static void put_bar(struct html *h, const struct page *page)
{
	html_open(h, "header");
	html_attr(h, "class", "bar");
	if (page->face != FACE_GUEST) {
		html_open(h, "a");
		html_attr(h, "class", "menu-open");
		html_url(h, "href", "#menu");
		html_text(h, "Menu");
		html_close(h);
		put_gap(h);
	}
	html_element(h, "span", "brand", site_of(page));
	if (page->user) {
		put_gap(h);
		html_open(h, "span");
		html_attr(h, "class", "who");
		put_user(h, page);
		put_gap(h);
		if (page->role)
			html_element(h, "span", "badge quiet", page->role);
		html_close(h);
		html_open(h, "form");
		html_attr(h, "method", "post");
		html_url_made(h, "action", page->logout ? page->logout : "/logout");
		form_token(h, page);
		form_button(h, "plain", "Log out");
		html_close(h);
	}
	html_close(h);
}

static void put_ups(struct html *h, const struct page *page)
{
	if (!page->up[0].path)
		return;
	html_open(h, "p");
	html_attr(h, "class", "crumbs");
	for (size_t i = 0; i < sizeof(page->up) / sizeof(*page->up) && page->up[i].path; i++) {
		if (i)
			html_text(h, " › ");
		html_open(h, "a");
		html_url_made(h, "href", page->up[i].path);
		html_text(h, page->up[i].label);
		html_close(h);
	}
	html_close(h);
}

void page_begin(struct html *h, const struct page *page)
{
	html_doctype(h);
	html_open(h, "html");
	html_attr(h, "lang", "en");
	html_attr(h, "data-theme", page->theme == THEME_AUTO ? NULL : theme_word(page->theme));
	put_head(h, page);
	html_open(h, "body");
	html_attr(h, "class", page->face == FACE_GUEST ? "guest" : NULL);
	html_open(h, "a");
	html_attr(h, "class", "skip");
	html_url(h, "href", "#main");
	html_text(h, "Skip to the content");
	html_close(h);
	put_bar(h, page);
	if (page->face != FACE_GUEST)
		put_menu(h, page);
	html_open(h, "main");
	html_attr(h, "id", "main");
	html_attr(h, "class", page->wide ? "wide" : NULL);
	html_attr(h, "tabindex", "-1");
	put_ups(h, page);
	html_element(h, "h1", NULL, page->title);
}

static void put_theme_choice(struct html *h, const struct page *page)
{
	static const char *const labels[] = {"Automatic", "Light", "Dark"};

	form_begin(h, page, "/theme");
	form_hidden(h, THEME_BACK, page->path);
	html_element(h, "span", NULL, "Colours");
	for (int i = THEME_AUTO; i <= THEME_DARK; i++) {
		html_open(h, "button");
		html_attr(h, "class", "plain");
		html_attr(h, "name", THEME_PARAMETER);
		html_attr(h, "value", theme_words[i]);
		html_attr(h, "aria-pressed", i == (int)page->theme ? "true" : "false");
		html_text(h, labels[i]);
		html_close(h);
	}
	html_close(h);
}

void page_end(struct html *h, const struct page *page)
{
	html_close_to(h, 2); /* html, body */
	html_open(h, "footer");
	if (page->face != FACE_GUEST)
		html_element(h, "span", NULL, "All times are UTC.");
	if (page->csrf)
		put_theme_choice(h, page);
	html_close_to(h, 0);
}

/* What the data layer refuses is a line of aetactl's: no capital, no full stop. */
static void put_sentence(struct html *h, const char *text)
{
	size_t n = strlen(text);

	if (n)
		html_textf(h, "%c%s%s", toupper((unsigned char)*text), text + 1, strchr(".!?:", text[n - 1]) ? "" : ".");
}

void page_watch(struct html *h, const char *address)
{
	html_attr(h, "id", WATCHING_PART);
	html_url_made(h, "hx-get", address);
	html_attr(h, "hx-trigger", "every 5s");
	html_attr(h, "hx-select", "#" WATCHING_PART);
	html_attr(h, "hx-swap", "outerHTML");
	html_attr(h, "data-still", "");
}

void page_message(struct html *h, enum message_kind kind, const char *text)
{
	static const char *const classes[] = {"message good", "message note", "message bad"};

	html_open(h, "p");
	html_attr(h, "class", classes[kind]);
	html_attr(h, "role", kind == MESSAGE_BAD ? "alert" : "status");
	put_sentence(h, text);
	html_close(h);
}

void form_hidden(struct html *h, const char *name, const char *value)
{
	html_void(h, "input");
	html_attr(h, "type", "hidden");
	html_attr(h, "name", name);
	html_attr(h, "value", value ? value : "");
}

void form_token(struct html *h, const struct page *page)
{
	if (page->csrf)
		form_hidden(h, FORM_TOKEN, page->csrf);
}

void page_print_button(struct html *h)
{
	html_open(h, "button");
	html_attr(h, "type", "button");
	html_flag(h, "data-print", true);
	html_text(h, "Print");
	html_close(h);
}

void form_button(struct html *h, const char *class_name, const char *label)
{
	html_open(h, "button");
	html_attr(h, "type", "submit");
	html_attr(h, "class", class_name);
	html_text(h, label);
	html_close(h);
}
