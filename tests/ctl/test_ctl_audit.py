# SPDX-License-Identifier: GPL-2.0-or-later
"""What aetactl writes is in the audit, with the values before and after, and what it refuses is not."""

import getpass
import json
import os
import socket

import pytest

PERSON = {"SUDO_USER": "ann", "SSH_CONNECTION": "192.0.2.9 50000 192.0.2.1 22"}


@pytest.fixture
def audited(radio):
    """aetactl with a customer and a group, and what it has added to the audit since."""
    radio.server.sql("DELETE FROM aeta_audit")
    return radio


def acts(ctl):
    """(action, object, before, after) since the last call."""
    rows = ctl.server.sql("SELECT action, object, IFNULL(old_values, 'null'), IFNULL(new_values, 'null') FROM aeta_audit ORDER BY id")
    ctl.server.sql("DELETE FROM aeta_audit")
    return [(row[0], row[1], json.loads(row[2]), json.loads(row[3])) for row in rows]


def test_exceptions(audited):
    row = {"prefix": 4567, "number": "902080"}
    audited.ok("exception", "add", "902080", "--group", 4567)
    assert acts(audited) == [("exception add", "4567-902080", None, row)]
    audited.refused("is an exception there already", "exception", "add", "902080", "--group", 4567)
    audited.refused("is no exception there", "exception", "delete", "902080")
    assert acts(audited) == []
    audited.ok("exception", "delete", "902080", "--group", 4567)
    assert acts(audited) == [("exception delete", "4567-902080", row, None)]


def test_domains(audited):
    audited.ok("domain", "add", "SIP.Example.com", "--comment", "first")
    audited.ok("domain", "set", "sip.example.com", "--relay-set", "fr")
    audited.ok("domain", "set", "sip.example.com", "--relay-set", "fr")  # changes nothing
    audited.ok("domain", "delete", "sip.example.com")
    row = {"domain": "sip.example.com", "relay_set": "default", "comment": "first"}
    assert acts(audited) == [("domain add", "sip.example.com", None, row),
                             ("domain set", "sip.example.com", {"relay_set": "default"}, {"relay_set": "fr"}),
                             ("domain delete", "sip.example.com", {**row, "relay_set": "fr"}, None)]


def test_relays_and_the_sets_that_come_and_go_with_them(audited):
    audited.ok("relay", "add", "fr", "udp:192.0.2.60:2223", "--comment", "Paris")
    relay, number = (audited.server.sql(f"SELECT {column} FROM aeta_relay")[0][0] for column in ("id", "set_number"))
    row = {"set_number": int(number), "url": "udp:192.0.2.60:2223", "position": 1, "enabled": True, "comment": "Paris"}
    assert acts(audited) == [("relay-set add", number, None, {"name": "fr"}), ("relay add", relay, None, row)]
    audited.ok("relay", "disable", "fr", "udp:192.0.2.60:2223")
    assert acts(audited) == [("relay set", relay, {"enabled": True}, {"enabled": False})]
    audited.refused("already", "relay", "add", "fr", "udp:192.0.2.60:2223")
    audited.refused("there is no relay", "relay", "enable", "default", "udp:192.0.2.60:2223")
    audited.refused("a relay is udp:", "relay", "add", "other", "http://x")
    assert acts(audited) == []
    audited.ok("relay", "remove", "fr", "udp:192.0.2.60:2223")
    assert [(act, key) for act, key, *_ in acts(audited)] == [("relay delete", relay), ("relay-set delete", number)]


def test_who_and_from_where(audited):
    login = "/proc/self/loginuid"
    nobody = not os.path.exists(login) or open(login).read().strip() in ("", "4294967295")
    audited.ok("exception", "add", "902080", env={**os.environ, **PERSON})
    ((who, place),) = audited.server.sql("SELECT who, from_where FROM aeta_audit")
    assert place == f"{socket.gethostname()}, ssh from 192.0.2.9"
    assert who == ("ann" if nobody else getpass.getuser())


def test_groups_and_numbers(audited):
    audited.ok("group", "add", 4600, "--customer", "Radio", "--hunt-max", 60)
    ((act, key, before, after),) = acts(audited)
    assert (act, key, before) == ("group add", "4600", None)
    assert (after["prefix"], after["hunt_max_s"], after["hunt_direct"], after["hunting"]) == (4600, 60, True, False)
    audited.ok("number", "allocate", 4600, 2)
    given = {"premium": ["46005001", "46005002"], "hunting": None, "accounts": 2, "web_logins": False}
    assert acts(audited) == [("number allocate", "4600", None, given)]
    audited.ok("group", "set", 4600, "--hunting", "on")
    assert acts(audited) == [("group set", "4600", {"hunting": False}, {"hunting": True}),
                             ("number allocate", "4600", None, {**given, "premium": None, "hunting": ["46006001", "46006002"]})]
    audited.ok("group", "set", 4600, "--hunting", "on")  # changes nothing, and every number has its twin
    audited.refused("still has accounts", "group", "delete", 4600)
    audited.refused("left of 999", "number", "allocate", 4600, 998)
    audited.refused("there is no group", "number", "allocate", 4700, 1)
    audited.refused("there is no group", "group", "set", 4700, "--hunting", "on")
    audited.refused("there is no group", "group", "delete", 4700)
    assert acts(audited) == []


