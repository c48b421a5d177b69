# SPDX-License-Identifier: GPL-2.0-or-later
"""What an operator sees and does while calls go on: aetactl calls, status, redial, relay list, with real calls and both kinds of relay."""
import pytest
from aetactl import Ctl
from agent import between
from phone import converse, speaking
from service import eventually
from steps import talk


@pytest.fixture
def ctl(service, tmp_path):
	made = Ctl(tmp_path, service.db)
	made.configure(rpc_socket=service.folder / "kamailio_rpc.sock")
	return made


def calls_of(ctl, number):
	return ctl.ok("calls", "list", number)["calls"]


def call_of(ctl, number):
	"""The only one of that number."""
	found, = eventually(f"the call of {number} is listed", lambda: calls_of(ctl, number))
	return found


def test_calls_are_listed_and_ended(service, phone, nominal, ctl):
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	carol, dave = phone("45995002").registered(), phone("45995005").registered()
	mine, theirs = talk(alice, bob, "5002")
	others = talk(carol, dave)
	relayed, direct = call_of(ctl, "45675002"), call_of(ctl, "45995002")
	assert (relayed["caller"], relayed["dialled"], relayed["answered_by"]) == ("45675001", "5002", "45675002")
	assert (relayed["path"], relayed["path_reason"], relayed["relay"]) == ("relayed", "policy-always", nominal.url)
	assert relayed["why"] == "a party, or its group, always wants the relay" and 0 <= relayed["seconds"] < 60
	assert (direct["path"], direct["why"], direct["relay"]) == ("direct", "nothing speaks against the direct way", "")
	every = ctl.ok("calls", "list")
	assert {one["id"] for one in every["calls"]} == {relayed["id"], direct["id"]} and every["ringing"] == 0
	assert relayed["id"] in ctl("calls", "list").out and calls_of(ctl, "10005001") == []

	assert ctl.ok("calls", "end", relayed["id"]) == {"ended": relayed["id"]}
	for side in (mine, theirs):
		side.expect("BYE")
	eventually("it is off the list", lambda: not calls_of(ctl, "45675001"))
	assert service.path_of(mine.call_id)[0] == "relayed", "its record is written"
	assert service.sql("SELECT action, object, detail FROM aeta_audit ORDER BY id DESC LIMIT 1") == [
		["call end", relayed["id"], "45675001 to 45675002"]]
	assert call_of(ctl, "45995005")["id"] == direct["id"], "the other goes on"
	assert between(*others, "BYE").status == 200


@pytest.mark.parametrize("name", ["1-1", "4095-2147483647", "x", "1", "1-1-1", "1-99999999999", "1-1 OR 1=1"])
def test_what_is_no_call(service, ctl, name):
	before = service.sql("SELECT COUNT(*) FROM aeta_audit")
	told = ctl("calls", "end", name)
	assert told.code == 1 and "aetactl calls list" in told.err
	assert service.sql("SELECT COUNT(*) FROM aeta_audit") == before


def test_a_call_that_kamailio_has_lost(service, ctl):
	"""A row that was left behind: said, and not taken for done."""
	service.sql("INSERT INTO dialog (hash_entry, hash_id, callid, from_uri, from_tag, to_uri, to_tag, caller_cseq, callee_cseq, "
		"caller_contact, callee_contact, caller_sock, callee_sock, state, start_time, req_uri) VALUES (7, 77777777, 'x', '', '', '', '', "
		"'', '', '', '', '', '', 4, 1, '')")
	try:
		told = ctl("calls", "end", "7-77777777")
		assert told.code == 1 and "there is no call" in told.err
	finally:
		service.sql("DELETE FROM dialog WHERE hash_id = 77777777")


