# SPDX-License-Identifier: GPL-2.0-or-later
"""Recordings, read back by tshark; names that try to leave their directory (F5)."""
import os
import re
import subprocess

import pytest
from ng import NgError
from relay import wait_until


@pytest.fixture
def folder(open_folder):
	"""Where the relay's user may write, beside another such folder."""
	for name in ("recordings", "secret"):
		(open_folder / name).mkdir()
		os.chown(open_folder / name, 65534, 65534)
	return open_folder / "recordings"


def read(path):
	"""[(source, destination, payload)] by tshark, which also checks every checksum."""
	done = subprocess.run(["tshark", "-r", path, "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-T", "fields", "-E",
		"separator=|", "-e", "ip.src", "-e", "ipv6.src", "-e", "udp.srcport", "-e", "ip.dst", "-e", "ipv6.dst", "-e", "udp.dstport",
		"-e", "udp.payload", "-e", "ip.checksum.status", "-e", "udp.checksum.status"], capture_output=True, text=True, check=True)
	found = []
	for line in done.stdout.splitlines():
		s4, s6, sport, d4, d6, dport, payload, ip_ok, udp_ok = line.split("|")
		assert udp_ok == "1" and ip_ok in ("", "1")
		found.append(((s4 or s6, int(sport)), (d4 or d6, int(dport)), bytes.fromhex(payload)))
	return found


def files(folder, pattern="*.pcap"):
	return sorted(folder.rglob(pattern))


@pytest.mark.parametrize("form", ["raw", "eth"])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_call_is_recorded(start, call, folder, form, address):
	relay = start(f"--interface={address}", f"--recording-dir={folder}", f"--recording-format={form}")
	one = call(relay.ng, address, address, offer={"flags": ["record-call"], "metadata": "two\nlines"}, call_id="a/b ..\\c")
	sent = []
	for side, other in ((one.caller, one.callee), (one.callee, one.caller)) * 5:
		packet = side.put()
		assert other.socket.recv(65536) == packet
		sent.append(((side.address, side.port), side.relay, packet))
	one.delete()
	about = wait_until(lambda: files(folder, "*.txt"))[0]
	assert read(files(folder)[0]) == sent
	assert re.fullmatch(r"a%2Fb%20\.\.%5Cc-[0-9a-f]{16}\.pcap", files(folder)[0].name)
	assert one.offered["recordings"] == one.answered["recordings"] == [str(files(folder)[0])]
	text = about.read_text()
	assert "call-id: a/b ..\\c\n" in text and "metadata: two\\x0alines\n" in text and "\npackets: 10\n" in text
	assert f"stream: 0: {'[::1]' if ':' in address else address}:{one.callee.port} at port {one.callee.relay[1]}" in text
	assert oct(about.stat().st_mode & 0o777) == "0o640"
	counts = relay.metrics()
	names = ("recordings", "recordings_total", "recorded_packets_total", "recording_left_out_total")
	assert [counts[name] for name in names] == [0, 1, 10, 0]


def test_start_and_stop_by_command(start, call, folder):
	relay = start(f"--recording-dir={folder}", "--recording-pattern=%Y/x-%c")
	one = call(relay.ng)
	one.both_ways(2)
	relay.ng.call("start recording", one.id)
	one.both_ways(3)
	relay.ng.call("stop recording", one.id)
	one.both_ways(2)
	path = wait_until(lambda: files(folder, "*.txt"))[0]
	assert re.fullmatch(rf"\d{{4}}/x-{one.id}\.txt", str(path.relative_to(folder)))
	assert len(read(path.with_suffix(".pcap"))) == 6
	relay.ng.call("start recording", one.id, recording_file=f"{folder}/sub/mine.pcap")
	one.both_ways(1)
	relay.ng.call("stop recording", one.id, flags=["discard-recording"])
	wait_until(lambda: not (folder / "sub" / "mine.pcap").exists())
	relay.ng.call("start recording", one.id, recording_dir="sub/deeper", recording_pattern="p")
	one.both_ways(1)
	relay.stop()
	assert len(read(folder / "sub" / "deeper" / "p.pcap")) == 2, "the end of the relay ends recordings well"


@pytest.mark.parametrize("keys", [{"recording_file": "../secret/x"}, {"recording_file": "/etc/x"}, {"recording_dir": "../secret"},
	{"recording_dir": "a/../../secret"}, {"recording_pattern": "../secret/%c"}, {"recording_file": "link/x"}, {"recording_dir": "link"},
	{"recording_file": "{folder}x/y"}, {"recording_file": "there.pcap"}, {"recording_file": "dangling"}], ids=str)
def test_names_that_leave_the_directory_are_refused(start, call, folder, keys):
	relay = start(f"--recording-dir={folder}")
	secret = folder.parent / "secret"
	(folder / "link").symlink_to(secret)
	(folder / "dangling").symlink_to(secret / "new")
	(folder / "there.pcap").write_text("another's")
	one = call(relay.ng)
	with pytest.raises(NgError):
		relay.ng.call("start recording", one.id, **{key: value.format(folder=folder) for key, value in keys.items()})
	relay.log_has(f"[{one.id}] it cannot be recorded: ")
	assert list(secret.iterdir()) == [] and (folder / "there.pcap").read_text() == "another's"
	one.both_ways()
	assert relay.metrics()["recordings_total"] == 0


def test_without_a_directory_there_are_none(relay, call):
	one = call(relay.ng)
	with pytest.raises(NgError):
		relay.ng.call("start recording", one.id)
	relay.log_has(f"[{one.id}] it cannot be recorded: there is no --recording-dir")
	one.both_ways()
	one.delete()


def test_a_full_disk_harms_no_call(start, call, folder):
	"""A file system of a few pages; the call goes on, the failure is counted and said."""
	subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,uid=65534", "none", folder], check=True)
	try:
		relay = start(f"--recording-dir={folder}")
		one = call(relay.ng, offer={"flags": ["record-call"]})
		one.both_ways(400)
		wait_until(lambda: relay.metrics()["recordings_failed_total"] == 1)
		relay.log_has("1 recordings could not be written to the end: is there room in ")
		one.both_ways(5)
		one.delete()
		assert relay.stop() == 0
	finally:
		subprocess.run(["umount", "-l", folder], check=True)
