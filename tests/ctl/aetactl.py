# SPDX-License-Identifier: GPL-2.0-or-later
"""aetactl as the tests run it: the binary is $AETACTL, else the sanitized build, else the dev build."""

import json
import os
import subprocess
from pathlib import Path

from db import ROOT


def binary():
    for path in (os.environ.get("AETACTL"), ROOT / "build/asan/admin/aetactl", ROOT / "build/dev/admin/aetactl"):
        if path and Path(path).exists():
            return str(path)
    raise RuntimeError("aetactl is not built: ./dev build")


class Result:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit {self.code}\n{self.out}\n{self.err}"


class Ctl:
    """aetactl with a configuration of its own."""

    def __init__(self, folder, server):
        self.server = server
        self.binary = binary()
        self.config = folder / "aetactl.conf"
        self.values = {"db_socket": server.socket, "db_name": server.database, "db_user": "aeta_admin",
                       "db_password": server.passwords["aeta_admin"], "realm": "aeta"}
        self.configure()

    def configure(self, **changes):
        self.values.update(changes)
        text = "# for a test\n" + "".join(f"{key} = {value}\n" for key, value in self.values.items())
        self.config.touch(mode=0o600)
        self.config.write_text(text)

    def command(self, *arguments):
        return [self.binary, "--config", str(self.config), *map(str, arguments)]

    def __call__(self, *arguments, stdin="", **more):
        done = subprocess.run(self.command(*arguments), input=stdin, capture_output=True, text=True, timeout=60, **more)
        assert "Sanitizer" not in done.stderr and "runtime error" not in done.stderr, done.stderr
        return Result(done)

    def ok(self, *arguments, **more):
        """Runs it with --json; it must succeed; its result."""
        result = self("--json", *arguments, **more)
        assert result.code == 0, result
        return result.json

    def refused(self, sentence, *arguments, code=1, **more):
        """It must end with `code` and one line that holds `sentence`; nothing may have changed."""
        before = self.snapshot()
        result = self(*arguments, **more)
        assert result.code == code, result
        lines = [line for line in result.err.splitlines() if not line.startswith("aetactl: note: ")]
        assert len(lines) == 1 and lines[0].startswith("aetactl: ") and sentence in lines[0], result
        assert self.snapshot() == before
        return result

    def snapshot(self):
        return self.server.sql("SELECT * FROM aeta_customer; SELECT * FROM aeta_contact; SELECT * FROM aeta_group;"
                               "SELECT * FROM aeta_account; SELECT * FROM subscriber; SELECT * FROM aeta_exception;"
                               "SELECT * FROM aeta_domain; SELECT * FROM aeta_relay; SELECT * FROM aeta_relay_set")
