# SPDX-License-Identifier: GPL-2.0-or-later
"""The verdict where the NATs of agents count (C7), and what calls show of STUN. 203.0.113.1 and .2 are public addresses of lo."""
import itertools
import json

import pytest
import script
from conftest import env_of, fill, url_of
from kam import Kamailio, Phone
from test_module_media import CALLEE, CALLER, addresses, caller, counted, media, reasons, registered, sdp  # noqa: F401

NATTED = "<sip:45675002@192.168.1.5:5060>"
CALLS = itertools.count(1)


@pytest.fixture
def agent(caller, namespace):  # noqa: F811
    """The agent of 45675002, behind a NAT: its Contact is private. `caller` calls."""
    with Phone(namespace, CALLEE, 5060) as p:
        assert p.register("45675002", headers=["X-Save: aeta"], contact=NATTED).status == 200
        yield p


def call(calling, called, body, final=200, before=None):
    """A call of 45675001 that is answered with the SDP `body`; returns the answer as the caller saw it."""
    headers = ["X-Caller: 45675001", "X-Media: 1"]
    calling.send_request("INVITE", "45675001", "45675002", headers=headers, body=sdp(CALLER), call_id=f"nat-{next(CALLS)}")
    invite = called.receive()
    assert invite.method == "INVITE"
    if before:
        called.answer(invite, 183, body=before)
    called.answer(invite, final, body=body)
    answer = calling.final()
    if final != 200:
        assert called.receive().method == "ACK"
    return answer


def stun(kamailio, number="45675002"):
    side = {"45675001": "caller", "45675002": "callee"}[number]
    return kamailio.rpc("aeta.explain_media", "45675001", "45675002")[side]["stun"]


@pytest.mark.parametrize("body, shown", [
    (sdp("192.168.1.5", CALLEE), "yes"), (sdp("192.168.1.5"), "no"), (sdp("203.0.113.77"), "no"), (sdp("0.0.0.0"), "unknown"),
    ("", "unknown")])
def test_stun_is_learned_from_an_answer(agent, caller, body, shown):  # noqa: F811
    assert stun(caller.kamailio) == "unknown"
    assert call(caller, agent, body).status == 200
    assert stun(caller.kamailio) == shown


def test_stun_is_learned_from_early_media(agent, caller):  # noqa: F811
    assert call(caller, agent, "", final=486, before=sdp("192.168.1.5", CALLEE)).status == 486
    assert stun(caller.kamailio) == "yes"


def test_stun_of_the_caller(caller, namespace):  # noqa: F811
    registered(namespace, CALLEE, 5060, "45675002")
    assert caller.register("45675001", headers=["X-Save: aeta"], contact="<sip:45675001@192.168.1.5:5060>").status == 200
    media(caller, body=sdp("192.168.1.5", CALLER))
    assert stun(caller.kamailio, "45675001") == "yes"
    media(caller, body=sdp("192.168.1.5"))
    assert stun(caller.kamailio, "45675001") == "no"


def test_a_caller_from_elsewhere_shows_nothing(caller, namespace):  # noqa: F811
    registered(namespace, CALLER, 5070, "45675001", contact="<sip:45675001@192.168.1.5:5060>")
    media(caller, body=sdp("192.168.1.5", CALLER))
    assert stun(caller.kamailio, "45675001") == "unknown"


@pytest.mark.parametrize("again, kept", [
    ({}, True), ({"call_id": "other"}, False), ({"contact": "<sip:45675002@192.168.1.6:5060>"}, False)])
def test_stun_ends_with_the_registration(agent, caller, again, kept):  # noqa: F811
    """A refresh keeps it; another Call-ID or Contact is another registration."""
    call(caller, agent, sdp("192.168.1.5", CALLEE))
    assert agent.register("45675002", **{"headers": ["X-Save: aeta"], "contact": NATTED, **again}).status == 200
    assert stun(caller.kamailio) == ("yes" if kept else "unknown")


def test_stun_ends_with_the_port(agent, caller, namespace):  # noqa: F811
    call(caller, agent, sdp("192.168.1.5", CALLEE))
    with Phone(namespace, CALLEE, 5077) as moved:
        moved.cseq = itertools.count(2)
        assert moved.register("45675002", headers=["X-Save: aeta"], contact=NATTED, call_id=agent.call_id).status == 200
    assert stun(caller.kamailio) == "unknown"


def test_an_answer_from_elsewhere_shows_nothing(agent, caller, namespace):  # noqa: F811
    with Phone(namespace, CALLEE, 5099) as other:
        caller.send_request("INVITE", "45675001", "45675002", headers=["X-Caller: 45675001", "X-Media: 1"], body=sdp(CALLER),
                            call_id=f"nat-{next(CALLS)}")
        invite = agent.receive()
        other.peer = agent.peer
        other.answer(invite, 200, body=sdp("192.168.1.5", CALLEE))
        assert caller.final().status == 200
    assert stun(caller.kamailio) == "unknown"


