# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls through a relay, step by step: what the SDPs say, whose media arrive, what is left of a call (C2, C3, B7)."""
import pytest
from agent import between
from phone import converse, where
from service import eventually
from steps import reinvite, relayed, talk

LOCAL = "127.0.0.1"


def test_relayed(service, phone, nominal):
	"""An account that always wants the relay: both SDPs name it, media go through, and its end frees all."""
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	mine, theirs = talk(alice, bob)
	assert relayed(nominal, theirs.invite.body) and relayed(nominal, mine.answered.body)
	assert where(theirs.invite.body) != where(mine.answered.body)
	assert converse(alice, bob)
	assert nominal.knows(mine.call_id)
	assert between(theirs, mine, "BYE").status == 200
	assert service.path_of(mine.call_id) == ("relayed", "policy-always", nominal.url)


def test_direct(service, phone, nominal, alternate):
	"""Nothing speaks for a relay: the SDPs pass untouched, and no relay hears of the call."""
	alice, bob = phone("45675001").registered(), phone("45675002").registered()
	mine, theirs = talk(alice, bob)
	assert theirs.invite.body.decode() == alice.sdp() and mine.answered.body.decode() == bob.sdp()
	assert nominal.calls() == alternate.calls() == []
	assert converse(alice, bob)
	assert between(mine, theirs, "BYE").status == 200
	assert service.path_of(mine.call_id) == ("direct", "no-sign", "")


@pytest.mark.parametrize("ends", ["caller", "callee"])
def test_changes_inside(phone, nominal, ends):
	"""re-INVITEs of both sides, hold and resume: the same ports of the relay all along, and media when it is over."""
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	mine, theirs = talk(alice, bob)
	first = where(theirs.invite.body), where(mine.answered.body)
	assert converse(alice, bob)
	for one, other, at in ((mine, theirs, 0), (theirs, mine, 1)):
		held, answer = reinvite(one, other, "a=sendonly", "a=recvonly")
		assert b"a=sendonly" in held and b"a=recvonly" in answer
		assert relayed(nominal, held) and relayed(nominal, answer)
		resumed, answer = reinvite(one, other)
		assert b"a=sendonly" not in resumed and (where(resumed), where(answer)) == (first[at], first[1 - at])
		assert converse(alice, bob)
	one, other = (mine, theirs) if ends == "caller" else (theirs, mine)
	assert between(one, other, "BYE").status == 200


@pytest.mark.parametrize("side", [0, 1])
def test_update(phone, nominal, side):
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	sides = talk(alice, bob)
	one, other = sides[side], sides[1 - side]
	cseq = one.send("UPDATE", [("Content-Type", "application/sdp")], one.agent.sdp())
	request = other.link.wait("UPDATE", lambda m: m.is_request and m.method == "UPDATE" and m.call_id == one.call_id)
	assert relayed(nominal, request.body)
	other.link.reply(request, 200, "OK", [("Content-Type", "application/sdp")], other.agent.sdp())
	answer = one.link.wait("its answer", lambda m: one.answers(m, "UPDATE", cseq) and m.status >= 200)
	assert answer.status == 200 and relayed(nominal, answer.body)
	assert converse(alice, bob)
	assert between(one, other, "BYE").status == 200


def test_offer_in_the_answer(phone, nominal):
	"""An INVITE without SDP: the 200 is the offer, the ACK the answer."""
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	alice.offers = False
	mine = alice.call("45675002")
	theirs = bob.incoming()
	assert theirs.invite.body == b""
	theirs.link.reply(theirs.invite, 200, "OK", [("Contact", bob.contact()), ("Content-Type", "application/sdp")], bob.sdp(),
		to_tag=theirs.tag)
	final = mine.final(ack=alice.sdp())
	ack = theirs.expect("ACK", reply=False)
	assert relayed(nominal, final.body) and relayed(nominal, ack.body)
	alice.talks_to(final.body)
	bob.talks_to(ack.body)
	assert converse(alice, bob)
	alice.offers = True
	reinvite(theirs, mine)
	assert converse(alice, bob)
	assert between(theirs, mine, "BYE").status == 200


def test_cancel(phone, nominal):
	"""The caller gives up while it rings: the relay forgets it (see all_relays_run)."""
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	mine = alice.call("45675002")
	theirs = bob.incoming()
	theirs.ring()
	mine.wait_status(180)
	assert nominal.knows(mine.call_id)
	assert mine.cancel().status == 200
	bob.link.reply(bob.link.wait("CANCEL", lambda m: m.is_request and m.method == "CANCEL"), 200, "OK")
	theirs.reject(487, "Request Terminated")
	assert mine.final().status == 487


@pytest.mark.parametrize("status", [486, 480, 603, 500])
def test_refused(phone, nominal, status):
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	mine = alice.call("45675002")
	theirs = bob.incoming()
	assert nominal.knows(mine.call_id)
	theirs.reject(status)
	assert mine.final().status == status


