# SPDX-License-Identifier: GPL-2.0-or-later
"""Settled streams go through the kernel, by TC and by XDP, and nobody can tell: every packet arrives unchanged from where it should, and
the counters are those of the user path."""
import contextlib
import os
import socket
import subprocess

import pytest
from ng import NgError, sdp_endpoints
from outside import CALLEE, THIRD
from relay import Call, Party, program, rtp, wait_until
from talk import (BOTH, OPTIONS, OTHER, OTHER6, PATHS, PORTS, RELAY6, THIRD6, Talk, count_heard, filters, flows, ip, legs, spoken,
	talking)


@pytest.fixture(params=PATHS)
def path(request):
	return request.param


@pytest.mark.parametrize("path", BOTH)
def test_both_ways_and_counted_to_the_packet(start, outside, pair, path):
	relay = start(*OPTIONS, f"--offload={path}")
	call, talk = talking(relay, pair)
	before = relay.metrics()["packets_total"]
	wait_until(lambda: len(talk.sent[pair[0]]) > 250, 20, "250 packets")
	talk.end()
	talk.check()
	assert relay.metrics()["offload_stuck_total"] == 0
	answer = relay.ng.query(call.id)
	for tag, party, other in (("caller", *pair), ("callee", *pair[::-1])):
		leg = legs(answer)[tag]
		assert leg["stats"]["packets"] == len(talk.sent[party]) and leg["stats_out"]["packets"] == len(talk.sent[other])
		assert leg["stats"]["bytes"] == sum(map(len, talk.sent[party]))
		assert leg["last kernel packet"] == leg["last packet"] >= leg["last user packet"] > 0
		quality = leg["quality"]
		assert quality["expected"] == len(talk.sent[party])
		assert (quality["lost"], quality["duplicates"], quality["reordered"], quality["refused"]) == (0, 0, 0, {})
	assert relay.metrics()["packets_total"] > before
	call.delete(**{"delete delay": 0})
	wait_until(lambda: flows(relay) == 0, 5, "no flow")


def test_user_space_sees_nothing_of_it(start, outside, pair, path):
	"""The relay's own counters of system calls: in three seconds of a call its thread wakes for its ticks and little else."""
	relay = start(*OPTIONS, f"--offload={path}")
	_, talk = talking(relay, pair)

	def switches():
		return int(relay.status("voluntary_ctxt_switches"))
	try:
		before, sent = switches(), len(talk.sent[pair[0]])
		wait_until(lambda: len(talk.sent[pair[0]]) - sent > 150, 20, "150 packets")
		woken = switches() - before
	finally:
		talk.end()
	assert woken < 50, f"woken {woken} times while 300 packets came"
	talk.check()


@pytest.mark.parametrize("change", ["block media", "start recording", "silence media", "block DTMF"])
def test_what_needs_every_packet_takes_the_stream_back(start, outside, pair, path, change, open_folder):
	os.chown(open_folder, 65534, 65534)
	relay = start(*OPTIONS, f"--offload={path}", f"--recording-dir={open_folder}")
	call, talk = talking(relay, pair)
	try:
		assert relay.ng.call(change.replace("block DTMF", "block DTMF"), call.id)["result"] == "ok"
		assert flows(relay) == 0
	finally:
		talk.end(0)


def test_another_ssrc_and_another_source_are_seen(start, outside, pair, path):
	"""A stranger's packets, and a second stream of the party: refused by the core as ever, while the first goes on."""
	relay = start(*OPTIONS, f"--offload={path}")
	call, talk = talking(relay, pair)
	stranger = outside.inside(Party, THIRD)
	try:
		for i in range(10):
			stranger.socket.sendto(rtp(i, 0xbad), pair[0].relay)
			pair[0].socket.sendto(rtp(i, 0xbad), pair[0].relay)
		wait_until(lambda: legs(relay.ng.query(call.id))["caller"]["quality"]["refused"] == {"source": 10, "ssrc": 10}, 10,
			"what was refused")
	finally:
		talk.end()
		stranger.close()
	talk.check()


def test_without_rights_it_says_why_and_goes_on(start, outside, pair, path):
	relay = start(*OPTIONS, f"--offload={path}", prefix=["setpriv", "--bounding-set=-bpf,-net_admin,-sys_admin", "--inh-caps=-all", "--"])
	call = Call(relay.ng, *pair)
	call.both_ways(5)
	assert "forwarded in user space" in relay.log()


