# SPDX-License-Identifier: GPL-2.0-or-later
"""The pages of mails and announcements."""

import html
import re

import pytest
from server import Admin, Visitor, form_of, text_of

from test_mail_send import queue, state

PASSWORD = "correct horse battery"
EVIL = "<script>alert(1)</script>"
TEXT = "Dear all,\n\nit will be better.\n"


@pytest.fixture(scope="module")
def running(server, tmp_path_factory):
	"""Without a mail server, so nothing leaves the queue."""
	with Admin(server, tmp_path_factory.mktemp("admin")) as admin:
		yield admin


@pytest.fixture
def as_(ctl, db, running):
	db.sql("DELETE FROM aeta_web_session; DELETE FROM aeta_web_throttle; DELETE FROM aeta_operator")
	for login, role in (("susi", "support"), ("vera", "viewer")):
		ctl.ok("operator", "add", login, "--role", role, "--password-stdin", stdin=PASSWORD + "\n")

	def make(who):
		one = Visitor(running)
		one.login(who, PASSWORD, "/siremis/user/login" if who.isdigit() else "/login")
		return one
	return make


@pytest.fixture
def subscribers(ctl):
	"""An account of each customer with its web login, and one that is nobody's."""
	for name, prefix in (("Radio", 4567), ("TV", 4599)):
		ctl.ok("group", "add", prefix, "--customer", name, "--self-management", "on")
		ctl.ok("number", "allocate", prefix, 1)
		ctl.ok("weblogin", "password", f"{prefix}5001", "--password-stdin", stdin=PASSWORD + "\n")
	return "45675001", "45995001"


def customer(db, name):
	return db.sql(f"SELECT id FROM aeta_customer WHERE name = '{name}'")[0][0]


def announcement(**changes):
	return {"kind": "evolution", "customer": "0", "subject": f"New {EVIL}", "text": TEXT + EVIL, **changes}


def test_an_announcement_is_looked_at_and_sent_once(as_, db):
	susi = as_("susi")
	assert "No mail server is configured" in text_of(susi.get("/announcements/new"))
	preview = susi.post("/announcements/new", announcement())
	told = text_of(preview)
	assert preview.status == 200 and "2 recipients" in told and "noc@radio.example, Radio" in re.sub(r"\s+", " ", told).replace(" ,", ","), told
	assert EVIL not in preview.text and html.escape(EVIL, quote=False) in preview.text and not state(db), "nothing is sent yet"
	fields = form_of(preview, "/announcements/new/send")
	assert fields["text"].replace("\r\n", "\n") == TEXT + EVIL
	changed = susi.post("/announcements/new", form_of(preview, "/announcements/new"))
	assert changed.status == 200 and html.escape(EVIL) in changed.text and 'value="evolution" selected' in changed.text, changed
	sent = susi.post("/announcements/new/send", fields)
	assert sent.status == 303 and re.fullmatch(r"/announcements/\d+", sent.location), sent
	again = susi.post("/announcements/new/send", fields)
	assert again.location == "/announcements" and state(db) == ["waiting"] * 2, "the same form announces once"
	page = susi.get(sent.location)
	assert EVIL not in page.text and "noc@tv.example" in page.text and "it will be better." in page.text
	assert db.sql("SELECT who, to_all FROM aeta_announcement") == [["susi", "1"]]
	assert db.sql("SELECT who, action FROM aeta_audit WHERE action = 'announce'") == [["susi", "announce"]]


@pytest.mark.parametrize("changes,words", [({"subject": ""}, "Subject"), ({"text": " "}, "The text is missing."), ({"kind": "joke"}, "What it is about is one of these."),
	({"text": "x" * 12001}, "too long"), ({"subject": "x" * 151}, "Subject")])
def test_what_is_wrong_is_said_at_its_field(as_, db, changes, words):
	for path in ("/announcements/new", "/announcements/new/send"):
		answer = as_("susi").post(path, announcement(**changes))
		errors = re.findall(r'class="error"[^>]*>([^<]*)<', answer.text)
		assert answer.status == 400 and len(errors) == 1 and words in errors[0], answer
	assert db.sql("SELECT * FROM aeta_announcement") == []


def test_who_may(as_, db, subscribers):
	vera = as_("vera")
	assert vera.get("/announcements").status == vera.get("/mails").status == 200
	assert "/announcements/new" not in vera.get("/announcements").text
	for path in ("/announcements/new", "/announcements/new/send", "/mails/all/retry"):
		assert vera.post(path, announcement() if "ann" in path else {}).status == 403
	assert as_(subscribers[0]).post("/announcements/new/send", announcement()).status == 404
	assert db.sql("SELECT * FROM aeta_announcement") == []


