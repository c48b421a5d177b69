# SPDX-License-Identifier: GPL-2.0-or-later
"""Every command keeps what the manual page says of exit statuses, and prints one JSON object with --json."""

import json
import re

import pytest

from test_ctl_documents import document
from test_ctl_people import commands

VALUES = {"NAME": "x", "CUSTOMER": "Radio", "EMAIL": "b@radio.example", "ADDRESS": "a@x.example", "PREFIX": "4567", "N": "1",
          "NUMBER": "45675001",
          "OTHER": "902080", "DATE": "2030-01-01", "TABLE": "customers", "KEY": "1", "CHANGE": "name=x", "DOMAIN": "sip.x.example",
          "SET": "fr", "URL": "udp:192.0.2.60:2223", "CALLER": "45675001", "DIALLED": "902080", "CALL": "1-1", "SOURCE": "192.0.2.1",
          "LOGIN": "anna", "ID": "1", "SUBJECT": "cdr", "MONTHS": "36", "SHELL": "bash"}
# What a command needs beyond its required arguments.
MORE = {"customer set": ["--comment", "x"], "contact set": ["--phone", "1"], "group set": ["--name", "x"], "account set": ["--comment", "x"],
        "domain set": ["--comment", "x"], "relay set": ["--position", "2"], "operator set": ["--name", "x"],
        "trace": ["--detach"], "trace write": ["--out", "FOLDER"], "account import": ["--credentials", "told.csv"]}
NO_DATABASE = {"table list", "table columns", "bans list", "reload", "completion", "manual"}  # these need Kamailio, or nothing
DOCUMENTS = {"completion", "manual"}


def line_of(ctl, words, folder):
    """A command line that is right, from the help of the command."""
    arguments = []
    usage = ctl("help", *words).out.splitlines()[0].split()[1 + len(words):]
    for i, word in enumerate(usage):
        if word.startswith("["):
            break  # the rest can be left out
        value = word.rstrip(".").split("|")[-1]
        arguments.append(str(folder / "accounts.csv") if value == "FILE" else VALUES.get(value, value) if not word.startswith("--") else word)
    return [*words, *arguments, *(str(folder / word) if word == "told.csv" else str(folder) if word == "FOLDER" else word
                                      for word in MORE.get(" ".join(words), []))]


@pytest.fixture
def lines(ctl, tmp_path):
    (tmp_path / "accounts.csv").write_text("number,kind\n77001,other\n")
    yield [line_of(ctl, words, tmp_path) for words in commands(ctl)]
    ctl.server.sql("DELETE FROM aeta_operator; DELETE FROM aeta_nat_off; DELETE FROM aeta_mail; UPDATE aeta_retention SET months = 24")


def name_of(line, known):
    return next(" ".join(words) for words in known if line[:len(words)] == words)


def test_the_manual_says_what_statuses_mean():
    text = document("manual")
    assert re.findall(r'^\.B (\d)$', text[text.index(".SH EXIT STATUS"):text.index(".SH EXAMPLES")], re.M) == ["0", "1", "2", "3"]


def test_2_where_the_command_line_is_wrong(ctl, lines):
    for line in lines:
        result = ctl(*line, "--no-such-option")
        assert result.code == 2 and "unknown option" in result.err and result.out == "", (line, result)


def test_3_where_nothing_can_be_reached(ctl, lines):
    ctl.configure(db_socket="/nonexistent/mysql.sock", rpc_socket="/nonexistent/kamailio.sock")
    known = commands(ctl)
    for line in lines:
        name = name_of(line, known)
        result = ctl("--json", *line)
        if name in NO_DATABASE - {"bans list", "reload"}:
            assert result.code == 0, (line, result)
        else:
            assert result.code == 3 and re.search("cannot reach|does not answer", result.err), (line, result)


def test_1_where_there_is_no_such_thing(ctl, lines):
    """In an empty database, what names something is refused; what lists is done. Kamailio is not configured."""
    known = commands(ctl)
    refused = set()
    for line in lines:
        result = ctl(*line)
        assert result.code in (0, 1, 3), (line, result)
        if result.code:
            assert result.err.startswith("aetactl: "), (line, result)
            refused.add(name_of(line, known))
    assert {name for name in refused if name.split()[-1] == "list"} == {"bans list", "trace list"}  # Kamailio's
    assert {"customer show", "contact delete", "group set", "number allocate", "account lock", "relay-set rename",
            "weblogin password", "session end"} <= refused


def test_json_is_one_object_whatever_it_says(radio, lines):
    """With rows to show: done or refused, there is one object, or nothing."""
    radio.ok("number", "allocate", 4567, 1)
    radio.ok("operator", "add", "bea", "--role", "viewer")
    known = commands(radio)
    done = set()
    for line in lines:
        result = radio("--json", *line)
        assert result.code in (0, 1, 3), (line, result)
        if result.code == 0:
            assert isinstance(result.json, dict) and result.json, (line, result)
            done.add(name_of(line, known))
        elif result.out:
            assert isinstance(result.json, dict), (line, result)
    assert len(done) >= 55 and DOCUMENTS <= done
