# SPDX-License-Identifier: GPL-2.0-or-later
"""What aetactl says to the running Kamailio, and does when there is none: a real one with our module, and one that lies."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from db import ROOT

sys.path.insert(0, str(ROOT / "tests/module"))
from kam import Kamailio, Namespace, wait_for  # noqa: E402

CFG = """#!KAMAILIO
debug=2
log_stderror=yes
children=2
auto_aliases=no
listen=udp:127.0.0.1:5060
disable_tcp=yes
mpath="{mpath}"
loadmodule "kex.so"
loadmodule "pv.so"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "siputils.so"
loadmodule "jsonrpcs.so"
loadmodule "db_mysql.so"
loadmodule "usrloc.so"
loadmodule "domain.so"
loadmodule "aeta.so"
modparam("jsonrpcs", "transport", 4)
modparam("jsonrpcs", "dgram_socket", "{folder}/rpc.sock")
modparam("usrloc", "db_mode", 0)
modparam("domain", "db_url", "DB_URL")
modparam("domain", "domain_table", "aeta_domain")
modparam("aeta", "db_url", "DB_URL")
modparam("aeta", "guard_realm", "aeta")
# every REGISTER is a wrong password
request_route { if ($rm == "REGISTER") { aeta_guard_result("-2"); } exit; }
"""


@pytest.fixture(scope="module")
def kamailio(server):
    if os.geteuid() != 0:
        pytest.skip("needs root for a network namespace")
    server.clean()
    url = f"mysql://aeta_sip:{server.passwords['aeta_sip']}@localhost/aeta"
    folder = Path(tempfile.mkdtemp(prefix="aeta-ctl-"))  # short: the path of a UNIX socket has 107 characters
    with Namespace() as namespace, \
            Kamailio(namespace, folder, CFG.replace("DB_URL", url), {"MYSQL_UNIX_PORT": str(server.socket), "TZ": "UTC"}) as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def live(ctl, kamailio):
    """aetactl with a running Kamailio, group 4567 with two numbers, 4599 with one; nobody is registered."""
    ctl.configure(rpc_socket=kamailio.folder / "rpc.sock")
    ctl.ok("customer", "add", "Radio", "--email", "noc@radio.example")
    ctl.ok("group", "add", 4567, "--customer", "Radio")
    ctl.ok("group", "add", 4599, "--customer", "Radio")
    ctl.ok("number", "allocate", 4567, 2)
    ctl.ok("number", "allocate", 4599, 1)
    for aor in kamailio.registered():
        kamailio.rpc("ul.rm", "location", aor)
    assert ctl.ok("reload") == {"aeta.reload": {"done": True}, "domain.reload": {"done": True}}
    yield ctl
    assert not list(kamailio.folder.glob("aetactl.*")), "the reply's folder is removed"


def register(kamailio, number):
    kamailio.rpc("ul.add", "location", number, f"sip:{number}@192.0.2.9:5062", 300, 1.0, "", 0, 0, 0)


def rule(ctl, caller, dialled):
    return ctl.ok("explain", caller, dialled)["rule"]


def test_group_options_take_effect_at_once(live, kamailio):
    assert kamailio.rpc("aeta.explain", "45995001", "45675001")["rule"] == "open"
    told = live.ok("group", "set", 4567, "--block-incoming", "on")
    assert told["aeta.reload"] == {"done": True}
    assert kamailio.rpc("aeta.explain", "45995001", "45675001")["rule"] == "incoming-blocked"
    live.ok("group", "set", 4567, "--block-incoming", "off", "--block-outgoing", "on")
    assert kamailio.rpc("aeta.explain", "45675001", "45995001")["rule"] == "outgoing-blocked"
    live.ok("exception", "add", "45995001", "--group", 4567)
    assert kamailio.rpc("aeta.explain", "45675001", "45995001")["rule"] == "exception"
    live.ok("exception", "delete", "45995001", "--group", 4567)
    assert kamailio.rpc("aeta.explain", "45675001", "45995001")["rule"] == "outgoing-blocked"


def test_domains_take_effect_at_once(live, kamailio):
    assert live.ok("domain", "add", "sip.radio.example")["domain.reload"] == {"done": True}
    assert "sip.radio.example" in str(kamailio.rpc("domain.dump"))
    live.ok("domain", "delete", "sip.radio.example")
    assert "sip.radio.example" not in str(kamailio.rpc("domain.dump"))


def test_accounts_need_no_reload(live, kamailio):
    assert kamailio.rpc("aeta.explain", "902080", "45675001")["rule"] == "caller-unknown"
    live.ok("account", "add", "902080", "--kind", "factory")
    assert kamailio.rpc("aeta.explain", "902080", "45675001")["rule"] == "open"


@pytest.mark.parametrize("arguments", [("lock",), ("suspend",), ("delete",), ("until", "2020-01-01")])
def test_the_binding_goes_at_once(live, kamailio, arguments):
    register(kamailio, "45675001")
    register(kamailio, "45675002")
    verb, *rest = arguments
    assert live.ok("account", verb, "45675001", *rest)["binding_removed"] is True
    assert kamailio.registered() == {"45675002"}


def test_the_binding_stays_where_the_account_stays_active(live, kamailio):
    register(kamailio, "45675001")
    for arguments in (("unlock", "45675001"), ("until", "45675001", "never"), ("password", "45675001")):
        assert "binding_removed" not in live.ok("account", *arguments)
    assert kamailio.registered() == {"45675001"}


def test_show_where_an_account_is_registered(live, kamailio):
    assert live.ok("account", "show", "45675001")["registered"] is False
    register(kamailio, "45675001")
    where = live.ok("account", "show", "45675001")["registered"]
    assert where["contact"] == "sip:45675001@192.0.2.9:5062" and 0 < where["expires_s"] <= 300
    assert "192.0.2.9" in live("account", "show", "45675001").out


def test_explain_asks_who_is_registered(live, kamailio):
    told = live.ok("explain", "45675001", "5002")
    assert (told["verdict"], told["rule"], told["code"], told["registered"]) == ("refuse", "not-registered", 480, False)
    register(kamailio, "45675002")
    told = live.ok("explain", "45675001", "5002")
    assert (told["verdict"], told["rule"], told["final"], told["registered"]) == ("route", "short-dial", "45675002", True)
    assert {"fact": "verdict of the running Kamailio", "value": "short-dial", "from": "Kamailio, aeta.explain"} in told["facts"]
    live.ok("group", "set", 4567, "--hunting", "on")
    register(kamailio, "45676002")
    told = live.ok("explain", "45675001", "6000")
    assert told["verdict"] == "hunt" and [m["registered"] for m in told["members"]] == [False, True]


def test_explain_and_kamailio_agree(live, kamailio):
    """The same library on the same rows: every pair of a small universe."""
    live.ok("account", "add", "902080", "--kind", "factory")
    live.ok("account", "add", "15000", "--kind", "other")
    live.ok("group", "set", 4567, "--block-outgoing", "on", "--hunting", "on", "--hunt-direct", "off")
    live.ok("group", "set", 4599, "--block-incoming", "on")
    live.ok("account", "lock", "45675002")
    numbers = ["45675001", "45675002", "45676001", "45995001", "902080", "15000", "999"]
    for number in numbers[:-1]:
        register(kamailio, number)
    for caller in numbers:
        for dialled in [*numbers, "5002", "6000", "45676000", "45995999", "alice", "45675001 "]:
            told = live("--json", "explain", caller, dialled)
            assert told.code == 0 and "says" not in told.err
            assert told.json["rule"] == kamailio.rpc("aeta.explain", caller, dialled)["rule"], (caller, dialled)


def test_explain_notices_what_was_not_reloaded(live, kamailio):
    live.server.sql("UPDATE aeta_group SET block_incoming = 1 WHERE prefix = 4567")
    result = live("--json", "explain", "45995001", "45675001")
    assert result.json["rule"] == "incoming-blocked" and "the running Kamailio says open" in result.err
    assert "aetactl reload" in result.err


def test_a_refused_reload_is_an_error(live, kamailio):
    """Rows that the module refuses (made here without the triggers' knowledge): stored, said, exit status 1."""
    live.server.sql("""SET SESSION check_constraint_checks = 0;
        DROP TRIGGER aeta_exception_bi; INSERT INTO aeta_exception VALUES (1234, '902080')""")
    try:
        result = live("reload")
        assert result.code == 1 and "goes on with the old" in result.err and "1234" in result.err
        result = live("group", "set", 4567, "--name", "x")
        assert result.code == 1 and "the change is stored, but Kamailio refuses" in result.err
        assert live("explain", "45675001", "5002").code == 1, "explain sees the bad row too"
    finally:
        live.server.sql("DELETE FROM aeta_exception WHERE prefix = 1234; DELETE FROM aeta_migration WHERE version = 2")
        live.server.install()


def test_a_stranger_may_not_ask(live, kamailio):
    """As another user: the socket does not open, which is said; the change itself is made."""
    if os.geteuid() != 0:
        pytest.skip("needs root to become somebody else")
    os.chmod(kamailio.folder / "rpc.sock", 0o600)
    config = live.config.parent / "public.conf"
    shutil.copy(live.config, config)
    shutil.chown(config, "nobody")
    config.chmod(0o600)
    with tempfile.TemporaryDirectory() as public, open(config, encoding="utf-8") as text:
        os.chmod(public, 0o755)  # the checkout may be where only its owner may look
        binary = shutil.copy(live.binary, public)
        done = subprocess.run([binary, "--config", "/dev/stdin", "reload"], stdin=text, capture_output=True, text=True,
                              user="nobody")
    assert done.returncode == 3 and "Kamailio does not answer" in done.stderr


# ---- a Kamailio that is none


class Liar(threading.Thread):
    """A datagram socket that answers each call with fixed bytes; None: not at all."""

    def __init__(self, path, answer):
        super().__init__(daemon=True)
        self.answer, self.asked = answer, []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.start()

    def run(self):
        while True:
            data, sender = self.socket.recvfrom(65536)
            if data == b"stop":
                return
            self.asked.append(json.loads(data))
            if self.answer is not None:
                self.socket.sendto(self.answer, sender)


@pytest.fixture
def liar(radio):
    folder = tempfile.mkdtemp(prefix="aeta-ctl-")
    path = folder + "/rpc.sock"
    radio.configure(rpc_socket=path)
    running = []

    def start(answer):
        running.append(Liar(path, answer))
        return running[0]

    yield start
    for one in running:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.sendto(b"stop", path)
        one.join(10)
        one.socket.close()
    radio.configure(rpc_socket="")
    shutil.rmtree(folder)


@pytest.mark.parametrize("answer,code,sentence", [
    (b'{"jsonrpc":"2.0","result":{},"id":1}', 0, ""),
    (b'{"jsonrpc":"2.0","error":{"code":500,"message":"row 7 is bad"},"id":1}', 1, "row 7 is bad"),
    (b'{"jsonrpc":"2.0","error":{"code":500,"message":"a\\nb\\u001b[2J"},"id":1}', 1, "a?b?[2J"),
    (b'{"jsonrpc":"2.0","error":7,"id":1}', 1, "without a reason"),
    (b'{"jsonrpc":"2.0","result":{"User-Agent":"Cod\xe9c"},"id":1}', 0, ""),
    (b"hello", 3, "no JSON"), (b"[]", 3, "no JSON"), (b"{", 3, "no JSON"), (b"\0", 3, "no JSON")])
def test_answers(radio, liar, answer, code, sentence):
    asked = liar(answer).asked
    result = radio("reload")
    assert result.code == code and sentence in result.err, result
    assert asked[0] == {"jsonrpc": "2.0", "method": "aeta.reload", "id": 1}
    shown = radio("group", "set", 4567, "--name", "x")
    assert shown.code == (1 if code == 1 else 0)


def test_nobody_listens(radio, liar):
    liar(None)
    path = radio.values["rpc_socket"]
    radio.configure(rpc_socket=str(path) + ".none")
    assert radio("reload").code == 3
    radio.configure(rpc_socket="/" + 200 * "x")
    assert radio("reload").code == 3
    radio.configure(rpc_socket=path)
    result = radio("reload")  # it listens and keeps silent
    assert result.code == 3 and "no reply in time" in result.err


def test_why_says_who_is_banned(radio, liar):
    """Bans of the number, and of a source that it was tried from; not those of others."""
    ban = {"failures": 5, "users": 1, "since": "2026-01-05T10:00:00Z", "left_s": 240}
    bans = [{**ban, "source": "203.0.113.7", "user": "45675001"}, {**ban, "source": "203.0.113.9", "user": "45675002"},
            {**ban, "source": "2001:db8:1:2::/64", "user": ""}, {**ban, "source": "203.0.113.10", "user": ""}]
    liar(json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"bans": bans, "more": 0}}).encode())
    radio.server.sql("INSERT INTO aeta_attempt (account, bucket, kind, cause, address, trust, first_at, last_at) VALUES "
                     "('45675001', 0, 'register', 'banned', '2001:db8:1:2:3::4', 1, UTC_TIMESTAMP(), UTC_TIMESTAMP()),"
                     "('45675002', 0, 'register', 'banned', '203.0.113.10', 1, UTC_TIMESTAMP(), UTC_TIMESTAMP())")
    told = radio.ok("why", "45675001")
    assert told["bans"] == [bans[0], bans[2]]
    assert told["now"].endswith("; BANNED at 203.0.113.7 for 240 s more; everybody is BANNED at 2001:db8:1:2::/64 for 240 s more")
    assert radio.ok("why", "902080")["bans"] == []


