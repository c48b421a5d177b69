# SPDX-License-Identifier: GPL-2.0-or-later
"""aetactl why on rows of its own: what it finds, in which order, in what words. What Kamailio writes there is tests/sip's."""
import re

import pytest

from db import ROOT

COLUMNS = {"account": "45675001", "bucket": 0, "kind": "call", "cause": "busy", "dialled": "45675002", "peer": "45675002",
           "final": "", "address": "203.0.113.7", "trust": 2, "source": "udp:203.0.113.7:5060", "user_agent": "Codec/1",
           "code": 486, "reason": "", "callid": "a@b", "times": 1, "first_at": "2026-01-05 10:00:00",
           "last_at": "2026-01-05 10:00:00"}


@pytest.fixture
def history(radio):
    """aetactl with group 4567 and two numbers; note(...) writes a row."""
    radio.ok("number", "allocate", 4567, 2)
    radio.server.sql("DELETE FROM aeta_attempt")

    def note(**columns):
        row = {**COLUMNS, "bucket": note.count, **columns}
        note.count += 1
        texts = [f"x'{value.encode().hex()}'" if isinstance(value, str) and not name.endswith("_at") else
                 f"x'{value.hex()}'" if isinstance(value, bytes) else f"'{value}'" for name, value in row.items()]
        radio.server.sql(f"INSERT INTO aeta_attempt ({', '.join(row)}) VALUES ({', '.join(texts)})")
    note.count = 0
    radio.note = note
    return radio


def causes(history, number, *more):
    return [row["cause"] for row in history.ok("why", number, *more)["attempts"]]


def test_found_by_either_party_newest_first(history):
    history.note(cause="answered", last_at="2026-01-05 10:00:01")
    history.note(cause="busy", account="902080", peer="45675001", last_at="2026-01-05 10:00:03")
    history.note(cause="hunt-busy", account="902080", peer="45676000", final="45675001", last_at="2026-01-05 10:00:02")
    history.note(cause="declined", account="902080", peer="45675002")
    assert causes(history, "45675001") == ["busy", "hunt-busy", "answered"]
    assert causes(history, "45676000") == ["hunt-busy"]
    assert causes(history, "45675001", "--limit", 1) == ["busy"]


def test_one_row_once(history):
    """A number that calls itself is found three times and shown once."""
    history.note(peer="45675001", final="45675001")
    assert causes(history, "45675001") == ["busy"]


def test_twenty_without_limit(history):
    for i in range(25):
        history.note(last_at=f"2026-01-05 10:00:{i:02}")
    rows = history.ok("why", "45675001")["attempts"]
    assert [row["last_at"][-2:] for row in rows] == [f"{i:02}" for i in range(24, 4, -1)]


def test_words(history):
    history.note(kind="register", cause="wrong-password", dialled="", peer="", trust=1, code=0, times=3,
                 user_agent="Prodys Quantum", first_at="2026-01-05 09:58:00")
    history.note(cause="bad-request", trust=0, dialled="", peer="")
    history.note(cause="rejected", code=500, reason="No", dialled="5002")
    history.note(cause="declined", times=2, first_at="2026-01-04 23:59:00")
    history.note(cause="something-new", account="902080", dialled="5001", peer="45675001", final="45675002")
    text = history("why", "45675001").out
    assert "last at, UTC" in text and "udp:203.0.113.7:5060 Prodys Quantum" in text
    assert "wrong password (3 times since 09:58:00): compare the agent's password" in text
    assert "the called agent declined (2 times since 2026-01-04 23:59:00)" in text
    assert "[not proven who sent it] malformed request" in text
    assert 'the called agent refused, "500 No"' in text and "to 45675002 (dialled 5002)" in text
    assert "something-new" in text and "from 902080 (dialled 5001), member 45675002" in text


def test_the_number_as_it_is_now(history):
    history.ok("group", "set", 4567, "--block-outgoing", "on", "--hunting", "on")
    history.ok("account", "lock", "45675002")
    now = history.ok("why", "45675001")
    assert now["now"].startswith("premium account of group 4567, blocks calls to outside, hunts; active; ")
    assert "not asked (no rpc_socket" in now["now"] and now["registered"] is None
    assert "; locked" in history.ok("why", "45675002")["now"]
    history.server.sql("DELETE FROM subscriber WHERE username = '45675002'")
    assert "locked, has no password" in history.ok("why", "45675002")["now"]


def test_a_number_that_does_not_exist(history):
    history.note(cause="unknown-number", dialled="45675099", peer="45675099")
    told = history.ok("why", "45675099")
    assert told["account"] is None and told["now"].startswith("there is no account of this number")
    assert [row["with"] for row in told["attempts"]] == ["from 45675001"]


def test_nothing_was_tried(history):
    result = history("why", "45675001")
    assert result.code == 0 and "attempts: none" in result.out and "nothing was tried" in result.err


@pytest.mark.parametrize("agent", [b"Studio \xe9\xe8", b"\xff\x80", b"a\x1b[2Jb\x07", b"a\xc2\x9b2Jb", b"'\";--", b"\xc3\xa9", b"%s%n"])
def test_whatever_an_agent_wrote(history, agent):
    history.note(user_agent=agent, reason=agent, dialled=agent, callid=agent)
    told = history.ok("why", "45675001")["attempts"]
    assert len(told) == 1 and len(told[0]["user_agent"]) > 0
    text = history("why", "45675001").out
    assert not {"\x1b", "\x07", "\x9b"} & set(text)


def test_not_a_number(history):
    history.refused("is no number", "why", "alice")
    history.refused("see aetactl help", "why", code=2)


# ---- every cause has its words


def everything_that_is_a_cause():
    """Rules of the policy, refusals and words of the configuration, and what agents' answers become."""
    module, cfg = ROOT / "modules/aeta", ROOT / "kamailio-cfg"
    rules = re.findall(r'X\(\w+, "([\w-]+)"', (module / "policy/verdict.h").read_text())
    text = "".join(path.read_text() for path in cfg.glob("*.cfg"))
    refusals = re.findall(r'"\d{3} [^"]*\([A-Z]\d+ ([\w-]+)\)"', text)
    words = re.findall(r'aeta_attempt\("([\w-]+)"', text)
    source = (module / "policy/attempt.c").read_text()
    answers = re.findall(r'return "([\w-]+)";', source) + re.findall(r'strcpy\(a->cause, "([\w-]+)"\)', source)
    return {"rules": rules, "refusals": refusals, "words": words, "answers": answers}


@pytest.mark.parametrize("kind, least", [("rules", 25), ("refusals", 15), ("words", 8), ("answers", 8)])
def test_every_cause_has_words(kind, least):
    found = set(everything_that_is_a_cause()[kind]) - {"authenticated", "refreshed"}  # these make no line of their own
    known = set(re.findall(r'^\tX\("([\w-]+)",', (ROOT / "admin/data/cause_list.h").read_text(), re.M))
    assert len(found) >= least and found <= known, found - known
