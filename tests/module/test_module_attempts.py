# SPDX-License-Identifier: GPL-2.0-or-later
"""The accounts' history in the module alone: off by default, what it refuses to start with, what a script may say."""
import pytest
import script
from conftest import env_of, fill, url_of
from kam import Kamailio, Phone, digest, wait_for

SAY = """
request_route {
    if ($hdr(X-Auth) != $null) {
        if (!pv_proxy_authenticate("aeta", "secret", "0")) { proxy_challenge("aeta", "0"); exit; }
        if ($hdr(X-Auth) == "proven") { aeta_authenticated(); }
    }
    if ($hdr(X-Device) != $null) { aeta_device("$fU"); }
    aeta_attempt("$hdr(X-Cause)");
    $var(r) = $rc;
    append_to_reply("X-Return: $var(r)\\r\\n");
    sl_send_reply("299", "Done");
}
"""


def started(namespace, server, folder, extra, routes=SAY):
    head = script.native(db_url=url_of(server), extra=extra).replace(script.ROUTES, routes)
    return Kamailio(namespace, folder, head, env_of(server))


@pytest.fixture(scope="module")
def kamailio(namespace, server, tmp_path_factory):
    fill(server)
    with started(namespace, server, tmp_path_factory.mktemp("attempts"), 'modparam("aeta", "attempts", 64)') as running:
        yield running


@pytest.fixture
def rows(kamailio, server):
    def read(columns="account, kind, cause, times, trust"):
        wait_for("the lines are written", lambda: kamailio.rpc("aeta.attempts")["waiting"] == 0)
        return server.sql(f"SELECT {columns} FROM aeta_attempt ORDER BY id")
    read()
    server.sql("DELETE FROM aeta_attempt")
    return read


def say(phone, cause, method="MESSAGE", user="45675001", to="45675002", headers=(), **more):
    return phone.ask(method, user, to, headers=[f"X-Cause: {cause}", *headers], **more)


def test_causes_of_all_forms(kamailio, rows, namespace):
    for i, (cause, kept) in enumerate([("busy", "busy"), ("403 No (A1 foreign-domain)", "foreign-domain"),
                                       ("answer 486 Busy", "busy"), ("What?", "other")]):
        with Phone(namespace, host=f"127.0.4.{i + 1}") as p:
            assert say(p, cause)["X-Return"] == "1"
    assert [row[2] for row in rows()] == ["busy", "foreign-domain", "busy", "other"]
    assert '"What?" is no cause' in kamailio.log_text()


@pytest.mark.parametrize("method, kind", [("REGISTER", "register"), ("MESSAGE", "message"), ("OPTIONS", "options"),
                                          ("SUBSCRIBE", "subscribe"), ("REFER", "refer"), ("INVITE", "call")])
def test_kinds(rows, namespace, method, kind):
    with Phone(namespace, host=f"127.0.9.{len(kind)}") as p:
        assert say(p, "unknown-user", method)["X-Return"] == "1"
    assert rows("kind, peer") == [[kind, "" if kind == "register" else "45675002"]]


@pytest.mark.parametrize("method, more", [("BYE", {}), ("INFO", {}), ("PUBLISH", {}), ("MESSAGE", {"to_tag": ";tag=x"}),
                                          ("MESSAGE", {"user": "alice"}), ("MESSAGE", {"user": "1" * 19})])
def test_nobodys_attempt(rows, phone, method, more):
    assert say(phone, "busy", method, **more)["X-Return"] == "-1"
    assert rows() == []


def test_only_the_script_says_who_is_proven(kamailio, rows, namespace):
    """Credentials that the authentication module has marked are none until the script has seen its answer; and what it says
    of one request says nothing of the next."""
    for what, trust in (("marked", "0"), ("proven", "2"), ("", "0")):
        with Phone(namespace, host="127.0.5.1") as p:
            headers = [f"X-Auth: {what}"] if what else []
            if what:
                challenge = say(p, "x", headers=headers)
                right = digest(challenge["Proxy-Authenticate"], "45675001", "secret", "MESSAGE", "sip:45675002@sip.example.com")
                headers.append(f"Proxy-Authorization: {right}")
            say(p, f"was-{what}", headers=headers)
    assert [row[2:] for row in rows()] == [["was-marked", "1", "0"], ["was-proven", "1", "2"], ["was-", "1", "0"]]


def test_strangers_of_unknown_numbers_are_not_kept(rows, phone):
    say(phone, "busy", user="45675777")
    say(phone, "wrong-password", user="45675777")
    assert rows("account, cause") == [["45675777", "wrong-password"]]


def test_refreshed(rows, phone, namespace):
    """News only from another place, or after a failure. Of an account that is not known yet, it is none: a restart."""
    device = ["X-Device: 1"]
    with Phone(namespace, host="127.0.6.1") as p, Phone(namespace, host="127.0.6.2") as q:
        for _ in range(3):
            say(p, "refreshed", "REGISTER", user="45675003", headers=device)
        assert rows() == []
        q.call_id = p.call_id  # the same device
        say(q, "refreshed", "REGISTER", user="45675003", headers=device)
        say(q, "refreshed", "REGISTER", user="45675003", headers=device)
        say(q, "wrong-password", "REGISTER", user="45675003")
        say(q, "refreshed", "REGISTER", user="45675003", headers=device)
        say(q, "refreshed", "REGISTER", user="45675003", headers=device)
    assert sorted(row[2:4] for row in rows()) == [["registered", "2"], ["wrong-password", "1"]]


def test_counters(kamailio, rows, namespace):
    before = kamailio.counters()
    with Phone(namespace, host="127.0.7.1") as p:
        for i in range(7):
            say(p, f"cause-{i}")
    rows()
    after = kamailio.counters()
    assert {name: after[name] - before[name] for name in after if name.startswith("attempts_")} == {
        "attempts_noted": 5, "attempts_bounded": 2, "attempts_lost": 0, "attempts_written": 5, "attempts_pruned": 0,
        "attempts_waiting": 0}
    assert kamailio.rpc("aeta.attempts") == {"room": 64, "waiting": 0, "failing_s": 0}


def test_lines_without_room_are_counted(namespace, server, tmp_path):
    """Two places, and a table that is not there: the rest is lost, and said to be; nobody waits."""
    extra = 'modparam("aeta", "attempts", 2)\nmodparam("aeta", "attempt_table", "not_there")'
    with started(namespace, server, tmp_path, extra) as running, Phone(namespace) as p:
        say(p, "wrong-password", user="45675001")
        wait_for("the failure is noticed", lambda: running.rpc("aeta.attempts")["failing_s"] > 0)
        for i in range(5):
            with Phone(namespace, host=f"127.0.8.{i + 1}") as q:
                say(q, "wrong-password", user=f"4567500{i + 1}")
        wait_for("two wait, the rest is lost", lambda: running.counter("attempts_lost") == 3)
        assert running.rpc("aeta.attempts")["waiting"] == 3
        assert "cannot be written to the table not_there" in running.log_text()


def test_off_by_default(namespace, server, tmp_path):
    server.sql("DELETE FROM aeta_attempt")
    with started(namespace, server, tmp_path, "") as running, Phone(namespace) as p:
        assert say(p, "busy")["X-Return"] == "1"
        assert running.rpc("aeta.attempts") == {"room": 0, "waiting": 0, "failing_s": 0}
        assert not [row for row in running.rpc("core.psx") if "attempts" in row["DSC"]]
    assert server.sql("SELECT COUNT(*) FROM aeta_attempt") == [["0"]]
