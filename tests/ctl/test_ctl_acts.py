# SPDX-License-Identifier: GPL-2.0-or-later
"""Every act that aetactl does in the database, one after the other: what the audit says of each. An act is named here, or this fails."""

import json
import re

import pytest

from aetactl import Ctl
from db import ROOT

# Acts that change no row: Kamailio does them, or nobody may see the values. Each is noted with a detail, or with its object alone.
WITHOUT_VALUES = {"account password", "ban lift", "call end", "operator password", "nat ask", "operator second factor", "prune", "redial lift",
                  "contact second factor", "mail test", "mail retry", "mail drop", "trace read", "trace start", "trace stop", "weblogin delete",
                  "weblogin password", "session delete", "session end"}
# ... and those whose values are not of one row.
OF_COMMANDS = {"account add", "account import: change", "account import: new", "account set", "customer add", "nat off", "nat on",
               "number allocate", "operator add", "operator delete", "operator set", "relay-set add", "retention set", "contact password",
               "contact disable", "contact login delete", "announce"}


def named_in_the_source():
    """The acts that are written out in C; those of descriptions are a noun of a table and add, set or delete."""
    told = re.compile(r'(?:\baudit(?:_act|_change|_write|_row)?|now_audit)\(((?:[^;"]|"[^"]*")*);|\.action = ("[^"]*")')
    names = set()
    for file in (ROOT / "admin").glob("*/*.c"):
        for arguments, action in told.findall(file.read_text()):
            names |= set(re.findall(r'"([a-z][a-z-]* [a-z :-]*[a-z])"', action or arguments.split("json_pack")[0]))
    return names


def rows(ctl):
    return ctl.server.sql("SELECT action, object, detail, IFNULL(old_values, 'null'), IFNULL(new_values, 'null'), who, from_where "
                          "FROM aeta_audit ORDER BY id")


def walk(ctl, folder):
    """Does everything once, and returns the secrets that were told."""
    secrets = []

    def told(*arguments, **more):
        result = ctl.ok(*arguments, **more)
        secrets.extend(re.findall(r'"(?:web_)?password": "([^"]+)"', json.dumps(result)))
        return result

    told("customer", "add", "Süd", "--email", "a@sued.example", "--contact", "Ann", "--phone", "1", "--comment", "x")
    told("customer", "set", "Süd", "--comment", "y")
    told("contact", "add", "Süd", "b@sued.example")
    told("contact", "set", "Süd", "b@sued.example", "--name", "Bob")
    told("contact", "password", "Süd", "b@sued.example")
    told("contact", "disable", "Süd", "b@sued.example")
    told("contact", "disable", "Süd", "b@sued.example", "--delete")
    told("contact", "delete", "Süd", "b@sued.example")
    told("announce", "Works", "--text-stdin", stdin="Text\n")
    for mail in ctl.ok("mail", "list")["mails"]:
        told("mail", "drop", mail["id"])
    told("group", "add", 4567, "--customer", "Süd", "--self-management", "on")
    told("number", "allocate", 4567, 2)
    told("group", "set", 4567, "--hunting", "on")
    told("account", "add", 902080, "--kind", "factory", "--product", "Scoop5 S", "--customer", "Süd")
    told("account", "set", 902080, "--comment", "x")
    told("account", "set", 902080, "--customer", "")
    told("account", "password", 902080)
    told("account", "lock", 902080)
    told("nat", "off", 902080)
    told("nat", "on", 902080)
    told("account", "delete", 902080)
    told("weblogin", "password", 45675001)
    told("edit", "web-logins", 45675001, "email=c@sued.example")
    told("weblogin", "delete", 45675001)
    table = folder / "accounts.csv"
    table.write_text("number,kind,comment,password\n45675001,,changed,\n77001,other,new,Secret77001x\n")
    secrets.append("Secret77001x")
    told("account", "import", table, "--credentials", folder / "told.csv")
    secrets.extend(re.findall(r"[A-Za-z0-9]{12}", (folder / "told.csv").read_text()))
    told("exception", "add", 902080, "--group", 4567)
    told("exception", "delete", 902080, "--group", 4567)
    told("domain", "add", "sip.sued.example")
    told("domain", "set", "sip.sued.example", "--comment", "x")
    told("domain", "delete", "sip.sued.example")
    told("relay", "add", "fr", "udp:192.0.2.60:2223")
    told("relay", "disable", "fr", "udp:192.0.2.60:2223")
    number = ctl.server.sql("SELECT number FROM aeta_relay_set WHERE name = 'fr'")[0][0]
    told("edit", "relay-sets", number, "name=paris")
    told("relay", "remove", "paris", "udp:192.0.2.60:2223")
    told("operator", "add", "anna", "--role", "support", "--name", "Anna")
    told("operator", "set", "anna", "--role", "admin", "--drop-totp")
    told("operator", "password", "anna")
    ctl.server.sql("INSERT INTO aeta_web_session (id, token_hash, operator_id, ends_at) SELECT 7, REPEAT('a', 64), id, '2038-01-01' "
                   "FROM aeta_operator WHERE login = 'anna'")
    told("session", "end", 7)
    told("operator", "delete", "anna")
    told("retention", "set", "cdr", 36)
    told("retention", "set", "cdr", 24)
    ctl.server.sql("INSERT INTO acc_cdrs (start_time, end_time) VALUES ('2001-01-01', '2001-01-01')")
    told("prune")
    told("group", "set", 4567, "--self-management", "off")
    for account in ctl.ok("account", "list")["accounts"]:
        told("account", "delete", account["number"])
    told("group", "delete", 4567)
    told("customer", "delete", "Süd")
    return secrets


