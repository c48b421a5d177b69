# SPDX-License-Identifier: GPL-2.0-or-later
"""Which calls need the relay (C2, C3, C5, A8), from the native script: the caller by its request, the callee by usrloc.

lo of the test's namespace has public addresses as well: 203.0.113.1 is a caller's, 203.0.113.2 a callee's.
"""
import subprocess

import pytest
import script
from conftest import env_of, url_of
from kam import Kamailio, Phone, wait_for

CALLER, CALLEE, V6 = "203.0.113.1", "203.0.113.2", "2001:db8::2"


@pytest.fixture(scope="module")
def addresses(namespace):
    for address in (CALLER, CALLEE):
        subprocess.run(namespace.command("ip", "address", "add", f"{address}/32", "dev", "lo"), check=True)
    yield
    for address in (CALLER, CALLEE):
        subprocess.run(namespace.command("ip", "address", "del", f"{address}/32", "dev", "lo"), check=True)


@pytest.fixture
def caller(clean, addresses, namespace):
    with Phone(namespace, CALLER, 5060) as p:
        yield p


def sdp(address, *own, session=True):
    """An SDP with the session's address and a stream for each of `own`; an empty one has the session's."""
    family = lambda a: "IP6" if ":" in a else "IP4"  # noqa: E731
    lines = ["v=0", "o=- 1 1 IN IP4 10.0.0.9", "s=-"] + ([f"c=IN {family(address)} {address}"] if session else []) + ["t=0 0"]
    for a in own or [""]:
        lines += ["m=audio 9000 RTP/AVP 0"] + ([f"c=IN {family(a)} {a}"] if a else [])
    return "\r\n".join(lines) + "\r\n"


def media(phone, *, callee="45675002", do="media", headers=(), **more):
    more.setdefault("body", sdp(CALLER))
    return phone.call(do, "45675001", callee, headers=headers, **more)


def reasons(values):
    return set(values["path_reason"].split(","))


def registered(namespace, host, port, number, **more):
    with Phone(namespace, host, port) as p:
        assert p.register(number, headers=["X-Save: aeta"], **more).status == 200


@pytest.fixture
def callee(caller, namespace):
    """A callee at a public address, registered without a sign of NAT."""
    registered(namespace, CALLEE, 5060, "45675002")
    return caller


def test_two_public_agents_are_direct(callee):
    rc, v = media(callee)
    assert rc == 2 and v["path"] == "direct" and v["path_reason"] == "no-sign"
    assert v["relay_set"] == "0" and v["media_flags"] == v["answer_flags"] == v["media_refusal"] == "" and v["media_code"] == "0"


@pytest.mark.parametrize("more, sign", [
    ({"contact": "<sip:45675001@192.168.1.5:5060>"}, "caller-contact-private"),
    ({"contact": "<sip:45675001@phone.example>"}, "caller-contact-name"),
    ({"contact": "<sip:45675001@203.0.113.77:5060>"}, "caller-contact-mismatch"),
    ({"contact": f"<sip:45675001@{CALLER}:5061>"}, "caller-source-port"),
    ({"via": "192.168.1.5:5060"}, "caller-via-mismatch"),
    ({"via": "phone.example:5060"}, "caller-via-mismatch"),
    ({"via": f"{CALLER}:5099"}, "caller-source-port"),
    ({"body": sdp("192.168.1.5")}, "caller-sdp-private"),
    ({"body": sdp("100.64.3.4")}, "caller-sdp-private"),
    ({"body": sdp(CALLER, "", "10.1.2.3")}, "caller-sdp-media-private"),
    ({"body": sdp("203.0.113.77")}, "caller-sdp-not-source"),
    ({"body": sdp("phone.example")}, "caller-sdp-name"),
    ({"body": sdp("", session=False)}, "caller-sdp-unreadable"),
])
def test_each_sign_of_the_caller(callee, more, sign):
    before = count(callee, sign)
    rc, v = media(callee, **more)
    assert rc == 1 and v["path"] == "relayed" and reasons(v) == {sign}
    assert count(callee, sign) == before + 1


def count(phone, sign):
    return phone.kamailio.counter("relayed_" + sign.replace("-", "_"))


@pytest.fixture(autouse=True)
def counted(clean):
    Phone.kamailio = clean
    yield
    del Phone.kamailio


