# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls between good agents: the names of the service, both ports, the right socket, options changed in mid-call."""
import itertools

import pytest
from agent import between

DOMAINS = ["sip.example.com", "sip.example.net", "sip.example.fr", "127.0.0.1", "127.0.0.1:5060", "127.0.0.1:5070"]


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("caller", ["902080", "46305001"])
def test_test_codec_under_each_name(service, agent, caller, domain):
	"""15000 is reached under every name of the service, from a factory account and out of a group blocked both ways."""
	codec, alice = agent("15000").registered(), agent(caller)
	mine, theirs = alice.talk(codec, domain=domain)
	assert between(mine, theirs, "BYE").status == 200
	assert service.cdr(mine.call_id)[:3] == (caller, "15000", "15000")


@pytest.mark.parametrize("domain", DOMAINS[:4])
def test_register_under_each_name(service, agent, domain):
	"""The names are one service: a number registered under one is called under another (A3)."""
	alice, bob = agent("45675001"), agent("45675002", domain=domain).registered()
	mine, theirs = alice.talk(bob, domain="sip.example.net")
	assert between(theirs, mine, "BYE").status == 200


def test_caller_need_not_be_registered(service, agent):
	alice, bob = agent("45675001"), agent("45675002").registered()
	assert service.bindings("45675001") == []
	mine, theirs = alice.talk(bob)
	assert between(theirs, mine, "BYE").status == 200
	assert service.cdr(mine.call_id) == ("45675001", "45675002", "45675002", "same-group")


@pytest.mark.parametrize("caller_port, callee_port, who",
	itertools.product((5060, 5070), (5060, 5070), ("caller", "callee")))
def test_both_ports(service, agent, caller_port, callee_port, who):
	"""Each agent keeps hearing the service from the socket it chose, in the whole call (A4)."""
	alice = agent("45675001", server_port=caller_port).registered()
	bob = agent("45675002", server_port=callee_port).registered()
	mine, theirs = alice.talk(bob)
	assert between(mine, theirs, "INVITE").status == 200
	assert between(theirs, mine, "INVITE").status == 200
	ends = (mine, theirs) if who == "caller" else (theirs, mine)
	assert between(*ends, "BYE").status == 200
	for one, port in ((alice, caller_port), (bob, callee_port)):
		assert {m.source for m in one.link.arrived} == {(service.address, port)}
	assert service.cdr(mine.call_id)[2] == "45675002"


@pytest.mark.parametrize("caller_port, callee_port", [(5060, 5070), (5070, 5060)])
@pytest.mark.parametrize("lapsed", [False, True], ids=["registered", "lapsed"])
def test_without_routes(service, agent, caller_port, callee_port, lapsed):
	"""The flows of a call do not hang on the Route headers of its requests, nor on the registrations."""
	alice = agent("45675001", server_port=caller_port).registered()
	bob = agent("45675002", server_port=callee_port).registered()
	mine, theirs = alice.talk(bob)
	mine.routes = theirs.routes = []
	if lapsed:
		service.forget("45675001", "45675002")
	assert between(mine, theirs, "INVITE").status == 200
	assert between(theirs, mine, "INVITE").status == 200
	assert between(mine, theirs, "BYE").status == 200
	for one, port in ((alice, caller_port), (bob, callee_port)):
		assert {m.source for m in one.link.arrived} == {(service.address, port)}


@pytest.mark.parametrize("method", ["INFO", "UPDATE", "MESSAGE", "OPTIONS", "NOTIFY"])
def test_requests_inside_the_call(agent, method):
	"""Any request inside the dialog goes to the other side, unchallenged, both ways."""
	alice, bob = agent("45675001").registered(), agent("45675002").registered()
	alice.fall_silent()
	bob.fall_silent()
	mine, theirs = alice.talk(bob)
	assert between(mine, theirs, method).status == 200
	assert between(theirs, mine, method).status == 200
	assert between(mine, theirs, "BYE").status == 200


@pytest.mark.parametrize("options, dialled", [("block_incoming=1, block_outgoing=1", "45995002")])
def test_blocking_switched_on_in_mid_call(service, agent, options, dialled):
	"""A change of options never cuts a call: re-INVITE and BYE from both ends work, only a new call is refused (B6)."""
	alice, bob = agent("45675001").registered(), agent(dialled).registered()
	mine, theirs = alice.talk(bob)
	back, forth = bob.talk(alice)
	service.set_group("4567", options)
	try:
		assert alice.call(dialled).final().rule == "outgoing-blocked"
		assert bob.call("45675001").final().rule == "incoming-blocked"
		for one, other in ((mine, theirs), (theirs, mine), (back, forth), (forth, back)):
			assert between(one, other, "INVITE").status == 200
		assert between(mine, theirs, "BYE").status == 200
		assert between(forth, back, "BYE").status == 200
	finally:
		service.set_group("4567", "block_incoming=0, block_outgoing=0")
	assert service.cdr(mine.call_id)[2] == dialled
	assert service.cdr(back.call_id)[2] == "45675001"


