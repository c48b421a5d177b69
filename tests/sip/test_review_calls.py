# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that somebody tries to take over, lure away or cut, and calls whose end the database did not see."""
import re

import pytest
from agent import between
from service import eventually
from wire import build

unharmed = pytest.mark.usefixtures("unharmed")


def obliging(*agents):
	"""Agents that answer a BYE by themselves."""
	for one in agents:
		one.link.auto["BYE"] = lambda m, link=one.link: link.reply(m, 200, "OK")
	return agents


def variables(service, call):
	"""What is kept with the dialogs of a call."""
	found = [d["variables"] for d in service.rpc("dlg.list") or [] if d["call-id"] == call.call_id]
	return sorted(sorted(item.items()) for one in found for item in one)


@unharmed
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


@unharmed
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


def hunted(agent, *hosts):
	"""A caller that hunts group 4567, and members at addresses of their own."""
	caller = agent("45675001").registered()
	return [caller] + [agent(f"4567600{n}", host=host).registered() for n, host in enumerate(hosts, 1)]


@unharmed
@pytest.mark.parametrize("first_said", [100, 486], ids=str)
def test_late_answer_of_a_member(service, agent, first_said):
	"""A 200 of a member that was passed over: its leg is released, and the call with the other is left as it is (B7)."""
	caller, late, winner = hunted(agent, "127.0.0.21", "127.0.0.22")
	obliging(late)
	mine = caller.call("45676000")
	passed_over = late.incoming()
	if first_said == 100:
		late.link.reply(passed_over.invite, 100, "Trying")
	else:
		passed_over.reject(486)
	theirs = winner.incoming()
	theirs.answer(mine)
	before = variables(service, mine)
	late.link.reply(passed_over.invite, 200, "OK", [("Contact", late.contact()), ("Content-Type", "application/sdp")],
		late.sdp(), to_tag=passed_over.tag)
	ack = late.link.wait("ACK", lambda m: m.is_request and m.method == "ACK" and m.cseq == passed_over.invite.cseq)
	bye = late.link.wait("BYE", lambda m: m.is_request and m.method == "BYE")
	for m in (ack, bye):
		assert (m.call_id, m.tag("to"), m.tag("from")) == (mine.call_id, passed_over.tag, passed_over.invite.tag("from"))
		assert m.uri == late.contact().strip("<>")
	assert bye.cseq == passed_over.invite.cseq + 1
	assert variables(service, mine) == before
	assert between(mine, theirs, "INVITE").status == 200
	assert between(theirs, mine, "BYE").status == 200
	assert service.cdr(mine.call_id)[2:] == ("45676002", "hunt")
	assert {m.tag("to") for m in caller.link.arrived if m.status == 200 and m.method == "INVITE"} == {theirs.tag}


@unharmed
def test_cancel_by_a_member(agent):
	"""A member that writes a CANCEL with the caller's Via cancels nothing; the caller does (B7)."""
	caller, first, second = hunted(agent, "127.0.0.21", "127.0.0.22")
	mine = caller.call("45676000")
	passed_over = first.incoming()
	passed_over.reject(486)
	ringing = second.incoming()
	ringing.ring()
	mine.wait_status(180)
	first.link.send(build(f"CANCEL {mine.invite_uri} SIP/2.0", [("Via", passed_over.invite.all("via")[-1]),
		("From", passed_over.invite.get("from")), ("To", passed_over.invite.get("to")), ("Call-ID", mine.call_id),
		("CSeq", f"{mine.invite_cseq} CANCEL"), ("Max-Forwards", "70")]))
	caller.deliver(second)
	assert second.link.requests("CANCEL") == []
	assert mine.cancel().status == 200
	second.link.reply(second.link.wait("CANCEL", lambda m: m.is_request and m.method == "CANCEL"), 200, "OK")
	ringing.reject(487)
	assert mine.final().status == 487


@unharmed
@pytest.mark.parametrize("status", [200, 486])
def test_answer_in_the_place_of_another_member(service, agent, status):
	"""A member that answers on the branch of the one that rings is not heard (B7)."""
	caller, first, second = hunted(agent, "127.0.0.21", "127.0.0.22")
	mine = caller.call("45676000")
	passed_over = first.incoming()
	passed_over.reject(486)
	ringing = second.incoming()
	ringing.ring()
	mine.wait_status(180)
	invite = passed_over.invite
	vias = invite.all("via")
	vias[0] = re.sub(r"(branch=z9hG4bK[^;]*)\.0", r"\1.1", vias[0])
	first.link.send(build(f"SIP/2.0 {status} Mine", [("Via", via) for via in vias] + [("From", invite.get("from")),
		("To", invite.get("to") + ";tag=mallory"), ("Call-ID", mine.call_id), ("CSeq", invite.get("cseq")),
		("Contact", first.contact())]))
	caller.deliver(second)
	ringing.answer(mine)
	assert mine.remote.endswith(ringing.tag)
	assert between(mine, ringing, "BYE").status == 200
	assert service.cdr(mine.call_id)[2:] == ("45676002", "hunt")


