# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails: the queue in a real MariaDB, and real mail servers."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "ctl"), str(HERE.parent / "admin")]
from aetactl import Ctl  # noqa: E402
from db import Server  # noqa: E402
from mailserver import MailServer  # noqa: E402


@pytest.fixture(scope="session")
def server():
	with Server() as running:
		running.install()
		yield running


@pytest.fixture
def db(server):
	server.clean("DELETE FROM aeta_audit;")
	return server


@pytest.fixture
def ctl(db, tmp_path):
	"""aetactl without a mail server, and two customers; one contact belongs to both."""
	ctl = Ctl(tmp_path, db)
	ctl.ok("customer", "add", "Radio", "--email", "noc@radio.example", "--contact", "Søren \"Sø\" Ø")
	ctl.ok("customer", "add", "TV", "--email", "noc@tv.example")
	ctl.ok("contact", "add", "TV", "noc@radio.example")
	return ctl


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
	return tmp_path_factory.mktemp("certificates")


@pytest.fixture
def mailserver(certificates):
	"""In clear; a test that wants another one makes it."""
	with MailServer(certificates) as running:
		yield running


@pytest.fixture
def sending(ctl, mailserver):
	"""aetactl with that mail server."""
	ctl.configure(**mailserver.keys())
	return ctl
