# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets through the daemon: counted to the packet, TOS, both families, ports of others, errors of the system."""
import socket

import pytest
from ng import NgError, sdp, sdp_endpoints
from relay import rtp, wait_until

FAMILIES = [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("127.0.0.1", "::1"), ("::1", "127.0.0.1")]


def family(address):
	return {"address-family": "IP6" if ":" in address else "IP4"}


@pytest.mark.parametrize("caller, callee", FAMILIES)
def test_packets_arrive_unchanged_and_are_counted(relay, call, caller, callee):
	before = relay.metrics()
	one = call(relay.ng, caller, callee, offer=family(callee), answer=family(caller))
	assert ":" in one.callee.relay[0] if ":" in callee else "." in one.callee.relay[0]
	one.caller.send(one.callee, 20)
	one.callee.send(one.caller, 13)
	for size in (13, 1472, 8000, 60000):  # beyond the interface's size the system cuts and joins
		one.caller.sequence += 1
		packet = rtp(one.caller.sequence, one.caller.ssrc, b"x" * (size - 12))
		assert one.caller.put(packet) == one.callee.socket.recv(65536)
	bytes_of = 33 * 172 + 13 + 1472 + 8000 + 60000
	totals = one.ng.query(one.id)["totals"]["RTP"]
	assert (totals["packets"], totals["bytes"], totals["errors"]) == (37, bytes_of, 0)
	after = relay.metrics()
	assert after["packets_total"] - before["packets_total"] == 37
	assert after["bytes_total"] - before["bytes_total"] == bytes_of
	assert after["sockets"] == before["sockets"] + 4 and after["ports_used"] == before["ports_used"] + 4
	one.delete()
	assert relay.metrics()["sockets"] == before["sockets"]
	line = relay.log_has(f"[{one.id}] ended: deleted")
	assert "rank 1, 24 packets" in line and "rank 1, 13 packets 2236 bytes" in line and "lost 0 of 13" in line and "sent 24 packets" in line


def test_rtcp_has_its_own_port(relay, call):
	one = call(relay.ng)
	report = bytes([0x80, 200, 0, 6]) + one.caller.ssrc.to_bytes(4, "big") + b"\0" * 20
	one.both_ways()
	with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
		out.bind(("127.0.0.1", one.caller.port + 1))
		ear.bind(("127.0.0.1", one.callee.port + 1))
		ear.settimeout(5)
		out.sendto(report, (one.caller.relay[0], one.caller.relay[1] + 1))
		data, source = ear.recvfrom(1000)
	assert data == report and source == (one.callee.relay[0], one.callee.relay[1] + 1)
	assert one.ng.query(one.id)["totals"]["RTCP"]["packets"] == 1
	one.delete()


# -- TOS

def listen_tos(party):
	if ":" in party.address:
		party.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVTCLASS, 1)
	else:
		party.socket.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)


def send_tos(party, tos):
	if ":" in party.address:
		party.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, tos)
	else:
		party.socket.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, tos)


def heard_tos(party):
	_, control, _, _ = party.socket.recvmsg(65536, 100)
	assert len(control) == 1
	return control[0][2][0]


@pytest.mark.parametrize("caller, callee", FAMILIES)
def test_tos_is_kept(relay, call, caller, callee):
	one = call(relay.ng, caller, callee, offer=family(callee), answer=family(caller))
	listen_tos(one.callee)
	for tos in (0, 184, 184, 0, 40, 136):
		send_tos(one.caller, tos)
		one.caller.put()
		assert heard_tos(one.callee) == tos
	one.delete()


def test_tos_is_set(start, call):
	relay = start("--tos=184")
	one, other = call(relay.ng), call(relay.ng, offer={"TOS": 136})
	for each, wanted in ((one, 184), (other, 136)):
		listen_tos(each.callee)
		send_tos(each.caller, 40)
		each.caller.put()
		assert heard_tos(each.callee) == wanted


# -- what the system does not give

def test_ports_of_other_programs_are_passed_over(start, call):
	"""Even where the other program allows to share its port."""
	strangers = []
	for port in (40000, 40003, 40006):
		stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		stranger.bind(("0.0.0.0" if port == 40003 else "127.0.0.1", port))
		strangers.append(stranger)
	relay = start("--port-min=40000", "--port-max=40011")
	for _ in range(3):
		one = call(relay.ng)
		ports = {one.caller.relay[1], one.callee.relay[1]}
		assert len(ports) == 2 and ports <= {40004, 40008, 40010}
		one.both_ways()
		one.delete()
	counts = relay.metrics()
	assert counts["ports_failed"] == 6 and counts["sockets"] == 0
	for stranger in strangers:
		stranger.setblocking(False)
		with pytest.raises(BlockingIOError):
			stranger.recv(100)
		stranger.close()