def test_early_media_and_prack(phone, nominal):
	"""183 with SDP, reliable: heard before the answer; then a PRACK that offers anew, and the 200."""
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	mine = alice.call("45675002", headers=[("Supported", "100rel")])
	theirs = bob.incoming()
	bob.talks_to(theirs.invite.body)
	bob.link.reply(theirs.invite, 183, "Session Progress", [("Contact", bob.contact()), ("Require", "100rel"), ("RSeq", "1"),
		("Content-Type", "application/sdp")], bob.sdp(), to_tag=theirs.tag)
	early = mine.wait_status(183)
	assert relayed(nominal, early.body)
	alice.talks_to(early.body)
	assert converse(alice, bob)
	mine.early(early)
	cseq = mine.send("PRACK", [("RAck", f"1 {mine.invite_cseq} INVITE"), ("Content-Type", "application/sdp")], alice.sdp())
	prack = bob.link.wait("PRACK", lambda m: m.is_request and m.method == "PRACK")
	assert relayed(nominal, prack.body)
	bob.link.reply(prack, 200, "OK", [("Content-Type", "application/sdp")], bob.sdp())
	answer = alice.link.wait("its answer", lambda m: mine.answers(m, "PRACK", cseq))
	assert answer.status == 200 and relayed(nominal, answer.body)
	assert converse(alice, bob)
	theirs.link.reply(theirs.invite, 200, "OK", [("Contact", bob.contact())], to_tag=theirs.tag)
	assert mine.final().status == 200
	theirs.expect("ACK", reply=False)
	assert converse(alice, bob)
	assert between(mine, theirs, "BYE").status == 200


def test_hunt(service, phone, nominal):
	"""B7: busy, then silent after early media, then the one that answers; the others' late answers change nothing."""
	alice = phone("45675001", "always").registered()
	busy, late, taker = (phone(f"4567600{n}").registered() for n in (1, 2, 3))
	service.set_group("4567", "no_answer_s = 2")
	try:
		mine = alice.call("6000")
		busy.incoming().reject(486)
		slow = late.incoming()
		late.talks_to(slow.invite.body)
		slow.ring(183, "Session Progress", [("Content-Type", "application/sdp")], late.sdp())
		early = mine.wait_status(183)
		alice.talks_to(early.body)
		assert converse(alice, late)
		cancel = late.link.wait("CANCEL", lambda m: m.is_request and m.method == "CANCEL")
		theirs = taker.incoming()
		taker.talks_to(theirs.invite.body)
		theirs.ring()
		late.link.reply(cancel, 200, "OK")
		late.link.reply(slow.invite, 487, "Request Terminated", to_tag=slow.tag)
		theirs.answer(mine)
		alice.talks_to(mine.answered.body)
		slow.ring(183, "Session Progress", [("Content-Type", "application/sdp")], late.sdp())
		late.link.reply(slow.invite, 487, "Request Terminated", to_tag=slow.tag)
		alice.deliver(taker)  # behind them
		assert converse(alice, taker)
		late.drain()
		for _ in range(20):
			late.send()
			alice.send()
			taker.send()
		assert converse(alice, taker)
		assert late.drain() == set(), "a member that was given up hears the call"
		assert late.ssrc not in alice.drain() | taker.drain(), "a member that was given up is heard"
		assert nominal.knows(mine.call_id)
		assert between(mine, theirs, "BYE").status == 200
		assert service.path_of(mine.call_id)[0] == "relayed"
	finally:
		service.set_group("4567", "no_answer_s = 0")


@pytest.mark.parametrize("policy", ["always", None], ids=["relayed", "direct"])
def test_late_taker_while_the_next_rings(service, phone, nominal, policy):
	"""A member that was passed over takes the call, and nobody has it yet: it is released, once and for all, and the next one is
	heard when it takes the call."""
	alice = phone("45675001", policy).registered()
	late, taker = phone("45676001").registered(), phone("45676002").registered()
	service.set_group("4567", "no_answer_s = 2")
	try:
		mine = alice.call("6000")
		slow = late.incoming()
		slow.ring()
		late.link.wait("CANCEL", lambda m: m.is_request and m.method == "CANCEL")
		theirs = taker.incoming()
		theirs.ring()
		for _ in range(2):  # it repeats itself, as it has to
			late.link.reply(slow.invite, 200, "OK", [("Contact", late.contact()), ("Content-Type", "application/sdp")], late.sdp(),
				to_tag=slow.tag)
			slow.expect("ACK", reply=False)
			slow.expect("BYE")
		taker.talks_to(theirs.invite.body)
		theirs.answer(mine)
		assert mine.answered.tag("to") == theirs.tag
		alice.talks_to(mine.answered.body)
		assert converse(alice, taker)
		assert between(mine, theirs, "BYE").status == 200
		assert service.cdr(mine.call_id)[2] == "45676002"
	finally:
		service.set_group("4567", "no_answer_s = 0")


