# SPDX-License-Identifier: GPL-2.0-or-later
"""How the daemon lives: its rights, its end, what it reads again, what it tells systemd and the SIP server."""
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error

import pytest
from conftest import FAR, NEAR
from ng import Ng, NgError, sdp
from relay import ROOT, program, wait_until


def test_root_is_dropped(start):
	relay = start("--user=nobody:daemon")
	assert set(relay.status("Uid").split()) == {"65534"} and set(relay.status("Gid").split()) == {"1"}
	for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
		assert int(relay.status(kind), 16) == 0, kind
	assert relay.status("NoNewPrivs") == "1"
	assert "runs as user 65534, group 1, without any capability" in relay.log()


def test_root_without_a_user_has_no_capability(start):
	"""Where there is no user aeta-relay it stays root in name, and says so."""
	relay = start("--interface=127.0.0.1", "--listen-ng=127.0.0.1:2323", usual=False)
	usual = subprocess.run(["id", "-u", "aeta-relay"], capture_output=True, text=True)
	if usual.returncode == 0:
		assert relay.status("Uid").split()[0] == usual.stdout.strip()
	else:
		assert "it runs as root; make a user for it" in relay.log()
	assert int(relay.status("CapEff"), 16) == int(relay.status("CapBnd"), 16) == 0


def test_few_descriptors_are_said(start):
	"""Started as somebody who may not have more."""
	command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "prlimit", "--nofile=300:300", str(program()),
		"--config-file=none", "--foreground", "--log-stderr", "--interface=127.0.0.1", "--listen-ng=2323"]
	process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
	try:
		line = process.stderr.readline()
		while "descriptors" not in line and line:
			line = process.stderr.readline()
		assert "only 300 descriptors are allowed, enough for about 11 calls" in line
	finally:
		process.terminate()
		process.wait(10)
		process.stderr.close()


# -- the end

def test_sigterm_waits_for_the_calls(start, call):
	relay = start("--drain-timeout=60")
	one = call(relay.ng)
	relay.process.terminate()
	relay.log_has("SIGTERM: takes no new call, and leaves with the last of 1, or after 60 s")
	with pytest.raises(NgError, match="Parallel session limit reached"):
		relay.ng.offer("late", "a", sdp())
	one.both_ways()
	relay.ng.offer(one.id, "caller", one.caller.sdp(), to_tag="callee")  # a change in a call that runs
	assert json.loads(unwell(relay))["status"] == "draining"
	one.delete(delete_delay=30)  # what it stays for is no reason to stay
	assert relay.process.wait(5) == 0
	assert f"[{one.id}] ended: the relay is stopped" in relay.log()


def unwell(relay):
	with pytest.raises(urllib.error.HTTPError) as refused:
		relay.get("/health")
	assert refused.value.code == 503
	return refused.value.read()


def test_sigterm_waits_no_longer_than_said(start, call):
	relay = start("--drain-timeout=1")
	call(relay.ng).both_ways()
	relay.process.terminate()
	begun = time.monotonic()
	assert relay.process.wait(10) == 0 and time.monotonic() - begun < 5
	assert "leaves with 1 calls: they had 1 s to end" in relay.log()


def test_a_second_sigterm_ends_it_at_once(start, call):
	relay = start("--drain-timeout=60")
	call(relay.ng).both_ways()
	relay.process.terminate()
	relay.log_has("SIGTERM: takes no new call")
	relay.process.terminate()
	assert relay.process.wait(5) == 0


def test_without_calls_it_leaves_at_once(start):
	relay = start("--drain-timeout=60")
	relay.process.send_signal(signal.SIGINT)
	assert relay.process.wait(5) == 0


# -- SIGHUP

def test_sighup_reads_again(start, open_folder, call):
	path = open_folder / "relay.conf"

	def write(**more):
		lines = {"interface": "127.0.0.1", "listen-ng": f"127.0.0.1:2323;{NEAR}:2323", "listen-http": "127.0.0.1:2325", "ng-allow": FAR,
			"foreground": "yes", "log-stderr": "yes", "user": "nobody", "delete-delay": "0", "drain-timeout": "0", **more}
		path.write_text("[aeta-relay]\n" + "".join(f"{name} = {value}\n" for name, value in lines.items()))
	write()
	relay = start(f"--config-file={path}", usual=False)
	relay.NG, relay.HTTP = ("127.0.0.1", 2323), ("127.0.0.1", 2325)
	one = call(relay.ng)
	with Ng((NEAR, 2323), source=NEAR, tries=1, wait=0.3) as near, Ng((NEAR, 2323), source=FAR) as far:
		assert far.ping()
		with pytest.raises(TimeoutError):
			near.ping()
		write(**{"ng-allow": NEAR, "max-sessions": 1, "port-max": 56000, "log-level": 7})
		relay.process.send_signal(signal.SIGHUP)
		relay.log_has("the configuration was read again")
		assert near.ping()
	assert "these options have changed, but need a restart: port-max" in relay.log()
	with pytest.raises(NgError, match="Parallel session limit reached"):
		relay.ng.offer("more", "a", sdp())
	one.both_ways()
	write(timeout="soon")
	relay.process.send_signal(signal.SIGHUP)
	relay.log_has("nothing is changed: ")
	one.both_ways()


# -- systemd

