# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls whose agent vanished (B11), with the timers shortened: what ends them, and what must not."""
import time

import pytest
from agent import between
from service import eventually

PROBES = 5  # more than the three that may end a call


def probes(one, call):
	"""The OPTIONS of the server inside the call that arrived at this agent so far."""
	return one.link.requests("OPTIONS", call.call_id)


def probed(one, call, more=1, timeout=30):
	"""Waits until so many more OPTIONS of the call have come."""
	goal = len(probes(one, call)) + more
	eventually(f"{goal} OPTIONS in the call", lambda: len(probes(one, call)) >= goal, timeout)


def in_order(one, call):
	"""What the agent heard in the call never goes back in CSeq, or a strict agent would refuse the BYE."""
	heard = [m.cseq for m in one.link.requests(call_id=call.call_id) + probes(one, call) if m.method != "ACK"]
	bye = [m.cseq for m in one.link.requests("BYE", call.call_id)]
	assert bye and bye[-1] >= max(heard)


@pytest.mark.parametrize("lost", ["callee", "caller"])
def test_vanished(service, agent, lost):
	"""Its registration lapsed and three OPTIONS failed where one had been answered: BYE to both, the CDR ends when it
	was last heard."""
	alice, bob = agent("45675001").registered(), agent("45675002").registered()
	mine, theirs = alice.talk(bob)
	gone, gone_call, stays, stays_call = (bob, theirs, alice, mine) if lost == "callee" else (alice, mine, bob, theirs)
	probed(gone, gone_call, 2)
	gone.fall_silent()
	silent_at = time.time()
	service.forget(gone.number)
	stays_call.expect("BYE", timeout=40)
	gone.link.wait("BYE to the one that vanished", lambda m: m.is_request and m.method == "BYE"
		and m.call_id == mine.call_id, 20)
	assert service.cdr(mine.call_id)[:3] == ("45675001", "45675002", "45675002")
	record = service.record(mine.call_id)
	assert record["last_alive"] is not None and record["end"] == record["last_alive"]
	assert record["begin"] <= record["end"] <= silent_at + 1
	assert record["duration"] == pytest.approx(record["end"] - record["begin"], abs=1)
	in_order(stays, stays_call)


def test_silent_from_the_start(service, agent):
	"""An agent that never answered OPTIONS is never cut, registered or not."""
	alice, bob = agent("45675001").registered(), agent("45675002").registered()
	alice.answer_options(inside=False)
	bob.answer_options(inside=False)
	mine, theirs = alice.talk(bob)
	service.forget("45675001", "45675002")
	probed(bob, theirs, PROBES)
	probed(alice, mine, PROBES)
	assert alice.link.requests("BYE") == bob.link.requests("BYE") == []
	assert between(mine, theirs, "INVITE").status == 200
	assert between(theirs, mine, "BYE").status == 200
	in_order(alice, mine)
	assert service.record(mine.call_id)["last_alive"] is None


def test_registered_and_silent(service, agent):
	"""Unanswered OPTIONS alone never cut a call: the registration is alive."""
	alice, bob = agent("45675001").registered(), agent("45675002").registered()
	mine, theirs = alice.talk(bob)
	probed(bob, theirs, 2)
	bob.answer_options(inside=False)
	probed(bob, theirs, PROBES)
	assert alice.link.requests("BYE") == bob.link.requests("BYE") == []
	assert between(theirs, mine, "INVITE").status == 200
	assert between(mine, theirs, "BYE").status == 200
	in_order(bob, theirs)
	assert service.record(mine.call_id)["last_alive"] is None


def test_unregistered_and_alive(service, agent):
	"""A lapsed registration alone never cuts a call: the agent still answers."""
	alice, bob = agent("45675001").registered(), agent("45675002").registered()
	mine, theirs = alice.talk(bob)
	probed(bob, theirs, 2)
	service.forget("45675001", "45675002")
	probed(bob, theirs, PROBES)
	assert alice.link.requests("BYE") == bob.link.requests("BYE") == []
	assert between(mine, theirs, "BYE").status == 200
	assert service.record(mine.call_id)["last_alive"] is None
