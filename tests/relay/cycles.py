# SPDX-License-Identifier: GPL-2.0-or-later
"""Many calls, one after the other, and what they leave: shared by the test and the soak."""
from ng import NgTcp, decode_front, encode, sdp
from relay import wait_until


class Cycles:
	"""Offer, answer, delete, as requests without a cookie over TCP: of those no reply is kept, so that what stays is the calls' own."""

	def __init__(self, relay):
		self.relay, self.tcp, self.number = relay, NgTcp(relay.TCP, wait=30), 0
		self.caller, self.callee = sdp(port=6000), sdp(port=7000)

	def _plain(self, request):
		self.tcp.send(encode(request))
		buffer = b""
		while True:
			buffer += self.tcp.socket.recv(65536)
			found = decode_front(buffer)
			if found:
				assert found[0]["result"] == "ok", found[0]
				return

	def run(self, count):
		for _ in range(count):
			self.number += 1
			who = {"call-id": f"cycle-{self.number}", "from-tag": "a"}
			self._plain({"command": "offer", **who, "sdp": self.caller})
			self._plain({"command": "answer", **who, "to-tag": "b", "sdp": self.callee})
			self._plain({"command": "delete", **who, "delete delay": 0, "flags": ["fast"]})

	def state(self):
		counts = self.relay.metrics()
		return {"calls": counts["calls"], "sockets": counts["sockets"], "ports_used": counts["ports_used"], "ports_free": counts["ports_free"],
			"descriptors": self.relay.descriptors()}, self.relay.rss_kib()

	def returned(self, before, slack_kib):
		wait_until(lambda: self.state()[0] == before[0], 10, f"{before[0]} instead of {self.state()[0]}")
		grown = self.state()[1] - before[1]
		assert grown <= slack_kib, f"{grown} KiB more after {self.number} calls"
		return grown
