# SPDX-License-Identifier: GPL-2.0-or-later
"""Groups, numbers, accounts, credentials, exceptions, domains."""

import collections
import fcntl
import hashlib
import os
import pty
import re
import select
import subprocess
import termios
import time

import pytest


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def stored(ctl, number):
    return ctl.server.sql(f"SELECT domain, password, ha1, ha1b FROM subscriber WHERE username = '{number}'")


def expect_password(ctl, number, password, realm="aeta"):
    assert stored(ctl, number) == [[realm, "", md5(f"{number}:{realm}:{password}"), md5(f"{number}@{realm}:{realm}:{password}")]]


def numbers(accounts):
    return [account["number"] for account in accounts]


# ---- groups


def test_group_options(radio):
    made = radio.ok("group", "add", 4599, "--customer", "Radio", "--name", "OB vans", "--block-outgoing", "on", "--hunt-max", 60)
    assert made["block_outgoing"] is True and made["block_incoming"] is False and made["hunt_max_s"] == 60
    assert made["customer"] == "Radio" and made["name"] == "OB vans" and made["last_seq"] is None
    changed = radio.ok("group", "set", 4599, "--block-outgoing", "off", "--block-incoming", "on", "--hunt-direct", "off",
                       "--hunt-busy-603", "on", "--hunt-busy-in-call", "on", "--hunt-next-488", "on", "--no-answer", 20,
                       "--self-management", "on", "--call-log", "on", "--name", "Vans")
    assert {key: changed[key] for key in changed if key not in ("created_at", "aeta.reload")} == {
        "prefix": 4599, "customer": "Radio", "name": "Vans", "block_incoming": True, "block_outgoing": False, "hunting": False,
        "hunt_direct": False, "hunt_busy_603": True, "hunt_busy_in_call": True, "hunt_next_488": True, "no_answer_s": 20,
        "hunt_max_s": 60, "self_management": True, "call_log": True, "media": "auto", "last_seq": None,
        "premium": 0, "hunting_series": 0}
    assert changed["aeta.reload"]["done"] is False
    assert [(g["prefix"], g["last_seq"]) for g in radio.ok("group", "list")["groups"]] == [(4567, None), (4599, None)]
    assert re.search(r"^last_seq: +-$", radio("group", "show", 4599).out, re.M)
    radio.ok("number", "allocate", 4599, 2)
    assert [g["last_seq"] for g in radio.ok("group", "list")["groups"]] == [None, 5002]
    assert radio.ok("group", "show", 4599)["last_seq"] == 5002


def test_group_says_when_kamailio_was_not_told(radio):
    result = radio("group", "set", 4567, "--block-incoming", "on")
    assert result.code == 0 and "Kamailio was not told" in result.err and "aetactl reload" in result.err


def test_group_moves_to_another_customer(radio):
    radio.ok("customer", "add", "Other", "--email", "a@b.example")
    assert radio.ok("group", "set", 4567, "--customer", "Other")["customer"] == "Other"
    assert radio.ok("group", "list", "--customer", "Radio")["groups"] == []


def test_group_refusals(radio):
    for prefix in ("999", "0999", "10000", "45 7", "abcd", "4567x", "-999", "12345678901234567890"):
        radio.refused("is no prefix", "group", "add", prefix, "--customer", "Radio")
    radio.refused("group 4567 exists already: choose another one", "group", "add", 4567, "--customer", "Radio")
    radio.refused("no customer", "group", "add", 4568, "--customer", "Nobody")
    radio.refused("no customer", "group", "set", 4567, "--customer", "Nobody")
    radio.refused("no group 4568", "group", "set", 4568, "--hunting", "on")
    radio.refused("no such group", "group", "show", 4568)
    radio.refused("no group 4568", "group", "delete", 4568)
    radio.ok("account", "add", "45680001", "--kind", "factory")
    radio.refused("account 45680001 is not of a group", "group", "add", 4568, "--customer", "Radio")
    radio.ok("number", "allocate", 4567, 1)
    radio.refused("still has accounts", "group", "delete", 4567)


