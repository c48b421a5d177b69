# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes that a test has started: that they end with it, and that they stand still when it says so."""
import ctypes
import os
import pathlib
import signal
import time


def die_with_parent():
	"""So that a killed test run leaves no server behind (PR_SET_PDEATHSIG)."""
	ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def freeze(process):
	"""Stops all its threads before it returns: on a busy machine a thread would go on for a while after the signal."""
	process.send_signal(signal.SIGSTOP)
	os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)


def thaw(process):
	process.send_signal(signal.SIGCONT)


def group(leader):
	"""The processes whose group is led by the process `leader`: each one's number and state ("S": it sleeps)."""
	found = {}
	for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
		try:
			state, _, in_group = stat.read_text().rsplit(")", 1)[1].split()[:3]
		except OSError:
			continue
		if int(in_group) == leader:
			found[int(stat.parent.name)] = state
	return found


def end_kamailio(process, seconds=10):
	"""SIGTERM, as soon as its first process only waits for signals any more and the others for their work; `seconds` at most.

	A process that Kamailio has just forked takes SIGTERM for one to the first process, and forgets it: Kamailio waits for it then,
	for a minute, and when it is killed meanwhile, the forgotten one goes on answering at the ports of the next."""
	end = time.monotonic() + seconds
	while not _kamailio_has_started(process.pid) and time.monotonic() < end:
		time.sleep(0.02)
	process.terminate()


def _kamailio_has_started(pid):
	try:
		waits_in = pathlib.Path(f"/proc/{pid}/wchan").read_text()
	except OSError:
		return True
	return "pause" in waits_in and all(state == "S" for state in group(pid).values())


def kill_group(process):
	"""It and all that it has forked."""
	for pid in group(process.pid):
		try:
			os.kill(pid, signal.SIGKILL)
		except ProcessLookupError:
			pass
	process.wait()
