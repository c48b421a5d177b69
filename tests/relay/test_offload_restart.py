# SPDX-License-Identifier: GPL-2.0-or-later
"""A relay that dies, and the next one: streams in the kernel go on between them, and nothing is left when nobody wants it any more."""
import contextlib
import ctypes
import json
import mmap
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time

import pytest
from outside import RELAY, THIRD
from relay import Call, Party, program, wait_until
from talk import BOTH, OPTIONS, OTHER, count_heard, filters, flows, kernel_counter, legs, spoken, talking

BPF_OBJ_GET, SYS_BPF = 7, 321
SOAK = bool(os.environ.get("AETA_SOAK"))
WITHOUT_ROOT = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--inh-caps=+bpf,+net_admin,+net_raw,+perfmon",
	"--ambient-caps=+bpf,+net_admin,+net_raw,+perfmon", "--"]


@pytest.fixture
def bpffs():
	"""One of the test's own, where pins go with it."""
	folder = pathlib.Path(tempfile.mkdtemp(prefix="aeta-bpf-"))
	subprocess.run(["mount", "-t", "bpf", "-o", "mode=755", "bpf", folder], check=True)
	yield folder
	subprocess.run(["umount", "-l", folder], check=True)
	folder.rmdir()


@pytest.fixture
def relays(start, bpffs):
	"""Starts relays that are to outlive one another."""
	return lambda *options, **more: start(*OPTIONS, f"--bpf-dir={bpffs}/aeta", *options, **more)


def pins(bpffs):
	return sorted(path.name for path in (bpffs / "aeta").glob("*/*"))


def xdp():
	return "prog/xdp" in subprocess.run(["ip", "link", "show", "near"], check=True, capture_output=True, text=True).stdout


def nothing_is_left(bpffs):
	return not pins(bpffs) and "flow_tc" not in filters() and not xdp()


def devices(bpffs):
	"""The interfaces that XDP may send to."""
	table, = (bpffs / "aeta").glob("*/flow_devices")
	dump = subprocess.run(["bpftool", "-j", "map", "dump", "pinned", table], check=True, capture_output=True).stdout
	return len(json.loads(dump))


def rtcp(party):
	return bytes([0x80, 201, 0, 1]) + party.ssrc.to_bytes(4, "big")


def say_what_comes_up(party):
	"""RTCP on both ports, STUN, a stream that nobody knows: all that is user space's."""
	address, port = party.relay
	for payload, to in ((rtcp(party), port), (rtcp(party), port + 1), (bytes(20), port), (b"\x80\0" + bytes(30), port)):
		party.socket.sendto(payload, (address, to))


@pytest.mark.parametrize("path", BOTH)
def test_streams_go_on_while_no_relay_lives(relays, bpffs, outside, pair, path):
	"""Nobody hears that it is gone, by ICMP neither; the next relay does not know the call, and ends its streams when its grace is over."""
	relay = relays(f"--offload={path}")
	_, talk = talking(relay, pair)
	refused = outside.inside(kernel_counter, "Icmp", "InDestUnreachs")
	try:
		relay.kill()
		for _ in range(5):
			before = count_heard(talk)
			for party in pair:
				say_what_comes_up(party)
			spoken(talk, before, 20)
		again = relays(f"--offload={path}", "--offload-grace=1")
		assert "the tables in the kernel are those of the relay before" in again.log() and "and 2 more are there" in again.log()
		assert outside.inside(kernel_counter, "Icmp", "InDestUnreachs") == refused
		again.log_has("2 streams in the kernel were ended")
		assert again.metrics()["offload_orphaned_total"] == 2 and flows(again) == 0
	finally:
		talk.end(0)
	assert all(len(talk.heard[party]) > 100 for party in pair)
	for party, other in (pair, pair[::-1]):
		heard = [packet for packet, _ in talk.heard[party]]
		assert heard == talk.sent[other][:len(heard)]
	assert again.stop() == 0 and nothing_is_left(bpffs)
	refused = outside.inside(kernel_counter, "Icmp", "InDestUnreachs")
	say_what_comes_up(pair[0])
	wait_until(lambda: outside.inside(kernel_counter, "Icmp", "InDestUnreachs") > refused, 5, "an ICMP error, as ever")


