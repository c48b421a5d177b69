# SPDX-License-Identifier: GPL-2.0-or-later
"""The server takes out rows that are older than they are kept, by itself."""

import time

from server import Admin

WAIT_S = 60


def test_old_rows_go(world, tmp_path):
    db = world.server
    db.sql("DELETE FROM aeta_audit; DELETE FROM acc_cdrs; INSERT INTO acc_cdrs (start_time, end_time) SELECT '2001-01-01', '2001-01-01' "
           "FROM seq_1_to_1200; INSERT INTO acc_cdrs (start_time, end_time) SELECT UTC_TIMESTAMP(), UTC_TIMESTAMP() FROM seq_1_to_3")
    try:
        with Admin(db, tmp_path) as admin:
            end = time.monotonic() + WAIT_S
            while db.sql("SELECT COUNT(*) FROM aeta_audit WHERE action = 'prune'") != [["1"]]:
                assert time.monotonic() < end, admin.said()
                time.sleep(0.05)
        assert db.sql("SELECT COUNT(*), MIN(YEAR(end_time)) > 2001 FROM acc_cdrs") == [["3", "1"]]
        assert db.sql("SELECT who, object, detail FROM aeta_audit") == [["aeta-admin", "cdr", "1200 rows"]]
        with Admin(db, tmp_path):
            pass
        assert db.sql("SELECT COUNT(*) FROM aeta_audit") == [["1"]], "nothing was old: nothing is noted"
    finally:
        db.sql("DELETE FROM acc_cdrs; DELETE FROM aeta_audit")