def test_a_call_between_hosts_of_this_machine_is_not_lost(start, outside, path):
	"""A party on the relay's own machine: its packets come in by loopback, and never meet the programs."""
	relay = start(*OPTIONS, f"--offload={path}")
	pair = Party(CALLEE), outside.inside(Party, THIRD)
	call = Call(relay.ng, *pair)
	talk = Talk(call)
	try:
		wait_until(lambda: len(talk.sent[pair[0]]) > 200, 20, "200 packets")
	finally:
		talk.end()
	talk.check()
	for party in pair:
		party.close()


def test_the_table_of_flows(conversation, outside, pair, path):
	relay, call, talk = conversation(f"--offload={path}")
	quiet = [outside.inside(Party, address) for address in (THIRD, OTHER)]
	waiting = Call(relay.ng, *quiet)
	waiting.both_ways()
	done = subprocess.run([program(), "flows", "--ng=%s:%d" % relay.NG], check=True, capture_output=True, text=True, timeout=20)
	talk.end()
	rows = {(row[0], row[1]): row[2:] for row in (line.split() for line in done.stdout.splitlines()[1:])}
	assert set(rows) == {(one.id, tag) for one in (call, waiting) for tag in ("caller", "callee")}
	for tag, party in zip(("caller", "callee"), pair):
		media, source, by, packets, kbits, lost, jitter = rows[call.id, tag]
		assert (media, source, by, float(lost)) == ("1", f"{party.address}:{party.port}", "kernel", 0)
		assert 20 < float(packets) < 60 and 20 < float(kbits) < 90 and float(jitter) < 50
		assert rows[waiting.id, tag][2:5] == ["user", "0.0", "0.0"]
	for party in quiet:
		party.close()


def test_a_hold_and_its_end(conversation, pair, path):
	relay, call, talk = conversation(f"--offload={path}")
	relay.ng.offer(call.id, "caller", pair[0].sdp(direction="inactive"), to_tag="callee")
	relay.ng.answer(call.id, "caller", "callee", pair[1].sdp(direction="inactive"))
	assert flows(relay) == 0
	wait_until(lambda: legs(relay.ng.query(call.id))["caller"]["quality"]["refused"].get("direction", 0) > 20, 10, "refused packets")
	held = len(talk.heard[pair[1]])
	relay.ng.offer(call.id, "caller", pair[0].sdp(), to_tag="callee")
	relay.ng.answer(call.id, "caller", "callee", pair[1].sdp())
	wait_until(lambda: flows(relay) == 2, 10, "two flows")
	wait_until(lambda: len(talk.heard[pair[1]]) > held + 50, 10, "what is said after the hold")
	talk.end(0)


def test_a_party_that_moves_is_followed(conversation, outside, pair, path):
	"""It signals another port and sends from there: heard there at once, forwarded by the kernel soon."""
	relay, call, talk = conversation(f"--offload={path}")
	talk.end()
	talk.check()
	moved = outside.inside(Party, OTHER)
	relay.ng.offer(call.id, "callee", moved.sdp(), to_tag="caller")
	again = relay.ng.answer(call.id, "callee", "caller", pair[0].sdp())
	assert flows(relay) == 0
	moved.relay = sdp_endpoints(again["sdp"])[0]
	call.callee = moved
	after = Talk(call)
	try:
		wait_until(lambda: flows(relay) == 2, 20, "two flows")
		sent = len(after.sent[moved])
		wait_until(lambda: len(after.sent[moved]) > sent + 50, 10, "more")
	finally:
		after.end()
		moved.close()
	after.check()


@pytest.mark.parametrize("path", BOTH)
@pytest.mark.parametrize("families", ["6-6", "4-6"])
def test_ipv6_and_between_the_families(conversation, outside, path, families):
	addresses = (THIRD6, OTHER6) if families == "6-6" else (THIRD, OTHER6)
	parties = [outside.inside(Party, address) for address in addresses]
	more = {"offer": {"address family": "IP6"}} if families == "4-6" else {}
	relay, call, talk = conversation(f"--interface={RELAY6}", f"--offload={path}", parties=parties, **more)
	sent = len(talk.sent[parties[0]])
	wait_until(lambda: len(talk.sent[parties[0]]) > sent + 100, 20, "100 packets")
	talk.end()
	talk.check()
	assert flows(relay) == 2
	assert relay.metrics()["packets_total"] == sum(map(len, talk.sent.values()))
	call.delete()
	for party in parties:
		party.close()