def test_an_address_that_is_not_here_yet(start):
	"""A pair's standby has not got the address; it says so, refuses the call for the next relay to take, and does not stop."""
	relay = start("--interface=192.0.2.77")
	assert "this machine does not have the media address 192.0.2.77 now" in relay.log()
	with pytest.raises(NgError, match="^Ran out of ports$"):
		relay.ng.offer("away", "a", sdp())
	assert relay.ng.ping()


def test_what_cannot_be_sent_is_counted(relay, party):
	"""Nothing leads to 203.0.113.1 in this namespace."""
	before = relay.metrics()
	caller = party()
	offered = relay.ng.offer("nowhere", "a", caller.sdp())
	answered = relay.ng.answer("nowhere", "a", "b", sdp("203.0.113.1", 6000))
	caller.relay = sdp_endpoints(answered["sdp"])[0]
	for _ in range(5):
		caller.put()
	wait_until(lambda: relay.metrics()["packets_total"] == before["packets_total"] + 5)
	after = relay.metrics()
	assert after["send_failed_total"] - before["send_failed_total"] == 5
	assert after['refused_packets_total{reason="send"}'] - before['refused_packets_total{reason="send"}'] == 5
	relay.ng.delete("nowhere")
	assert "not sent 5" in relay.log_has("[nowhere] ended")
	assert offered["result"] == "ok"


def port_for(ng, command, call_id, place):
	"""Where the relay wants the media of the other party, of a call whose party is at `place`."""
	tags = {"from-tag": "a", "to-tag": "b"} if command != "offer" else {"from-tag": "a"}
	command = command.removeprefix("re-")
	return sdp_endpoints(ng.call(command, call_id, sdp=sdp(*place), **tags)["sdp"])[0]


def test_one_call_behind_another(relay, party):
	"""The callee of one is the caller of the other, as with a B2BUA that passes SDPs on: media pass both."""
	alice, bob = party(), party()
	near = port_for(relay.ng, "offer", "near", (alice.address, alice.port))
	bob.relay = port_for(relay.ng, "offer", "far", near)
	far = port_for(relay.ng, "answer", "far", (bob.address, bob.port))
	alice.relay = port_for(relay.ng, "answer", "near", far)
	alice.send(bob, 5)
	bob.send(alice, 5)
	for call_id in ("near", "far"):
		relay.ng.delete(call_id)


def test_calls_in_a_circle(relay, party):
	"""Two calls whose SDPs name one another's ports: what somebody puts in goes no further than from one to the other."""
	stranger, placeholder = party(), ("127.0.0.1", 9)
	before = relay.metrics()
	far = port_for(relay.ng, "offer", "one", placeholder)
	near = port_for(relay.ng, "answer", "one", placeholder)
	back = port_for(relay.ng, "offer", "two", far)
	stranger.relay = port_for(relay.ng, "answer", "two", near)
	assert port_for(relay.ng, "re-offer", "one", back) == far
	assert port_for(relay.ng, "answer", "one", stranger.relay) == near
	for _ in range(10):
		stranger.put()
	loop = 'refused_packets_total{reason="loop"}'
	wait_until(lambda: relay.metrics()[loop] == before[loop] + 10)
	assert relay.metrics()["packets_total"] == before["packets_total"] + 20  # each once into either call
	for call_id in ("one", "two"):
		relay.ng.delete(call_id)


def test_interfaces_by_name(start, party):
	relay = start("--interface=inside/127.0.0.1", "--interface=outside/10.9.0.1!198.51.100.7")
	caller, callee = party(), party("10.9.0.2")
	offered = relay.ng.offer("named", "a", caller.sdp(), direction=["inside", "outside"])
	assert sdp_endpoints(offered["sdp"])[0][0] == "198.51.100.7", "what is advertised"
	answered = relay.ng.answer("named", "a", "b", callee.sdp())
	caller.relay = sdp_endpoints(answered["sdp"])[0]
	assert caller.relay[0] == "127.0.0.1"
	callee.relay = ("10.9.0.1", sdp_endpoints(offered["sdp"])[0][1])
	caller.send(callee, 3)
	callee.send(caller, 3)


def test_plain_mode(start, call):
	relay = start("--plain", "--interface=::1", "--interface=127.0.0.1", "--interface=192.0.2.77")
	assert "192.0.2.77" not in relay.log()
	for caller, callee in FAMILIES:
		one = call(relay.ng, caller, callee, offer=family(callee), answer=family(caller))
		packets = [one.caller.next_packet() for _ in range(40)]
		for packet in packets:
			one.caller.put(packet)
		assert [one.callee.socket.recv(65536) for _ in packets] == packets
		one.callee.send(one.caller, 5)
		one.delete()
	assert relay.metrics()["packets_total"] == 4 * 45
