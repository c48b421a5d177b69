# SPDX-License-Identifier: GPL-2.0-or-later
"""C7: what the service finds out of real agents behind each kind of NAT. Nothing is told to it."""
import contextlib
import json
import os
import re
import time

import pytest
from natlab import cells

KINDS = {"public": "open", "fwstate": "open", "fwsrv": "walled", "cone": "eim", "addr": "eim", "port": "eim", "shift": "eim",
	"sym": "changed", "leaky": "leaky", "split": "eim", "cgn:port+sym": "changed", "cgn:cone+port": "eim", "cgn:fwsrv+port": "walled"}
# Agents that do not do as they are asked: never more than is sure.
MANNERS = {"public~404": "open", "port~405": "eim", "sym~501": "changed", "public~mute": "unknown", "port~mute": "unknown",
	"port~nomaddr": "unknown", "public~noport": "unknown", "port~flow": "unknown", "sym~nomaddr": "changed"}
FOUND_S = 20  # after the registration; it takes one to three


class Agents:
	"""Agents behind a NAT each, which register and stay."""

	def __init__(self, lab, stack):
		self.world, self.service = lab.sides[0]
		self.folder, self.stack = lab.folder, stack

	def register(self, kind, stun=False, index=0):
		"""Its number, and itself."""
		number, = self.service.numbers(1)
		host, = self.world.site(self.stack, kind, (index,))
		agent = cells.started(self.stack, self.service, kind, stun, number, host, os.path.join(self.folder, f"agent-{number}"))
		agent.wait_registered()
		return number, agent

	def rows(self, number):
		return self.service.sql("SELECT class, checked_at, address FROM aeta_nat_class WHERE checked_at IS NOT NULL "
			f"AND account = '{number}'")

	def found(self, number, since=None):
		"""Its class in the database, once the agent has been asked (again since a time in the database); None: never."""
		end = time.monotonic() + FOUND_S
		while time.monotonic() < end:
			rows = self.rows(number)
			if rows and (since is None or rows[0][1] > since):
				return rows[0][0]
			time.sleep(0.05)
		return None

	def counter(self, name):
		return self.service.rpc("aeta.stats")[name]

	def until(self, what, test):
		end = time.monotonic() + FOUND_S
		while not test():
			assert time.monotonic() < end, what
			time.sleep(0.05)


@pytest.fixture
def agents(asking_lab):
	with contextlib.ExitStack() as stack:
		yield Agents(asking_lab, stack)


def found_behind(agents, kinds):
	registered = {kind: agents.register(kind, stun=kind in ("cone", "sym"))[0] for kind in kinds}
	return {kind: agents.found(number) for kind, number in registered.items()}


def test_every_kind_is_found_out(agents):
	assert found_behind(agents, KINDS) == KINDS


def test_agents_with_manners_of_their_own(agents):
	assert found_behind(agents, MANNERS) == MANNERS


def test_asking_again_finds_the_same(agents):
	"""What was sent before leaves nothing behind that would mislead, least of all where a NAT minds who sends first."""
	names = ("port", "leaky", "fwstate", "addr")
	numbers = {kind: agents.register(kind)[0] for kind in names}
	for number in numbers.values():
		agents.found(number)
	for _ in range(2):
		probed = agents.counter("nat_probed")
		for number in numbers.values():
			agents.service.ctl("nat", "ask", number)
		agents.until("all to be asked", lambda before=probed: agents.counter("nat_probed") >= before + len(numbers))
	assert {kind: agents.found(number) for kind, number in numbers.items()} == {kind: KINDS[kind] for kind in names}


def test_it_is_said_in_words(agents):
	number, _ = agents.register("sym")
	agents.found(number)
	said = json.loads(agents.service.ctl("--json", "nat", number))
	assert re.fullmatch(r"registered from 203\.0\.113\.\d+: behind a symmetric NAT \(mobile network\); its calls are relayed; STUN may stay on",
		said["now"])


def test_nobody_is_asked_during_a_call(agents):
	(one, caller), (other, _) = agents.register("public"), agents.register("port", index=1)
	assert (agents.found(one), agents.found(other)) == ("open", "eim")
	call = caller.dial(other)
	call.wait_established()
	asked, sent = agents.rows(other), agents.counter("nat_probes_sent")
	held = agents.counter("nat_in_call")
	for number in (one, other):
		agents.service.ctl("nat", "ask", number)
	agents.until("both to be found in a call", lambda: agents.counter("nat_in_call") == held + 2)
	assert agents.counter("nat_probes_sent") == sent and agents.rows(other) == asked
	caller.command("hangup")
	call.wait_closed()
	agents.until("the end of the call", lambda: _asked(agents, other))
	agents.until("it to be asked", lambda: agents.counter("nat_probes_sent") > sent)


def _asked(agents, number):
	"""Asks; true if it was not in a call any more."""
	held, probed = agents.counter("nat_in_call"), agents.counter("nat_probed")
	agents.service.ctl("nat", "ask", number)
	agents.until("an outcome", lambda: agents.counter("nat_in_call") > held or agents.counter("nat_probed") > probed)
	return agents.counter("nat_probed") > probed
