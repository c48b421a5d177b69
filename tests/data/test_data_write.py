# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes: who may make which, what is right, lost updates, and the audit."""

import json
import threading

import pytest

from data_shell import ACCOUNT, ADMIN, CONTACT, NOBODY, SUPPORT, VIEWER, Data

EVERYBODY = (VIEWER, SUPPORT, ADMIN, CONTACT(1), CONTACT(2), ACCOUNT("45675001"), ACCOUNT("45995001"), NOBODY)


def audit(server):
    """Rows since the scene's own: (who, where, action, object, before, after)."""
    rows = server.sql("SELECT who, from_where, action, object, IFNULL(old_values, 'null'), IFNULL(new_values, 'null') "
                      "FROM aeta_audit WHERE id > 1 ORDER BY id")
    return [(*row[:4], json.loads(row[4]), json.loads(row[5])) for row in rows]


def dump(server):
    tables = [row[0] for row in server.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = 'aeta' "
                                           "AND table_type = 'BASE TABLE' AND table_name NOT IN ('aeta_generation', 'location')")]
    return server.sql("".join(f"SELECT '{name}', t.* FROM `{name}` t;" for name in sorted(tables)))


def test_an_update_changes_what_it_says_and_is_noted(data, scene):
    before = data.show("groups", "4567")
    answer = data.update("groups", SUPPORT, "4567", before["_version"], name="Studios B ", block_outgoing="on", media="auto")
    assert answer["rc"] == "", answer
    after = data.show("groups", "4567")
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"name", "block_outgoing", "_version"} and after["name"] == "Studios B"
    assert audit(scene) == [("support", "a test", "group set", "4567", {"name": "Studios", "block_outgoing": False},
                             {"name": "Studios B", "block_outgoing": True})]


def test_no_real_change_is_no_write(data, scene):
    before = dump(scene)
    version = data.show("accounts", "902080")["_version"]
    assert data.update("accounts", ADMIN, "902080", version, product="Scoop5 S", media="", valid_until="")["rc"] == ""
    assert dump(scene) == before


def test_empty_becomes_null_where_the_column_knows_it(data, scene):
    version = data.show("accounts", "902080")["_version"]
    assert data.update("accounts", ADMIN, "902080", version, product="", valid_until="2030-01-31", media="never")["rc"] == ""
    assert scene.sql("SELECT product, valid_until, media FROM aeta_account WHERE number = 902080") == [
        ["NULL", "2030-01-31 23:59:59", "never"]]
    assert audit(scene)[0][4:] == ({"valid_until": None, "media": None, "product": "Scoop5 S"},
                                   {"valid_until": "2030-01-31 23:59:59", "media": "never", "product": None})


def test_a_lost_update_is_refused(data, scene):
    version = data.show("groups", "4567")["_version"]
    assert data.update("groups", ADMIN, "4567", version, name="first")["rc"] == ""
    before = dump(scene)
    for stale in (version, "", "0", "x", version + " "):
        answer = data.update("groups", ADMIN, "4567", stale, name="second")
        assert answer["rc"] == "ESTALE" and "meanwhile" in answer["error"], answer
        assert data.delete("groups", ADMIN, "4567", stale)["rc"] == "ESTALE"
    assert dump(scene) == before
    scene.sql("UPDATE aeta_group SET name = 'by SQL' WHERE prefix = 4599")  # whoever writes: the version tells
    assert data.update("groups", ADMIN, "4599", "1", name="late")["rc"] == "ESTALE"


