# SPDX-License-Identifier: GPL-2.0-or-later
"""Two sockets for all media ports of an address: that they are really used, what becomes of ports of others, packets as before."""
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

import pytest
from ng import NgError, sdp
from outside import CALLER, THIRD, Outside
from relay import Call, program, rtp, wait_until
from test_daemon_media import FAMILIES, family, heard_tos, listen_tos, send_tos

RESERVED = pathlib.Path("/proc/sys/net/ipv4/ip_local_reserved_ports")
GIVEN = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range")


@pytest.fixture
def ports_policy(network):
	"""The namespace's two lists, as they are before and after the test."""
	before = RESERVED.read_text(), GIVEN.read_text()
	yield
	for path, text in zip((RESERVED, GIVEN), before):
		path.write_text(text if text.strip() else "\n")


def reserved():
	"""All ports of the list."""
	ranges = [part.split("-") for part in RESERVED.read_text().strip().split(",") if part]
	return {port for part in ranges for port in range(int(part[0]), int(part[-1]) + 1)}


def shared(relay):
	return relay.metrics()["shared_addresses"]


def udp_ports(pid):
	"""(address, port) of the process's UDP sockets, as the system lists them."""
	lines = subprocess.run(["ss", "-Hanup"], capture_output=True, text=True, check=True).stdout.splitlines()
	places = [line.split()[3].rsplit(":", 1) for line in lines if f"pid={pid}," in line]
	return [(address.strip("[]"), int(port)) for address, port in places]


def sockets_of(pid):
	count = 0
	for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
		with contextlib.suppress(FileNotFoundError):  # closed since it was listed
			count += os.readlink(entry).startswith("socket:")
	return count


