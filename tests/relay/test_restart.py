# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls go on when the relay is started again: killed, told to leave, with what it saved damaged, or with other options."""
import json
import os
import select
import signal
import socket
import subprocess
import time

import pytest
from conftest import FAR, NEAR
from ng import NgError, sdp, sdp_endpoints
from relay import Relay, wait_until

WAYS = {"shared": (), "own": ("--sockets=own",), "plain": ("--plain",)}
OFTEN = ("created_us", "created_ts")  # the time of day is asked for anew by each process; it differs by microseconds


@pytest.fixture
def again(start, open_folder):
	"""Starts a relay with the directory that the one before it had; again(…) after it has ended."""
	def make(*options, folder="state", **more):
		return start(f"--state-dir={open_folder / folder}", *options, **more)
	make.folder = open_folder / "state"
	return make


def leave(relay):
	assert relay.stop(seconds=5) == 0


def told(relay, call):
	"""What is known of a call."""
	return {key: value for key, value in relay.ng.query(call.id).items() if key not in OFTEN}


def files(folder):
	return sorted(path for path in folder.iterdir() if path.name.startswith("calls."))


def calls_of(relay, call, count):
	return [call(relay.ng) for _ in range(count)]


def go_on(relay, calls):
	"""They are the new process's calls."""
	for one in calls:
		one.ng = relay.ng


@pytest.mark.parametrize("way", WAYS)
def test_a_kill_during_fifty_calls(again, call, party, way):
	relay = again(*WAYS[way])
	calls = calls_of(relay, call, 50)
	for one in calls:
		one.both_ways()
	before = {one.id: told(relay, one) for one in calls}
	relay.saved()
	relay.kill()
	relay = again(*WAYS[way])
	go_on(relay, calls)
	relay.log_has("50 calls of before go on")
	assert sorted(relay.ng.call("list", limit=100)["calls"]) == sorted(before)
	assert {one.id: told(relay, one) for one in calls} == before
	stranger = party()
	for one in calls:
		one.both_ways()
		stranger.relay = one.caller.relay
		stranger.put()  # whom nobody hears: the source was locked
	wait_until(lambda: relay.metrics()['refused_packets_total{reason="source"}'] == 50, what="the stranger's packets")
	for one in calls[:5]:  # the same ports are offered, and answered
		reply = relay.ng.offer(one.id, "caller", one.caller.sdp(), to_tag="callee")
		assert sdp_endpoints(reply["sdp"])[0] == one.callee.relay
		reply = relay.ng.answer(one.id, "caller", "callee", one.callee.sdp())
		assert sdp_endpoints(reply["sdp"])[0] == one.caller.relay
		one.both_ways()
	call(relay.ng).both_ways()
	totals = calls[10].delete()["totals"]["RTP"]
	assert totals["packets"] == 12 and totals["errors"] == 0  # twice three each way
	line = relay.log_has(f"[{calls[10].id}] ended: deleted")
	assert "6 packets" in line and "sent 6 packets" in line


def test_sigterm_leaves_at_once(again, call):
	relay = again("--drain-timeout=60")
	calls = calls_of(relay, call, 3)
	for one in calls:
		one.both_ways(5)
	before = {one.id: told(relay, one) for one in calls}
	leave(relay)
	assert "SIGTERM: leaves at once; 3 calls are saved for the next start" in relay.log() and "ended:" not in relay.log()
	relay = again()
	go_on(relay, calls)
	assert {one.id: told(relay, one) for one in calls} == before
	for one in calls:
		one.both_ways(5)
		assert one.delete()["totals"]["RTP"]["packets"] == 20
	leave(relay)
	relay = again()
	assert relay.ng.call("list")["calls"] == [] and "of before" not in relay.log()


def test_sigusr1_drains(again, call):
	relay = again("--drain-timeout=60")
	one = call(relay.ng)
	relay.process.send_signal(signal.SIGUSR1)
	relay.log_has("SIGUSR1: takes no new call, and leaves with the last of 1")
	with pytest.raises(NgError, match="Parallel session limit reached"):
		relay.ng.offer("late", "a", sdp())
	one.both_ways()
	one.delete()
	assert relay.process.wait(5) == 0
	assert again().ng.call("list")["calls"] == []