def test_subscribers_read_what_concerns_them(as_, db, subscribers):
	susi = as_("susi")
	for subject, who in (("To all", "0"), ("To Radio", customer(db, "Radio"))):
		preview = susi.post("/announcements/new", announcement(subject=subject, customer=who))
		assert susi.post("/announcements/new/send", form_of(preview, "/announcements/new/send")).status == 303
	radio, tv = map(as_, subscribers)
	mine = radio.get("/siremis/user/announcements")
	assert "To all" in mine.text and "To Radio" in mine.text and "susi" not in mine.text
	keys = re.findall(r'href="/siremis/user/announcements/(\d+)"', mine.text)
	page = radio.get(f"/siremis/user/announcements/{keys[0]}")
	assert "it will be better." in page.text and "noc@" not in page.text and EVIL not in page.text
	theirs = tv.get("/siremis/user/announcements")
	assert "To all" in theirs.text and "To Radio" not in theirs.text
	key = db.sql("SELECT id FROM aeta_announcement WHERE subject = 'To Radio'")[0][0]
	assert tv.get(f"/siremis/user/announcements/{key}").status == 404 and radio.get("/announcements").status == 404
	assert "To Radio" not in tv.get("/siremis/user/announcements.csv").text


def test_the_queue(as_, db):
	queue(db, "never@tv.example", "anne@tv.example", "bob@tv.example", "sent@tv.example", subject=EVIL)
	db.sql("UPDATE aeta_mail SET state = 'given-up', tries = 1, last_error = 'no such <b>user' WHERE recipient LIKE 'never%';"
		"UPDATE aeta_mail SET state = 'failed', tries = 3, next_at = UTC_TIMESTAMP() + INTERVAL 1 HOUR WHERE recipient LIKE 'anne%';"
		"UPDATE aeta_mail SET state = 'sent' WHERE recipient LIKE 'sent%'")
	ids = dict(db.sql("SELECT SUBSTRING_INDEX(recipient, '@', 1), id FROM aeta_mail"))
	susi = as_("susi")
	listed = susi.get("/mails")
	assert "No mail server is configured" in listed.text and EVIL not in listed.text
	assert "no such &lt;b&gt;user" in susi.get(f"/mails/{ids['never']}").text
	assert "bob@" not in susi.get("/mails?f.state=given-up").text.partition('id="list"')[2]
	assert "/retry" not in susi.get(f"/mails/{ids['sent']}").text and "/drop" not in as_("vera").get(f"/mails/{ids['anne']}").text
	assert "/mails/all/retry" not in as_("vera").get("/mails").text
	assert susi.post(f"/mails/{ids['never']}/retry").location == f"/mails/{ids['never']}" and state(db, "never") == ["waiting"]
	for act in ("retry", "drop"):
		assert "is sent already" in susi.post(f"/mails/{ids['sent']}/{act}").text
		assert susi.post(f"/mails/99999/{act}").status == 404
	assert "Drop it" in susi.get(f"/mails/{ids['bob']}/drop").text and state(db, "bob") == ["waiting"]
	assert susi.post(f"/mails/{ids['bob']}/drop").location == "/mails" and state(db, "bob") == []
	assert susi.post("/mails/all/retry").location == "/mails" and state(db, "anne") == ["waiting"]
	assert db.sql("SELECT DISTINCT who, action FROM aeta_audit WHERE action LIKE 'mail%' ORDER BY id") == [["susi", "mail retry"], ["susi", "mail drop"]]


def test_the_dashboard_and_the_metrics(as_, db, running):
	queue(db, "a@tv.example", "b@tv.example", "c@tv.example")
	db.sql("UPDATE aeta_mail SET state = 'given-up' WHERE recipient LIKE 'a%'; UPDATE aeta_mail SET state = 'failed', created_at = UTC_TIMESTAMP() - "
		"INTERVAL 150 MINUTE WHERE recipient LIKE 'b%'")
	page = re.sub(r"\s+", " ", text_of(as_("vera").get("/")))
	assert "2 mails waiting no mail server is configured" in page and "1 mail given up 1 that wait was tried before" in page, page
	assert running.metric('mails{state="waiting"}') == running.metric('mails{state="failed"}') == running.metric('mails{state="given_up"}') == 1
	assert 9000 <= running.metric("mail_oldest_seconds") < 9200 and running.metric("mail_server_configured") == 0


def test_the_dashboard_of_a_service_that_sends(as_, db, mailserver, tmp_path):
	queue(db, "a@tv.example")
	db.sql("UPDATE aeta_mail SET next_at = UTC_TIMESTAMP() + INTERVAL 1 HOUR, created_at = UTC_TIMESTAMP() - INTERVAL 150 MINUTE")
	with Admin(db, tmp_path, **mailserver.keys()) as admin:
		vera = Visitor(admin)
		vera.login("vera", PASSWORD)
		assert "1 mail waiting the oldest for 2 hours" in re.sub(r"\s+", " ", text_of(vera.get("/")))
		assert "No mail server" not in vera.get("/mails").text and admin.metric("mail_server_configured") == 1
