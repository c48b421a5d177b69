# SPDX-License-Identifier: GPL-2.0-or-later
"""A file system of the test process's own for what its relays leave in the kernel (relay/kernel/flow_pins.h): it goes with the last of
its programs, however the run ends, and so do the tables and programs that have names in it."""
import contextlib
import ctypes
import os

CLONE_NEWNS = 0x20000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
PLACE = b"/sys/fs/bpf"
libc = ctypes.CDLL(None, use_errno=True)
_made = []


def _check(result, what):
	if result != 0:
		error = ctypes.get_errno()
		raise OSError(error, f"{what}: {os.strerror(error)}")


def own_bpffs():
	"""From now on for this thread, those that it starts, and their programs; once is enough."""
	if _made:
		return
	_check(libc.unshare(CLONE_NEWNS), "a mount namespace needs root")
	_made.append(True)
	_check(libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None), "mounts of our own")
	with contextlib.suppress(OSError):  # where there is none, a relay leaves nothing either
		_check(libc.mount(b"bpf", PLACE, b"bpf", 0, b"mode=0700"), "a bpffs of our own")
