# SPDX-License-Identifier: GPL-2.0-or-later
"""How long rows are kept: aetactl retention, prune. What the months mean is tested in tests/sql."""

import subprocess
import threading

import pytest


@pytest.fixture
def kept(ctl):
    empty = "DELETE FROM aeta_audit; DELETE FROM acc_cdrs; UPDATE aeta_retention SET months = 24"
    ctl.server.sql(empty)
    ctl.server.sql("INSERT INTO acc_cdrs (start_time, end_time) SELECT t, t FROM "
                   "(SELECT UTC_TIMESTAMP() - INTERVAL 23 + seq MOD 3 MONTH AS t FROM seq_0_to_3002) ages;"
                   "INSERT INTO aeta_audit (at, who, action) VALUES ('2001-01-01', 'a', 'old')")
    yield ctl
    ctl.server.sql(empty)


def count(ctl, table):
    return int(ctl.server.sql(f"SELECT COUNT(*) FROM {table}")[0][0])


def test_list(kept):
    found = {row["subject"]: row for row in kept.ok("retention", "list")["retention"]}
    assert set(found) == {"audit", "cdr", "mail"} and found["cdr"]["months"] == 24 and found["cdr"]["least"] == 6
    assert found["audit"]["due"] == 1 and found["cdr"]["due"] in (1001, 2002), "rows of exactly 24 months are due a second later"


def test_a_dry_run_deletes_nothing(kept):
    told = kept.ok("prune", "--dry-run")["would_go"]
    assert [row["subject"] for row in told] == ["audit", "cdr", "mail"] and told[0]["rows"] == 1 and told[1]["rows"] >= 1001
    assert count(kept, "acc_cdrs") == 3003 and count(kept, "aeta_audit") == 1


def test_prune(kept):
    """More rows than a batch; what was deleted is in the audit."""
    kept.server.sql("UPDATE acc_cdrs SET start_time = start_time - INTERVAL 1 DAY, end_time = end_time - INTERVAL 1 DAY")
    assert kept.ok("prune", "cdr")["gone"][0]["rows"] == 2002
    assert count(kept, "acc_cdrs") == 1001 and count(kept, "aeta_audit") == 2
    assert kept.ok("prune")["gone"][0]["rows"] == 1
    told = kept.server.sql("SELECT action, object, detail FROM aeta_audit ORDER BY id")
    assert told == [["prune", "cdr", "2002 rows"], ["prune", "audit", "1 rows"]]
    assert [row["rows"] for row in kept.ok("prune")["gone"]] == [0, 0, 0] and count(kept, "aeta_audit") == 2


def test_set(kept):
    kept.ok("retention", "set", "cdr", 6)
    assert kept.server.sql("SELECT action, object, old_values, new_values FROM aeta_audit WHERE action <> 'old'") == \
        [["retention set", "cdr", '{"months":24}', '{"months":6}']]
    assert kept.ok("prune", "cdr", "--dry-run")["would_go"][0]["rows"] == 3003
    kept.ok("retention", "set", "cdr", 6)
    assert count(kept, "aeta_audit") == 2, "no change, no row"
    kept.refused("cdr is kept for 6 to 1200 months", "retention", "set", "cdr", 5)
    kept.refused("audit is kept for 12 to 1200 months", "retention", "set", "audit", 11)
    kept.refused('no retention "calls"', "retention", "set", "calls", 24)
    kept.refused('no retention "calls"', "prune", "calls")
    kept.refused("MONTHS is 1 to 1200", "retention", "set", "cdr", 0, code=2)


class Writer(threading.Thread):
    """Kamailio's side: one call record after the other, until told to stop. A lock that is not free at once is an error."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.written, self.enough, self.failed = 0, threading.Event(), ""
        self.client = subprocess.Popen(["mariadb", f"--defaults-file={server.options('aeta_sip')}", "--batch", "--unbuffered",
                                        "--skip-column-names", server.database], text=True, stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.client.stdin.write("SET innodb_lock_wait_timeout = 0;\n")

    def run(self):
        while not self.enough.is_set():
            self.client.stdin.write("INSERT INTO acc_cdrs (start_time, end_time) VALUES (UTC_TIMESTAMP(), UTC_TIMESTAMP()); SELECT 1;\n")
            self.client.stdin.flush()
            if self.client.stdout.readline() != "1\n":
                break
            self.written += 1
        self.failed = self.client.communicate(timeout=60)[1]


def status(server, *names):
    told = dict(server.sql("SHOW GLOBAL STATUS"))
    return [int(told[name]) for name in names]


def test_call_records_are_written_while_many_go(kept):
    """50,000 rows go in transactions of 500, and nobody who writes a record meanwhile waits for a lock: what counts is in the server."""
    server = kept.server
    server.sql("DELETE FROM acc_cdrs; INSERT INTO acc_cdrs (start_time, end_time) SELECT '2001-01-01' + INTERVAL seq SECOND, "
               "'2001-01-01' + INTERVAL seq SECOND FROM seq_1_to_50000; INSERT INTO acc_cdrs (start_time, end_time) "
               "SELECT UTC_TIMESTAMP() - INTERVAL 1 MONTH, UTC_TIMESTAMP() - INTERVAL 1 MONTH FROM seq_1_to_10")
    counters = "Com_call_procedure", "Innodb_row_lock_waits"
    before = status(server, *counters)
    writer = Writer(server)
    writer.start()
    gone = kept.ok("prune", "cdr")["gone"][0]["rows"]
    writer.enough.set()
    writer.join(60)
    transactions, waits = (now - then for then, now in zip(before, status(server, *counters)))
    assert writer.failed == "" and writer.written > 20
    assert gone == 50000 and transactions >= 100 and waits == 0
    assert count(kept, "acc_cdrs") == 10 + writer.written
