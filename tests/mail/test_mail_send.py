# SPDX-License-Identifier: GPL-2.0-or-later
"""What becomes of a mail at mail servers of every kind."""

import datetime
import re
import subprocess
import time

import pytest

from mailserver import PASSWORD, USER, MailServer

WAIT_S = 30
TEXT = "Bonjour à tous,\n\n.\nFrom here on = all is well. \nSuch a line goes on and on, for much more than 76 characters: 😀 étonnant, n'est-ce pas?\n"


def queue(db, *recipients, **columns):
	"""Puts mails in, past all checks, as a later version of us might."""
	given = {"kind": "test", "subject": "Hello", "body": "Text\n", **columns}
	for recipient in recipients:
		db.sql(f"INSERT INTO aeta_mail (recipient, {', '.join(given)}) VALUES ('{recipient}', {', '.join(map(literal, given.values()))})")


def literal(value):
	return f"CONVERT(x'{str(value).encode().hex()}' USING utf8mb4)"


def state(db, recipient="%"):
	return [row[0] for row in db.sql(f"SELECT state FROM aeta_mail WHERE recipient LIKE '{recipient}@%' ORDER BY id")]


def error(db):
	return db.sql("SELECT last_error FROM aeta_mail")[0][0]


def wait_for(condition):
	end = time.monotonic() + WAIT_S
	while not condition():
		assert time.monotonic() < end
		time.sleep(0.02)


@pytest.mark.parametrize("kind", ("clear", "tls", "starttls"))
def test_a_mail_arrives_as_it_was_written(ctl, db, certificates, kind):
	with MailServer(certificates, kind) as server:
		ctl.configure(**server.keys(mail_reply_to="help@radio.example"))
		queue(db, "anne@tv.example", recipient_name="Anne \"Any\" Ø", subject="Réseau coupé 😀 " * 6, body=TEXT)
		assert ctl.ok("mail", "send") == {"sent": 1, "failed": 0, "given_up": 0}
	mail, = server.mails
	assert (mail.sender, mail.recipients) == ("noc@radio.example", ["anne@tv.example"])
	assert mail["From"].addresses[0].display_name == "Dépôt" and mail["From"].addresses[0].addr_spec == "noc@radio.example"
	assert mail["To"].addresses[0].display_name == "Anne \"Any\" Ø" and mail["To"].addresses[0].addr_spec == "anne@tv.example"
	assert mail["Reply-To"] == "help@radio.example" and mail["Subject"] == "Réseau coupé 😀 " * 6
	assert mail.text.replace("\r\n", "\n") == TEXT
	assert mail["Auto-Submitted"] == "auto-generated" and not mail.parsed.defects
	age = datetime.datetime.now(datetime.timezone.utc) - mail["Date"].datetime
	assert datetime.timedelta(seconds=-1) <= age < datetime.timedelta(minutes=2)
	assert db.sql("SELECT state, tries, last_error, sent_at IS NULL, CONCAT('<', message_id, '>') FROM aeta_mail") == \
		[["sent", "1", "", "0", mail["Message-ID"]]]
	assert mail["Message-ID"].endswith("@radio.example>") and len(mail.bytes.splitlines()[0]) < 80
	assert mail.user == (None if kind == "clear" else USER)


@pytest.mark.parametrize("recipient,becomes,words", [
	("later", "failed", "greylisted, come later; it is tried again"),
	("never", "given-up", "refuses it for never@tv.example: 550 5.1.1 no such user here; correct the address"),
	("later-data", "failed", "451 4.3.0 no room now"),
	("never-data", "given-up", "554 5.6.0 no such mail here"),
	("drop", "failed", "did not say whether it took the mail"),
])
def test_what_a_server_answers(sending, db, recipient, becomes, words):
	queue(db, f"{recipient}@tv.example", "anne@tv.example")
	result = sending("mail", "send")
	assert result.code == 1 and words in result.err, result
	assert db.sql("SELECT state, tries, next_at > UTC_TIMESTAMP(), sent_at IS NULL FROM aeta_mail WHERE recipient NOT LIKE 'anne%'") == \
		[[becomes, "1", "1", "1"]]
	assert words in error(db) and state(db, "anne") == ["sent"], "one recipient is no reason that another one gets nothing"
	assert sending.ok("mail", "send")["sent"] == 0, "nothing is due"


