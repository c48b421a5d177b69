# SPDX-License-Identifier: GPL-2.0-or-later
"""Floods and leaks: what strangers send beyond what can be read, and what is left after many calls."""
import multiprocessing
import os
import socket
import time

import pytest
from conftest import FAR
from cycles import Cycles
from relay import rtp, wait_until

CALLS = 30
NICE = 10  # beside a flood on its processor the relay has a tenth of it, so the flood is ten times what it can forward


def spray(source, ports, enough, sent):
	"""Valid RTP to every port, as fast as one processor sends it, until it is enough."""
	os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
	packet, n = rtp(1, 0xbad, b"\0" * 160), 0
	with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
		link.bind((source, 0))
		while not enough.is_set():
			for port in ports:
				link.sendto(packet, port)
			n += len(ports)
	sent.put(n)


def delivered(calls, rounds, seconds, patience=5):
	"""Each call sends a packet both ways, `rounds` times spread over that time; how many of them arrived unchanged, of how many. What
	has not come within `patience` seconds, all together, is lost."""
	sent, got = {}, 0
	for i in range(rounds):
		due = time.monotonic() + seconds / rounds
		for one in calls:
			for side, other in ((one.caller, one.callee), (one.callee, one.caller)):
				sent.setdefault(other, []).append(side.put())
		time.sleep(max(0, due - time.monotonic()))
	end = time.monotonic() + patience
	for party, packets in sent.items():
		heard = set()
		try:
			while True:  # to the end of the queue: nothing else may stand in it
				party.socket.settimeout(max(0.001, end - time.monotonic()) if len(heard) < len(packets) else 0.001)
				heard.add(party.socket.recv(65536))
		except TimeoutError:
			pass
		party.socket.settimeout(5)
		assert heard <= set(packets), "something was injected"
		got += len(heard)
	return got, sum(map(len, sent.values()))


@pytest.mark.parametrize("locked", [True, False])
def test_a_flood_stops_no_call(start, call, locked):
	"""A third host sprays every open port. Requests are answered meanwhile, calls that are locked go on, nothing is injected, and a
	second later everything arrives again."""
	relay = start()
	os.sched_setaffinity(relay.pid, {min(os.sched_getaffinity(0))})
	os.setpriority(os.PRIO_PROCESS, relay.pid, NICE)
	calls = [call(relay.ng) for _ in range(CALLS)]
	if locked:
		for one in calls:
			one.both_ways()
	ports = [side.relay for one in calls for side in (one.caller, one.callee)]
	sent, enough, waited = multiprocessing.Queue(), multiprocessing.Event(), []
	before = relay.metrics()
	flood = multiprocessing.Process(target=spray, args=(FAR, ports, enough, sent))
	flood.start()
	end, share = time.monotonic() + 2, 1.0
	try:
		if locked:
			wait_until(lambda: relay.metrics()["guards_total"] > before["guards_total"], 5, "a guard")
			got, wanted = delivered(calls, 20, 0.8, 0.2)
			share = got / wanted
		while time.monotonic() < end or len(waited) < 20:
			begun = time.monotonic()
			assert relay.ng.ping()
			waited.append(time.monotonic() - begun)
			time.sleep(0.02)
	finally:
		enough.set()
		count = sent.get()
		flood.join()
	assert max(waited) < 1, f"a request waited {max(waited):.2f} s"
	assert share > 0.95, f"{share:.0%} of the calls' own packets came through"
	time.sleep(1)
	if not locked:
		for one in calls:
			one.both_ways(1)
	got, wanted = delivered(calls, 50, 1)
	assert got == wanted
	name = 'refused_packets_total{reason="source"}'
	wait_until(lambda: not locked or relay.metrics()[name] - before[name] > count * 0.2, 10, "the count of what was refused")
	for one in calls:
		one.delete()
	assert relay.metrics()["sockets"] == 0


def test_five_thousand_calls_leave_nothing(start):
	relay = start("--port-min=30000", "--port-max=39999", "--log-level=5")
	cycles = Cycles(relay)
	cycles.run(1000)
	before = cycles.state()
	cycles.run(5000)
	cycles.returned(before, slack_kib=600)