@pytest.mark.parametrize("body", [
    sdp("192.168.1.5", CALLER),                    # STUN: the session's address stays private
    sdp("0.0.0.0"), sdp(CALLER, "0.0.0.0"),        # on hold
    sdp(CALLER).replace("m=audio 9000", "m=audio 9000/2"),
    sdp("192.168.1.5").replace("m=audio 9000", "m=audio 0") + f"m=audio 9002 RTP/AVP 0\r\nc=IN IP4 {CALLER}\r\n",
    "",                                            # no offer in the INVITE
])
def test_what_is_no_sign(callee, body):
    assert media(callee, body=body)[1]["path_reason"] == "no-sign"


def test_the_sdp_is_found_in_a_multipart_body(callee):
    body = ("--b\r\nContent-Type: application/x\r\n\r\nc=IN IP4 10.0.0.1\r\n--b\r\nContent-Type: application/sdp\r\n\r\n"
            + sdp("192.168.1.5") + "\r\n--b--\r\n")
    v = media(callee, body=body, body_type="multipart/mixed;boundary=b")[1]
    assert reasons(v) == {"caller-sdp-private"}


@pytest.mark.parametrize("more, sign", [
    ({"contact": "<sip:45675002@172.20.0.2:5060>"}, "callee-contact-private"),
    ({"contact": "<sip:45675002@phone.example>"}, "callee-contact-name"),
    ({"contact": "<sip:45675002@203.0.113.77:5060>"}, "callee-contact-mismatch"),
    ({"contact": f"<sip:45675002@{CALLEE}:5099>"}, "callee-source-port"),
    ({"via": "192.168.1.5:5060"}, "callee-via-mismatch"),
])
def test_each_sign_of_the_callee(caller, namespace, more, sign):
    registered(namespace, CALLEE, 5060, "45675002", **more)
    rc, v = media(caller)
    assert rc == 1 and reasons(v) == {sign}


def test_an_unknown_callee_is_relayed(caller):
    rc, v = media(caller)
    assert rc == 1 and reasons(v) == {"callee-unknown"}


def test_nobody_called_yet_is_relayed(caller):
    assert caller.call("media-alone")[0] == 1


def test_loopback_stays_direct(clean, namespace):
    """As in a demo on one machine, whatever the Contacts say; a loopback address elsewhere is a private one."""
    registered(namespace, "127.0.0.8", 5060, "45675002", contact="<sip:45675002@10.0.0.1:5099>")
    with Phone(namespace, "127.0.0.7", 5060) as p:
        assert media(p, body=sdp("127.0.0.7"))[0] == 2
        assert reasons(media(p, body=sdp("10.0.0.1"))[1]) == {"caller-sdp-private"}


def test_a_public_caller_and_a_callee_on_loopback(caller, namespace):
    registered(namespace, "127.0.0.8", 5060, "45675002")
    assert reasons(media(caller)[1]) == {"callee-contact-private"}


def test_behind_a_trusted_proxy_the_sdp_is_judged(callee):
    odd = {"via": "10.0.0.1:5060", "contact": "<sip:45675001@10.0.0.2:5080>", "headers": ["X-Trusted: 1"]}
    assert media(callee, body=sdp("203.0.113.77"), **odd)[0] == 2
    rc, v = media(callee, body=sdp("10.0.0.2"), **odd)
    assert rc == 1 and reasons(v) == {"caller-sdp-private"}
    assert reasons(media(callee, body="", **odd)[1]) == {"caller-contact-private"}


def test_a_caller_that_its_proxy_registered(callee):
    callee.kamailio.rpc("ul.add", "location", "45675001", "sip:45675001@10.0.0.2", 300, 1.0, f"<sip:{CALLER}:5060;lr>", 0, 0, 0)
    assert media(callee, contact="<sip:45675001@10.0.0.2>", body=sdp("203.0.113.77"))[0] == 2


@pytest.mark.parametrize("contact, sign", [("sip:45675002@10.0.0.2", "callee-contact-private"),
                                           ("sip:45675002@198.51.100.7", "no-sign")])
def test_a_callee_behind_a_proxy(caller, contact, sign):
    caller.kamailio.rpc("ul.add", "location", "45675002", contact, 300, 1.0, "<sip:203.0.113.9;lr>", 0, 0, 0)
    assert media(caller)[1]["path_reason"] == sign


