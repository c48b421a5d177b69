/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admin_suites.h"

#include "mail/compose.h"
#include "mail/settings.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct mail_message plain = {.from = {"noc@radio.example", "Service"}, .to = {"anne@tv.example", NULL}, .subject = "Hello",
		.body = "One\nTwo\r\n", .message_id = "1@radio.example", .date = 1774663200};

/* The mail, to be freed. */
static char *composed(const struct mail_message *m)
{
	char why[MAIL_WHY_SIZE] = "", *out;
	size_t length;

	ck_assert_msg(mail_compose(m, &out, &length, why) == 0, "%s", why);
	ck_assert_uint_eq(strlen(out), length);
	return out;
}

static void expect(const struct mail_message *m, const char *part)
{
	char *got = composed(m);

	ck_assert_msg(strstr(got, part) != NULL, "no \"%s\" in\n%s", part, got);
	free(got);
}

static void expect_refused(const struct mail_message *m, const char *words)
{
	char why[MAIL_WHY_SIZE] = "", *out = NULL;
	size_t length;

	ck_assert_int_eq(mail_compose(m, &out, &length, why), -EINVAL);
	ck_assert_ptr_null(out);
	ck_assert_msg(strstr(why, words) != NULL, "\"%s\" does not say \"%s\"", why, words);
}

START_TEST(whole)
{
	char *got = composed(&plain);

	ck_assert_str_eq(got, "Date: Sat, 28 Mar 2026 02:00:00 +0000\r\n"
						  "From: \"Service\" <noc@radio.example>\r\n"
						  "To: anne@tv.example\r\n"
						  "Subject: Hello\r\n"
						  "Message-ID: <1@radio.example>\r\n"
						  "Auto-Submitted: auto-generated\r\n"
						  "MIME-Version: 1.0\r\n"
						  "Content-Type: text/plain; charset=utf-8\r\n"
						  "Content-Transfer-Encoding: quoted-printable\r\n"
						  "\r\n"
						  "One\r\nTwo\r\n");
	free(got);
}
END_TEST

START_TEST(subjects)
{
	static const struct {
		const char *subject, *line;
	} rows[] = {
			{"Réseau coupé", "\r\nSubject: =?UTF-8?Q?R=C3=A9seau_coup=C3=A9?=\r\n"},
			{"=?is this one?=", "\r\nSubject: =?UTF-8?Q?=3D=3Fis_this_one=3F=3D?=\r\n"},
			{" blank", "\r\nSubject: =?UTF-8?Q?_blank?=\r\n"},
			/* Six characters of four bytes, twelve letters each, do not fit into one word, and none of them is cut. */
			{"😀😀😀😀😀😀", "\r\nSubject: =?UTF-8?Q?=F0=9F=98=80=F0=9F=98=80=F0=9F=98=80=F0=9F=98=80?=\r\n =?UTF-8?Q?=F0=9F=98=80=F0=9F=98=80?=\r\n"},
	};
	struct mail_message m = plain;

	for (size_t i = 0; i < COUNT(rows); i++) {
		m.subject = rows[i].subject;
		expect(&m, rows[i].line);
	}
}
END_TEST

START_TEST(names)
{
	struct mail_message m = plain;

	m.to.name = "Anne \"Any\" O\\Nyme, Radio";
	expect(&m, "\r\nTo: \"Anne \\\"Any\\\" O\\\\Nyme, Radio\" <anne@tv.example>\r\n");
	m.to.name = "Søren";
	expect(&m, "\r\nTo: =?UTF-8?Q?S=C3=B8ren?= <anne@tv.example>\r\n");
	m.to.name = "";
	m.reply_to = "help@radio.example";
	expect(&m, "\r\nTo: anne@tv.example\r\nReply-To: help@radio.example\r\n");
}
END_TEST

START_TEST(texts)
{
	static const struct {
		const char *body, *written;
	} rows[] = {
			{"é=\n", "\r\n\r\n=C3=A9=3D\r\n"},
			{"blank \nand tab\t", "\r\n\r\nblank=20\r\nand tab=09\r\n"},
			{".\n.x\nFrom here\n", "\r\n\r\n=2E\r\n=2Ex\r\n=46rom here\r\n"},
			{"", "quoted-printable\r\n\r\n"},
			/* A line that goes on after 75 characters. */
			{"123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 1",
					"123456789 12345=\r\n6789 1\r\n"},
	};
	struct mail_message m = plain;

	for (size_t i = 0; i < COUNT(rows); i++) {
		m.body = rows[i].body;
		expect(&m, rows[i].written);
	}
}
END_TEST

