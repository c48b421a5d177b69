# SPDX-License-Identifier: GPL-2.0-or-later
"""Every column of every table: rows in which it is NULL, and what somebody may type into a filter, a search or a form."""

import itertools

import pytest

from data_shell import ACCOUNT, ADMIN, CONTACT

TEXT, NUMBER, SWITCH, WORD, TIME, DIGITS, EMAIL, BYTES = range(8)  # enum column_type

# Nothing in the scene has any of these in it, so whoever finds a row by one has not taken it for itself.
HOSTILE = [b"%", b"_", b"\\", b"'", b'"', b"\\'", b"' OR '1'='1", b"x' -- ", b"); DROP TABLE aeta_audit; --", b"?", b"a" * 1024, b"a" * 1025,
           b"%" * 1024, b"_" * 5000, b"\xff", b"\xc3", b"\xe6\x97", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\x00", b"\x00%",
           b"\x1b[2J", "日本".encode(), "\u202e".encode(), b"%s%n", b"1e9999", b"-1", b"99999999999999999999"]
OPS = ["is", "begins", "has", "from", "until"]


def finds_nothing(value):
    """0x00 ends a text, so it is an empty one; what is no text is searched for as it is shown, which is "?"."""
    return value[:1] != b"\x00" and b"?" not in value and value.decode(errors="ignore").encode() == value



def columns(data, seen="search"):
    for table in data.tables():
        for column in table["columns"]:
            if "admin" in column[seen]:
                yield table["name"], column


def test_hostile_filters_are_only_text(data):
    """Each column meets each value by some operator, and each operator by some value."""
    kinds = itertools.cycle(OPS)
    asked = 0
    for table, column in columns(data):
        for value in HOSTILE:
            op = next(kinds)
            answer = data.ask("list", table, filters=[[column["name"], op, value.hex()]], hex=True)
            assert answer["rc"] in ("", "EINVAL") and isinstance(answer["error"], str), (table, column["name"], op, value, answer)
            if op in ("is", "begins", "has") and finds_nothing(value) and column["type"] not in (NUMBER, SWITCH, TIME):
                assert answer["rc"] or answer["rows"] == [], (table, column["name"], op, value, answer["rows"])
            asked += 1
    assert asked > 3000


@pytest.mark.parametrize("scope", [ADMIN, CONTACT(1), ACCOUNT("45675001")], ids=["admin", "contact", "account"])
def test_hostile_searches_are_only_text(data, scope):
    for table in data.tables():
        for value in HOSTILE:
            answer = data.ask("list", table["name"], scope, search=value.hex(), hex=True)
            assert answer["rc"] in ("", "ENOENT"), (table["name"], value, answer)
            assert not finds_nothing(value) or answer["rc"] or answer["rows"] == [], (table["name"], value, answer["rows"])


def test_hostile_values_are_stored_as_they_are_or_refused(data, scene):
    keys = {table["name"]: [row["_key"] for row in data.list(table["name"])] for table in data.tables()}
    for table, column in columns(data, "edit"):
        key = keys[table][-1]
        for value in HOSTILE:
            answer = data.ask("update", table, key=key, version=data.show(table, key)["_version"], changes={column["name"]: value.hex()}, hex=True)
            assert answer["rc"] in ("", "EINVAL", "EPERM", "EEXIST"), (table, column["name"], value, answer)
            assert isinstance(answer["error"], str)
            if answer["rc"] == "" and column["type"] == TEXT and value[:1] != b"\x00":
                assert data.show(table, key)[column["name"]] == value.decode().strip(" "), (table, column["name"], value)
    assert [row for row in scene.sql("SELECT * FROM aeta_audit") if "\\xff" in str(row)] == []


def test_a_null_hides_no_row_and_is_found(data):
    """By each value of each row the row is found, whatever else of it is NULL; by an empty filter, those that have nothing there."""
    empties = 0
    for table in data.tables():
        searched = [column for column in table["columns"] if "admin" in column["search"]]
        keys = data.keys(table["name"])
        rows = {key: data.show(table["name"], key) for key in keys}
        for column in searched:
            name = column["name"]
            without = {key for key, row in rows.items() if row[name] in (None, "")}
            empties += len(without)
            if column["type"] != SWITCH:  # no value: off
                assert set(data.keys(table["name"], filters=[[name, "is", ""]])) == without, (table["name"], name)
            for key in set(keys) - without:
                value = rows[key][name]
                if "?" in value:
                    continue  # it stands for a byte that is no text
                assert key in data.keys(table["name"], filters=[[name, "is", value]]), (table["name"], name, value)
                if column["type"] not in (TIME, SWITCH) and not column["only_filter"]:
                    assert key in data.keys(table["name"], search=value), (table["name"], name, value)
    assert empties > 50
