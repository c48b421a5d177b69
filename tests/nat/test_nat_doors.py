# SPDX-License-Identifier: GPL-2.0-or-later
"""./dev matrix and ./dev call --nat, as people and programs use them."""
import json
import subprocess

import pytest
from natlab import grid, kinds, matrix, plans, residents
from natlab.cells import judged
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
	assert "heard                 1 100.0 %      1 100.0 %      1 100.0 %" in run.stdout


def test_matrix_with_agents_that_stay():
	"""Each side has one agent for both its calls; the page has a row for each caller."""
	run = dev("matrix", "--no-build", "--full", "--kinds", "public,sym", "--stun", "off/off")
	assert len([line for line in run.stdout.splitlines() if " hears   hears" in line]) == 4
	assert "\npublic . R\nsym    R R\n" in run.stdout
	assert "relayed               3  75.0 %      3  75.0 %" in run.stdout


@pytest.mark.parametrize("arguments", [("--kinds", "tunnel"), ("--kinds", "cgn:port"), ("--kinds", "lan:public"), ("--stun", "on"),
	("--kinds", "public~rude"), ("--kinds", "cgn:port+fwsrv"), ("--workers", "0"), ("--colour",)])
def test_matrix_usage(arguments):
	assert arguments[-1] in dev("matrix", "--no-build", *arguments, check=2).stderr


def test_plan():
	"""Ordered pairs, each with every combination; what has both agents behind it, with itself only."""
	cells = plans.of_options(["public", "port", "lan:port"], ["off/off", "on/off"])
	assert len(cells) == len(set(cells)) == (4 + 1) * 2
	assert {cell[:2] for cell in cells if "lan:port" in cell} == {("lan:port", "lan:port")}


def test_plan_of_everything():
	"""All 256 pairs, of which 64 can do without a relay; nothing twice; every kind is one that there is, and every manner is met."""
	groups = list(plans.full().values())
	cells = [cell for group in groups for cell in group]
	assert len(groups[0]) == 256 and sum(kinds.direct_works(*cell) for cell in groups[0]) == 64
	assert len(set(cells)) == len(cells) and all(kinds.check_pair(*cell[:2]) for cell in cells)
	assert {kinds.manner(name) for cell in cells for name in cell[:2]} == {"", *kinds.MANNERS}


def test_agent_that_stays_has_one_call_at_a_time():
	cells = plans.of_options(["public", "port"], ["off/off"])
	todo = matrix.Todo(cells, residents.names)
	first, second = todo.take(), todo.take()
	assert (first, second) == (cells[0], cells[3])  # nobody is in both
	assert not set(residents.names(first)) & set(residents.names(second))
	todo.done(first)
	todo.done(second)
	assert [todo.take(), todo.done(cells[1]), todo.take()] == [cells[1], None, cells[2]]
	todo.done(cells[2])
	assert todo.take() is None


def judged_row(caller, callee, path, heard):
	stock = {"caller": caller, "callee": callee, "stun": "on/on", "path": path, "caller_hears": heard, "callee_hears": heard, "error": None,
		"recorded_path": path, "direct_works": kinds.direct_works(caller, callee, (True, True))}
	return judged(stock)


def test_page_of_all_pairs():
	rows = [judged_row("port", "port", "relayed", True), judged_row("port", "sym", "direct", False),
		judged_row("sym", "port", "relayed", False), judged_row("sym", "sym", "relayed", True)]
	assert list(grid.lines(rows))[-3:-1] == ["port+ r x", "sym+  ! R"]
	for row in rows:
		row["stock"] = judged_row(row["caller"], row["callee"], "relayed", True)
	assert list(grid.lines(rows))[-3:-1] == ["port+ r x   r R", "sym+  ! R   R R"]


def test_what_a_full_run_has_to_show():
	direct, needless = judged_row("public", "public", "direct", True), judged_row("public", "public", "relayed", True)
	wrong, silent = judged_row("public", "fwsrv", "direct", False), judged_row("sym", "sym", "relayed", False)
	assert list(matrix.missed([direct] * 251 + [needless] * 5 + [needless] * 100)) == []
	assert list(matrix.missed([direct] * 250 + [needless] * 6)) == ["of all pairs 6 are relayed needlessly: more than 2 in a hundred"]
	assert len(list(matrix.missed([direct, wrong]))) == 2 and len(list(matrix.missed([direct, silent]))) == 1


@pytest.mark.parametrize("cell, works", [
	(("lan:port", "lan:port", (False, False)), True), (("lan:port", "lan:port", (True, True)), False),
	(("lan:cone", "lan:cone", (True, False)), True), (("isp:port+port", "isp:port+port", (False, False)), False),
	(("isp:port+port", "isp:port+port", (True, True)), False), (("isp:port+cone", "isp:port+cone", (True, True)), True),
	(("isp:port+cone", "isp:port+cone", (True, False)), False), (("isp:sym+cone", "isp:sym+cone", (True, True)), False),
	(("cgn:fwstate+cone", "public", (True, False)), True), (("cgn:fwsrv+port", "public", (True, False)), False),
	(("leaky", "public", (True, False)), False), (("port~mute", "public", (True, False)), True)])
def test_which_pairs_need_no_relay(cell, works):
	assert kinds.direct_works(*cell) == works


def test_call_behind_nats():
	result = json.loads(dev("call", "45675001", "5002", "--nat", "shift/cone", "--stun", "on,on", "--json").stdout)
	assert (result["code"], result["caller_hears"], result["callee_hears"]) == (200, True, True)


@pytest.mark.parametrize("arguments, words", [(("--nat", "cone"), "KIND/KIND"), (("--nat", "lan:cone/port"), "lan:cone/port"),
	(("--stun", "on,on"), "--nat"), (("--nat", "port/port", "--stun", "1"), "on,off")])
def test_call_usage(arguments, words):
	assert words in dev("call", "45675001", "5002", *arguments, check=2).stderr
