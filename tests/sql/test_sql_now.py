# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that go on, and whether a number can be reached (sql/0022)."""
import pytest

CALL = """INSERT INTO dialog (hash_entry, hash_id, callid, from_uri, from_tag, to_uri, to_tag, caller_cseq, callee_cseq, caller_contact,
    callee_contact, caller_sock, callee_sock, state, start_time, req_uri) VALUES ({entry}, {id}, 'c{id}', '', '', '', '', '', '', '', '',
    '', '', {state}, {start}, '');"""
VARIABLE = "INSERT INTO dialog_vars (hash_entry, hash_id, dialog_key, dialog_value) VALUES ({entry}, {id}, '{key}', '{value}');"
CALLER = "45675001|udp:203.0.113.7:5060|hop|socket|device|5002|short-dial|a|b"
CALLEE = "45675002|udp:203.0.113.8:5060|hop|socket|device|relayed|caller-contact-private|udp:127.0.0.1:2223|flags|flags|default"
DIRECT = "45675002|udp:203.0.113.8:5060|hop|socket|device|direct|no-sign"
NOON = 1790164800  # 2026-09-23 12:00:00 UTC


def call(db, entry, number, state=4, start=NOON, **variables):
    db.sql(CALL.format(entry=entry, id=number, state=state, start=start)
           + "".join(VARIABLE.format(entry=entry, id=number, key=key, value=value) for key, value in variables.items()))


@pytest.fixture
def numbers(db):
    db.sql("DELETE FROM dialog; DELETE FROM dialog_vars; DELETE FROM location; DELETE FROM aeta_attempt;"
           "INSERT INTO aeta_group (prefix, customer_id) VALUES (4567, 1);"
           "INSERT INTO aeta_account (number, kind) VALUES ('45675001', 'premium'), ('45675002', 'premium'), ('15000', 'other')")
    yield db
    db.sql("DELETE FROM dialog; DELETE FROM dialog_vars; DELETE FROM location; DELETE FROM aeta_attempt")


def calls(db):
    return db.sql("SELECT id, caller, dialled, callee, since, rule, path, path_reason, relay, caller_flow, callee_flow, callid "
                  "FROM aeta_call ORDER BY id")


def test_a_call(numbers):
    call(numbers, 27, 4, caller_leg=CALLER, callee_leg=CALLEE, start_time=f"{NOON + 61}.250", held="1")
    assert calls(numbers) == [["27-4", "45675001", "5002", "45675002", "2026-09-23 12:01:01", "short-dial", "relayed",
                               "caller-contact-private", "udp:127.0.0.1:2223", "udp:203.0.113.7:5060", "udp:203.0.113.8:5060", "c4"]]


def test_what_is_not_known_is_null_or_empty(numbers):
    """No time of the ACK: that of the answer. No variables, or a leg cut short: nothing is taken from elsewhere."""
    call(numbers, 1, 1, caller_leg=CALLER, callee_leg=DIRECT)
    call(numbers, 2, 2)
    call(numbers, 3, 3, caller_leg=CALLER, callee_leg="45675002|flow|hop|socket|device")
    call(numbers, 4, 4, state=5, caller_leg=CALLER, callee_leg=CALLEE)
    assert [row[:9] for row in calls(numbers)] == [
        ["1-1", "45675001", "5002", "45675002", "2026-09-23 12:00:00", "short-dial", "direct", "no-sign", ""],
        ["2-2", "NULL", "NULL", "NULL", "2026-09-23 12:00:00", "NULL", "NULL", "NULL", "NULL"],
        ["3-3", "45675001", "5002", "45675002", "2026-09-23 12:00:00", "short-dial", "", "", ""]]


def test_bytes_that_are_no_text(numbers):
    numbers.sql(CALL.format(entry=1, id=1, state=4, start=NOON) +
                "INSERT INTO dialog_vars (hash_entry, hash_id, dialog_key, dialog_value) VALUES (1, 1, 'caller_leg', "
                "CONCAT('45675001|f|h|s|d|', X'FF', '5002|open|c'))")
    assert numbers.sql("SELECT caller, dialled FROM aeta_call") == [["45675001", "?5002"]]


def presence(db, number="45675001"):
    return db.sql(f"SELECT presence, since FROM aeta_presence WHERE number = '{number}'")[0]


def attempt(db, cause, at, kind="register", account="45675001", peer=""):
    db.sql("INSERT INTO aeta_attempt (account, bucket, kind, cause, peer, trust, first_at, last_at) VALUES "
           f"('{account}', UNIX_TIMESTAMP('{at}'), '{kind}', '{cause}', '{peer}', 2, '{at}', '{at}')")


def register(db, number="45675001", expires="UTC_TIMESTAMP() + INTERVAL 60 SECOND"):
    db.sql("INSERT INTO location (ruid, username, contact, expires, last_modified, user_agent) VALUES "
           f"('r{number}', '{number}', 'sip:x', {expires}, UTC_TIMESTAMP(), 'Codec')")


def test_presence(numbers):
    assert presence(numbers) == ["offline", "NULL"]
    attempt(numbers, "registered", "2026-01-05 10:00:00")
    register(numbers)
    assert presence(numbers) == ["available", "2026-01-05 10:00:00"]
    attempt(numbers, "answered", "2026-01-05 10:30:00", "call", "15000", "45675001")
    assert presence(numbers) == ["available", "2026-01-05 10:00:00"]
    attempt(numbers, "no-reply", "2026-01-05 11:00:00", "call", "15000", "45675001")
    assert presence(numbers) == ["unreachable", "2026-01-05 11:00:00"]
    attempt(numbers, "cancelled", "2026-01-05 11:10:00", "call", "15000", "45675001")
    assert presence(numbers)[0] == "unreachable", "one that was given up tells nothing"
    attempt(numbers, "answered", "2026-01-05 11:20:00", "call", "15000", "45675001")
    assert presence(numbers)[0] == "available"
    attempt(numbers, "flow-gone", "2026-01-05 11:30:00", "call", "15000", "45675001")
    assert presence(numbers) == ["unreachable", "2026-01-05 11:30:00"]
    attempt(numbers, "registered", "2026-01-05 12:00:00")
    assert presence(numbers) == ["available", "2026-01-05 12:00:00"]
    call(numbers, 1, 1, caller_leg=CALLER, callee_leg=CALLEE)
    assert presence(numbers) == presence(numbers, "45675002") == ["in-call", "2026-09-23 12:00:00"]
    assert presence(numbers, "15000")[0] == "offline"
    assert numbers.sql("SELECT * FROM aeta_in_call ORDER BY number") == [[n, "1", "2026-09-23 12:00:00"] for n in ("45675001", "45675002")]


def test_presence_of_one_that_is_gone(numbers):
    """A registration that ran out is noted nowhere: when is not known. One that was taken back is."""
    attempt(numbers, "registered", "2026-01-05 10:00:00")
    register(numbers, expires="UTC_TIMESTAMP() - INTERVAL 1 SECOND")
    assert presence(numbers) == ["offline", "NULL"]
    attempt(numbers, "unregistered", "2026-01-05 11:00:00")
    assert presence(numbers) == ["offline", "2026-01-05 11:00:00"]
    attempt(numbers, "registered", "2026-01-05 12:00:00")
    assert presence(numbers) == ["offline", "NULL"]
