# SPDX-License-Identifier: GPL-2.0-or-later
"""The hunting iterator over usrloc, and $aeta(...) in the routes of a transaction."""
import pytest
from kam import Phone


def put(kamailio, number, host="127.0.0.9", port=5099, path=""):
    """A binding, by usrloc's own RPC."""
    kamailio.rpc("ul.add", "location", number, f"sip:{number}@{host}:{port}", 300, 1.0, path, 0, 0, 0)


def test_first_registered_member(clean, phone):
    put(clean, "45676002")
    put(clean, "45676004")
    rc, v = phone.call("hunt", "45675001", "6000")
    assert rc == 1 and v["final"] == "45676002" and v["hunt"].startswith("4567,3,1,0,")
    assert phone.done["X-Ru"] == "sip:45676002@sip.example.com" and phone.done["X-Du"] == "<null>"
    assert 1 <= int(v["ring_s"]) <= 150


def test_nobody_registered(clean, phone):
    rc, v = phone.call("hunt", "45675001", "6000")
    assert rc == -1 and v["rule"] == "hunt-absent" and v["code"] == "480" and v["verdict"] == "refuse"


@pytest.mark.parametrize("change", ["state='locked'", "state='suspended'", "valid_until='2020-01-01'"])
def test_locked_member_is_skipped(clean, server, phone, change):
    put(clean, "45676001")
    put(clean, "45676003")
    server.sql(f"UPDATE aeta_account SET {change} WHERE number='45676001'")
    assert phone.call("hunt", "45675001", "6000")[1]["final"] == "45676003"


def test_member_without_account_is_skipped(clean, server, phone):
    put(clean, "45676001")
    put(clean, "45676003")
    server.sql("DELETE FROM aeta_account WHERE number='45676001'")
    assert phone.call("hunt", "45675001", "6000")[1]["final"] == "45676003"


@pytest.mark.parametrize("why, rule, code", [("busy", "hunt-busy", "486"), ("absent", "hunt-absent", "480")])
def test_candidate_passed_over(clean, phone, why, rule, code):
    put(clean, "45676001")
    rc, v = phone.call("skip", "45675001", "6000", why)
    assert rc == -1 and v["rule"] == rule and v["code"] == code
    assert v["hunt"].split(",")[2] == "0"  # not rung
    assert phone.done["X-First"] == "45676001" and phone.done["X-Skip"] == "1,-1"


def test_candidate_passed_over_and_the_next_given(clean, phone):
    put(clean, "45676001")
    put(clean, "45676002")
    rc, v = phone.call("skip", "45675001", "6000", "busy")
    assert rc == 1 and v["final"] == "45676002" and v["hunt"].startswith("4567,3,1,1,")
    assert phone.call("skip", "45675001", "6000", "nonsense") and phone.done["X-Skip"] == "-1,-1"


@pytest.mark.parametrize("code, timeout, provisional, expected", [
    (486, 0, 1, 1), (600, 0, 0, 1), (480, 0, 0, 1), (503, 0, 0, 1), (408, 1, 0, 1),
    (403, 0, 0, -1), (488, 0, 1, -1), (603, 0, 1, -1), (606, 0, 0, -1), (408, 1, 1, -2)])
def test_answers(clean, phone, code, timeout, provisional, expected):
    put(clean, "45676001")
    rc, v = phone.call("answer", "45675001", "6000", code, headers=[f"X-T: {timeout}", f"X-P: {provisional}"])
    assert rc == expected
    if expected == -2:
        assert v["rule"] == "hunt-timeout" and v["code"] == "480"


def test_next_without_hunt(clean, phone):
    assert phone.do("next")[0] == -2