@pytest.fixture(scope="module")
def walked(server, tmp_path_factory):
    """(rows of the audit, secrets that were told or stored) of one walk."""
    folder = tmp_path_factory.mktemp("acts")
    server.clean("DELETE FROM aeta_audit; DELETE FROM aeta_web_login; DELETE FROM aeta_operator;")
    ctl = Ctl(folder, server)
    server.sql("CREATE TABLE seen_secrets (s TEXT); "
               "CREATE TRIGGER seen_i AFTER INSERT ON subscriber FOR EACH ROW INSERT INTO seen_secrets VALUES (NEW.ha1), (NEW.ha1b); "
               "CREATE TRIGGER seen_u AFTER UPDATE ON subscriber FOR EACH ROW INSERT INTO seen_secrets VALUES (NEW.ha1), (NEW.ha1b); "
               "CREATE TRIGGER seen_w AFTER INSERT ON aeta_web_login FOR EACH ROW INSERT INTO seen_secrets VALUES (NEW.password); "
               "CREATE TRIGGER seen_o AFTER INSERT ON aeta_operator FOR EACH ROW INSERT INTO seen_secrets VALUES (NEW.password)")
    try:
        told = walk(ctl, folder)
        return rows(ctl), told + [value for (value,) in server.sql("SELECT s FROM seen_secrets")]
    finally:
        server.sql("DROP TRIGGER seen_i; DROP TRIGGER seen_u; DROP TRIGGER seen_w; DROP TRIGGER seen_o; DROP TABLE seen_secrets")


def test_every_act_has_its_name_and_its_values(walked):
    for action, key, _detail, before, after, who, where in walked[0]:
        was, now = json.loads(before), json.loads(after)
        assert key and who and where, (action, key)
        if action in WITHOUT_VALUES:
            assert was is None and now is None or action.endswith(" delete"), (action, before, after)
        elif action.endswith((" add", ": new", " allocate", "announce", "contact password")):
            assert was is None and now and isinstance(now, dict), (action, before, after)
        elif action.endswith(" delete"):
            assert now is None and was and isinstance(was, dict), (action, before, after)
        else:
            assert isinstance(was, dict) and was.keys() == now.keys() and was != now, (action, before, after)


def test_no_act_tells_a_secret(walked):
    done, secrets = walked
    text = json.dumps(done)
    assert len(set(secrets)) > 30 and not [secret for secret in secrets if secret in text]


def test_the_values_of_what_is_more_than_one_row(walked):
    values = {row[0]: json.loads(row[4]) for row in reversed(walked[0])}  # of the first act of each name
    assert values["customer add"] == {"name": "Süd", "comment": "x",
                                      "contact": {"email": "a@sued.example", "name": "Ann", "phone": "1"}}
    assert values["number allocate"] == {"premium": ["45675001", "45675002"], "hunting": None, "accounts": 2, "web_logins": True}
    assert values["relay-set add"] == {"name": "fr"} and values["nat off"] == {"detection": False}
    assert values["retention set"] == {"months": 36} and values["operator add"]["role"] == "support"


def test_no_act_is_left_out(walked):
    """A new name in the source has to be done above, or to be one of those that change no values."""
    done, named = {row[0] for row in walked[0]}, named_in_the_source()
    assert OF_COMMANDS <= done and {"ban lift", "trace start", "operator second factor"} <= named
    assert named <= done | WITHOUT_VALUES, named - done - WITHOUT_VALUES
