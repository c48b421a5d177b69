# SPDX-License-Identifier: GPL-2.0-or-later
"""A network namespace for the whole test process: the service's ports are free in it, and nothing leaves it.

Unnamed, so it is gone with its last process, however the run ends. Look into it from outside with
`nsenter --net=/proc/PID/ns/net`, PID being that of pytest.
"""
import ctypes
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from bpffs import own_bpffs  # noqa: E402

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def _check(result, what):
	if result != 0:
		error = ctypes.get_errno()
		raise OSError(error, f"{what}: {os.strerror(error)}")


class Namespace:
	"""Enters a new namespace with its loopback up (all of 127.0.0.0/8 and ::1); leave() goes back to the old one."""

	def __init__(self):
		own_bpffs()
		self.before = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
		_check(libc.unshare(CLONE_NEWNET), "a network namespace needs root")
		subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
		# An agent bound to an IPv6 address other than ::1 needs it on the interface.
		subprocess.run(["ip", "-6", "addr", "add", "fd00:11::1/128", "dev", "lo"], check=True)

	def leave(self):
		_check(libc.setns(self.before, CLONE_NEWNET), "back to the namespace before")
		os.close(self.before)
