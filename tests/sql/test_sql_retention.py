# SPDX-License-Identifier: GPL-2.0-or-later
"""How long rows are kept, and taking out the older ones (sql/0021)."""

import pytest

from db import SqlError


@pytest.fixture
def kept(db):
    """Empty tables; retention as installed."""
    db.sql("DELETE FROM aeta_audit; UPDATE aeta_retention SET months = 24")
    yield db
    db.sql("DELETE FROM aeta_audit; DELETE FROM acc_cdrs; UPDATE aeta_retention SET months = 24")


def prune(db, what, most=10000, now=None, zone="+00:00"):
    """How many rows went; `now` (UTC) is what the session takes for the time."""
    clock = f"SET timestamp = TIMESTAMPDIFF(SECOND, '1970-01-01', '{now}');" if now else ""
    return int(db.sql(f"SET time_zone = '{zone}'; {clock} CALL aeta_prune('{what}', {most}, @n); SELECT @n", user="aeta_admin")[0][0])


def add_records(db, *ends):
    for end in ends:
        db.sql(f"INSERT INTO acc_cdrs (start_time, end_time, caller) VALUES ('{end}' - INTERVAL 1 MINUTE, '{end}', '1')")


def ends(db):
    return [row[0] for row in db.sql("SELECT end_time FROM acc_cdrs ORDER BY end_time")]


@pytest.mark.parametrize("now,since", [
    ("2024-02-29 12:00:00", "2022-02-28 12:00:00"),  # a day that the month then did not have
    ("2025-02-28 12:00:00", "2023-02-28 12:00:00"),
    ("2026-02-28 12:00:00", "2024-02-28 12:00:00"),  # the 29th of that year is kept
    ("2025-12-31 23:59:59", "2023-12-31 23:59:59"),
    ("2025-03-30 01:30:00", "2023-03-30 01:30:00"),  # the hour that clocks in Europe leave out
    ("2025-10-26 01:30:00", "2023-10-26 01:30:00"),  # and the one that they have twice
])
def test_months_back(kept, now, since):
    add_records(kept, since)
    assert prune(kept, "cdr", now=now) == 0, "not older than that"
    kept.sql(f"UPDATE acc_cdrs SET end_time = '{since}' - INTERVAL 1 SECOND")
    assert prune(kept, "cdr", now=now, zone="+05:00") == 1 and ends(kept) == []


def test_rows_of_all_ages(kept):
    kept.sql("INSERT INTO acc_cdrs (start_time, end_time) SELECT t, t FROM "
             "(SELECT UTC_TIMESTAMP() - INTERVAL seq MONTH + INTERVAL 1 HOUR AS t FROM seq_0_to_60) ages")
    assert prune(kept, "cdr") == 36 and len(ends(kept)) == 25
    assert prune(kept, "cdr") == 0
    kept.sql("UPDATE aeta_retention SET months = 6 WHERE subject = 'cdr'", user="aeta_admin")
    assert prune(kept, "cdr") == 18 and len(ends(kept)) == 7


def test_a_call_that_ended_lately_is_kept_whenever_it_began(kept):
    kept.sql("INSERT INTO acc_cdrs (start_time, end_time) VALUES ('2001-01-01', UTC_TIMESTAMP()), ('2001-01-01', '2001-01-02')")
    assert prune(kept, "cdr") == 1 and len(ends(kept)) == 1


def test_the_oldest_go_first_and_no_more_than_asked(kept):
    add_records(kept, "2003-01-01 00:00:00", "2001-01-01 00:00:00", "2002-01-01 00:00:00")
    assert prune(kept, "cdr", most=2) == 2 and ends(kept) == ["2003-01-01 00:00:00"]
    assert prune(kept, "cdr", most=0) == 0
    kept.sql("INSERT INTO acc_cdrs (start_time, end_time) SELECT '2001-01-01', '2001-01-01' FROM seq_1_to_10005")
    assert prune(kept, "cdr", most=1000000) == 10000 and prune(kept, "cdr", most=1000000) == 6


def test_each_table_has_its_own(kept):
    add_records(kept, "2001-01-01 00:00:00")
    kept.sql("INSERT INTO aeta_audit (at, who, action) VALUES ('2001-01-01', 'a', 'old'), (UTC_TIMESTAMP(), 'a', 'new')")
    assert prune(kept, "audit") == 1 and kept.sql("SELECT action FROM aeta_audit") == [["new"]] and len(ends(kept)) == 1
    with pytest.raises(SqlError, match="no retention"):
        prune(kept, "account")


def test_a_clock_set_forward_makes_nothing_old(kept):
    """The admin user's session may say what time it is, but not to get rid of what it did."""
    kept.sql("INSERT INTO aeta_audit (who, action) VALUES ('a', 'deed')")
    assert prune(kept, "audit", now="2037-01-01 00:00:00") == 0
    kept.sql("SET timestamp = 2114380800; CALL aeta_audit_prune()", user="aeta_admin")
    assert kept.sql("SELECT action FROM aeta_audit") == [["deed"]]


@pytest.mark.parametrize("change,sentence", [
    ("months = 5 WHERE subject = 'cdr'", "cdr is kept for 6 to 1200 months"),
    ("months = 11 WHERE subject = 'audit'", "audit is kept for 12 to 1200 months"),
    ("months = 1201", "to 1200 months"),
    ("least = 0", "denied"),
    ("subject = 'x'", "denied"),
])
def test_what_retention_may_not_become(kept, change, sentence):
    with pytest.raises(SqlError, match=sentence):
        kept.sql("UPDATE aeta_retention SET " + change, user="aeta_admin")
    assert kept.sql("SELECT subject, months FROM aeta_retention ORDER BY subject") == [["audit", "24"], ["cdr", "24"], ["mail", "24"]]


@pytest.mark.parametrize("text", ["SELECT * FROM aeta_retention", "CALL aeta_prune('cdr', 1, @n)", "SELECT * FROM aeta_kept"])
def test_kamailio_has_no_business_with_it(kept, text):
    with pytest.raises(SqlError, match="denied"):
        kept.sql(text, user="aeta_sip")


def test_deleting_uses_the_index(kept):
    """A few rows of many are found without reading the rest."""
    kept.sql("INSERT INTO acc_cdrs (start_time, end_time) SELECT UTC_TIMESTAMP(), UTC_TIMESTAMP() FROM seq_1_to_5000;"
             "ANALYZE TABLE acc_cdrs")
    plan = kept.sql("EXPLAIN DELETE FROM acc_cdrs WHERE end_time < '2020-01-01' "
                    "ORDER BY end_time, id LIMIT 500")[0]
    assert plan[5] == "aeta_cdr_end", plan
