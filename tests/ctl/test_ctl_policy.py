# SPDX-License-Identifier: GPL-2.0-or-later
"""`aetactl explain` on every call of tests/policy.tbl: the rows of the database become the very facts of the policy."""

import json
import subprocess
import sys
from contextlib import ExitStack

import pytest

from aetactl import binary
from db import ROOT

sys.path.insert(0, str(ROOT / "tests/sip"))
from universe import Universe  # noqa: E402

UNIVERSE = Universe()
ROWS = [row for kind in ("call", "hunt") for row in UNIVERSE.rows[kind]]


@pytest.fixture(scope="module")
def explained(server, tmp_path_factory):
    """The answer to each row, four at a time."""
    server.clean(UNIVERSE.sql())
    config = tmp_path_factory.mktemp("policy") / "aetactl.conf"
    config.touch(mode=0o600)
    config.write_text(f"db_socket = {server.socket}\ndb_password = {server.passwords['aeta_admin']}\n")
    answers = {}
    with ExitStack() as stack:
        for first in range(0, len(ROWS), 4):
            running = [(row.id, stack.enter_context(subprocess.Popen(
                [binary(), "--config", str(config), "--json", "explain", row.caller, row.dialled],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))) for row in ROWS[first:first + 4]]
            for name, process in running:
                out, err = process.communicate(timeout=60)
                answers[name] = json.loads(out) if process.returncode == 0 else {"rule": err}
    return answers


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_explained(explained, row):
    answer = explained[row.id]
    if row.members is not None:
        # how the hunt goes is Kamailio's; here it is one, on the right group (or a direct call, or a refusal)
        assert answer["verdict"] in ("hunt", "route") or (answer["code"], answer["rule"]) == (row.code, row.rule)
    elif row.rule == "not-registered":
        assert answer["verdict"] == "route", "who is registered is not asked here"
    elif row.code == 200:
        assert answer["rule"] == row.rule and answer["verdict"] in ("route", "hunt")
        if row.final and answer["verdict"] == "route":
            assert answer["final"] == row.final
    else:
        assert (answer["code"], answer["rule"]) == (row.code, row.rule)
