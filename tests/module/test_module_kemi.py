# SPDX-License-Identifier: GPL-2.0-or-later
"""Every function from KEMI (app_python3), under its name there."""
import re

import pytest
import script
from conftest import env_of, fill, url_of
from kam import ROOT, Kamailio, Phone, digest


@pytest.fixture(scope="module")
def kemi(namespace, server, tmp_path_factory):
    fill(server)
    server.sql("INSERT INTO subscriber (username, domain, password, ha1, ha1b) VALUES ('45675001', 'aeta', '', "
               "MD5('45675001:aeta:secret'), MD5('45675001@aeta:aeta:secret'))")
    folder = tmp_path_factory.mktemp("kemi")
    (folder / "kemi.py").write_text(script.KEMI_PYTHON)
    with Kamailio(namespace, folder, script.kemi(url_of(server)), env_of(server)) as running:
        for number in ("45676001", "45676002"):
            running.rpc("ul.add", "location", number, f"sip:{number}@127.0.0.9:5099", 300, 1.0, "", 0, 0, 0)
        yield running


CALLS = [
    ("route_for", ("45675001", "5002"), 1, {"final": "45675002", "rule": "short-dial"}),
    ("route_for", ("45995001", "902080"), -1, {"code": "403", "rule": "outgoing-blocked"}),
    ("hunt_next", ("45675001", "6000"), 1, {"final": "45676001"}),
    ("hunt_skip", ("45675001", "6000", "busy"), 1, {}),
    ("hunt_answer", ("45675001", "6000", "486"), 1, {}),
    ("hunt_answer", ("45675001", "6000", "403"), -1, {}),
    ("may_originate_for", ("45676001",), -1, {"rule": "hunting-originate"}),
    ("may_originate_for", ("45675001",), 1, {}),
    ("may_register_for", ("45676001",), 1, {}),
    ("may_register_for", ("99999999",), -1, {"code": "403"}),
    ("device_for", ("45675001",), 1, {}),
    ("owner_for", ("45675001",), 1, {}),
    ("flow", ("45675001",), -1, {}),
    ("flow_of", ("45675001", "0123456789abcdef"), -1, {}),
    ("attempt", ("busy",), 1, {}),
    ("attempt_with", ("answer 200 OK", "45675002"), 1, {}),
    ("guard", ("0",), 1, {}),
    ("guard_stray", ("0",), 1, {}),
    ("guard_inside", ("0",), 1, {}),
    ("guard_account", (), 1, {}),
    ("guard_foreign", (), -1, {}),
    ("guard_result", ("-5",), 1, {}),
    ("guard_result_live", ("-5", "1"), 1, {}),
    ("media", (), 1, {}),  # nothing is known: the relay
    ("media_answer", (), 1, {}),
    ("media_ended", ("45675001", "198.51.100.1", "45675002", "198.51.100.2", "5"), -1, {}),  # no redial_s
    ("media_heard", ("45675001", "a", "45675002", "b", '{"tags": {}}'), 1, {}),
    ("verdict", ("not-registered",), 1, {"code": "480", "reason": "Not registered (B2 not-registered)"}),
    ("spare_worker", (), 1, {}),
    ("database_hangs", (), -1, {}),
    ("trace", ("udp:127.0.0.2:5060", "udp:127.0.0.1:5060"), -1, {}),
    ("trace_follow", ("45675001",), 1, {}),
    ("tracing", (), -1, {}),
    ("save", ("6",), 1, {}),
    ("auth_check", (), -1, {}),  # no realm was given
]
AUTHENTICATED = ["authenticated", "route", "may_originate", "may_register", "device", "owner"]


@pytest.mark.parametrize("name, parameters, rc, values", CALLS)
def test_function(kemi, phone, name, parameters, rc, values):
    got, v = phone.call(name, *parameters)
    assert got == rc and {key: v[key] for key in values} == values


@pytest.mark.parametrize("name", AUTHENTICATED)
def test_authenticated_user_by_default(kemi, namespace, name):
    with Phone(namespace) as p:
        challenge = p.ask("OPTIONS", "1", "5002", headers=[f"X-Do: {name}", "X-Auth: 1"], call_id=f"auth-{name}")
        assert challenge.status == 407
        right = digest(challenge["Proxy-Authenticate"], "45675001", "secret", "OPTIONS", "sip:5002@sip.example.com")
        rc, v = p.do(name, user="45675001", to="5002", headers=[f"Proxy-Authorization: {right}", "X-Auth: 1"])
        assert rc >= 1
        if name == "route":
            assert v["final"] == "45675002" and v["caller"] == "45675001"


def test_none_is_left_out():
    exported = set(re.findall(r'KEMI\("(\w+)"', (ROOT / "modules/aeta/functions.c").read_text()))
    assert exported == {c[0] for c in CALLS} | set(AUTHENTICATED)
