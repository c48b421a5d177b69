# SPDX-License-Identifier: GPL-2.0-or-later
"""aetactl against a real MariaDB."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from aetactl import Ctl  # noqa: E402
from db import Server  # noqa: E402


@pytest.fixture(scope="session")
def server():
    with Server() as running:
        running.install()
        yield running


@pytest.fixture
def db(server):
    server.clean()
    return server


@pytest.fixture
def ctl(db, tmp_path):
    """An empty database, and aetactl for it; no Kamailio is configured."""
    return Ctl(tmp_path, db)


@pytest.fixture
def radio(ctl):
    """The same with a customer "Radio" and its group 4567."""
    ctl.ok("customer", "add", "Radio", "--email", "noc@radio.example")
    ctl.ok("group", "add", 4567, "--customer", "Radio")
    return ctl
