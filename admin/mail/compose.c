/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compose.h"

#include "data/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_CHARS 76
#define WORD_BEGIN     "=?UTF-8?Q?"
#define WORD_END       "?="

/* What is written; memory that cannot be had is remembered. */
struct writer {
	FILE *f;
	size_t column; /* characters on this line so far */
};

static void put(struct writer *w, const char *s, size_t n)
{
	fwrite(s, 1, n, w->f);
	w->column += n;
}

static void put_text(struct writer *w, const char *s)
{
	put(w, s, strlen(s));
}

static void end_line(struct writer *w)
{
	fputs("\r\n", w->f);
	w->column = 0;
}

/* A header may go on in the next line, which begins with a blank. */
static void fold(struct writer *w)
{
	end_line(w);
	put_text(w, " ");
}

static bool is_letter_or_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* ---- checks ---- */

static int wrong(char why[MAIL_WHY_SIZE], const char *what, const char *fault)
{
	snprintf(why, MAIL_WHY_SIZE, "%s %s", what, fault);
	return -EINVAL;
}

/* UTF-8 without control characters, at most `max` bytes. */
static int check_line(const char *what, const char *s, size_t max, char why[MAIL_WHY_SIZE])
{
	size_t n;

	if (strlen(s) > max)
		return wrong(why, what, "is too long");
	for (; *s; s += n) {
		n = utf8_length(s);
		if (!n)
			return wrong(why, what, "is not UTF-8");
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return wrong(why, what, "has a line end or another control character in it");
	}
	return 0;
}

/* UTF-8, and of control characters only tabs and the ends of lines. */
static int check_body(const char *s, char why[MAIL_WHY_SIZE])
{
	size_t n;

	if (strlen(s) > MAIL_BODY_MAX)
		return wrong(why, "the text", "is too long");
	for (; *s; s += n) {
		n = utf8_length(s);
		if (!n)
			return wrong(why, "the text", "is not UTF-8");
		if (((unsigned char)*s < ' ' && !strchr("\t\n\r", *s)) || *s == 0x7f || (*s == '\r' && s[1] != '\n'))
			return wrong(why, "the text", "has a control character in it");
	}
	return 0;
}

bool mail_is_address(const char *s)
{
	const char *at = strchr(s, '@');

	if (!at || at == s || !at[1] || strchr(at + 1, '@') || strlen(s) > MAIL_ADDRESS_MAX)
		return false;
	for (; *s; s++)
		if (*s <= ' ' || *s >= 0x7f || strchr("<>()[]\\,;:\"", *s))
			return false;
	return true;
}

static int check_address(const char *what, const char *address, char why[MAIL_WHY_SIZE])
{
	return mail_is_address(address) ? 0 : wrong(why, what, "is no address such as name@example.com");
}

static int check_message(const struct mail_message *m, char why[MAIL_WHY_SIZE])
{
	int rc = check_address("the sender", m->from.address, why);

	if (rc == 0)
		rc = check_address("the recipient", m->to.address, why);
	if (rc == 0 && m->reply_to && *m->reply_to)
		rc = check_address("the address for answers", m->reply_to, why);
	if (rc == 0)
		rc = check_address("the Message-ID", m->message_id, why);
	if (rc == 0 && m->from.name)
		rc = check_line("the name of the sender", m->from.name, MAIL_NAME_MAX, why);
	if (rc == 0 && m->to.name)
		rc = check_line("the name of the recipient", m->to.name, MAIL_NAME_MAX, why);
	if (rc == 0 && !*m->subject)
		rc = wrong(why, "the subject", "is missing");
	if (rc == 0)
		rc = check_line("the subject", m->subject, MAIL_SUBJECT_MAX, why);
	return rc ? rc : check_body(m->body, why);
}

/* ---- headers ---- */

/* One character in an encoded word, as is right in a name, too; how many bytes `out` gets. */
static size_t encode(const char *s, size_t n, char out[16])
{
	size_t length = 0;

	if (n == 1 && (is_letter_or_digit(*s) || *s == ' ')) {
		out[0] = *s == ' ' ? '_' : *s;
		return 1;
	}
	for (size_t i = 0; i < n; i++)
		length += (size_t)sprintf(out + length, "=%02X", (unsigned char)s[i]);
	return length;
}

/* Encoded words (RFC 2047), each on its line and none with half a character. */
static void put_words(struct writer *w, const char *s)
{
	char one[16];
	size_t n, length;

	put_text(w, WORD_BEGIN);
	for (; *s; s += n) {
		n = utf8_length(s);
		length = encode(s, n, one);
		if (w->column + length + strlen(WORD_END) > LINE_MAX_CHARS) {
			put_text(w, WORD_END);
			fold(w);
			put_text(w, WORD_BEGIN);
		}
		put(w, one, length);
	}
	put_text(w, WORD_END);
}

