# SPDX-License-Identifier: GPL-2.0-or-later
"""C7: whom the module asks what it is behind, whom not, and what stays of it. The agents are sockets that answer as they are told.

lo of the test's namespace has the service's two public addresses, 198.51.100.10 and .11 (and two of another service), and the agents' 203.0.113.21 and on."""
import queue
import re
import subprocess
import threading

import pytest
import script
from conftest import env_of, fill, url_of
from kam import Kamailio, Message, Phone, RpcFault, wait_for

SERVER, OTHER = "198.51.100.10", "198.51.100.11"
SPARE = "198.51.100.12", "198.51.100.13"  # of a second service
HOSTS = [f"203.0.113.{n}" for n in range(21, 27)]
PRIVATE = "10.1.2.3"
EXTRA = """
modparam("aeta", "nat_table", "aeta_nat_class")
modparam("aeta", "nat_off_table", "aeta_nat_off")
modparam("aeta", "probe", 1)
modparam("aeta", "probe_rate", 50)
modparam("aeta", "probe_delay", 0)
modparam("aeta", "probe_address", "OTHER")
modparam("aeta", "probe_agents_off", "^OldCodec/1[.]")
"""


class Agent(Phone):
    """Answers OPTIONS where their Via says. moved: from another socket wherever that is not the service's port."""

    def __init__(self, namespace, host, port=5060, status=200, moved=False, mute=False, server=SERVER, **more):
        super().__init__(namespace, host, port, **more)
        self.server, self.status, self.mute, self.asked = (server, 5060), status, mute, 0
        self.out = Phone(namespace, host) if moved else None
        self.thread, self.answers = None, queue.SimpleQueue()

    def __enter__(self):
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.socket.sendto(b"end", (self.host, self.port))
        self.thread.join()
        self.socket.close()
        if self.out:
            self.out.socket.close()

    def _serve(self):
        self.socket.settimeout(None)
        while (received := self.socket.recvfrom(65535))[0] != b"end":
            message = Message(received[0])
            if message.method == "OPTIONS":
                self.asked += 1
                if not self.mute:
                    self._answer(message, received[1])
            elif message.status:
                self.answers.put(message)

    def _answer(self, message, source):
        via = message["Via"]
        port = re.match(r"SIP/2.0/UDP [\w.]+:(\d+)", via)[1]
        where = (re.findall(r"maddr=([\d.]+)", via) or [source[0]])[0]
        target = source if ";rport" in via else (where, int(port))
        copied = [f"{k}: {v}" for k, v in message.headers if k.lower() in ("via", "from", "to", "call-id", "cseq")]
        text = "\r\n".join([f"SIP/2.0 {self.status} Test", *copied, "Content-Length: 0", "", ""]).encode()
        (self.out if self.out and target != self.server else self).socket.sendto(text, target)

    def receive(self, seconds=10):
        return self.answers.get(timeout=seconds)


@pytest.fixture(scope="module")
def addresses(namespace):
    def each(verb):
        for address in (SERVER, OTHER, *SPARE, PRIVATE, *HOSTS):
            subprocess.run(namespace.command("ip", "address", verb, f"{address}/32", "dev", "lo"), check=True)
    each("add")
    yield
    each("del")


def configuration(server, first, second):
    """Listens on the first address, and has the second one for its probes alone."""
    text = script.native(db_url=url_of(server), extra=EXTRA.replace("OTHER", second))
    return text.replace("listen=udp:127.0.0.1:5060", f"listen=udp:{first}:5060")


@pytest.fixture(scope="module")
def asking(namespace, server, addresses, tmp_path_factory):
    fill(server)
    with Kamailio(namespace, tmp_path_factory.mktemp("nat"), configuration(server, SERVER, OTHER), env_of(server)) as running:
        yield running


@pytest.fixture
def kamailio(asking, server):
    """Nobody registered, nothing known but in memory: each test has its own number."""
    server.sql("DELETE FROM aeta_nat_off")
    for aor in asking.registered():
        asking.rpc("ul.rm", "location", aor)
    return asking


def known(kamailio, number):
    return kamailio.rpc("aeta.nat", number)["addresses"]


def classes(kamailio, number, host=HOSTS[0]):
    return [row["class"] for row in known(kamailio, number) if row["address"] == host and row["probed_at"]]


def await_class(kamailio, number, host=HOSTS[0]):
    return wait_for(f"the class of {number}", lambda: classes(kamailio, number, host))[0]


def registers(agent, number, **more):
    assert agent.register(number, **more).status == 200


@pytest.fixture
def in_turn(kamailio, namespace):
    """Returns when all that was asked for until now has been done: another agent that asked for it later has its turn."""
    def wait():
        with Agent(namespace, HOSTS[5]) as last:
            registers(last, "15000")
            done = kamailio.counter("nat_probed")
            kamailio.rpc("aeta.nat_probe", "15000")
            wait_for("the last in the row", lambda: kamailio.counter("nat_probed") > done)
    return wait


