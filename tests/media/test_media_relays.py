# SPDX-License-Identifier: GPL-2.0-or-later
"""Which relay, and what if it hangs, dies or is restarted (C3, C5); what a restart of Kamailio leaves (D2)."""
import threading
import time

import pytest
from agent import between
from aetactl import Ctl
from phone import converse, speaking, where
from service import eventually
from steps import final_of, reinvite, relayed, send_reinvite, talk

NO_RELAY = "no-relay"


def frozen_for(relay, seconds):
	"""Stops a relay for so long; returns when it is stopped."""
	relay.freeze()
	threading.Timer(seconds, relay.thaw).start()


def begin_at_once(caller, callee, count):
	"""So many calls that begin together, when each has reached the callee or was refused. What a worker drops is sent again."""
	mine = []
	threads = [threading.Thread(target=lambda: mine.append(caller.call(callee.number))) for _ in range(count)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()

	def waiting():
		there = {m.call_id for m in callee.link.requests("INVITE")} | {m.call_id for m in refusals(caller)}
		return [one for one in mine if one.call_id not in there]
	end = time.monotonic() + 10
	while waiting() and time.monotonic() < end:
		time.sleep(0.5)  # RFC 3261's T1: a worker that is kept free drops what will come again
		for one in waiting():
			caller.link.send(one.invite_raw)
	return mine


def refusals(caller):
	return [m for m in caller.link.arrived if not m.is_request and m.method == "INVITE" and m.status >= 300 and m.status != 407]


def calls_at_once(caller, callee, count):
	"""So many calls that begin together and all reach the callee: their two sides."""
	mine, theirs = begin_at_once(caller, callee, count), {}
	assert [m.start for m in refusals(caller)] == []
	for _ in mine:
		one = callee.incoming()
		theirs[one.call_id] = one
	return [(one, theirs[one.call_id]) for one in mine]


# -- which one (C5)

@pytest.mark.parametrize("dialled_domain", ["sip.example.com", "sip.example.fr"])
def test_alternate_by_registration(service, phone, alternate, dialled_domain):
	"""Registered at the .fr name: the alternate relay, whatever name was dialled and where the callee is registered."""
	alice = phone("45675001", "always", domain="sip.example.fr").registered()
	bob = phone("45675002").registered()
	mine, theirs = talk(alice, bob, domain=dialled_domain, from_domain="sip.example.com")
	assert relayed(alternate, theirs.invite.body) and relayed(alternate, mine.answered.body)
	assert converse(alice, bob)
	assert between(mine, theirs, "BYE").status == 200
	assert service.path_of(mine.call_id)[2] == alternate.url


@pytest.mark.parametrize("dialled_domain", ["sip.example.com", "sip.example.fr"])
def test_nominal_by_registration(phone, nominal, dialled_domain):
	alice, bob = phone("45675001", "always").registered(), phone("45675002", domain="sip.example.fr").registered()
	mine, theirs = talk(alice, bob, domain=dialled_domain, from_domain="sip.example.fr")
	assert relayed(nominal, theirs.invite.body)
	assert between(mine, theirs, "BYE").status == 200


def test_alternate_by_from(phone, alternate):
	"""Not registered: the host of From."""
	alice, bob = phone("45675001", "always"), phone("45675002").registered()
	mine, theirs = talk(alice, bob, from_domain="sip.example.fr")
	assert relayed(alternate, theirs.invite.body)
	assert between(mine, theirs, "BYE").status == 200


def test_same_position_shares(service, phone, nominal, alternate):
	"""Two relays of one position share the calls."""
	service.sql("UPDATE aeta_relay SET position = 1")
	service.rpc("htable.reload", "relays")
	try:
		alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
		used = set()
		for _ in range(40):
			mine, theirs = talk(alice, bob)
			used |= {relay.name for relay in (nominal, alternate) if relayed(relay, theirs.invite.body)}
			assert between(mine, theirs, "BYE").status == 200
			if len(used) == 2:
				return
		pytest.fail(f"forty calls, all by {used}")
	finally:
		service.sql("UPDATE aeta_relay r JOIN aeta_relay_set s ON s.number = r.set_number SET position = "
			f"IF((s.name = 'default') = (r.url = '{nominal.url}'), 1, 2)")
		service.rpc("htable.reload", "relays")


def test_relay_switched_off(service, phone, nominal, alternate):
	"""No new calls, but those that it has go on by it."""
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	carol, dave = phone("45995002", "always").registered(), phone("45995005").registered()
	mine, theirs = talk(alice, bob)
	service.sql(f"UPDATE aeta_relay SET enabled = 0 WHERE url = '{nominal.url}'")
	service.rpc("htable.reload", "relays")
	try:
		others = talk(carol, dave)
		assert relayed(alternate, others[1].invite.body)
		offer, answer = reinvite(mine, theirs)
		assert relayed(nominal, offer) and relayed(nominal, answer)
		assert converse(alice, bob) and converse(carol, dave)
		for one, other in ((mine, theirs), others):
			assert between(one, other, "BYE").status == 200
	finally:
		service.sql("UPDATE aeta_relay SET enabled = 1")
		service.rpc("htable.reload", "relays")


# -- a relay that hangs or is gone

def test_dead_relay(service, phone, nominal, alternate):
	"""Its process is gone: the next one of the set, at once; and it is back in use soon after its return."""
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	nominal.kill()
	begin = time.monotonic()
	mine, theirs = talk(alice, bob)
	took = time.monotonic() - begin
	assert relayed(alternate, theirs.invite.body) and converse(alice, bob)
	assert took < 1.5, f"the call took {took:.1f} s"
	assert between(mine, theirs, "BYE").status == 200
	nominal.start()
	service.no_relay_is_dead()
	mine, theirs = talk(alice, bob)
	assert relayed(nominal, theirs.invite.body)
	assert between(mine, theirs, "BYE").status == 200


def test_hanging_relay(service, phone, nominal, alternate):
	"""It takes requests and says nothing: one call waits for 0.6 s, the following ones do not; and workers stay free."""
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	nominal.freeze()
	took = []
	for _ in range(4):
		begin = time.monotonic()
		mine, theirs = talk(alice, bob)
		took.append(time.monotonic() - begin)
		assert relayed(alternate, theirs.invite.body)
		assert between(mine, theirs, "BYE").status == 200
	assert 0.5 < took[0] < 3 and max(took[1:]) < 0.5, took


@pytest.fixture
def many_workers(service, nominal, alternate):
	service.restart(SITE_CHILDREN="8")
	yield
	for relay in (nominal, alternate):
		relay.thaw()
	for relay in (nominal, alternate):  # a restart forgets what they are to be told
		eventually("the relay was told to forget what it was asked", lambda: relay.calls() == [], 20)
	service.restart(SITE_CHILDREN=None)


def test_many_workers_at_a_hanging_relay(service, phone, nominal, alternate, many_workers):
	"""One of them finds out for all: nobody waits for the others one after the other, and no call is refused meanwhile."""
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	nominal.freeze()
	trials = trials_of(service)
	for mine, theirs in calls_at_once(alice, bob, 16):
		assert relayed(alternate, theirs.invite.body)
		theirs.answer(mine)
		assert between(mine, theirs, "BYE").status == 200
	since = int(service.rpc("htable.dump", "dead")[0]["slot"][0]["value"].split("|")[1])
	by_worker = trials_of(service) - trials
	assert by_worker <= 2 + 2 * (time.time() - since + 1), f"{by_worker} trials"  # and each second the timer, and a call that insists


def test_many_workers_at_hanging_relays(phone, nominal, alternate, many_workers):
	"""No relay answers: every call is refused, and of those that a relay hears of afterwards none is left in it."""
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	nominal.freeze()
	alternate.freeze()
	for mine in begin_at_once(alice, bob, 8):
		final = mine.final()
		assert (final.status, final.rule) == (503, NO_RELAY)
	assert bob.link.requests("INVITE") == []


def trials_of(service):
	"""How often a relay that had been silent was tried, in vain."""
	return (service.folder / "kamailio.log").read_text(errors="replace").count("proxy did not respond to ping")


@pytest.mark.parametrize("begin_ms", [0, 60, 150])
def test_hiccup_refuses_no_call(service, phone, nominal, alternate, begin_ms):
	"""The only relay stops for 250 ms: five calls that begin meanwhile, together, are relayed by it."""
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	alternate.kill()
	frozen_for(nominal, 0.25)
	time.sleep(begin_ms / 1000)  # the phase of the hiccup in which the calls come
	for mine, theirs in calls_at_once(alice, bob, 5):
		assert relayed(nominal, theirs.invite.body)
		theirs.answer(mine)
		assert between(mine, theirs, "BYE").status == 200


def test_hiccup_while_it_rings(phone, nominal, alternate):
	"""The relay stops for 250 ms when the 200 comes: the call is up all the same."""
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	mine = alice.call("45675002")
	theirs = bob.incoming()
	frozen_for(nominal, 0.25)
	theirs.answer(mine)
	assert relayed(nominal, mine.answered.body)
	assert between(mine, theirs, "BYE").status == 200


def test_no_relay(service, phone, nominal, alternate):
	"""None is left: 503 with the rule, no record, a line in the history; a call that needs none goes on; and back again."""
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	carol, dave = phone("45995002").registered(), phone("45995005").registered()
	nominal.kill()
	alternate.kill()
	final = alice.call("45675002").final()
	assert (final.status, final.rule) == (503, NO_RELAY)
	alice.deliver(bob)
	assert bob.link.requests("INVITE") == []
	row, = eventually("a line in the history", lambda: service.sql(
		f"SELECT account, cause, code, peer FROM aeta_attempt WHERE callid = '{final.call_id}'"))
	assert row == ["45675001", NO_RELAY, "503", "45675002"]
	assert service.sql(f"SELECT 1 FROM acc_cdrs WHERE callid = '{final.call_id}'") == []
	mine, theirs = talk(carol, dave)
	assert converse(carol, dave)
	assert between(mine, theirs, "BYE").status == 200
	nominal.start()
	mine, theirs = talk(alice, bob)  # it may be known as dead yet: then it is asked before the call is refused
	assert relayed(nominal, theirs.invite.body)
	assert between(mine, theirs, "BYE").status == 200


def test_sdp_that_no_relay_takes(service, phone, nominal, alternate):
	"""Each relay of the set is asked for it once, and none is taken for dead."""
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	whole = alice.sdp()
	alice.sdp = lambda: whole.replace("c=IN IP4 ", "c=")
	mine = alice.call("45675002")
	final = mine.final()
	assert (final.status, final.rule) == (503, NO_RELAY)
	alice.deliver(bob)
	assert bob.link.requests("INVITE") == [] and not service.rpc("htable.dump", "dead")
	log = (service.folder / "kamailio.log").read_text(errors="replace").splitlines()
	assert len([line for line in log if mine.call_id in line and "proxy replied with error: Failed to parse SDP" in line]) == 2


@pytest.mark.parametrize("answers", [{1: 486}, {}], ids=["busy", "absent"])
def test_no_relay_in_a_hunt(phone, nominal, alternate, answers):
	"""A member that would need a relay is passed over; at the end that is said, unless one was busy (B7)."""
	alice = phone("45675001", "always").registered()
	phone("45676001").registered()
	phone("45676002").registered()
	nominal.kill()
	alternate.kill()
	if answers:
		alice2 = phone("45675002")
		busy, wants = phone("45676001").registered(), phone("45676002", "always").registered()
		mine = alice2.call("6000")
		busy.incoming().reject(486)
		assert mine.final().status == 486
		assert wants.link.requests("INVITE") == []
	else:
		final = alice.call("6000").final()
		assert (final.status, final.rule) == (503, NO_RELAY)


@pytest.mark.parametrize("offers", [True, False], ids=["offer", "no-offer"])
@pytest.mark.parametrize("dialled, taker", [("45675002", "45675002"), ("6000", "45676001")], ids=["call", "hunt"])
def test_relay_dies_while_it_rings(service, phone, nominal, alternate, dialled, taker, offers):
	"""The agent takes the call, but its relay has died: it is released, the caller is told and has a line in his history."""
	alice, bob = phone("45675001", "always").registered(), phone(taker).registered()
	alice.offers = offers
	mine = alice.call(dialled)
	theirs = bob.incoming()
	theirs.ring()
	mine.wait_status(180)
	nominal.kill()
	bob.link.reply(theirs.invite, 200, "OK", [("Contact", bob.contact()), ("Content-Type", "application/sdp")], bob.sdp(),
		to_tag=theirs.tag)
	final = mine.final()
	assert (final.status, final.rule) == (503, NO_RELAY)
	theirs.expect("ACK", reply=False)
	theirs.expect("BYE")
	eventually("the dialog has ended", lambda: not any(d["call-id"] == mine.call_id and d["state"] < 5 for d in service.rpc("dlg.list")))
	assert service.sql(f"SELECT 1 FROM acc_cdrs WHERE callid = '{mine.call_id}'") == []
	assert service.verdicts(mine.call_id)[-1:] == [NO_RELAY]
	columns = "account, kind, cause, code, dialled, peer, final, trust, user_agent"
	row, = eventually("a line in the history",
		lambda: service.sql(f"SELECT {columns} FROM aeta_attempt WHERE callid = '{mine.call_id}'"))
	rung = ["45676000", taker] if dialled == "6000" else [taker, ""]
	assert row == ["45675001", "call", NO_RELAY, "503", dialled, *rung, "2", alice.user_agent]


def test_early_media_without_relay(phone, nominal, alternate):
	"""A 183 whose SDP no relay takes rings without it."""
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	mine = alice.call("45675002")
	theirs = bob.incoming()
	nominal.kill()
	theirs.ring(183, "Session Progress", [("Content-Type", "application/sdp")], bob.sdp())
	assert mine.wait_status(183).body == b""
	assert mine.cancel().status == 200
	bob.link.reply(bob.link.wait("CANCEL", lambda m: m.is_request and m.method == "CANCEL"), 200, "OK")
	theirs.reject(487, "Request Terminated")
	assert mine.final().status == 487


@pytest.mark.parametrize("side", [0, 1], ids=["caller", "callee"])
def test_call_moves_to_another_relay(service, phone, nominal, alternate, side):
	"""Its relay is gone: the next re-INVITE takes the call, both ways, to the other one, and there it stays."""
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	sides = talk(alice, bob)
	assert converse(alice, bob)
	nominal.kill()
	offer, answer = reinvite(sides[side], sides[1 - side])
	assert relayed(alternate, offer) and relayed(alternate, answer)
	assert converse(alice, bob)
	nominal.start()
	service.no_relay_is_dead()
	offer, answer = reinvite(sides[1 - side], sides[side])
	assert relayed(alternate, offer) and relayed(alternate, answer)
	assert converse(alice, bob)
	assert between(sides[0], sides[1], "BYE").status == 200
	assert service.path_of(sides[0].call_id)[2] == alternate.url


def test_refused_move(service, phone, nominal, alternate):
	"""The re-INVITE that would have taken the call to the other relay is refused: that one has no call, nor has it a port open."""
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	mine, theirs = talk(alice, bob)
	nominal.kill()
	cseq = send_reinvite(mine)
	request = bob.link.wait("INVITE", lambda m: m.is_request and m.method == "INVITE" and m.tag("to"))
	assert relayed(alternate, request.body)
	bob.link.reply(request, 488, "Not Acceptable Here")
	assert alice.link.wait("its answer", lambda m: mine.answers(m, "INVITE", cseq) and m.status >= 300).status == 488
	eventually("the other relay has forgotten it", lambda: alternate.calls() == [] and alternate.open_ports() == [])
	offer, answer = reinvite(theirs, mine)
	assert relayed(alternate, offer) and relayed(alternate, answer) and converse(alice, bob)
	assert between(mine, theirs, "BYE").status == 200


def test_deleted_relay(service, phone, nominal, alternate):
	"""A dead relay that the operator deletes is not asked any more."""
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	nominal.kill()
	mine, theirs = talk(alice, bob)
	assert relayed(alternate, theirs.invite.body)
	assert service.rpc("htable.dump", "dead")
	rows = service.sql(f"SELECT set_number, position FROM aeta_relay WHERE url = '{nominal.url}'")
	service.sql(f"DELETE FROM aeta_relay WHERE url = '{nominal.url}'")
	try:
		service.rpc("htable.reload", "relays")
		eventually("nobody asks it any more", lambda: not service.rpc("htable.dump", "dead"))
		assert between(mine, theirs, "BYE").status == 200
	finally:
		service.sql("".join(f"INSERT INTO aeta_relay (set_number, url, position) VALUES ({number}, '{nominal.url}', {position});"
			for number, position in rows))
		nominal.start()
		service.restart()  # rtpengine.reload has a time of its own


def test_relay_added_right_after_the_start(service, phone, nominal, alternate, tmp_path):
	"""The rtpengine module loads no list in its first ten seconds; the relay is used all the same as soon as aetactl says."""
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	ctl = Ctl(tmp_path, service.db)
	ctl.configure(rpc_socket=service.folder / "kamailio_rpc.sock")
	nominal.kill()
	service.sql(f"DELETE FROM aeta_relay WHERE url = '{alternate.url}'")
	try:
		service.restart()
		assert alice.call("45675002").final().rule == NO_RELAY
		added = ctl("--json", "relay", "add", "default", alternate.url)
		assert added.code == 0 and not added.json["rtpengine.reload"]["done"]
		by = added.json["relays_used_by"]
		assert f"by {by} UTC at the latest" in added.err
		eventually("it is in use", lambda: state_of(ctl, alternate) == "up", 20)
		assert time.strftime("%H:%M:%S", time.gmtime()) <= by
		mine, theirs = talk(alice, bob)
		assert relayed(alternate, theirs.invite.body)
		assert between(mine, theirs, "BYE").status == 200
	finally:
		ctl("relay", "add", "default", alternate.url)
		ctl("relay", "add", "fr", alternate.url, "--position", "1")
		nominal.start()


def state_of(ctl, relay):
	return next(row["state"] for row in ctl.ok("relay", "list")["relays"] if row["url"] == relay.url)


def test_reinvite_without_relay(phone, nominal, alternate):
	"""No relay for an offer inside the call: 503, and the other side does not hear of it; the call goes on afterwards."""
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	mine, theirs = talk(alice, bob)
	nominal.kill()
	alternate.kill()
	final = final_of(mine, send_reinvite(mine))
	assert (final.status, final.rule) == (503, NO_RELAY)
	alice.deliver(bob)
	assert len(bob.link.requests("INVITE")) == 1
	alternate.start()
	offer, answer = reinvite(theirs, mine)
	assert relayed(alternate, offer) and relayed(alternate, answer) and converse(alice, bob)
	assert between(mine, theirs, "BYE").status == 200


def test_answer_is_kept_back_while_the_relay_hangs(service, phone, nominal, alternate):
	"""The relay hangs for seconds when the answer to a re-INVITE comes: nothing passes unrelayed, and what is repeated does."""
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	mine, theirs = talk(alice, bob)
	cseq = send_reinvite(mine)
	request = bob.link.wait("INVITE", lambda m: m.is_request and m.method == "INVITE" and m.tag("to"))
	nominal.freeze()
	answer = 200, "OK", [("Contact", bob.contact()), ("Content-Type", "application/sdp")], bob.sdp()
	bob.link.reply(request, *answer)
	eventually("the relay is given up", lambda: service.rpc("htable.dump", "dead"))
	alice.deliver(bob)
	assert not [m for m in alice.link.arrived if mine.answers(m, "INVITE", cseq) and m.status == 200]
	nominal.thaw()

	def repeated():
		bob.link.reply(request, *answer)
		return any(mine.answers(m, "INVITE", cseq) and m.status == 200 for m in alice.link.arrived)
	eventually("the answer, when it is repeated", repeated)
	final = final_of(mine, cseq)
	assert relayed(nominal, final.body)
	alice.talks_to(final.body)
	bob.talks_to(request.body)
	assert converse(alice, bob)
	assert between(mine, theirs, "BYE").status == 200


# -- Kamailio restarted (D2)

@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_restart(service, phone, nominal, kill):
	"""The media do not notice; re-INVITEs of both sides are relayed by the same relay, and the end frees it."""
	alice, bob = phone("45675001", "always").registered(), phone("45675002", host="::1").registered()
	mine, theirs = talk(alice, bob)
	assert converse(alice, bob)
	with speaking(alice, bob):
		service.restart(kill=kill)
	assert converse(alice, bob)
	for one, other in ((mine, theirs), (theirs, mine)):
		offer, answer = reinvite(one, other)
		assert relayed(nominal, offer) and relayed(nominal, answer)
		assert ":" in where(offer if other is theirs else answer)[0] and "." in where(answer if other is theirs else offer)[0]
		assert converse(alice, bob)
	assert between(theirs, mine, "BYE").status == 200
	path, reasons, relay = service.path_of(mine.call_id)
	assert path == "relayed" and "families-differ" in reasons and relay == nominal.url


def test_restart_with_a_dead_relay(service, phone, nominal, alternate):
	"""What was known of relays is forgotten with a restart; a call whose relay is gone moves all the same."""
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	mine, theirs = talk(alice, bob)
	nominal.kill()
	service.restart()
	offer, answer = reinvite(mine, theirs)
	assert relayed(alternate, offer) and relayed(alternate, answer) and converse(alice, bob)
	assert between(mine, theirs, "BYE").status == 200
