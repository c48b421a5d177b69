# SPDX-License-Identifier: GPL-2.0-or-later
"""Operators of the web administration, web logins of accounts, and their sessions."""

import re

import pytest


@pytest.fixture
def people(ctl):
    ctl.server.sql("DELETE FROM aeta_web_session; DELETE FROM aeta_operator; DELETE FROM aeta_audit")
    return ctl


@pytest.fixture
def selfmanaged(radio):
    radio.ok("group", "set", 4567, "--self-management", "on")
    radio.ok("number", "allocate", 4567, 2)
    return radio


def stored(ctl, login):
    return ctl.server.sql(f"SELECT password FROM aeta_operator WHERE login = '{login}'")[0][0]


def log_in(ctl, login, token):
    ctl.server.sql(f"INSERT INTO aeta_web_session (token_hash, operator_id, ends_at) SELECT SHA2('{token}', 256), id, "
                   f"UTC_TIMESTAMP() + INTERVAL 1 HOUR FROM aeta_operator WHERE login = '{login}'")


def sessions(ctl):
    return [row["who"] for row in ctl.ok("session", "list")["sessions"]]


def test_a_first_operator(people):
    """Its password is told once, and stored as argon2id; aetactl's own user cannot read even that."""
    told = people.ok("operator", "add", "anna", "--role", "admin", "--name", "Anna")
    assert told["operator"] == "anna" and re.fullmatch(r"[a-z2-9]{12}", told["password"])
    assert stored(people, "anna").startswith("$argon2id$v=19$m=65536,t=2,p=1$")
    [row] = people.ok("operator", "list")["operators"]
    assert (row["login"], row["name"], row["role"], row["enabled"], row["totp"]) == ("anna", "Anna", "admin", True, False)
    assert "argon2" not in people("operator", "list").out
    assert people.server.sql("SELECT action, object, JSON_VALUE(new_values, '$.role') FROM aeta_audit") == [
        ["operator add", "anna", "admin"]]


def test_a_password_of_ones_own(people):
    assert "password" not in people.ok("operator", "add", "bea", "--role", "viewer", "--password-stdin", stdin="correct horse\n")
    first = stored(people, "bea")
    people.ok("operator", "password", "bea", "--password-stdin", stdin="battery staple\n")
    assert stored(people, "bea") != first


@pytest.mark.parametrize("password,sentence", [("short", "at least 10"), ("bea-bea-bea", "begin with the login"),
                                               ("1234567890", "first that anybody"), ("aaaaaaaaaaaa", "first that anybody"),
                                               ("qwertyuiop", "first that anybody"), ("", "at least 10"), ("a\tb\tc\td\te\tf", "can be one")])
def test_passwords_that_are_none(people, password, sentence):
    people.refused(sentence, "operator", "add", "bea", "--role", "viewer", "--password-stdin", stdin=password + "\n")
    assert people.ok("operator", "list")["operators"] == []
    assert people.server.sql("SELECT * FROM aeta_audit") == []


@pytest.mark.parametrize("login", ["Anna", "an na", "-anna", "ann'a", "a" * 33, "änna"])
def test_logins_that_are_none(people, login):
    people.refused("a login is", "operator", "add", login, "--role", "viewer")


def test_refusals(people):
    people.ok("operator", "add", "anna", "--role", "admin")
    people.refused("already", "operator", "add", "anna", "--role", "viewer")
    people.refused("no operator", "operator", "set", "bob", "--role", "admin")
    people.refused("no operator", "operator", "password", "bob")
    people.refused("no operator", "operator", "delete", "bob")
    for other in ("anna ", "Anna", "änna", "ann_"):
        people.refused("no operator", "operator", "set", other, "--role", "viewer")
        people.refused("no operator", "operator", "password", other)
        people.refused("no operator", "operator", "delete", other)
    people.refused("nothing to set", "operator", "set", "anna")
    people.refused("is viewer|support|admin", "operator", "set", "anna", "--role", "root", code=2)
    people.refused("no session", "session", "end", "99")


def test_changes_end_the_sessions_of_that_operator(people):
    for login in ("anna", "bob"):
        people.ok("operator", "add", login, "--role", "admin")
        log_in(people, login, login)
    people.ok("operator", "set", "anna", "--name", "Anna B")
    assert sorted(sessions(people)) == ["anna", "bob"]
    for change in (["set", "anna", "--role", "viewer"], ["set", "anna", "--enabled", "off"], ["set", "anna", "--drop-totp"],
                   ["password", "anna"], ["delete", "anna"]):
        people.ok("operator", *change)
        assert sessions(people) == ["bob"], change
        if change[0] != "delete":
            log_in(people, "anna", "anna")
    assert [row["login"] for row in people.ok("operator", "list")["operators"]] == ["bob"]


def test_a_session_is_ended(people):
    people.ok("operator", "add", "anna", "--role", "admin")
    log_in(people, "anna", "one")
    [one] = people.ok("session", "list")["sessions"]
    assert one["role"] == "admin" and "token" not in str(one)
    people.ok("session", "end", one["id"])
    assert sessions(people) == []


def test_web_logins(selfmanaged):
    selfmanaged.server.sql("DELETE FROM aeta_web_login")  # each number was given one with its SIP password
    told = selfmanaged.ok("weblogin", "password", 45675001)
    assert re.fullmatch(r"[a-z2-9]{12}", told["password"])
    assert [row["number"] for row in selfmanaged.ok("weblogin", "list")["weblogins"]] == ["45675001"]
    selfmanaged.ok("weblogin", "password", 45675001, "--password-stdin", stdin="correct horse\n")
    selfmanaged.ok("weblogin", "delete", 45675001)
    selfmanaged.refused("no web login", "weblogin", "delete", 45675001)
    selfmanaged.ok("weblogin", "password", 45675001)
    selfmanaged.ok("account", "delete", 45675001)
    assert selfmanaged.ok("weblogin", "list")["weblogins"] == []


def test_web_logins_need_self_management(selfmanaged):
    selfmanaged.ok("account", "add", 902080, "--kind", "factory")
    selfmanaged.refused("self-management", "weblogin", "password", 902080)
    selfmanaged.refused("no account", "weblogin", "password", 45679999)
    selfmanaged.ok("group", "set", 4567, "--self-management", "off")
    selfmanaged.refused("self-management", "weblogin", "password", 45675001)


def test_when_a_sip_password_was_changed(selfmanaged):
    """Whoever changes it; a change of anything else leaves the time."""
    ask = "SELECT changed_at > UTC_TIMESTAMP() - INTERVAL 1 HOUR FROM aeta_sip_password WHERE account = '45675001'"
    past = "UPDATE aeta_sip_password SET changed_at = '2026-01-01'"
    assert selfmanaged.server.sql(ask) == [["1"]]
    selfmanaged.server.sql(past + "; UPDATE subscriber SET domain = 'aeta' WHERE username = '45675001'")
    assert selfmanaged.server.sql(ask) == [["0"]]
    selfmanaged.ok("account", "password", 45675001)
    assert selfmanaged.server.sql(ask) == [["1"]]
    selfmanaged.ok("account", "delete", 45675001)
    assert selfmanaged.server.sql(ask) == []