@pytest.mark.parametrize("body, contradicts", [(sdp("192.168.1.5"), True), (sdp(CALLEE), False), (sdp("0.0.0.0"), False)])
def test_an_answer_that_contradicts_is_counted(caller, namespace, body, contradicts):  # noqa: F811
    with Phone(namespace, CALLEE, 5060) as p:
        assert p.register("45675002", headers=["X-Save: aeta"]).status == 200
        before = caller.kamailio.counter("media_contradicted")
        answer = call(caller, p, body)
        assert bool(answer.all("X-Contradicts")) == contradicts
        assert caller.kamailio.counter("media_contradicted") == before + contradicts


def test_a_relayed_call_contradicts_nothing(agent, caller):  # noqa: F811
    assert not call(caller, agent, sdp("192.168.1.5")).all("X-Contradicts")


# -- what a relay has heard

def relay_answer(tag, offered, came_from, flags=("RTP", "confirmed")):
    at = lambda place: {"family": "IPv4", "address": place[0], "port": place[1]}  # noqa: E731
    stream = {"endpoint": at(came_from), "advertised endpoint": at(offered), "flags": list(flags)}
    return json.dumps({"result": "ok", "tags": {tag: {"medias": [{"index": 1, "streams": [stream]}]}}})


def heard(phone, text, tag="t"):
    return phone.call("heard", "45675001", "other", "45675002", tag, text)[0]


def evidence(kamailio):
    rows = kamailio.rpc("aeta.nat", "45675002")["addresses"]
    return [(row["class"], row["evidence"]) for row in rows if row["address"] == CALLEE]


@pytest.fixture
def fresh(namespace, server, addresses, tmp_path):  # noqa: F811
    """A Kamailio that knows nothing yet of the callee, registered behind a NAT, and a phone that asks it."""
    fill(server)
    with Kamailio(namespace, tmp_path, script.native(db_url=url_of(server)), env_of(server)) as k, Phone(namespace, CALLER) as p:
        registered(namespace, CALLEE, 5060, "45675002", contact=NATTED)
        p.kamailio = k
        yield p


@pytest.mark.parametrize("offered, came_from, shown", [
    ((CALLEE, 9000), (CALLEE, 9000), "media"), ((CALLEE, 9000), (CALLEE, 9001), "media-moved"),
    ((CALLEE, 9000), ("203.0.113.99", 9000), "media-moved"), (("192.168.1.5", 9000), (CALLEE, 9000), None)])
def test_media_are_evidence(fresh, offered, came_from, shown):
    assert heard(fresh, relay_answer("t", offered, came_from)) == 1
    found = evidence(fresh.kamailio)
    assert found == ([("changed" if shown == "media-moved" else "unknown", shown)] if shown else [])
    assert fresh.kamailio.counter("media_moved") == (shown == "media-moved")


@pytest.mark.parametrize("text, rc", [
    (relay_answer("t", (CALLEE, 9000), (CALLEE, 9001), flags=["RTP"]), 1),        # no source that the relay is sure of
    (relay_answer("t", (CALLEE, 9000), (CALLEE, 9001), flags=["RTCP", "confirmed"]), 1),
    (relay_answer("x", (CALLEE, 9000), (CALLEE, 9001)), 1),                       # of another party
    ('{"tags": {"t": {"medias": [{"streams": [{"flags": ["RTP", "confirmed"], "endpoint": {}}]}]}}}', 1),
    ('{"tags": {"t": {"medias": "none"}}}', 1), ('{"tags": []}', -1), ('{"tags": {"t"', -1), ("", -1), ("[1]", -1)])
def test_what_is_no_evidence(fresh, text, rc):
    assert heard(fresh, text) == rc and evidence(fresh.kamailio) == []


# -- with probing

@pytest.fixture
def probing(namespace, server, addresses, tmp_path):  # noqa: F811
    fill(server)
    public = f"listen=udp:127.0.0.1:5060\nlisten=udp:{CALLER}:5099"  # where the service has no public address, NATs do not count
    cfg = script.native(db_url=url_of(server), extra='modparam("aeta", "probe", 1)').replace("listen=udp:127.0.0.1:5060", public)
    with Kamailio(namespace, tmp_path, cfg, env_of(server)) as k:
        yield k


def test_what_is_not_known_is_relayed(probing, namespace):
    registered(namespace, CALLEE, 5060, "45675002")
    with Phone(namespace, CALLER, 5060) as p:
        rc, v = media(p)
        assert rc == 1 and reasons(v) == {"caller-nat-unknown", "callee-nat-unknown"}
        probing.rpc("ul.rm", "location", "45675002")
        probing.rpc("ul.add", "location", "45675002", "sip:45675002@198.51.100.7", 300, 1.0, "<sip:203.0.113.9;lr>", 0, 0, 0)
        assert reasons(media(p)[1]) == {"caller-nat-unknown"}  # who is behind a proxy is not probed
    with Phone(namespace, "127.0.0.7", 5060) as p:
        registered(namespace, "127.0.0.8", 5060, "45675003")
        assert media(p, callee="45675003", body=sdp("127.0.0.7"))[0] == 2  # one machine, no NAT
