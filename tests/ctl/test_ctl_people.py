# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line itself, its configuration, customers and contacts."""

import os
import subprocess

import pytest

from aetactl import binary


def test_help_needs_nothing():
    done = subprocess.run([binary(), "help"], capture_output=True, text=True)
    assert done.returncode == 0 and "number allocate" in done.stdout and "Exit status" in done.stdout
    done = subprocess.run([binary(), "--help"], capture_output=True, text=True)
    assert done.returncode == 0 and "number allocate" in done.stdout


def commands(ctl):
    text = ctl("help").out.split("\n\n")[2]
    words = [line[2:20].split() for line in text.splitlines()]
    return [word for word in words if word != ["help"]]


def test_every_command_has_its_help(ctl):
    found = commands(ctl)
    assert len(found) >= 50, "a table of commands is missing"
    for words in found:
        text = ctl("help", *words)
        assert text.code == 0 and text.out.startswith("aetactl " + " ".join(words))
        assert ctl(*words, "--help").out == text.out
    assert "--hunting on|off" in ctl("help", "group", "set").out
    assert "allocate" in ctl("help", "number").out and "explain" not in ctl("help", "number").out


@pytest.mark.parametrize("arguments,sentence", [
    ([], "a command is missing"),
    (["frobnicate"], 'no command "frobnicate"'),
    (["group"], "needs a second word"),
    (["group", "frobnicate"], 'no command "frobnicate"'),
    (["help", "frobnicate"], 'no command "frobnicate"'),
    (["--frobnicate", "group", "list"], "before the command"),
    (["--config"], "before the command"),
    (["group", "list", "--frobnicate"], "unknown option --frobnicate"),
    (["group", "list", "4567"], "one argument too many"),
    (["group", "show"], "PREFIX is missing"),
    (["group", "add", "4567"], "--customer is missing"),
    (["customer", "add", "Radio"], "--email is missing"),
    (["customer", "add", "", "--email", "a@b.example"], "NAME is empty"),
    (["group", "set", "4567", "--hunting"], "--hunting needs a value"),
    (["group", "set", "4567", "--hunting", "1"], "--hunting is on|off"),
    (["group", "set", "4567", "--hunting", "on", "--hunting", "on"], "given twice"),
    (["group", "set", "4567", "--no-answer", "121"], "--no-answer is 0 to 120"),
    (["group", "set", "4567", "--no-answer", "-1"], "--no-answer is 0 to 120"),
    (["group", "set", "4567", "--hunt-max", "9"], "--hunt-max is 10 to 600"),
    (["number", "allocate", "4567"], "N is missing"),
    *[(["number", "allocate", "4567", n], "N is 1 to 999") for n in ("0", "1000", "1x", " 1", "99999999999999999999")],
    (["account", "add", "902080"], "--kind is missing"),
    *[(["account", "add", "902080", "--kind", kind], "--kind is factory|other") for kind in ("premium", "hunting", "fact", "")],
    *[(["account", "until", "902080", date], "YYYY-MM-DD") for date in (
        "", "tomorrow", "2026-02-30", "2026-13-01", "26-01-01", "2026-01-01 25:00", "2026-01-01 10:00 CET", "2026-01-01x",
        "2026-01-01Z", "0026-01-01")],
])
def test_usage(ctl, arguments, sentence):
    ctl.refused(sentence, *arguments, code=2)


