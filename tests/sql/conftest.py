# SPDX-License-Identifier: GPL-2.0-or-later
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from db import Server  # noqa: E402

CUSTOMERS = """INSERT INTO aeta_customer (id, name) VALUES (1, 'One'), (2, 'Two');
    INSERT INTO aeta_contact (id, customer_id, email) VALUES (1, 1, 'noc@one.example');"""


@pytest.fixture(scope="session")
def server():
    with Server() as running:
        running.install()
        yield running


@pytest.fixture
def db(server):
    """An empty database with two customers: 1 has a contact, 2 has none."""
    server.clean(CUSTOMERS)
    return server
