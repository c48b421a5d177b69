/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a subscriber may read: the options of the group, what a firewall has to let through (contacts, too), how to make a test call. */
#include "respond.h"
#include "routes.h"
#include "view.h"

#include "data/data.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- options (E4): set by the operator, read here ---- */

static void show_exceptions(struct html *h, const struct request *r, const struct data_rows *rows)
{
	html_element(h, "h2", NULL, "Exceptions");
	html_element(h, "p", NULL, "Numbers that members may call in spite of outgoing blocking:");
	if (rows->count)
		view_table_of(h, &r->scope, rows, "prefix");
	else
		html_element(h, "p", "empty", "None.");
}

static int get_options(struct request *r)
{
	struct data_rows account = {0}, group = {0}, exceptions = {0};
	const struct data_query all = {.per_page = DATA_PER_PAGE_MAX};
	const char *prefix = NULL;
	struct html *h = &r->body;
	struct page page;
	int rc = data_show(r->db, &r->scope, table_find("accounts"), r->session.who, &account);

	if (rc == 0)
		prefix = data_named(&account, 0, "prefix");
	if (rc == 0)
		rc = prefix ? data_show(r->db, &r->scope, table_find("groups"), prefix, &group) : -ENOENT;
	if (rc == 0)
		rc = data_list(r->db, &r->scope, table_find("exceptions"), &all, &exceptions);
	if (rc == 0) {
		request_page(r, &page, "Options");
		page_begin(h, &page);
		html_element(h, "p", NULL, "The options of your group are set by the operator of the service, on your request.");
		view_facts(h, &r->scope, &group);
		show_exceptions(h, r, &exceptions);
		page_end(h, &page);
		rc = respond_page(r, 200);
	}
	data_rows_free(&account);
	data_rows_free(&group);
	data_rows_free(&exceptions);
	return rc;
}

/* ---- the firewall sheet (C4): this installation's addresses and ports ---- */

static void cell(struct html *h, const char *label, const char *text)
{
	html_open(h, "td");
	html_attr(h, "data-label", label);
	html_text(h, text);
	html_close(h);
}

static void row(struct html *h, const char *what, const char *protocol, const char *address, const char *port)
{
	html_open(h, "tr");
	cell(h, "For", what);
	cell(h, "Protocol", protocol);
	cell(h, "Address of the service", address);
	cell(h, "Port of the service", port);
	html_close(h);
}

static void head(struct html *h)
{
	static const char *const labels[] = {"For", "Protocol", "Address of the service", "Port of the service"};

	html_open(h, "thead");
	html_open(h, "tr");
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		html_open(h, "th");
		html_attr(h, "scope", "col");
		html_text(h, labels[i]);
		html_close(h);
	}
	html_close(h);
	html_close(h);
}

/* The domains that agents register at are rows of the database; the addresses are the configuration's. */
static void show_sheet(struct html *h, const struct settings_text *s)
{
	const char *media = s->media_addresses[0] ? s->media_addresses : s->sip_addresses;

	html_open(h, "div");
	html_attr(h, "class", "scroll");
	html_open(h, "table");
	html_attr(h, "class", "list");
	head(h);
	html_open(h, "tbody");
	row(h, "SIP", "UDP, TCP", s->sip_addresses, s->sip_ports);
	row(h, "STUN", "UDP", s->sip_addresses, s->stun_port);
	row(h, "Audio through the relay (RTP, RTCP)", "UDP", media, s->media_ports);
	html_close(h);
	html_close(h);
	html_close(h);
	html_element(h, "p", NULL,
			"The device opens all of this itself, from the inside: nothing has to be forwarded to it. Let it send to these addresses "
			"and ports, and let the answers in. Audio between two devices goes directly from one to the other where that works; then it "
			"uses the ports that are set in the devices. Where a firewall lets only these addresses through, ask the operator for the "
			"option that always takes the relay.");
	html_element(h, "p", NULL,
			"With that option, switch STUN off in the devices, and block SIP and audio to and from any other address.");
	html_element(h, "p", NULL,
			"Switch off any SIP helper (ALG) of a router: it changes what the device says. Where port 5060 is blocked or changed on its "
			"way, set the device to another SIP port of the list.");
}

static int get_firewall(struct request *r)
{
	const struct settings_text *s = &r->web->settings.text;
	struct html *h = &r->body;
	struct page page;

	request_page(r, &page, "Firewall");
	page_begin(h, &page);
	html_element(h, "p", NULL, "What a firewall between your device and the service has to let through.");
	if (s->sip_addresses[0]) {
		show_sheet(h, s);
		html_open(h, "p");
		html_attr(h, "class", "actions");
		page_print_button(h);
		html_close(h);
	} else {
		page_message(h, MESSAGE_NOTE, "The addresses of this service are not in its configuration yet: ask the operator.");
	}
	page_end(h, &page);
	return respond_page(r, 200);
}

/* ---- the test call (B9) ---- */

static void step(struct html *h, const char *text)
{
	html_element(h, "li", NULL, text);
}

/* A step with a link to the page that it speaks of. */
static void step_to(struct html *h, const char *before, const char *path, const char *label, const char *after)
{
	html_open(h, "li");
	html_text(h, before);
	html_open(h, "a");
	html_url_made(h, "href", path);
	html_text(h, label);
	html_close(h);
	html_text(h, after);
	html_close(h);
}

static int get_testcall(struct request *r)
{
	const char *number = r->web->settings.config.test_codec, *contact = r->web->settings.text.support_contact;
	struct html *h = &r->body;
	char call[128];
	struct page page;

	request_page(r, &page, "Test call");
	page_begin(h, &page);
	html_element(h, "p", NULL,
			"A codec of the service is always on air with a programme. Calling it shows that your device is registered, that its audio "
			"passes, and in which quality.");
	snprintf(call, sizeof(call), "Dial %.40s. It answers at once; you hear the programme.", number);
	html_open(h, "ol");
	step_to(h, "See that the device is registered: ", "/siremis/user/location", "Location Records", " shows it.");
	step(h, "Choose a coding in the device; the test codec takes every one that broadcast codecs have in common.");
	step(h, call);
	step(h, "Listen for a minute: gaps tell of a network that loses packets.");
	step(h, "Hang up. A test call lasts ten minutes at most, and the lines are few.");
	html_close(h);
	html_element(h, "h2", NULL, "If it does not work");
	html_open(h, "ul");
	step(h, "Not registered: compare number, SIP password and registrar in the device with the sheet that you were given.");
	step_to(h, "Registered, but you hear nothing: a firewall stops the audio. The page ", "/siremis/user/firewall", "Firewall",
			" says what it has to let through. Or switch STUN off in the device, wait until it has registered again, and call again: "
			"the audio then goes through the relay.");
	step(h, "Busy: all lines are taken. Try again in a few minutes.");
	html_close(h);
	if (*contact) {
		html_open(h, "p");
		html_textf(h, "Help: %s", contact);
		html_close(h);
	}
	page_end(h, &page);
	return respond_page(r, 200);
}

const struct route user_help_routes[] = {
		ROUTE_GET("/siremis/user/options", MAY_SUBSCRIBER, get_options),
		ROUTE_GET("/siremis/user/firewall", MAY_SUBSCRIBER, get_firewall),
		ROUTE_GET("/customer/firewall", MAY_CONTACT, get_firewall),
		ROUTE_GET("/siremis/user/testcall", MAY_SUBSCRIBER, get_testcall),
		{0},
};