@contextlib.contextmanager
def pinned(path, size=mmap.PAGESIZE):
	"""The memory of a map that processes share."""
	name = ctypes.create_string_buffer(str(path).encode())
	attributes = ctypes.create_string_buffer(ctypes.addressof(name).to_bytes(8, "little"), 128)
	fd = ctypes.CDLL(None, use_errno=True).syscall(SYS_BPF, BPF_OBJ_GET, attributes, 128)
	assert fd >= 0, os.strerror(ctypes.get_errno())
	try:
		with mmap.mmap(fd, size) as memory:
			yield memory
	finally:
		os.close(fd)


def change_version(folder):
	with pinned(folder / "flow_config") as memory:
		memory[0] ^= 0x80


def something_else(folder):
	(folder / "flow_states").unlink()
	subprocess.run(["bpftool", "map", "create", folder / "flow_states", "type", "array", "key", "4", "value", "4", "entries", "1", "name",
		"flow_states"], check=True, env={**os.environ, "PATH": "/usr/sbin:" + os.environ["PATH"]})


def take_one_away(folder):
	(folder / "flow_table").unlink()


@pytest.mark.parametrize("damage, words", [(change_version, "and this relay's of"), (take_one_away, "some maps are missing"),
	(something_else, "flow_states is another kind of thing"), (None, "they are for other addresses or ports")],
	ids=["version", "missing", "foreign", "ports"])
def test_tables_that_do_not_fit_are_taken_away(relays, bpffs, pair, damage, words):
	relay = relays("--offload=tc")
	_, talk = talking(relay, pair)
	relay.kill()
	talk.end()
	if damage:
		damage(next((bpffs / "aeta").iterdir()))
	again = relays("--offload=tc", *([] if damage else ["--port-max=40031"]))
	again.log_has("the tables of the relay before in the kernel were taken away: ")
	assert words in again.log()
	pair[0].put()
	assert pair[1].hears_nothing(0.2)
	_, talk = talking(again, pair)
	talk.end()
	talk.check()
	again.stop(9)
	relays("--offload=off")
	assert nothing_is_left(bpffs)


@pytest.mark.parametrize("path", BOTH)
def test_it_can_be_told_to_take_all_away(relays, bpffs, outside, pair, path):
	relay = relays(f"--offload={path}")
	sweep = [program(), "--config-file=none", *OPTIONS, f"--bpf-dir={bpffs}/aeta", "--user=nobody", "--sweep"]
	done = subprocess.run(sweep, capture_output=True, text=True, timeout=20, check=False)
	assert done.returncode == 1 and "a relay with the first media port 40000 is running" in done.stderr
	assert not nothing_is_left(bpffs)
	relay.kill()
	for words in ("had left in the kernel is gone", "nothing was left"):
		done = subprocess.run(sweep, capture_output=True, text=True, timeout=20, check=True)
		assert words in done.stdout and nothing_is_left(bpffs)


def test_relays_beside_one_another(relays, start, bpffs, outside, pair):
	"""Each has its own; one of the same first port as another leaves that one's alone."""
	others = [outside.inside(Party, address) for address in (THIRD, OTHER)]
	first = relays("--offload=tc")
	second = relays("--offload=tc", "--port-min=40100", "--port-max=40115", port=2423)
	third = start(f"--interface={RELAY}", "--port-min=40000", "--port-max=40003", f"--bpf-dir={bpffs}/aeta", "--offload=tc", port=2523)
	assert "in user space: another relay with the first media port 40000 is running" in third.log()
	assert third.stop() == 0
	(_, one), (_, two) = talking(first, pair), talking(second, others)
	first.stop(9)
	spoken(two, count_heard(two), 20)
	relays("--offload=off")
	spoken(two, count_heard(two), 20)
	assert flows(second) == 2 and len(pins(bpffs)) > 4
	one.end(0)
	two.end()
	two.check()
	assert second.stop() == 0 and nothing_is_left(bpffs)
	for party in others:
		party.close()


def test_a_start_that_fails_leaves_nothing(relays, bpffs, pair):
	"""But what a relay before it has left: that goes on."""
	assert relays("--pidfile=/nonexistent/pid", wait=False).process.wait(20) == 1 and nothing_is_left(bpffs)
	relay = relays("--offload=tc")
	_, talk = talking(relay, pair)
	relay.kill()
	assert relays("--pidfile=/nonexistent/pid", wait=False).process.wait(20) == 1
	try:
		spoken(talk, count_heard(talk), 10)
	finally:
		talk.end()
	relays("--offload=off")
	assert nothing_is_left(bpffs)


