# SPDX-License-Identifier: GPL-2.0-or-later
"""Every constraint is violated, and must be refused with a sentence that says what to do."""

import re
import subprocess

import pytest

from conftest import CUSTOMERS
from db import SqlError

GROUP = "INSERT INTO aeta_group (prefix, customer_id) VALUES (4567, 1);"
FIRST = GROUP + "INSERT INTO aeta_account (number, kind) VALUES ('45675001', 'premium');"
TWIN = FIRST + "INSERT INTO aeta_account (number, kind) VALUES ('45676001', 'hunting');"
TEST = "INSERT INTO aeta_account (number, kind) VALUES ('15000', 'other');"
HA1 = "'" + 32 * "a" + "'"


def account(number, kind="premium", **more):
    columns = ", ".join(["number", "kind", *more])
    values = ", ".join([f"'{number}'", f"'{kind}'", *(str(v) for v in more.values())])
    return f"INSERT INTO aeta_account ({columns}) VALUES ({values})"


def group(prefix, customer=1, **more):
    columns = ", ".join(["prefix", "customer_id", *more])
    return f"INSERT INTO aeta_group ({columns}) VALUES ({', '.join(map(str, [prefix, customer, *more.values()]))})"


def contact(email, customer=1):
    return f"INSERT INTO aeta_contact (customer_id, email) VALUES ({customer}, {email})"


def subscriber(username, domain="'aeta'", password="''", ha1=HA1, ha1b=HA1):
    return ("INSERT INTO subscriber (username, domain, password, ha1, ha1b) "
            f"VALUES ('{username}', {domain}, {password}, {ha1}, {ha1b})")


OPTIONS = ["block_incoming", "block_outgoing", "hunting", "hunt_direct", "hunt_busy_603", "hunt_busy_in_call",
           "hunt_next_488", "self_management", "call_log"]

# (what is there, the wrong statement, a piece of the sentence)
RELAY = "INSERT INTO aeta_relay (set_number, url) VALUES (0, 'udp:127.0.0.1:2223');"
FR = "INSERT INTO aeta_domain (domain, relay_set) VALUES ('a.example', 'fr');"


class Sets(str):
    """SQL that makes a relay set; times n: as many of them."""

    def __mul__(self, n):
        return "".join(f"CALL aeta_relay_set_have('set{i}');" for i in range(n))


SET = Sets("CALL aeta_relay_set_have('fr');")

