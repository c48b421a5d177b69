# SPDX-License-Identifier: GPL-2.0-or-later
"""C7: what the service finds out of real agents behind each kind of NAT. Nothing is told to it."""
import contextlib
import os
import time
import uuid

import pytest
from agents import Agent
from natlab.matrix import Lab, work_folder
from natlab.service import LINES
from natlab.world import SERVER

KINDS = {"public": "open", "fwstate": "open", "fwsrv": "walled", "cone": "eim", "addr": "eim", "port": "eim", "shift": "eim",
	"sym": "changed", "cgn:port+sym": "changed", "cgn:cone+port": "eim", "cgn:fwsrv+port": "walled", "leaky": "leaky"}
FOUND_S = 15  # after the registration; it takes one or two


@pytest.fixture(scope="module")
def asking():
	"""A lab whose service asks its agents."""
	with work_folder() as folder, Lab(folder, site=("SITE_PROBING=1",)) as made:
		yield made


class Agents:
	"""Agents behind a NAT each, which register and stay."""

	def __init__(self, lab, stack):
		self.world, self.service = lab.sides[0]
		self.folder, self.stack, self.numbers = lab.folder, stack, iter([n for line in LINES for n in line])

	def register(self, kind, stun=False):
		number, host = next(self.numbers), self.stack.enter_context(self.world.pair(kind, "public"))[0]
		agent = Agent(number, self.service.password(number), os.path.join(self.folder, f"agent-{number}"), SERVER, host.address,
			instance=str(uuid.uuid4()), stun=SERVER if stun else None, sip_port=host.sip_port, rtp_ports=host.rtp_ports)
		with host.net.inside():
			agent.start()
		self.stack.callback(agent.stop)
		agent.wait_registered()
		return number

	def found(self, number):
		"""What is in the database once the agent has been asked: class, evidence as a number."""
		end = time.monotonic() + FOUND_S
		while time.monotonic() < end:
			rows = self.service.sql(f"SELECT class, evidence FROM aeta_nat_class WHERE account = '{number}' AND checked_at")
			if rows:
				return rows[0]
			time.sleep(0.1)
		return None


@pytest.fixture
def agents(asking):
	with contextlib.ExitStack() as stack:
		yield Agents(asking, stack)


def test_every_kind_is_found_out(agents):
	numbers = {kind: agents.register(kind, stun=kind in ("cone", "sym")) for kind in KINDS}
	found = {kind: agents.found(number) for kind, number in numbers.items()}
	assert {kind: row and row[0] for kind, row in found.items()} == KINDS, found
