# SPDX-License-Identifier: GPL-2.0-or-later
"""The service of tests/sip, and the judgement that every test here ends with: nothing was harmed."""
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "sip")]

from fixtures import agent, alice, bob, service, stranger  # noqa: E402, F401
from harm import Harm  # noqa: E402


@pytest.fixture(scope="session")
def kamailio_options():
	"""Kamailio's memory manager that finds what was written beyond a piece, when it is freed, and ends the process."""
	return "-x", "qm", "-X", "qm"


@pytest.fixture
def unscathed(service):
	"""After the test: every process lives, the tables are as they were, no SQL error was logged, and two good agents can
	register and call. A test may change `allowed` and `calls` of it: see harm.py."""
	harm = Harm(service)
	yield harm
	harm.judge()