REFUSED = [
    # customers
    ("", "INSERT INTO aeta_customer (name) VALUES ('')", "needs a name"),
    ("", "INSERT INTO aeta_customer (name) VALUES ('  ')", "needs a name"),
    ("", "INSERT INTO aeta_customer (name) VALUES (NULL)", "needs a name"),
    ("", "INSERT INTO aeta_customer (name) VALUES ('One')", "exists already"),
    ("", "REPLACE INTO aeta_customer (id, name) VALUES (1, 'Other')", "exists already"),
    ("", "UPDATE aeta_customer SET id = 9 WHERE id = 1", "does not change"),
    ("", "UPDATE aeta_customer SET name = '' WHERE id = 1", "needs a name"),
    (GROUP, "DELETE FROM aeta_customer WHERE id = 1", "still has groups"),
    (account("902080", "factory", customer_id=2) + ";", "DELETE FROM aeta_customer WHERE id = 2", "still has accounts"),
    # contacts
    *[("", contact(mail), "one address") for mail in (
        "NULL", "''", "'noc'", "'@one.example'", "'noc@'", "'noc@one'", "'a@b@c.example'", "'noc@one..example'",
        "'noc@.example'", "'noc@one.'", "'a b@one.example'", "'noc@one.example\\n'", "'noc@one.example\\nBcc:x@y.example'",
        "'a@one.example,b@one.example'", "'Noc <noc@one.example>'")],
    ("", contact("'noc@one.example'"), "Duplicate entry"),
    ("", contact("'noc@nine.example'", 9), "no such customer"),
    ("", "UPDATE aeta_contact SET email = 'nobody' WHERE id = 1", "one address"),
    ("", "UPDATE aeta_contact SET customer_id = 2 WHERE id = 1", "stays with its customer"),
    ("", "DELETE FROM aeta_contact WHERE id = 1", "last technical contact"),
    (contact("'b@one.example'") + ";", "DELETE FROM aeta_contact WHERE customer_id = 1", "last technical contact"),
    ("", "REPLACE INTO aeta_contact (id, customer_id, email) VALUES (1, 2, 'a@two.example')", "last technical contact"),
    # groups
    *[("", group(prefix), "1000 to 9999") for prefix in (0, 1, 999, 10000, 65535, "NULL")],
    ("", group(70000), "Out of range"),
    ("", group(-1), "Out of range"),
    (GROUP, group(4567), "exists already"),
    (GROUP, "REPLACE INTO aeta_group (prefix, customer_id) VALUES (4567, 1)", "exists already"),
    (GROUP, group(4567) + " ON DUPLICATE KEY UPDATE hunting = 1", "exists already"),
    ("", group(4567, 9), "no such customer"),
    ("", group(4567, "NULL"), "no such customer"),
    ("", group(4567, 2), "no technical contact"),
    (GROUP, "UPDATE aeta_group SET customer_id = 2", "no technical contact"),
    (account("45670000", "factory") + ";", group(4567), "account 45670000 is not of a group"),
    (account("45679999", "other") + ";", group(4567), "account 45679999 is not of a group"),
    *[("", group(4567, **{option: 2}), "1 (on) or 0 (off)") for option in OPTIONS],
    *[(GROUP, f"UPDATE aeta_group SET {option} = 2", "1 (on) or 0 (off)") for option in OPTIONS],
    (GROUP, "UPDATE aeta_group SET hunting = NULL", "cannot be null"),
    ("", group(4567, no_answer_s=121), "no_answer_s"),
    (GROUP, "UPDATE aeta_group SET no_answer_s = 121", "no_answer_s"),
    *[("", group(4567, hunt_max_s=s), "hunt_max_s") for s in (0, 9, 601)],
    *[(GROUP, f"UPDATE aeta_group SET hunt_max_s = {s}", "hunt_max_s") for s in (9, 601)],
    *[("", group(4567, last_seq=s), "last_seq") for s in (0, 4999, 6000)],
    (GROUP, "UPDATE aeta_group SET last_seq = 6000", "last_seq"),
    (FIRST, "UPDATE aeta_group SET last_seq = 5000", "never goes down"),
    (GROUP, "UPDATE aeta_group SET prefix = 4568", "does not change"),
    (FIRST, "DELETE FROM aeta_group", "still has accounts"),
    # accounts: digits
    *[(GROUP, account(number, kind), "1 to 18 digits") for kind in ("premium", "other") for number in (
        "", " ", "abc", "4567500a", "+45675001", "45675001 ", " 15000", "15000\\n", "１２３４５", "٤٥٦٧", "15000\\0", "15.00", "-15000")],
    ("", "INSERT INTO aeta_account (number, kind) VALUES (NULL, 'other')", "1 to 18 digits"),
    ("", account("1234567890123456789", "other"), "Data too long"),
    *[("", account(number, "other"), "4 digits") for number in ("5002", "0000", "6000")],
    ("", account("5002", "factory"), "4 digits"),
    ("", account("902080", "gold"), "Data truncated"),
    ("", "INSERT INTO aeta_account (number, kind) VALUES ('902080', NULL)", "the kind of an account is"),
    ("", account("902080", "factory", state="'asleep'"), "Data truncated"),
    # accounts: membership
    (TEST, account("15000", "factory"), "exists already"),
    (FIRST, account("45675001"), "exists already"),
    (TEST, "REPLACE INTO aeta_account (number, kind) VALUES ('15000', 'other')", "exists already"),
    (TEST, account("15000", "other") + " ON DUPLICATE KEY UPDATE comment = 'x'", "exists already"),
    *[(GROUP, account(number, kind), "8 in all") for kind in ("premium", "hunting")
      for number in ("902080", "456750011", "05675001", "09995001")],
    ("", account("45675001"), "no group 4567"),
    ("", account("45676001", "hunting"), "no group 4567"),
    (GROUP, account("45675001", prefix=4568), "make them agree"),
    (GROUP, account("45675001", seq=5002), "make them agree"),
    (GROUP, account("45675001", customer_id=1), "give it none of its own"),
    (FIRST, "UPDATE aeta_account SET customer_id = 1", "give it none of its own"),
    (GROUP, account("45675001", "factory"), "inside group 4567"),
    (GROUP, account("45670000", "other"), "inside group 4567"),
    (GROUP, account("902080", "factory", prefix=4567), "leave prefix and seq empty"),
    (GROUP, account("902080", "other", seq=5001), "leave prefix and seq empty"),
    ("", account("902080", "factory", customer_id=99), "foreign key"),
    # accounts: sequence
    (GROUP, account("45675002"), "next premium number of group 4567 is 45675001"),
    (FIRST, account("45675003"), "next premium number of group 4567 is 45675002"),
    *[(GROUP, account("4567" + tail), "next premium number") for tail in ("5000", "0000", "6001", "9999", "4999")],
    (FIRST + "DELETE FROM aeta_account;", account("45675001"), "is 45675002, not 45675001"),
    (GROUP + "UPDATE aeta_group SET last_seq = 5999;", account("45675999"), "is full"),
    (GROUP + "UPDATE aeta_group SET last_seq = 5999;", account("45676000"), "is full"),
    (GROUP, account("45675001") + ", ('45675003', 'premium')", "is 45675002"),
    (FIRST, account("45676000", "hunting"), "is the hunting number"),
    *[(FIRST, account("4567" + tail, "hunting"), "6001 to 6999") for tail in ("5002", "5999", "7000", "0000", "9999")],
    (GROUP, account("45676001", "hunting"), "45675001 has not been given"),
    (FIRST, account("45676002", "hunting"), "45675002 has not been given"),
    # accounts: what never changes
    *[(TWIN + TEST + GROUP.replace("4567", "4599"), f"UPDATE aeta_account SET {change} WHERE number = '{number}'",
       "do not change") for number, change in (
        ("45675001", "number = '45675002'"), ("15000", "number = '15001'"), ("15000", "number = '15000 '"),
        ("15000", "kind = 'factory'"), ("45675001", "kind = 'hunting'"), ("45675001", "kind = 'other', prefix = NULL, seq = NULL"),
        ("45675001", "prefix = 4599"), ("45675001", "prefix = NULL"), ("45675001", "seq = 5002"), ("15000", "seq = 1"))],
    # credentials
    ("", subscriber("15000"), "no account 15000"),
    *[(TEST, subscriber(name), "credentials are those of a number") for name in ("", "15000 ", "alice", "15000\\n")],
    (TEST, subscriber("15000", domain="''"), "the realm of the service (domain) is missing"),
    (TEST, subscriber("15000", domain="NULL"), "the realm of the service (domain) is missing"),
    (TEST, subscriber("15000", password="'secret'"), "no clear password"),
    (TEST, subscriber("15000", ha1="''"), "32 hex digits"),
    (TEST, subscriber("15000", ha1=HA1.replace("a", "g")), "32 hex digits"),
    (TEST, subscriber("15000", ha1b=HA1[:-2] + "'"), "32 hex digits"),
    (TEST + subscriber("15000") + ";", subscriber("15000", domain="'other'"), "another realm"),
    (TEST + subscriber("15000") + ";", subscriber("15000"), "Duplicate entry"),
    *[(TEST + subscriber("15000") + ";", f"UPDATE subscriber SET {change}", text) for change, text in (
        ("username = '15001'", "does not change"), ("username = '15000 '", "does not change"),
        ("password = 'secret'", "no clear password"), ("ha1 = 'x'", "32 hex digits"), ("ha1b = ''", "32 hex digits"),
        ("domain = ''", "the realm of the service (domain) is missing"))],
    # exceptions
    *[(GROUP, f"INSERT INTO aeta_exception VALUES (4567, '{number}')", "1 to 18 digits") for number in ("", "abc", "15000 ")],
    (GROUP, "INSERT INTO aeta_exception VALUES (4567, '5002')", "4 digits"),
    ("", "INSERT INTO aeta_exception VALUES (4567, '902080')", "no such group"),
    ("", "UPDATE aeta_exception SET number = '15001'", "delete it and add another"),
    ("", "INSERT INTO aeta_exception VALUES (0, '15000')", "Duplicate entry"),
    # domains
    *[("", f"INSERT INTO aeta_domain (domain) VALUES ({domain})", "host name or a bare address")
      for domain in ("''", "NULL", "'sip.example.com '", "'sip:x'@'y'", "'a b'", "'sip.example.com\\n'", "'sip_x/y'")
      if "@" not in domain],
    # relays
    *[("", f"INSERT INTO aeta_relay (set_number, url) VALUES (0, '{url}')", "a relay is udp:ADDRESS:PORT")
      for url in ("", "127.0.0.1:2223", "udp:127.0.0.1", "udp:a b:1", "tcp:127.0.0.1:2223", "udp:127.0.0.1:2223 ", "unix:relay")],
    ("", "INSERT INTO aeta_relay (set_number, url) VALUES (3, 'udp:127.0.0.1:2223')", "foreign key"),
    (RELAY, RELAY, "Duplicate entry"),
    (RELAY, "UPDATE aeta_relay SET url = 'udp:127.0.0.2:2223'", "delete it and add another"),
    (SET + RELAY, "UPDATE aeta_relay SET set_number = 1", "delete it and add another"),
    *[("", f"CALL aeta_relay_set_have('{name}')", "letters, digits") for name in ("", "a b", "a,b", "é")],
    (SET * 15, "CALL aeta_relay_set_have('x')", "sixteen relay sets"),
    (SET * 15, "INSERT INTO aeta_domain (domain, relay_set) VALUES ('b.example', 'x')", "sixteen relay sets"),
    ("", "INSERT INTO aeta_domain (domain, relay_set) VALUES ('b.example', 'fr ')", "letters, digits"),
    ("", "INSERT INTO aeta_relay_set (number, name) VALUES (16, 'x')", "aeta_relay_set_number"),
    ("", "DELETE FROM aeta_relay_set", "it stays"),
    ("", "UPDATE aeta_relay_set SET name = 'x'", "is called default"),
    (SET, "UPDATE aeta_relay_set SET number = 7 WHERE number = 1", "does not change"),
    (SET + FR, "DELETE FROM aeta_relay_set WHERE name = 'fr'", "domains use the relay set fr"),
    (SET + FR, "UPDATE aeta_relay_set SET name = 'x' WHERE name = 'fr'", "domains use the relay set fr"),
    (SET + RELAY.replace("(0,", "(1,"), "DELETE FROM aeta_relay_set WHERE number = 1", "delete them first"),
    ("", "UPDATE aeta_retention SET subject = 'x' WHERE subject = 'cdr'", "does not change"),
    ("", "UPDATE aeta_retention SET months = 5 WHERE subject = 'cdr'", "cdr is kept for 6 to 1200 months"),
    ("", "CALL aeta_prune('x', 1, @n)", "no retention of that name"),
    # media policies
    (TEST, "UPDATE aeta_account SET media = 'sometimes'", "truncated"),
    (GROUP, "UPDATE aeta_group SET media = NULL", "cannot be null"),
    ("INSERT INTO aeta_domain (domain) VALUES ('a.example');", "UPDATE aeta_domain SET domain = ''", "host name"),
]


