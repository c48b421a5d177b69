# SPDX-License-Identifier: GPL-2.0-or-later
"""aeta-admin sends what is due, by itself."""

import time

from server import Admin
from test_mail_send import WAIT_S, queue, state, wait_for

from mailserver import PASSWORD


def test_it_sends_what_is_due(ctl, db, mailserver, tmp_path):
	queue(db, "anne@tv.example", "never@tv.example")
	with Admin(db, tmp_path, **mailserver.keys()) as admin:
		wait_for(lambda: state(db) == ["sent", "given-up"])
		wait_for(lambda: "no such user" in admin.said())
		assert "1 mail sent" in admin.said()
	assert len(mailserver.mails) == 1


def test_it_ends_while_a_server_keeps_it_waiting(ctl, db, mailserver, tmp_path):
	queue(db, "hang@tv.example")
	with Admin(db, tmp_path, **mailserver.keys()) as admin:
		assert mailserver.arrived.wait(WAIT_S)
		begin = time.monotonic()
	assert time.monotonic() - begin < 10 and state(db) == ["failed"] and "was stopped" in admin.said()


def test_without_a_mail_server_it_runs_and_mails_wait(ctl, db, tmp_path):
	queue(db, "anne@tv.example")
	with Admin(db, tmp_path):
		pass
	assert state(db) == ["waiting"]


def test_a_wrong_configuration_is_said_at_the_start(ctl, db, tmp_path):
	admin = Admin(db, tmp_path, smtp_url="smtp://mail.radio.example", smtp_user="u", smtp_password=PASSWORD, mail_from="nobody")
	try:
		admin.start()
		raise AssertionError("it runs")
	except AssertionError as error:
		assert "mail_from: the address" in str(error) and PASSWORD not in str(error)
