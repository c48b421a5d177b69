# SPDX-License-Identifier: GPL-2.0-or-later
"""Lists: search, filters, order, pages, CSV."""

import csv
import io
import json

import pytest

from data_shell import ACCOUNT, ADMIN, CONTACT, VIEWER


def test_search_finds_in_any_column_and_null_hides_nothing(data):
    # product, serial, customer and media of these are NULL
    assert data.keys("accounts", search="45675001") == ["45675001"]
    assert data.keys("accounts", search="Radio") == ["45675001", "45675002", "45676001", "902080"]
    assert data.keys("accounts", search="scoop5") == ["902080"]
    assert data.keys("accounts", search="4567") == ["45675001", "45675002", "45676001"]  # numbers by their beginning
    assert data.keys("accounts", search="5001") == ["45675001", "45995001"]  # ... and those of accounts by their end
    assert data.keys("accounts", search="001") == []
    assert data.keys("accounts", search=" 4567 5001 ") == ["45675001"]
    assert data.keys("accounts", search="50 01") == ["45675001", "45995001"]
    assert data.keys("accounts", filters=[["number", "begins", "4567 50"]]) == ["45675001", "45675002"]
    assert data.keys("accounts", filters=[["number", "is", "4567 5001"]]) == ["45675001"]
    assert data.keys("accounts", search="  ") == sorted(data.keys("accounts"))
    assert data.keys("location", search="codec") == ["45675001"]


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", "' OR 1=1 -- ", "\"", "日", "a" * 1000, "\u202e", "%s%n"])
def test_search_takes_any_text_as_text(data, text):
    assert data.keys("customers", search=text) == []
    for table in data.tables():
        for scope in (ADMIN, CONTACT(1), ACCOUNT("45675001")):
            assert data.ask("list", table["name"], scope, search=text)["rc"] in ("", "ENOENT")


def test_every_column_can_be_searched_and_sorted_by_as_described(data):
    for table in data.tables():
        for column in table["columns"]:
            name = column["name"]
            for op in ("is", "begins", "has"):
                answer = data.ask("list", table["name"], filters=[[name, op, ""]])
                assert (answer["rc"] == "") == ("admin" in column["search"]), (table["name"], name, op, answer)
            answer = data.ask("list", table["name"], sort=name)
            assert (answer["rc"] == "") == ("admin" in column["list"] and not column["unsorted"]), (table["name"], name, answer)


def test_filters(data):
    def found(*filters, table="cdrs", **more):
        return data.keys(table, filters=list(filters), **more)

    assert found(["caller", "is", "45675001"]) == ["2", "1"]
    assert found(["start_time", "from", "2026-01-02"], ["start_time", "until", "2026-01-03"]) == ["3", "2"]
    assert found(["path", "is", "relayed"], ["final", "is", "15000"]) == ["3"]
    assert found(["path", "is", ""]) == ["4"]
    assert found(["duration", "from", "60"]) == ["4", "3", "2", "1"]
    assert found(["dialled", "begins", "4599"]) == ["2"]
    assert found(["media", "is", ""], table="accounts") == sorted(data.keys("accounts"))
    assert found(["hunting", "is", "on"], table="groups") == ["4567"]
    assert found(["user_agent", "has", "CODEC"], table="location") == ["45675001"]


@pytest.mark.parametrize("column, op, value", [("start_time", "from", "yesterday"), ("duration", "is", "1 OR 1"), ("path", "is", "x"),
                                               ("nonsense", "is", "1"), ("caller_flow", "is", "1"), ("1; DROP TABLE x", "is", "")])
def test_a_wrong_filter_is_refused_with_a_sentence(data, column, op, value):
    answer = data.ask("list", "cdrs", filters=[[column, op, value]])
    assert answer["rc"] == "EINVAL" and len(answer["error"]) > 20 and not answer["rows"], answer


def test_nobody_searches_by_a_column_that_is_not_shown(data):
    assert data.ask("list", "customers", CONTACT(1), filters=[["comment", "has", "pays"]])["rc"] == "EINVAL"
    assert data.keys("customers", CONTACT(1), search="pays late") == []
    assert data.keys("customers", VIEWER, search="pays late") == ["1"]


def test_pages_come_from_the_server(data, scene):
    scene.sql("INSERT INTO acc_cdrs (start_time, end_time, duration, caller, final) "
              "SELECT '2025-01-01' + INTERVAL seq SECOND, '2025-01-02', 1, '45675001', '15000' FROM seq_1_to_12000")
    first = data.ok("list", "cdrs")
    assert (len(first["rows"]), first["total"], first["more"], first["page"]) == (25, 10000, True, 1)
    assert [row["_key"] for row in first["rows"][:4]] == ["4", "3", "2", "1"]
    second = data.ok("list", "cdrs", page=2)
    assert not {row["_key"] for row in first["rows"]} & {row["_key"] for row in second["rows"]}
    last = data.ok("list", "cdrs", page=4000000000, per_page=4000000000)
    assert (len(last["rows"]), last["page"]) == (500, 20)
    mine = data.ok("list", "cdrs", filters=[["caller", "is", "902080"]], page=7)
    assert (mine["total"], mine["more"], mine["page"]) == (1, False, 1)
    assert len(data.ok("csv", "cdrs")["csv"].splitlines()) == 12005  # all of them, not what is counted


def test_csv_has_what_the_list_has(data, scene):
    scene.sql("UPDATE aeta_customer SET name = '=HYPERLINK(\"x\"), \"Radio\"' WHERE id = 1")
    for table in data.tables():
        rows = list(csv.DictReader(io.StringIO(data.ok("csv", table["name"])["csv"])))
        listed = data.list(table["name"])
        assert len(rows) == len(listed)
        for got, want in zip(rows, listed):
            for name, value in got.items():
                assert value.removeprefix("'") == (want[name] or ""), (table["name"], name)
    assert "\"'=HYPERLINK(\"\"x\"\"), \"\"Radio\"\"\"" in data.ok("csv", "customers")["csv"]


def test_failures_are_the_attempts_that_did_not_come_about(data, scene):
    scene.sql("INSERT INTO aeta_attempt (id, account, bucket, kind, cause, trust, first_at, last_at) VALUES "
              "(4, '45675001', 2, 'call', 'answered', 2, '2026-01-01', '2026-01-04'), (5, '45675001', 2, 'register', 'registered', 2, "
              "'2026-01-01', '2026-01-05'), (6, '45675001', 2, 'call', 'incoming-blocked', 2, '2026-01-01', '2026-01-06')")
    assert data.keys("attempts") == ["6", "5", "4", "3", "2", "1"] and data.keys("failures") == ["6", "3", "2", "1"]
    assert data.keys("failures", ACCOUNT("45675001")) == ["6", "1"] and data.keys("failures", CONTACT(2)) == ["2"]
    assert data.ask("show", "failures", key="5")["rc"] == "ENOENT"
    for stopped_by, keys in {"nobody": ["5", "4"], "service": ["6"], "credentials": ["2"], "party": ["3", "1"]}.items():
        assert data.keys("attempts", filters=[["stopped_by", "is", stopped_by]]) == keys
    assert data.keys("attempts", filters=[["cause", "is", "registered"]]) == ["5"]
    assert data.ask("list", "failures", filters=[["cause", "is", "registered"]])["rc"] == "EINVAL"


def test_what_is_no_text_is_shown_as_text(data):
    assert data.show("location", "45675001")["user_agent"] == "Codec?"
    assert json.dumps(data.list("location"))