SNAPSHOT = ("SELECT * FROM aeta_relay; SELECT * FROM aeta_relay_set;"
            "SELECT * FROM aeta_customer; SELECT * FROM aeta_contact; SELECT * FROM aeta_group; SELECT * FROM aeta_account;"
            "SELECT * FROM subscriber; SELECT * FROM aeta_exception; SELECT * FROM aeta_domain;")


said = {}  # the wrong statement, and what was said


def refuse(db, before, wrong):
    """The snapshot before, and the refusal."""
    state = db.sql(before + SNAPSHOT)
    with pytest.raises(SqlError) as refusal:
        db.sql(wrong)
    said[before, wrong] = refusal.value.message
    return state, refusal.value


@pytest.mark.parametrize("before,wrong,sentence", REFUSED, ids=[f"{n}-{row[1][:60]}" for n, row in enumerate(REFUSED)])
def test_refused(db, before, wrong, sentence):
    state, refusal = refuse(db, before, wrong)
    assert sentence in refusal.message
    assert refusal.state in ("45000", "23000", "22003", "22001", "01000")
    assert db.sql(SNAPSHOT) == state, "a refused statement changes nothing"


def sentences(db):
    """Of all triggers and procedures: what they can say, as patterns by their text."""
    bodies = [row[0].replace("\\n", "\n") for row in db.sql(
        "SELECT action_statement FROM information_schema.triggers WHERE trigger_schema = 'aeta'; "
        "SELECT routine_definition FROM information_schema.routines WHERE routine_schema = 'aeta'")]
    found = {}
    for text in re.findall(r"(?:SET bad|MESSAGE_TEXT)\s*=\s*(CONCAT\(.*?\)|'[^']*');", "\n".join(bodies), re.S):
        parts = re.findall(r"'([^']*)'", text)
        found[text] = ".*".join(re.escape(part) for part in parts if len(part) > 1)
    return found