def test_own_device_by_instance(clean, namespace, phone):
    with Phone(namespace, "127.0.0.3", instance="urn:uuid:1") as member, Phone(namespace, instance="urn:uuid:1") as caller:
        assert member.register("45676001").status == 200
        put(clean, "45676002")
        assert caller.call("hunt", "45675001", "6000")[1]["final"] == "45676002"  # its Contact says the instance
        assert phone.call("hunt", "45675001", "6000")[1]["final"] == "45676001"   # another device


def test_own_device_by_the_callers_binding(clean, namespace, phone):
    with Phone(namespace, "127.0.0.3", instance="urn:uuid:1") as member, Phone(namespace, instance="urn:uuid:1") as caller:
        member.register("45676001")
        caller.register("45675001")
        put(clean, "45676002")
        assert phone.call("hunt", "45675001", "6000")[1]["final"] == "45676002"
        assert phone.call("hunt", "45675002", "6000")[1]["final"] == "45676001"


def test_own_device_by_address(clean, namespace, phone):
    with Phone(namespace, "127.0.0.3") as both:
        both.register("45676001")
        put(clean, "45676002")
        assert both.call("hunt", "45675001", "6000")[1]["final"] == "45676002"
        assert phone.call("hunt", "45675001", "6000")[1]["final"] == "45676001"


def test_own_device_without_a_received_address(clean, namespace, phone):
    """Where the registrar records none, the Contact tells."""
    with Phone(namespace, "127.0.0.3") as both:
        put(clean, "45676001", both.host, both.port)
        put(clean, "45676002")
        assert both.call("hunt", "45675001", "6000")[1]["final"] == "45676002"
        assert phone.call("hunt", "45675001", "6000")[1]["final"] == "45676001"


def test_two_agents_behind_one_proxy_are_two_devices(clean, namespace, phone):
    """With a Path the source is the proxy's: it says nothing about the device."""
    path = ["Path: <sip:127.0.0.3:5061;lr>", "Supported: path"]
    with Phone(namespace, "127.0.0.3", 5061) as proxy:
        assert proxy.register("45676001", headers=path, contact="<sip:45676001@10.0.0.1:5060>").status == 200
        assert proxy.call("hunt", "45675001", "6000")[1]["final"] == "45676001"


@pytest.fixture
def members(namespace, clean):
    phones = [Phone(namespace, f"127.0.1.{i}") for i in range(1, 4)]
    for i, p in enumerate(phones, 1):
        assert p.register(f"4567600{i}").status == 200
    yield phones
    for p in phones:
        p.socket.close()


def ring(member, status, reason="Test"):
    """A member takes its INVITE and answers; returns the INVITE."""
    invite = member.receive()
    assert invite.method == "INVITE"
    member.answer(invite, status, reason)
    return invite


def test_hunt_through_a_transaction(clean, members, phone):
    """Busy, absent, answered: the values are there in the branch, failure and reply routes."""
    phone.send_request("INVITE", "45675001", "6000")
    first = ring(members[0], 486)
    second = ring(members[1], 480)
    third = ring(members[2], 200)
    assert [m["X-Branch"] for m in (first, second, third)] == [
        f"hunt hunt 45675001 6000 4567600{i}" for i in (1, 2, 3)]
    assert [m.uri for m in (first, second, third)] == [f"sip:4567600{i}@127.0.1.{i}:{p.port}" for i, p in enumerate(members, 1)]
    answer = phone.final()
    assert answer.status == 200 and answer["X-Reply"] == "hunt hunt 45676003"
    assert "failure: hunt hunt 45676001 hunt=4567,2,1,0," in clean.log_text()
    assert "failure: hunt hunt 45676002 hunt=4567,3,2,1," in clean.log_text()


def test_all_busy(clean, members, phone):
    phone.send_request("INVITE", "45675001", "6000")
    for m in members:
        ring(m, 486)
    answer = phone.final()
    assert answer.status == 486 and answer.reason == "All members busy (B7 hunt-busy)"


def test_silent_member_moves_on(clean, members, phone):
    phone.send_request("INVITE", "45675001", "6000")
    members[0].receive()
    ring(members[1], 200)
    assert phone.final().status == 200