@pytest.mark.parametrize("address,there", [
    ("2001:db8::7", True), ("2001:db8:0:0:1:2:3:4", True), ("2001:DB8:0:0:0:0:0:7", True), ("2001:db8::1:2:3:4", True),
    ("2001:db8:0:1::7", False), ("2001:db8:5::7", False), ("2001:db8:1:2:3:4:5:6", False), ("203.0.113.7", False), ("", False)])
def test_why_tells_a_banned_network_by_its_prefix(radio, liar, address, there):
    ban = {"source": "2001:db8::/64", "user": "", "failures": 0, "users": 10, "since": "2026-01-05T10:00:00Z", "left_s": 240}
    liar(json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"bans": [ban], "more": 0}}).encode())
    radio.server.sql("DELETE FROM aeta_attempt")
    radio.server.sql("INSERT INTO aeta_attempt (account, bucket, kind, cause, address, trust, first_at, last_at) VALUES "
                     f"('45675001', 0, 'register', 'banned', '{address}', 1, UTC_TIMESTAMP(), UTC_TIMESTAMP())")
    assert radio.ok("why", "45675001")["bans"] == ([ban] if there else [])


def test_facts_of_another_shape(radio, liar):
    """A registration or a verdict in a shape that is not Kamailio's does no harm."""
    radio.ok("number", "allocate", 4567, 2)
    running = liar(b"")
    for text in ("[]", "7", "null", '"x"', '{"Contacts":7}', '{"Contacts":[7]}', '{"Contacts":[{"Contact":{"Address":7}}]}'):
        running.answer = ('{"jsonrpc":"2.0","result":%s,"id":1}' % text).encode()
        assert radio("account", "show", "45675001").code == 0
        assert radio("explain", "45675001", "5002").code == 0


