# SPDX-License-Identifier: GPL-2.0-or-later
"""By which way the kernel forwards, at each kind of interface: what the relay says of it in its log is true, and calls work whatever it is.

	relay ─ near │ far ─ 10.77.0.66     each test has a link of its own
"""
import ctypes
import fcntl
import os
import re
import socket
import struct
import subprocess

import pytest
from outside import CALLEE, RELAY, THIRD, Outside
from relay import Call, Party, wait_until
from talk import OPTIONS, OTHER, RELAY6, THIRD6, Talk, flows, ip, kernel_counter, take_xdp, talking

SOAK = os.environ.get("AETA_SOAK")
KNOWN = f"proven with {THIRD}"
COMPILER = int(re.search(r"clang version (\d+)", subprocess.run(["clang", "--version"], check=True, capture_output=True, text=True).stdout)[1])
TOO_LONG = "it is too long for the kernel's verifier, which it is not with CAP_PERFMON"
WITHOUT = ["setpriv", "--bounding-set=-{}", "--inh-caps=-all", "--"]


def run(*words):
	subprocess.run(words, check=True)


def finish_checksums(device, yes):
	"""Does the device have them written into each packet, or leave them to a card? (ETHTOOL_STXCSUM)"""
	value = ctypes.create_string_buffer(struct.pack("II", 0x17, not yes))
	with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
		fcntl.ioctl(any_socket, 0x8946, struct.pack("16sP16x", device.encode(), ctypes.addressof(value)))


@pytest.fixture
def link(network):
	"""The relay's link; the other end is nobody's that is known yet."""
	host = Outside()
	host.inside(ip, "addr", "add", f"{OTHER}/24", "dev", "far")
	yield host
	host.close()


@pytest.fixture
def pair(link):
	parties = [link.inside(Party, address) for address in (THIRD, OTHER)]
	yield parties
	for party in parties:
		party.close()


def knows(address, device):
	told = subprocess.run(["ip", "neigh", "show", address, "dev", device], check=True, capture_output=True, text=True).stdout
	return "lladdr" in told and "FAILED" not in told


def meet(address=THIRD, device="near"):
	"""The neighbour is known from now on, as one is that was spoken to."""
	with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as speaker:
		speaker.sendto(b"", (address, 9))
		wait_until(lambda: knows(address, device), 10, "the neighbour")


def said(relay, text, device="near"):
	return relay.log_has(f"what comes in by {device} is forwarded {text}")


def flow(relay, pair, **more):
	"""A call that the kernel forwards both ways; each packet arrives."""
	_, talk = talking(relay, pair, **more)
	sent = len(talk.sent[pair[0]])
	try:
		wait_until(lambda: len(talk.sent[pair[0]]) > sent + 10, 20, "10 packets")
	finally:
		talk.end()
	talk.check()
	assert flows(relay) == 2 and relay.metrics()["offload_stuck_total"] == 0


def carry(relay, pair):
	"""A call; in the long run through the kernel."""
	if SOAK:
		flow(relay, pair)
	else:
		Call(relay.ng, *pair).both_ways(5)


def test_tc_is_proven(start, link, pair):
	meet()
	relay = start(*OPTIONS, "--offload=tc")
	said(relay, f"by the kernel (tc), {KNOWN}")
	carry(relay, pair)


def test_auto_takes_tc_on_a_virtual_pair(start, link, pair):
	"""XDP would work now, and not any more when the other end's program goes."""
	link.inside(take_xdp, "far")
	meet()
	relay = start(*OPTIONS, "--offload=auto")
	said(relay, f"by the kernel (tc), {KNOWN}; no XDP: a virtual interface (veth)")
	carry(relay, pair)


def test_xdp_into_a_pair_that_takes_nothing_is_refuted(start, link, pair):
	"""The program is attached without an error, and what it sends vanishes without one: packets show it, nothing else does."""
	meet()
	relay = start(*OPTIONS, "--offload=xdp")
	said(relay, "in user space: no XDP: what it sends back does not arrive")
	Call(relay.ng, *pair).both_ways(5)
	assert "xdp" not in subprocess.run(["ip", "link", "show", "near"], check=True, capture_output=True, text=True).stdout
	assert flows(relay) == 0


def test_xdp_is_proven_and_finishes_checksums(start, link, pair):
	"""The parties leave their checksums to a card that there is none of."""
	link.inside(finish_checksums, "far", False)
	link.inside(take_xdp, "far")
	meet()
	relay = start(*OPTIONS, "--offload=xdp")
	said(relay, f"by the kernel (xdp), {KNOWN}")
	before = link.inside(kernel_counter, "Udp", "InCsumErrors")
	flow(relay, pair)
	assert link.inside(kernel_counter, "Udp", "InCsumErrors") == before