/* ASCII that means nothing else, and fits on the line. */
static bool is_plain(const struct writer *w, const char *s)
{
	size_t n = strlen(s);

	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] >= 0x80)
			return false;
	return !strstr(s, "=?") && s[0] != ' ' && s[n - 1] != ' ' && w->column + n <= LINE_MAX_CHARS;
}

static void put_subject(struct writer *w, const char *subject)
{
	put_text(w, "Subject: ");
	if (is_plain(w, subject))
		put_text(w, subject);
	else
		put_words(w, subject);
	end_line(w);
}

static void put_quoted(struct writer *w, const char *s)
{
	put_text(w, "\"");
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			put_text(w, "\\");
		put(w, s, 1);
	}
	put_text(w, "\"");
}

/* `From: "Anne Onyme" <anne@example.com>` */
static void put_address(struct writer *w, const char *header, const struct mail_address *a)
{
	const char *name = a->name && *a->name ? a->name : NULL;

	put_text(w, header);
	put_text(w, ": ");
	if (name) {
		if (is_plain(w, name) && strlen(name) < LINE_MAX_CHARS / 3) /* with a backslash before each it still fits */
			put_quoted(w, name);
		else
			put_words(w, name);
		if (w->column + strlen(a->address) + 3 > LINE_MAX_CHARS)
			fold(w);
		else
			put_text(w, " ");
		put_text(w, "<");
		put_text(w, a->address);
		put_text(w, ">");
	} else {
		put_text(w, a->address);
	}
	end_line(w);
}

/* Names of days and months are English, whatever the locale. */
static void put_date(struct writer *w, time_t date)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct tm tm;

	gmtime_r(&date, &tm);
	fprintf(w->f, "Date: %s, %02d %s %d %02d:%02d:%02d +0000", days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
			tm.tm_hour, tm.tm_min, tm.tm_sec);
	end_line(w);
}

static void put_headers(struct writer *w, const struct mail_message *m)
{
	put_date(w, m->date);
	put_address(w, "From", &m->from);
	put_address(w, "To", &m->to);
	if (m->reply_to && *m->reply_to)
		put_address(w, "Reply-To", &(struct mail_address){.address = m->reply_to});
	put_subject(w, m->subject);
	put_text(w, "Message-ID: <");
	put_text(w, m->message_id);
	put_text(w, ">");
	end_line(w);
	put_text(w, "Auto-Submitted: auto-generated"); /* RFC 3834: so that no vacation notice answers */
	end_line(w);
	put_text(w, "MIME-Version: 1.0");
	end_line(w);
	put_text(w, "Content-Type: text/plain; charset=utf-8");
	end_line(w);
	put_text(w, "Content-Transfer-Encoding: quoted-printable");
	end_line(w);
	end_line(w);
}

/* ---- the text ---- */

/* A line end where the text has one? How many bytes it takes. */
static size_t line_end(const char *s)
{
	return *s == '\n' ? 1 : s[0] == '\r' && s[1] == '\n' ? 2 : 0;
}

/* As itself: printable, and no blank before a line end, which servers may take off; not what they take for their own at the begin of a line. */
static bool stands(const struct writer *w, const char *s)
{
	if (*s == ' ' || *s == '\t')
		return s[1] && !line_end(s + 1);
	if (w->column == 0 && (*s == '.' || !strncmp(s, "From ", 5)))
		return false;
	return *s > ' ' && *s < 0x7f && *s != '=';
}

/* Quoted-printable (RFC 2045). */
static void put_body(struct writer *w, const char *s)
{
	char code[4];
	size_t n;

	while (*s) {
		n = line_end(s);
		if (n) {
			end_line(w);
			s += n;
			continue;
		}
		n = stands(w, s) ? 1 : 3;
		if (w->column + n > LINE_MAX_CHARS - 1) { /* room for the = of a line that goes on */
			put_text(w, "=");
			end_line(w);
			continue; /* what stands at the begin of a line is another question */
		}
		snprintf(code, sizeof(code), "=%02X", (unsigned char)*s);
		put(w, n == 1 ? s : code, n);
		s++;
	}
	if (w->column)
		end_line(w);
}

int mail_compose(const struct mail_message *m, char **out, size_t *length, char why[MAIL_WHY_SIZE])
{
	struct writer w = {0};
	int rc = check_message(m, why);

	*out = NULL;
	*length = 0;
	if (rc)
		return rc;
	w.f = open_memstream(out, length);
	if (w.f) {
		put_headers(&w, m);
		put_body(&w, m->body);
		rc = ferror(w.f) ? -ENOMEM : 0;
		if (fclose(w.f) != 0)
			rc = -ENOMEM;
	}
	if (!w.f || rc) {
		free(*out);
		*out = NULL;
		snprintf(why, MAIL_WHY_SIZE, "there is no memory for it");
		return -ENOMEM;
	}
	return 0;
}
