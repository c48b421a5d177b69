# SPDX-License-Identifier: GPL-2.0-or-later
"""The routing decision and the rights, from the native script, against the real tables."""
import re

import pytest
from conftest import account, env_of, fill, url_of
from kam import Kamailio, digest, wait_for
import script


def test_routes_and_names_the_rule(clean, phone):
    rc, v = phone.call("route", "45675001", "5002")
    assert rc == 1
    assert v["verdict"] == "route" and v["rule"] == "short-dial" and v["promise"] == "B3" and v["code"] == "0"
    assert v["final"] == "45675002" and v["dialled"] == "5002" and v["caller"] == "45675001" and v["group"] == "4567"


def test_refuses_with_code_and_reason(clean, phone):
    rc, v = phone.call("route", "45995001", "45675001")
    assert rc == -1 and v["code"] == "403" and v["rule"] == "outgoing-blocked" and v["group"] == "4599"
    assert v["reason"] == "Outgoing calls blocked (B5 outgoing-blocked)"


def test_dialled_is_the_ruri_user_by_default(clean, phone):
    rc, v = phone.call("route1", "45675001", to="15000")
    assert rc == 1 and v["dialled"] == "15000" and v["final"] == "15000"


def test_never_touches_the_ruri(clean, phone):
    phone.call("route", "45675001", "5002", to="5002")
    assert phone.done["X-Ru"] == "sip:5002@sip.example.com"


def test_caller_is_the_authenticated_user_by_default(clean, phone):
    challenge = phone.ask("OPTIONS", "1", "5002", headers=["X-Do: route0"], call_id="auth")
    assert challenge.status == 407
    uri = "sip:5002@sip.example.com"
    right = digest(challenge["Proxy-Authenticate"], "45675003", "secret", "OPTIONS", uri)
    rc, v = phone.do("route0", to="5002", headers=[f"Proxy-Authorization: {right}"])
    assert rc == 1 and v["caller"] == "45675003" and v["final"] == "45675002"


def test_hunting_number(clean, phone):
    rc, v = phone.call("route", "45675001", "6000")
    assert rc == 2 and v["verdict"] == "hunt" and v["final"] == "45676000" and v["hunt"].startswith("4567,1,0,0,")


@pytest.mark.parametrize("dialled", ["abc", "", "5002x", "1" * 70, "%35002", "' OR 1=1 --"])
def test_anything_else_is_no_number(clean, phone, dialled):
    rc, v = phone.call("route", "45675001", dialled)
    assert rc == -1 and v["code"] == "404"


@pytest.mark.parametrize("caller", ["", "abc", "' OR '1'='1", "99999999"])
def test_unknown_caller(clean, phone, caller):
    rc, v = phone.call("route", caller, "15000")
    assert rc == -1 and v["rule"] == "caller-unknown" and v["code"] == "403"


def test_account_made_by_plain_sql_works_at_once(clean, server, phone):
    assert phone.call("route", "45675001", "12345")[1]["rule"] == "unknown-number"
    server.sql(account("12345", "other"))
    assert phone.call("route", "45675001", "12345")[0] == 1
    server.sql("DELETE FROM aeta_account WHERE number = '12345'")
    assert phone.call("route", "45675001", "12345")[1]["rule"] == "unknown-number"


@pytest.mark.parametrize("change, word", [("state='locked'", "locked"), ("state='suspended'", "suspended"),
                                          ("valid_until='2020-01-01 00:00:00'", "ended")])
def test_locked_suspended_ended(clean, server, phone, change, word):
    server.sql(f"UPDATE aeta_account SET {change} WHERE number='45675002'")
    rc, v = phone.call("route", "45675001", "5002")
    assert rc == -1 and v["rule"] == f"callee-{word}" and v["code"] == "480"
    rc, v = phone.call("route", "45675002", "5001")
    assert rc == -1 and v["rule"] == f"caller-{word}" and v["code"] == "403"
    for what in ("originate", "register"):
        rc, v = phone.call(what, "45675002")
        assert rc == -1 and v["rule"] == f"caller-{word}" and v["code"] == "403"


def test_end_date_is_utc_to_the_second(clean, server, phone):
    """The server stands at +05:00 and Kamailio in Paris; neither counts."""
    for shift, rc in (("+ INTERVAL 30 SECOND", 1), ("- INTERVAL 2 SECOND", -1)):
        server.sql(f"UPDATE aeta_account SET valid_until = UTC_TIMESTAMP() {shift} WHERE number='45675002'")
        assert phone.call("route", "45675001", "5002")[0] == rc


@pytest.mark.parametrize("moment", ["2040-07-01 12:00:00", "2040-12-01 12:00:00", "2040-10-28 02:30:00", "2040-03-25 02:30:00"])
def test_end_date_far_away(clean, server, phone, moment):
    server.sql(f"UPDATE aeta_account SET valid_until = '{moment}' WHERE number='45675002'")
    assert phone.call("route", "45675001", "5002")[0] == 1


def test_rights(clean, phone):
    assert phone.call("originate", "45675001")[0] == 1
    rc, v = phone.call("originate", "45676001")
    assert rc == -1 and v["rule"] == "hunting-originate" and v["caller"] == "45676001"
    assert phone.call("register", "45676001")[0] == 1
    rc, v = phone.call("register", "99999999")
    assert rc == -1 and v["code"] == "403" and v["verdict"] == "refuse"


def test_hunting_account_of_a_group_without_hunting_cannot_register(clean, server, phone):
    server.sql("UPDATE aeta_group SET hunting = 0 WHERE prefix = 4567")
    clean.rpc("aeta.reload")
    rc, v = phone.call("register", "45676001")
    assert rc == -1 and v["code"] == "403"


def test_verdict_by_name(clean, phone):
    rc, v = phone.call("verdict", "not-registered")
    assert rc == 1 and v["code"] == "480" and v["reason"] == "Not registered (B2 not-registered)"
    assert phone.call("verdict", "open")[0] == -1
    assert phone.call("verdict", "nonsense")[0] == -1


def test_one_log_line_per_verdict(clean, phone):
    before = len(clean.log_text())
    phone.call("route", "45995001", "99\"x y\tz")
    line = wait_for("the log line", lambda: re.search(r"verdict=refuse caller=45995001 [^\n]*", clean.log_text()[before:]))
    assert 'dialled=99?x?y?z' in line[0] and 'rule=not-a-number' in line[0] and 'reason="' in line[0]


def test_database_away_is_an_internal_error_and_comes_back(namespace, server, phone, tmp_path):
    fill(server)
    with Kamailio(namespace, tmp_path, script.native(db_url=url_of(server)), env_of(server)) as k:
        assert phone.call("route", "45675001", "5002")[0] == 1
        server.sql("RENAME TABLE aeta_account TO aeta_gone")
        try:
            for _ in range(20):
                assert phone.call("route", "45675001", "5002")[0] == -2
                assert phone.call("register", "45675001")[0] == -2
            lines = k.log_text().count("cannot be read: calls are answered")
            assert 1 <= lines <= 12  # once a second at most, in each of the few processes
        finally:
            server.sql("RENAME TABLE aeta_gone TO aeta_account")
        assert phone.call("route", "45675001", "5002")[0] == 1
