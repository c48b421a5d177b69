# SPDX-License-Identifier: GPL-2.0-or-later
"""Too many requests inside a call (F1): told so, never dropped; the call goes on and ends as ever, and memory stays small."""
import pytest
from agent import between
from service import eventually

RATE, AT_ONCE = 20, 60  # SITE_DIALOG_RATE
MEGABYTE = 1 << 20
pytestmark = pytest.mark.usefixtures("unharmed")


@pytest.fixture
def call(agent):
	return agent("45675001").registered().talk(agent("45675002").registered())


def refused(service):
	return service.counter("guard_dialog_rate")


def flood(mine, count, method="INFO"):
	"""Sends so many, with something that is answered behind every forty: the sockets hold no more. The CSeq before them."""
	for n in range(count):
		mine.send(method)
		if n % 40 == 39:
			mine.agent.register(authenticate=False)  # comes behind them
	return mine.cseq - count


def answers(mine, first, method="INFO"):
	return [m for m in mine.link.arrived if not m.is_request and m.call_id == mine.call_id and m.method == method
		and m.cseq > first and m.status >= 200]


def test_too_many_are_told_so(service, agent, call):
	"""A callee that says nothing to any of them: what they cost was some 25 KB each, for twenty seconds."""
	mine, theirs = call
	before, memory = refused(service), service.rpc("core.shmmem")["real_used"]
	first = flood(mine, 2000)
	eventually("the rest is answered", lambda: len(answers(mine, first)) > 1500)
	assert service.rpc("core.shmmem")["real_used"] - memory < 12 * MEGABYTE
	told = answers(mine, first)
	assert {(m.status, m.rule, m.get("retry-after")) for m in told} == {(503, "dialog-rate", "1")}
	assert refused(service) - before == len(told)
	lines = [line for line in (service.folder / "kamailio.log").read_text(errors="replace").splitlines()
		if "dialog-rate" in line and f":{mine.link.port} " in line]
	assert len(lines) == 1
	arrived = {m.cseq for m in theirs.link.requests("INFO")}
	assert len(arrived) >= AT_ONCE and arrived.isdisjoint(m.cseq for m in told)
	# the other party is not concerned; and who sent too many may go on as soon as some of it has sunk
	assert between(theirs, mine, "INVITE").status == 200
	eventually("it may send again", lambda: mine.request("OPTIONS").status == 200)
	eventually("it may change the call", lambda: changes(mine, theirs))
	assert between(mine, theirs, "BYE").status == 200


def changes(mine, theirs):
	"""A re-INVITE, sent again by its agent if it is told to wait."""
	cseq = mine.send("INVITE")
	if mine.link.wait("any answer", lambda m: mine.answers(m, "INVITE", cseq)).status == 503:
		mine.link.send(mine.raw("ACK", cseq))
		return False
	theirs.link.reply(theirs.expect("INVITE", reply=False), 200, "OK", [("Contact", theirs.agent.contact())])
	mine.link.wait("200", lambda m: mine.answers(m, "INVITE", cseq) and m.status == 200)
	mine.link.send(mine.raw("ACK", cseq))
	return True


def test_bye_passes_in_the_middle_of_it(agent, call):
	mine, theirs = call
	flood(mine, 200)
	assert between(mine, theirs, "BYE").status == 200


@pytest.mark.parametrize("method", ["BYE", "PRACK"])
def test_what_ends_something_is_too_many_by_itself(service, call, method):
	mine, theirs = call
	memory = service.rpc("core.shmmem")["real_used"]
	first = flood(mine, 1000, method)
	eventually("the rest is answered", lambda: len(answers(mine, first, method)) > 800)
	assert service.rpc("core.shmmem")["real_used"] - memory < 12 * MEGABYTE
	assert {(m.status, m.rule) for m in answers(mine, first, method)} == {(503, "dialog-rate")}
	assert between(theirs, mine, "BYE").status == 200


def test_a_party_that_changes_its_port(service, agent, call):
	"""All of a call together has twice as much; the other party may still end it."""
	mine, theirs = call
	before, here = refused(service), mine.agent
	for _ in range(60):
		mine.move(agent("45675001"))
		for _ in range(10):  # far less than one flow may send
			mine.send("INFO")
		mine.agent.register(authenticate=False)
	assert refused(service) - before > 100
	mine.move(here)
	assert between(theirs, mine, "BYE").status == 200


def test_behind_a_trusted_proxy(service, agent):
	host = "127.0.13.1"
	service.trust(host)
	try:
		mine, theirs = agent("45675001", host=host).talk(agent("45675002").registered())
		before = refused(service)
		flood(mine, 200)
		assert between(mine, theirs, "BYE").status == 200
		assert refused(service) == before
	finally:
		service.distrust(host)
