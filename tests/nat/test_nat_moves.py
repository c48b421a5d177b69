# SPDX-License-Identifier: GPL-2.0-or-later
"""An agent that moves, from Wi-Fi to mobile and back: the power fails, and it comes up elsewhere, with another kind of NAT before it.
The service hears nothing of it but the next REGISTER. The first call after that is heard, however soon it comes; and once the service has
found out where the agent is, and has seen one SDP of it, calls take the path that they need."""
import contextlib
import time

import pytest
from natlab import cells
from natlab.cells import Cell

WAY = ("cone", "sym", "port")  # what is right at one of them is silent at the next
ASKED_S = 15


class Party:
	def __init__(self, stack, lab, number, host, folder, stun):
		self.lab, self.number, self.host, self.folder, self.stun, self.life = lab, number, host, folder, stun, contextlib.ExitStack()
		self.agent = None
		stack.callback(lambda: self.life.close())

	def start(self, kind):
		self.agent = cells.started(self.life, self.lab.ours, kind, self.stun, self.number, self.host, str(self.folder / self.number))
		self.agent.wait_registered()

	def vanish(self):
		self.agent.kill()
		self.life.close()


def pair(lab, stack, folder, kinds, stun):
	"""Caller and callee, registered."""
	hosts = [host for side, kind in enumerate(kinds) for host in lab.sides[0][0].site(stack, kind, (side,))]
	both = [Party(stack, lab, number, host, folder, uses) for number, host, uses in zip(lab.ours.numbers(2), hosts, stun)]
	for party, kind in zip(both, kinds):
		party.start(kind)
	return both


@pytest.fixture
def parties(asking_lab, tmp_path):
	"""A caller with a public address, and a callee behind the first kind of WAY, which uses STUN; and the stack of their sites."""
	with contextlib.ExitStack() as stack:
		yield stack, *pair(asking_lab, stack, tmp_path, ("public", WAY[0]), (False, True))


def call(lab, kinds, caller, callee):
	cell = Cell(*kinds, (caller.stun, callee.stun))
	return cells.attempt(cell, lambda row: cells.converse(lab.ours, cell, (caller.agent, callee.agent), (caller.host, callee.host), row))


def wait_asked(lab, number, times):
	"""Until it has been asked at so many addresses, one after the other."""
	end = time.monotonic() + ASKED_S
	while sum(bool(row["probed_at"]) for row in lab.ours.rpc("aeta.nat", number)["addresses"]) < times:
		assert time.monotonic() < end, f"{number} was not asked at its {times}. address"
		time.sleep(0.1)


def test_first_call_after_a_move_is_heard(asking_lab, parties):
	lab, (stack, caller, callee) = asking_lab, parties
	wait_asked(lab, caller.number, 1)
	for move, kind in enumerate(WAY):
		if move:
			callee.vanish()
			lab.sides[0][0].move(stack, callee.host, kind)
			callee.start(kind)
		row = call(lab, ("public", kind), caller, callee)
		assert row["heard"] and row["path"] == "relayed", row  # nothing is known of it yet
		wait_asked(lab, callee.number, move + 1)
		row = call(lab, ("public", kind), caller, callee)
		assert row["heard"] and row["fault"] is None, row


def test_stun_that_is_switched_off_counts_from_the_next_register(asking_lab, parties):
	"""At the same place, by the same device: what its SDPs showed before is worth nothing then. (The pair would be relayed anyway by now,
	as one that dials again soon; so the reasons are what counts.)"""
	lab, (_, caller, callee) = asking_lab, parties
	for number in (caller.number, callee.number):
		wait_asked(lab, number, 1)
	reasons = []
	for stun in (True, False):
		if callee.stun != stun:
			callee.vanish()
			callee.stun = stun
			callee.start(WAY[0])
		for _ in range(2):
			row = call(lab, ("public", WAY[0]), caller, callee)
			assert row["heard"] and row["fault"] in (None, "needless relay"), row
			reasons.append([reason for reason in row["path_reason"].split(",") if "stun" in reason])
	assert reasons == [["callee-stun-unknown"], [], ["callee-stun-unknown"], ["callee-no-stun"]]


def test_caller_that_moves_and_dials_at_once(asking_lab, tmp_path):
	"""Its INVITE is the first that the service hears from its new place: what is known of the old one does not count for it."""
	with contextlib.ExitStack() as stack:
		both = pair(asking_lab, stack, tmp_path, ("cone", "public"), (True, False))
		for party in both:
			wait_asked(asking_lab, party.number, 1)
		row = call(asking_lab, ("cone", "public"), *both)
		assert (row["heard"], row["path"]) == (True, "direct"), row
		asking_lab.sides[0][0].move(stack, both[0].host, "sym")
		row = call(asking_lab, ("sym", "public"), *both)
		assert (row["heard"], row["path"]) == (True, "relayed") and "caller-nat-unknown" in row["path_reason"].split(","), row