@pytest.mark.parametrize("tos", [-1, 184])
def test_the_tos_is_kept_or_set(conversation, pair, path, tos):
	for party in pair:
		party.socket.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 72)
		party.socket.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
	relay, _, talk = conversation(f"--offload={path}", f"--tos={tos}")
	talk.end()
	settled = relay.metrics()["offload_flows"]
	packet = pair[0].put()
	pair[1].socket.setblocking(True)
	data, control, _, _ = pair[1].socket.recvmsg(2000, 100)
	assert settled == 2 and data == packet and control[0][2][0] == (72 if tos < 0 else tos)


def test_ports_are_used_again(conversation, outside, pair, path):
	"""The last pair that is free is that of the call that ended: nothing of it is left."""
	relay, call, talk = conversation(f"--offload={path}")
	talk.end()
	used = {party.relay for party in pair}
	call.delete()
	assert flows(relay) == 0
	for _ in range(8):
		one = Call(relay.ng, *(outside.inside(Party, address) for address in (THIRD, OTHER)))
		one.both_ways()
		used -= {one.caller.relay, one.callee.relay}
		pair[0].socket.sendto(rtp(9, pair[0].ssrc), one.caller.relay)
		assert one.callee.hears_nothing(0.05)
		one.delete()
		one.caller.close()
		one.callee.close()
	assert not used


def test_what_a_killed_relay_left_is_swept_away(start, conversation, pair):
	relay, _, talk = conversation("--offload=tc")
	relay.stop(9)
	assert "flow_tc" in filters()
	talk.end()
	start(*OPTIONS, "--offload=off")
	assert "flow_tc" not in filters()


# -- what happens to the network meanwhile

def flush(outside):
	"""ip wants to see the table empty, but the relay has the neighbours resolved again meanwhile: it may give up."""
	subprocess.run(["ip", "neigh", "flush", "dev", "near"], check=False)


def new_link_address(outside):
	"""The neighbour has another one, and says so, as a router that takes over does."""
	outside.inside(ip, "link", "set", "far", "address", "02:00:00:00:00:77")
	flush(outside)


def smaller_mtu(outside):
	ip("link", "set", "near", "mtu", "1000")


def by_a_router(outside):
	"""The way to one of them leads over the other now."""
	ip("route", "add", f"{OTHER}/32", "via", THIRD)


def down_and_up(outside):
	ip("link", "set", "near", "down")
	ip("link", "set", "near", "up")


def put_back():
	subprocess.run(["ip", "route", "del", f"{OTHER}/32", "via", THIRD], stderr=subprocess.DEVNULL, check=False)
	ip("link", "set", "near", "mtu", "1500")
	ip("addr", "replace", f"{RELAY6}/64", "dev", "near", "nodad")


@pytest.mark.parametrize("change", [flush, new_link_address, smaller_mtu, by_a_router, down_and_up], ids=lambda f: f.__name__)
def test_calls_outlast(conversation, outside, path, change):
	relay, _, talk = conversation(f"--offload={path}")
	try:
		change(outside)
		spoken(talk, count_heard(talk))
		wait_until(lambda: flows(relay) == 2, 20, "two flows again")
		spoken(talk, count_heard(talk))
		assert relay.metrics()["offload_stuck_total"] == 0
	finally:
		talk.end()
		put_back()


def test_ways_that_are_gone_and_come_back(conversation, outside, path):
	"""Meanwhile nobody hears much; the call outlasts it, and is forwarded by the kernel again."""
	relay, _, talk = conversation(f"--offload={path}")
	link = ["10.77.0.0/24", "dev", "near"]
	for gone, back, left in ((["add", "unreachable", OTHER], ["del", "unreachable", OTHER], 1), (["del", *link], ["add", *link], 0)):
		ip("route", *gone)
		try:
			wait_until(lambda: flows(relay) == left, 10, "the end of flows")
		finally:
			ip("route", *back)
		wait_until(lambda: flows(relay) == 2, 20, "two flows again")
		spoken(talk, count_heard(talk))
	assert relay.metrics()["offload_stuck_total"] == 0


def test_with_ipsec_policies_all_goes_through_user_space(conversation, path):
	"""Which packets they are for does not matter."""
	relay, _, talk = conversation(f"--offload={path}")
	policy = ["src", "198.51.100.1", "dst", "198.51.100.2", "dir", "out"]
	ip("xfrm", "policy", "add", *policy, "tmpl", "proto", "esp", "mode", "transport")
	try:
		wait_until(lambda: flows(relay) == 0, 10, "the end of flows")
		spoken(talk, count_heard(talk))
	finally:
		ip("xfrm", "policy", "delete", *policy)
	wait_until(lambda: flows(relay) == 2, 20, "two flows again")
	spoken(talk, count_heard(talk))
	assert "IPsec" in relay.log()


