/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "login.h"

#include "respond.h"
#include "view.h"

static void put_fact(struct html *h, const char *label, const char *value)
{
	html_element(h, "dt", NULL, label);
	html_element(h, "dd", "code", value);
}

int login_sheet(struct request *r, const char *title, const struct view *v, const char *login, const char *password, const char *pages)
{
	struct html *h = &r->body;
	struct page page;

	request_page(r, &page, title);
	view_under(&page, v);
	page_begin(h, &page);
	page_message(h, MESSAGE_NOTE, "This password is shown now and never again: note it now. Its owner should change it at the first login.");
	html_open(h, "dl");
	html_attr(h, "class", "facts sheet");
	put_fact(h, "Login name", login);
	put_fact(h, "Password", password);
	if (pages)
		put_fact(h, "Pages", pages);
	html_close(h);
	page_end(h, &page);
	return respond_page(r, 200);
}