def test_group_delete(radio):
    assert radio.ok("group", "delete", 4567)["deleted"] == 4567
    assert radio.ok("group", "list")["groups"] == []


# ---- numbers


def test_allocate(radio):
    first = radio.ok("number", "allocate", 4567, 3)["accounts"]
    assert numbers(first) == ["45675001", "45675002", "45675003"] and {a["kind"] for a in first} == {"premium"}
    assert numbers(radio.ok("number", "allocate", 4567, 1)["accounts"]) == ["45675004"], "the series goes on"
    for account in first:
        assert re.fullmatch("[abcdefghjkmnpqrstuvwxyz2-9]{12}", account["password"])
        expect_password(radio, account["number"], account["password"])
    assert len({account["password"] for account in first}) == 3


def test_deleted_numbers_are_not_given_again(radio):
    radio.ok("number", "allocate", 4567, 2)
    radio.ok("account", "delete", "45675002")
    assert numbers(radio.ok("number", "allocate", 4567, 1)["accounts"]) == ["45675003"]


def test_allocate_with_twins(radio):
    radio.ok("group", "set", 4567, "--hunting", "on")
    told = radio.ok("number", "allocate", 4567, 2)["accounts"]
    assert numbers(told) == ["45675001", "45675002", "45676001", "45676002"]
    for account in told:
        expect_password(radio, account["number"], account["password"])
    radio.ok("account", "delete", "45676001")
    assert numbers(radio.ok("number", "allocate", 4567, 1)["accounts"]) == ["45675003", "45676003"], "a deleted twin stays deleted"


def test_hunting_on_makes_the_missing_twins(radio):
    radio.ok("number", "allocate", 4567, 3)
    told = radio.ok("group", "set", 4567, "--hunting", "on")
    assert numbers(told["accounts"]) == ["45676001", "45676002", "45676003"]
    expect_password(radio, "45676002", told["accounts"][1]["password"])
    assert "accounts" not in radio.ok("group", "set", 4567, "--hunting", "on"), "once"
    assert "accounts" not in radio.ok("group", "set", 4567, "--hunting", "off")
    assert len(radio.ok("account", "list", "--kind", "hunting")["accounts"]) == 3, "switching off deletes nothing"


def test_long_series_are_warned_of(radio):
    radio.ok("group", "set", 4567, "--hunting", "on")
    assert "members" not in radio("number", "allocate", 4567, 28).err
    assert "29 members; one hunt rings 28" in radio("number", "allocate", 4567, 1).err
    assert "29 members" in radio("group", "set", 4567, "--hunting", "on").err


def test_allocate_all_or_nothing(radio):
    radio.server.sql("UPDATE aeta_group SET last_seq = 5996 WHERE prefix = 4567")
    radio.refused("has 3 numbers left of 999: 4 cannot be allocated", "number", "allocate", 4567, 4)
    assert numbers(radio.ok("number", "allocate", 4567, 3)["accounts"]) == ["45675997", "45675998", "45675999"]
    radio.refused("has 0 numbers left of 999: 1 cannot be allocated; open another group", "number", "allocate", 4567, 1)


def test_allocate_rolls_back_in_the_middle(radio):
    """The third number cannot be written: none of the three is."""
    radio.server.sql("INSERT INTO aeta_account (number, kind) VALUES ('1', 'other')")
    radio.server.sql("""DELIMITER //
        CREATE TRIGGER zz_test BEFORE INSERT ON subscriber FOR EACH ROW FOLLOWS aeta_subscriber_bi
        IF NEW.username = '45675003' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no room for the third'; END IF//""")
    try:
        radio.refused("no room for the third", "number", "allocate", 4567, 3)
    finally:
        radio.server.sql("DROP TRIGGER zz_test")


def test_allocate_refusals(radio):
    radio.refused("no group 4568", "number", "allocate", 4568, 1)
    radio.refused("is no prefix", "number", "allocate", "x", 1)


