# SPDX-License-Identifier: GPL-2.0-or-later
"""A third host: a network namespace of its own, joined to the test's by a veth pair. Its sockets are used like any other.

	relay and parties   10.77.0.1, .10, .20 ─ near │ far ─ 10.77.0.66   the third host
"""
import os
import subprocess

from netns import CLONE_NEWNET, _check, libc

RELAY, CALLER, CALLEE, THIRD = "10.77.0.1", "10.77.0.10", "10.77.0.20", "10.77.0.66"


class Outside:
	"""Made in the test's namespace, gone with close() or the process. near, far: the names of the link's two ends."""

	def __init__(self, near="near", far="far", addresses=(RELAY, CALLER, CALLEE), third=THIRD):
		self.near = near
		self.home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
		_check(libc.unshare(CLONE_NEWNET), "a network namespace needs root")
		try:
			self.away = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
		finally:
			_check(libc.setns(self.home, CLONE_NEWNET), "back to the test's namespace")
		self._ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", f"/proc/{os.getpid()}/fd/{self.away}")
		for address in addresses:
			self._ip("addr", "add", f"{address}/24", "dev", near)
		self._ip("link", "set", near, "up")
		if third:
			self.inside(self._ip, "addr", "add", f"{third}/24", "dev", far)
		self.inside(self._ip, "link", "set", far, "up")

	@staticmethod
	def _ip(*words):
		subprocess.run(["ip", *words], check=True)

	def inside(self, work, *arguments, **more):
		"""Calls work(…) over there; sockets that it makes stay there."""
		_check(libc.setns(self.away, CLONE_NEWNET), "into the third host's namespace")
		try:
			return work(*arguments, **more)
		finally:
			_check(libc.setns(self.home, CLONE_NEWNET), "back to the test's namespace")

	def close(self):
		self._ip("link", "del", self.near)
		os.close(self.away)
		os.close(self.home)
