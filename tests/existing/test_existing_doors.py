# SPDX-License-Identifier: GPL-2.0-or-later
"""Ways around the policy that the stock configuration leaves open, and calls beyond the table."""
import pytest
from agent import Agent, between
from test_hunt import test_cancel_before_anything_rings, test_cancel_in_the_middle, test_only_calls_are_hunted  # noqa: F401
from wire import UdpLink, build, md5, new_branch, new_call_id, new_tag


@pytest.fixture
def stranger(service):
	link = UdpLink("127.0.0.66", (service.address, 5060))
	yield link
	link.close()


@pytest.fixture
def bob(agent):
	"""A member of a group that takes no calls from outside."""
	return agent("46105002").registered()


def ask(link, method, uri, sender, headers=(), to_tag=""):
	"""Sends a request as somebody without a password would write it; returns the final answer."""
	call_id = new_call_id()
	link.send(build(f"{method} {uri} SIP/2.0", [
		("Via", f"SIP/2.0/UDP {link.host}:{link.port};branch={new_branch()};rport"), ("From", f"<{sender}>;tag={new_tag()}"),
		("To", f"<{uri}>{to_tag}"), ("Call-ID", call_id), ("CSeq", f"1 {method}"),
		("Contact", f"<sip:x@{link.host}:{link.port}>"), ("Max-Forwards", "70")] + list(headers)))
	return link.wait("answer", lambda m: not m.is_request and m.call_id == call_id and m.status >= 200)


def untouched(agent, bob):
	"""A message sent now arrives at bob, and it is the only thing that ever did."""
	agent("46105001").deliver(bob)
	assert [m.method for m in bob.link.requests()] == ["MESSAGE"]


@pytest.mark.parametrize("method", ["INVITE", "MESSAGE", "REFER", "SUBSCRIBE"])
def test_forged_dialog(stranger, agent, bob, method):
	"""A To-tag and a Route of one's own are no dialog."""
	answer = ask(stranger, method, f"sip:46105002@{bob.hostport}", "sip:45995005@sip.example.com",
		[("Route", f"<sip:{bob.service.address};lr>")], ";tag=forged")
	assert answer.status == 481, answer
	untouched(agent, bob)


def test_foreign_caller(stranger, agent, bob):
	"""A caller of another domain is no member; neither is one that only brings a member's name in its credentials."""
	fake = (f'Digest username="46105001", realm="sip.example.com", nonce="x", uri="sip:46105002@sip.example.com", '
		f'response="{md5("x")}"')
	for headers in ([], [("Proxy-Authorization", fake)]):
		answer = ask(stranger, "INVITE", "sip:46105002@sip.example.com", "sip:46105001@elsewhere.example", headers)
		assert (answer.status, answer.rule) == (403, "caller-unknown")
	untouched(agent, bob)


@pytest.mark.parametrize("contact, path", [
	("<sip:45995005@{bob}>", None), ("<sip:45995005@{mine}>;received=\"sip:{bob}\"", None),
	("<sip:45995005@{mine};received=sip:{bob}>", None), ("<sip:45995005@{mine};maddr={host}>", None),
	("<sip:45995005@{mine}>", "<sip:{bob};lr>"), ("<sip:45995005@{mine}>", "<sip:x@127.0.0.1;lr;received=sip:{bob}>")])
def test_poisoned_registration(agent, bob, contact, path):
	"""An outsider registers its own number at the address of a closed group's member, then calls itself."""
	outsider, caller = agent("45995005"), agent("45995002")
	headers = [("Supported", "path"), ("Path", path.format(bob=bob.hostport))] if path else []
	answer = outsider.register(headers=headers,
		contact=contact.format(bob=bob.hostport, mine=outsider.hostport, host=bob.link.host))
	mine = caller.call("45995005")
	if answer.status == 200:
		theirs = outsider.incoming()
		theirs.answer(mine)
		mine.send("BYE")
	else:
		assert (answer.status, mine.final().rule) == (400, "not-registered")
	untouched(agent, bob)


def test_foreign_domain(agent):
	caller = agent("46205001")
	answer = caller.ask("MESSAGE", "sip:46205002@elsewhere.example", "<sip:46205002@elsewhere.example>")
	assert (answer.status, answer.rule) == (403, "foreign-domain")


def test_from_is_the_account(agent, bob):
	"""The member's name in From, another one's password: challenged again, never let in."""
	outsider = agent("45995005")
	answer = outsider.ask("MESSAGE", "sip:46105002@sip.example.com", "<sip:46105002@sip.example.com>", from_user="46105001")
	assert answer.status in (403, 407), answer
	untouched(agent, bob)


def test_call_goes_on_after_the_options_change(service, agent, bob):
	"""Requests inside a call are not judged."""
	caller = agent("46105001")
	mine, theirs = caller.talk(bob)
	service.set_group("4610", "block_outgoing = 1")
	try:
		assert between(mine, theirs, "INVITE").status == 200
		assert between(theirs, mine, "INVITE").status == 200
		assert between(theirs, mine, "BYE").status == 200
	finally:
		service.set_group("4610", "block_outgoing = 0")


def test_member_with_two_devices(service, agent):
	"""The stock registrar keeps both; a hunt rings one device a member, the newest."""
	old, new = (Agent(service, "45676001", user_agent=f"device-{n}").registered() for n in (1, 2))
	try:
		assert len(service.bindings("45676001")) == 2
		caller, second = agent("45675001"), agent("45676002").registered()
		mine = caller.call("6000")
		new.incoming().reject(486)
		theirs = second.incoming()
		theirs.answer(mine)
		assert between(mine, theirs, "BYE").status == 200
		caller.deliver(second)
		assert old.link.requests("INVITE") == []
	finally:
		service.forget("45676001")
		old.close()
		new.close()
