/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cards.h"

void card_begin(struct html *h, bool bad)
{
	html_open(h, "li");
	html_attr(h, "class", bad ? "card bad" : "card");
}

void card_figure(struct html *h, const char *path, long long n, const char *one, const char *many)
{
	html_open(h, "a");
	html_url_made(h, "href", path);
	html_open(h, "strong");
	if (n < 0)
		html_text(h, "–");
	else
		html_textf(h, "%lld", n);
	html_close(h);
	html_textf(h, " %s", n == 1 ? one : many);
	html_close(h);
}

void card_more(struct html *h, const char *text)
{
	html_element(h, "div", "quiet", text);
	html_close(h);
}
