# SPDX-License-Identifier: GPL-2.0-or-later
"""The data layer, asked by JSON lines: the binary is $DATA_SHELL, else the sanitized build, else the dev build.

    with Data(folder, server) as data:
        data.list("groups", CONTACT(1), search="45")
        data.update("groups", ADMIN, "4567", "1", hunting="on")

Answers are dictionaries; .ok(...) of the same also asserts that it went well.
"""

import json
import os
import subprocess
from pathlib import Path

from db import ROOT

VIEWER, SUPPORT, ADMIN = ({"by": role} for role in ("viewer", "support", "admin"))
NOBODY = {"by": "nobody"}


def CONTACT(customer, contact=0):
    return {"by": "contact", "customer": int(customer), "contact": int(contact)}


def ACCOUNT(number):
    return {"by": "account", "number": str(number)}


def binary():
    for path in (os.environ.get("DATA_SHELL"), ROOT / "build/asan/tests/data/data_shell",
                 ROOT / "build/dev/tests/data/data_shell"):
        if path and Path(path).exists():
            return str(path)
    raise RuntimeError("data_shell is not built: ./dev build")


class Data:
    def __init__(self, folder, server):
        config = folder / "data_shell.conf"
        config.touch(mode=0o600)
        config.write_text(f"db_socket = {server.socket}\ndb_name = {server.database}\ndb_user = aeta_admin\n"
                          f"db_password = {server.passwords['aeta_admin']}\nrealm = aeta\n")
        self.process = subprocess.Popen([binary(), config], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        assert self.process.wait(30) == 0  # a sanitizer that found something, a leak too, says so by its status
        self.process.stdout.close()

    def ask(self, op, table="", scope=ADMIN, **more):
        self.process.stdin.write(json.dumps({"op": op, "table": table, "scope": scope, **more}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def ok(self, op, table="", scope=ADMIN, **more):
        answer = self.ask(op, table, scope, **more)
        assert answer["rc"] == "", answer
        return answer

    def tables(self):
        return self.ok("tables")["tables"]

    def list(self, table, scope=ADMIN, **query):
        """All pages' rows."""
        rows, page = [], 1
        while True:
            answer = self.ok("list", table, scope, page=page, per_page=100, **query)
            rows += answer["rows"]
            if len(rows) >= answer["total"]:
                return rows
            page += 1

    def keys(self, table, scope=ADMIN, **query):
        return [row["_key"] for row in self.list(table, scope, **query)]

    def show(self, table, key, scope=ADMIN):
        return self.ok("show", table, scope, key=str(key))["rows"][0]

    def update(self, table, scope, key, version, **changes):
        return self.ask("update", table, scope, key=str(key), version=str(version), changes=changes)

    def insert(self, table, scope, **changes):
        return self.ask("insert", table, scope, changes=changes)

    def delete(self, table, scope, key, version=""):
        return self.ask("delete", table, scope, key=str(key), version=str(version))