def test_no_password_is_in_the_audit(audited):
    audited.ok("group", "set", 4567, "--self-management", "on", "--hunting", "on")
    told = audited.ok("number", "allocate", 4567, 2)["accounts"]
    assert len(told) == 4 and all(len(account["password"]) == len(account["web_password"]) == 12 for account in told)
    text = str(audited.server.sql("SELECT * FROM aeta_audit"))
    assert '["45675001","45675002"]' in text
    secrets = [account[kind] for account in told for kind in ("password", "web_password")]
    secrets += [cell for row in audited.server.sql("SELECT ha1, ha1b FROM subscriber UNION SELECT password, '-' FROM aeta_web_login")
                for cell in row if cell != "-"]
    assert len(set(secrets)) == 20 and not any(secret in text for secret in secrets)


def test_customers_and_contacts(audited):
    number = audited.ok("customer", "add", "Nord", "--email", "a@nord.example", "--comment", "x")["id"]
    assert [act[:2] for act in acts(audited)] == [("customer add", str(number))]
    audited.ok("customer", "set", "Nord", "--comment", "y")
    assert acts(audited) == [("customer set", str(number), {"comment": "x"}, {"comment": "y"})]
    audited.ok("contact", "add", "Nord", "b@nord.example", "--name", "Bob")
    (action, key, before, after), = acts(audited)
    assert action == "contact add" and before is None and after["email"] == "b@nord.example" and after["name"] == "Bob"
    audited.ok("contact", "set", "Nord", "b@nord.example", "--phone", "1")
    assert acts(audited) == [("contact set", key, {"phone": ""}, {"phone": "1"})]
    audited.ok("contact", "delete", "Nord", "b@nord.example")
    assert acts(audited)[0][0] == "contact delete"
    audited.ok("customer", "delete", "Nord")
    assert acts(audited)[0][:2] == ("customer delete", str(number))
    audited.refused("still has groups", "customer", "delete", "Radio")
    assert acts(audited) == []


def test_accounts(audited):
    made = audited.ok("account", "add", "902080", "--kind", "factory", "--product", "Scoop5 S", "--customer", "Radio")
    (action, number, before, after), = acts(audited)
    assert (action, number, before) == ("account add", "902080", None)
    assert after["kind"] == "factory" and after["product"] == "Scoop5 S" and after["serial"] is None and after["customer_id"] > 0
    audited.ok("account", "lock", "902080")
    assert acts(audited) == [("account set", "902080", {"state": "active"}, {"state": "locked"})]
    audited.ok("account", "lock", "902080")
    audited.ok("account", "set", "902080", "--customer", "Radio")
    assert acts(audited) == [], "no change"
    audited.ok("account", "until", "902080", "2030-01-01")
    assert acts(audited)[0][3] == {"valid_until": "2030-01-01 23:59:59"}
    audited.ok("account", "set", "902080", "--comment", "x", "--customer", "")
    assert [act[3] for act in acts(audited)] == [{"comment": "x"}, {"customer_id": None}]
    again = audited.ok("account", "password", "902080")["password"]
    told = audited.server.sql("SELECT * FROM aeta_audit")
    assert [act[:2] for act in acts(audited)] == [("account password", "902080")]
    assert again not in str(told) and made["password"] not in str(told)
    audited.ok("account", "delete", "902080")
    assert acts(audited)[0][:2] == ("account delete", "902080")
    audited.refused("4 digits", "account", "add", "1500", "--kind", "other")
    assert acts(audited) == []


def test_operators_web_logins_and_sessions(audited):
    password = audited.ok("operator", "add", "anna", "--role", "support", "--name", "Anna")["password"]
    audited.ok("operator", "set", "anna", "--role", "admin")
    audited.ok("operator", "password", "anna")
    audited.refused("there is no operator", "operator", "password", "otto")
    audited.ok("group", "set", 4567, "--self-management", "on")
    audited.ok("number", "allocate", 4567, 1)
    audited.ok("weblogin", "password", 45675001)
    audited.ok("weblogin", "delete", 45675001)
    audited.refused("has no web login", "weblogin", "delete", 45675001)
    audited.server.sql("INSERT INTO aeta_web_session (id, token_hash, operator_id, ends_at) "
                       "SELECT 7, REPEAT('a', 64), id, '2038-01-01' FROM aeta_operator")
    audited.ok("session", "end", 7)
    audited.refused("there is no session 7", "session", "end", 7)
    audited.ok("operator", "delete", "anna")
    was = {"name": "Anna", "role": "support", "enabled": True, "totp": False}
    rows = acts(audited)
    assert [row[:2] for row in rows] == [
        ("operator add", "anna"), ("operator set", "anna"), ("operator password", "anna"), ("group set", "4567"),
        ("number allocate", "4567"), ("weblogin password", "45675001"), ("weblogin delete", "45675001"), ("session delete", "7"),
        ("operator delete", "anna")]
    assert rows[1][2:] == (was, {**was, "role": "admin"}) and rows[-1][2] == {**was, "role": "admin"}
    assert password not in str(rows) and "a" * 64 not in str(rows)