def test_two_take_the_call(service, phone, nominal):
	"""A member that was passed over takes the call together with the next one: one of them has it and its media, the other is released."""
	alice = phone("45675001", "always").registered()
	late, taker = phone("45676001").registered(), phone("45676002").registered()
	service.set_group("4567", "no_answer_s = 2")
	try:
		mine = alice.call("6000")
		slow = late.incoming()
		slow.ring()
		late.link.wait("CANCEL", lambda m: m.is_request and m.method == "CANCEL")
		theirs = taker.incoming()
		taker.talks_to(theirs.invite.body)
		answer = [("Content-Type", "application/sdp")]
		taker.link.reply(theirs.invite, 200, "OK", [("Contact", taker.contact())] + answer, taker.sdp(), to_tag=theirs.tag)
		late.link.reply(slow.invite, 200, "OK", [("Contact", late.contact())] + answer, late.sdp(), to_tag=slow.tag)
		final = mine.final()
		winner, loser = (theirs, slow) if final.tag("to") == theirs.tag else (slow, theirs)  # two workers, so either may be first
		loser.expect("ACK", reply=False)
		loser.expect("BYE")
		winner.expect("ACK", reply=False)
		alice.talks_to(final.body)
		winner.agent.talks_to(winner.invite.body)
		assert converse(alice, winner.agent)
		assert between(mine, winner, "BYE").status == 200
		assert service.cdr(mine.call_id)[2] == winner.agent.number
	finally:
		service.set_group("4567", "no_answer_s = 0")


def test_hunt_to_a_direct_member(service, phone, nominal):
	"""The first member wants the relay, the second, which answers, does not: the relay is done when that is known."""
	alice = phone("45675001").registered()
	first, second = phone("45676001", "always").registered(), phone("45676002").registered()
	mine = alice.call("6000")
	wants = first.incoming()
	assert relayed(nominal, wants.invite.body)
	wants.reject(486)
	theirs = second.incoming()
	assert theirs.invite.body.decode() == alice.sdp()
	theirs.answer(mine)
	eventually("the relay has forgotten the call", lambda: not nominal.knows(mine.call_id))
	assert between(mine, theirs, "BYE").status == 200
	assert service.path_of(mine.call_id)[0] == "direct"


def test_families(service, phone, nominal):
	"""IPv4 calls IPv6: each is given an address of its own family, and they hear each other (C2)."""
	alice, bob = phone("45675001").registered(), phone("45675002", host="::1").registered()
	mine, theirs = talk(alice, bob)
	assert where(theirs.invite.body)[0] == "::1" and where(mine.answered.body)[0] == LOCAL
	assert converse(alice, bob)
	for one, other in ((mine, theirs), (theirs, mine)):
		reinvite(one, other)
		assert where(mine.answered.body)[0] == LOCAL
		assert converse(alice, bob)
	assert between(theirs, mine, "BYE").status == 200
	path, reasons, _ = service.path_of(mine.call_id)
	assert path == "relayed" and "families-differ" in reasons


def test_never(service, phone):
	"""C3: never, whatever is seen; and across IPv4 and IPv6 it is refused, with the reason."""
	alice, bob = phone("45675001", "never", media_host="10.1.2.3").registered(), phone("45675002").registered()
	mine, theirs = talk(alice, bob)
	assert where(theirs.invite.body)[0] == "10.1.2.3"
	assert between(mine, theirs, "BYE").status == 200
	assert service.path_of(mine.call_id)[0] == "direct"
	phone("902080", host="::1").registered()
	final = alice.call("902080").final()
	assert (final.status, final.rule) == (488, "media-never")


@pytest.mark.parametrize("media_host, reason", [("10.1.2.3", "answer-contradicts"), (None, "no-sign")])
def test_answer_that_contradicts(service, phone, media_host, reason):
	"""Let go directly, but the callee wants its media at a private address: too late for this call, and its record says so."""
	alice = phone("45675001", host="203.0.113.11").registered()
	bob = phone("45675002", host="203.0.113.12", media_host=media_host).registered()
	mine, theirs = talk(alice, bob)
	assert between(mine, theirs, "BYE").status == 200
	assert service.path_of(mine.call_id) == ("direct", reason, "")


@pytest.mark.parametrize("sign", ["contact", "sdp"])
def test_signs(service, phone, nominal, sign):
	"""The baseline (C2): a private Contact, or a private address in the SDP, where nothing is on loopback."""
	alice = phone("45675001", host="203.0.113.11", media_host="10.1.2.3" if sign == "sdp" else None).registered()
	bob = phone("45675002", host="203.0.113.12")
	assert bob.register(contact=f"<sip:45675002@10.9.9.9:{bob.link.port}>" if sign == "contact" else None).status == 200
	mine, theirs = talk(alice, bob)
	assert relayed(nominal, theirs.invite.body) and relayed(nominal, mine.answered.body)
	assert converse(alice, bob)
	assert between(mine, theirs, "BYE").status == 200
	assert {"contact": "callee-contact-private", "sdp": "caller-sdp-private"}[sign] in service.path_of(mine.call_id)[1]