@unharmed
def test_answer_from_an_address_that_moved(service, agent):
	"""An agent whose address changed while it rang is heard (A4)."""
	caller, ringing, moved = agent("45675001").registered(), agent("45675002").registered(), agent("45675002",
		host="127.0.0.23")
	mine = caller.call("45675002")
	theirs = ringing.incoming()
	moved.link.reply(theirs.invite, 200, "OK", [("Contact", ringing.contact())], to_tag=theirs.tag)
	assert mine.final().status == 200
	theirs.expect("ACK", reply=False)
	assert between(mine, theirs, "BYE").status == 200


@pytest.fixture
def often_asked(service):
	"""Vanished agents are looked for each second."""
	service.restart(SITE_ALIVE_INTERVAL_S="1")
	yield
	service.restart(SITE_ALIVE_INTERVAL_S=None)


def test_not_vanished(service, agent, often_asked):
	"""Agents that answered an OPTIONS once and then none more, and are not cut (B11): a caller that was never registered,
	and a callee whose number registered anew from another socket. Beside them a call whose agent did vanish is ended."""
	stranger, alice = agent("45995002"), agent("45675001").registered()
	bob, carol = agent("45675002").registered(), agent("45995005").registered()
	gone, peer = agent("902080").registered(), agent("90208099").registered()
	never = stranger.talk(carol)
	moved = alice.talk(bob)
	lost = gone.talk(peer)
	for one, sides in ((stranger, never), (bob, moved), (gone, lost)):
		eventually("an OPTIONS in the call", lambda: one.link.requests("OPTIONS", sides[0].call_id))
		one.fall_silent()
	agent("45675002").registered()
	obliging(gone, peer)
	service.forget("902080")
	peer.link.wait("BYE of the service", lambda m: m.is_request and m.method == "BYE", 30)
	eventually("as many OPTIONS to the others", lambda: min(len(one.link.requests("OPTIONS", sides[0].call_id))
		for one, sides in ((stranger, never), (bob, moved))) >= 5, 20)
	for one in (stranger, carol, alice, bob):
		assert one.link.requests("BYE") == []
	for mine, theirs in (never, moved):
		assert between(mine, theirs, "INVITE").status == 200
		assert between(mine, theirs, "BYE").status == 200
		assert service.record(mine.call_id)["last_alive"] is None


@unharmed
@pytest.mark.parametrize("method", ["BYE", "UPDATE", "INVITE", "INFO", "PRACK"])
@pytest.mark.parametrize("side", ["caller", "callee"])
@pytest.mark.parametrize("tag", ["guessed", "own"])
def test_member_inside_a_ringing_call(service, agent, method, side, tag):
	"""A member that was passed over speaks for the caller or for a callee: while the next one rings as after it (A1, B7)."""
	caller, first, second = hunted(agent, "127.0.0.21", "127.0.0.22")
	mine = caller.call("45676000")
	passed_over = first.incoming()
	passed_over.ring()
	mine.wait_status(180)
	passed_over.reject(486)
	ringing = second.incoming()
	ringing.ring()
	mine.wait_status(180)
	callee = passed_over.invite.get("to") + ";tag=" + (passed_over.tag if tag == "own" else "mallory")
	ends = (mine.local, callee) if side == "caller" else (callee, mine.local)
	first.link.send(build(f"{method} sip:45676000@{caller.domain} SIP/2.0", [("Via", first.via()), ("From", ends[0]),
		("To", ends[1]), ("Call-ID", mine.call_id), ("CSeq", f"9 {method}"), ("Contact", first.contact()),
		("Max-Forwards", "70")]))
	if side == "callee" and tag == "own" and method != "BYE":
		caller.link.wait(f"its own {method}", lambda m: m.is_request and m.method == method)  # an early dialog of its own
	else:
		refusal = first.link.wait("a refusal", lambda m: m.call_id == mine.call_id and m.method == method
			and not m.is_request and m.cseq == 9)
		assert (refusal.status, refusal.rule) == (481, "no-dialog")
		assert caller.link.requests() == []
	ringing.answer(mine)
	assert [m.method for m in second.link.requests()] == ["INVITE", "ACK"]
	assert between(mine, ringing, "INVITE").status == 200
	assert between(ringing, mine, "BYE").status == 200
	assert service.cdr(mine.call_id)[2:] == ("45676002", "hunt")


@unharmed
@pytest.mark.parametrize("sender", [0, 1], ids=["caller", "callee"])
def test_update_while_it_rings(agent, sender):
	"""UPDATE between the two parties of a ringing call, and a BYE of the caller's, are passed on."""
	alice, bob = agent("45675001").registered(), agent("45675002").registered()
	mine = alice.call("45675002")
	theirs = bob.incoming()
	theirs.ring()
	mine.early(mine.wait_status(180))
	sides = (mine, theirs)
	assert between(sides[sender], sides[1 - sender], "UPDATE").status == 200
	theirs.answer(mine)
	assert between(mine, theirs, "BYE").status == 200