def test_every_sentence_is_for_people(db):
    """... whoever they are: no advice to write SQL, no name of a table."""
    texts = sentences(db)
    assert len(texts) > 50
    for text in texts:
        for words in re.findall(r"'([^']*)'", text):
            assert not re.search(r"\b(UPDATE|INSERT|DELETE|SELECT|REPLACE|NULL|rows?|columns?|tables?|aeta_\w+|customer_id)\b", words), text


def test_every_sentence_is_said(db):
    """Each is provoked above."""
    for before, wrong, _ in REFUSED:
        if (before, wrong) not in said:  # not all of this file was run
            db.clean(CUSTOMERS)
            refuse(db, before, wrong)
    told = "\n".join(said.values())
    assert [text for text, pattern in sentences(db).items() if not re.search(pattern, told)] == []


def test_a_domain_makes_its_relay_set(db):
    """With the lowest number that is free; letters' case does not make another one."""
    db.sql("INSERT INTO aeta_domain (domain, relay_set) VALUES ('a.example', 'x'), ('b.example', 'y'), ('c.example', 'X')")
    assert db.sql("SELECT number, name FROM aeta_relay_set ORDER BY number") == [["0", "default"], ["1", "x"], ["2", "y"]]
    db.sql("UPDATE aeta_domain SET relay_set = 'z'; DELETE FROM aeta_relay_set WHERE name = 'x'")
    db.sql("INSERT INTO aeta_domain (domain, relay_set) VALUES ('d.example', 'w')", user="aeta_admin")
    assert db.sql("SELECT number, name FROM aeta_relay_set ORDER BY number") == [
        ["0", "default"], ["1", "w"], ["2", "y"], ["3", "z"]]


