# SPDX-License-Identifier: GPL-2.0-or-later
"""A private MariaDB for a test: its own folder, a socket only, gone when the test is.

    with Server() as server:            # also as root; waits until it answers
        server.install()                # sql/install.sh: database `aeta`, users aeta_sip, aeta_admin and aeta_web
        server.sql("SELECT 1")          # [["1"]], as root, in `aeta`
        server.sql("...", user="aeta_admin")

A refused statement raises SqlError with .code, .state and .message.
"""

import contextlib
import os
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from children import die_with_parent

ROOT = Path(__file__).resolve().parent.parent
START_TIMEOUT = 60  # s; a loaded machine is slow to start it
# Tests need no durability. A measurement that is about it passes settings=().
QUICK = ("--innodb-buffer-pool-size=32M", "--innodb-log-file-size=8M", "--innodb-flush-log-at-trx-commit=0")


class SqlError(Exception):
    def __init__(self, text):
        super().__init__(text.strip())
        found = re.search(r"ERROR (\d+) \((\w+)\)[^:]*: (.*)", text, re.S)
        self.code = int(found[1]) if found else 0
        self.state = found[2] if found else ""
        self.message = found[3].strip() if found else text.strip()


class Server:
    def __init__(self, folder=None, database="aeta", settings=QUICK):
        self.own_folder = folder is None
        self.folder = Path(folder or tempfile.mkdtemp(prefix="aeta-db-"))
        self.database = database
        self.settings = settings
        self.socket = self.folder / "mysql.sock"
        self.passwords = {}
        self.process = None

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        data = self.folder / "data"
        user = ["--user=root"] if os.geteuid() == 0 else []
        # Its own folder for temporary files: a MariaDB that starts deletes the temporary tables of any other that shares it.
        (self.folder / "tmp").mkdir(exist_ok=True)
        environment = dict(os.environ, TMPDIR=str(self.folder / "tmp"))
        if not data.exists():
            made = subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db",
                                   "--auth-root-authentication-method=normal", *user], capture_output=True, text=True,
                                  env=environment)
            if made.returncode:
                raise RuntimeError(f"mariadb-install-db failed ({made.returncode}):\n{made.stdout}{made.stderr}")
        self.log = open(self.folder / "mariadbd.log", "ab")
        # The system user is root of the test database; a strange time zone shows what forgets UTC.
        self.process = subprocess.Popen(
            [shutil.which("mariadbd") or "/usr/sbin/mariadbd", "--no-defaults", f"--datadir={data}",
             f"--socket={self.socket}", "--skip-networking", f"--pid-file={self.folder}/pid",
             "--default-time-zone=+05:00", *self.settings, *user],
            stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent,
            env=environment)
        self.write_options("root", "root", "")
        self.wait()
        return self

    def wait(self):
        end = time.monotonic() + START_TIMEOUT
        while True:
            try:
                self.sql("SELECT 1", database=None)
                return
            except SqlError as error:
                if self.process.poll() is not None or time.monotonic() > end:
                    tail = (self.folder / "mariadbd.log").read_text(errors="replace")[-3000:]
                    raise RuntimeError(f"MariaDB does not start: {error}\n{tail}") from error
            time.sleep(0.05)

    @contextlib.contextmanager
    def away(self):
        """Stopped during the block; its data stays."""
        self.process.terminate()
        self.process.wait(60)
        self.log.close()
        try:
            yield
        finally:
            self.start()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process:
            self.log.close()
        if self.own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def write_options(self, name, user, password):
        path = self.options(name)
        path.touch(mode=0o600)
        path.write_text(f'[client]\nsocket={self.socket}\nuser={user}\npassword="{password}"\n')

    def options(self, user="root"):
        """The client's options file (mode 0600) of a database user."""
        return self.folder / f"{user}.cnf"

    def install(self):
        """Runs sql/install.sh with new passwords for the three users; returns what it printed."""
        file = self.folder / "passwords"
        if not self.passwords:
            self.passwords = {user: secrets.token_hex(8) for user in ("aeta_sip", "aeta_admin", "aeta_web")}
            file.touch(mode=0o600)
            file.write_text("".join(f"{user} {password}\n" for user, password in self.passwords.items()))
            for user, password in self.passwords.items():
                self.write_options(user, user, password)
        done = subprocess.run([ROOT / "sql/install.sh", "--defaults", self.options(), "--database", self.database,
                               "--passwords", file], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"sql/install.sh: {done.stderr}")
        return done.stdout

    def run(self, text, user="root", database=""):
        """Runs SQL through the real client; returns its CompletedProcess."""
        database = self.database if database == "" else database
        return subprocess.run(
            [shutil.which("mariadb") or "mysql", f"--defaults-file={self.options(user)}", "--batch",
             "--skip-column-names", "--default-character-set=utf8mb4", *([database] if database else [])],
            input=text, capture_output=True, text=True)

    def sql(self, text, user="root", database=""):
        """Rows of all results as lists of strings ("NULL" for NULL)."""
        done = self.run(text, user, database)
        if done.returncode:
            raise SqlError(done.stderr)
        return [line.split("\t") for line in done.stdout.splitlines()]

    @contextlib.contextmanager
    def changing(self, text):
        """Runs `text` in a transaction of root's that is committed at the end of the block: what others do in it is in between."""
        client = subprocess.Popen([shutil.which("mariadb") or "mysql", f"--defaults-file={self.options()}", "--batch", "--unbuffered",
                                   "--skip-column-names", self.database], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  preexec_fn=die_with_parent)
        try:
            client.stdin.write(f"START TRANSACTION;\n{text};\nSELECT 'changed';\n")
            client.stdin.flush()
            assert client.stdout.readline() == "changed\n", "the client stopped: its error is above"
            yield
            client.communicate("COMMIT;\n", timeout=START_TIMEOUT)
            assert client.returncode == 0
        finally:
            client.kill()
            client.wait()

    def wait_for_a_lock(self):
        """Returns when somebody waits for a row that another has changed."""
        end = time.monotonic() + START_TIMEOUT
        while self.sql("SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'") == [["0"]]:
            assert time.monotonic() < end, "nobody waits"
            time.sleep(0.15)  # InnoDB shows the same picture again to who asks more often than each 0.1 s

    def clean(self, then=""):
        """Back to what install() left: no customers, groups, accounts, calls; then runs `then`."""
        self.sql("""DELETE FROM aeta_mail; DELETE FROM aeta_announcement; DELETE FROM aeta_account; DELETE FROM aeta_group; DELETE FROM aeta_retired_prefix;
            DELETE FROM aeta_customer; DELETE FROM aeta_domain; DELETE FROM aeta_relay;
            DELETE FROM aeta_relay_set WHERE number > 0; DELETE FROM address; DELETE FROM location;
            DELETE FROM aeta_exception WHERE prefix <> 0 OR number <> '15000';
            INSERT IGNORE INTO aeta_exception VALUES (0, '15000'); DELETE FROM acc_cdrs; DELETE FROM dialog; DELETE FROM aeta_attempt;""" + then)