def test_families(caller, namespace):
    caller.kamailio.rpc("ul.add", "location", "45675002", f"sip:45675002@[{V6}]:5060", 300, 1.0, "", 0, 0, 0)
    rc, v = media(caller)
    assert rc == 1 and reasons(v) == {"families-differ"}
    assert v["media_flags"] == "address-family=IP6" and v["answer_flags"] == "address-family=IP4"


POLICIES = [  # account and group of the caller, of the callee; what is in force
    (None, "auto", None, "auto", "auto"), (None, "always", None, "auto", "always"), (None, "auto", None, "always", "always"),
    ("auto", "always", None, "auto", "auto"), (None, "never", None, "auto", "never"), ("never", "always", None, "auto", "never"),
    ("never", "auto", "always", "auto", "always"), ("always", "auto", "never", "auto", "always"),
    (None, "auto", "never", "auto", "never"),
]


@pytest.mark.parametrize("a, group_a, b, group_b, policy", POLICIES)
def test_policies(caller, server, namespace, a, group_a, b, group_b, policy):
    """C3: account beats group, always beats never, never beats auto. (45995001 calls 45675002, whose NAT is plain to see.)"""
    quoted = lambda word: f"'{word}'" if word else "NULL"  # noqa: E731
    server.sql(f"""UPDATE aeta_group SET media = '{group_a}', block_outgoing = 0 WHERE prefix = 4599;
        UPDATE aeta_group SET media = '{group_b}' WHERE prefix = 4567;
        UPDATE aeta_account SET media = {quoted(a)} WHERE number = '45995001';
        UPDATE aeta_account SET media = {quoted(b)} WHERE number = '45675002'""")
    caller.kamailio.rpc("aeta.reload")
    for contact, nat in ((None, False), ("<sip:45675002@10.0.0.1>", True)):
        registered(namespace, CALLEE, 5060, "45675002", contact=contact)
        rc, v = caller.call("media", "45995001", "45675002", body=sdp(CALLER), user="45995001")
        relayed = policy == "always" or (policy == "auto" and nat)
        expected = ({"callee-contact-private"} if nat else set()) | ({f"policy-{policy}"} if policy != "auto" else set())
        assert rc == (1 if relayed else 2) and reasons(v) == (expected or {"no-sign"})


def test_never_between_families_is_refused(caller, server):
    server.sql("UPDATE aeta_account SET media = 'never' WHERE number = '45675002'")
    caller.kamailio.rpc("ul.add", "location", "45675002", f"sip:45675002@[{V6}]:5060", 300, 1.0, "", 0, 0, 0)
    before = caller.kamailio.counter("media_refused")
    rc, v = media(caller)
    assert rc == -1 and v["path"] == "refused" and v["media_code"] == "488" and v["media_flags"] == ""
    assert v["media_refusal"] == "IPv4 and IPv6 cannot meet without relay (C3 media-never)"
    assert caller.kamailio.counter("media_refused") == before + 1


def test_no_relay_is_a_rule_of_the_script(clean, phone):
    rc, v = phone.call("verdict", "no-relay")
    assert rc == 1 and v["code"] == "503" and v["reason"] == "No relay can be had (C3 no-relay)"


@pytest.fixture
def domains(clean, server):
    server.sql("INSERT INTO aeta_domain (domain, relay_set) VALUES ('sip.example.com', 'default'), ('sip.example.net', 'other'),"
               "('sip.example.fr', 'fr')")
    clean.rpc("aeta.reload")
    return dict(server.sql("SELECT name, number FROM aeta_relay_set"))


@pytest.mark.parametrize("uri, from_host, name", [
    ("sip:sip.example.fr", "sip.example.com", "fr"), ("sip:SIP.Example.FR", "sip.example.com", "fr"),
    ("sip:sip.example.com", "sip.example.fr", "default"), ("sip:203.0.113.200", "sip.example.fr", "default"),
    (None, "sip.example.fr", "fr"), (None, "sip.example.com", "default"), (None, "elsewhere.example", "default"),
])
def test_relay_set(caller, domains, namespace, uri, from_host, name):
    """C5: the domain of the latest REGISTER, then From; the R-URI, sip.example.com here, never."""
    if uri:
        registered(namespace, CALLER, 5070, "45675001", uri="sip:sip.example.net")
        registered(namespace, CALLER, 5070, "45675001", uri=uri)
    assert media(caller, from_host=from_host)[1]["relay_set"] == domains[name]


