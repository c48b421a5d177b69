# SPDX-License-Identifier: GPL-2.0-or-later
"""The web admin over a seeded database, in a browser."""
import datetime
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "sip")]
from browser import Browser  # noqa: E402
from db import Server  # noqa: E402
from seeding import Seed  # noqa: E402


@pytest.fixture(scope="session")
def browser():
	with Browser() as running:
		yield running


@pytest.fixture(scope="session")
def seeded():
	"""A database that seed has filled, and the Seed."""
	now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0, tzinfo=None)
	with Server() as server:
		server.install()
		subprocess.run([HERE / "seed", "--defaults", server.options(), "--now", now.isoformat()], check=True)
		yield server, Seed(now)