def test_calls_that_ended_do_not_come_back(again, call):
	relay = again()
	calls = calls_of(relay, call, 4)
	relay.saved()
	calls[0].delete()
	calls[1].delete(delete_delay=30)
	wait_until(lambda: relay.metrics()["saved_calls"] == 3, what="the ended call's end")
	relay.saved()
	relay.kill()
	relay = again()
	assert relay.ng.call("list")["calls"] == [one.id for one in calls[1:]]
	with pytest.raises(NgError, match="Unknown call-id"):
		relay.ng.query(calls[0].id)
	relay.ng.offer(calls[1].id, "caller", calls[1].caller.sdp(), to_tag="callee")  # which revives it, as ever


def test_a_short_call_is_never_written(again, call):
	relay = again()
	for _ in range(20):
		call(relay.ng).delete()
	call(relay.ng)
	relay.saved()
	assert relay.metrics()["saved_records_total"] <= 5


def test_a_request_that_comes_again_to_the_next_process(again, party):
	relay = again()
	caller, callee = party(), party()
	offer = {"command": "offer", "call-id": "twice", "from-tag": "a", "sdp": caller.sdp()}
	answer = {"command": "answer", "call-id": "twice", "from-tag": "a", "to-tag": "b", "sdp": callee.sdp()}
	offered = relay.ng.ask(offer, cookie="o1")
	leave(relay)
	relay = again()
	assert relay.ng.ask(offer, cookie="o1") == offered
	answered = relay.ng.ask(answer, cookie="a1")
	leave(relay)
	relay = again()
	assert relay.ng.ask(answer, cookie="a1") == answered
	assert relay.metrics()["sockets"] == 4
	for _ in range(2):
		relay.ng.ask({"command": "delete", "call-id": "twice", "from-tag": "a"}, cookie="d1")
	assert relay.metrics()["calls"] == 0


def test_time_that_passed_meanwhile_ends_calls(again, call, tmp_path):
	with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
		server.bind(str(tmp_path / "rpc"))
		os.chmod(tmp_path / "rpc", 0o777)
		server.settimeout(10)
		options = ("--timeout=1", f"--notify=unix:{tmp_path / 'rpc'}", "--user=root")
		relay = again("--timeout=60", *options[1:])
		one = call(relay.ng)
		one.both_ways()
		leave(relay)
		relay = again(*options)
		assert json.loads(server.recv(4096))["params"] == [one.id, "caller", "callee"]
		assert "3 packets" in relay.log_has(f"[{one.id}] ended: timeout")


def test_a_sudden_end_is_no_silence(again, call):
	"""When a call was heard last is written every ten seconds only; what is not known for sure ends no call at once."""
	relay = again("--timeout=3")
	one = call(relay.ng)
	one.both_ways()
	relay.saved()
	end = time.monotonic() + 2.3
	while time.monotonic() < end:  # so that by the log alone it is over at the next one's first tick
		one.both_ways(1)
		select.select([], [], [], 0.1)
	relay.kill()
	relay = again("--timeout=3")
	wait_until(lambda: relay.metrics()["uptime_seconds"] > 1.1, what="a tick")
	one.both_ways()
	assert relay.ng.call("list")["calls"] == [one.id] and "ended:" not in relay.log()


def test_a_recording_goes_on_in_another_file(again, call, open_folder):
	folder = open_folder / "recordings"
	folder.mkdir()
	os.chown(folder, 65534, 65534)
	relay = again(f"--recording-dir={folder}")
	one = call(relay.ng, offer={"record call": "on", "output-destination": "one.pcap"})
	one.both_ways()
	leave(relay)
	relay = again(f"--recording-dir={folder}")
	go_on(relay, [one])
	one.both_ways()
	one.delete()
	wait_until(lambda: {"one.txt", "one-2.txt"} <= {path.name for path in folder.iterdir()}, what="both recordings")
	for name in ("one.pcap", "one-2.pcap"):
		assert (folder / name).stat().st_size == 24 + 6 * (16 + 20 + 8 + 172), name


# -- what was saved is not what it was

