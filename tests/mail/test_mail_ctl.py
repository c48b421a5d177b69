# SPDX-License-Identifier: GPL-2.0-or-later
"""aetactl: the queue, announcements, and a service without a mail server."""

import pytest

from mailserver import PASSWORD
from test_mail_send import queue, state

NOT_CONFIGURED = "no mail server is configured: mails wait"


def announce(ctl, subject, *more, text="Text\n"):
	return ctl("announce", subject, "--text-stdin", *more, "--json", stdin=text)


def test_an_announcement_reaches_each_contact_once(sending, db, mailserver):
	result = announce(sending, "Nouvelle génération", "--kind", "evolution", text="À bientôt\n")
	assert result.code == 0 and result.json["mails"] == 2, result
	assert sending.ok("mail", "send")["sent"] == 2
	assert sorted((mail["To"].addresses[0].display_name, mail.recipients[0]) for mail in mailserver.mails) == \
		[("", "noc@tv.example"), ("Søren \"Sø\" Ø", "noc@radio.example")]
	assert {(mail["Subject"], mail.text.replace("\r\n", "\n")) for mail in mailserver.mails} == {("Nouvelle génération", "À bientôt\n")}
	assert db.sql("SELECT kind, subject, body, to_all, customer_id FROM aeta_announcement") == \
		[["evolution", "Nouvelle génération", "À bientôt\\n", "1", "NULL"]]
	assert db.sql("SELECT action, object, new_values FROM aeta_audit WHERE action = 'announce'") == \
		[["announce", str(result.json["announcement"]), '{"kind":"evolution","subject":"Nouvelle génération","mails":2}']]


def test_one_customer_and_a_dry_run(sending, db):
	dry = announce(sending, "Works", "--customer", "TV", "--dry-run")
	assert dry.json["would_go_to"] == [{"email": "noc@tv.example", "name": "", "customer": "TV"},
		{"email": "noc@radio.example", "name": "", "customer": "TV"}]
	assert not state(db) and db.sql("SELECT * FROM aeta_announcement") == []
	made = announce(sending, "Works", "--customer", "TV", "--kind", "intervention")
	assert made.json["mails"] == 2
	customer, = db.sql("SELECT id FROM aeta_customer WHERE name = 'TV'")[0]
	assert db.sql("SELECT to_all, customer_id FROM aeta_announcement") == [["0", customer]]
	assert db.sql("SELECT DISTINCT customer_id, kind FROM aeta_mail") == [[customer, "announcement"]]
	db.sql("DELETE FROM aeta_account; DELETE FROM aeta_group; DELETE FROM aeta_customer")
	assert db.sql("SELECT to_all, customer_id FROM aeta_announcement") == [["0", "NULL"]], "it is nobody's, and not everybody's"
	nobody = announce(sending, "Works")
	assert nobody.code == 1 and "no technical contact" in nobody.err and len(db.sql("SELECT * FROM aeta_announcement")) == 1


@pytest.mark.parametrize("subject,text,words", [
	("x\nBcc: y", "Text", "Subject"), ("", "Text", "SUBJECT is empty"), ("x" * 151, "Text", "Subject"), ("x", " \n", "The text is missing"),
	("x", "bell\a", "control characters"), ("x", "x" * 12001, "too long"),
])
def test_what_is_no_announcement(ctl, db, subject, text, words):
	result = announce(ctl, subject, text=text)
	assert result.code in (1, 2) and words in result.err, result
	assert not state(db) and db.sql("SELECT * FROM aeta_announcement") == []


def test_retry_and_drop(sending, db):
	queue(db, "never@tv.example", "later@tv.example", "anne@tv.example")
	sending("mail", "send")
	listed = sending.ok("mail", "list")["mails"]
	assert [(mail["recipient"], mail["state"]) for mail in listed] == [("never@tv.example", "given-up"), ("later@tv.example", "failed")]
	never, later = (mail["id"] for mail in listed)
	shown = sending.ok("mail", "show", never)
	assert shown["text"] == "Text\n" and "no such user" in shown["last_error"] and shown["message_id"].endswith("@radio.example")
	sent = db.sql("SELECT id FROM aeta_mail WHERE state = 'sent'")[0][0]
	for act in ("retry", "drop"):
		sending.refused(f"mail {sent} is sent already", "mail", act, sent)
		sending.refused("there is no mail 99999", "mail", act, 99999)
	assert sending.ok("mail", "drop", never) == {"dropped": never}
	assert sending.ok("mail", "retry", later) == {"tried_anew": 1}
	assert db.sql("SELECT state, tries FROM aeta_mail WHERE state <> 'sent'") == [["waiting", "0"]]
	assert db.sql("SELECT action, object, detail FROM aeta_audit WHERE action LIKE 'mail%' ORDER BY id") == [
		["mail drop", str(never), "to never@tv.example: Hello"], ["mail retry", str(later), "to later@tv.example: Hello"]]


def test_a_test_mail(sending, db, mailserver):
	result = sending("mail", "test", "anne@tv.example", "--json")
	assert result.code == 0 and result.json["sent"] == 1 and len(mailserver.mails) == 1, result
	assert sending("mail", "test", "never@tv.example").code == 1 and state(db) == ["sent", "given-up"]
	sending.refused("is no e-mail address", "mail", "test", "anne")
	assert db.sql("SELECT action, object FROM aeta_audit WHERE action LIKE 'mail%'") == [["mail test", "anne@tv.example"],
		["mail test", "never@tv.example"]]


def test_without_a_mail_server_mails_wait_and_it_is_said(ctl, db):
	result = announce(ctl, "Works")
	assert result.code == 0 and NOT_CONFIGURED in result.err and state(db) == ["waiting"] * 2
	status = ctl("status", "--json")
	assert NOT_CONFIGURED in status.err and (status.json["mails_waiting"], status.json["mails_given_up"]) == (2, 0)
	assert status.json["oldest_mail_waits_s"] >= 0
	assert NOT_CONFIGURED in ctl("mail", "list").err
	for arguments in (["send"], ["test", "anne@tv.example"]):
		ctl.refused(NOT_CONFIGURED, "mail", *arguments)
	ctl.configure(smtp_url="smtp://mail.radio.example", smtp_user="u", smtp_password=PASSWORD, mail_from="nobody")
	assert PASSWORD not in ctl.refused("mail_from: the address", "mail", "send").err
	assert "mail_from" in ctl("status").err


def test_mails_and_announcements_are_tables_as_the_others(sending, db):
	announce(sending, "Works")
	sending("mail", "send")
	assert [row["subject"] for row in sending.ok("list", "mails", "state=sent")["mails"]] == ["Works", "Works"]
	assert sending.ok("list", "announcements", "kind=event")["announcements"][0]["subject"] == "Works"


def test_old_mails_go(sending, db):
	queue(db, "anne@tv.example", "never@tv.example", "later@tv.example", "bob@tv.example")
	sending("mail", "send")
	db.sql("UPDATE aeta_mail SET created_at = '2001-01-01' WHERE recipient NOT LIKE 'bob%'")
	kept = {row["subject"]: row["due"] for row in sending.ok("retention", "list")["retention"]}
	assert kept["mail"] == 2
	sending.ok("prune", "mail")
	assert state(db) == ["failed", "sent"], "one that is still to be sent stays"