def test_of_those_who_write_at_once_one_wins(data, scene, tmp_path):
    version = data.show("customers", "1")["_version"]
    results = []

    def write(i):
        with Data(tmp_path / str(i), scene) as own:
            results.append((own.update("customers", ADMIN, "1", version, name=f"writer {i}")["rc"], i))

    for i in range(6):
        (tmp_path / str(i)).mkdir()
    threads = [threading.Thread(target=write, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [i for rc, i in results if rc == ""]
    assert len(winners) == 1 and sorted(rc for rc, _ in results) == ["", *["ESTALE"] * 5]
    assert data.show("customers", "1")["name"] == f"writer {winners[0]}"
    assert len(audit(scene)) == 1


def test_that_a_group_gives_a_number_is_no_change_of_it(data, scene):
    version = data.show("groups", "4567")["_version"]
    scene.sql("INSERT INTO aeta_account (number, kind) VALUES ('45675003', 'premium')")
    assert data.show("groups", "4567")["_version"] == version


def test_what_is_wrong_is_said_for_each_value(data, scene):
    before = dump(scene)
    version = data.show("groups", "4567")["_version"]
    answer = data.update("groups", ADMIN, "4567", version, no_answer_s="121", hunting="perhaps", media="sometimes", name="a\nb")
    assert answer["rc"] == "EINVAL" and set(answer["problems"]) == {"no_answer_s", "hunting", "media", "name"}, answer
    assert answer["problems"]["no_answer_s"] == "is a number from 0 to 120"
    answer = data.insert("contacts", ADMIN, customer_id="1", email="a@b")
    assert set(answer["problems"]) == {"email"}
    answer = data.insert("groups", ADMIN, name="x")
    assert set(answer["problems"]) == {"prefix", "customer_id"}
    assert dump(scene) == before


@pytest.mark.parametrize("email, right", [("a@b.c", True), ("a@b", False), ("@b.c", False), ("a@.c", False), ("a@b.", False),
                                          ("a b@c.d", False), ("a@b.c,d@e.f", False), ("a@b@c.d", False), ("<a@b.c>", False),
                                          ("ä@b.c", True), ("a@b..c", False), ("a\r\nBcc: x@y.z", False), ("", False)])
def test_addresses_of_mail(data, scene, email, right):
    answer = data.insert("contacts", ADMIN, customer_id="1", email=email)
    assert (answer["rc"] == "") == right, answer
    assert len(audit(scene)) == right


def test_a_rule_of_the_schema_undoes_the_audit_too(data, scene):
    before = dump(scene)
    answer = data.insert("groups", ADMIN, prefix="1500", customer_id="99")
    assert answer["rc"] == "EPERM" and "no such customer" in answer["error"]
    answer = data.delete("customers", ADMIN, "1", "1")
    assert answer["rc"] == "EPERM" and "still has groups" in answer["error"]
    assert data.delete("contacts", ADMIN, "1", "1")["rc"] == "EPERM"  # the last one
    assert data.insert("domains", ADMIN, domain="sip.example.com")["rc"] == "EEXIST"
    assert data.insert("relays", ADMIN, url="http://x")["rc"] == "EPERM"
    assert dump(scene) == before


def test_without_the_audit_nothing_is_written(data, scene):
    scene.sql("CREATE TRIGGER no_audit BEFORE INSERT ON aeta_audit FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'full'")
    try:
        before = dump(scene)
        assert data.update("customers", ADMIN, "1", "1", name="x")["rc"] == "EPERM"
        assert data.insert("domains", ADMIN, domain="new.example")["rc"] == "EPERM"
        assert data.delete("exceptions", ADMIN, "4567-902080")["rc"] == "EPERM"
        assert dump(scene) == before
    finally:
        scene.sql("DROP TRIGGER no_audit")


def test_insert_and_delete_have_the_whole_row_in_the_audit(data, scene):
    answer = data.insert("domains", ADMIN, domain="SIP.Other.Example", relay_set="new")
    assert answer["rc"] == "" and answer["key"] == "sip.other.example", answer
    assert data.show("domains", answer["key"])["relay_set"] == "new"
    relay = data.insert("relays", ADMIN, url="udp:192.0.2.70:2223", position="2")["key"]
    assert data.show("relays", relay)["enabled"] == "1"
    exception = data.insert("exceptions", SUPPORT, number="15001")
    assert exception["key"] == "0-15001"
    assert data.delete("exceptions", SUPPORT, "0-15001")["rc"] == ""
    assert data.ask("show", "exceptions", key="0-15001")["rc"] == "ENOENT"
    new = {"domain": "sip.other.example", "relay_set": "new", "comment": ""}
    assert audit(scene) == [
        ("admin", "a test", "domain add", "sip.other.example", None, new),
        ("admin", "a test", "relay add", relay, None,
         {"set_number": 0, "url": "udp:192.0.2.70:2223", "position": 2, "enabled": True, "comment": ""}),
        ("support", "a test", "exception add", "0-15001", None, {"prefix": 0, "number": "15001"}),
        ("support", "a test", "exception delete", "0-15001", {"prefix": 0, "number": "15001"}, None)]


def test_a_new_group_begins_as_the_form_does(data, scene):
    assert data.insert("groups", SUPPORT, prefix="4600", customer_id="2")["key"] == "4600"
    scene.sql("INSERT INTO aeta_group (prefix, customer_id) VALUES (4601, 2)")
    by_form, by_sql = (data.show("groups", prefix) for prefix in ("4600", "4601"))
    for row in by_form, by_sql:
        del row["_key"], row["prefix"], row["created_at"]
    assert by_form == by_sql


def test_nobody_changes_what_is_not_theirs(data, scene):
    """Every table, every column, as everybody: rows of others are not there, columns of others are refused."""
    before = dump(scene)
    everything = {table["name"]: data.keys(table["name"]) for table in data.tables()}
    for table in data.tables():
        for scope in EVERYBODY:
            name, by = table["name"], scope["by"]
            own = {row["_key"] for row in data.ask("list", name, scope)["rows"]}
            for column in table["columns"]:
                for key in everything[name]:
                    rc = data.update(name, scope, key, "no version", **{column["name"]: "\x01"})["rc"]
                    allowed = by in column["edit"] and column["store"]
                    assert rc in (("EINVAL",) if allowed else ("EINVAL", "EACCES", "ENOENT")), (name, scope, column, rc)
            for key in everything[name]:
                for rc in (data.update(name, scope, key, "no version")["rc"], data.delete(name, scope, key, "no version")["rc"]):
                    assert rc in (("ESTALE", "EACCES") if key in own else ("ENOENT", "EACCES")) or (
                        key in own and not table["versioned"]), (name, scope, key, rc)
                if name in ("exceptions", "sessions") and by in ("support", "admin", "account"):
                    break  # the loop would delete what it may
            assert data.insert(name, scope, nonsense="x")["rc"] in ("EINVAL", "EACCES", "ENOENT")
    allowed = {"aeta_exception", "aeta_web_session", "aeta_audit"}
    assert [row for row in dump(scene) if row[0] not in allowed] == [row for row in before if row[0] not in allowed]


def test_an_account_changes_its_own_mail_and_nothing_else(data, scene):
    me = ACCOUNT("45675001")
    assert data.update("web-logins", me, "45675001", "1", email="studio@radio.example")["rc"] == ""
    assert data.update("web-logins", me, "45995001", "1", email="studio@radio.example")["rc"] == "ENOENT"
    assert data.update("web-logins", me, "45675001", "2", created_at="2020-01-01")["rc"] == "EACCES"
    assert data.update("accounts", me, "45675001", "1", media="never")["rc"] == "EACCES"
    assert data.delete("sessions", me, "1")["rc"] == "ENOENT" and data.delete("sessions", me, "2")["rc"] == ""
    assert [row[:4] for row in audit(scene)] == [("45675001", "a test", "weblogin set", "45675001"),
                                                 ("45675001", "a test", "session delete", "2")]


def test_no_secret_is_in_the_audit(data, scene):
    assert data.delete("accounts", ADMIN, "902080", "1")["rc"] == ""
    assert data.update("operators", ADMIN, "ann", "1", name="Ann")["rc"] == ""
    assert data.delete("sessions", ADMIN, "1")["rc"] == ""
    text = str(scene.sql("SELECT * FROM aeta_audit"))
    secrets = scene.sql("SELECT ha1 FROM subscriber UNION SELECT token_hash FROM aeta_web_session "
                        "UNION SELECT MD5('902080:aeta:secret') UNION SELECT REPEAT('a', 64)")
    assert "902080" in text and not any(secret in text for (secret,) in secrets)
