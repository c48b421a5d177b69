# SPDX-License-Identifier: GPL-2.0-or-later
"""Every SQL block of sql/RECIPES.md is run, in order, as the user who administers; what they promise is looked at."""

import hashlib
import re

import pytest

from db import ROOT, SqlError

TEXT = (ROOT / "sql/RECIPES.md").read_text(encoding="utf-8")


def blocks():
    """(title, info string, SQL) of each fenced block."""
    title, found = "", []
    for match in re.finditer(r"^## (.*)$|^```sql(.*)\n([\s\S]*?)^```$", TEXT, re.M):
        if match[1]:
            title = match[1]
        else:
            found.append((title, match[2].strip(), match[3]))
    return found


@pytest.fixture(scope="module")
def recipes(server):
    """All blocks run in order; the rows that each one printed, by its title."""
    server.clean()
    printed = {}
    for title, info, text in blocks():
        if not info:
            printed.setdefault(title, []).extend(server.sql(text, user="aeta_admin"))
    return printed


def test_there_are_recipes(recipes):
    assert len(blocks()) >= 20 and TEXT.count("```") == 2 * len(blocks()), "each block is found"
    assert TEXT.count("aetactl reload") >= 6


@pytest.mark.parametrize("statement", [s.strip() for _, info, text in blocks() if info == "refused"
                                       for s in text.split(";") if s.strip()])
def test_refused(recipes, server, statement):
    with pytest.raises(SqlError) as refusal:
        server.sql(statement, user="aeta_admin")
    assert refusal.value.state == "45000" or "denied" in refusal.value.message


def test_numbers(recipes, server):
    assert recipes["A group"] == [["1000"]]
    assert recipes["The next number of a group"] == [["45705001"]]
    assert recipes["Hunting, and the twins of the numbers"] == [[f"4570600{i}"] for i in range(1, 5)]
    assert recipes["Delete"] == [["5004"]]
    assert recipes["Who wants the media relay"] == []
    assert recipes["Relays"] == [["default", "1", "udp:192.0.2.50:2223", "1"], ["default", "2", "udp:192.0.2.51:2223", "0"],
                                 ["lyon", "1", "udp:192.0.2.52:2223", "1"]]
    assert recipes["Import numbers that exist already"] == [["45715007"], ["45715008"], ["45715042"]]
    assert server.sql("SELECT last_seq FROM aeta_group ORDER BY prefix") == [["5004"], ["5060"]]
    left = recipes["What has been given, and what is left"]
    assert left[:2] == [["4570", "TV Example", "4", "3", "995"], ["4571", "TV Example", "60", "3", "939"]]


@pytest.mark.parametrize("number,password", [("45705001", "four score and seven"), ("45705002", "yet another one")])
def test_ha1(recipes, server, number, password):
    md5 = lambda text: hashlib.md5(text.encode()).hexdigest()  # noqa: E731
    assert server.sql(f"SELECT domain, password, ha1, ha1b FROM subscriber WHERE username = '{number}'") == [
        ["aeta", "", md5(f"{number}:aeta:{password}"), md5(f"{number}@aeta:aeta:{password}")]]


def test_state_afterwards(recipes, server):
    assert server.sql("SELECT block_incoming, block_outgoing, hunting, no_answer_s FROM aeta_group WHERE prefix = 4570") == [
        ["0", "1", "1", "15"]]
    assert server.sql("SELECT DISTINCT state FROM aeta_account") == [["active"]]
    assert server.sql("SELECT prefix, number FROM aeta_exception ORDER BY prefix, number") == [["0", "15000"], ["4570", "902090"]]
    assert server.sql("SELECT domain, relay_set FROM aeta_domain") == [["sip.radio.example", "default"]]
    assert server.sql("SELECT name FROM aeta_customer ORDER BY name") == [["Radio Example"], ["TV Example"]]


def test_queries_find_what_they_say(recipes, server):
    """The queries on registrations and calls, on rows as Kamailio writes them."""
    server.sql("""INSERT INTO location (ruid, username, contact, received, expires) VALUES
            ('a', '45705001', 'sip:a', 'sip:192.0.2.1:5060', UTC_TIMESTAMP() + INTERVAL 1 MINUTE),
            ('b', '45705002', 'sip:b', 'sip:192.0.2.2:5060', UTC_TIMESTAMP() - INTERVAL 1 MINUTE);
        INSERT INTO acc_cdrs (start_time, end_time, duration, caller, dialled, final, rule, path, last_alive) VALUES
            ('2026-03-31 23:00:00', '2026-04-01 01:00:00', 7200, '45705001', '5002', '45705002', 'short-dial', 'direct', NULL),
            ('2026-05-01 00:00:00', '2026-05-01 02:00:00', 7200, '45705001', '15000', '15000', 'exception', 'direct',
                '2026-05-01 00:10:00');
        INSERT INTO acc_cdrs (start_time, end_time, duration, caller, final, rule, path, path_reason, relay) VALUES
            ('2026-06-01 00:00:00', '2026-06-01 00:00:00', 0, '99', '98', 'open', 'relayed', 'caller-contact-private',
                'udp:192.0.2.50:2223');
        INSERT INTO aeta_attempt (account, bucket, kind, cause, address, trust, times, first_at, last_at) VALUES
            ('45705001', 0, 'register', 'wrong-password', '192.0.2.9', 1, 7, UTC_TIMESTAMP(), UTC_TIMESTAMP()),
            ('45705002', 0, 'register', 'wrong-password', '192.0.2.9', 1, 1, UTC_TIMESTAMP(), UTC_TIMESTAMP()),
            ('45705001', 0, 'call', 'answered', '192.0.2.1', 2, 1, UTC_TIMESTAMP(), UTC_TIMESTAMP())""", user="root")
    rows = {}
    for title, info, text in blocks():
        if title in ("Who is registered", "Calls", "What was tried"):
            rows[title] = [server.sql(statement, user="aeta_admin") for statement in text.split(";") if statement.strip()]
    registered, by_group, absent = rows["Who is registered"]
    assert [row[0] for row in registered] == ["45705001"] and by_group == [["4570", "1"]]
    assert ["45705001"] not in absent and ["45705002"] in absent
    _, of_number, of_quarter, minutes, vanished, rules, relayed = rows["Calls"]
    assert [row[4] for row in of_number] == ["15000", "5002"]
    assert [row[2] for row in of_quarter] == ["45705001"] and of_quarter[0][0] == "2026-03-31 23:00:00"
    assert minutes == [["4570", "2", "130"]]
    assert vanished == [["2026-05-01 00:00:00", "2026-05-01 00:10:00", "45705001", "15000"]]
    assert relayed == [["caller-contact-private", "udp:192.0.2.50:2223", "1"]]
    failed, guessing = rows["What was tried"]
    assert failed == [["wrong-password", "8", "2"]] and guessing[0][:3] == ["192.0.2.9", "8", "2"]
    assert sorted(rules) == [["exception", "direct", "1"], ["open", "relayed", "1"], ["short-dial", "direct", "1"]]