LURES = [(302, "Contact", "<sip:000900123@127.0.0.99>"), (305, "Contact", "<sip:127.0.0.99>"),
	(401, "WWW-Authenticate", 'Digest realm="aeta", nonce="1"'), (407, "Proxy-Authenticate", 'Digest realm="x", nonce="1"')]


@unharmed
@pytest.mark.parametrize("status, name, value", LURES)
@pytest.mark.parametrize("kind", ["call", "hunt", "message", "inside"])
def test_answer_that_lures_the_caller(service, agent, kind, status, name, value):
	"""Redirections and challenges of an agent become a refusal of the service's own (A1)."""
	alice = agent("45675001").registered()
	bob = agent("45676001" if kind == "hunt" else "45675002").registered()
	lure = [(name, value)]
	if kind in ("call", "hunt"):
		mine = alice.call("45676000" if kind == "hunt" else "45675002")
		theirs = bob.incoming()
		bob.link.reply(theirs.invite, status, "Elsewhere", lure, to_tag=theirs.tag)
		answer = mine.final()
	elif kind == "message":
		bob.link.auto["MESSAGE"] = lambda m: bob.link.reply(m, status, "Elsewhere", lure, to_tag="x")
		answer = alice.message("45675002")
	else:
		mine, theirs = alice.talk(bob)
		bob.link.auto["INFO"] = lambda m: bob.link.reply(m, status, "Elsewhere", lure)
		answer = mine.request("INFO")
	assert (answer.status, answer.rule, answer.get(name)) == (480, "answer-refused", None)
	if kind == "inside":
		assert between(mine, theirs, "BYE").status == 200


@unharmed
@pytest.mark.parametrize("name", ["Authorization", "Proxy-Authorization"])
def test_credentials_reach_no_agent(agent, name):
	"""Credentials for whatever realm are taken off (A1)."""
	alice, bob = agent("45675001").registered(), agent("45675002").registered()
	header = (name, 'Digest username="45675001", realm="elsewhere", nonce="1", uri="sip:x", response="00"')
	mine, theirs = alice.talk(bob, headers=[header])
	mine.send("INFO", [header])
	inside = theirs.expect("INFO")
	for m in (theirs.invite, inside):
		assert m.all("authorization") == m.all("proxy-authorization") == []
	assert between(mine, theirs, "BYE").status == 200


@unharmed
def test_database_lost_in_a_hunt(service, agent):
	"""Where the next member cannot be read, the caller is told so, and not the last one's answer (B10)."""
	caller, first, second = hunted(agent, "127.0.0.21", "127.0.0.22")
	mine = caller.call("45676000")
	theirs = first.incoming()
	theirs.ring()
	service.db.stop()
	try:
		eventually("what is kept of accounts is believed no more", lambda: not service.rpc("aeta.stats")["accounts_believed"])
		theirs.reject(486)
		answer = mine.final(timeout=20)
	finally:
		service.db.start()
	assert (answer.status, answer.rule) == (503, "no-directory")
	mine = caller.call("45676000")
	first.incoming().reject(486)
	second.incoming().reject(486)
	assert mine.final().rule == "hunt-busy"


def test_call_that_ends_while_the_database_is_away(service, agent, often_asked):
	"""Its record is written later, and it does not come back as a ghost when Kamailio is started anew (B10, D2)."""
	alice, bob = agent("45675001").registered(), agent("45675002").registered()
	mine, theirs = alice.talk(bob)
	service.db.stop()
	try:
		assert between(mine, theirs, "BYE").status == 200
	finally:
		service.db.start()
	eventually("its row is gone", lambda: service.sql(
		f"SELECT COUNT(*) FROM dialog WHERE callid = '{mine.call_id}'") == [["0"]], 30)
	eventually("its record is there", lambda: service.sql(
		f"SELECT COUNT(*) FROM acc_cdrs WHERE callid = '{mine.call_id}'") == [["1"]], 30)
	assert service.cdr(mine.call_id) == ("45675001", "45675002", "45675002", "same-group")
	record = service.record(mine.call_id)
	assert record["duration"] == pytest.approx(record["end"] - record["begin"], abs=1)
	seen, there = alice.talk(bob)
	assert between(seen, there, "BYE").status == 200
	later, there = alice.talk(bob)
	assert between(later, there, "BYE").status == 200
	eventually("all ends are settled", lambda: not service.rpc("htable.dump", "ended"), 30)
	for call in (seen, later):
		assert service.sql(f"SELECT COUNT(*) FROM acc_cdrs WHERE callid = '{call.call_id}'") == [["1"]]
	service.restart()
	assert variables(service, mine) == []