def test_where_nothing_can_be_pinned_all_else_works(relays, bpffs, outside, tmp_path):
	(bpffs / "aeta").mkdir(mode=0o700)
	for options, prefix, words in (([], WITHOUT_ROOT, "Permission denied"), ([f"--bpf-dir={tmp_path}/x"], [], "is in no bpffs"),
		(["--bpf-dir=/nonexistent/x"], [], "No such file"), (["--bpf-dir=none"], [], None)):
		relay = relays("--offload=tc", *options, prefix=prefix)
		assert ("will not outlive this relay: " in relay.log()) == bool(words) and (words or "") in relay.log()
		assert "is forwarded by the kernel (tc)" in relay.log()
		assert relay.stop() == 0 and nothing_is_left(bpffs)
	assert not (tmp_path / "x").exists()


def test_it_need_not_be_root(relays, bpffs, pair):
	"""As under systemd: somebody has made the directory, and given it to the relay's user."""
	(bpffs / "aeta").mkdir(mode=0o700)
	os.chown(bpffs / "aeta", 65534, 65534)
	relay = relays("--offload=tc", prefix=WITHOUT_ROOT)
	_, talk = talking(relay, pair)
	relay.kill()
	spoken(talk, count_heard(talk), 20)
	again = relays("--offload=tc", prefix=WITHOUT_ROOT)
	assert "and 2 more are there" in again.log()
	talk.end()
	talk.check()
	assert again.stop() == 0 and nothing_is_left(bpffs)


def test_they_do_not_go_on_for_ever(relays, pair):
	"""Packets 1024 and 2048 are the first to look after a second without a sign of life: of a relay that is held up, and of a dead one."""
	def goes_on_until(number):
		begun = time.monotonic()
		wait_until(lambda: all(party.sequence > number + 10 for party in pair), 20, f"number {number}")
		assert time.monotonic() - begun > 1.1
	relay = relays("--offload=tc", "--offload-outlive=1")
	for party in pair:
		party.sequence = 1024 - 150
	_, talk = talking(relay, pair)
	relay.process.send_signal(signal.SIGSTOP)
	goes_on_until(1024)
	relay.process.send_signal(signal.SIGCONT)
	wait_until(lambda: relay.metrics()["offload_installed_total"] == 4, 10, "both streams, given to the kernel again")
	spoken(talk, count_heard(talk), 10)
	for party in pair:
		party.sequence = 2048 - 80
	spoken(talk, count_heard(talk), 5)
	relay.kill()
	goes_on_until(2048)
	talk.end(0)
	for party in pair:
		assert max(int.from_bytes(packet[2:4], "big") for packet, _ in talk.heard[party]) == 2048
	relays("--offload=off")


def test_a_call_at_the_port_of_a_stream_that_was_left(relays, outside, pair):
	"""Ports that are opened for a call forward nothing but its own."""
	relay = relays("--offload=tc", "--port-max=40003")
	_, talk = talking(relay, pair)
	relay.kill()
	talk.end()
	again = relays("--offload=tc", "--port-max=40003")
	assert "and 2 more are there" in again.log()
	pair[0].send(pair[1])
	others = [outside.inside(Party, address) for address in (THIRD, OTHER)]
	Call(again.ng, *others).both_ways(5)
	for party in pair:
		party.put()
	assert all(party.hears_nothing(0.2) for party in (*pair, *others)) and again.metrics()["offload_orphaned_total"] == 0
	for party in others:
		party.close()


# -- with calls that are saved

@pytest.fixture
def state(open_folder):
	os.chown(open_folder, 65534, 65534)
	open_folder.chmod(0o700)
	return f"--state-dir={open_folder}"


def generations(bpffs):
	"""Of all flows that there are, by their index."""
	with pinned(next((bpffs / "aeta").iterdir()) / "flow_table", 16 * 128) as table:
		return {i: value for i in range(16) if (value := int.from_bytes(table[128 * i:128 * i + 4], "little"))}


def program_at_the_interface():
	shown = filters() + subprocess.run(["ip", "link", "show", "near"], check=True, capture_output=True, text=True).stdout
	return re.search(r"flow_tc.* id (\d+)|prog/xdp id (\d+)", shown).group()


