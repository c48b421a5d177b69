/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "listing.h"

#include <stdio.h>
#include <string.h>

void listing_begin(struct listing *l, const char *caption)
{
	struct html *h = l->h;

	l->depth = html_depth(h);
	html_open(h, "div");
	html_attr(h, "class", "scroll");
	html_open(h, "table");
	html_attr(h, "class", "list");
	html_element(h, "caption", NULL, caption);
	html_open(h, "thead");
	html_open(h, "tr");
	for (const struct listing_column *c = l->columns; c->label; c++) {
		if (*c->label) {
			html_open(h, "th");
			html_attr(h, "scope", "col");
		} else {
			html_open(h, "td");
		}
		html_attr(h, "class", c->class_name);
		html_text(h, c->label);
		html_close(h);
	}
	html_close(h);
	html_close(h);
	html_open(h, "tbody");
}

void listing_row(struct listing *l)
{
	html_close_to(l->h, l->depth + 3); /* div, table, tbody */
	html_open(l->h, "tr");
	l->at = 0;
}

void listing_cell(struct listing *l)
{
	const struct listing_column *c = &l->columns[l->at++];

	html_open(l->h, "td");
	html_attr(l->h, "class", c->class_name);
	html_attr(l->h, "data-label", c->label);
}

void listing_text(struct listing *l, const char *text)
{
	listing_cell(l);
	html_text(l->h, text && *text ? text : "–");
	html_close(l->h);
}

void listing_number(struct listing *l, long long n)
{
	listing_cell(l);
	if (n < 0)
		html_text(l->h, "–");
	else
		html_textf(l->h, "%lld", n);
	html_close(l->h);
}

void listing_time(struct listing *l, const char *utc)
{
	listing_cell(l);
	put_time(l->h, utc);
	html_close(l->h);
}

void listing_end(struct listing *l)
{
	html_close_to(l->h, l->depth);
}

void put_time(struct html *h, const char *utc)
{
	char machine[32], shown[20];

	if (!utc || strlen(utc) < 19) {
		html_text(h, utc && *utc ? utc : "–");
		return;
	}
	snprintf(machine, sizeof(machine), "%.10sT%.8sZ", utc, utc + 11);
	snprintf(shown, sizeof(shown), "%.10s %.8s", utc, utc + 11);
	html_open(h, "time");
	html_attr(h, "datetime", machine);
	html_text(h, shown);
	html_close(h);
}

void put_utc(struct html *h, const char *utc)
{
	put_time(h, utc);
	if (utc && strlen(utc) >= 19)
		html_text(h, " UTC");
}

void put_number(struct html *h, const char *number)
{
	if (!number || !*number || strspn(number, "0123456789") != strlen(number)) {
		html_text(h, number && *number ? number : "–");
		return;
	}
	html_open(h, "a");
	html_url(h, "href", "/accounts/%s", number);
	html_text(h, number);
	html_close(h);
}

void put_duration(struct html *h, long long seconds)
{
	if (seconds < 0)
		html_text(h, "–");
	else if (seconds < 60)
		html_textf(h, "%lld s", seconds);
	else if (seconds < 3600)
		html_textf(h, "%lld min", seconds / 60);
	else if (seconds < 86400)
		html_textf(h, "%lld h %lld min", seconds / 3600, seconds / 60 % 60);
	else
		html_textf(h, "%lld d %lld h", seconds / 86400, seconds / 3600 % 24);
}

void put_path(struct html *h, const char *path)
{
	bool relayed = path && strcmp(path, "relayed") == 0;

	if (!path || !*path)
		html_element(h, "span", "quiet", "not known");
	else
		html_element(h, "span", relayed ? "badge warn" : "badge quiet", path);
}