# -- bans (F1) --

def wrong_passwords(kamailio, source, *users):
    """Five different ones of each user, from an address of the namespace."""
    with kamailio.namespace.inside(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((source, 0))
        for n in range(5):
            for user in users:
                digest = f'username="{user}", realm="aeta", nonce="n", uri="sip:x", response="{n:032}"'
                s.sendto((f"REGISTER sip:x SIP/2.0\r\nVia: SIP/2.0/UDP {source};branch=z9hG4bK{user}{n}\r\nFrom: <sip:{user}@x>;"
                          f"tag=1\r\nTo: <sip:{user}@x>\r\nCall-ID: {user}{n}\r\nCSeq: 1 REGISTER\r\nMax-Forwards: 7\r\n"
                          f"Authorization: Digest {digest}\r\nContent-Length: 0\r\n\r\n").encode(), ("127.0.0.1", 5060))
    wait_for("the bans", lambda: len([b for b in kamailio.rpc("aeta.bans")["bans"] if b["source"] == source]) == len(users))


def test_bans(live, kamailio):
    """Listed as a table and as JSON, lifted one by one and for a source; what is none is refused with a sentence."""
    assert live.ok("bans", "list") == {"bans": []}
    wrong_passwords(kamailio, "127.0.0.8", "45675001", "45675002", "45995001")
    shown = live.ok("bans", "list")["bans"]
    assert sorted(b["user"] for b in shown) == ["45675001", "45675002", "45995001"]
    assert all(b["source"] == "127.0.0.8" and b["failures"] == 5 and 290 < b["left_s"] <= 300 for b in shown)
    table = live("bans", "list").out
    assert "left_s" in table and table.count("127.0.0.8") == 3
    assert live.ok("bans", "lift", "127.0.0.8", "45675001") == {"users": 1, "sources": 0}
    again = live("bans", "lift", "127.0.0.8", "45675001")
    assert again.code == 1 and "45675001 is not banned at 127.0.0.8" in again.err
    assert live.ok("bans", "lift", "127.0.0.8") == {"users": 2, "sources": 0}
    again = live("bans", "lift", "127.0.0.8")
    assert again.code == 1 and "nothing is banned at 127.0.0.8" in again.err
    noted = live.server.sql("SELECT object, detail FROM aeta_audit WHERE action = 'ban lift' ORDER BY id")
    assert noted[:3:2] == [["45675001", "127.0.0.8"], ["everybody", "127.0.0.8"]]


@pytest.mark.parametrize("source", ["2001:db8::1", "[2001:DB8:0:0:0:0:0:1]", "2001:db8::/64", "::ffff:192.0.2.1", "192.0.2.1"])
def test_any_notation_of_a_source(live, source):
    result = live("bans", "lift", source)
    assert result.code == 1 and "nothing is banned" in result.err


@pytest.mark.parametrize("source", ["studio", "192.0.2.300", "[192.0.2.1]", "192.0.2.0/24", "x" * 300, "2001:db8::/32"])
def test_what_is_no_source(live, source):
    result = live("bans", "lift", source)
    assert result.code == 1 and "is no IP address" in result.err


def test_bans_without_kamailio(ctl):
    assert ctl("bans", "list").code == 3
    assert ctl("bans", "lift", "192.0.2.1").code == 3


def test_bans_of_another_shape(radio, liar):
    running = liar(b"")
    for text in ("[]", "7", "null", '{"bans":7}', '{"bans":[7],"more":"x"}'):
        running.answer = ('{"jsonrpc":"2.0","result":%s,"id":1}' % text).encode()
        listed = radio("--json", "bans", "list")
        if "[7]" in text:
            assert listed.json == {"bans": []}
        else:
            assert listed.code == 3 and "is not understood" in listed.err
        assert radio.ok("bans", "lift", "192.0.2.1") == {"users": None, "sources": None}