def test_relay_set_of_the_to_where_the_ruri_has_none(caller, domains, namespace):
    with Phone(namespace, CALLER, 5070) as p:
        p.send_request("REGISTER", "45675001", "45675001", uri=f"sip:{CALLER}", headers=["X-Save: aeta", "Expires: 300"],
                       to_host="sip.example.fr")
        assert p.final().status == 200
    assert media(caller, from_host="sip.example.com")[1]["relay_set"] == domains["fr"]


def test_relay_set_survives_in_the_flags_of_the_binding(caller, domains, namespace):
    registered(namespace, CALLER, 5070, "45675001", uri="sip:sip.example.fr", via="10.9.9.9:5060")
    contact = caller.kamailio.rpc("ul.lookup", "location", "45675001")["Contacts"][0]["Contact"]
    assert contact["CFlags"] == 1 << 16 | 1 << 17 | int(domains["fr"]) << 18
    # as after a restart: the same binding, made from its row
    caller.kamailio.rpc("ul.rm", "location", "45675001")
    caller.kamailio.rpc("ul.add", "location", "45675001", contact["Address"], 300, 1.0, "", 0, contact["CFlags"], 0)
    assert media(caller)[1]["relay_set"] == domains["fr"]


def test_each_member_of_a_hunt_is_judged(caller, namespace):
    registered(namespace, CALLEE, 5060, "45676001", contact="<sip:x@10.0.0.1>")
    rc, v = caller.call("hunt-media", "45675001", "6000", body=sdp(CALLER))
    assert rc == 1 and v["final"] == "45676001" and reasons(v) == {"callee-contact-private"}


def test_one_log_line(callee):
    before = len(callee.kamailio.log_text())
    media(callee, contact="<sip:x@10.0.0.1>", body=sdp("10.0.0.1", CALLER))
    line = ("media=relayed caller=45675001 final=45675002 policy=auto relay_set=0 stun=1 caller_nat=unknown "
            "callee_nat=unknown callee_stun=unknown reasons=caller-contact-private")
    wait_for("the log line", lambda: line in callee.kamailio.log_text()[before:])


def test_explained_from_the_registrations(caller, namespace, server):
    server.sql("UPDATE aeta_account SET media = 'auto' WHERE number = '45675001'")
    registered(namespace, CALLER, 5070, "45675001", contact="<sip:45675001@10.0.0.1:5060>")
    registered(namespace, CALLEE, 5060, "45675002")
    x = caller.kamailio.rpc("aeta.explain_media", "45675001", "45675002")
    assert x["path"] == "relayed" and x["path_reason"] == "caller-contact-private,caller-source-port" and x["policy"] == "auto"
    assert x["caller"] == {"registered": 1, "source": f"{CALLER}:5070", "contact": "10.0.0.1:5060", "proxied": 0, "stream": 0,
                           "account_media": "auto", "group_media": "auto", "nat": "unknown", "stun": "unknown"}
    assert x["callee"]["account_media"] == "group" and x["callee"]["source"] == f"{CALLEE}:5060" and x["relay_set"] == 0
    assert caller.kamailio.rpc("aeta.explain_media", "45675001", "45675009")["callee"]["registered"] == 0


def test_explain_needs_two_numbers(clean):
    with pytest.raises(Exception, match="Two parameters"):
        clean.rpc("aeta.explain_media", "45675001")


def test_a_policy_counts_within_three_seconds(namespace, server, addresses, tmp_path):
    """Accounts kept in memory: a change by plain SQL ends that."""
    cfg = script.native(db_url=url_of(server), extra='modparam("aeta", "accounts_kept", 100)')
    with Kamailio(namespace, tmp_path, cfg, env_of(server)) as k, Phone(namespace, CALLER, 5060) as p:
        registered(namespace, CALLEE, 5060, "45675002")
        wait_for("accounts to be believed", lambda: k.rpc("aeta.stats")["accounts_believed"])
        assert media(p)[0] == 2
        server.sql("UPDATE aeta_account SET media = 'always' WHERE number = '45675002'")
        wait_for("the policy", lambda: media(p)[0] == 1, seconds=5)
