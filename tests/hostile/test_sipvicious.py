# SPDX-License-Identifier: GPL-2.0-or-later
"""SIPVicious against the running service while ten calls are up: it finds no account, under its own name and under a harmless
one, and no call is disturbed."""
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
from calls import TenCalls

NAMES = ["friendly-scanner", "Codec 1.0"]


@pytest.fixture(scope="module", params=NAMES)
def tool(request, tmp_path_factory):
	"""Runs one of its programs from 127.0.0.66 and returns what it printed; a copy, with another User-Agent in it."""
	listed = subprocess.run(["dpkg", "-L", "sipvicious"], capture_output=True, text=True, check=True).stdout
	package = pathlib.Path(re.search(r"^(\S*/sipvicious)/__init__\.py$", listed, re.M).group(1))
	folder = tmp_path_factory.mktemp("sipvicious")
	shutil.copytree(package, folder / "sipvicious", ignore=shutil.ignore_patterns("__pycache__"))
	changed = 0
	for path in (folder / "sipvicious").rglob("*.py"):
		text = path.read_text()
		changed += text.count("friendly-scanner")
		path.write_text(text.replace("friendly-scanner", request.param))
	assert changed

	def run(name, *arguments):
		done = subprocess.run([sys.executable, "-c", f"import sys; sys.path.insert(0, {str(folder)!r}); "
			f"from sipvicious.{name} import main; main()", "-b", "127.0.0.66", *arguments], capture_output=True, text=True,
			cwd=folder, timeout=120)
		assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
		return done.stdout + done.stderr
	return run


@pytest.fixture
def ten(service, agent):
	calls = TenCalls(agent)
	yield calls
	calls.end(service)


RUNS = {
	"svmap": ("svmap", "-m", "OPTIONS", "127.0.0.1"),
	"svwar-register": ("svwar", "--force", "-m", "REGISTER", "-e", "45675001-45675030", "127.0.0.1"),
	"svwar-invite": ("svwar", "--force", "-m", "INVITE", "-e", "45675001-45675030", "127.0.0.1"),
	"svwar-options": ("svwar", "--force", "-m", "OPTIONS", "-e", "45675001-45675030", "127.0.0.1"),
	"svcrack": ("svcrack", "-u", "45675002", "-r", "100-160", "127.0.0.1"),
}


@pytest.mark.parametrize("run", RUNS)
def test_finds_nothing(service, ten, tool, run):
	"""No number that exists is told from one that does not, and no password is found."""
	pids, printed = service.pids(), []
	ten.while_(lambda: printed.append(tool(*RUNS[run])))
	print(printed[0][-600:])
	found = re.findall(r"(?m)^[|│]\s*(4567\d{4})\s*[|│]\s*(\S+)", printed[0])
	if run.startswith("svwar"):  # each number is as every other to it: challenged ("reqauth"), or not there at all
		assert len({how for _, how in found}) <= 1 and len(found) in (0, 30)
	assert run != "svcrack" or not found
	assert service.pids() == pids
