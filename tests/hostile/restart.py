# SPDX-License-Identifier: GPL-2.0-or-later
"""A relay is killed during 50 calls that the kernel forwards, and started again 5 seconds later; beside it, the same without a kill."""
import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from crowd import Crowd
from netns import Namespace
from outside import RELAY, THIRD, Outside
from relay import Call, Party, Relay, program

OTHER, CALLS, GAP_S = "10.77.0.67", 50, 5


def folder_with_bpffs(left):
	"""As a relay's user may enter it; gone with `left`."""
	folder = pathlib.Path(tempfile.mkdtemp(prefix="aeta-restart-"))
	left.callback(shutil.rmtree, folder)
	folder.chmod(0o755)
	(folder / "bpf").mkdir()
	subprocess.run(["mount", "-t", "bpf", "-o", "mode=755", "bpf", folder / "bpf"], check=True)
	left.callback(subprocess.run, ["umount", "-l", folder / "bpf"], check=True)
	return folder


def other_host(left):
	host = Outside()
	left.callback(host.close)
	host.inside(subprocess.run, ["ip", "addr", "add", f"{OTHER}/24", "dev", "far"], check=True)
	# As in tests/relay/test_offload.py: what XDP sends into a veth pair arrives only where the other end has an XDP program, too.
	host.inside(subprocess.run, ["ip", "link", "set", "dev", "far", "xdp", "obj", program().parent / "kernel/flow.bpf.o", "sec", "xdp"], check=True)
	return host


def run(folder, host, path, kill):
	"""Talks for two seconds, the gap, and three seconds more. Packets sent and lost, the last relay's metrics."""
	state = folder / f"state-{path}-{kill}"
	state.mkdir(mode=0o700)
	os.chown(state, 65534, 65534)
	options = [f"--interface={RELAY}", "--port-min=40000", "--port-max=40999", f"--offload={path}", f"--bpf-dir={folder}/bpf/aeta",
		f"--state-dir={state}", "--log-level=5"]
	with contextlib.ExitStack() as left:
		relay = Relay(folder, *options)
		left.callback(lambda: relay.stop(9))  # the one that it is then
		crowd = Crowd(relay, host, (THIRD, OTHER), CALLS)
		left.callback(crowd.close)
		crowd.all_in_the_kernel(relay)
		time.sleep(2)
		if kill:
			relay.stop(9)
		time.sleep(GAP_S)
		if kill:
			relay = Relay(folder, *options)
		time.sleep(3)
		sent, lost = crowd.end()
		metrics = relay.metrics()
		new = Call(relay.ng, *(host.inside(Party, address) for address in (THIRD, OTHER)))
		left.callback(new.caller.close)
		left.callback(new.callee.close)
		new.both_ways(10)
		return sent, lost, metrics


def figures():
	"""Rows for report(), and whether they are as they should be."""
	rows, good = [], True
	with contextlib.ExitStack() as left:
		left.callback(Namespace().leave)
		folder, host = folder_with_bpffs(left), other_host(left)
		for path in ("tc", "xdp"):
			_, noise, _ = run(folder, host, path, False)
			sent, lost, metrics = run(folder, host, path, True)
			known, taken = int(metrics["calls"]), int(metrics["offload_taken_total"])
			rows += [(f"{path}_sent", sent, "packets"), (f"{path}_lost_without_a_kill", noise, "packets"),
				(f"{path}_lost_with_kill_9_and_{GAP_S}_s_without_a_relay", lost, "packets"), (f"{path}_calls_known_again", known, f"of {CALLS}"),
				(f"{path}_streams_taken_over", taken, f"of {2 * CALLS}")]
			good = good and lost <= noise and known == CALLS and taken == 2 * CALLS
	return rows, good