def test_status(service, phone, nominal, alternate, ctl):
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	# those of tests before are forgotten with the next timer of usrloc
	idle = eventually("two are registered", lambda: (told := ctl.ok("status"))["registered"] == 2 and told)
	assert idle["ringing"] == 0 and idle["bans"] == 0 and idle["kamailio_up_s"] >= 0
	ringing = alice.call("45675002")
	incoming = bob.incoming()
	eventually("it rings", lambda: ctl.ok("status")["ringing"] == 1)
	bob.talks_to(incoming.invite.body)
	incoming.answer(ringing)
	alice.talks_to(ringing.answered.body)
	assert converse(alice, bob)
	call_of(ctl, "45675001")

	def relays():
		return {one["url"]: one for one in ctl.ok("status")["relays"] if one["set"] == "default"}

	with speaking(alice, bob):
		busy = eventually("the relay says what it does", lambda: relays()[nominal.url]["packets_s"] and relays())
	assert (busy[nominal.url]["state"], busy[nominal.url]["calls"], busy[alternate.url]["calls"]) == ("up", 1, 0)
	assert 2 <= busy[nominal.url]["ports_used"] <= busy[nominal.url]["ports"] and busy[alternate.url]["ports_used"] == 0
	told = ctl.ok("status")
	assert (told["calls"], told["direct"], told["relayed"], told["ringing"], told["test_lines"]) == (1, 0, 1, 0, 0)
	assert between(ringing, incoming, "BYE").status == 200
	eventually("it is over", lambda: ctl.ok("status")["calls"] == 0)


def test_a_relay_that_is_silent(service, nominal, alternate, ctl):
	"""Its figures are unknown; nobody waits long, and the other's are there."""
	nominal.freeze()
	try:
		told = {one["url"]: one for one in ctl.ok("relay", "list")["relays"]}
		assert (told[nominal.url]["calls"], told[nominal.url]["ports"]) == (None, None)
		assert told[alternate.url]["calls"] == 0 and told[alternate.url]["ports"] > 0
	finally:
		nominal.thaw()


def test_lines_of_the_test_codec(service, phone, ctl):
	ctl.configure(test_codec="45675002")
	alice, bob = phone("45675001").registered(), phone("45675002").registered()
	carol, dave = phone("45995002").registered(), phone("45995005").registered()
	assert ctl.ok("testcodec", "lines") == {"lines": []} and ctl.ok("testcodec", "release", "all") == {"released": []}
	mine, theirs = talk(alice, bob)
	others = talk(carol, dave)
	line, = eventually("the line is listed", lambda: ctl.ok("testcodec", "lines")["lines"])
	assert (line["caller"], line["path"]) == ("45675001", "direct")
	other = call_of(ctl, "45995002")["id"]
	told = ctl("testcodec", "release", other)
	assert told.code == 1 and "there is no call" in told.err, "no call of another number"
	assert ctl.ok("testcodec", "release", "all") == {"released": [line["id"]]}
	for side in (mine, theirs):
		side.expect("BYE")
	eventually("the line is free", lambda: not ctl.ok("testcodec", "lines")["lines"])
	assert between(*others, "BYE").status == 200


def test_pairs_that_were_dialled_again(service, ctl):
	service.sql("DELETE FROM aeta_redial; INSERT INTO aeta_redial (low, high, low_address, high_address, relayed_until) VALUES "
		"('45675001', '45675002', '203.0.113.11', '203.0.113.12', UNIX_TIMESTAMP('2037-01-05 10:00:00')),"
		"('45675001', '45995002', '203.0.113.11', '2001:db8::1', UNIX_TIMESTAMP('2036-01-05 10:00:00')),"
		"('45675001', '45995005', '203.0.113.11', '203.0.113.12', 5)")
	service.restart(SITE_REDIAL_S="120")
	try:
		pairs = ctl.ok("redial", "list")["pairs"]
		assert [(p["number"], p["other"]) for p in pairs] == [("45675001", "45675002"), ("45675001", "45995002")]
		assert [p["relayed_until"][:4] for p in pairs] == ["2037", "2036"] and pairs[1]["other_address"] == "2001:db8::1"
		assert len(ctl.ok("redial", "list", "45995002")["pairs"]) == 1 and ctl.ok("redial", "list", "10005001")["pairs"] == []
		assert ctl.ok("redial", "lift", "45995002", "45675001") == {}
		again = ctl("redial", "lift", "45675001", "45995002")
		assert again.code == 1 and "aetactl redial list" in again.err
		assert [p["other"] for p in ctl.ok("redial", "list")["pairs"]] == ["45675002"]
		assert ctl("redial", "lift", "45675001", "45675001").code == 1 and ctl("redial", "lift", "alice", "45675001").code == 1
	finally:
		service.sql("DELETE FROM aeta_redial")
		service.restart(SITE_REDIAL_S=None)
