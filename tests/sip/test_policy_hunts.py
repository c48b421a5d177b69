# SPDX-License-Identifier: GPL-2.0-or-later
"""Every `hunt` row of tests/policy.tbl, with sipp: the answer, its rule, whom it rang and in which order, the CDR."""
import pytest
import sipp
from agent import Agent
from universe import Universe
from wire import user_of

UNIVERSE = Universe()
TRIES = 28  # members really rung in one hunt, at most (B7)


def seconds(at):
	"""The time of day of a trace, "19:30:26.735126", as a number."""
	hours, minutes, rest = at.split(":")
	return int(hours) * 3600 + int(minutes) * 60 + float(rest)


class Series:
	"""The hunting members of one row, each behaving as the row says; close() puts everything back."""

	def __init__(self, service, folder, row):
		self.service, self.row, self.locked, self.talk = service, row, [], None
		self.prefix = row.dialled[:4] if len(row.dialled) == 8 else row.caller[:4]
		self.members = {self.prefix + place: what for place, what in sorted(row.members.items())}
		self.agents = [self._agents(folder, what) for what in dict.fromkeys(self.members.values())
			if what not in ("absent", "self")]
		self._lock(self._with("locked"))
		self._talk(self._with("in-call"))

	def _with(self, what):
		return [member for member, behaviour in self.members.items() if behaviour == what]

	def _agents(self, folder, what):
		if what.isdigit():
			return sipp.Agents(self.service, folder, self._with(what), "refuse", what)
		scenario = what if what in ("ring", "silent") else "answer"
		return sipp.Agents(self.service, folder, self._with(what), scenario)

	def _lock(self, members):
		self.locked = members
		for member in members:
			self.service.set_account(member, state="locked")

	def _talk(self, members):
		"""Somebody outside calls each of the members, and stays in the call."""
		self.outside = Agent(self.service, "902080") if members else None
		self.talk = [self.outside.call(member) for member in members]
		assert all(call.final().status == 200 for call in self.talk)

	def place(self, folder):
		"""The call of the row; where a member is on the caller's own device, that one is registered from its port."""
		caller, own, more = self.row.caller, self._with("self"), {}
		if own:
			port = 21999
			for number in own:
				assert sipp.register(self.service, folder, number, port=port).code == 200
			more = {"port": port, "serving": "answer"}
		return sipp.call(self.service, folder, caller, self.row.dialled, **more)

	def rung(self, call_id):
		"""The members that the call rang, in the order of time."""
		found = [(m.at, m.number) for agents in self.agents for m in agents.invites(call_id)]
		return [number for _, number in sorted(found)]

	def rings(self, call_id):
		"""How long each member that was cancelled had been ringing, in seconds."""
		for agents in self.agents:
			for first in agents.invites(call_id):
				yield from (seconds(m.at) - seconds(first.at) for m in agents.requests(call_id)
					if m.method == "CANCEL" and user_of(m.uri) == first.number)

	def patience(self):
		"""How long a member may ring here, in seconds."""
		options = UNIVERSE.groups[self.prefix]
		return options.get("no_answer_s") or options.get("hunt_max_s", 150)

	def expected(self):
		"""The members that are to be rung: in order, to the one that ends the hunt."""
		out = []
		waits = UNIVERSE.groups[self.prefix].get("no_answer_s", 0) > 0
		for member, what in self.members.items():
			if what in ("absent", "locked", "self", "in-call"):
				continue
			out.append(member)
			passed_on = self.row.rule == "-" and what == str(self.row.code)
			if what == "answer" or passed_on or (what == "ring" and not waits) or len(out) == TRIES:
				break
		return out

	def close(self):
		for call in self.talk:
			call.request("BYE")
		if self.outside:
			self.outside.close()
		for agents in self.agents:
			agents.stop()
		for member in self.locked:
			self.service.set_account(member, state="active")
		self.service.forget(*self.members)


@pytest.mark.parametrize("row", UNIVERSE.rows["hunt"], ids=lambda row: row.id)
def test_hunt(row, service, folder):
	series = Series(service, folder, row)
	try:
		outcome = series.place(folder)
		if row.code == 200:
			assert outcome.code == 200, outcome.reason
			assert service.cdr(outcome.call_id) == (row.caller, row.dialled, row.final, row.rule)
		else:
			assert (outcome.code, outcome.rule) == (row.code, row.rule), outcome.reason
		assert series.rung(outcome.call_id) == series.expected()
		if row.final:
			assert row.final == series.expected()[-1]
		rings = list(series.rings(outcome.call_id))
		assert len(rings) == list(row.members.values()).count("ring")
		assert all(-0.5 < took - series.patience() < 3 for took in rings), rings
	finally:
		series.close()
