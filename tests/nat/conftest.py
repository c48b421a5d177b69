# SPDX-License-Identifier: GPL-2.0-or-later
"""One lab for all tests of this part: the internet, the whole service, three pairs of accounts (tests/natlab)."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from natlab.cells import stun_text  # noqa: E402
from natlab.matrix import UNASKED, Lab, work_folder  # noqa: E402

WORKERS = 3


@pytest.fixture(scope="session")
def lab():
	"""Its agents come and go, and are judged by their SIP and SDP alone."""
	with work_folder() as folder, Lab(folder, site=UNASKED) as made:
		yield made


@pytest.fixture(scope="session")
def asking_lab():
	"""Another one, whose service asks its agents what they are behind, and minds who dials again soon."""
	with work_folder() as folder, Lab(folder) as made:
		yield made


@pytest.fixture(scope="session")
def calls(lab):
	"""Makes the calls, three at a time; returns their rows in the order of the cells."""
	def run(cells):
		rows = {(row["caller"], row["callee"], row["stun"]): row for row in lab.rows(cells, WORKERS)}
		return [rows[cell.caller, cell.callee, stun_text(cell.stun)] for cell in cells]
	return run
