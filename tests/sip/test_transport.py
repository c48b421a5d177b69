# SPDX-License-Identifier: GPL-2.0-or-later
"""The same service over TCP, TLS and IPv6, and between them (A4)."""
import itertools

import pytest
from agent import between

WAYS = {
	"udp": {},
	"tcp": {"transport": "tcp"},
	"tcp-5070": {"transport": "tcp", "server_port": 5070},
	"tls": {"transport": "tls"},
	"ipv6": {"host": "::1"},
	"ipv6-5070": {"host": "::1", "server_port": 5070},
	"ipv6-tcp": {"host": "::1", "transport": "tcp"},
}
PAIRS = [pair for pair in itertools.product(WAYS, WAYS) if "udp" in pair or pair[0] == pair[1]]


@pytest.mark.parametrize("caller, callee", PAIRS, ids=lambda way: way)
def test_call(service, agent, caller, callee):
	"""A call with re-INVITEs from both ends; each agent hears the service from the socket it chose."""
	alice, bob = agent("45675001", **WAYS[caller]).registered(), agent("45675002", **WAYS[callee]).registered()
	mine, theirs = alice.talk(bob)
	assert between(mine, theirs, "INVITE").status == 200
	assert between(theirs, mine, "INVITE").status == 200
	assert between(theirs, mine, "BYE").status == 200
	for one in (alice, bob):
		assert {m.source for m in one.link.arrived} == {one.link.server}
	assert service.cdr(mine.call_id)[2] == "45675002"


def test_connection_gone(service, agent):
	"""The callee's TCP connection has closed: no new one is tried (nobody listens there), the caller is told at once."""
	bob = agent("45675002", transport="tcp").registered()
	bob.link.close()
	answer = agent("45675001").call("45675002").final(timeout=15)
	assert answer.status in (408, 480), answer


def test_stranger_over_tcp(service, agent):
	alice, bob = agent("45675001").registered(), agent("45675002").registered()
	mallory = agent("45675006", transport="tcp", password="guess")
	assert mallory.ask("INVITE", "sip:45675002@sip.example.com", "<sip:45675002@sip.example.com>",
		authenticate=False).status == 407
	marker = alice.deliver(bob)
	assert bob.link.requests() == [marker]
