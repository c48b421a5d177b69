# SPDX-License-Identifier: GPL-2.0-or-later
"""Many calls at once, both parties of each sending 50 packets a second; how many arrive."""
import threading
import time

from relay import Call, Party, wait_until

INTERVAL = 0.02


class Crowd:
	"""`count` calls through a relay between two addresses of another host, talking until closed."""

	def __init__(self, relay, host, addresses, count):
		self.calls = [Call(relay.ng, *(host.inside(Party, address) for address in addresses)) for _ in range(count)]
		self.hears = {}
		for call in self.calls:
			self.hears[call.caller], self.hears[call.callee] = call.callee, call.caller
		self.sent, self.heard, self.over = dict.fromkeys(self.hears, 0), {party: set() for party in self.hears}, threading.Event()
		for party in self.hears:
			party.socket.setblocking(False)
		self.thread = threading.Thread(target=self._work)
		self.thread.start()

	def _take(self):
		for party, heard in self.heard.items():
			try:
				while True:
					heard.add(party.socket.recv(2000)[:4])
			except BlockingIOError:
				pass

	def _work(self):
		at = time.monotonic()
		while not self.over.is_set():
			for party in self.sent:
				party.put()
				self.sent[party] += 1
			self._take()
			at = max(at + INTERVAL, time.monotonic() - INTERVAL)
			time.sleep(max(0, at - time.monotonic()))

	def end(self):
		"""What is under way is waited for. Gives how many packets were sent, and how many of them were not heard."""
		self.over.set()
		self.thread.join()
		end = time.monotonic() + 2
		while self._lost() and time.monotonic() < end:
			self._take()
			time.sleep(0.05)
		return sum(self.sent.values()), self._lost()

	def _lost(self):
		return sum(sent - len(self.heard[self.hears[party]]) for party, sent in self.sent.items())

	def all_in_the_kernel(self, relay):
		wait_until(lambda: relay.metrics()["offload_flows"] == len(self.sent), 30, "all streams in the kernel")

	def close(self):
		self.over.set()
		self.thread.join()
		for party in self.sent:
			party.close()
