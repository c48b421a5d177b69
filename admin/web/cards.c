/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cards.h"

void card_begin(struct html *h, bool bad)
{
	html_open(h, "li");
	html_attr(h, "class", bad ? "card bad" : "card");
}

void card_figure(struct html *h, long long n)
{
	html_open(h, "strong");
	if (n < 0)
		html_text(h, "–");
	else
		html_textf(h, "%lld", n);
	html_close(h);
}

void card_label(struct html *h, const char *path, const char *label)
{
	if (path) {
		html_open(h, "a");
		html_url_made(h, "href", path);
	} else {
		html_open(h, "span");
	}
	html_text(h, label);
	html_close(h);
}

void card_more(struct html *h, const char *text)
{
	html_element(h, "div", "quiet", text);
	html_close(h);
}