def damage(relay, change):
	"""Ends it, and changes its file's bytes."""
	leave(relay)
	[path] = files(relay.folder)
	data = bytearray(path.read_bytes())
	path.write_bytes(change(data))


def start_three(again, call):
	relay = again()
	relay.folder = again.folder
	return relay, calls_of(relay, call, 3)


def entries(data):
	"""Where each begins."""
	return [at for at in range(len(data)) if data[at:at + 4] == b"ENTR"]


def test_a_torn_end_is_left_out(again, call):
	relay, calls = start_three(again, call)
	damage(relay, lambda data: data + data[entries(data)[-1]:][:-1])
	relay = again()
	assert relay.ng.call("list")["calls"] == [one.id for one in calls]
	assert "bytes of calls." in relay.log_has("are no whole entry")
	calls[1].both_ways()


def test_a_damaged_entry_costs_its_call_alone(again, call):
	relay, calls = start_three(again, call)

	def change(data):
		second = [at for at in entries(data) if calls[1].id.encode() in data[at:at + 100]]
		for at in second:
			data[at + 60] ^= 0x10
		return data
	damage(relay, change)
	relay = again()
	assert relay.ng.call("list")["calls"] == [calls[0].id, calls[2].id]
	relay.log_has("damaged entries are left out")


@pytest.mark.parametrize("change", [lambda data: data[:16] + b"\x02" + data[17:], lambda data: b"x" * 1000], ids=["version", "nothing"])
def test_another_version_is_refused(again, call, change):
	relay, _ = start_three(again, call)
	damage(relay, change)
	relay = again()
	assert relay.ng.call("list")["calls"] == []
	relay.log_has("is of another version, or none of ours")
	assert (again.folder / "refused").exists()
	one = call(relay.ng)
	leave(relay)
	assert again().ng.call("list")["calls"] == [one.id]


def test_an_empty_file_is_no_reason(again, call):
	relay, calls = start_three(again, call)
	leave(relay)
	path = again.folder / "calls.77"
	path.touch(0o600)
	os.chown(path, 65534, 65534)
	(again.folder / "calls.78").touch(0o600)  # which it may not even read
	assert again().ng.call("list")["calls"] == [one.id for one in calls]


# -- other options

def test_another_range_of_ports(again, call, tmp_path):
	"""The SIP server is told of calls that cannot go on."""
	with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
		server.bind(str(tmp_path / "rpc"))
		server.settimeout(10)
		relay = again("--port-min=40000", "--port-max=40019", "--user=root")
		calls = calls_of(relay, call, 3)
		leave(relay)
		relay = again("--port-min=41000", "--port-max=41019", "--user=root", f"--notify=unix:{tmp_path / 'rpc'}")
		assert relay.ng.call("list")["calls"] == []
		for one in calls:
			assert "not in the range of ports" in relay.log_has(f"[{one.id}] this call of before cannot go on")
			assert json.loads(server.recv(4096))["params"] == [one.id, "caller", "callee"]
		assert relay.metrics()["dropped_calls_total"] == 3 and relay.metrics()["ports_free"] == 20


def test_an_address_that_is_gone(again, call):
	relay = again(f"--interface=one/{NEAR}", f"--interface=two/{FAR}")
	one = call(relay.ng, offer={"direction": ["one", "one"]})
	two = call(relay.ng, offer={"direction": ["two", "two"]})
	leave(relay)
	relay = again(f"--interface=other/{FAR}")
	assert relay.ng.call("list")["calls"] == [two.id]
	assert "does not have its local address" in relay.log_has(f"[{one.id}] this call of before cannot go on")


def test_a_port_that_somebody_else_has(again, call):
	relay = again("--sockets=own")
	one, two = calls_of(relay, call, 2)
	leave(relay)
	with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
		other.bind(one.caller.relay)
		relay = again("--sockets=own")
		assert relay.ng.call("list")["calls"] == [two.id]
		assert "cannot be had: Address already in use" in relay.log_has(f"[{one.id}] this call of before cannot go on")
		two.both_ways()


def test_from_one_way_of_sockets_to_another(again, call):
	relay = again()
	one = call(relay.ng)
	for way in ("own", "plain", "shared"):
		one.both_ways()
		leave(relay)
		relay = again(*WAYS[way])
	one.both_ways()
	go_on(relay, [one])
	assert one.delete()["totals"]["RTP"]["packets"] == 24


