# SPDX-License-Identifier: GPL-2.0-or-later
"""The fuzzer of the whole configuration, for a short time; ./dev soak fuzz-udp is the long one."""
import json
import pathlib
import subprocess

import pytest

FUZZ = pathlib.Path(__file__).with_name("fuzz.py")


@pytest.mark.parametrize("transport, seconds, sent, through, routed", [("udp", 12, 2000, 200, 100), ("tcp", 6, 300, 30, 10)])
def test_fuzz(transport, seconds, sent, through, routed):
	"""Nothing dies, nothing is found by the sanitizers, nothing is left; and it got somewhere: past the door, to the callee.
	A fixed sample; ./dev soak takes a new seed each time."""
	seed = "20261122"
	done = subprocess.run([FUZZ, "--json", "--seed", seed, "--transport", transport, "--seconds", str(seconds)],
		capture_output=True, text=True, timeout=600)
	assert done.returncode == 0, done.stderr[-6000:]
	rows = {row["metric"]: row["value"] for row in json.loads(done.stdout)["rows"]}
	print(rows)
	assert rows["sent"] >= sent and rows["through"] >= through and rows["routed"] >= routed
