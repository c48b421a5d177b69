# SPDX-License-Identifier: GPL-2.0-or-later
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import script  # noqa: E402
from db import Server  # noqa: E402
from kam import Kamailio, Namespace, Phone  # noqa: E402

UNIVERSE = """
INSERT INTO aeta_customer (id, name) VALUES (1, 'One');
INSERT INTO aeta_contact (customer_id, email) VALUES (1, 'noc@one.example');
INSERT INTO aeta_group (prefix, customer_id, name, hunting, last_seq) VALUES (4567, 1, 'A', 1, 5000);
INSERT INTO aeta_group (prefix, customer_id, name, block_outgoing) VALUES (4599, 1, 'B', 1);
INSERT INTO aeta_group (prefix, customer_id, name, block_incoming) VALUES (4600, 1, 'C', 1);
"""


def account(number, kind):
    prefix, seq = (number[:4], number[4:]) if kind in ("premium", "hunting") else ("NULL", "NULL")
    return f"INSERT INTO aeta_account (number, kind, prefix, seq) VALUES ('{number}', '{kind}', {prefix}, {seq});"


def fill(server):
    """Groups 4567 (hunting), 4599 (outgoing blocked), 4600 (incoming blocked); some accounts in each."""
    server.clean()
    accounts = [account(f"4567500{i}", "premium") for i in range(1, 6)]
    accounts += [account(f"4567600{i}", "hunting") for i in range(1, 6)]
    accounts += [account(n, "premium") for n in ("45995001", "46005001")]
    accounts += [account("902080", "factory"), account("15000", "other")]
    server.sql(UNIVERSE + "\n".join(accounts))


@pytest.fixture(scope="session")
def namespace():
    with Namespace() as n:
        yield n


@pytest.fixture(scope="session")
def server():
    with Server() as running:
        running.install()
        yield running


def url_of(server):
    return f"mysql://aeta_sip:{server.passwords['aeta_sip']}@localhost/aeta"


def env_of(server):
    return {"MYSQL_UNIX_PORT": str(server.socket), "TZ": "Europe/Paris"}


@pytest.fixture(scope="session")
def kamailio(namespace, server, tmp_path_factory):
    """One Kamailio for the tests that leave it as they found it."""
    fill(server)
    folder = tmp_path_factory.mktemp("kamailio")
    with Kamailio(namespace, folder, script.native(db_url=url_of(server)), env_of(server)) as running:
        yield running


@pytest.fixture
def clean(kamailio, server):
    """The directory and the accounts of fill(), nobody registered."""
    fill(server)
    kamailio.rpc("aeta.reload")
    for aor in kamailio.registered():
        kamailio.rpc("ul.rm", "location", aor)
    return kamailio


@pytest.fixture
def phone(namespace):
    with Phone(namespace) as p:
        yield p
