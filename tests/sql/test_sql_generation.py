# SPDX-License-Identifier: GPL-2.0-or-later
"""aeta_generation.accounts is another number after each change of an account or of credentials, as soon as that is visible."""
import pytest

FIRST = """INSERT INTO aeta_group (prefix, customer_id) VALUES (4567, 1);
    INSERT INTO aeta_account (number, kind) VALUES ('45675001', 'premium'), ('15000', 'other');
    INSERT INTO subscriber (username, domain, password, ha1, ha1b) VALUES ('15000', 'aeta', '', MD5('a'), MD5('b'));"""
CHANGES = {
    "an account is added": "INSERT INTO aeta_account (number, kind) VALUES ('15001', 'other')",
    "one is locked": "UPDATE aeta_account SET state = 'locked' WHERE number = '45675001'",
    "one ends": "UPDATE aeta_account SET valid_until = UTC_TIMESTAMP() WHERE number = '15000'",
    "its media policy changes": "UPDATE aeta_account SET media = 'always' WHERE number = '15000'",
    "one is deleted": "DELETE FROM aeta_account WHERE number = '45675001'",
    "credentials are added": "INSERT INTO subscriber (username, domain, password, ha1, ha1b) "
                             "VALUES ('45675001', 'aeta', '', MD5('a'), MD5('b'))",
    "a password changes": "UPDATE subscriber SET ha1 = MD5('c'), ha1b = MD5('d') WHERE username = '15000'",
    "credentials are deleted": "DELETE FROM subscriber WHERE username = '15000'",
}


def number(db):
    return int(db.sql("SELECT accounts FROM aeta_generation")[0][0])


@pytest.fixture
def filled(db):
    db.sql(FIRST)
    return db


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_told(filled, what):
    before = number(filled)
    filled.sql(CHANGES[what])
    assert number(filled) > before


def test_what_is_taken_back_is_not(filled):
    before = number(filled)
    filled.sql("START TRANSACTION;" + CHANGES["one is locked"] + "; ROLLBACK;")
    assert number(filled) == before


def test_other_changes_are_not(filled):
    before = number(filled)
    filled.sql("UPDATE aeta_group SET hunting = 1 WHERE prefix = 4567; UPDATE aeta_customer SET comment = 'x' WHERE id = 1")
    assert number(filled) == before


def test_there_is_one_row(filled):
    assert filled.sql("SELECT COUNT(*) FROM aeta_generation") == [["1"]]
    with pytest.raises(Exception):
        filled.sql("INSERT INTO aeta_generation (id) VALUES (2)")


def test_the_admin_needs_no_right_of_its_own(filled):
    before = number(filled)
    filled.sql(CHANGES["one is locked"], user="aeta_admin")
    assert number(filled) > before
