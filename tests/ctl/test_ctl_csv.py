# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounts as CSV: export, import, dry run."""

import csv
import hashlib
import io
import json
import stat

import pytest

from test_ctl_documents import Terminal

HEAD = "number,kind,prefix,customer,state,valid_until,media,product,serial,comment"


def ha1(number, password, realm="aeta"):
    return hashlib.md5(f"{number}:{realm}:{password}".encode()).hexdigest()


@pytest.fixture
def write(tmp_path):
    def it(text, name="accounts.csv"):
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path
    return it


@pytest.fixture
def full(radio):
    """Radio's group with three numbers and twins, a factory account and another one, with texts of every kind."""
    radio.server.sql("DELETE FROM aeta_audit")
    radio.ok("group", "set", 4567, "--hunting", "on")
    radio.ok("number", "allocate", 4567, 3)
    radio.ok("account", "add", 902080, "--kind", "factory", "--product", "Scoop5 S", "--serial", "=A-0042", "--customer", "Radio",
             "--comment", "+49 30 \"x\"; ' Müller, 😀")
    radio.ok("account", "add", 15000, "--kind", "other", "--until", "2099-12-31", "--comment", "'quoted")
    radio.ok("account", "set", 45675002, "--media", "always")
    radio.ok("account", "lock", 45675003)
    yield radio
    radio.server.sql("DELETE FROM aeta_audit")


def export(ctl, *arguments):
    result = ctl("account", "export", *arguments)
    assert result.code == 0 and result.err == "", result
    return result.out


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def audit(ctl):
    """The client doubles each backslash."""
    told = ctl.server.sql("SELECT action, object, old_values, new_values FROM aeta_audit WHERE action LIKE 'account import%' ORDER BY id")
    return [[cell.replace("\\\\", "\\") for cell in row] for row in told]


def test_export(full):
    text = export(full)
    assert text.splitlines()[0] == HEAD
    found = {row["number"]: row for row in rows(text)}
    assert list(found) == ["45675001", "45675002", "45675003", "45676001", "45676002", "45676003", "15000", "902080"]
    assert found["45675003"]["state"] == "locked" and found["45675002"]["media"] == "always" and found["45675001"]["media"] == ""
    assert found["902080"]["serial"] == "'=A-0042" and found["902080"]["comment"].startswith("'+49 30")
    assert found["15000"]["valid_until"] == "2099-12-31 23:59:59" and found["15000"]["comment"] == "''quoted"
    assert {row["customer"] for row in rows(export(full, "--group", 4567))} == {"Radio"}
    assert len(rows(export(full, "--customer", "Radio"))) == 7
    assert full.ok("account", "export", "--group", 4567)["csv"].count("\n") == 7
    full.refused("no customer", "account", "export", "--customer", "Nobody")
    assert "password" not in text and "ha1" not in text


def test_export_then_import_changes_nothing(full, write):
    before = full.snapshot()
    for text in (export(full), "\ufeff" + export(full).replace("\r\n", "\n")):
        for options in ([], ["--dry-run"]):
            result = full.ok("account", "import", write(text), *options)
            assert (result["rows"], result["new"], result["changed"], result["unchanged"], result["bad"]) == (8, 0, 0, 8, 0)
    assert full.snapshot() == before and audit(full) == []


def test_the_same_accounts_in_an_empty_database(full, write):
    """Export, delete, import: the same again, but for the passwords, which are new and told once."""
    text = export(full)
    accounts = "SELECT number, kind, state, valid_until, prefix, seq, customer_id, media, product, serial, comment FROM aeta_account"
    before = full.server.sql(accounts)
    full.server.sql("DELETE FROM aeta_account; DELETE FROM aeta_group; DELETE FROM aeta_retired_prefix")
    full.ok("group", "add", 4567, "--customer", "Radio")
    path, told = write(text), write("", "told")
    told.unlink()
    full.refused("8 new accounts need a password", "account", "import", path)
    result = full.ok("account", "import", path, "--credentials", told)
    assert result["new"] == 8 and result["passwords_made"] == 8 and result["credentials"] == str(told)
    assert full.server.sql(accounts) == before and stat.S_IMODE(told.stat().st_mode) == 0o600
    made = rows(told.read_text())
    assert [row["number"] for row in made] == [row["number"] for row in rows(text)] and len({row["password"] for row in made}) == 8
    stored = dict(full.server.sql("SELECT username, ha1 FROM subscriber"))
    assert all(stored[row["number"]] == ha1(row["number"], row["password"]) for row in made)
    full.refused("there already", "account", "import", path, "--credentials", told)


