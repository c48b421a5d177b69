# SPDX-License-Identifier: GPL-2.0-or-later
"""Network namespaces without names: one lives for as long as this process holds it open or a program runs in it. So there
is nothing to clear up after a kill -9, and no two runs can be in each other's way.

To look into one while a test runs: nsenter -n -t PID, PID being that of a program in it (an agent, Kamailio)."""

import contextlib
import ctypes
import os
import subprocess

from bpffs import own_bpffs

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


class NetError(Exception):
	"""A namespace, link or rule could not be made; the text says which."""


def _check(result, what):
	if result != 0:
		error = ctypes.get_errno()
		raise NetError(f"{what}: {os.strerror(error)}")


def _own():
	"""The namespace of this thread (each thread has its own idea of it)."""
	return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


class Net:
	"""A namespace with its loopback up. forward: it routes between its links."""

	def __init__(self, name, forward=False):
		own_bpffs()
		self.name = name
		before = _own()
		try:
			_check(libc.unshare(CLONE_NEWNET), "a network namespace needs root")
			self.fd = _own()
			self._settle(forward)
		finally:
			_check(libc.setns(before, CLONE_NEWNET), "back to the namespace before")
			os.close(before)

	@staticmethod
	def _settle(forward):
		for name, value in (("ip_forward", forward), ("conf/all/rp_filter", 0), ("conf/default/rp_filter", 0)):
			with open(f"/proc/sys/net/ipv4/{name}", "w", encoding="ascii") as setting:
				setting.write(str(int(value)))
		with contextlib.suppress(OSError):  # no IPv6 in the lab: no neighbour discovery that keeps the machine busy
			with open("/proc/sys/net/ipv6/conf/default/disable_ipv6", "w", encoding="ascii") as setting:
				setting.write("1")
		_run(["ip", "link", "set", "lo", "up"])

	@contextlib.contextmanager
	def inside(self):
		"""This thread, and the programs that it starts, are in the namespace; sockets opened here stay there.
		(A program that is to die with its parent dies with this thread.)"""
		before = _own()
		_check(libc.setns(self.fd, CLONE_NEWNET), f"into namespace {self.name}")
		try:
			yield self
		finally:
			_check(libc.setns(before, CLONE_NEWNET), "back to the namespace before")
			os.close(before)

	def path(self):
		"""A name of the namespace for other programs."""
		return f"/proc/{os.getpid()}/fd/{self.fd}"

	def ip(self, *lines):
		"""Several commands of ip, in one go."""
		with self.inside():
			_run(["ip", "-batch", "-"], "\n".join(lines) + "\n")

	def nft(self, text):
		with self.inside():
			_run(["nft", "-f", "-"], text)

	def counters(self):
		"""Packets of each named counter of nftables."""
		with self.inside():
			listing = _run(["nft", "list", "counters"]).split()
		return {listing[i + 1]: int(listing[i + 4]) for i, word in enumerate(listing) if word == "counter"}

	def close(self):
		if self.fd is not None:
			os.close(self.fd)
		self.fd = None


def _run(command, text=None):
	done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
	if done.returncode:
		raise NetError(f"{' '.join(command)}: {done.stderr.strip()}\n{text or ''}")
	return done.stdout


def veth(left, left_name, right, right_name):
	"""A cable between two namespaces; both ends are up."""
	left.ip(f"link add {left_name} type veth peer name {right_name} netns {right.path()}", f"link set {left_name} up")
	right.ip(f"link set {right_name} up")
