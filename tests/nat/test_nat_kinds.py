# SPDX-License-Identifier: GPL-2.0-or-later
"""Is each kind of NAT what it says it is? Asked as RFC 5780 does, from the agent's place, of the service's own STUN server."""
import concurrent.futures
import socket

import pytest
from natlab import kinds, stun
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


@pytest.mark.parametrize("kind, comes_back", [("lan:cone", True), ("lan:port", False), ("lan:sym", False)])
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


def test_uninvited_packet_does_not_move_the_agents_port(world):
	"""A stranger writes to the outside port before the agent does: the agent's own packet still leaves from that port."""
	with world.pair("port", "public") as (host, stranger), bound(host) as inside, bound(stranger) as probe:
		mapped = outside(host, inside)
		probe.sendto(b"uninvited", mapped)
		inside.sendto(b"hello", probe.getsockname())
		assert probe.recvfrom(100) == (b"hello", mapped)
