# SPDX-License-Identifier: GPL-2.0-or-later
"""Media policies, relays, relay sets, and what explain --media says (C2, C3, C5)."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from test_ctl_kamailio import CFG, Kamailio, Namespace, liar, wait_for  # noqa: F401

RELAY, OTHER = "udp:127.0.0.1:2223", "udp:127.0.0.1:2224"
# nothing listens at the relays: Kamailio finds them down
WITH_RELAYS = CFG.replace('loadmodule "aeta.so"', '''loadmodule "rtpengine.so"
modparam("rtpengine", "db_url", "DB_URL")
modparam("rtpengine", "table_name", "aeta_rtpengine")
modparam("rtpengine", "rtpengine_tout_ms", 20)
modparam("rtpengine", "rtpengine_retr", 1)
loadmodule "aeta.so"''')


@pytest.fixture(scope="module")
def kamailio(server):
    if os.geteuid() != 0:
        pytest.skip("needs root for a network namespace")
    server.clean(f"INSERT INTO aeta_relay (set_number, url) VALUES (0, '{RELAY}')")
    url = f"mysql://aeta_sip:{server.passwords['aeta_sip']}@localhost/aeta"
    folder = Path(tempfile.mkdtemp(prefix="aeta-ctl-"))
    with Namespace() as namespace, Kamailio(namespace, folder, WITH_RELAYS.replace("DB_URL", url),
                                            {"MYSQL_UNIX_PORT": str(server.socket), "TZ": "UTC"}) as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def live(radio, kamailio):
    """Group 4567 with two numbers and one of its hunting series, 902080 outside."""
    radio.configure(rpc_socket=kamailio.folder / "rpc.sock")
    radio.ok("number", "allocate", 4567, 2)
    radio.ok("group", "set", 4567, "--hunting", "on")
    radio.ok("account", "add", "902080", "--kind", "factory")
    for aor in kamailio.registered():
        kamailio.rpc("ul.rm", "location", aor)
    return radio


def register(kamailio, number, contact="203.0.113.5", cflags=0):
    kamailio.rpc("ul.add", "location", number, f"sip:{number}@{contact}", 300, 1.0, "", 0, cflags, 0)


# ---- policies


def test_policy_of_an_account(radio):
    radio.ok("number", "allocate", 4567, 1)
    account = radio.ok("account", "show", "45675001")
    assert (account["media"], account["media_in_force"]) == ("group", "auto")
    told = radio.ok("account", "set", "45675001", "--media", "always")
    assert (told["number"], told["media"], told["media_in_force"]) == ("45675001", "always", "always")
    radio.ok("group", "set", 4567, "--media", "never")
    assert radio.ok("account", "show", "45675001")["media_in_force"] == "always"
    assert radio.ok("account", "set", "45675001", "--media", "group")["media_in_force"] == "never"
    assert radio.server.sql("SELECT media FROM aeta_account WHERE number = '45675001'") == [["NULL"]]
    radio.refused("there is no account", "account", "set", "45675009", "--media", "auto")
    radio.refused("is auto|always|never|group", "account", "set", "45675001", "--media", "sometimes", code=2)
    radio.refused("what is to change?", "account", "set", "45675001")


def test_policy_of_a_group(radio):
    assert radio.ok("group", "show", 4567)["media"] == "auto"
    assert radio.ok("group", "set", 4567, "--media", "always")["media"] == "always"
    assert radio.ok("group", "set", 4567, "--name", "x")["media"] == "always"
    assert radio.ok("group", "add", 4568, "--customer", "Radio", "--media", "never")["media"] == "never"
    radio.refused("is auto|always|never", "group", "set", 4567, "--media", "group", code=2)


def test_policies_count_at_once(live, kamailio):
    register(kamailio, "45675001")
    register(kamailio, "45675002")

    def policy():
        return kamailio.rpc("aeta.explain_media", "45675001", "45675002")["policy"]

    assert policy() == "auto"
    live.ok("group", "set", 4567, "--media", "always")
    assert policy() == "always"
    live.ok("account", "set", "45675001", "--media", "never")
    assert policy() == "always"
    live.ok("account", "set", "45675002", "--media", "auto")
    assert policy() == "never"


# ---- relays


def test_relays(radio):
    assert radio.ok("relay", "list") == {"relays": []}
    added = radio.ok("relay", "add", "default", RELAY, "--comment", "rack 1")
    assert added["relays"] == [{"set": "default", "number": 0, "url": RELAY, "position": 1, "enabled": True,
                                "comment": "rack 1", "state": None, "calls": None, "packets_s": None, "ports_used": None, "ports": None}]
    assert added["aeta.reload"]["done"] is False
    radio.ok("relay", "add", "default", OTHER)
    radio.ok("relay", "add", "fr", OTHER, "--position", 7)
    assert [(r["set"], r["number"], r["position"]) for r in radio.ok("relay", "list")["relays"]] == [
        ("default", 0, 1), ("default", 0, 2), ("fr", 1, 7)]
    told = radio.ok("relay", "set", "fr", OTHER, "--position", 3, "--comment", "rack 2")["relays"][2]
    assert (told["position"], told["comment"]) == (3, "rack 2")
    assert radio.ok("relay", "set", "fr", OTHER, "--comment", "")["relays"][2]["comment"] == ""
    radio.refused("there is no relay", "relay", "set", "no", RELAY, "--position", 1)
    radio.refused("what is to change?", "relay", "set", "fr", OTHER)
    radio.refused("is in the set default already", "relay", "add", "default", RELAY)
    radio.refused("a relay is udp:ADDRESS:PORT", "relay", "add", "default", "127.0.0.1:2223")
    radio.refused("letters, digits", "relay", "add", "a b", RELAY)
    radio.refused("there is no relay", "relay", "disable", "fr", RELAY)
    radio.refused("there is no relay", "relay", "remove", "no", RELAY)
    assert [r["enabled"] for r in radio.ok("relay", "disable", "default", RELAY)["relays"]] == [False, True, True]
    result = radio("relay", "disable", "default", OTHER)
    assert result.code == 0 and "the relay set default has no relay that is switched on" in result.err
    assert [r["enabled"] for r in radio.ok("relay", "enable", "default", RELAY)["relays"]] == [True, False, True]
    assert radio.ok("relay", "enable", "default", RELAY)["relays"][0]["enabled"] is True  # again: no harm


def test_a_set_goes_with_its_last_relay(radio):
    def sets():
        return [row[0] for row in radio.server.sql("SELECT name FROM aeta_relay_set ORDER BY number")]

    radio.ok("relay", "add", "fr", RELAY)
    radio.ok("domain", "add", "sip.radio.fr", "--relay-set", "fr")
    assert radio.ok("domain", "list")["domains"][0]["relays"] == 1
    result = radio("relay", "remove", "fr", RELAY)
    assert result.code == 0 and "the relay set fr has no relay" in result.err and sets() == ["default", "fr"]
    radio.ok("domain", "set", "sip.radio.fr", "--relay-set", "other")
    radio.ok("relay", "add", "fr", RELAY)
    radio.ok("relay", "remove", "fr", RELAY)
    assert sets() == ["default", "other"]


def test_domain_set(radio):
    radio.ok("domain", "add", "sip.radio.fr", "--comment", "France")
    assert radio.ok("domain", "set", "sip.radio.fr", "--relay-set", "fr")["domains"] == [
        {"domain": "sip.radio.fr", "relay_set": "fr", "relays": 0, "comment": "France"}]
    radio.refused("no domain of the service", "domain", "set", "sip.example.net", "--relay-set", "fr")


def test_sixteen_sets(radio):
    for i in range(1, 16):
        radio.ok("domain", "add", f"sip{i}.example", "--relay-set", f"set{i}")
    radio.refused("sixteen relay sets", "relay", "add", "set16", RELAY)
    radio.ok("domain", "delete", "sip7.example")
    radio.server.sql("DELETE FROM aeta_relay_set WHERE name = 'set7'", user="aeta_admin")
    assert radio.ok("relay", "add", "set16", RELAY)["relays"][0]["number"] == 7


def test_kamailio_knows_the_relays(live, kamailio):
    """The first reload of the rtpengine module is granted, the next one within ten seconds is not, and that is said."""
    wait_for("a reload to be granted", lambda: reloaded(live), seconds=15)
    assert {r["url"]: r["state"] for r in live.ok("relay", "list")["relays"]} == {RELAY: "down", OTHER: "down"}
    result = live("relay", "add", "fr", "udp:127.0.0.1:2225")
    assert result.code == 0 and "Too short reload interval" in result.err and "aetactl reload" in result.err
    assert {r["url"]: r["state"] for r in live.ok("relay", "list")["relays"]}["udp:127.0.0.1:2225"] == "not loaded"
    assert not list(kamailio.folder.glob("aetactl.*"))


def reloaded(live):
    if not live.ok("relay", "list")["relays"]:
        live.ok("relay", "add", "default", RELAY)
        live.ok("relay", "add", "default", OTHER)
    return live.ok("reload")["rtpengine.reload"]["done"]


# ---- explain


def test_explain_media(live, kamailio):
    live.ok("relay", "add", "default", RELAY)
    register(kamailio, "45675001")
    register(kamailio, "902080", "10.0.0.5")
    x = live.ok("explain", "45675001", "902080", "--media")
    assert (x["path"], x["path_reason"], x["media_policy"], x["relay_set"]) == ("relayed", "callee-contact-private", "auto", "default")
    assert x["signs"] == [{"party": "callee", "sign": "contact-private", "meaning": "its Contact is a private address"}]
    assert x["relays"] == [{"set": "default", "url": RELAY, "position": 1}]
    facts = {fact["fact"]: fact["value"] for fact in x["facts"]}
    assert facts["address of the callee"] == ", Contact 10.0.0.5:5060"
    assert facts["media policy of the callee"] == "auto, as nothing else is set"
    assert facts["NAT of the callee"] == "not known what it is behind"
    text = live("explain", "45675001", "902080", "--media")
    assert "path_reason:  callee-contact-private" in text.out and "its Contact is a private address" in text.out
    live.ok("account", "set", "902080", "--media", "never")
    live.ok("group", "set", 4567, "--media", "auto")
    result = live("--json", "explain", "45675001", "902080", "--media")
    assert result.json["path"] == "direct" and result.json["path_reason"] == "policy-never,callee-contact-private"
    assert "the call itself may show more" in result.err
    facts = {fact["fact"]: fact["value"] for fact in result.json["facts"]}
    assert facts["media policy of the callee"] == "never, its own" and facts["media policy of the caller"] == "auto, its group's"


def test_explain_media_that_cannot_be(live, kamailio):
    register(kamailio, "45675001")
    register(kamailio, "902080", "[2001:db8::5]")
    live.ok("account", "set", "902080", "--media", "never")
    x = live.ok("explain", "45675001", "902080", "--media")
    assert x["path"] == "refused" and x["media_refusal"] == "IPv4 and IPv6 cannot meet without relay (C3 media-never)"
    live.ok("account", "set", "902080", "--media", "auto")
    result = live("--json", "explain", "45675001", "902080", "--media")
    assert result.json["path"] == "relayed" and result.json["relays"] == [] and "refused with 503" in result.err


def test_explain_relay_set(live, kamailio):
    live.ok("relay", "add", "default", RELAY)
    live.ok("relay", "add", "fr", OTHER)
    register(kamailio, "45675001", cflags=1 << 16 | 1 << 18)  # noted by its REGISTER: set 1
    register(kamailio, "45675002")
    x = live.ok("explain", "45675001", "5002", "--media")
    assert x["relay_set"] == "fr" and [(r["set"], r["url"]) for r in x["relays"]] == [("fr", OTHER)]
    live.ok("relay", "disable", "fr", OTHER)  # a set that has none: the default one's
    x = live.ok("explain", "45675001", "5002", "--media")
    assert x["relay_set"] == "fr" and [(r["set"], r["url"]) for r in x["relays"]] == [("default", RELAY)]


def test_explain_media_of_a_hunt(live, kamailio):
    register(kamailio, "45675001")
    register(kamailio, "45676001", "10.0.0.1")
    register(kamailio, "45676002")
    members = live.ok("explain", "45675001", "6000", "--media")["members"]
    assert [(m["path"], m["path_reason"]) for m in members] == [("relayed", "callee-contact-private"), ("direct", "no-sign")]


def test_explain_media_of_a_call_that_is_not_made(live):
    assert "path" not in live.ok("explain", "45675001", "99999999", "--media")
    assert "path" not in live.ok("explain", "45675001", "5002")


def test_explain_media_without_kamailio(radio):
    radio.ok("number", "allocate", 4567, 2)
    result = radio("--json", "explain", "45675001", "5002", "--media")
    assert result.code == 0 and result.json["path"] is None and "not known" in result.err
    radio.ok("group", "set", 4567, "--hunting", "on")
    result = radio("--json", "explain", "45675001", "6000", "--media")
    assert result.json["members"][0]["path"] is None


@pytest.mark.parametrize("answer", [
    b'{"result": []}', b'{"result": {"path": 7, "path_reason": "nonsense,,caller-x,callee-", "caller": "x"}}',
    b'{"result": {"path": "relayed", "path_reason": ",,,", "relay_set": "x"}}'])
def test_explain_media_of_another_shape(radio, liar, answer):  # noqa: F811
    """Whatever Kamailio says, no crash and no nonsense."""
    radio.ok("number", "allocate", 4567, 2)
    liar(answer)
    x = radio.ok("explain", "45675001", "5002", "--media")
    assert x["signs"] == [] and x["relay_set"] == "default"
