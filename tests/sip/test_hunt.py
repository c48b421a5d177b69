# SPDX-License-Identifier: GPL-2.0-or-later
"""Hunting beyond the table (B7): a CANCEL in the middle, who hears what, a call inside a hunted dialog."""
import pytest
from agent import between


@pytest.mark.parametrize("last_word", [487, 486, 480, 503])
def test_cancel_in_the_middle(agent, last_word):
	"""The first is busy, the second rings, the caller gives up: the second is cancelled, the third never hears of it;
	not even if the second answers the CANCEL with a status that would else move the hunt on."""
	caller = agent("45675001")
	first, second, third = (agent(f"4567600{n}").registered() for n in (1, 2, 3))
	mine = caller.call("6000")
	first.incoming().reject(486)
	ringing = second.incoming()
	ringing.ring()
	mine.wait_status(180)
	assert mine.cancel().status == 200
	second.link.reply(second.link.wait("CANCEL", lambda m: m.is_request and m.method == "CANCEL"), 200, "OK")
	ringing.reject(last_word)
	assert 400 <= mine.final().status
	caller.deliver(third)
	assert third.link.requests("INVITE") == []


def test_cancel_before_anything_rings(agent):
	"""CANCEL while the first member is silent."""
	caller = agent("45675001")
	first, second = (agent(f"4567600{n}").registered() for n in (1, 2))
	mine = caller.call("6000")
	taken = first.incoming()
	assert mine.cancel().status == 200
	taken.ring()  # a provisional answer at last: now it can be cancelled
	first.link.reply(first.link.wait("CANCEL", lambda m: m.is_request and m.method == "CANCEL"), 200, "OK")
	taken.reject(487, "Request Terminated")
	assert mine.final().status == 487
	caller.deliver(second)
	assert second.link.requests("INVITE") == []


def test_loser_is_cancelled_and_call_works(service, agent):
	"""A member that rang too long is cancelled; the dialog with the one that answered is whole, from both ends."""
	caller = agent("46605001")
	first, second = agent("46606001").registered(), agent("46606002", server_port=5070).registered()
	mine = caller.call("6000")
	slow = first.incoming()
	slow.ring()
	cancel = first.link.wait("CANCEL", lambda m: m.is_request and m.method == "CANCEL")
	first.link.reply(cancel, 200, "OK")
	slow.link.reply(slow.invite, 487, "Request Terminated", to_tag=slow.tag)
	theirs = second.incoming()
	theirs.ring()
	theirs.answer(mine)
	assert between(mine, theirs, "INVITE").status == 200
	assert between(theirs, mine, "INVITE").status == 200
	assert between(theirs, mine, "BYE").status == 200
	assert service.cdr(mine.call_id) == ("46605001", "6000", "46606002", "hunt")


@pytest.mark.parametrize("method", ["MESSAGE", "SUBSCRIBE", "REFER"])
def test_only_calls_are_hunted(agent, method):
	"""A request that is no call cannot be hunted: refused, and no member hears of it."""
	caller, first = agent("45675001"), agent("45676001").registered()
	answer = caller.ask(method, f"sip:45676000@{caller.domain}", caller.address("45676000"))
	assert answer.status == 405, answer
	caller.deliver(first)
	assert [m.method for m in first.link.requests()] == ["MESSAGE"]
