# SPDX-License-Identifier: GPL-2.0-or-later
"""aeta-admin against a real MariaDB, without a browser."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "ctl")]
from aetactl import Ctl  # noqa: E402
from db import Server  # noqa: E402
from server import Admin, Visitor  # noqa: E402

PASSWORD = "correct horse battery"
SIP_ADDRESS = "192.0.2.53"
OPERATORS = {"vera": "viewer", "susi": "support", "anna": "admin"}
CONTACT, OTHER_CONTACT = "noc@radio.example", "noc.other"  # one address, two customers: the second has another login


def door(who):
    return "/login" if who in OPERATORS else "/siremis/user/login"


@pytest.fixture(scope="session")
def server():
    with Server() as running:
        running.install()
        yield running


@pytest.fixture(scope="session")
def world(server, tmp_path_factory):
    """Operators of each role, two customers with a contact and a self-managed group each; every password is PASSWORD. And aetactl."""
    ctl = Ctl(tmp_path_factory.mktemp("ctl"), server)
    for login, role in OPERATORS.items():
        ctl.ok("operator", "add", login, "--role", role, "--password-stdin", stdin=PASSWORD + "\n")
    for name, prefix, contact in (("Radio", 4567, []), ("Other", 4599, ["--login", OTHER_CONTACT])):
        ctl.ok("customer", "add", name, "--email", "noc@radio.example")
        ctl.ok("group", "add", prefix, "--customer", name, "--self-management", "on")
        ctl.ok("number", "allocate", prefix, 2)
        ctl.ok("weblogin", "password", f"{prefix}5001", "--password-stdin", stdin=PASSWORD + "\n")
        ctl.ok("contact", "password", name, "noc@radio.example", *contact, "--password-stdin", stdin=PASSWORD + "\n")
    return ctl


@pytest.fixture(scope="session")
def running(world, tmp_path_factory):
    with Admin(world.server, tmp_path_factory.mktemp("admin"), sip_addresses=SIP_ADDRESS) as admin:
        yield admin


@pytest.fixture
def admin(running, server):
    """The server, with nobody logged in and no tries counted."""
    server.sql("DELETE FROM aeta_web_session; DELETE FROM aeta_web_throttle; UPDATE aeta_operator SET totp_secret = NULL, totp_step = 0; "
               "UPDATE aeta_contact_login SET totp_secret = NULL, totp_step = 0")
    return running


@pytest.fixture
def visitor(admin):
    return Visitor(admin)


@pytest.fixture
def as_(admin):
    """A visitor who is logged in: as_("anna"), as_("45675001"), as_(CONTACT), as_(None)."""
    def make(who):
        one = Visitor(admin)
        if who:
            one.login(who, PASSWORD, door(who))
        return one
    return make