def test_what_the_rtpengine_module_reads(db):
    db.sql("INSERT INTO aeta_relay (set_number, url) VALUES (0, 'udp:127.0.0.1:2223'), (0, 'udp6:[::1]:2223')")
    assert sorted(db.sql("SELECT url, weight FROM aeta_rtpengine", user="aeta_sip")) == [
        ["udp6:[::1]:2223", "1"], ["udp:127.0.0.1:2223", "1"]]
    assert db.sql("SELECT table_version FROM version WHERE table_name = 'aeta_rtpengine'", user="aeta_sip") == [["1"]]


LEG = "45675002|udp:192.0.2.1:5060|sip:192.0.2.1|udp:192.0.2.9:5060|0123|"


@pytest.mark.parametrize("rest, found", [
    ("relayed|caller-contact-private,callee-not-udp|udp:127.0.0.1:2223",
     ["relayed", "caller-contact-private,callee-not-udp", "udp:127.0.0.1:2223"]),
    ("direct|no-sign|", ["direct", "no-sign", ""]),
    ("relayed|policy-always|udp:127.0.0.1:2223|address-family=IP6|", ["relayed", "policy-always", "udp:127.0.0.1:2223"]),
    ("direct", ["direct", "", ""]),  # a call from before there were relays
])
def test_a_call_record_says_how_its_media_went(db, rest, found):
    db.sql("INSERT INTO acc_cdrs (start_time, end_time, duration, callee_leg) "
           f"VALUES ('2026-01-01', '2026-01-01', 0, '{LEG}{rest}')", user="aeta_sip")
    assert db.sql("SELECT final, callee_flow, path, path_reason, relay, callee_leg FROM acc_cdrs") == [
        ["45675002", "udp:192.0.2.1:5060", *found, "NULL"]]