def test_locked_in_mid_call(service, agent):
	"""Locking the caller's and the callee's account leaves their call alone (A7)."""
	alice, bob = agent("45675001").registered(), agent("45675002").registered()
	mine, theirs = alice.talk(bob)
	for number in ("45675001", "45675002"):
		service.set_account(number, state="locked")
	try:
		assert between(mine, theirs, "INVITE").status == 200
		assert between(theirs, mine, "INVITE").status == 200
		assert alice.register().rule == "caller-locked" and bob.register().rule == "caller-locked"
		assert service.bindings("45675001") == service.bindings("45675002") == []
		assert between(theirs, mine, "INVITE").status == 200
		assert between(theirs, mine, "BYE").status == 200
	finally:
		for number in ("45675001", "45675002"):
			service.set_account(number, state="active")
	assert service.cdr(mine.call_id)[2] == "45675002"


def test_two_calls_at_once(service, agent):
	"""A double codec: two calls of the same pair side by side, each ended on its own."""
	alice, bob = agent("45675001").registered(), agent("45675002").registered()
	first, first_there = alice.talk(bob)
	second, second_there = alice.talk(bob)
	assert between(first_there, first, "BYE").status == 200
	assert between(second, second_there, "INVITE").status == 200
	assert between(second, second_there, "BYE").status == 200
	assert service.cdr(first.call_id)[2] == service.cdr(second.call_id)[2] == "45675002"


@pytest.mark.usefixtures("unharmed")
def test_call_to_itself(service, agent):
	"""A number that dials itself reaches its own agent, which answers; nothing breaks."""
	alice = agent("45675001").registered()
	mine, theirs = alice.talk(alice)
	mine.send("BYE")
	alice.link.wait("BYE of its own call", lambda m: m.is_request and m.method == "BYE" and m.source[1] in (5060, 5070))
	assert service.cdr(mine.call_id)[:3] == ("45675001", "45675001", "45675001")


def test_cancel(service, agent):
	"""The caller gives up while it rings: 487 for it, CANCEL for the callee."""
	alice, bob = agent("45675001"), agent("45675002").registered()
	mine = alice.call("45675002")
	theirs = bob.incoming()
	theirs.ring()
	mine.wait_status(180)
	assert mine.cancel().status == 200
	bob.link.reply(bob.link.wait("CANCEL", lambda m: m.method == "CANCEL" and m.is_request), 200, "OK")
	theirs.reject(487, "Request Terminated")
	assert mine.final().status == 487


def test_before_the_answer(agent):
	"""PRACK and UPDATE while it rings, from both sides, unchallenged."""
	alice, bob = agent("45675001", server_port=5070).registered(), agent("45675002").registered()
	mine = alice.call("45675002", headers=[("Supported", "100rel")])
	theirs = bob.incoming()
	theirs.ring(183, "Session Progress", [("Require", "100rel"), ("RSeq", "1")])
	mine.early(mine.wait_status(183))
	prack = mine.send("PRACK", [("RAck", f"1 {mine.invite_cseq} INVITE")])
	bob.link.reply(bob.link.wait("PRACK", lambda m: m.method == "PRACK"), 200, "OK")
	alice.link.wait("answer to PRACK", lambda m: mine.answers(m, "PRACK", prack) and m.status == 200)
	assert between(theirs, mine, "UPDATE").status == 200
	assert between(mine, theirs, "UPDATE").status == 200
	theirs.answer(mine)
	assert between(theirs, mine, "BYE").status == 200


@pytest.mark.parametrize("who", ["caller", "callee"])
def test_agent_moves_in_mid_call(agent, who):
	"""A codec whose address changes registers anew and goes on: its requests count, and it gets those of the other side."""
	instance = {"instance": "urn:uuid:11111111-2222-3333-4444-555555555555"}
	fixed, mobile = agent("45675001").registered(), agent("45675002", **instance).registered()
	if who == "caller":
		there, here = mobile.talk(fixed)
	else:
		here, there = fixed.talk(mobile)
	moved = agent("45675002", host="127.0.0.77", server_port=5070, **instance)
	there.move(moved.registered())
	assert between(here, there, "INVITE").status == 200
	assert between(there, here, "INVITE").status == 200
	assert between(here, there, "BYE").status == 200


def test_unregistered_caller_moves_in_mid_call(agent):
	"""Of a caller that never registered only its messages tell where it is; what it sends is taken from anywhere."""
	bob = agent("45675002").registered()
	mine, theirs = agent("45675001").talk(bob)
	mine.move(agent("45675001", host="127.0.0.77"))
	assert between(mine, theirs, "BYE").status == 200


def test_longest_call_to_the_test_codec(service, agent):
	"""15000 releases a call when its time is up, with a BYE to both (B9); no other call is limited."""
	codec, alice, bob = agent("15000").registered(), agent("902080").registered(), agent("45675002").registered()
	unlimited, unlimited_there = alice.talk(bob)
	mine, theirs = alice.talk(codec)
	assert between(theirs, mine, "INVITE").status == 200  # does not prolong it
	mine.expect("BYE", timeout=15)
	theirs.expect("BYE")
	assert service.cdr(mine.call_id)[2] == "15000"
	assert bob.link.requests("BYE") == []
	assert between(unlimited, unlimited_there, "BYE").status == 200


def test_answer_of_the_callee_is_passed_on(agent):
	alice, bob = agent("45675001"), agent("45675002").registered()
	for status in (404, 486, 488, 603):
		mine = alice.call("45675002")
		bob.incoming().reject(status)
		assert mine.final().status == status
