# SPDX-License-Identifier: GPL-2.0-or-later
"""./dev matrix and ./dev call --nat, as people and programs use them."""
import json
import subprocess

import pytest
from natlab import matrix
from natlab.service import ROOT

FIGURES = {"cells", "heard", "relayed", "wrong_direct", "needless_relay"}
ROW = {"caller", "callee", "stun", "path", "caller_hears", "callee_hears"}


def dev(*arguments, check=0):
	run = subprocess.run([ROOT / "dev", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
	assert run.returncode == check, run.stdout + run.stderr
	return run


def test_matrix_as_json():
	run = dev("matrix", "--no-build", "--kinds", "public,cone", "--stun", "on/on", "--json")
	result = json.loads(run.stdout)
	assert FIGURES < set(result) and result["cells"] == result["heard"] == len(result["rows"]) == 4
	pairs = [(row["caller"], row["callee"]) for row in result["rows"]]
	assert pairs == [("public", "public"), ("public", "cone"), ("cone", "public"), ("cone", "cone")]
	assert all(ROW < set(row) and row["stun"] == "on/on" for row in result["rows"])
	assert result["relayed"] == sum(row["path"] == "relayed" for row in result["rows"])


def test_matrix_for_people_beside_debians():
	run = dev("matrix", "--no-build", "--kinds", "public", "--stun", "off/off", "--stock")
	line, = (line for line in run.stdout.splitlines() if line.startswith("public"))
	assert line.split()[:6] == ["public", "public", "off/off", "direct", "hears", "hears"]
	assert line.split("|")[1].split() == ["direct", "hears", "hears"]
	assert "heard                 1  100 %      1  100 %" in run.stdout


@pytest.mark.parametrize("arguments", [("--kinds", "tunnel"), ("--kinds", "cgn:port"), ("--kinds", "lan:public"), ("--stun", "on"),
	("--workers", "0"), ("--colour",)])
def test_matrix_usage(arguments):
	assert arguments[-1] in dev("matrix", "--no-build", *arguments, check=2).stderr


def test_plan():
	"""Ordered pairs, each with every combination; what has both agents behind it, with itself only."""
	cells = matrix.plan(["public", "port", "lan:port"], ["off/off", "on/off"])
	assert len(cells) == len(set(cells)) == (4 + 1) * 2
	assert {cell[:2] for cell in cells if "lan:port" in cell} == {("lan:port", "lan:port")}


def test_call_behind_nats():
	result = json.loads(dev("call", "45675001", "5002", "--nat", "shift/cone", "--stun", "on,on", "--json").stdout)
	assert (result["code"], result["caller_hears"], result["callee_hears"]) == (200, True, True)


@pytest.mark.parametrize("arguments, words", [(("--nat", "cone"), "KIND/KIND"), (("--nat", "lan:cone/port"), "lan:cone/port"),
	(("--stun", "on,on"), "--nat"), (("--nat", "port/port", "--stun", "1"), "on,off")])
def test_call_usage(arguments, words):
	assert words in dev("call", "45675001", "5002", *arguments, check=2).stderr