def test_a_whole_series(radio):
    accounts = radio.ok("number", "allocate", 4567, 999)["accounts"]
    assert len(accounts) == 999 and len({account["password"] for account in accounts}) == 999
    letters = collections.Counter("".join(account["password"] for account in accounts))
    fair = 999 * 12 / 31  # each of the 31 as often as the other: five standard deviations are 97
    assert len(letters) == 31 and all(abs(count - fair) < 100 for count in letters.values())
    assert radio.ok("group", "show", 4567)["last_seq"] == 5999


def test_allocations_at_once(radio):
    """Eight at a time, each gets its own five in a row, and none is lost."""
    radio.ok("group", "set", 4567, "--hunting", "on")
    running = [subprocess.Popen(radio.command("--json", "number", "allocate", 4567, 5), stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True) for _ in range(8)]
    outputs = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == 8 * [0], outputs
    given = [re.findall(r'"number": "(\d+)"', out) for out, _ in outputs]
    assert sorted(n for many in given for n in many) == [str(45675001 + i) for i in range(40)] + [
        str(45676001 + i) for i in range(40)]
    for many in given:
        assert [int(n) for n in many[:5]] == list(range(int(many[0]), int(many[0]) + 5))
        assert [int(n) - 1000 for n in many[5:]] == [int(n) for n in many[:5]]


