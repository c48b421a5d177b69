/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mails and announcements. Both are written by mail.h and announcements.h only, so nothing here can be edited. */
#include "announcements.h"
#include "tables.h"

static const struct column mail_columns[] = {
		{.name = "id", .label = "Mail", .sql = "m.id", .type = TYPE_NUMBER, SEEN(BY_OPERATORS)},
		{.name = "state", .label = "State", .sql = "m.state", .type = TYPE_WORD, .words = "waiting|sending|sent|failed|given-up",
				.word_labels = "waiting|being sent|sent|tried again|given up", .unsorted = true, SEEN(BY_OPERATORS)},
		{.name = "kind", .label = "About", .sql = ASCII_TEXT("m.kind"), .max = 16, IN_FULL(BY_OPERATORS)},
		{.name = "recipient", .label = "To", .sql = "m.recipient", .max = 190, SEEN(BY_OPERATORS)},
		{.name = "recipient_name", .label = "Name", .sql = "m.recipient_name", .max = 128, IN_FULL(BY_OPERATORS)},
		{.name = "subject", .label = "Subject", .sql = "m.subject", .max = 150, SEEN(BY_OPERATORS)},
		{TIME_OF("created_at", "Since", "m.created_at"), SEEN(BY_OPERATORS)},
		{.name = "tries", .label = "Tries", .sql = "m.tries", .type = TYPE_NUMBER, .max = 65535, .only_filter = true, SEEN(BY_OPERATORS)},
		{TIME_OF("next_at", "Next try", "IF(m.state = 'failed', m.next_at, NULL)"), IN_FULL(BY_OPERATORS)},
		{TIME_OF("sent_at", "Sent", "m.sent_at"), SEEN(BY_OPERATORS)},
		{.name = "last_error", .label = "Last error", .sql = "m.last_error", .max = 1000, IN_FULL(BY_OPERATORS)},
		{.name = "message_id", .label = "Message-ID", .sql = ASCII_TEXT("m.message_id"), .max = 190, IN_FULL(BY_OPERATORS)},
		{.name = "customer", .label = "Customer", .sql = "c.name", IN_FULL(BY_OPERATORS)},
		{.name = "customer_id", .label = "Customer", .sql = "m.customer_id", .type = TYPE_NUMBER, .refers = "customers", IN_FULL(BY_OPERATORS)},
		{.name = "announcement", .label = "Announcement", .sql = "m.announcement_id", .type = TYPE_NUMBER, .refers = "announcements",
				IN_FULL(BY_OPERATORS)},
		{.name = "body", .label = "Text", .sql = "m.body", .lines = true, .only_filter = true, .unsorted = true, .show = BY_OPERATORS},
		{0},
};

const struct table table_mails = {
		.name = "mails", .noun = "mail", .label = "Mails", .one = "Mail", .title = "id",
		.from = "aeta_mail m LEFT JOIN aeta_customer c ON c.id = m.customer_id", .key = "m.id", .sort = "id", .descending = true,
		.then = "m.id", .columns = mail_columns,
};

#define READERS (BY_OPERATORS | BY_CONTACT | BY_ACCOUNT)

static const struct column announcement_columns[] = {
		{TIME_OF("at", "When", "n.at"), SEEN(READERS)},
		{.name = "kind", .label = "Kind", .sql = "n.kind", .type = TYPE_WORD, .words = ANNOUNCEMENT_KINDS, SEEN(READERS)},
		{.name = "subject", .label = "Subject", .sql = "n.subject", .min = 1, .max = 150, SEEN(READERS)},
		{.name = "to_all", .label = "To all customers", .sql = "n.to_all", .type = TYPE_SWITCH, SEEN(BY_OPERATORS)},
		{.name = "customer", .label = "Customer", .sql = "c.name", SEEN(BY_OPERATORS)},
		{.name = "customer_id", .label = "Customer", .sql = "n.customer_id", .type = TYPE_NUMBER, .refers = "customers", IN_FULL(BY_OPERATORS)},
		{.name = "who", .label = "By", .sql = "n.who", .max = 64, SEEN(BY_OPERATORS)},
		{COUNT_OF("unsent", "Not sent yet", "(SELECT COUNT(*) FROM aeta_mail u WHERE u.announcement_id = n.id AND u.state <> 'sent')"),
				SEEN_UNASKED(BY_OPERATORS)},
		{.name = "body", .label = "Text", .sql = "n.body", .lines = true, .unsorted = true, .show = READERS},
		{0},
};

const struct table table_announcements = {
		.name = "announcements", .noun = "announcement", .label = "Announcements", .one = "Announcement", .title = "subject",
		.from = "aeta_announcement n LEFT JOIN aeta_customer c ON c.id = n.customer_id", .key = "n.id",
		.of_customer = "(n.to_all OR n.customer_id = ?)",
		.of_account = "(n.to_all OR n.customer_id = (SELECT COALESCE(owned.customer_id, own.customer_id) FROM aeta_account own "
					  "LEFT JOIN aeta_group owned ON owned.prefix = own.prefix WHERE own.number = ?))",
		.sort = "at", .descending = true, .then = "n.id", .columns = announcement_columns,
};
