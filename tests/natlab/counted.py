# SPDX-License-Identifier: GPL-2.0-or-later
"""Is a relayed call counted to the packet, by both agents' machines and by the relay, while it takes the way that it should?

Packets are under way all the time, so the agents are stopped (SIGSTOP) where it is counted, until nothing moves any more."""

import contextlib
import os
import signal
import time

ENOUGH = 60  # packets each way between the two looks
SETTLE_S = 0.3  # what is under way arrives, on a busy machine, too
PATIENCE_S = 20


class CountError(Exception):
	"""The text says what differs, or what did not come."""


def _host(host):
	"""(sent to the server, come from it), whichever ports."""
	count = host.net.counters()
	return count["to_server"], count["from_server"]


def _leg(tag):
	"""(come from the party, sent to it), RTP and RTCP, what was refused included; and did the kernel forward its last packet?"""
	streams = [stream for media in tag["medias"] for stream in media["streams"]]
	came = sum(s["stats"]["packets"] + sum(s.get("quality", {}).get("refused", {}).values()) for s in streams)
	last = streams[0].get("last kernel packet", 0)
	return (came, sum(s["stats_out"]["packets"] for s in streams)), bool(last) and last == streams[0]["last packet"]


def _look(service, callid, hosts):
	"""Of each machine, and of each leg; and how many legs take the kernel's way."""
	legs = [_leg(tag) for tag in service.relayed(callid)["tags"].values()]
	return [_host(h) for h in hosts], [counts for counts, _ in legs], sum(by_kernel for _, by_kernel in legs)


@contextlib.contextmanager
def _quiet(agents):
	for agent in agents:
		os.kill(agent.process.pid, signal.SIGSTOP)
	try:
		yield
	finally:
		for agent in agents:
			os.kill(agent.process.pid, signal.SIGCONT)


def _settled(service, callid, hosts, agents):
	"""_look(), once nothing moves any more."""
	with _quiet(agents):
		end, before = time.monotonic() + PATIENCE_S, None
		while time.monotonic() < end:
			now = _look(service, callid, hosts)
			if now == before:
				return now
			before = now
			time.sleep(SETTLE_S)
	raise CountError("packets go on coming while both agents are stopped")


def _wait(condition, what):
	end = time.monotonic() + PATIENCE_S
	while not condition():
		if time.monotonic() > end:
			raise CountError(f"{what} did not come in {PATIENCE_S} s")
		time.sleep(0.1)


def _grown(before, after):
	return sorted(tuple(b - a for a, b in zip(*pair)) for pair in zip(before, after))


def check(service, callid, hosts, agents, kernel):
	"""Raises a CountError. kernel: does the kernel forward the call, or the relay by itself? Returns packets counted."""
	if kernel:
		_wait(lambda: _look(service, callid, hosts)[2] == 2, "the kernel's first packet each way")
	before = _settled(service, callid, hosts, agents)
	_wait(lambda: all(now[0] - was[0] >= ENOUGH for was, now in zip(before[0], _look(service, callid, hosts)[0])), f"{ENOUGH} packets")
	after = _settled(service, callid, hosts, agents)
	machines, legs = (_grown(was, now) for was, now in zip(before[:2], after))
	if machines != legs:
		raise CountError(f"the agents' machines have counted {machines} packets out and in, the relay {legs} in and out")
	if after[2] != (2 if kernel else 0):
		raise CountError(f"the kernel forwards {after[2]} of the two streams")
	return sum(sent for sent, _ in machines)
