# SPDX-License-Identifier: GPL-2.0-or-later
"""Any table in the shell: aetactl list, show, table."""

import csv
import io

import pytest


@pytest.fixture
def full(radio):
    radio.server.sql("DELETE FROM aeta_audit")
    radio.ok("group", "set", 4567, "--hunting", "on")
    radio.ok("number", "allocate", 4567, 12)
    radio.ok("account", "add", 902080, "--kind", "factory", "--product", "Scoop5 S", "--comment", "=x")
    radio.server.sql("INSERT INTO acc_cdrs (start_time, end_time, duration, caller, dialled, final, path) "
                     "SELECT '2026-01-01' + INTERVAL seq DAY, '2026-01-01' + INTERVAL seq DAY, seq, "
                     "IF(seq MOD 2, '45675001', '902080'), '5002', '45675002', 'direct' FROM seq_0_to_599;"
                     "INSERT INTO aeta_audit (who, action, object) VALUES ('ann', 'group set', '4567')")
    yield radio
    radio.server.sql("DELETE FROM acc_cdrs; DELETE FROM aeta_audit")


def test_every_table_can_be_listed_and_every_row_shown(full):
    names = [row["table"] for row in full.ok("table", "list")["tables"]]
    assert {"customers", "groups", "accounts", "cdrs", "attempts", "audit", "location"} <= set(names)
    for name in names:
        result = full.ok("list", name)
        columns = full.ok("table", "columns", name)["columns"]
        listed = [c["column"] for c in columns if c["in_list"]]
        for row in result[name][:1]:
            assert list(row) == ["key", *listed], name
            shown = full.ok("show", name, row["key"])
            assert shown["key"] == row["key"] and {c["column"] for c in columns} >= set(shown) - {"key"}
        head = full.ok("list", name, "--csv")["csv"].splitlines()[0]
        assert head.split(",") == listed, name


def test_filters_order_and_pages(full):
    def numbers(*arguments):
        return [row["number"] for row in full.ok("list", "accounts", *arguments)["accounts"]]
    assert numbers("kind=factory") == ["902080"]
    assert numbers("number^=45676", "--sort", "-number", "--per-page", 2) == ["45676012", "45676011"]
    assert numbers("number^=45676", "--per-page", 5, "--page", 3) == ["45676011", "45676012"]
    assert numbers("--search", "45675003") == ["45675003"]
    cdrs = full.ok("list", "cdrs", "start_time>=2026-02-01", "start_time<=2026-02-10", "caller=902080")
    assert len(cdrs["cdrs"]) == 5 and cdrs["total"] == 5 and cdrs["more"] is False and isinstance(cdrs["cdrs"][0]["duration"], int)
    result = full("list", "cdrs")
    assert result.code == 0 and "--page 2" in result.err and "45675002" in result.out
    whole = full("list", "cdrs", "caller=902080", "--csv")
    assert whole.code == 0 and whole.err == "" and len(list(csv.DictReader(io.StringIO(whole.out)))) == 300
    assert full.ok("list", "audit", "who~AN")["audit"][0]["object"] == "4567"


def test_edit(full):
    full.ok("relay", "add", "fr", "udp:127.0.0.1:2223")
    key = full.ok("list", "relay-sets", "name=fr")["relay-sets"][0]["key"]
    told = full.ok("edit", "relay-sets", key, "name=paris")
    assert told["name"] == "paris" and told["aeta.reload"]["done"] is False
    assert full.ok("relay", "list")["relays"][0]["set"] == "paris"
    full.ok("group", "set", 4567, "--self-management", "on")
    full.ok("weblogin", "password", 45675001)
    assert full.ok("edit", "web-logins", 45675001, "email=a@b.example")["email"] == "a@b.example"
    assert full.ok("edit", "web-logins", 45675001, "email=")["email"] == ""
    assert full.server.sql("SELECT action, old_values FROM aeta_audit ORDER BY id DESC LIMIT 1") == \
        [["weblogin set", '{"email":"a@b.example"}']]
    full.refused("Name is missing", "edit", "relay-sets", key, "name=")
    full.refused('web-logins have no column "password" to write: see aetactl table columns web-logins', "edit", "web-logins", 45675001, "password=x")
    full.refused("not yours", "edit", "web-logins", 45675001, "created_at=2020-01-01")
    full.refused("no such row", "edit", "web-logins", 1, "email=a@b.example")
    full.refused("email is there twice", "edit", "web-logins", 45675001, "email=a@b.example", "email=")
    full.refused("is no change", "edit", "web-logins", 45675001, "email")
    full.refused("not changed in this way", "edit", "accounts", 45675001, "state=locked")
    full.refused("not changed in this way", "edit", "audit", 1, "who=x")
    full.refused("CHANGE is missing", "edit", "web-logins", 45675001, code=2)


@pytest.mark.parametrize("arguments,sentence,code", [
    (["list", "nonsense"], "no table", 2),
    (["list", "aeta_account"], "no table", 2),
    (["list", "accounts", "number"], "is no filter", 1),
    (["list", "accounts", "=1"], "is no filter", 1),
    (["list", "accounts", "ha1=x"], 'accounts have no column "ha1" to search by: see aetactl table columns accounts', 1),
    (["list", "accounts", "number) OR (1=1"], "", 1),
    (["list", "accounts", "--sort", "number DESC"], 'accounts have no column "number DESC" to sort by: see aetactl table columns', 1),
    (["list", "accounts", *["kind=other"] * 9], "8 filters", 1),
    (["list", "accounts", *["kind=other"] * 17], "more than 16 times", 2),
    (["list", "accounts", "--per-page", "501"], "1 to 500", 2),
    (["show", "accounts", "1"], "", 1),
    (["show", "operators", "nobody"], "", 1),
])
def test_refusals(full, arguments, sentence, code):
    full.refused(sentence, *arguments, code=code)


def test_a_formula_is_text_in_csv(full):
    full.server.sql("UPDATE aeta_customer SET comment = '=1+1'")
    assert "'=1+1" in full("list", "customers", "--csv").out
