/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The queue of mails, sending what is in it, and announcements. */
#include "ctl.h"

#include "data/announcements.h"
#include "data/mail.h"
#include "mail/sender.h"
#include "mail/smtp.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* ---- what commands share ---- */

/* The mail server of the configuration; an exit status. */
static int take_settings(struct ctl *ctl, struct mail_settings *s)
{
	char error[512];

	return mail_settings_take(s, &ctl->config, error, sizeof(error)) == 0 ? CTL_OK : refuse("the configuration: %s", error);
}

/* Says that mails wait in vain, where they do. */
static void note_settings(struct ctl *ctl)
{
	struct mail_settings s;

	if (take_settings(ctl, &s) == CTL_OK && !s.configured)
		note("%s", MAIL_NOT_CONFIGURED);
}

static long long id_of(const struct args *args)
{
	return arg_number(args, "ID", 0);
}

/* Sends what is due and says how many; an exit status: refused where the last one could not be sent. */
static int send_due(struct ctl *ctl, const struct mail_settings *s, size_t most, long long only)
{
	const struct sender sender = {.settings = s, .scope = &ctl->scope, .most = most, .only = only};
	struct sender_sum sum;
	int rc;

	if (smtp_init() != 0)
		return refuse("libcurl does not start");
	rc = ctl_done(ctl, sender_run(ctl->db, &sender, &sum));
	smtp_end();
	ctl_say(ctl, "sent", json_integer((json_int_t)sum.sent));
	ctl_say(ctl, "failed", json_integer((json_int_t)sum.failed));
	ctl_say(ctl, "given_up", json_integer((json_int_t)sum.given_up));
	return rc == CTL_OK && sum.error[0] ? refuse("%s", sum.error) : rc;
}

/* ---- the queue ---- */

static int command_list(struct ctl *ctl, const struct args *args)
{
	json_t *list;
	int rc = mail_list(ctl->db, &ctl->scope, &list);

	(void)args;
	note_settings(ctl);
	ctl_say(ctl, "mails", list);
	return ctl_done(ctl, rc);
}

static int command_show(struct ctl *ctl, const struct args *args)
{
	json_t *list;
	int rc = ctl_done(ctl, mail_show(ctl->db, &ctl->scope, id_of(args), &list));

	if (rc == CTL_OK)
		json_object_update(ctl->result, json_array_get(list, 0));
	json_decref(list);
	return rc;
}

static int command_retry(struct ctl *ctl, const struct args *args)
{
	unsigned long long count;
	int rc;

	if (!arg_given(args, "ID") == !arg_given(args, "--all"))
		return refuse("either the ID of a mail, or --all; see aetactl mail list");
	rc = ctl_done(ctl, mail_retry(ctl->db, &ctl->scope, id_of(args), &count));
	note_settings(ctl);
	ctl_say(ctl, "tried_anew", json_integer((json_int_t)count));
	return rc;
}

static int command_drop(struct ctl *ctl, const struct args *args)
{
	int rc = ctl_done(ctl, mail_drop(ctl->db, &ctl->scope, id_of(args)));

	if (rc == CTL_OK)
		ctl_say(ctl, "dropped", json_integer(id_of(args)));
	return rc;
}

static int command_send(struct ctl *ctl, const struct args *args)
{
	struct mail_settings s;
	int rc = take_settings(ctl, &s);

	if (rc == CTL_OK && !s.configured)
		rc = refuse("%s", MAIL_NOT_CONFIGURED);
	return rc ? rc : send_due(ctl, &s, (size_t)arg_number(args, "--most", 0), 0);
}

static int command_test(struct ctl *ctl, const struct args *args)
{
	static const char text[] = "This mail was sent by `aetactl mail test`, to see whether mails of the SIP service arrive. Nobody has to answer.\n";
	const char *to = arg_text(args, "ADDRESS");
	struct mail_settings s;
	long long id;
	int rc = take_settings(ctl, &s);

	if (rc == CTL_OK && !s.configured)
		rc = refuse("%s", MAIL_NOT_CONFIGURED);
	if (rc == CTL_OK && !mail_is_address(to))
		rc = refuse("\"%s\" is no e-mail address such as name@example.com", to);
	if (rc == CTL_OK)
		rc = ctl_done(ctl, mail_queue_test(ctl->db, &ctl->scope, to, text, &id));
	if (rc)
		return rc;
	ctl_say(ctl, "mail", json_integer(id));
	return send_due(ctl, &s, 1, id);
}

/* ---- announcements ---- */