def test_configuration(ctl, tmp_path):
    assert ctl("customer", "list", env={**os.environ, "AETACTL_CONF": "/nonexistent"}).code == 0, "--config wins"
    done = subprocess.run([ctl.binary, "customer", "list"], env={**os.environ, "AETACTL_CONF": str(ctl.config)},
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for mode in (0o604, 0o602, 0o644, 0o620, 0o777):
        ctl.config.chmod(mode)
        ctl.refused("chmod 600", "customer", "list")
    for mode in (0o400, 0o640):
        ctl.config.chmod(mode)
        assert ctl("customer", "list").code == 0
    ctl.config.chmod(0o600)
    for line in ("nonsense", "colour = red", "db_password = " + 300 * "x", 2000 * "x"):
        ctl.config.write_text(line + "\n")
        ctl.refused("line 1", "customer", "list")
    ctl.config.unlink()
    ctl.refused("AETACTL_CONF", "customer", "list")
    ctl.config.mkdir()
    assert ctl("customer", "list").code == 1


def test_a_database_that_cannot_be_reached(ctl):
    for change in ({"db_password": "wrong"}, {"db_name": "mysql"}, {"db_socket": "/nonexistent/socket"},
                   {"db_socket": "", "db_host": "127.0.0.1", "db_port": "1"}):
        ctl.configure(**change)
        result = ctl("customer", "list")
        assert result.code == 3 and "cannot reach the database" in result.err and result.err.count("\n") == 1, result
        ctl.configure(db_password=ctl.server.passwords["aeta_admin"], db_name="aeta", db_socket=ctl.server.socket)
    assert ctl("customer", "list").code == 0


def test_an_answer_that_cannot_be_written(radio):
    """The accounts exist, but their passwords are lost: exit status 1 and what to do."""
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run(radio.command("number", "allocate", 4567, 1), stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and "set a new one" in done.stderr


def test_customers(ctl):
    made = ctl.ok("customer", "add", "Radio Müller", "--email", "noc@radio.example", "--contact", "Ann", "--phone", "+49 30 1",
                  "--comment", "since 1999")
    assert made["name"] == "Radio Müller" and made["comment"] == "since 1999"
    assert made["contacts"] == [{"email": "noc@radio.example", "name": "Ann", "phone": "+49 30 1"}]
    number = made["id"]
    for who in (number, "Radio Müller"):
        assert ctl.ok("customer", "show", who)["id"] == number
    ctl.ok("customer", "add", str(number), "--email", "a@b.example")
    assert ctl.ok("customer", "show", number)["id"] == number, "the id wins over a name of digits"
    assert [c["name"] for c in ctl.ok("customer", "list")["customers"]] == [str(number), "Radio Müller"]
    assert "Radio Müller" in ctl("customer", "list").out
    ctl.ok("customer", "delete", number)
    assert len(ctl.ok("customer", "list")["customers"]) == 1


@pytest.mark.parametrize("email", ["noc", "noc@", "@radio.example", "a@b@c.example", "noc@radio", "a b@radio.example",
                                   "noc@radio.example\nBcc: x@y.example", "a@x.example,b@x.example"])
def test_the_contact_must_have_an_address(ctl, email):
    ctl.refused("one e-mail address", "customer", "add", "Radio", "--email", email)


@pytest.mark.parametrize("arguments,sentence", [
    (["trace"], "trace: NUMBER is missing; see aetactl help trace"),
    (["trace", "45675001", "--minutes", "99"], 'trace: --minutes is 1 to 60, not "99"; see aetactl help trace'),
    (["group", "show"], "group show: PREFIX is missing; see aetactl help group show"),
    (["list", "nonsense"], 'list: there is no table "nonsense": see aetactl table list'),
])
def test_usage_is_one_sentence_with_one_advice(ctl, arguments, sentence):
    done = ctl(*arguments)
    assert (done.code, done.err) == (2, f"aetactl: {sentence}\n")


def test_customer_refusals(radio):
    radio.refused("of that name exists already: choose another name", "customer", "add", "Radio", "--email", "a@b.example")
    radio.refused('no customer "Nobody"', "customer", "show", "Nobody")
    radio.refused('no customer "99"', "customer", "delete", "99")
    radio.refused("still has groups", "customer", "delete", "Radio")
    radio.refused("is too long", "customer", "add", 200 * "x", "--email", "a@b.example")


def test_contacts(radio):
    assert len(radio.ok("contact", "add", "Radio", "b@radio.example", "--name", "Bob", "--phone", "2")["contacts"]) == 2
    assert [c["email"] for c in radio.ok("contact", "list")["contacts"]] == ["noc@radio.example", "b@radio.example"]
    radio.refused("is a contact of this customer already", "contact", "add", "Radio", "b@radio.example")
    radio.refused("one e-mail address", "contact", "add", "Radio", "bob")
    radio.refused("no contact x@radio.example", "contact", "delete", "Radio", "x@radio.example")
    radio.refused("no customer", "contact", "list", "Nobody")
    assert len(radio.ok("contact", "delete", "Radio", "noc@radio.example")["contacts"]) == 1
    radio.refused("last technical contact", "contact", "delete", "Radio", "b@radio.example")


def test_changes(radio):
    changed = radio.ok("customer", "set", "Radio", "--name", "Radio Nord", "--comment", "moved")
    assert changed["name"] == "Radio Nord" and changed["comment"] == "moved" and len(changed["contacts"]) == 1
    assert radio.ok("customer", "set", "Radio Nord", "--comment", "")["comment"] == ""
    radio.ok("customer", "add", "Other", "--email", "a@other.example")
    radio.refused("customer of that name already", "customer", "set", "Other", "--name", "Radio Nord")
    radio.refused("Name is too long", "customer", "set", "Other", "--name", 129 * "x")
    radio.refused("--name is empty", "customer", "set", "Other", "--name", "", code=2)
    told = radio.ok("contact", "set", "Other", "a@other.example", "--email", "b@other.example", "--name", "Bob", "--phone",
                    "+1")["contacts"]
    assert told == [{"customer": "Other", "email": "b@other.example", "name": "Bob", "phone": "+1", "login": None}]
    assert radio.ok("contact", "set", "Other", "b@other.example", "--name", "")["contacts"][0]["name"] == ""
    radio.ok("contact", "add", "Other", "c@other.example")
    radio.refused("b@other.example is a contact of this customer already", "contact", "set", "Other", "c@other.example", "--email",
                  "b@other.example")
    radio.refused("one e-mail address", "contact", "set", "Other", "c@other.example", "--email", "c")
    radio.refused("no contact a@other.example", "contact", "set", "Other", "a@other.example", "--name", "A")


def test_sql_is_never_built_from_what_is_typed(radio):
    name = "x'); DROP TABLE aeta_customer; -- \\"
    assert radio.ok("customer", "add", name, "--email", "o'hara@radio.example")["name"] == name
    assert radio.ok("customer", "show", name)["contacts"][0]["email"] == "o'hara@radio.example"


def test_a_terminal_is_not_moved_about(ctl):
    """Control characters in the data are shown as question marks."""
    ctl.refused("no text", "customer", "add", "Ra\x1b[2Jdio", "--email", "a@b.example")
    ctl.server.sql("INSERT INTO aeta_customer (name) VALUES (CONCAT('Ra', CHAR(27), '[2Jdio'))")
    assert "\x1b" not in ctl("customer", "list").out and "Ra?[2Jdio" in ctl("customer", "list").out
    assert "\x1b" not in ctl("customer", "show", "\x1b[2J").err