def test_a_new_agent_is_asked_once(kamailio, namespace, in_turn):
    with Agent(namespace, HOSTS[0]) as agent:
        registers(agent, "45675001")
        assert await_class(kamailio, "45675001") == "open"
        row, = known(kamailio, "45675001")
        assert set(row["evidence"].split(",")) == {"no-nat", "flow", "port", "address-tried", "address", "knock", "after"}
        asked = agent.asked
        assert asked == 6
        registers(agent, "45675001")
        in_turn()
        assert agent.asked == asked


def test_one_that_is_known_is_greeted_when_it_is_new(kamailio, namespace, in_turn):
    """One packet when the registration is new, none when it is renewed: what it does for the routers is the lab's."""
    with Agent(namespace, HOSTS[4]) as agent:
        registers(agent, "902080")
        await_class(kamailio, "902080", HOSTS[4])
        asked = agent.asked
        kamailio.rpc("ul.rm", "location", "902080")
        registers(agent, "902080")
        wait_for("the greeting", lambda: agent.asked > asked)
        registers(agent, "902080")
        in_turn()
        assert agent.asked == asked + 1


def test_a_contact_that_was_private_before(kamailio, namespace, in_turn):
    """As of an agent that rewrites its Contact when the first answer has told it the public address: that is remembered."""
    with Agent(namespace, HOSTS[3]) as agent:
        registers(agent, "46005001", contact="<sip:46005001@192.168.1.5:5060>")
        assert await_class(kamailio, "46005001", HOSTS[3]) == "eim"
        registers(agent, "46005001")
        kamailio.rpc("aeta.nat_probe", "46005001")
        in_turn()
        row, = known(kamailio, "46005001")
        assert row["class"] == "open" and {"no-nat", "natted"} < set(row["evidence"].split(","))
        x = kamailio.rpc("aeta.explain_media", "45675001", "46005001")
        assert "callee-stun-unknown" in x["path_reason"].split(",")


def test_what_moves_is_seen(kamailio, namespace):
    with Agent(namespace, HOSTS[0], moved=True) as agent:
        registers(agent, "45675002")
        assert await_class(kamailio, "45675002") == "changed"


@pytest.mark.parametrize("number, status", [("45675003", 404), ("45675004", 405), ("45675005", 501)])
def test_any_final_answer_will_do(kamailio, namespace, number, status):
    with Agent(namespace, HOSTS[0], status=status) as agent:
        registers(agent, number)
        assert await_class(kamailio, number) == "open"


def test_signs_of_a_router_that_rewrites_sip(kamailio, namespace):
    """All looks as if there were no NAT, and nothing that is sent there is answered; at port 5070 such routers do not look."""
    with Agent(namespace, HOSTS[0], mute=True) as agent:
        registers(agent, "45995001")
        assert await_class(kamailio, "45995001") == "unknown"
    assert known(kamailio, "45995001")[0]["evidence"] == "no-nat,address-tried,alg"


def test_one_more_address_is_asked_there(kamailio, namespace):
    for host in HOSTS[1:3]:
        with Agent(namespace, host) as agent:
            registers(agent, "45676001")
            assert await_class(kamailio, "45676001", host) == "open"
    assert {row["address"] for row in known(kamailio, "45676001")} == set(HOSTS[1:3])


def test_who_is_not_asked(kamailio, namespace, server, in_turn):
    """An account and a User-Agent for which it is off, an agent behind a proxy, one without a public address."""
    server.sql("INSERT INTO aeta_nat_off (account) VALUES ('45676002')")
    with Agent(namespace, HOSTS[0]) as off, Agent(namespace, HOSTS[1], agent="OldCodec/1.7") as old, \
            Agent(namespace, HOSTS[2]) as behind, Agent(namespace, PRIVATE) as private:
        registers(off, "45676002")
        registers(old, "45676003")
        registers(behind, "45676004", headers=["Path: <sip:203.0.113.99;lr>", "Supported: path"])
        registers(private, "45676005")
        in_turn()
        assert [agent.asked for agent in (off, old, behind, private)] == [0, 0, 0, 0]
    assert [classes(kamailio, f"4567600{i}", HOSTS[i - 2]) for i in range(2, 5)] == [[], [], []]


def test_ports_that_are_closed_are_said(kamailio, namespace):
    """Ten agents answer, and the service's firewall lets nothing in at the ports for that: else it would show as relaying alone."""
    rules = "table ip closed { chain input { type filter hook input priority 0; udp dport { 5072, 5073 } drop; }; }"
    with Agent(namespace, HOSTS[0]) as agent:
        subprocess.run(namespace.command("nft", rules), check=True)
        try:
            for n in range(10):
                registers(agent, f"4567510{n}")
            wait_for("it to be noticed", lambda: kamailio.counter("nat_silent") == 1)
        finally:
            subprocess.run(namespace.command("nft", "delete table ip closed"), check=True)
        assert "are UDP 5072 and 5073 open in the firewall of the service" in kamailio.log_text()
        assert kamailio.rpc("aeta.nat", "45675100")["silent"] == 1
        registers(agent, "45675110")
        wait_for("an answer to come in again", lambda: kamailio.counter("nat_silent") == 0)