/* All of standard input into `text`, which holds ANNOUNCEMENT_TEXT_MAX + 2 bytes. */
static int read_text(char *text)
{
	size_t n = fread(text, 1, ANNOUNCEMENT_TEXT_MAX + 1, stdin);

	if (ferror(stdin))
		return refuse("cannot read the text: %s", strerror(errno));
	if (memchr(text, '\0', n))
		return refuse("the text on standard input has bytes in it that are no text");
	text[n] = '\0';
	return CTL_OK;
}

static int take_announcement(struct ctl *ctl, const struct args *args, struct announcement *a, char *text)
{
	struct announcement_problems p;
	int rc = CTL_OK;

	if (!arg_given(args, "--text-stdin"))
		return refuse("the text comes from standard input: say --text-stdin");
	if (arg_given(args, "--customer"))
		rc = find_customer(ctl, arg_text(args, "--customer"), &a->customer);
	if (rc == CTL_OK)
		rc = read_text(text);
	a->subject = arg_text(args, "SUBJECT");
	a->kind = arg_given(args, "--kind") ? arg_text(args, "--kind") : "event";
	a->text = text;
	if (rc == CTL_OK && announcement_check(a, &p) != 0)
		rc = refuse("%s", p.subject ? p.subject : p.text ? p.text : p.kind);
	return rc;
}

static int command_announce(struct ctl *ctl, const struct args *args)
{
	char text[ANNOUNCEMENT_TEXT_MAX + 2];
	struct announcement a = {0};
	json_t *recipients = NULL;
	long long id;
	size_t mails;
	int rc = take_announcement(ctl, args, &a, text);

	if (rc)
		return rc;
	note_settings(ctl);
	if (arg_given(args, "--dry-run")) {
		rc = ctl_done(ctl, announcement_recipients(ctl->db, &ctl->scope, a.customer, &recipients));
		ctl_say(ctl, "would_go_to", recipients ? recipients : json_array());
		return rc;
	}
	rc = ctl_done(ctl, announcement_send(ctl->db, &ctl->scope, &a, &id, &mails));
	if (rc)
		return rc;
	ctl_say(ctl, "announcement", json_integer(id));
	ctl_say(ctl, "mails", json_integer((json_int_t)mails));
	return CTL_OK;
}

#define ID_ARG(needed) \
	{ \
		.name = "ID", .type = ARG_NUMBER, .required = (needed), .help = "of the mail", .min = 1, .max = LONG_MAX \
	}

static const struct arg no_args[] = {{0}};
static const struct arg id_args[] = {ID_ARG(true), {0}};
static const struct arg retry_args[] = {
		ID_ARG(false), {.name = "--all", .type = ARG_FLAG, .help = "all that failed or were given up"}, {0}};
static const struct arg send_args[] = {
		{.name = "--most", .type = ARG_NUMBER, .value = "N", .help = "so many at most; all that are due without", .min = 1, .max = 100000}, {0}};
static const struct arg test_args[] = {{.name = "ADDRESS", .required = true, .help = "where it is sent to"}, {0}};
static const struct arg announce_args[] = {{.name = "SUBJECT", .required = true, .help = "of the mails"},
		{.name = "--text-stdin", .type = ARG_FLAG, .help = "the text comes from standard input, as UTF-8"},
		{.name = "--customer", .value = "CUSTOMER", .help = "id or name; all customers without"},
		{.name = "--kind", .type = ARG_WORD, .value = ANNOUNCEMENT_KINDS, .help = "what it is about; event without"},
		{.name = "--dry-run", .type = ARG_FLAG, .help = "say who would get it, and send nothing"}, {0}};

const struct command mail_commands[] = {
		{"mail", "list", no_args, command_list, NEEDS_DB, "mails that are not sent; those that are: aetactl list mails state=sent"},
		{"mail", "show", id_args, command_show, NEEDS_DB, "one mail, with its text"},
		{"mail", "retry", retry_args, command_retry, NEEDS_DB, "have a mail that failed tried anew, at once and for three days"},
		{"mail", "drop", id_args, command_drop, NEEDS_DB, "take a mail out of the queue unsent"},
		{"mail", "test", test_args, command_test, NEEDS_DB, "send a mail at once, and say what came of it"},
		{"mail", "send", send_args, command_send, NEEDS_DB, "send what is due; aeta-admin does it by itself, else let a timer run it"},
		{"announce", NULL, announce_args, command_announce, NEEDS_DB,
				"mail an announcement to the technical contacts, and keep it for their subscribers"},
		{0},
};
