/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "respond.h"

#include "answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char page_type[] = "text/html; charset=utf-8", text_type[] = "text/plain; charset=utf-8";

/* The first answer counts: a second one is a mistake of the handler, which the log shows. */
static bool begin(struct request *r, unsigned status, const char *type)
{
	if (r->answer->status) {
		fprintf(stderr, "aeta-admin: %s %s has answered twice\n", r->method, r->route ? r->route->path : "?");
		return false;
	}
	r->answer->status = status;
	r->answer->type = type;
	return true;
}

int respond_page(struct request *r, unsigned status)
{
	if (!begin(r, status, page_type))
		return 0;
	return html_finish(&r->body, &r->answer->body, &r->answer->length);
}

int respond_bytes(struct request *r, unsigned status, const char *type, const void *bytes, size_t length)
{
	char *copy;

	if (!begin(r, status, type))
		return 0;
	copy = malloc(length + 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, bytes, length);
	r->answer->body = copy;
	r->answer->length = length;
	return 0;
}

int respond_text(struct request *r, unsigned status, const char *text)
{
	return respond_bytes(r, status, text_type, text, strlen(text));
}

static void set_name(struct answer *a, const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	snprintf(a->disposition, sizeof(a->disposition), "attachment; filename=\"%s\"", strspn(name, plain) == strlen(name) ? name : "file");
}

int respond_download(struct request *r, const char *type, const char *name, char *bytes, size_t length)
{
	if (!begin(r, 200, type)) {
		free(bytes);
		return 0;
	}
	r->answer->body = bytes;
	r->answer->length = length;
	set_name(r->answer, name);
	return 0;
}

int respond_file(struct request *r, const char *type, const char *name, FILE *f)
{
	off_t length = fflush(f) ? -1 : ftello(f);
	int file = length < 0 || ferror(f) ? -1 : dup(fileno(f));

	fclose(f);
	if (file < 0 || lseek(file, 0, SEEK_SET) != 0) {
		if (file >= 0)
			close(file);
		return -EIO;
	}
	if (!begin(r, 200, type)) {
		close(file);
		return 0;
	}
	r->answer->is_file = true;
	r->answer->file = file;
	r->answer->length = (size_t)length;
	set_name(r->answer, name);
	return 0;
}

bool respond_is_path(const char *s)
{
	if (s[0] != '/' || s[1] == '/' || s[1] == '\\')
		return false;
	for (; *s; s++)
		if (*s <= ' ' || *s > '~' || *s == '\\')
			return false;
	return true;
}

int respond_to(struct request *r, const char *path)
{
	if (!begin(r, r->htmx ? 200 : 303, text_type))
		return 0;
	_Static_assert(RESPOND_PATH_MAX < sizeof(r->answer->location), "a path fits into an answer");
	snprintf(r->answer->location, sizeof(r->answer->location), "%s", respond_is_path(path) && strlen(path) <= RESPOND_PATH_MAX ? path : "/");
	return 0;
}

static const char *title_of(unsigned status)
{
	switch (status) {
	case 403:
		return "Not allowed";
	case 404:
		return "Not found";
	case 409:
		return "Not changed";
	case 429:
		return "Too many tries";
	case 503:
		return "Not now";
	default:
		return status < 500 ? "Not understood" : "Not done";
	}
}

/* Where there is no menu. */
static void put_way_out(struct html *h, const struct page *page)
{
	static const char users[] = "/siremis/";
	bool user = page->path && strncmp(page->path, users, sizeof(users) - 1) == 0;

	if (page->face != FACE_GUEST)
		return;
	html_open(h, "p");
	html_open(h, "a");
	html_url_made(h, "href", user ? "/siremis/user" : "/");
	html_text(h, "To the first page");
	html_close(h);
	html_close(h);
}

int respond_error(struct request *r, unsigned status, const char *sentence)
{
	struct page page;

	html_free(&r->body);
	html_init(&r->body);
	request_page(r, &page, title_of(status));
	page_begin(&r->body, &page);
	page_message(&r->body, MESSAGE_BAD, sentence);
	put_way_out(&r->body, &page);
	page_end(&r->body, &page);
	return respond_page(r, status);
}

/* `age`: "; Max-Age=..." or "". */
static void set_cookie(struct request *r, const char *name, const char *value, const char *age)
{
	struct answer *a = r->answer;
	bool insecure = r->web->settings.insecure_cookie;

	if (a->cookie_count == ANSWER_COOKIES)
		return;
	snprintf(a->cookies[a->cookie_count++], sizeof(a->cookies[0]), "%s%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s",
			insecure ? "" : "__Host-", name, value ? value : "", insecure ? "" : "; Secure", value ? age : "; Max-Age=0");
}

void respond_cookie(struct request *r, const char *name, const char *value)
{
	set_cookie(r, name, value, "");
}

void respond_cookie_for_long(struct request *r, const char *name, const char *value)
{
	set_cookie(r, name, value, "; Max-Age=31536000");
}

void respond_keep(struct request *r)
{
	r->answer->keep = true;
}
