# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that somebody tries to take over, lure away or cut, and calls whose end the database did not see."""
import re

import pytest
from agent import Call, between
from service import eventually
from wire import build, uri_of

pytestmark = pytest.mark.usefixtures("unharmed")


def obliging(*agents):
	"""Agents that answer a BYE by themselves."""
	for one in agents:
		one.link.auto["BYE"] = lambda m, link=one.link: link.reply(m, 200, "OK")
	return agents


def variables(service, call):
	"""What is kept with the dialogs of a call."""
	found = [d["variables"] for d in service.rpc("dlg.list") or [] if d["call-id"] == call.call_id]
	return sorted(sorted(item.items()) for one in found for item in one)


@pytest.mark.parametrize("by, dialled", [("45995033", "45995005"), ("45675001", "15000")])
def test_invite_into_a_ringing_call(service, agent, by, dialled):
	"""Call-ID and From tag of a call that rings, in an INVITE of its own: refused, and that call goes on as it was (A1)."""
	alice, bob = agent("45675001").registered(), agent("45675002").registered()
	other, mallory = agent(dialled).registered(), alice if by == "45675001" else agent(by).registered()
	mine = alice.call("45675002")
	theirs = bob.incoming()
	theirs.ring()
	mine.wait_status(180)
	before = variables(service, mine)
	assert before
	tag = re.search("tag=(.+)", mine.local).group(1)
	again = mallory.call(dialled, call_id=mine.call_id, tag=tag, cseq=50)
	refusal = again.final()
	assert (refusal.status, refusal.rule) == (482, "merged-call")
	assert variables(service, mine) == before
	theirs.answer(mine)
	assert between(mine, theirs, "INVITE").status == 200
	assert between(theirs, mine, "BYE").status == 200
	assert service.cdr(mine.call_id) == ("45675001", "45675002", "45675002", "same-group")
	alice.deliver(other)
	assert "INVITE" not in [m.method for m in other.link.requests()]


def test_redial_with_the_same_call_id(service, agent):
	"""After a refused call its Call-ID and From tag may be used again (RFC 3261 8.1.3.5)."""
	alice, bob = agent("45675001").registered(), agent("45675002").registered()
	first = alice.call("5002")
	bob.incoming().reject(486)
	assert first.final().status == 486
	first.remote, first.target = alice.address("5002"), first.invite_uri
	alice._invite(first, None, ())
	challenge = alice.link.wait("challenge", lambda m: first.answers(m, "INVITE", first.cseq) and m.status >= 200)
	alice._ack_refusal(first, challenge)
	alice._invite(first, None, [alice.authorization(challenge, "INVITE", first.invite_uri)])
	theirs = bob.incoming()
	theirs.answer(first)
	assert between(theirs, first, "BYE").status == 200
	assert service.cdr(first.call_id)[2] == "45675002"