# -- the directory

def refused(*options, prefix=()):
	relay = Relay("/tmp", "--interface=127.0.0.1", *options, port=2423, wait=False, prefix=prefix)
	assert relay.process.wait(10) == 1
	text = relay.log()
	relay.log_path.unlink()
	return text


def test_two_relays_and_their_directories(again, call, open_folder):
	one, two = again(), again("--port-min=41000", "--port-max=41099", folder="other", port=2333)
	calls = calls_of(one, call, 2) + calls_of(two, call, 2)
	assert "another relay has it; give each its own" in refused(f"--state-dir={open_folder / 'state'}")
	leave(one)
	leave(two)
	one, two = again(), again("--port-min=41000", "--port-max=41099", folder="other", port=2333)
	assert one.ng.call("list")["calls"] == [each.id for each in calls[:2]]
	assert two.ng.call("list")["calls"] == [each.id for each in calls[2:]]


def test_a_directory_that_others_can_enter(open_folder):
	path = open_folder / "open"
	path.mkdir(mode=0o755)
	assert "it is another user's" in refused(f"--state-dir={path}")
	os.chown(path, 65534, 65534)
	assert "chmod 0700" in refused(f"--state-dir={path}")
	assert "No such file or directory" in refused(f"--state-dir={path / 'a' / 'b'}")


def test_as_a_container_has_it(again, call):
	"""A root that may not enter what is another's (docker/compose.yaml), and a directory that is the relay's user's already."""
	rights = ("setpriv", "--inh-caps=-all", "--bounding-set=-all,+setuid,+setgid,+setpcap")
	again.folder.mkdir(mode=0o700)
	os.chown(again.folder, 65534, 65534)
	relay = again(prefix=rights)
	one = call(relay.ng)
	one.both_ways()
	leave(relay)
	assert again(prefix=rights).ng.call("list")["calls"] == [one.id]
	one.both_ways()


def test_nobody_else_can_read_it(again, call):
	relay = again()
	call(relay.ng)
	relay.saved()
	assert again.folder.stat().st_mode & 0o777 == 0o700 and again.folder.stat().st_uid == 65534
	for path in again.folder.iterdir():
		assert path.stat().st_mode & 0o777 == 0o600, path


def test_a_full_disk(again, call, open_folder):
	again.folder.mkdir()
	subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k,mode=0700,uid=65534,gid=65534", "tmpfs", again.folder], check=True)
	relay = None
	try:
		relay = again()
		one = call(relay.ng)
		relay.saved()
		with open(again.folder / "filler", "wb", buffering=0) as filler, pytest.raises(OSError, match="No space left"):
			while True:
				filler.write(bytes(1024))
		wait_until(lambda: [call(relay.ng)] and "calls cannot be saved: No space left" in relay.log(), 20)
		others = calls_of(relay, call, 5)
		one.both_ways()
		failed = relay.metrics()["save_failed_total"]
		wait_until(lambda: relay.metrics()["save_failed_total"] > failed, what="another try")
		assert relay.log().count("calls cannot be saved") == 1
		(again.folder / "filler").unlink()
		relay.log_has("calls are saved again")
		relay.saved()
		relay.kill()
		relay = again()
		assert {each.id for each in others + [one]} <= set(relay.ng.call("list", limit=1000)["calls"])
		one.both_ways()
	finally:
		if relay:
			relay.stop()
		subprocess.run(["umount", again.folder], check=True)


def test_a_long_log_is_left_for_another(again, call):
	"""What is out of date is not kept."""
	relay = again()
	calls = [f"long-{number}" for number in range(200)]
	for one in calls:
		relay.ng.offer(one, "a", sdp())
	first = wait_until(lambda: files(again.folder), what="a file")
	for _ in range(14):
		relay.saved()
	wait_until(lambda: files(again.folder)[0] != first[0], 20, "another file")
	wait_until(lambda: len(files(again.folder)) == 1, 20, "the removal of the first one")
	relay.kill()
	assert sorted(again().ng.call("list", limit=1000)["calls"]) == sorted(calls)