def test_an_address_that_goes_with_its_link(conversation, outside, path):
	"""IPv6's do; whoever manages the network sets it again."""
	parties = [outside.inside(Party, address) for address in (THIRD6, OTHER6)]
	relay, _, talk = conversation(f"--interface={RELAY6}", f"--offload={path}", parties=parties)
	ip("link", "set", "near", "down")
	try:
		wait_until(lambda: flows(relay) == 0, 10, "the end of flows")
	finally:
		ip("link", "set", "near", "up")
		put_back()
	wait_until(lambda: flows(relay) == 2, 20, "two flows again")
	spoken(talk, count_heard(talk))
	assert relay.metrics()["offload_stuck_total"] == 0
	talk.end()
	for party in parties:
		party.close()


def test_there_is_room_for_every_port(start, outside, path):
	"""As many calls as there are ports; nothing is full before those are, and a place that was left is used again."""
	relay = start(*OPTIONS, f"--offload={path}")

	def call():
		return Call(relay.ng, *(outside.inside(Party, address) for address in (THIRD, OTHER)))
	calls = [call() for _ in range(len(PORTS) // 4)]
	for one in calls:
		one.both_ways()
	wait_until(lambda: flows(relay) == 2 * len(calls), 10, "flows of all calls")
	with pytest.raises(NgError, match="Ran out of ports"):
		call()
	calls.pop(0).delete()
	calls.append(call())
	calls[-1].both_ways()
	wait_until(lambda: flows(relay) == 2 * len(calls), 10, "flows of all calls again")
	for one in calls:
		one.both_ways()
		one.caller.close()
		one.callee.close()


# -- what does not move

@contextlib.contextmanager
def passed_by():
	"""Somebody's filter (a classic program that takes all) comes first at the interface, and has every packet go up."""
	first = ["dev", "near", "ingress", "prio", "1"]
	takes_all = ["protocol", "all", "bpf", "bytecode", "1,6 0 0 4294967295,", "classid", "1:1"]
	subprocess.run(["tc", "filter", "add", *first, *takes_all], check=True)
	try:
		yield
	finally:
		subprocess.run(["tc", "filter", "del", *first], check=True)


def test_a_stuck_stream_is_tried_again(start, pair):
	relay = start(*OPTIONS, "--offload=tc")
	talk = Talk(Call(relay.ng, *pair))
	try:
		with passed_by():
			wait_until(lambda: relay.metrics()["offload_stuck_total"] == 2, 10, "two stuck flows")
			spoken(talk, count_heard(talk))
		assert flows(relay) == 0 and relay.log().count("did not take the kernel's path") == 2
		wait_until(lambda: flows(relay) == 2, 20, "two flows again")
		spoken(talk, count_heard(talk))
		assert (flows(relay), relay.metrics()["offload_stuck_total"]) == (2, 2)
		with passed_by():  # one that moved for a while is stuck as well, when it does not any more
			wait_until(lambda: relay.metrics()["offload_stuck_total"] == 4, 10, "two stuck flows")
			spoken(talk, count_heard(talk))
	finally:
		talk.end(0)


def test_what_comes_up_for_another_reason_makes_no_stream_stuck(start, outside, pair):
	"""The party's own packets that had been on their way already, while news of the network have all flows looked at; those of strangers;
	RTCP."""
	relay = start(*OPTIONS, "--offload=tc")
	Call(relay.ng, *pair).both_ways()
	stranger = outside.inside(Party, THIRD)
	wait_until(lambda: flows(relay) == 2, 10, "two flows")
	with passed_by():
		pair[0].send(pair[1])
		pair[1].send(pair[0])
		for i in range(10):
			stranger.socket.sendto(rtp(i, 0xbad), pair[0].relay)
			pair[0].put(b"\x80\xc8\0\x06" + pair[0].ssrc.to_bytes(4, "big") + b"\x55" * 20)
		for verb in ("add", "del"):
			ip("addr", verb, "10.99.0.1/32", "dev", "near")
	since = relay.metrics()["uptime_seconds"]
	wait_until(lambda: relay.metrics()["uptime_seconds"] > since + 2, 10, "two ticks")
	stranger.close()
	assert (flows(relay), relay.metrics()["offload_stuck_total"]) == (2, 0)
