# SPDX-License-Identifier: GPL-2.0-or-later
"""Kamailio restarted under the agents' feet: registrations and calls survive it (D2 on one machine)."""
from agent import between
from service import eventually


def test_restart(service, agent):
	"""Bindings are back without a REGISTER, a call of before is hung up and written, a new one works at once."""
	alice, bob = agent("45675001").registered(), agent("45675002", server_port=5070).registered()
	carol = agent("902080", transport="udp").registered()
	mine, theirs = alice.talk(bob)
	other, other_there = carol.talk(alice)
	before = {n: service.bindings(n) for n in ("45675001", "45675002", "902080")}
	assert all(len(found) == 1 for found in before.values())
	service.restart()
	assert {n: len(service.bindings(n)) for n in before} == dict.fromkeys(before, 1)
	assert between(mine, theirs, "INVITE").status == 200
	assert between(theirs, mine, "BYE").status == 200
	assert between(other, other_there, "BYE").status == 200
	assert service.cdr(mine.call_id) == ("45675001", "45675002", "45675002", "same-group")
	assert service.cdr(other.call_id) == ("902080", "45675001", "45675001", "open")
	mine, theirs = alice.talk(bob)
	assert theirs.invite.source == (service.address, 5070)
	assert between(theirs, mine, "BYE").status == 200


def test_killed(service, agent):
	"""The same when it had no time to say goodbye (kill -9), for what had been written by then."""
	alice, bob = agent("45675001").registered(), agent("45675002").registered()
	mine, theirs = alice.talk(bob)
	eventually("the registrations are in the database", lambda: len(service.sql(
		"SELECT username FROM location WHERE username IN ('45675001', '45675002')")) == 2)
	service.restart(kill=True)
	assert between(theirs, mine, "INVITE").status == 200
	assert between(mine, theirs, "BYE").status == 200
	assert service.cdr(mine.call_id)[2] == "45675002"
	assert len(service.bindings("45675002")) == 1
