# SPDX-License-Identifier: GPL-2.0-or-later
"""Every measurement still runs and prints what ./dev bench promises. With little work (its file `smoke` holds the options),
so the numbers themselves say nothing here."""
import json
import math
import pathlib
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
RUNS = sorted(HERE.glob("*/run"))


@pytest.mark.parametrize("run", RUNS, ids=[r.parent.name for r in RUNS])
def test_measurement_runs(run):
	smoke = run.with_name("smoke")
	options = smoke.read_text().split() if smoke.exists() else []
	alone = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]  # its ports may be taken outside
	done = subprocess.run([*alone, str(run), "--json", *options], capture_output=True, text=True, timeout=600)
	assert done.returncode == 0, done.stderr
	result = json.loads(done.stdout)
	assert result["rows"]
	for row in result["rows"]:
		assert {"case", "metric", "value", "unit"} <= row.keys() and math.isfinite(row["value"])
	for ratio in result["ratios"]:
		assert {"name", "value", "goal"} <= ratio.keys() and math.isfinite(ratio["value"])