def test_no_answer(ctl, db, mailserver):
	ctl.configure(**mailserver.keys(smtp_timeout_s=3))
	queue(db, "hold@tv.example")
	result = ctl("mail", "send")
	assert result.code == 1 and "did not say whether it took the mail" in result.err and "same Message-ID" in result.err, result
	assert state(db) == ["failed"]


def test_the_delays_grow_and_end_after_three_days(sending, db):
	expected, whole = [60, 300, 900, 1800, 3600, 7200, 14400, *[21600] * 11], 0
	queue(db, "later@tv.example")
	for tries, seconds in enumerate(expected, 1):
		db.sql(f"UPDATE aeta_mail SET next_at = UTC_TIMESTAMP(), tries = {tries - 1}") if tries in (1, 2, 7, 8, 18) else None
		if tries in (1, 2, 7, 8, 18):
			sending("mail", "send")
			(was, wait), = db.sql("SELECT state, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), next_at) FROM aeta_mail")
			assert was == "failed" and seconds - 10 < int(wait) <= seconds, tries
		whole += seconds
	assert 3 * 86_400 <= whole < 3.2 * 86_400
	db.sql(f"UPDATE aeta_mail SET next_at = UTC_TIMESTAMP(), tries = {len(expected)}")
	sending("mail", "send")
	assert state(db) == ["given-up"]


def test_a_server_that_is_away_is_asked_once(ctl, db, mailserver):
	ctl.configure(**mailserver.keys(smtp_url="smtp://127.0.0.1:1"))
	queue(db, *(f"anne{i}@tv.example" for i in range(5)))
	result = ctl("mail", "send")
	assert result.code == 1 and "cannot be reached" in result.err and "check smtp_url" in result.err, result
	assert sorted(state(db)) == ["failed", *["waiting"] * 4]
	ctl.configure(**mailserver.keys())
	assert ctl.ok("mail", "send")["sent"] == 4
	assert ctl.ok("mail", "retry", "--all") == {"tried_anew": 1} and ctl.ok("mail", "send")["sent"] == 1


@pytest.mark.parametrize("kind,keys,words", [
	("starttls", {"smtp_password": "guessed"}, "refuses the login of service"),
	("tls", {"smtp_password": "guessed"}, "refuses the login of service"),
	("tls", {"smtp_ca": ""}, "is not good"),
	("tls", {"host": "127.0.0.1"}, "is not good"),  # no name of the certificate
	("starttls", {"smtp_user": "", "smtp_password": ""}, "does not take mails from noc@radio.example: 530"),
	("clear", {"smtp_tls": "yes"}, "offers no STARTTLS"),
])
def test_a_server_that_is_not_ours_to_trust_gets_no_mail(ctl, db, certificates, kind, keys, words):
	with MailServer(certificates, kind) as server:
		given = server.keys(**keys)
		given["smtp_url"] = given["smtp_url"].replace("localhost", given.pop("host", "localhost"))
		ctl.configure(**given)
		queue(db, "anne@tv.example", "bob@tv.example")
		result = ctl("mail", "send")
	assert result.code == 1 and words in result.err, result
	assert state(db) == ["failed", "waiting"] and not server.mails, "so it is with all mails: none is given up"
	assert PASSWORD not in result.err + error(db) and "guessed" not in result.err + error(db)


def test_a_server_that_does_not_answer_quit_keeps_nobody_waiting(ctl, db, certificates):
	with MailServer(certificates, "starttls", deaf_at_quit=True) as server:
		ctl.configure(**server.keys())
		queue(db, "anne@tv.example")
		begin = time.monotonic()
		assert ctl.ok("mail", "send")["sent"] == 1
		assert time.monotonic() - begin < 15 and server.quits.is_set()


def test_a_password_that_the_server_repeats_is_not_written_down(ctl, db, certificates):
	with MailServer(certificates, "starttls") as server:
		ctl.configure(**server.keys())
		queue(db, "echo@tv.example")
		result = ctl("mail", "send")
	assert "refuses it for echo@tv.example: 550; " in result.err and PASSWORD not in result.err + error(db), result


