# SPDX-License-Identifier: GPL-2.0-or-later
"""Agents that register once and live through all their calls, as those of a service do: what it learns of one stays true.

Each kind, with STUN and without, has a caller and a callee, each with a number and a site of its own; what has both agents of a
call behind it is one site with all of its callers and callees."""

import collections
import concurrent.futures
import contextlib
import os
import shutil

from natlab import cells, kinds

AT_ONCE = 4  # agents that are started, or stopped, side by side
END_S = 10  # for the end of a call that has failed


def names(cell):
	"""The two residents that a cell needs: each (side: 0 caller, 1 callee; kind; does it use STUN?)."""
	return tuple((side, cell[side], cell.stun[side]) for side in (0, 1))


class Town:
	"""The residents that some cells need, in one world with one service. Any number of threads may call, each for agents of its own."""

	def __init__(self, world, service, folder, wanted):
		self.world, self.service, self.folder = world, service, folder
		self.names = list(dict.fromkeys(name for cell in wanted for name in names(cell)))
		self.numbers, self.hosts, self.agents, self.classes = {}, {}, {}, {}
		self.stack = contextlib.ExitStack()

	def __enter__(self):
		with contextlib.ExitStack() as stack:
			self.numbers = dict(zip(self.names, self.service.numbers(len(self.names))))
			for name in self.names:
				if name not in self.hosts:
					self._house(stack, name)
			# an agent dies with the thread that started it: so the pool stays until the end
			pool = stack.enter_context(concurrent.futures.ThreadPoolExecutor(AT_ONCE))
			lives = {name: stack.enter_context(contextlib.ExitStack()) for name in self.names}
			stack.callback(lambda: list(pool.map(contextlib.ExitStack.close, lives.values())))
			self.agents = dict(zip(self.names, pool.map(lambda name: self._start(lives[name], name), self.names)))
			for agent in self.agents.values():
				agent.wait_registered()
			classes = self.service.settle(list(self.numbers.values()))
			self.classes = {name: classes.get(number, "not asked") for name, number in self.numbers.items()} if classes else {}
			self.stack = stack.pop_all()
		return self

	def __exit__(self, *_):
		self.stack.close()

	def classes_of_kinds(self):
		"""{kind: {class: agents}}, of what the service has found out by itself; both sides, with STUN and without."""
		kinds_of = {}
		for (_, kind, _), found in self.classes.items():
			kinds_of.setdefault(kind, collections.Counter())[found] += 1
		return kinds_of

	def _house(self, stack, name):
		"""A site for it; where both agents of a call are behind one, for all of its kind."""
		side, kind, _ = name
		together = [other for other in self.names if other[1] == kind] if kinds.is_shared(kind) else [name]
		indices = [other[0] + 2 * other[2] for other in together] if kinds.is_shared(kind) else [side]
		self.hosts.update(zip(together, self.world.site(stack, kind, indices)))

	def _start(self, life, name):
		_, kind, stun = name
		number = self.numbers[name]
		return cells.started(life, self.service, kind, stun, number, self.hosts[name], str(self.folder / number))

	def call(self, cell, keep=None, during=None):
		"""The row of the cell. keep: a folder where what the two wrote is put. during: as of cells.converse()."""
		agents, hosts = [self.agents[name] for name in names(cell)], [self.hosts[name] for name in names(cell)]
		try:
			row = cells.attempt(cell, lambda row: self._once(cell, agents, hosts, row, during))
		finally:
			if keep:
				_copy(agents, keep)
		return row

	def _once(self, cell, agents, hosts, row, during):
		try:
			cells.converse(self.service, cell, agents, hosts, row, during=during)
		except cells.AgentError:
			for agent in agents:
				agent.command("hangup")
				agent.wait(lambda agent=agent: not agent.in_call(), END_S, "the end of a call that failed")
			raise


def _copy(agents, folder):
	for agent, side in zip(agents, cells.SIDES):
		shutil.copytree(agent.folder, os.path.join(folder, side), dirs_exist_ok=True)