def test_second_line_without_triggers(db):
    """The CHECKs hold even where a trigger is missing."""
    checks = dict(db.sql("SELECT constraint_name, check_clause FROM information_schema.check_constraints "
                         "WHERE constraint_schema = 'aeta'"))
    assert {"aeta_group_prefix", "aeta_group_last_seq", "aeta_group_no_answer", "aeta_group_hunt_max",
            "aeta_relay_set_number"} <= set(checks)


def test_sequence_by_plain_sql(db):
    """Prefix and sequence fill themselves in; several rows in one statement follow each other."""
    db.sql(GROUP + account("45675001") + ", ('45675002', 'premium'), ('45675003', 'premium')")
    db.sql(account("45676002", "hunting") + ", ('45676001', 'hunting')")
    assert db.sql("SELECT number, prefix, seq FROM aeta_account ORDER BY number") == [
        ["45675001", "4567", "5001"], ["45675002", "4567", "5002"], ["45675003", "4567", "5003"],
        ["45676001", "4567", "6001"], ["45676002", "4567", "6002"]]
    assert db.sql("SELECT last_seq FROM aeta_group") == [["5003"]]


def test_failed_statement_gives_no_number_away(db):
    db.sql(GROUP)
    with pytest.raises(SqlError):
        db.sql(account("45675001") + ", ('45675002', 'premium'), ('45675002', 'premium')")
    assert db.sql("SELECT last_seq FROM aeta_group; SELECT COUNT(*) FROM aeta_account") == [["5000"], ["0"]]


def test_ignore_gives_no_number_away(db):
    """INSERT IGNORE of a number that is there does not move the sequence."""
    db.sql(FIRST)
    db.run(account("45675001").replace("INSERT", "INSERT IGNORE"))
    assert db.sql("SELECT last_seq FROM aeta_group; SELECT COUNT(*) FROM aeta_account") == [["5001"], ["1"]]


def test_the_last_number_of_a_series(db):
    db.sql(GROUP + "UPDATE aeta_group SET last_seq = 5998;" + account("45675999") + ";" + account("45676999", "hunting"))
    assert db.sql("SELECT COUNT(*) FROM aeta_account") == [["2"]]


def test_numbers_are_not_reused_when_a_prefix_comes_back(db):
    db.sql(FIRST + "DELETE FROM aeta_account; DELETE FROM aeta_group;" + GROUP)
    assert db.sql("SELECT last_seq FROM aeta_group") == [["5001"]]
    db.sql("DELETE FROM aeta_group;" + group(4567, last_seq=5100))
    assert db.sql("SELECT last_seq FROM aeta_group") == [["5100"]]


def test_numbers_outside_every_group(db):
    """Any length but 4; 8 digits only where no group has the first four; leading zeros are kept."""
    db.sql(GROUP)
    for number in ("1", "15000", "902080", "0902080", "45685001", "01234567", "456750011", 18 * "9"):
        db.sql(account(number, "factory"))
    assert len(db.sql("SELECT number FROM aeta_account WHERE prefix IS NULL")) == 8


def test_deleting_an_account_deletes_its_credentials(db):
    db.sql(TEST + subscriber("15000") + "; DELETE FROM aeta_account;")
    assert db.sql("SELECT COUNT(*) FROM subscriber") == [["0"]]


def test_deleting_a_customer_deletes_its_contacts(db):
    db.sql(contact("'b@one.example'") + "; DELETE FROM aeta_customer WHERE id = 1")
    assert db.sql("SELECT COUNT(*) FROM aeta_contact") == [["0"]]


def test_deleting_a_group_deletes_its_exceptions(db):
    db.sql(GROUP + "INSERT INTO aeta_exception VALUES (4567, '902080'); DELETE FROM aeta_group;")
    assert db.sql("SELECT * FROM aeta_exception") == [["0", "15000"]]


