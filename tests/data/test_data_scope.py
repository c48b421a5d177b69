# SPDX-License-Identifier: GPL-2.0-or-later
"""Row scope: every table as everybody. A row of somebody else is one that is not there."""

import pytest

from data_shell import ACCOUNT, ADMIN, CONTACT, NOBODY, SUPPORT, VIEWER

OPERATORS = {"viewer": VIEWER, "support": SUPPORT, "admin": ADMIN}
NUMBERS = ("15000", "45675001", "45675002", "45676001", "45995001", "902080")

# Who sees which rows of the scene in conftest.py, by their keys: customers by their id, accounts by their number.
SEEN = {
    "customers": {1: ["1"], 2: ["2"]},
    "contacts": {1: ["1"], 2: ["2"]},
    "groups": {1: ["4567"], 2: ["4599"], "45675001": ["4567"], "45675002": ["4567"], "45676001": ["4567"], "45995001": ["4599"]},
    "accounts": {1: ["45675001", "45675002", "45676001", "902080"], 2: ["45995001"], **{n: [n] for n in NUMBERS}},
    "exceptions": {1: ["0-15000", "4567-902080"], 2: ["0-15000", "4599-45675001"], "15000": ["0-15000"], "902080": ["0-15000"],
                   "45675001": ["0-15000", "4567-902080"], "45675002": ["0-15000", "4567-902080"],
                   "45676001": ["0-15000", "4567-902080"], "45995001": ["0-15000", "4599-45675001"]},
    "announcements": {1: ["1", "2"], 2: ["1"], 3: ["1"], **{n: ["1"] for n in (*NUMBERS, "45995002")},
                      **{n: ["1", "2"] for n in ("45675001", "45675002", "45676001", "902080")}},
    "mails": {}, "domains": {}, "relay-sets": {}, "relays": {}, "redial": {}, "audit": {}, "operators": {},
    "location": {1: ["45675001"], 2: ["45995001"], "45675001": ["45675001"], "45995001": ["45995001"]},
    "cdrs": {1: ["1", "2", "4"], 2: ["2", "3"], "45675001": ["1", "2"], "45675002": ["1"], "45995001": ["2", "3"],
             "15000": ["3", "4"], "902080": ["4"]},
    "calls": {1: ["7-1"], 2: ["7-1"], "45675001": ["7-1"], "45995001": ["7-1"]},
    "attempts": {1: ["1"], 2: ["2"], "45675001": ["1"], "45995001": ["2"]},
    "failures": {1: ["1"], 2: ["2"], "45675001": ["1"], "45995001": ["2"]},
    "nat": {1: ["45675001@192.0.2.1"], 2: ["45995001@192.0.2.2"], "45675001": ["45675001@192.0.2.1"],
            "45995001": ["45995001@192.0.2.2"]},
    "web-logins": {1: ["45675001"], 2: ["45995001"], "45675001": ["45675001"], "45995001": ["45995001"]},
    "sessions": {1: ["3"], 2: ["4"], "45675001": ["2"]},
}
# Tables that not every operator sees.
RESERVED = {"audit": ("support", "admin"), "operators": ("admin",), "sessions": ("admin",)}


def eyes():
    yield "nobody", NOBODY
    yield from OPERATORS.items()
    yield from ((customer, CONTACT(customer, customer)) for customer in (1, 2, 3))  # the contact of a customer has its id
    yield from ((number, ACCOUNT(number)) for number in (*NUMBERS, "45995002"))


def may(name, mask):
    role = "contact" if isinstance(name, int) else "account" if name.isdigit() else name
    return role in mask


def expected(table, name, everything):
    if name in OPERATORS:
        return everything if name in RESERVED.get(table["name"], OPERATORS) else None
    if name == "nobody" or not table["contact" if isinstance(name, int) else "account"]:
        return None  # the whole table is none
    return SEEN[table["name"]].get(name, ["0-15000"] if table["name"] == "exceptions" else [])


def everything(data, table):
    return sorted(data.keys(table))


def test_the_scene_has_rows_in_every_table(data):
    tables = data.tables()
    assert {table["name"] for table in tables} >= set(SEEN)
    for table in tables:
        assert len(everything(data, table["name"])) >= (1 if table["name"] in ("audit", "redial", "calls") else 2), table["name"]


@pytest.mark.parametrize("name, scope", eyes(), ids=lambda value: str(value) if not isinstance(value, dict) else "")
def test_everybody_sees_the_own_rows_and_no_others(data, name, scope):
    for table in data.tables():
        keys = everything(data, table["name"])
        seen = expected(table, name, keys)
        answer = data.ask("list", table["name"], scope)
        if seen is None:
            assert answer["rc"] == "ENOENT" and not answer["rows"], (table["name"], answer)
            seen = []
        else:
            assert sorted(row["_key"] for row in answer["rows"]) == sorted(seen), table["name"]
            assert answer["total"] == len(seen), table["name"]
            assert answer["columns"] == [c["name"] for c in table["columns"] if may(name, c["list"])], table["name"]
            lines = data.ok("csv", table["name"], scope)["csv"].splitlines()
            assert len(lines) == len(seen) + 1, (table["name"], lines)
        for key in [*keys, "0", "", "1 OR 1=1", "99999999999999999999", "é"]:
            shown = data.ask("show", table["name"], scope, key=key)
            if key in seen:
                assert shown["rc"] == "" and [row["_key"] for row in shown["rows"]] == [key], (table["name"], key, shown)
                assert shown["columns"] == [c["name"] for c in table["columns"] if may(name, c["show"])]
            else:
                assert shown["rc"] == "ENOENT" and not shown["rows"], (table["name"], key, shown)


def test_what_a_customer_may_not_see_is_in_no_column(data):
    for table in data.tables():
        for column in table["columns"]:
            assert not set(column["search"]) - set(column["list"]) - set(column["show"]), (table["name"], column)
            assert not set(column["edit"]) - set(column["show"]), (table["name"], column)
    row = data.show("customers", "1", CONTACT(1))
    assert "comment" not in row and "pays late" not in str(row)
    assert "caller_flow" not in data.show("cdrs", "2", ACCOUNT("45995001"))


def test_no_secret_is_a_column(data):
    words = ("ha1", "token", "secret", "hash", "totp_")
    for table in data.tables():
        for column in table["columns"]:
            assert not any(word in column["name"] for word in words), column
            if column["name"] == "password":
                assert {row["password"] for row in map(lambda key: data.show(table["name"], key), data.keys(table["name"]))} <= {
                    "set", "none"}
