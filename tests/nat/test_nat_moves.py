# SPDX-License-Identifier: GPL-2.0-or-later
"""An agent that moves, from Wi-Fi to mobile and back: the power fails, and it comes up elsewhere, with another kind of NAT before it.
The service hears nothing of it but the next REGISTER, and the first call after that has to be right."""
import contextlib

import pytest
from natlab import cells
from natlab.cells import Cell

WAY = ("cone", "sym", "port", "sym")  # a move each; where it is direct and right at one end, it is dead at the other


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
def parties(lab, tmp_path):
	"""A caller with a public address, and a callee behind the first kind of WAY, which uses STUN; and the stack of its sites."""
	with contextlib.ExitStack() as stack:
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


def test_first_call_after_a_move_is_heard(lab, parties):
	stack, caller, callee = parties
	for move, kind in enumerate(WAY):
		if move:
			callee.vanish()
			lab.sides[0][0].move(stack, callee.host, kind)
			callee.start(kind)
		for time in ("first", "second"):
			row = call(lab, kind, caller, callee)
			assert row["heard"] and row["fault"] in (None, "needless relay"), (time, row)