def test_a_busy_row_is_tried_again(radio):
    """Another session holds the group for longer than a lock wait: the second or third try gets through."""
    radio.server.sql("SET GLOBAL innodb_lock_wait_timeout = 1", database=None)
    try:
        holder = subprocess.Popen(["mariadb", f"--defaults-file={radio.server.options()}", "--unbuffered", "-N", "aeta"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        holder.stdin.write("START TRANSACTION; SELECT prefix FROM aeta_group WHERE prefix = 4567 FOR UPDATE;\n")
        holder.stdin.flush()
        assert holder.stdout.readline() == "4567\n"
        waiting = subprocess.Popen(radio.command("number", "allocate", 4567, 1), stdout=subprocess.PIPE, text=True)
        waits, end = set(), time.monotonic() + 20
        while len(waits) < 2 and time.monotonic() < end:  # its second wait has begun: the first one timed out
            waits |= {row[0] for row in radio.server.sql(
                "SELECT trx_wait_started FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'")}
            time.sleep(0.15)  # the server shows an old picture to those who ask more often
        holder.stdin.write("COMMIT;\n")
        holder.stdin.close()
        assert waiting.wait(30) == 0 and "45675001" in waiting.stdout.read()
        holder.wait(10)
    finally:
        radio.server.sql("SET GLOBAL innodb_lock_wait_timeout = DEFAULT", database=None)


# ---- accounts


def test_account_add_factory(radio):
    made = radio.ok("account", "add", "902080", "--kind", "factory", "--product", "Scoop5 S", "--serial", "1234",
                    "--customer", "Radio", "--comment", "spare")
    assert made["kind"] == "factory"
    expect_password(radio, "902080", made["password"])
    shown = radio.ok("account", "show", "902080")
    assert shown["product"] == "Scoop5 S" and shown["serial"] == "1234" and shown["customer"] == "Radio"
    assert shown["state"] == "active" and shown["valid_until"] is None and shown["registered"] is None
    assert "ha1" not in str(shown).lower()


@pytest.mark.parametrize("given,until,state", [
    ("2099-12-31", "2099-12-31 23:59:59", "active"), ("2099-12-31 08:30", "2099-12-31 08:30:00", "active"),
    ("2099-12-31T08:30:15Z", "2099-12-31 08:30:15", "active"), ("2096-02-29", "2096-02-29 23:59:59", "active"),
    ("never", None, "active")])
def test_account_add_other_with_an_end(radio, given, until, state):
    radio.ok("account", "add", "15001", "--kind", "other", "--until", given)
    shown = radio.ok("account", "show", "15001")
    assert (shown["valid_until"], shown["state"]) == (until, state)


def test_a_new_account_has_not_ended_already(radio):
    radio.refused("Ends is over already", "account", "add", "15001", "--kind", "other", "--until", "2024-02-29")
    radio.refused("no account", "account", "show", "15001")


def test_account_add_by_password(radio):
    made = radio.ok("account", "add", "902080", "--kind", "factory", "--password-stdin", stdin="burnt-In 42\n")
    assert "password" not in made, "a password that was typed is not repeated"
    expect_password(radio, "902080", "burnt-In 42")
    assert "fewer than 8" in radio("account", "password", "902080", "--password-stdin", stdin="short").err
    expect_password(radio, "902080", "short")


def test_account_add_by_ha1(radio):
    ha1, ha1b = md5("902080:aeta:secret"), md5("902080@aeta:aeta:secret")
    assert "password" not in radio.ok("account", "add", "902080", "--kind", "factory", "--ha1", stdin=ha1.upper() + "\n")
    assert stored(radio, "902080")[0][2] == ha1 and re.fullmatch("[0-9a-f]{32}", stored(radio, "902080")[0][3])
    radio.ok("account", "add", "902081", "--kind", "factory", "--ha1", stdin=f"{ha1}\n{ha1b}\n")
    assert stored(radio, "902081") == [["aeta", "", ha1, ha1b]]
    radio.ok("account", "password", "902081", "--ha1", stdin=f"{ha1b}\n\n")
    assert stored(radio, "902081")[0][2] == ha1b and stored(radio, "902081")[0][3] not in (ha1, ha1b)


@pytest.mark.parametrize("option,stdin,sentence", [
    ("--password-stdin", "", "no password"), ("--password-stdin", "\n", "no password"),
    ("--password-stdin", 65 * "x", "too long"), ("--password-stdin", "a\tb", "no device can send"),
    ("--password-stdin", "a\x7f", "no device can send"),
    ("--ha1", "", "no HA1"), ("--ha1", "secret\n", "32 hex digits"), ("--ha1", 31 * "a", "32 hex digits"),
    ("--ha1", 33 * "a", "32 hex digits"), ("--ha1", 31 * "a" + "g", "32 hex digits"),
    ("--ha1", 32 * "a" + "\nxyz\n", "an HA1B is the 32 hex digits")])
def test_credentials_that_are_none(radio, option, stdin, sentence):
    radio.refused(sentence, "account", "add", "902080", "--kind", "factory", option, stdin=stdin)


def test_account_refusals(radio):
    radio.ok("account", "add", "902080", "--kind", "factory")
    radio.ok("number", "allocate", 4567, 1)
    add = ("account", "add")
    radio.refused("number 902080 exists already: choose another one", *add, "902080", "--kind", "factory")
    radio.refused("902080 exists already", *add, "902080", "--kind", "other")
    radio.refused("45675001 exists already", *add, "45675001", "--kind", "other")
    radio.refused("inside group 4567", *add, "45675002", "--kind", "factory")
    radio.refused("4 digits", *add, "5002", "--kind", "other")
    for number in ("12ab", "+15001", "15001 ", "1" * 19, "１２３", "alice", "15001\n", "-15001"):
        radio.refused("is no number", *add, number, "--kind", "other")
    radio.refused("factory account's", *add, "15001", "--kind", "other", "--serial", "1")
    radio.refused("no customer", *add, "15001", "--kind", "other", "--customer", "Nobody")
    radio.refused("exclude each other", *add, "15001", "--kind", "other", "--ha1", "--password-stdin")
    for verb in ("show", "delete", "lock", "unlock", "suspend", "password"):
        radio.refused('no account "15001"', "account", verb, "15001")
        radio.refused("is no number", "account", verb, "902080 ")
    radio.refused('no account "15001"', "account", "until", "15001", "never")


def test_password_again(radio):
    first = radio.ok("account", "add", "902080", "--kind", "factory")["password"]
    second = radio.ok("account", "password", "902080")["password"]
    assert first != second
    expect_password(radio, "902080", second)
    radio.server.sql("DELETE FROM subscriber")
    expect_password(radio, "902080", radio.ok("account", "password", "902080")["password"])


def test_another_realm(radio):
    radio.configure(realm="sip.radio.example")
    made = radio.ok("account", "add", "902080", "--kind", "factory")
    expect_password(radio, "902080", made["password"], "sip.radio.example")


def test_states(radio):
    radio.ok("account", "add", "902080", "--kind", "factory")
    for verb, state in (("lock", "locked"), ("suspend", "suspended"), ("unlock", "active")):
        assert radio.ok("account", verb, "902080")["state"] == state
        assert radio.ok("account", verb, "902080")["state"] == state, "twice is once"
    assert radio.ok("account", "until", "902080", "2020-01-01")["state"] == "ended"
    assert radio.ok("account", "unlock", "902080")["state"] == "ended"
    assert radio.ok("account", "until", "902080", "never")["state"] == "active"
    assert "was not removed" in radio("account", "lock", "902080").err


def test_account_set(radio):
    radio.ok("number", "allocate", 4567, 1)
    radio.ok("account", "add", "902080", "--kind", "factory", "--product", "Scoop5 S")
    told = radio.ok("account", "set", "902080", "--product", "Quantum", "--serial", "A-1", "--customer", "Radio", "--comment", "lent",
                    "--media", "never")
    assert [told[key] for key in ("product", "serial", "customer", "comment", "media")] == ["Quantum", "A-1", "Radio", "lent", "never"]
    told = radio.ok("account", "set", "902080", "--product", "", "--customer", "", "--comment", "")
    assert [told[key] for key in ("product", "serial", "customer", "comment", "media")] == [None, "A-1", None, "", "never"]
    assert radio.ok("account", "set", "45675001", "--comment", "studio 1")["customer"] == "Radio"
    radio.refused("factory account's", "account", "set", "45675001", "--serial", "1")
    radio.refused("is the group's", "account", "set", "45675001", "--customer", "Radio", "--comment", "x")
    radio.refused("no customer", "account", "set", "902080", "--customer", "Nobody", "--comment", "x")
    radio.refused("Comment is too long", "account", "set", "902080", "--comment", 256 * "x")


def test_account_list(radio):
    radio.ok("group", "set", 4567, "--hunting", "on")
    radio.ok("number", "allocate", 4567, 2)
    radio.ok("account", "add", "902080", "--kind", "factory", "--customer", "Radio")
    radio.ok("account", "add", "15000", "--kind", "other")
    assert radio.ok("account", "until", "15000", "2020-01-01")["state"] == "ended"
    radio.ok("account", "lock", "45675002")

    def listed(*arguments):
        return numbers(radio.ok("account", "list", *arguments)["accounts"])

    assert listed() == ["15000", "902080", "45675001", "45675002", "45676001", "45676002"]
    assert listed("--group", 4567, "--kind", "premium") == ["45675001", "45675002"]
    assert listed("--kind", "hunting") == ["45676001", "45676002"]
    assert listed("--customer", "Radio") == ["902080", "45675001", "45675002", "45676001", "45676002"]
    assert listed("--state", "locked") == ["45675002"]
    assert listed("--state", "ended") == ["15000"]
    assert listed("--group", 4599) == []
    assert "only the first 2" in radio("account", "list", "--limit", 2).err
    radio.refused("is no prefix", "account", "list", "--group", "x")


def test_delete(radio):
    radio.ok("account", "add", "902080", "--kind", "factory")
    assert radio.ok("account", "delete", "902080")["deleted"] == "902080"
    assert stored(radio, "902080") == []
    radio.ok("number", "allocate", 4567, 1)
    assert "never given again" in radio("account", "delete", "45675001").err


# ---- secrets


def test_no_secret_on_the_command_line(radio):
    """While it runs, neither its arguments nor its environment hold the password that it reads."""
    radio.ok("account", "add", "902080", "--kind", "factory")
    running = subprocess.Popen(radio.command("account", "password", "902080", "--password-stdin"), stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    running.stdin.write(b"the-secret-of-902080")
    running.stdin.flush()
    left = bytearray(4)
    end = time.monotonic() + 20
    while time.monotonic() < end:  # until it has read all of it and waits for the end of the line
        fcntl.ioctl(running.stdin, termios.FIONREAD, left)
        if not any(left):
            break
        time.sleep(0.01)
    seen = open(f"/proc/{running.pid}/cmdline", "rb").read() + open(f"/proc/{running.pid}/environ", "rb").read()
    out, err = running.communicate(b"\n", timeout=30)
    assert running.returncode == 0, err
    assert b"902080" in seen and b"the-secret" not in seen + out + err
    assert radio.server.passwords["aeta_admin"].encode() not in seen
    expect_password(radio, "902080", "the-secret-of-902080")
    assert radio("account", "password", "902080", "--password", "x").code == 2, "there is no such option"
    assert radio("account", "password", "902080", "--ha1", md5("x")).code == 2


def read_some(terminal):
    """What the terminal shows next; nothing at its end."""
    if not select.select([terminal], [], [], 30)[0]:
        raise AssertionError("the terminal stays silent")
    try:
        return os.read(terminal, 1000)
    except OSError:
        return b""  # it is closed


def type_in(ctl, *lines):
    """Types at its terminal as it asks; its exit status and what the terminal showed."""
    child, terminal = pty.fork()
    if child == 0:
        command = ctl.command("account", "password", "902080", "--password-stdin")
        os.execv(command[0], command)
    shown = b""
    for line in lines:
        while not shown.endswith(b": "):
            shown += read_some(terminal)
        echo = termios.tcgetattr(terminal)[3] & termios.ECHO
        os.write(terminal, line)
        shown += b"(echo)" if echo else b"(quiet)"
    while data := read_some(terminal):
        shown += data
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode()


def test_typed_at_a_terminal(radio):
    radio.ok("account", "add", "902080", "--kind", "factory")
    code, shown = type_in(radio, b"typed-secret\n", b"typed-secret\n")
    assert code == 0 and "(echo)" not in shown and "password:" in shown and "once more:" in shown and "typed-secret" not in shown
    expect_password(radio, "902080", "typed-secret")
    code, shown = type_in(radio, b"typed-secret\n", b"typed-secrex\n")
    assert code == 1 and "differ" in shown
    code, shown = type_in(radio, b"typed\x03")
    assert code == 1 and "interrupted; nothing was changed" in shown
    expect_password(radio, "902080", "typed-secret")


# ---- exceptions, domains


def test_exceptions(radio):
    assert radio.ok("exception", "list")["exceptions"] == [{"group": "every", "number": "15000"}]
    added = radio.ok("exception", "add", "902080", "--group", 4567)
    assert added["exceptions"][1] == {"group": "4567", "number": "902080"} and added["aeta.reload"]["done"] is False
    radio.refused("exception there already", "exception", "add", "902080", "--group", 4567)
    radio.refused("exception there already", "exception", "add", "15000")
    radio.refused("no such group", "exception", "add", "902080", "--group", 4568)
    radio.refused("4 digits", "exception", "add", "5002", "--group", 4567)
    radio.refused("1 to 18 digits", "exception", "add", "9020x")
    radio.refused("is no prefix", "exception", "add", "902080", "--group", "x")
    radio.refused("no exception there", "exception", "delete", "902080")
    assert len(radio.ok("exception", "delete", "902080", "--group", 4567)["exceptions"]) == 1
    assert radio.ok("exception", "delete", "15000")["exceptions"] == []
    assert "exceptions: none" in radio("exception", "list").out


def test_domains(radio):
    added = radio.ok("domain", "add", "SIP.radio.example", "--relay-set", "fr", "--comment", "France")
    assert added["domains"] == [{"domain": "sip.radio.example", "relay_set": "fr", "relays": 0, "comment": "France"}]
    assert added["domain.reload"]["done"] is False
    radio.ok("domain", "add", "192.0.2.7")
    radio.ok("domain", "add", "[2001:db8::7]")
    assert radio.ok("domain", "list")["domains"][0] == {"domain": "192.0.2.7", "relay_set": "default", "relays": 0, "comment": ""}
    radio.refused("domain of the service already", "domain", "add", "sip.radio.example")
    radio.refused("host name or a bare address", "domain", "add", "sip:radio example")
    radio.refused("no domain of the service", "domain", "delete", "sip.example.net")
    assert len(radio.ok("domain", "delete", "192.0.2.7")["domains"]) == 2
