# SPDX-License-Identifier: GPL-2.0-or-later
"""An account that sends others too much (F1): told so, memory stays small, and nobody else notices."""
import time

import pytest
from agent import between
from service import eventually
from wire import build, new_branch, new_call_id, new_tag

RATE, AT_ONCE, CALLS = 10, 30, 12  # SITE_ACCOUNT_RATE, SITE_ACCOUNT_CALLS
CALLER, CALLEE = "45675001", "45675002"
MEGABYTE = 1 << 20
pytestmark = pytest.mark.usefixtures("unharmed")


@pytest.fixture(scope="module", autouse=True)
def usual_limits(service):
	service.restart(SITE_ACCOUNT_RATE=str(RATE), SITE_ACCOUNT_CALLS=str(CALLS))
	yield
	service.restart(SITE_ACCOUNT_RATE=None, SITE_ACCOUNT_CALLS=None)


class Flood:
	"""INVITEs or MESSAGEs of one account over one flow or several, all with the right password, sent as fast as they are read."""

	def __init__(self, agents, method, to):
		self.agents, self.method, self.uri = agents, method, f"sip:{to}@{agents[0].domain}"
		self.call_ids = set()
		self.challenge = agents[0].message(to, authenticate=False)

	def send(self, count):
		for n in range(count):
			one, call_id = self.agents[n % len(self.agents)], new_call_id()
			self.call_ids.add(call_id)
			one.link.send(build(f"{self.method} {self.uri} SIP/2.0", [("Via", one.via(new_branch())), ("From", one.address(one.number)
				+ f";tag={new_tag()}"), ("To", f"<{self.uri}>"), ("Call-ID", call_id), ("CSeq", f"1 {self.method}"), ("Contact",
				one.contact()), ("Max-Forwards", "70"), one.authorization(self.challenge, self.method, self.uri)]))
			if n % 40 == 39:
				one.register(authenticate=False)  # comes behind them: the sockets hold no more
		return self

	def refusals(self):
		return [m for one in self.agents for m in one.link.arrived if not m.is_request and m.call_id in self.call_ids
			and m.status == 503]


@pytest.mark.parametrize("method", ["INVITE", "MESSAGE"])
@pytest.mark.parametrize("flows", [1, 5])
def test_too_many_are_told_so(service, agent, method, flows):
	"""To an agent that says nothing; each was 33 KB for fifteen seconds, and hundreds a second were let through."""
	alice = [agent(CALLER).registered()] + [agent(CALLER) for _ in range(flows - 1)]
	bob, carol, dave = (agent(number).registered() for number in (CALLEE, "45675412", "902080"))
	refused, memory = service.counter("guard_account_rate"), service.rpc("core.shmmem")["real_used"]
	began = time.monotonic()
	flood = Flood(alice, method, CALLEE).send(1000)
	eventually("most are refused", lambda: len(flood.refusals()) > 800)
	assert service.rpc("core.shmmem")["real_used"] - memory < 8 * MEGABYTE
	assert {m.rule for m in flood.refusals()} <= {"account-rate", "account-calls"}
	def by_rate():
		return [m for m in flood.refusals() if m.rule == "account-rate"]
	eventually("each refusal is counted, and told", lambda: service.counter("guard_account_rate") - refused == len(by_rate()))
	assert {m.get("retry-after") for m in by_rate()} == {"1"}
	mine, theirs = carol.talk(dave)  # nobody else is concerned
	assert between(mine, theirs, "BYE").status == 200
	assert alice[0].register().status == 200
	through = {m.call_id for m in bob.link.requests(method)} & flood.call_ids
	assert len(through) <= AT_ONCE + RATE * (time.monotonic() - began) + 1


def ringing(caller, callee):
	mine = caller.call(callee.number)
	theirs = callee.incoming()
	theirs.ring()
	return mine, theirs


def test_calls_at_once(service, agent):
	"""Ringing or answered; one that ends makes room, and a call that comes in is let in."""
	alice, bob = agent("45995002").registered(), agent("45995005").registered()
	calls = []
	while len(calls) < CALLS:
		calls.append(alice.talk(bob) if len(calls) % 2 else ringing(alice, bob))
	refused = alice.call("902080").final()
	assert (refused.status, refused.rule) == (503, "account-calls")
	mine, theirs = agent("902080").registered().talk(alice)
	assert between(mine, theirs, "BYE").status == 200
	mine, theirs = calls.pop()
	assert between(mine, theirs, "BYE").status == 200
	calls.append(eventually("there is room again", lambda: has_room(alice, bob)))
	for n, (mine, theirs) in enumerate(calls):
		if n % 2 or n == CALLS - 1:
			assert between(theirs, mine, "BYE").status == 200
		else:
			theirs.reject(486)
			assert mine.final().status == 486


def has_room(alice, bob):
	call = alice.call(bob.number)
	first = call.refused or alice.link.wait("an answer", lambda m: call.answers(m, "INVITE", call.cseq) and m.status != 407)
	if first.status == 503:
		call.final()
		return None
	theirs = bob.incoming()
	theirs.answer(call)
	return call, theirs