def check_counters(relay, call, talk, lacking=0):
	"""Of all that was said so many packets may be missing that the relay itself had forwarded."""
	answer = relay.ng.query(call.id)
	for tag, party, other in (("caller", *talk.parties), ("callee", *talk.parties[::-1])):
		leg = legs(answer)[tag]
		sent, heard, size = len(talk.sent[party]), len(talk.sent[other]), len(talk.sent[party][0])
		assert sent - lacking <= leg["stats"]["packets"] <= sent and heard - lacking <= leg["stats_out"]["packets"] <= heard
		assert leg["stats"]["bytes"] == leg["stats"]["packets"] * size
		assert (leg["quality"]["expected"], leg["quality"]["lost"], leg["quality"]["restarts"]) == (sent, 0, 0)


def check_the_same_flows(relay):
	metrics = relay.metrics()
	assert [metrics[f"offload_{name}"] for name in ("flows", "taken_total", "installed_total", "withdrawn_total")] == [2, 2, 0, 0]


@pytest.mark.parametrize("how, path", [("killed", "tc"), ("killed", "xdp"), ("stopped", "tc"), *([("stopped", "xdp")] if SOAK else [])])
def test_a_restart_that_nobody_notices(relays, bpffs, pair, state, path, how):
	"""The next relay has another program, and the same flows; not a packet is lost, and at the end the counters are those of the call."""
	relay = relays(f"--offload={path}", state)
	call, talk = talking(relay, pair)
	before, program_before = generations(bpffs), program_at_the_interface()
	try:
		relay.saved()
		assert relay.stop(9 if how == "killed" else 15) == (-9 if how == "killed" else 0)
		spoken(talk, count_heard(talk), 30)
		again = relays(f"--offload={path}", state)
		check_the_same_flows(again)
		spoken(talk, count_heard(talk), 80)
		check_the_same_flows(again)
	finally:
		talk.end()
	assert generations(bpffs) == before and program_at_the_interface() != program_before
	talk.check()
	check_counters(again, call, talk)
	again.ng.delete(call.id)
	assert flows(again) == 0 and not generations(bpffs)
	call, talk = talking(again, pair)
	talk.end()
	talk.check()
	again.ng.delete(call.id)
	assert again.stop() == 0 and nothing_is_left(bpffs)  # there is no call to go on with


def test_the_next_relay_goes_another_way(relays, bpffs, pair, state):
	"""Streams go on, and what XDP could send to before is not thought to be there still."""
	relay = relays("--offload=xdp", state)
	_, talk = talking(relay, pair)
	try:
		assert devices(bpffs) == 1
		relay.saved()
		relay.kill()
		again = relays("--offload=tc", state)
		assert devices(bpffs) == 0 and not xdp()
		spoken(talk, count_heard(talk), 80)
		assert flows(again) == 2 and again.metrics()["offload_stuck_total"] == 0
	finally:
		talk.end()


def test_killed_as_soon_as_the_kernel_has_the_streams(relays, pair, state):
	"""What was saved of the call is older than its flows: what these have forwarded counts, and nothing twice."""
	relay = relays("--offload=tc", state)
	call, talk = talking(relay, pair)
	try:
		relay.kill()
		by_the_relay = max(map(len, talk.sent.values()))
		spoken(talk, count_heard(talk), 30)
		again = relays("--offload=tc", state)
		check_the_same_flows(again)
		spoken(talk, count_heard(talk), 80)
	finally:
		talk.end()
	talk.check()
	check_counters(again, call, talk, by_the_relay)


def test_a_call_that_has_changed_meanwhile(relays, bpffs, pair, state):
	"""A stream that is not as the call says is ended, and the call goes on in user space until it is settled again."""
	relay = relays("--offload=tc", state)
	call, talk = talking(relay, pair)
	try:
		relay.saved()
		relay.kill()
		with pinned(next((bpffs / "aeta").iterdir()) / "flow_table", 16 * 128) as table:
			for i in generations(bpffs):
				table[128 * i + 8] ^= 1  # its SSRC
		again = relays("--offload=tc", state)
		wait_until(lambda: again.metrics()["offload_installed_total"] == 2, 10, "both streams, given to the kernel anew")
		assert again.metrics()["offload_taken_total"] == 0
		spoken(talk, count_heard(talk), 50)
	finally:
		talk.end(0)
