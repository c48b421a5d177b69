# SPDX-License-Identifier: GPL-2.0-or-later
"""The running service as the database knows it; tests/media has the pages beside a Kamailio."""

import pytest

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
