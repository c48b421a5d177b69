# SPDX-License-Identifier: GPL-2.0-or-later
"""Devices (A6) and flows (A4), through real REGISTERs."""
from kam import Phone


def registers(phone, user="45675001", **more):
    answer = phone.register(user, **more)
    assert answer.status == 200
    return int(answer["X-Owner"]), int(answer["X-Device"])


def owner_only(phone, user="45675001", **more):
    """What aeta_owner() says of a REGISTER that is not stored."""
    return phone.register(user, headers=["X-Only: owner"], **more).reason


def test_first_and_same(clean, phone):
    assert registers(phone, "45675011") == (1, 1)
    assert registers(phone, "45675011") == (1, 1)


def test_takeover_return_and_alarm(clean, namespace):
    before = clean.counter("duplicate_use")
    with Phone(namespace, instance="urn:uuid:a") as a, Phone(namespace, instance="urn:uuid:b") as b:
        assert registers(a, "45675012") == (1, 1)
        assert registers(b, "45675012") == (-1, 2)
        seen = [registers(p, "45675012")[1] for p in (a, b, a)]
    assert seen == [3, 3, 4] and clean.counter("duplicate_use") == before + 1
    assert "account=45675012 duplicate use" in clean.log_text()


def test_a_reboot_is_no_return(clean, namespace):
    """Another Call-ID that never comes back: a change each time, never an alarm."""
    with Phone(namespace) as p:
        seen = [registers(p, "45675013", call_id=f"boot-{i}")[1] for i in range(8)]
    assert seen == [1] + [2] * 7


def test_address_change_is_the_same_device(clean, namespace):
    with Phone(namespace, "127.0.0.2", instance="urn:uuid:m") as a, Phone(namespace, "127.0.0.6", instance="urn:uuid:m") as b:
        assert registers(a, "45675014") == (1, 1)
        assert registers(b, "45675014") == (1, 1)


def test_deregistration_is_known_by_its_dialog(clean, namespace):
    """`Contact: *` says no instance: Call-ID and User-Agent tell."""
    with Phone(namespace, instance="urn:uuid:o") as owner, Phone(namespace) as other:
        registers(owner, "45675015")
        assert owner_only(owner, "45675015", contact="*", expires=0) == "owner 1"
        assert owner_only(other, "45675015", contact="*", expires=0) == "owner -1"
        assert owner_only(other, "45675016") == "owner 1"  # no binding, no owner


def test_without_user_agent(clean, namespace):
    with Phone(namespace, agent=None) as p:
        assert registers(p, "45675017") == (1, 1)
        assert owner_only(p, "45675017") == "owner 1"


def test_flow(clean, namespace, phone):
    with Phone(namespace, "127.0.0.7") as agent:
        answer = agent.register("45675001", contact="<sip:45675001@10.9.9.9:1234>")  # a private Contact behind a NAT
        assert phone.call("flow", "45675001")[0] == 1
        assert phone.done["X-Du"] == f"sip:127.0.0.7:{agent.port}" and phone.done["X-Fs"] == "udp:127.0.0.1:5060"
        assert phone.call("flow2", "45675001", answer["X-Id"])[0] == 1
        assert phone.call("flow2", "45675001", "0123456789abcdef")[0] == -1
        assert phone.call("flow2", "45675001", "nonsense")[0] == -1
        assert phone.call("flow", "45675002")[0] == -1
        assert phone.call("flow", "45675001")[1]["device"] == answer["X-Id"]


def test_flow_through_a_proxy(clean, namespace, phone):
    with Phone(namespace, "127.0.0.3", 5061) as proxy:
        proxy.register("45675001", headers=["Path: <sip:127.0.0.3:5061;lr>, <sip:127.0.0.8;lr>", "Supported: path"],
                       contact="<sip:45675001@10.0.0.1:5060>")
        assert phone.call("flow", "45675001")[0] == 1
        assert phone.done["X-Du"] == "sip:127.0.0.3:5061;lr"


def test_a_contact_is_never_a_destination(clean, phone):
    """A binding whose source is not known has no flow."""
    clean.rpc("ul.add", "location", "45675003", "sip:45675003@127.0.0.9:5099", 300, 1.0, "", 0, 0, 0)
    assert phone.call("flow", "45675003")[0] == -1