def test_a_group_moves_to_another_customer(db):
    db.sql(GROUP + contact("'noc@two.example'", 2) + "; UPDATE aeta_group SET customer_id = 2;")
    assert db.sql("SELECT customer_id FROM aeta_group") == [["2"]]


def test_credentials_are_normalised(db):
    db.sql(TEST + subscriber("15000", ha1=HA1.upper()))
    db.sql("INSERT INTO aeta_domain (domain) VALUES ('SIP.Example.COM')")
    assert db.sql("SELECT BINARY ha1 FROM subscriber; SELECT BINARY domain FROM aeta_domain") == [
        [HA1.strip("'")], ["sip.example.com"]]


def test_times_are_utc(db):
    """Also where the session's time zone is another one."""
    db.sql("SET time_zone = '-11:00';" + TEST + GROUP)
    for table in ("aeta_account", "aeta_group", "aeta_customer"):
        assert db.sql(f"SELECT COUNT(*) FROM {table} WHERE ABS(TIMESTAMPDIFF(SECOND, created_at, UTC_TIMESTAMP())) > 60") == [["0"]]


@pytest.mark.parametrize("alive,end,duration", [
    ("'2026-01-01 10:00:30'", "2026-01-01 10:00:30", "30.000"),  # the last sign of life ends it
    ("NULL", "2026-01-01 10:05:00", "300.250"),  # a call that ended as it should
    ("'2026-01-01 09:00:00'", "2026-01-01 10:00:00", "0.000"),  # never before it began
    ("'2026-01-01 11:00:00'", "2026-01-01 10:05:00", "300.000"),  # never after it was closed
])
def test_vanished_call_ends_at_its_last_sign_of_life(db, alive, end, duration):
    db.sql("INSERT INTO acc_cdrs (start_time, end_time, duration, caller, last_alive) VALUES "
           f"('2026-01-01 10:00:00', '2026-01-01 10:05:00', 300.25, '45675001', {alive})", user="aeta_sip")
    assert db.sql("SELECT end_time, duration FROM acc_cdrs") == [[end, duration]]


def test_two_sessions_take_two_numbers(db):
    """The next number is decided one session at a time: the second waits, then is told the number is taken."""
    db.sql(GROUP)
    text = "START TRANSACTION;" + account("45675001") + "; SELECT SLEEP(0.3); COMMIT;"
    command = ["mariadb", f"--defaults-file={db.options()}", "aeta", "-e", text]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) for _ in range(2)]
    errors = sorted(process.communicate(timeout=30)[1] for process in both)
    assert errors[0] == "" and "45675001 exists already" in errors[1] or "45675002" in errors[1], errors
    assert db.sql("SELECT number FROM aeta_account") == [["45675001"]]


def test_group_and_factory_number_at_once(db):
    """Of a group and a factory number inside it, opened at the same moment, one is refused."""
    texts = ["START TRANSACTION;" + account("45670001", "factory") + "; SELECT SLEEP(0.3); COMMIT;",
             "START TRANSACTION;" + GROUP + " SELECT SLEEP(0.3); COMMIT;"]
    both = [subprocess.Popen(["mariadb", f"--defaults-file={db.options()}", "aeta", "-e", text],
                             stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) for text in texts]
    errors = [process.communicate(timeout=60)[1] for process in both]
    assert sum(bool(error) for error in errors) == 1, errors
    assert db.sql("SELECT (SELECT COUNT(*) FROM aeta_account) + (SELECT COUNT(*) FROM aeta_group)") == [["1"]]


@pytest.mark.parametrize("agent", ["UNHEX('436F64E963')", "REPEAT(UNHEX('C3A9'), 127)", "UNHEX('FF00FE')"])
def test_what_an_agent_calls_itself_is_kept(db, agent):
    """UTF-8 or not: the registration is written all the same, byte for byte."""
    db.sql(f"INSERT INTO location (ruid, username, user_agent) VALUES ('a', '45675001', {agent})")
    assert db.sql(f"SELECT user_agent = {agent} FROM location WHERE ruid = 'a'") == [["1"]]
    db.sql("DELETE FROM location")
