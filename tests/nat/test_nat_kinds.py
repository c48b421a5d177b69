# SPDX-License-Identifier: GPL-2.0-or-later
"""Is each kind of NAT what it says it is? Asked as RFC 5780 does, from the agent's place, of the service's own STUN server."""
import concurrent.futures
import contextlib
import socket

import pytest
from natlab import kinds, manners, stun
from natlab.world import SERVER, SERVER_2

PORT = 10000
EXPECTED = {  # outside port kept, mapping, filtering
	"public": (True, "independent", "independent"),
	"fwstate": (True, "independent", "port"),
	"fwsrv": (True, "walled", "address"),
	"cone": (True, "independent", "independent"),
	"addr": (True, "independent", "address"),
	"port": (True, "independent", "port"),
	"shift": (False, "independent", "port"),
	"sym": (False, "dependent", "port"),
	"split": (True, "independent", "port"),
	"cgn:cone+port": (True, "independent", "port"),
	"cgn:cone+cone": (True, "independent", "independent"),
	"cgn:port+sym": (False, "dependent", "port"),
	"cgn:sym+cone": (False, "dependent", "port"),
	"cgn:shift+addr": (False, "independent", "port"),
	"cgn:fwstate+cone": (True, "independent", "port"),
	"cgn:fwsrv+port": (True, "walled", "port"),
	"leaky": (True, "independent", "port"),
	"alg": (True, "independent", "port"),
}


def discover(world, kind, port=PORT):
	with world.pair(kind, "public") as (host, _), host.net.inside():
		return stun.discover(SERVER, SERVER_2, (host.address, port))


@pytest.fixture(scope="session")
def world(lab):
	return lab.sides[0][0]


@pytest.fixture(scope="session")
def behaviours(world):
	with concurrent.futures.ThreadPoolExecutor(len(EXPECTED)) as pool:
		return dict(zip(EXPECTED, pool.map(lambda kind: discover(world, kind), EXPECTED)))


@pytest.mark.parametrize("kind", EXPECTED)
def test_behaves_as_its_name_says(behaviours, kind):
	found = behaviours[kind]
	assert (found.kept, found.mapping, found.filtering) == EXPECTED[kind], found


def test_every_plain_kind_is_asked():
	assert set(kinds.PLAIN) < set(EXPECTED)


def test_shift_moves_sip_and_media_alike(world):
	for port in (kinds.SIP_PORTS[0], *kinds.RTP_PORTS[0]):
		assert discover(world, "shift", port).mapped[1] == port + kinds.SHIFT


def test_split_has_another_address_for_sip(world):
	with world.pair("split", "public") as (host, _), host.net.inside():
		sip, media = (stun.discover(SERVER, SERVER_2, (host.address, port)).mapped for port in (host.sip_port, host.rtp_ports[0]))
	assert sip[0] != media[0]
	assert (sip[1], media[1]) == (host.sip_port, host.rtp_ports[0])


def bound(host):
	with host.net.inside():
		sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		sock.bind((host.address, host.rtp_ports[0]))
		sock.settimeout(0.5)
	return sock


def outside(host, sock):
	with host.net.inside():
		return stun.ask(sock, (SERVER, stun.PORT))[0]


@pytest.mark.parametrize("kind, comes_back", [("lan:cone", True), ("lan:port", False), ("lan:sym", False), ("isp:port+cone", True),
	("isp:port+port", False), ("isp:sym+cone", False)])
def test_hairpin(world, kind, comes_back):
	"""Two behind one NAT, each writing to the other's outside address: does it arrive, and from an outside address?"""
	with world.pair(kind, kind) as hosts:
		with bound(hosts[0]) as caller, bound(hosts[1]) as callee:
			addresses = [outside(host, sock) for host, sock in zip(hosts, (caller, callee))]
			assert addresses[0][0] == addresses[1][0] and addresses[0] != addresses[1]
			for _ in range(2):  # the first one may be what opens the way for the other
				caller.sendto(b"from the caller", addresses[1])
				callee.sendto(b"from the callee", addresses[0])
			for sock, text, sender in ((callee, b"from the caller", addresses[0]), (caller, b"from the callee", addresses[1])):
				if comes_back:
					assert sock.recvfrom(100) == (text, sender)
				else:
					with pytest.raises(TimeoutError):
						sock.recvfrom(100)


