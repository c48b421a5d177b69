# SPDX-License-Identifier: GPL-2.0-or-later
"""One call between two agents behind NATs, and what came of it. residents.py has agents that stay for the next one."""

import contextlib
import os
import re
import shutil
import sys
import time
import uuid
from typing import NamedTuple

from natlab import counted, kinds, manners
from natlab.service import ROOT
from natlab.world import SERVER

sys.path.insert(0, str(ROOT / "tests" / "net"))
from agents import Agent, AgentError  # noqa: E402
from tones import CALLEE_HZ, CALLER_HZ, Listener  # noqa: E402

ANSWER_S = 20
LISTEN_S = 5  # a call that is silent for so long is silent
LEARN_S = 9  # where the relay has to wait first, to be sure whom it hears (split)
LOOK_S = 0.2
SIDES = ("caller", "callee")
# A clock that is stepped makes a challenge look old, and the agent does not answer a second one: tried once again.
CHALLENGED_TWICE = re.compile(r"\b40[17]\b")


class Cell(NamedTuple):
	"""stun: does the caller use it, does the callee?"""

	caller: str
	callee: str
	stun: tuple

	def __str__(self):
		return f"{self.caller}/{self.callee} {stun_text(self.stun)}"


def stun_text(stun):
	return "/".join("on" if s else "off" for s in stun)


def run(world, service, cell, line, folder, keep=False, by=None):
	"""Makes the call with two agents of its own and returns its row. line: the two numbers to use. by: see converse(). What the agents wrote
	is in `folder` until the next call, with `keep` for good."""
	def once(row):
		shutil.rmtree(folder, ignore_errors=True)
		with world.pair(cell.caller, cell.callee) as hosts, contextlib.ExitStack() as stack:
			agents = [started(stack, service, cell[i], cell.stun[i], line[i], hosts[i], os.path.join(folder, SIDES[i])) for i in (0, 1)]
			converse(service, cell, agents, hosts, row, by)
	row = attempt(cell, once)
	if not keep:
		shutil.rmtree(folder, ignore_errors=True)
	return row


def attempt(cell, once):
	"""The row of what once(row) does; it is tried twice where a clock was stepped."""
	for last in (False, True):
		row = _row(cell)
		try:
			once(row)
		except (AgentError, counted.CountError) as error:
			row["error"] = str(error)
		if last or not CHALLENGED_TWICE.search(row["error"] or ""):
			return judged(row)


def _row(cell):
	return {"caller": cell.caller, "callee": cell.callee, "stun": stun_text(cell.stun), "path": None, "caller_hears": False,
		"callee_hears": False, "direct_works": kinds.direct_works(*cell), "path_reason": None, "recorded_path": None,
		"setup_ms": None, "counted": None, "error": None}


def judged(row):
	"""Adds what is wrong with it, if anything; in the order of gravity."""
	heard = row["caller_hears"] and row["callee_hears"]
	relayed = row["path"] == "relayed"
	row["heard"] = heard
	row["fault"] = ("no call" if row["error"] else
		"relayed, and silent" if relayed and not heard else
		"wrong direct" if not relayed and not row["direct_works"] else
		"direct, and silent" if not heard else
		f"record says {row['recorded_path']}" if row["recorded_path"] != row["path"] else
		"needless relay" if relayed and row["direct_works"] else None)
	return row


def started(stack, service, kind, stun, number, host, folder):
	"""An agent behind `kind`, until the stack is closed. A number is the same device in all its calls."""
	caller = host.index % 2 == 0
	stack.enter_context(manners.minded(host, kinds.manner(kind)))
	agent = Agent(number, service.password(number), folder, SERVER, host.address, tone=CALLER_HZ if caller else CALLEE_HZ[0],
		answer=not caller, instance=str(uuid.uuid5(uuid.NAMESPACE_OID, number)), stun=SERVER if stun else None, sip_port=host.sip_port,
		rtp_ports=host.rtp_ports)
	with host.net.inside():
		agent.start()
	stack.callback(agent.stop)
	return agent


def converse(service, cell, agents, hosts, row, by=None, during=None):
	"""The call, from dialling to the end, as long as it takes to know who hears whom. by: "kernel" or "user", who is to forward it where
	it is relayed, which is counted to the packet then (counted.py). during: what to do then, while it is up; it is given the two ears."""
	for agent, host in zip(agents, hosts):
		agent.wait_registered()
		agent.forget_recordings()
		host.forget_media()
	call = agents[0].dial(agents[1].number)
	if not call.wait_answered_or_closed(ANSWER_S):
		raise AgentError(f"the call was refused: {call.closed}")
	row["setup_ms"] = call.setup_ms
	ears = _listen(agents, call, row, LEARN_S if "split" in cell else LISTEN_S)
	row["path"] = _path(hosts)
	if by and row["path"] == "relayed" and call.closed is None:
		row["counted"] = counted.check(service, call.callid, hosts, agents, by == "kernel")
	if during and call.closed is None:
		during(ears)
	if call.closed is None:
		agents[0].command("hangup")
		agents[1].wait(lambda: not agents[1].in_call(), 10, "the end of the call")
	else:
		row["error"] = f"the call ended by itself: {call.closed}"
	# before the agents leave: a BYE that nobody answers would hold back the record
	row["recorded_path"], row["path_reason"] = service.record(call.callid) if service.records else (row["path"], None)


def _listen(agents, call, row, seconds):
	"""Until both have heard each other, or the time is over, or the call has ended. Returns their ears, None for one to whom nothing came."""
	ears = [None, None]
	wanted = (("caller_hears", CALLEE_HZ[0]), ("callee_hears", CALLER_HZ))
	end = time.monotonic() + seconds
	while time.monotonic() < end and call.closed is None and not all(row[key] for key, _ in wanted):
		time.sleep(LOOK_S)
		for i, (key, hz) in enumerate(wanted):
			ears[i] = ears[i] or (agents[i].recording() and Listener(agents[i].recording()))
			row[key] = row[key] or bool(ears[i]) and ears[i].look().tone(hz)
	return ears


def _path(hosts):
	"""What the media themselves say: the counters on the two machines."""
	paths = {host.media_path() for host in hosts}
	return paths.pop() if len(paths) == 1 else "mixed"