def test_a_neighbour_that_comes_later_is_asked_then(start, link, pair):
	link.inside(take_xdp, "far")
	relay = start(*OPTIONS, "--offload=xdp")
	said(relay, "in user space until XDP is proven: nobody is known on the link whom to ask")
	flow(relay, pair)
	said(relay, "by the kernel (xdp), proven with 10.77.0.6")


def test_tc_is_used_before_anybody_is_known(start, link, pair):
	relay = start(*OPTIONS, "--offload=auto")
	said(relay, "by the kernel (tc), expected to work, not proven yet: nobody is known on the link whom to ask")
	carry(relay, pair)
	said(relay, "by the kernel (tc), proven with 10.77.0.6")


def test_the_router_is_asked(start, link):
	"""Nobody was spoken to yet, but the machine has a default route."""
	ip("route", "add", "default", "via", THIRD)
	relay = start(*OPTIONS, "--offload=tc")
	assert f"by the kernel (tc), {KNOWN}" in relay.log()  # before it was ready


@pytest.mark.parametrize("path", ["tc", "xdp"])
def test_ipv6_alone(start, network, path):
	host = Outside(addresses=(), third=None)
	pair = []
	ip("addr", "add", f"{RELAY6}/64", "dev", "near", "nodad")
	others = THIRD6, "fd77::67"
	for address in others:
		host.inside(ip, "addr", "add", f"{address}/64", "dev", "far", "nodad")
	host.inside(take_xdp, "far")
	try:
		meet(THIRD6)
		relay = start(*OPTIONS[1:], f"--interface={RELAY6}", f"--offload={path}")
		pair += [host.inside(Party, address) for address in others]
		assert "proven with f" in said(relay, f"by the kernel ({path}), ")
		carry(relay, pair)
	finally:
		for party in pair:
			party.close()
		host.close()


# -- what the interface is

@pytest.fixture
def above(link):
	"""above(kind, …): an interface over `near` that has its addresses instead."""
	def make(kind, *options):
		ip("addr", "flush", "dev", "near")
		if kind == "bridge":
			ip("link", "add", "over", "type", "bridge")
			ip("link", "set", "near", "master", "over")
		else:
			ip("link", "add", "link", "near", "over", "type", kind, *options)
		for address in (RELAY, CALLEE):
			ip("addr", "add", f"{address}/24", "dev", "over")
		ip("link", "set", "over", "up")
	yield make
	ip("link", "del", "over")


def has_vlans():
	"""Not every kernel does; ./dev soak offload says so."""
	return subprocess.run(["unshare", "-n", "ip", "link", "add", "link", "lo", "name", "any", "type", "vlan", "id", "7"],
		stderr=subprocess.DEVNULL, check=False).returncode == 0


KINDS = ["bridge", "macvlan", *(["vlan"] if SOAK and has_vlans() else [])]


@pytest.mark.parametrize("kind", KINDS)
def test_over_another_interface(start, above, pair, link, kind):
	above(kind, *(("id", "7") if kind == "vlan" else ()))
	if kind == "vlan":
		link.inside(ip, "link", "add", "link", "far", "name", "far7", "type", "vlan", "id", "7")
		link.inside(ip, "addr", "flush", "dev", "far")
		for address in (THIRD, OTHER):
			link.inside(ip, "addr", "add", f"{address}/24", "dev", "far7")
		link.inside(ip, "link", "set", "far7", "up")
	meet(device="over")
	relay = start(*OPTIONS, "--offload=auto")
	said(relay, f"by the kernel (tc), {KNOWN}; no XDP: a virtual interface (", "over")
	carry(relay, pair)


def test_a_bridge_with_a_party_on_each_slave(start, above, link):
	"""Packets come in by one, and leave by the other: the bridge knows by which."""
	above("bridge")
	second = Outside("near2", "far2", (), OTHER)
	link.inside(ip, "addr", "del", f"{OTHER}/24", "dev", "far")
	ip("link", "set", "near2", "master", "over")
	parties = [link.inside(Party, THIRD), second.inside(Party, OTHER)]
	try:
		relay = start(*OPTIONS, "--offload=auto")
		flow(relay, parties)
		said(relay, "by the kernel (tc), proven with 10.77.0.6", "over")
	finally:
		for party in parties:
			party.close()
		second.close()