def test_systemd_is_told(start, tmp_path, call):
	path = tmp_path / "notify"
	with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
		systemd.bind(str(path))
		systemd.settimeout(10)
		relay = start("--drain-timeout=60", "--user=root", environment={"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "2000000"})
		assert systemd.recv(100) == b"READY=1"
		for _ in range(2):
			assert systemd.recv(100) == b"WATCHDOG=1"
		one = call(relay.ng)
		relay.process.terminate()
		while (said := systemd.recv(100)) == b"WATCHDOG=1":
			pass
		assert said == b"STOPPING=1"
		assert systemd.recv(100) == b"WATCHDOG=1", "it lives while it drains"
		one.delete()
		assert relay.process.wait(5) == 0


def test_the_unit_is_what_systemd_takes():
	unit = (ROOT / "relay" / "aeta-relay.service").read_text()
	for line in ("Type=notify", "NotifyAccess=main", "NoNewPrivileges=yes", "ProtectSystem=strict"):
		assert f"\n{line}\n" in unit
	options = next(line for line in unit.splitlines() if line.startswith("ExecStart=")).split()[1:]
	assert subprocess.run([program(), *options, "--help"], capture_output=True).returncode == 0


# -- what the SIP server is told (B11)

@pytest.mark.parametrize("kind", ["unix", "udp"])
def test_the_sip_server_is_told_of_a_silent_call(start, open_folder, kind, call):
	server = socket.socket(socket.AF_UNIX if kind == "unix" else socket.AF_INET, socket.SOCK_DGRAM)
	where = str(open_folder / "rpc") if kind == "unix" else ("127.0.0.1", 9099)
	server.bind(where)
	if kind == "unix":
		os.chmod(where, 0o666)
	server.settimeout(20)
	relay = start("--timeout=3", f"--notify=unix:{where}" if kind == "unix" else "--notify=udp:127.0.0.1:9099")
	one, kept = call(relay.ng, call_id='"quoted"\\id'), call(relay.ng)
	one.both_ways()
	server.setblocking(False)
	data = None
	end = time.monotonic() + 20
	while data is None and time.monotonic() < end:
		kept.both_ways(1)
		try:
			data, source = server.recvfrom(4096)
		except BlockingIOError:
			time.sleep(0.05)
	assert data, f"nobody was told:\n{relay.log()}"
	said = json.loads(data)
	assert said == {"jsonrpc": "2.0", "method": "dlg.terminate_dlg", "params": [one.id, "caller", "callee"], "id": said["id"]}
	error = {"code": 500, "message": "Couldnt find callid in dialog"}
	server.sendto(json.dumps({"jsonrpc": "2.0", "error": error, "id": said["id"]}).encode(), source)
	relay.log_has("answers: ")
	assert 'Couldnt find callid' in relay.log()
	counts = relay.metrics()
	assert (counts["notify_sent_total"], counts["notify_failed_total"], counts["notify_refused_total"]) == (1, 0, 1)
	kept.delete()
	server.close()
	with pytest.raises(NgError, match="Unknown call-id"):
		relay.ng.query(one.id)


def test_a_sip_server_that_is_not_there(start, call):
	relay = start("--timeout=1", "--notify=unix:/nonexistent/rpc")
	one = call(relay.ng)
	one.both_ways()
	relay.log_has(f"[{one.id}] the SIP server could not be told that this call has ended: No such file", 20)
	assert relay.metrics()["notify_failed_total"] == 1


def test_what_strangers_say_forges_no_line(relay):
	name = "forged\nNOTICE: nothing happened\x1b[2J"
	relay.ng.offer(name, "a", sdp())
	relay.ng.delete(name)
	line = relay.log_has("forged")
	assert "forged\\x0aNOTICE: nothing happened\\x1b[2J] ended" in line


def test_syslog(network, tmp_path):
	"""A mount namespace of its own, so that /dev/log is ours."""
	script = f"""
import os, socket, subprocess, sys
mine = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
mine.bind("{tmp_path}/log"); os.chmod("{tmp_path}/log", 0o666); mine.settimeout(10)
os.path.lexists("/dev/log") and os.unlink("/dev/log")
os.symlink("{tmp_path}/log", "/dev/log")
relay = subprocess.Popen(["{program()}", "--config-file=none", "-f", "--interface=127.0.0.1", "--listen-ng=2399", "--log-facility=local3"])
lines = []
while not lines or "is ready" not in lines[-1]:
	lines.append(mine.recv(9000).decode())
mine.close(); os.unlink("{tmp_path}/log")
mine = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); mine.bind("{tmp_path}/log"); os.chmod("{tmp_path}/log", 0o666); mine.settimeout(10)
relay.send_signal(1); lines.append(mine.recv(9000).decode())
relay.terminate(); relay.wait(10)
print(lines[-2]); print(lines[-1])
"""
	done = subprocess.run(["unshare", "--mount", "sh", "-c", "mount -t tmpfs none /dev && mknod /dev/null c 1 3 && mknod /dev/urandom c 1 9 && "
		"exec /usr/bin/python3 -"], input=script, capture_output=True, text=True, timeout=60)
	first, second = done.stdout.splitlines()
	assert first.startswith("<157>") and "aeta-relay[" in first, done.stderr  # local3.notice
	assert second.startswith("<157>") and "the configuration was read again" in second


def test_sockets_of_calls_are_closed(start):
	relay = start("--sockets=own")
	before = relay.descriptors()
	for i in range(20):
		relay.ng.offer(f"c{i}", "a", sdp())
	assert relay.descriptors() > before + 39
	for i in range(20):
		relay.ng.delete(f"c{i}")
	wait_until(lambda: relay.descriptors() == before)