def test_no_header_can_be_injected(sending, db, mailserver):
	for i, columns in enumerate(({"subject": "x\r\nBcc: evil@tv.example"}, {"recipient_name": "x\nBcc: evil@tv.example"}, {"subject": "x\r\n\r\ntext"},
			{"recipient_name": "x\r\n .\r\nRCPT TO:<evil@tv.example>"})):
		queue(db, f"anne{i}@tv.example", **columns)
	queue(db, "anne@tv.example>\r\nRCPT TO:<evil@tv.example", "a@tv.example,b@tv.example", "éve@tv.example")
	sending("mail", "send")
	assert not mailserver.mails and set(state(db)) == {"given-up"} and len(state(db)) == 7
	assert all("cannot be written" in row[0] for row in db.sql("SELECT last_error FROM aeta_mail"))


# ---- many senders ----

def test_two_senders_at_once_send_each_mail_once(sending, db, mailserver):
	mailserver.meet = True  # none of them goes on before both have a mail
	queue(db, *(f"anne{i}@tv.example" for i in range(30)))
	both = [subprocess.Popen(sending.command("mail", "send", "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
	said = [sender.communicate(timeout=60) for sender in both]
	assert [sender.returncode for sender in both] == [0, 0], said
	sent = [int(re.search(r'"sent": (\d+)', out)[1]) for out, _ in said]
	assert sum(sent) == 30 and min(sent) > 0, sent
	assert len(mailserver.mails) == len({mail["Message-ID"] for mail in mailserver.mails}) == 30
	assert set(state(db)) == {"sent"} and db.sql("SELECT MAX(epoch), MAX(tries) FROM aeta_mail") == [["1", "1"]]


def begin_sending(ctl, mailserver):
	sender = subprocess.Popen(ctl.command("mail", "send"), stderr=subprocess.PIPE, text=True)
	assert mailserver.arrived.wait(WAIT_S)
	return sender


def test_a_sender_that_is_killed_loses_no_mail(sending, db, mailserver):
	queue(db, "hold@tv.example")
	sender = begin_sending(sending, mailserver)
	sender.kill()
	sender.communicate()
	assert state(db) == ["sending"]
	mailserver.go.set()
	assert sending.ok("mail", "send")["sent"] == 0, "its lease goes on"
	sending.refused("being sent at this moment", "mail", "drop", db.sql("SELECT id FROM aeta_mail")[0][0])
	db.sql("UPDATE aeta_mail SET lease_until = UTC_TIMESTAMP()")
	assert sending.ok("mail", "send")["sent"] == 1 and state(db) == ["sent"]


def test_a_sender_that_is_killed_before_it_says_that_it_sent(sending, db, mailserver):
	"""Nobody can know, so it is sent again; and whoever gets both sees by the Message-ID that they are one."""
	queue(db, "taken@tv.example")
	sender = begin_sending(sending, mailserver)
	sender.kill()
	sender.communicate()
	mailserver.go.set()
	assert len(mailserver.mails) == 1 and state(db) == ["sending"]
	db.sql("UPDATE aeta_mail SET lease_until = UTC_TIMESTAMP()")
	assert sending.ok("mail", "send")["sent"] == 1
	assert len(mailserver.mails) == 2 and mailserver.mails[0]["Message-ID"] == mailserver.mails[1]["Message-ID"]


def test_a_sender_that_comes_too_late_says_nothing(sending, db, mailserver):
	"""Its lease ended while it waited, and another one has the mail."""
	queue(db, "hold@tv.example")
	sender = begin_sending(sending, mailserver)
	db.sql("UPDATE aeta_mail SET epoch = epoch + 1, lease_until = UTC_TIMESTAMP() + INTERVAL 10 MINUTE")
	mailserver.go.set()
	assert "lease had ended" in sender.communicate(timeout=WAIT_S)[1]
	assert state(db) == ["sending"], "what came of it says the other one"


def test_a_mail_whose_senders_all_die_is_given_up(sending, db, mailserver):
	queue(db, "anne@tv.example")
	db.sql("UPDATE aeta_mail SET state = 'sending', tries = 19, lease_until = UTC_TIMESTAMP()")
	assert sending.ok("mail", "send")["sent"] == 0
	assert state(db) == ["given-up"] and "before it could say" in error(db) and not mailserver.mails