def test_generic_xdp_only_when_it_is_shown_to_work(start, above, pair, link):
	"""A bridge has no driver of its own. Checksums that are not finished are user space's: the kernel would finish them once more."""
	above("bridge")
	link.inside(finish_checksums, "far", True)
	meet(device="over")
	relay = start(*OPTIONS, "--offload=xdp")
	said(relay, f"by the kernel (xdp, generic), {KNOWN}", "over")
	flow(relay, pair)
	link.inside(finish_checksums, "far", False)
	call = Call(relay.ng, *(link.inside(Party, address) for address in (THIRD, OTHER)))
	talk = Talk(call)
	try:
		wait_until(lambda: len(talk.sent[call.caller]) > 100, 20, "100 packets")
	finally:
		talk.end()
	talk.check()
	for party in (call.caller, call.callee):
		party.close()


if SOAK:  # the other end's patience makes it a matter of seconds
	def test_generic_xdp_that_is_not_answered_is_refused(start, above, pair, link):
		"""The other end answers once a second: what the relay asks, and not what its program sends."""
		above("bridge")
		meet(device="over")
		link.inside(run, "nft", "table netdev once { chain c { type filter hook ingress device far priority 0; "
			"ether type arp limit rate over 1/second burst 1 packets drop; }; }")
		relay = start(*OPTIONS, "--offload=xdp")
		said(relay, "in user space: no XDP: what it sends back does not arrive", "over")
		Call(relay.ng, *pair).both_ways(5)


def test_packets_without_an_ethernet_header_stay_in_user_space(start, network):
	ip("tuntap", "add", "dev", "tun0", "mode", "tun")
	ip("addr", "add", f"{RELAY}/24", "dev", "tun0")
	ip("link", "set", "tun0", "up")
	try:
		relay = start(*OPTIONS, "--offload=auto")
		said(relay, "in user space: its packets have no Ethernet header", "tun0")
		assert "all media are forwarded in user space" in relay.log()
	finally:
		ip("link", "del", "tun0")


# -- what others have there, and what the relay may not do

@pytest.mark.parametrize("path", ["auto", "xdp"])
def test_beside_the_xdp_program_of_another(start, link, pair, path):
	take_xdp("near")
	meet()
	relay = start(*OPTIONS, f"--offload={path}")
	if path == "xdp":
		said(relay, "in user space: no XDP: another program has it")
		Call(relay.ng, *pair).both_ways(5)
	else:
		said(relay, f"by the kernel (tc), {KNOWN}")
		carry(relay, pair)
	relay.stop()
	assert "xdp" in subprocess.run(["ip", "link", "show", "near"], check=True, capture_output=True, text=True).stdout


def test_behind_a_filter_that_takes_all(start, link, pair):
	"""What comes in never meets the relay's program: it is not proven, and the call comes back to user space."""
	meet()
	run("tc", "qdisc", "add", "dev", "near", "clsact")
	run("tc", "filter", "add", "dev", "near", "ingress", "pref", "1", "protocol", "all", "u32", "match", "u32", "0", "0", "flowid", "1:1")
	relay = start(*OPTIONS, "--offload=tc")
	said(relay, "by the kernel (tc), expected to work, not proven yet: no neighbour's answer came in by it")
	talk = Talk(Call(relay.ng, *pair))
	try:
		wait_until(lambda: relay.metrics()["offload_stuck_total"] == 2, 20, "both streams back in user space")
	finally:
		talk.end()
	talk.check()


@pytest.mark.parametrize("right, path, text", [
	("net_raw", "auto", "by the kernel (tc), expected to work"),
	("net_raw", "xdp", "in user space: no XDP: it cannot be tried (CAP_NET_RAW)"),
	("perfmon,-sys_admin", "tc", f"by the kernel (tc), {KNOWN}"), ("perfmon,-sys_admin", "xdp", f"by the kernel (xdp), {KNOWN}")])
def test_without_a_right(start, link, pair, right, path, text):
	link.inside(take_xdp, "far")
	meet()
	relay = start(*OPTIONS, f"--offload={path}", prefix=[word.format(right) for word in WITHOUT])
	if "perfmon" in right and COMPILER >= 19:
		relay.log_has(f"all media are forwarded in user space: the program cannot be loaded: {TOO_LONG}")
	else:
		said(relay, text)
	Call(relay.ng, *pair).both_ways(5)
	assert relay.status("CapEff") in {"0000000000000000", "0000008000001000"}  # CAP_BPF and CAP_NET_ADMIN, if anything