def test_trying_alone_is_silence(clean, members, phone):
    phone.send_request("INVITE", "45675001", "6000")
    invite = members[0].receive()
    members[0].answer(invite, 100)
    ring(members[1], 200)
    assert phone.final().status == 200


def test_ringing_moves_on_after_no_answer_s(clean, server, members, phone):
    server.sql("UPDATE aeta_group SET no_answer_s = 2 WHERE prefix = 4567")
    clean.rpc("aeta.reload")
    phone.send_request("INVITE", "45675001", "6000")
    ring(members[0], 180)
    ring(members[1], 200)
    assert phone.final().status == 200


def test_ringing_ends_with_the_hunt(clean, server, members, phone):
    """Without no_answer_s ringing goes on to the bound of the whole hunt, and nobody else is rung."""
    server.sql("UPDATE aeta_group SET hunt_max_s = 10 WHERE prefix = 4567")
    clean.rpc("aeta.reload")
    phone.send_request("INVITE", "45675001", "6000")
    ring(members[0], 180)
    while (answer := phone.receive(20)).status < 200:
        pass
    assert answer.status == 480 and answer.reason == "Hunt timed out (B7 hunt-timeout)"


def test_other_answer_is_passed_on(clean, members, phone):
    phone.send_request("INVITE", "45675001", "6000")
    ring(members[0], 488, "Not here")
    answer = phone.final()
    assert answer.status == 488 and answer.reason == "Not here"


def test_hunt_over_a_path_leaves_nothing_behind(clean, namespace, phone):
    """The next member gets neither the Route nor the destination of the one before."""
    with Phone(namespace, "127.0.0.3", 5061) as proxy, Phone(namespace, "127.0.0.4") as direct:
        proxy.register("45676001", headers=["Path: <sip:127.0.0.3:5061;lr>", "Supported: path"],
                       contact="<sip:45676001@127.0.0.77:5060>")
        direct.register("45676002")
        phone.send_request("INVITE", "45675001", "6000")
        assert ring(proxy, 486)["Route"] == "<sip:127.0.0.3:5061;lr>"
        invite = ring(direct, 200)
        assert invite["Route"] == "" and invite.uri.startswith("sip:45676002@127.0.0.4:")
        assert phone.final().status == 200


def test_reload_in_the_middle_of_a_hunt(clean, server, members, phone):
    """A change of options never cuts a call: a hunt goes on although its group is gone."""
    phone.send_request("INVITE", "45675001", "6000")
    invite = members[0].receive()
    server.sql("UPDATE aeta_group SET hunting = 0 WHERE prefix = 4567")
    clean.rpc("aeta.reload")
    members[0].answer(invite, 486)
    ring(members[1], 200)
    assert phone.final().status == 200


def test_limit_of_tries(clean, namespace, server, phone):
    """30 busy members: 28 are rung, then the hunt ends with its reason."""
    server.sql("UPDATE aeta_group SET last_seq = 5040 WHERE prefix = 4567")
    rows = ",".join(f"('4567{6000 + i}', 'hunting', 4567, {6000 + i})" for i in range(6, 31))
    server.sql(f"INSERT INTO aeta_account (number, kind, prefix, seq) VALUES {rows}")
    with Phone(namespace, "127.0.0.5", 5099) as all_members:
        for i in range(1, 31):
            put(clean, f"4567{6000 + i}", "127.0.0.5", 5099)
        phone.send_request("INVITE", "45675001", "6000")
        for i in range(1, 29):
            while True:
                m = all_members.receive()
                if m.method == "INVITE":
                    break
            assert m["X-Branch"].endswith(f"4567{6000 + i}")
            all_members.answer(m, 486)
        answer = phone.final()
        assert answer.status == 486 and answer.reason == "Hunt limit reached (B7 hunt-limit)"
