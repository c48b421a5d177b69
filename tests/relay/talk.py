# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that the kernel forwards, of parties outside this machine (outside.py), and what can be seen of it from outside."""
import os
import pathlib
import subprocess
import threading
import time

from outside import RELAY
from relay import Call, program, wait_until

PORTS = range(40000, 40016)
OPTIONS = [f"--interface={RELAY}", f"--port-min={PORTS[0]}", f"--port-max={PORTS[-1]}"]
OTHER = "10.77.0.67"
RELAY6, THIRD6, OTHER6 = "fd77::1", "fd77::66", "fd77::67"
BOTH = ["tc", "xdp"]
PATHS = BOTH if os.environ.get("AETA_SOAK") else ["tc"]  # what the program itself does is tested in tests/bpf


def ip(*words):
	subprocess.run(["ip", *words], check=True)


def take_xdp(device):
	"""Any program will do; this one passes all. (A packet that XDP sends into a veth pair arrives only where the other end has one.)"""
	ip("link", "set", "dev", device, "xdp", "obj", program().parent / "kernel/flow.bpf.o", "sec", "xdp")


def filters():
	return subprocess.run(["tc", "filter", "show", "dev", "near", "ingress"], check=True, capture_output=True, text=True).stdout


def kernel_counter(kind, name):
	"""Of this thread's network namespace: kernel_counter("Udp", "InCsumErrors")."""
	lines = pathlib.Path("/proc/thread-self/net/snmp").read_text().splitlines()
	names, values = (line.split() for line in lines if line.startswith(f"{kind}:"))
	return int(dict(zip(names, values))[name])


class Talk:
	"""Both parties send 50 packets a second, until it is ended; what was sent and what was heard, in order."""

	def __init__(self, call):
		self.parties, self.over = (call.caller, call.callee), threading.Event()
		self.sent, self.heard = {p: [] for p in self.parties}, {p: [] for p in self.parties}
		self.thread = threading.Thread(target=self._work)
		self.thread.start()

	def _take(self, party):
		party.socket.setblocking(False)
		try:
			while True:
				self.heard[party].append(party.socket.recvfrom(65536))
		except BlockingIOError:
			pass

	def _work(self):
		while not self.over.is_set():
			for party in self.parties:
				self.sent[party].append(party.put())
			time.sleep(0.02)
			for party in self.parties:
				self._take(party)

	def end(self, patience=5):
		"""What is still under way is waited for; where it was dropped on purpose, patience is 0."""
		self.over.set()
		self.thread.join()
		end = time.monotonic() + patience
		while time.monotonic() < end and any(len(self.heard[a]) < len(self.sent[b]) for a, b in self._ways()):
			for party in self.parties:
				self._take(party)
			time.sleep(0.01)

	def _ways(self):
		return self.parties, self.parties[::-1]

	def check(self):
		for party, other in self._ways():
			assert [packet for packet, _ in self.heard[party]] == self.sent[other]
			assert {source[:2] for _, source in self.heard[party]} == {party.relay}


def flows(relay):
	return relay.metrics()["offload_flows"]


def legs(answer):
	"""Of a query: for each tag its RTP stream."""
	return {tag: one["medias"][0]["streams"][0] for tag, one in answer["tags"].items()}


def talking(relay, pair, **more):
	"""A call that the kernel forwards, both ways."""
	call = Call(relay.ng, *pair, **more)
	talk = Talk(call)
	try:
		wait_until(lambda: flows(relay) == 2, 10, "two flows")
	except BaseException:
		talk.end()
		raise
	return call, talk


def spoken(talk, before, count=50):
	"""So much more is heard on both sides."""
	wait_until(lambda: all(len(talk.heard[party]) >= before[party] + count for party in talk.parties), 20, "speech on both sides")


def count_heard(talk):
	return {party: len(talk.heard[party]) for party in talk.parties}