/* Whatever would end its line, or is no text, is refused, wherever it is. */
START_TEST(refused)
{
	static const char *const bad[] = {"a\r\nBcc: x@evil.example", "a\nb", "a\rb", "a\x7f", "a\x01", "\xff", "a\xc3"};
	struct mail_message m;

	for (size_t i = 0; i < COUNT(bad); i++) {
		m = plain;
		m.subject = bad[i];
		expect_refused(&m, "the subject");
		m = plain;
		m.to.name = bad[i];
		expect_refused(&m, "the name of the recipient");
		m = plain;
		m.from.name = bad[i];
		expect_refused(&m, "the name of the sender");
		m = plain;
		m.to.address = bad[i];
		expect_refused(&m, "the recipient");
		m = plain;
		m.from.address = bad[i];
		expect_refused(&m, "the sender");
		m = plain;
		m.reply_to = bad[i];
		expect_refused(&m, "the address for answers");
		m = plain;
		m.message_id = bad[i];
		expect_refused(&m, "the Message-ID");
	}
	m = plain;
	m.subject = "";
	expect_refused(&m, "the subject is missing");
	m = plain;
	m.body = "bell\a";
	expect_refused(&m, "the text has a control character");
	m.body = "\xff";
	expect_refused(&m, "the text is not UTF-8");
}
END_TEST

START_TEST(addresses)
{
	static const char *const good[] = {"a@b", "noc+x@radio.example", "o'neil@radio.example"};
	static const char *const bad[] = {"", "@", "a@", "@b", "a@b@c", "a b@c", "<a@b>", "a@b,c@d", "a@b;c", "\"a\"@b", "é@b", "a@b\n", "a@b>\r\nX: y"};

	for (size_t i = 0; i < COUNT(good); i++)
		ck_assert_msg(mail_is_address(good[i]), "%s", good[i]);
	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_msg(!mail_is_address(bad[i]), "%s", bad[i]);
}
END_TEST

/* ---- settings ---- */

static struct config server(void)
{
	return (struct config){.smtp_url = "smtp://mail.radio.example:587", .smtp_tls = "yes", .smtp_timeout_s = "60", .smtp_user = "u",
			.smtp_password = "secret", .mail_from = "Dépôt <noc@radio.example>"};
}

START_TEST(settings_taken)
{
	struct config c = server();
	struct mail_settings s;
	char error[512];

	ck_assert_int_eq(mail_settings_take(&s, &c, error, sizeof(error)), 0);
	ck_assert(s.configured && s.tls && s.timeout_s == 60);
	ck_assert_str_eq(s.from, "noc@radio.example");
	ck_assert_str_eq(s.from_name, "Dépôt");
	c.smtp_url[0] = '\0';
	c.mail_from[0] = '\0';
	ck_assert_int_eq(mail_settings_take(&s, &c, error, sizeof(error)), 0);
	ck_assert(!s.configured);
}
END_TEST

START_TEST(settings_refused)
{
	static const struct {
		size_t key;
		const char *value, *words;
	} rows[] = {
			{offsetof(struct config, smtp_url), "mail.radio.example", "smtp_url"},
			{offsetof(struct config, smtp_url), "http://mail.radio.example", "smtp_url"},
			{offsetof(struct config, smtp_url), "smtp://", "smtp_url"},
			{offsetof(struct config, smtp_url), "smtp://user:pass@mail.radio.example", "smtp_url"},
			{offsetof(struct config, smtp_url), "smtp://[::1", "smtp_url"},
			{offsetof(struct config, smtp_tls), "no", "only to a mail server on this machine"},
			{offsetof(struct config, smtp_tls), "maybe", "yes or no"},
			{offsetof(struct config, smtp_timeout_s), "0", "smtp_timeout_s"},
			{offsetof(struct config, smtp_timeout_s), "241", "smtp_timeout_s"},
			{offsetof(struct config, smtp_timeout_s), "9x", "smtp_timeout_s"},
			{offsetof(struct config, smtp_user), "", "belong together"},
			{offsetof(struct config, mail_from), "", "mail_from"},
			{offsetof(struct config, mail_from), "Name <noc@radio.example", "mail_from"},
			{offsetof(struct config, mail_from), "Name <>", "mail_from"},
			{offsetof(struct config, mail_from), "<", "mail_from"},
			{offsetof(struct config, mail_reply_to), "nobody", "mail_reply_to"},
	};
	struct mail_settings s;
	struct config c;
	char error[512];

	for (size_t i = 0; i < COUNT(rows); i++) {
		c = server();
		strcpy((char *)&c + rows[i].key, rows[i].value);
		ck_assert_int_eq(mail_settings_take(&s, &c, error, sizeof(error)), -EINVAL);
		ck_assert_msg(strstr(error, rows[i].words) != NULL, "\"%s\" does not say \"%s\"", error, rows[i].words);
		ck_assert_ptr_null(strstr(error, "secret"));
		ck_assert_ptr_null(strstr(error, "pass@"));
	}
	c = server();
	strcpy(c.smtp_url, "smtp://127.0.0.1:25");
	strcpy(c.smtp_tls, "no");
	ck_assert_int_eq(mail_settings_take(&s, &c, error, sizeof(error)), 0);
	ck_assert(!s.tls);
}
END_TEST

Suite *mail_suite(void)
{
	const TTest *const tests[] = {whole, subjects, names, texts, refused, addresses, settings_taken, settings_refused, NULL};

	return suite_of("mail", tests);
}
