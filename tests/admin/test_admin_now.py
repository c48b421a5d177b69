# SPDX-License-Identifier: GPL-2.0-or-later
"""The running service as the database knows it; tests/media has the pages beside a Kamailio."""

import html
import re

import pytest
from server import text_of

CALL = """INSERT INTO dialog (hash_entry, hash_id, callid, from_uri, from_tag, to_uri, to_tag, caller_cseq, callee_cseq, caller_contact,
    callee_contact, caller_sock, callee_sock, state, start_time, req_uri) VALUES (77, 78, 'c78', '', '', '', '', '', '', '', '', '', '', 4,
    1790164800, '');
    INSERT INTO dialog_vars (hash_entry, hash_id, dialog_key, dialog_value) VALUES
    (77, 78, 'caller_leg', '45675001|udp:203.0.113.7:5060|hop|socket|device|5002|short-dial|a|b'),
    (77, 78, 'callee_leg', '45675002|udp:203.0.113.8:5060|hop|socket|device|direct|no-sign');"""
NO_CALL = "DELETE FROM dialog WHERE hash_entry = 77; DELETE FROM dialog_vars WHERE hash_entry = 77"


@pytest.fixture
def call(server):
    """The address of the page of a call, as the list links to it."""
    server.sql(NO_CALL + ";" + CALL)
    yield "/calls/77-78?caller=45675001"
    server.sql(NO_CALL)


def test_a_call_that_has_ended_meanwhile(as_, server, call):
    """Says so, with the way to its record, and is no page that was not found."""
    susi = as_("susi")
    assert f'href="{call}"' in susi.get("/calls").text
    page = susi.get(call)
    assert page.status == 200 and 'name="caller" value="45675001"' in page.text, page
    server.sql(NO_CALL)
    for answer in (susi.get(call), susi.post("/calls/77-78/end", {"caller": "45675001"})):
        assert answer.status == 404 and "This call has ended" in answer.text, answer
        assert 'href="/cdrs?f.caller=45675001"' in answer.text and "not yours" not in answer.text
    assert 'href="/cdrs"' in susi.get("/calls/77-78").text
    assert "no such page" in susi.get("/calls/nothing").text
    assert susi.post("/testcodec/release", {"id": "77-78"}).location == "/testcodec"


def test_asking_an_agent_what_it_is_behind_is_switched_off_and_on(as_, server):
    """For an account, from its page; once each, and the audit has it."""
    susi, vera = as_("susi"), as_("vera")
    acts = "SELECT who, action, object, old_values, new_values FROM aeta_audit WHERE action LIKE 'nat o%' ORDER BY id"
    before = server.sql(acts)
    assert "/nat-off" in susi.get("/accounts/45675002").text and "/nat-o" not in vera.get("/accounts/45675002").text
    assert vera.post("/accounts/45675002/nat-off").status == 403 and susi.get("/accounts/45675002/nat-off").status == 405
    assert susi.post("/accounts/99999/nat-off").status == 404
    for _ in range(2):
        answer = susi.post("/accounts/45675002/nat-off")
        assert (answer.status, answer.location) == (303, "/accounts/45675002"), answer
    page = susi.get("/accounts/45675002").text
    assert "Asking it is switched off." in page and "/nat-on" in page and "/nat-off" not in page
    assert susi.post("/accounts/45675002/nat-on").status == 303
    page = susi.get("/accounts/45675002").text
    assert "switched off" not in page and "/nat-off" in page
    assert server.sql(acts)[len(before):] == [["susi", "nat off", "45675002", '{"detection":true}', '{"detection":false}'],
                                              ["susi", "nat on", "45675002", '{"detection":false}', '{"detection":true}']]


@pytest.fixture
def attempts(server):
    """What was tried by a number that nobody has: some of it came about, one failure is old."""
    server.sql("INSERT INTO aeta_attempt (account, bucket, kind, cause, trust, code, times, first_at, last_at) VALUES "
               + ", ".join(f"('49990001', {i}, '{kind}', '{cause}', 2, {code}, {times}, UTC_TIMESTAMP(), UTC_TIMESTAMP() - INTERVAL {age} MINUTE)"
                           for i, (kind, cause, code, times, age) in enumerate([
                               ("register", "registered", 0, 1, 1), ("call", "answered", 200, 1, 1), ("call", "busy", 486, 1, 1),
                               ("call", "incoming-blocked", 403, 1, 1), ("call", "outgoing-blocked", 403, 2, 1),
                               ("call", "unknown-number", 404, 1, 90), ("register", "wrong-password", 401, 1, 1)])))
    yield
    server.sql("DELETE FROM aeta_attempt WHERE account = '49990001'")


def causes_listed(page):
    return re.findall(r'data-label="Outcome">([^<]*)<', html.unescape(page.text))


def test_what_was_blocked_or_failed(as_, attempts):
    """Failures only, in words, with a filter to choose from; the dashboard counts the same and leads there."""
    vera = as_("vera")
    page = vera.get("/blocked?f.account=49990001")
    assert sorted(causes_listed(page)) == sorted([
        "the called agent was busy", "the called group blocks calls from outside", "the caller's group blocks outgoing calls",
        "dialled a number that does not exist", "wrong password"]), causes_listed(page)
    assert '<option value="incoming-blocked">the called group blocks calls from outside</option>' in page.text
    assert 'value="registered"' not in page.text and "<h1>Blocked and failed</h1>" in page.text
    board = vera.get("/")
    address, refused = re.search(r'<a href="([^"]*)"><strong>(\d+)</strong> calls refused<', board.text).groups()
    listed = vera.get(html.unescape(address))
    assert refused == "3" and len(causes_listed(listed)) == 2 and "busy" not in " ".join(causes_listed(listed))
    assert re.search(r"1\s+wrong password\s+of 1 number, in the last hour", text_of(board)), text_of(board)
    wrong = re.search(r'href="([^"]*)"><strong>1</strong> wrong password<', board.text)[1]
    assert causes_listed(vera.get(html.unescape(wrong))) == ["wrong password"]
