# SPDX-License-Identifier: GPL-2.0-or-later
"""One lab for all tests of this part: the internet, the whole service, three pairs of accounts (tests/natlab)."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from natlab.matrix import Lab, work_folder  # noqa: E402

WORKERS = 3


@pytest.fixture(scope="session")
def lab():
	with work_folder() as folder, Lab(folder) as made:
		yield made


@pytest.fixture(scope="session")
def calls(lab):
	"""Makes the calls, three at a time; returns their rows in the order of the cells."""
	def run(cells):
		cells = list(cells)
		rows = {}
		for row in lab.rows(cells, WORKERS):
			rows[row["caller"], row["callee"], row["stun"]] = row
		return list(rows.values())
	return run