def test_new_accounts_bring_their_passwords(full, write):
    path = write("number;kind;password;ha1;product\n1;other;pass=word;;\n2;factory;;" + ha1("2", "two").upper() + ";X\n")
    result = full.ok("account", "import", path)
    assert result["new"] == 2 and result["passwords_made"] == 0
    stored = dict(full.server.sql("SELECT username, ha1 FROM subscriber WHERE username IN ('1', '2')"))
    assert stored == {"1": ha1("1", "pass=word"), "2": ha1("2", "two")}
    before = full.server.sql("SELECT ha1 FROM subscriber")
    assert full.ok("account", "import", write("number,password,comment\n1,,x\n"))["changed"] == 1
    assert full.server.sql("SELECT ha1 FROM subscriber") == before, "an empty password resets nothing"
    assert full.ok("account", "import", write("number,password\n1,other-one\n"))["changed"] == 1
    assert dict(full.server.sql("SELECT username, ha1 FROM subscriber"))["1"] == ha1("1", "other-one")
    everything = json.dumps(full.server.sql("SELECT * FROM aeta_audit"))
    for secret in ("pass=word", "other-one", ha1("1", "other-one"), ha1("2", "two")):
        assert secret not in everything


def test_changes_are_audited(full, write):
    path = write("number,state,valid_until,media,product,serial,comment,customer\n"
                 "902080,suspended,2030-01-01 10:00,always,Quantum,,moved,\n45675001,,never,group,,,'=x,Radio\n45675002,,,,,,,\n")
    assert full.ok("account", "import", path, "--dry-run")["changed"] == 3 and audit(full) == []
    result = full.ok("account", "import", path)
    assert (result["new"], result["changed"], result["unchanged"]) == (0, 3, 0)
    assert full.server.sql("SELECT state, valid_until, media, product, serial, comment, customer_id FROM aeta_account "
                           "WHERE number = '902080'") == [["suspended", "2030-01-01 10:00:00", "always", "Quantum", "NULL", "moved", "NULL"]]
    assert full.server.sql("SELECT state, comment FROM aeta_account WHERE number = '45675001'") == [["active", "=x"]]
    told = audit(full)
    assert [row[:2] for row in told] == [["account import: change", n] for n in ("902080", "45675001", "45675002")]
    assert json.loads(told[0][2])["state"] == "active" and json.loads(told[0][3])["state"] == "suspended"
    assert json.loads(told[0][3])["serial"] == "" and json.loads(told[2][2]) == {"media": "always"}
    assert full.ok("account", "import", path)["unchanged"] == 3, "twice is the same as once"


def test_columns_that_are_missing_leave_things_alone(full, write):
    before = full.snapshot()
    assert full.ok("account", "import", write("number\n45675001\n902080\n"))["unchanged"] == 2
    assert full.ok("account", "import", write("comment,number,kind\r\n,45675001\r\n\"\",45675002,premium\r\n\r\n,,\r\n"))["rows"] == 2
    assert full.snapshot() == before


BAD = [
    ("", 1, "", "empty"),
    ("number,colour\n1,red\n", 1, "", 'no column "colour"'),
    ("kind\nother\n", 1, "", '"number" is not among'),
    ("number,number\n1,1\n", 1, "number", "twice"),
    ("number,kind\n,other\n", 2, "number", "missing"),
    ("number,kind\n1x,other\n", 2, "number", "digits"),
    ("number,kind\n1234567890123456789,other\n", 2, "number", "digits"),
    ("number,kind\n1234,other\n", 2, "number", "4 digits"),
    ("number,kind\n1,other\n1,other\n", 3, "number", "twice"),
    ("number,kind\n1,strange\n", 2, "kind", "premium"),
    ("number\n1\n", 2, "kind", "needs its kind"),
    ("number,kind\n902080,other\n", 2, "kind", "never changes"),
    ("number,kind\n45675009,premium\n", 2, "number", "next premium number of group 4567 is 45675004"),
    ("number,kind\n88885001,premium\n", 2, "number", "no group 8888"),
    ("number,kind\n45676004,hunting\n", 2, "number", "twin"),
    ("number,kind\n45670001,other\n", 2, "number", "inside group"),
    ("number,prefix\n45675001,4568\n", 2, "prefix", "another group"),
    ("number,prefix\n902080,4567\n", 2, "prefix", "in no group"),
    ("number,customer\n902080,Nobody\n", 2, "customer", 'no customer "Nobody"'),
    ("number,customer\n45675001,Other\n", 2, "customer", "another one that has the group"),
    ("number,kind,customer\n45675004,premium,Other\n", 2, "customer", "another one that has the group"),
    ("number,state\n902080,asleep\n", 2, "state", "active"),
    ("number,valid_until\n902080,2030-02-30\n", 2, "valid_until", ""),
    ("number,media\n902080,sometimes\n", 2, "media", "auto"),
    ("number,comment\n902080," + 256 * "x" + "\n", 2, "comment", "255"),
    ("number,comment\n902080,\"two\nlines\"\n", 2, "comment", ""),
    ("number,product\n45675001,X\n", 2, "product", "factory"),
    ("number,kind,serial\n7,other,X\n", 2, "serial", "factory"),
    ("number,kind,ha1\n7,other,123\n", 2, "ha1", "32 hex"),
    ("number,kind,ha1\n7,other," + 33 * "a" + "\n", 2, "ha1", "32 hex"),
    ("number,kind,ha1,password\n7,other," + 32 * "a" + ",x\n", 2, "ha1", "one of them"),
    ("number,kind,password\n7,other," + 65 * "a" + "\n", 2, "password", "64"),
    ("number,kind,password\n7,other,\"a\nb\"\n", 2, "password", "no device"),
    ("number,kind\n7,other,x\n", 2, "", "more fields"),
    ("number,kind\n7,\"other\n", 2, "kind", "never closed"),
    ("number,comment\n902080,a\"b\n", 2, "comment", "quote"),
    (b"number,comment\n902080,M\xfcller\n", 2, "comment", "UTF-8"),
    (b"number,comment\n902080,a\0b\n", 2, "comment", "NUL"),
    ("\xff\xfen\0u\0".encode("latin-1"), 1, "", "UTF-8"),
]


