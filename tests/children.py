# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes that a test has started: that they end with it, and that they stand still when it says so."""
import ctypes
import os
import signal


def die_with_parent():
	"""So that a killed test run leaves no server behind (PR_SET_PDEATHSIG)."""
	ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def freeze(process):
	"""Stops all its threads before it returns: on a busy machine a thread would go on for a while after the signal."""
	process.send_signal(signal.SIGSTOP)
	os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)


def thaw(process):
	process.send_signal(signal.SIGCONT)
