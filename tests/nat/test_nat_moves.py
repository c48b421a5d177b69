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


@pytest.fixture
def parties(asking_lab, tmp_path):
	"""A caller with a public address, and a callee behind the first kind of WAY, which uses STUN; and the stack of its sites."""
	with contextlib.ExitStack() as stack:
		lab = asking_lab
		world = lab.sides[0][0]
		numbers = lab.ours.numbers(2)
		hosts = world.site(stack, "public", (0,)) + world.site(stack, WAY[0], (1,))
		caller, callee = (Party(stack, lab, number, host, tmp_path, stun) for number, host, stun in zip(numbers, hosts, (False, True)))
		caller.start("public")
		callee.start(WAY[0])
		yield stack, caller, callee


def call(lab, kind, caller, callee):
	cell = Cell("public", kind, (False, True))
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
		row = call(lab, kind, caller, callee)
		assert row["heard"] and row["path"] == "relayed", row  # nothing is known of it yet
		wait_asked(lab, callee.number, move + 1)
		row = call(lab, kind, caller, callee)
		assert row["heard"] and row["fault"] is None, row