@pytest.mark.parametrize("text,line,column,why", BAD, ids=[f"{row[1]}-{row[2]}-{row[3]}" for row in BAD])
def test_a_bad_row_is_named_and_nothing_changes(full, write, tmp_path, text, line, column, why):
    full.ok("customer", "add", "Other", "--email", "a@other.example")
    before, told, path = full.snapshot(), tmp_path / "told", write(text)
    for options in (["--dry-run"], []):
        result = full("--json", "account", "import", path, "--credentials", told, *options)
        assert result.code == 1 and "nothing was changed" in result.err, result
        problem = result.json["problems"][0]
        assert problem["line"] == line and problem["column"] == column and why in problem["why"], problem
    assert full.snapshot() == before and not told.exists() and audit(full) == []


def test_every_bad_row_is_named_at_once(full, write, tmp_path):
    """Good rows between them, one of which has a bad comment only: its successor in the series is not blamed for it."""
    path = write(f"number,kind,comment,state\n1x,other,,\n7,other,,\n45675004,premium,{300 * 'x'},\n45675005,premium,,\n902080,,,gone\n"
                 "8,other,\"open\n")
    for options in (["--dry-run"], []):
        result = full("--json", "account", "import", path, "--credentials", tmp_path / "told", *options)
        assert result.code == 1 and "4 of 6 rows are bad" in result.err
        assert [(p["line"], p["column"]) for p in result.json["problems"]] == [(2, "number"), (4, "comment"), (6, "state"), (7, "comment")]
    text = full("account", "import", path)
    assert text.code == 1 and "number" in text.out and "is too long" in text.out
    assert full.server.sql("SELECT COUNT(*) FROM aeta_account") == [["8"]]


def test_more_problems_than_are_told(full, write):
    result = full("--json", "account", "import", write("number\n" + "".join(f"x{n}\n" for n in range(1500))))
    assert result.code == 1 and result.json["bad"] == 1500 and len(result.json["problems"]) == 1000


def test_gaps(full, write, tmp_path):
    """Accounts of another system, where some numbers are gone already."""
    path = write("number,kind,password\n45675007,premium,a\n45675009,premium,b\n45676007,hunting,c\n")
    full.refused("", "account", "import", path)
    assert full.ok("account", "import", path, "--gaps")["new"] == 3
    assert [row["number"] for row in full.ok("number", "allocate", 4567, 1)["accounts"]][0] == "45675010"


def test_the_passwords_cannot_be_written(full, write):
    path = write("number,kind\n7,other\n")
    full.refused("nothing was changed", "account", "import", path, "--credentials", "/nonexistent/told")
    full.refused("cannot read", "account", "import", "/nonexistent", "--credentials", "/nonexistent/told")


def test_standard_input_and_text(full, write):
    result = full("account", "import", "-", "--dry-run", stdin="number,kind\n7,other\n")
    assert result.code == 0 and "new:" in result.out and "--credentials" in result.err
    assert full.server.sql("SELECT COUNT(*) FROM aeta_account WHERE number = '7'") == [["0"]]


def test_many_rows_show_their_progress(full, write):
    """At a terminal."""
    count = 2000
    path = write("number,kind,ha1\n" + "".join(f"{n},other,{ha1(n, 'x')}\n" for n in range(1000000, 1000000 + count)))
    terminal = Terminal(*full.command("--json", "account", "import", path))
    terminal.expect(" % of the file")
    terminal.expect('"done": true', wait_s=300)  # each row is some statements, and the machine may have much else to do
    terminal.close()
    assert full.server.sql("SELECT COUNT(*) FROM aeta_account WHERE kind = 'other'") == [[str(count + 1)]]