def test_an_operator_asks_now(kamailio, namespace, in_turn):
    with pytest.raises(RpcFault, match="not registered"):
        kamailio.rpc("aeta.nat_probe", "46005001")
    with pytest.raises(RpcFault, match="Parameters"):
        kamailio.rpc("aeta.nat_probe", "46005001", "soon")
    with Agent(namespace, HOSTS[0]) as agent:
        registers(agent, "46005001")
        await_class(kamailio, "46005001")
        asked, done = agent.asked, kamailio.counter("nat_probed")
        kamailio.rpc("aeta.nat_probe", "46005001")
        wait_for("it to be asked again", lambda: kamailio.counter("nat_probed") > done)
        assert agent.asked > asked


def test_what_another_server_finds_out_is_known(kamailio, namespace, server):
    """The backup, that nobody has registered with yet: it reads what the other one writes."""
    server.sql(f"INSERT INTO aeta_nat_class (account, address, class, evidence, stun, binding, checked_at, changed_at) VALUES "
        f"('45995002', '{HOSTS[4]}', 'changed', 14, 'unknown', 0, utc_timestamp(), utc_timestamp())")
    assert await_class(kamailio, "45995002", HOSTS[4]) == "changed"


def test_the_class_is_noted_with_the_binding(kamailio, namespace, server):
    """What is known nowhere else comes with the registration, as from another server, but does not hold against what was found out."""
    def nat():
        return kamailio.rpc("aeta.explain_media", "45675001", "45995003")["callee"]["nat"]
    with Agent(namespace, HOSTS[4]) as agent:
        registers(agent, "45995003", headers=["X-Save: aeta"])
        assert await_class(kamailio, "45995003", HOSTS[4]) == "open"
        registers(agent, "45995003", headers=["X-Save: aeta"])
        row = f"account = '45995003' AND address = '{HOSTS[4]}'"
        wait_for("its row", lambda: server.sql(f"SELECT 1 FROM aeta_nat_class WHERE {row} AND checked_at IS NOT NULL"))
        server.sql(f"UPDATE aeta_nat_class SET class = 'unknown', evidence = 0, checked_at = NULL, changed_at = utc_timestamp() WHERE {row}")
        wait_for("it to be forgotten", lambda: not classes(kamailio, "45995003", HOSTS[4]))
        assert nat() == "open"
        server.sql(f"UPDATE aeta_nat_class SET class = 'changed', evidence = 15, checked_at = utc_timestamp(), "
            f"changed_at = utc_timestamp() WHERE {row}")
        wait_for("it to be read", lambda: nat() == "changed")


def test_an_answer_goes_no_further(kamailio, namespace):
    """Not to a script nor to tm: such a branch is no other module's business, and a stranger's guess changes nothing."""
    text = (f"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP {SERVER}:5060;branch=z9hG4bK-aeta-nat-00000000000000000\r\nFrom: <sip:a@b>;tag=1\r\n"
            "To: <sip:a@b>;tag=2\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n")
    before, answers = kamailio.counters("core")["drop_replies"], kamailio.counter("nat_answers")
    with Phone(namespace, HOSTS[0], 5066) as stranger:
        stranger.socket.sendto(text.encode(), (SERVER, 5060))
        stranger.socket.sendto(text.encode(), (SERVER, 5072))
        stranger.socket.sendto(b"\0" * 100, (SERVER, 5073))
        wait_for("the answer", lambda: kamailio.counters("core")["drop_replies"] > before)
    assert kamailio.counter("nat_answers") == answers


def is_all_there(kamailio):
    """The process that starts last is there: what is told to end while it only starts may take a lock with it."""
    wait_for("the last process", lambda: any(row["DSC"] == "aeta nat" for row in kamailio.rpc("core.psx")))


def test_it_survives_a_restart(namespace, server, addresses, tmp_path):
    fill(server)
    server.sql("DELETE FROM aeta_nat_class")
    cfg = configuration(server, *SPARE)
    with Agent(namespace, HOSTS[3], server=SPARE[0]) as agent:
        with Kamailio(namespace, tmp_path, cfg, env_of(server)) as first:
            registers(agent, "45995001")
            assert await_class(first, "45995001", HOSTS[3]) == "open"
            before = known(first, "45995001")
            is_all_there(first)
        with Kamailio(namespace, tmp_path, cfg, env_of(server)) as second:
            assert known(second, "45995001") == before
            is_all_there(second)