def attached():
	"""Programs that choose sockets in this network namespace."""
	links = json.loads(subprocess.run(["bpftool", "-j", "link", "show"], capture_output=True, text=True, check=True,
		env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"}).stdout)
	here = os.stat("/proc/self/ns/net").st_ino
	return [link for link in links if link.get("attach_type") == "sk_lookup" and link["netns_ino"] == here]


# -- whether they are used

def test_it_is_the_rule(start):
	relay = start("--interface=127.0.0.1", "--interface=::1")
	assert shared(relay) == 2
	assert "the ports of a media address share a socket" in relay.log()


@pytest.mark.parametrize("option", ["--sockets=own", "--plain"])
def test_it_can_be_forbidden(start, call, option):
	relay = start(option)
	assert shared(relay) == 0 and not attached()
	call(relay.ng).both_ways()


def test_calls_cost_no_sockets(start, call):
	relay = start()
	relay.ng.ping()
	descriptors, sockets = relay.descriptors(), sockets_of(relay.pid)
	calls = [call(relay.ng) for _ in range(20)]
	assert relay.metrics()["sockets"] == 80
	wait_until(lambda: (relay.descriptors(), sockets_of(relay.pid)) == (descriptors, sockets), 10, "the end of the request for metrics")
	for one in calls:
		one.both_ways(1)
		one.delete()
	assert relay.metrics()["sockets"] == 0




def works_with_own_sockets(relay, call, why):
	assert shared(relay) == 0
	lines = [line for line in relay.log().splitlines() if "each media port has a socket of its own" in line]
	assert len(lines) == 1 and why in lines[0]
	relay.ng.ping()
	ports = len(udp_ports(relay.pid))
	one = call(relay.ng)
	assert len(udp_ports(relay.pid)) == ports + 4
	one.both_ways()
	one.delete()


def test_where_the_ports_cannot_be_reserved(start, call, ports_policy):
	"""A container's /proc/sys is read-only; where the host has reserved the ports that is no matter."""
	prefix = ("unshare", "--mount", "sh", "-c", 'mount -o bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys && exec "$@"', "-")
	RESERVED.write_text("\n")
	works_with_own_sockets(start(prefix=prefix), call, "net.ipv4.ip_local_reserved_ports: Read-only file system")
	assert not reserved()
	RESERVED.write_text("55004-55999\n")
	relay = start(prefix=prefix, port=2423)
	assert shared(relay) == 1
	call(relay.ng).both_ways()


@pytest.fixture
def binary(open_folder):
	"""The program where every user can start it."""
	copy = open_folder / "aeta-relay"
	copy.write_bytes(program().read_bytes())
	copy.chmod(0o755)
	return copy


NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def test_without_rights(start, call, binary, ports_policy):
	RESERVED.write_text("55004-55999\n")
	works_with_own_sockets(start(prefix=(*NOBODY, "--bounding-set=-all"), binary=binary), call, "Operation not permitted")


def test_three_capabilities_are_enough(start, call, binary, ports_policy):
	"""As aeta-relay.service starts it: another user, who gives them up."""
	RESERVED.write_text("55004-55999\n")
	rights = "+bpf,+net_admin,+net_raw"
	relay = start(prefix=(*NOBODY, f"--inh-caps=-all,{rights}", f"--ambient-caps=-all,{rights}", f"--bounding-set=-all,{rights}"), binary=binary)
	assert shared(relay) == 1
	assert int(relay.status("CapEff"), 16) == 0
	call(relay.ng).both_ways()


def test_nothing_is_left_of_one_that_was_killed(start):
	relay = start()
	assert len(attached()) == 1
	relay.process.send_signal(signal.SIGKILL)
	relay.process.wait(10)
	wait_until(lambda: not attached(), 10, "the end of its program")


# -- ports of others

def test_a_port_that_another_program_has_is_its_own(start, call, party):
	"""On the address, on all of them, and on all of both families: packets go on to it, calls to the next ports."""
	wide = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
	wide.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
	places = [(party("127.0.0.1", 41000).socket, 41000), (party("0.0.0.0", 41003).socket, 41003), (wide, 41004)]
	wide.bind(("::", 41004))
	wide.settimeout(5)
	try:
		relay = start("--port-min=41000", "--port-max=41009")
		assert shared(relay) == 1
		one = call(relay.ng)
		assert {one.caller.relay[1], one.callee.relay[1]} == {41006, 41008}
		one.both_ways()
		for link, port in places:
			one.caller.socket.sendto(b"for the other program", ("127.0.0.1", port))
			assert link.recv(100) == b"for the other program"
		one.delete()
	finally:
		wide.close()


def test_a_port_that_is_taken_between_two_calls(start, call, party):
	"""The system is asked about the next calls' ports together with a call's own; an answer is not believed for long."""
	relay = start("--port-min=41000", "--port-max=41015")
	first = call(relay.ng)
	first.both_ways()
	ports = {first.caller.relay[1], first.callee.relay[1]}
	others = [party("127.0.0.1", 41000 + (min(ports) - 41000 + n) % 16) for n in range(4, 9)]
	second = call(relay.ng)
	assert not {second.caller.relay[1], second.callee.relay[1]} & {other.socket.getsockname()[1] for other in others}
	second.both_ways()
	assert relay.metrics()["ports_failed"] == 6
	for one in (first, second):
		one.delete()


def test_the_system_gives_no_media_port_away(start, ports_policy):
	"""Of a hundred ports that programs may get, sixty are the relay's."""
	RESERVED.write_text("8080,42000-42001\n")
	GIVEN.write_text("42000 42099\n")
	start("--port-min=42020", "--port-max=42079")
	assert reserved() == {8080, 42000, 42001, *range(42020, 42080)}
	programs = []
	try:
		with pytest.raises(OSError):
			while len(programs) < 100:
				programs.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
				programs[-1].bind(("127.0.0.1", 0))
		got = {link.getsockname()[1] for link in programs[:-1]}
		assert got and not got & set(range(42020, 42080))
	finally:
		for link in programs:
			link.close()


def test_relays_that_start_at_once_reserve_both(start, ports_policy):
	RESERVED.write_text("\n")
	for _ in range(5):
		running = [start(f"--port-min={43000 + 100 * i}", f"--port-max={43099 + 100 * i}", port=2423 + 10 * i, wait=False) for i in range(4)]
		for relay in running:
			relay.log_has(" is ready:")
			assert shared(relay) == 1
		assert reserved() >= set(range(43000, 43400))
		for relay in running:
			relay.stop()
		RESERVED.write_text("\n")


@pytest.mark.parametrize("first, second", [((44000, 44007), (44008, 44015)), ((44000, 44015), (44000, 44015))])
def test_two_relays_at_one_address(start, call, first, second):
	"""Beside one another, or with the same ports: then the second takes those that the first has not open."""
	relays = [start(f"--port-min={low}", f"--port-max={high}", port=2423 + 10 * i) for i, (low, high) in enumerate((first, second))]
	assert [shared(relay) for relay in relays] == [1, 1]
	calls = [call(relay.ng) for relay in relays for _ in range(2)]
	ports = [side.relay[1] for one in calls for side in (one.caller, one.callee)]
	assert len(set(ports)) == 8
	for one in calls:
		one.both_ways()
	for relay in relays:
		assert relay.metrics()["packets_total"] == 12


def test_a_flooded_port_of_another_relay_is_used_too(start, call, party):
	"""The first stops all but a packet a second at each of its ports; the second must not take them for free ones."""
	options = ("--port-min=44000", "--port-max=44007")
	first, second = start(*options, "--port-rate=1", port=2423), start(*options, port=2433)
	one, stranger = call(first.ng), party()
	before = first.metrics()["too_fast_packets_total"]
	for _ in range(2):
		for side in (one.caller, one.callee):
			for port in (side.relay[1], side.relay[1] + 1):
				stranger.socket.sendto(b"no RTP", (side.relay[0], port))
	with pytest.raises(NgError, match="^Ran out of ports$"):
		for number in range(2):
			second.ng.offer(f"other-{number}", "a", sdp())
			second.ng.answer(f"other-{number}", "a", "b", sdp())
	assert first.metrics()["too_fast_packets_total"] >= before + 4


# -- packets

@pytest.mark.parametrize("caller, callee", FAMILIES)
def test_they_come_from_the_relays_port(relay, call, caller, callee):
	assert shared(relay) == 2
	one = call(relay.ng, caller, callee, offer=family(callee), answer=family(caller))
	for side, other in ((one.caller, one.callee), (one.callee, one.caller)):
		packet = side.put()
		data, source = other.socket.recvfrom(1000)
		assert data == packet and source[:2] == tuple(other.relay)
	one.delete()


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_tos_is_set_for_each_packet(start, call, address):
	relay = start(f"--interface={address}", "--tos=184")
	assert shared(relay) == 1
	one, other = call(relay.ng, address, address), call(relay.ng, address, address, offer={"TOS": 40})
	for each in (one, other):
		listen_tos(each.callee)
		send_tos(each.caller, 136)
	for each, wanted in ((one, 184), (other, 40)) * 3:
		each.caller.put()
		assert heard_tos(each.callee) == wanted


def test_silence_is_heard_and_speech_recorded(start, call, open_folder):
	"""The checksum is that of what is sent: the packet arrives. A recording has what came."""
	os.chown(open_folder, 65534, 65534)
	relay = start(f"--recording-dir={open_folder}")
	one = call(relay.ng, offer={"flags": ["record-call"]})
	one.both_ways()
	relay.ng.call("silence media", one.id)
	packet = one.caller.put()
	heard = one.callee.socket.recv(1000)
	assert heard[:12] == packet[:12] and len(heard) == len(packet) and set(heard[12:]) == {0xff} != set(packet[12:])
	relay.ng.call("unsilence media", one.id)
	one.both_ways()
	one.delete()
	wait_until(lambda: list(open_folder.glob("*.txt")), 10, "the recording's end")
	recorded = next(open_folder.glob("*.pcap")).read_bytes()
	assert packet in recorded and heard not in recorded


def test_a_closed_port_answers(start, call):
	"""ICMP's port unreachable, which a connected socket is told."""
	relay = start()
	one = call(relay.ng)
	one.both_ways()
	place = one.caller.relay
	one.delete()
	with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
		link.connect(tuple(place))
		link.settimeout(5)
		link.send(b"is anybody there?")
		with pytest.raises(ConnectionRefusedError):
			link.recv(100)


def test_the_receivers_own_port_is_nobodys(start, call):
	"""The socket is bound to some port: what comes there is no call's, and is not even read."""
	relay = start()
	one = call(relay.ng)
	control = {relay.NG, relay.TCP, relay.HTTP}
	own = [place for place in udp_ports(relay.pid) if place not in control]
	assert len(own) == 1 and own[0][0] == "127.0.0.1" and not 55004 <= own[0][1] <= 55999
	for _ in range(10):
		one.caller.socket.sendto(rtp(1, 1), own[0])
	one.both_ways()
	counts = relay.metrics()
	assert counts["packets_total"] == 6 and counts["closed_port_packets_total"] == 0


def test_a_party_that_floods_its_own_call_disturbs_no_other(start, call):
	"""Many times the rate into one port, from the party itself, so that no guard is in its way."""
	relay = start("--port-rate=500")
	calls, bad = [call(relay.ng) for _ in range(10)], call(relay.ng)
	for one in (*calls, bad):
		one.both_ways(1)
	end, wanted = time.monotonic() + 1, 0
	while time.monotonic() < end:
		for _ in range(80):
			bad.caller.put()
		for one in calls:
			one.both_ways(1)
		wanted += 20
	counts = relay.metrics()
	assert bad.caller.sequence > 5 * 500 and counts["too_fast_packets_total"] > bad.caller.sequence / 2
	assert counts["packets_total"] + counts["too_fast_packets_total"] == bad.caller.sequence + wanted + 21
	bad.delete()


# -- beyond the address, and beyond the interface's size

@pytest.fixture
def outside(network):
	away = Outside()
	yield away
	away.close()


@pytest.mark.parametrize("local, remote, near, mtu", [("10.77.0.1", THIRD, CALLER, 1000), ("fd77::1", "fd77::66", "fd77::10", 1280)])
def test_packets_larger_than_the_interface_arrive_whole(start, party, outside, local, remote, near, mtu):
	def ip(*words):
		subprocess.run(["ip", *words], check=True)
	ip("link", "set", "near", "mtu", str(mtu))
	outside.inside(ip, "link", "set", "far", "mtu", str(mtu))
	if ":" in local:
		for address in (local, near):
			ip("-6", "addr", "add", f"{address}/64", "dev", "near", "nodad")
		outside.inside(ip, "-6", "addr", "add", f"{remote}/64", "dev", "far", "nodad")
	relay = start(f"--interface={local}")
	assert shared(relay) == 1
	one = Call(relay.ng, party(near), outside.inside(party, remote))
	one.both_ways()
	for size in (mtu - 48, mtu, mtu + 1, 1500, 3999, 9000):
		for side, other in ((one.caller, one.callee), (one.callee, one.caller)):
			side.sequence += 1
			packet = side.put(rtp(side.sequence, side.ssrc, os.urandom(size - 12)))
			data, source = other.socket.recvfrom(65536)
			assert data == packet and source[:2] == tuple(other.relay)
	one.delete()


def test_an_address_that_went_away(start, call, network):
	"""A pair's address is on the other machine now: new calls are refused, for that one to take, until it comes back."""
	def ip(verb):
		subprocess.run(["ip", "addr", verb, "10.9.0.3/32", "dev", "lo"], check=True)

	def offer():
		return relay.ng.call("offer", "moved", wanted=None, from_tag="a", sdp=sdp())["result"]
	ip("add")
	try:
		relay = start("--interface=10.9.0.3")
		assert shared(relay) == 1
		call(relay.ng).both_ways()
		ip("del")
		wait_until(lambda: offer() == "error" or not relay.ng.delete("moved"), 5, "a refusal")
		ip("add")
		wait_until(lambda: offer() == "ok", 5, "a call")
		call(relay.ng).both_ways()
	finally:
		subprocess.run(["ip", "addr", "del", "10.9.0.3/32", "dev", "lo"], stderr=subprocess.DEVNULL)


def test_an_address_that_comes_later(start, call, network):
	"""Its ports have their own sockets, those of the other one share theirs; calls from one to the other."""
	relay = start("--interface=127.0.0.1", "--interface=late/10.9.0.4")
	assert shared(relay) == 1
	assert "the ports of 1 media addresses share a socket each; those of the other 1 have their own" in relay.log()
	subprocess.run(["ip", "addr", "add", "10.9.0.4/32", "dev", "lo"], check=True)
	try:
		ports = len(udp_ports(relay.pid))
		one = call(relay.ng, "127.0.0.1", "10.9.0.4", offer={"direction": ["default", "late"]})
		assert one.callee.relay[0] == "10.9.0.4" and one.caller.relay[0] == "127.0.0.1"
		assert len(udp_ports(relay.pid)) == ports + 2
		one.both_ways(20)
		one.delete()
	finally:
		subprocess.run(["ip", "addr", "del", "10.9.0.4/32", "dev", "lo"], check=True)


@pytest.mark.parametrize("first, last, pairs", [(65527, 65535, 4), (65528, 65535, 4), (45001, 45006, 2)])
def test_ranges_with_odd_ends(start, call, first, last, pairs):
	"""Every whole pair is used, the highest port there is among them; a port without its other half is not."""
	relay = start(f"--port-min={first}", f"--port-max={last}")
	assert shared(relay) == 1
	calls = [call(relay.ng) for _ in range(pairs // 2)]
	with pytest.raises(NgError, match="^Ran out of ports$"):
		call(relay.ng)
	assert {side.relay[1] for one in calls for side in (one.caller, one.callee)} == {port for port in range(first, last) if port % 2 == 0}
	for one in calls:
		one.both_ways()


def test_a_long_queue_is_read_to_its_end(start, call):
	"""More than a batch waits when the relay wakes up, and nothing that comes later tells it again."""
	relay = start()
	calls = [call(relay.ng) for _ in range(5)]
	for one in calls:
		one.both_ways(1)
	relay.process.send_signal(signal.SIGSTOP)
	wait_until(lambda: relay.status("State").startswith("T"), 10, "its stop")
	packets = {one: [one.caller.put() for _ in range(100)] for one in calls}
	relay.process.send_signal(signal.SIGCONT)
	for one in calls:
		assert [one.callee.socket.recv(1000) for _ in range(100)] == packets[one]
