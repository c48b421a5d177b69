# SPDX-License-Identifier: GPL-2.0-or-later
"""The registrar (A4 to A7): expiry, one binding, whose it is, accounts that may not."""
import pytest
from agent import between
from wire import new_call_id

LIMITS = range(60, 301)


def granted(answer):
	"""The expiry that the 200 grants to the one binding it shows."""
	contacts = answer.values("contact")
	assert len(contacts) == 1, contacts
	return int(contacts[0].rpartition("expires=")[2].partition(";")[0])


@pytest.mark.parametrize("asked", [1, 15, 59, 60, 180, 300, 301, 3600, 86400])
def test_expiry(agent, asked):
	"""60 to 300 s are granted, nothing is refused as too brief (A5)."""
	answer = agent("45675001").register(expires=asked)
	assert answer.status == 200
	assert granted(answer) == min(max(asked, LIMITS[0]), LIMITS[-1])


def test_registers_every_15_s(service, agent):
	"""A codec's habit, forty times over: each granted, one binding, the same all along."""
	alice = agent("45675001")
	for _ in range(40):
		answer = alice.register(expires=15)
		assert answer.status == 200 and granted(answer) in LIMITS
	assert len(service.bindings("45675001")) == 1


def test_reboots_leave_one_binding(service, agent):
	"""New port, new Call-ID, time after time: the newest wins, and no alarm is raised (A6)."""
	before = service.counter("duplicate_use")
	bob = agent("45675002")
	for _ in range(8):
		alice = agent("45675001").registered()
	assert len(service.bindings("45675001")) == 1
	mine, theirs = bob.talk(alice)
	assert between(mine, theirs, "BYE").status == 200
	assert service.counter("duplicate_use") == before


def test_two_devices_take_turns(service, agent):
	"""A, B, A, B, A: calls follow the newest, and the third return within ten minutes raises the alarm, once (A6)."""
	before = service.counter("duplicate_use")
	bob = agent("45675002")
	devices = [agent("45675412", instance=f"urn:uuid:00000000-0000-0000-0000-00000000000{n}") for n in (1, 2)]
	alarms = []
	for turn in range(5):
		owner = devices[turn % 2].registered()
		assert len(service.bindings("45675412")) == 1
		mine, theirs = bob.talk(owner)
		assert between(mine, theirs, "BYE").status == 200
		alarms.append(service.counter("duplicate_use") - before)
	# B's first coming is no return; A, B, A are three
	assert alarms == [0, 0, 0, 0, 1]


def test_device_by_call_id_and_user_agent(service, agent):
	"""Without +sip.instance a device is its Call-ID and User-Agent; the Contact may be the same (A6)."""
	before = service.counter("duplicate_use")
	one = agent("45995005")
	other = agent("45995005", link=one.link, user_agent="another/2")
	for turn in range(7):
		assert (one, other)[turn % 2].register().status == 200
	assert service.counter("duplicate_use") > before
	assert len(service.bindings("45995005")) == 1


def test_two_accounts_on_one_device(service, agent):
	"""A double codec registers two numbers from one socket, over and over: normal (A6)."""
	before = service.counter("duplicate_use")
	first = agent("45675001")
	second = agent("45675002", link=first.link)
	for _ in range(4):
		first.registered()
		second.registered()
	caller = agent("45995005")
	for number in ("45675001", "45675002"):
		mine, theirs = caller.talk(first, dialled=number)
		assert theirs.invite.uri.startswith(f"sip:{number}@")
		assert between(mine, theirs, "BYE").status == 200
	assert service.counter("duplicate_use") == before


def test_deregistration_by_the_owner(service, agent):
	for contact in ("*", None):
		alice = agent("45675001").registered()
		assert alice.register(contact=contact, expires=0).status == 200
		assert service.bindings("45675001") == []
		answer = agent("45675002").call("45675001").final()
		assert (answer.status, answer.rule) == (480, "not-registered")


def test_several_contacts_in_one_register(service, agent):
	"""Whatever a REGISTER brings, one binding at most is kept, and it is the flow it came from."""
	alice, bob = agent("45675001"), agent("45675002")
	answer = alice.register(contact=f"{alice.contact()}, <sip:45675001@127.0.0.99:5060>")
	assert answer.status in (200, 400, 403)
	assert len(service.bindings("45675001")) == (1 if answer.status == 200 else 0)
	if answer.status == 200:
		mine, theirs = bob.talk(alice)
		assert between(mine, theirs, "BYE").status == 200


@pytest.mark.parametrize("change, restore, rule", [
	({"state": "locked"}, {"state": "active"}, "locked"),
	({"state": "suspended"}, {"state": "active"}, "suspended"),
	({"valid_until": "2020-01-01 00:00:00"}, {"valid_until": None}, "ended"),
])
def test_account_that_may_not(service, agent, change, restore, rule):
	"""Locked, suspended, ended: no REGISTER, no call, no call to it; with the reason; and back again (A7)."""
	alice, bob = agent("45675001").registered(), agent("45675002").registered()
	service.set_account("45675001", **change)
	try:
		answer = alice.call("45675002").final()  # an INVITE without a new REGISTER
		assert (answer.status, answer.rule) == (403, f"caller-{rule}")
		answer = bob.call("45675001").final()
		assert (answer.status, answer.rule) == (480, f"callee-{rule}")
		assert bob.message("45675001").rule == f"callee-{rule}"
		answer = alice.register()
		assert (answer.status, answer.rule) == (403, f"caller-{rule}")
		assert service.bindings("45675001") == []
		assert alice.link.requests() == [] and bob.link.requests() == []
	finally:
		service.set_account("45675001", **restore)
	mine, theirs = bob.talk(alice.registered())
	assert between(mine, theirs, "BYE").status == 200


def test_account_made_by_sql_works_at_once(service, agent):
	"""No reload for an account (A2), only for groups and options."""
	service.add_account("902099", "factory")
	fresh, bob = agent("902099").registered(), agent("45675002").registered()
	mine, theirs = fresh.talk(bob)
	assert between(mine, theirs, "BYE").status == 200
	mine, theirs = bob.talk(fresh)
	assert between(mine, theirs, "BYE").status == 200
	service.sql("DELETE FROM aeta_account WHERE number = '902099'")
	service.accounts_changed()
	assert fresh.register().status in (401, 403)


def test_a_register_never_moves_another_number(service, agent):
	"""Same Call-ID for two numbers: two bindings, each its own."""
	shared = new_call_id()
	for number in ("45675001", "45675002"):
		one = agent(number)
		one.register_call_id = shared
		one.registered()
	assert len(service.bindings("45675001")) == len(service.bindings("45675002")) == 1