def test_neighbours_in_one_network_reach_each_other(world):
	with world.pair("lan:port", "lan:port") as hosts, bound(hosts[0]) as caller, bound(hosts[1]) as callee:
		caller.sendto(b"inside", callee.getsockname())
		assert callee.recvfrom(100) == (b"inside", caller.getsockname())


def test_two_homes_of_one_carrier_have_the_same_private_network(world):
	with world.pair("isp:port+cone", "isp:port+cone") as hosts, bound(hosts[0]) as caller, bound(hosts[1]) as callee:
		assert [host.address for host in hosts] == ["192.168.1.11", "192.168.1.12"]
		caller.sendto(b"inside", callee.getsockname())
		with pytest.raises(OSError):
			callee.recvfrom(100)


@pytest.mark.parametrize("kind, stays", [("port", True), ("leaky", False)])
def test_uninvited_packet_moves_the_agents_port_behind_a_leaky_nat_alone(world, kind, stays):
	"""A stranger writes to the outside port before the agent does: from where does the agent's own packet come?"""
	with world.pair(kind, "public") as (host, stranger), bound(host) as inside, bound(stranger) as probe:
		mapped = outside(host, inside)
		probe.sendto(b"uninvited", mapped)
		inside.sendto(b"hello", probe.getsockname())
		_, sender = probe.recvfrom(100)
		assert sender[0] == mapped[0] and (sender == mapped) == stays


# -- agents that take OPTIONS in another way (natlab/manners.py)

ASKED_AT, ELSEWHERE = ("198.51.100.10", 5060), "198.51.100.11"
PROBE = ("OPTIONS sip:100@203.0.113.9:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.10:5072;branch=z9hG4bKa{more}\r\n"
	"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKb\r\nf: <sip:probe@example.com>;tag=1\r\nTo: <sip:100@example.com>\r\n"
	"Call-ID: 1\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 1\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize("name, more, status, target", [
	("404", "", 404, ("198.51.100.10", 5072)), ("405", ";maddr=" + ELSEWHERE, 405, (ELSEWHERE, 5072)),
	("501", ";rport", 501, ("198.51.100.10", 5060)), ("nomaddr", ";maddr=" + ELSEWHERE, 200, ("198.51.100.10", 5072)),
	("noport", ";maddr=" + ELSEWHERE, 200, (ELSEWHERE, 5060)), ("flow", ";maddr=" + ELSEWHERE, 200, ("198.51.100.10", 5060))])
def test_manner_answers(name, more, status, target):
	text, sent_to = manners.answer(manners.MANNERS[name], PROBE.format(more=more), ASKED_AT)
	lines = text.decode().split("\r\n")
	assert lines[0].startswith(f"SIP/2.0 {status} ") and sent_to == target
	assert [line.split("branch=")[1].split(";")[0] for line in lines if line.startswith("Via")] == ["z9hG4bKa", "z9hG4bKb"]
	assert "CSeq: 1 OPTIONS" in lines and "To: <sip:100@example.com>;tag=manners" in lines and "f: <sip:probe@example.com>;tag=1" in lines


def test_manner_that_answers_nothing():
	assert manners.answer(manners.MANNERS["mute"], PROBE.format(more=""), ASKED_AT) is None


def test_machine_answers_in_the_agents_place(world):
	"""By the agent's own port and its NAT; the agent never sees an OPTIONS, and all else."""
	with world.pair("port~404", "public~mute") as hosts, contextlib.ExitStack() as stack:
		probe = stack.enter_context(bound(hosts[1]))
		with hosts[0].net.inside():
			agent = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
			agent.bind((hosts[0].address, hosts[0].sip_port))
			agent.settimeout(0.5)
		for host, kind in zip(hosts, ("port~404", "public~mute")):
			stack.enter_context(manners.minded(host, kinds.manner(kind)))
		agent.sendto(b"REGISTER", probe.getsockname())
		_, mapped = probe.recvfrom(100)
		probe.sendto(PROBE.format(more=";rport").encode(), mapped)
		answer, sender = probe.recvfrom(1000)
		assert answer.startswith(b"SIP/2.0 404 ") and sender == mapped
		probe.sendto(b"INVITE", mapped)
		assert agent.recvfrom(100)[0] == b"INVITE"
