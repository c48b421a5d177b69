# SPDX-License-Identifier: GPL-2.0-or-later
"""The relay's daemon as a test wants it, and parties that send RTP to it.

	with Relay(folder, "--interface=127.0.0.1") as relay:
		call = Call(relay.ng, Party(), Party())
		call.caller.send(call.callee, 10)
"""
import os
import pathlib
import re
import socket
import subprocess
import time
import urllib.request

from ng import Ng, sdp, sdp_endpoints

ROOT = pathlib.Path(__file__).resolve().parents[2]


def program(preset="dev"):
	return ROOT / "build" / preset / "relay" / "aeta-relay"


def wait_until(condition, seconds=10.0, what="it"):
	"""The first true value of condition()."""
	end = time.monotonic() + seconds
	while True:
		value = condition()
		if value:
			return value
		assert time.monotonic() < end, f"{what} did not come in {seconds} s"
		time.sleep(0.005)


class Relay:
	"""One daemon in the foreground, its log in a file. `options`: more of its command line; `port`: that of ng, the two others follow;
	`prefix`: a command that becomes the one that follows it (setpriv, unshare)."""

	def __init__(self, folder, *options, port=2223, preset="dev", wait=True, environment=None, usual=True, prefix=(), binary=None):
		self.NG, self.TCP, self.HTTP = [("127.0.0.1", port + i) for i in range(3)]
		self.log_path = pathlib.Path(folder) / f"relay-{time.monotonic_ns()}.log"
		self.command = [*prefix, str(binary or program(preset)), "--config-file=none", "--foreground", "--log-stderr"]
		if usual:
			self.command += ["--log-level=7", "--user=nobody", "--delete-delay=0", "--drain-timeout=0", "--listen-ng=%s:%d" % self.NG,
				"--listen-tcp-ng=%s:%d" % self.TCP, "--listen-http=%s:%d" % self.HTTP]
		self.command += options
		with open(self.log_path, "wb") as log:
			self.process = subprocess.Popen(self.command, stdout=log, stderr=log, env={**os.environ, **(environment or {})})
		self.pid, self._ng = self.process.pid, None
		if wait:
			wait_until(lambda: " is ready:" in self.log() or self.process.poll() is not None, 30, "the relay")
			assert self.process.poll() is None, self.log()

	@property
	def ng(self):
		if not self._ng:
			self._ng = Ng(self.NG)
		return self._ng

	def log(self):
		return self.log_path.read_text(errors="replace")

	def log_has(self, text, seconds=10.0):
		return wait_until(lambda: next((line for line in self.log().splitlines() if text in line), None), seconds,
			f"{text!r} in the log:\n{self.log()}\n")

	def get(self, path):
		with urllib.request.urlopen("http://%s:%d%s" % (*self.HTTP, path), timeout=10) as answer:
			return answer.read().decode()

	def metrics(self):
		"""{name with its label: value}, without the prefix."""
		return {name: float(value) for name, value in re.findall(r"^aeta_relay_(\S+) (\S+)$", self.get("/metrics"), re.M)}

	def descriptors(self):
		return len(os.listdir(f"/proc/{self.pid}/fd"))

	def status(self, key):
		"""A line of /proc/PID/status, without its key."""
		for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
			if line.startswith(key + ":"):
				return line.split(":", 1)[1].strip()
		raise KeyError(key)

	def rss_kib(self):
		return int(self.status("VmRSS").split()[0])

	def cpu_seconds(self):
		"""Of user and system, of all its threads."""
		fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
		return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

	def stop(self, signal=15, seconds=40):
		"""Ends it; its exit status."""
		if self._ng:
			self._ng.close()
			self._ng = None
		if self.process.poll() is None:
			self.process.send_signal(signal)
		try:
			return self.process.wait(seconds)
		except subprocess.TimeoutExpired:
			self.process.kill()
			self.process.wait()
			raise

	def kill(self):
		assert self.stop(9) == -9

	def saved(self):
		"""All that has changed so far in its calls is in its --state-dir."""
		before = self.metrics()["saved_records_total"]
		calls = self.ng.call("list", limit=10000)["calls"]
		for call_id in calls:
			self.ng.call("unblock media", call_id)  # counts as a change, and is none
		wait_until(lambda: self.metrics()["saved_records_total"] >= before + len(calls), what="the calls' records")

	def __enter__(self):
		return self

	def __exit__(self, kind, *_):
		status = self.stop()
		assert kind or status == 0, f"the relay ended with {status}:\n{self.log()}"


def rtp(sequence, ssrc, payload=b"\x55" * 160, kind=0, samples=160):
	return bytes([0x80, kind]) + (sequence & 0xffff).to_bytes(2, "big") + (sequence * samples & 0xffffffff).to_bytes(4, "big") + \
		ssrc.to_bytes(4, "big") + payload


class Party:
	"""A socket that sends one stream of RTP; `relay`: where the relay's SDP tells it to send."""

	ssrcs = iter(range(0x1000, 0x7fffffff))

	def __init__(self, address="127.0.0.1", port=0):
		self.socket = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
		self.socket.bind((address, port))
		self.socket.settimeout(5)
		self.address, self.port = self.socket.getsockname()[:2]
		self.ssrc, self.sequence, self.relay = next(self.ssrcs), 0, None

	def sdp(self, **more):
		return sdp(self.address, self.port, **more)

	def next_packet(self):
		self.sequence += 1
		return rtp(self.sequence, self.ssrc)

	def put(self, packet=None):
		"""One packet to the relay; gives its bytes."""
		packet = packet or self.next_packet()
		self.socket.sendto(packet, self.relay)
		return packet

	def send(self, to, count=1):
		"""Packets that the other party gets, one by one, unchanged."""
		for _ in range(count):
			packet = self.put()
			assert to.socket.recv(65536) == packet

	def hears_nothing(self, seconds=0.3):
		self.socket.settimeout(seconds)
		try:
			return self.socket.recv(65536) is None
		except socket.timeout:
			return True
		finally:
			self.socket.settimeout(5)

	def close(self):
		self.socket.close()


class Call:
	"""Offer and answer between two parties, each told where to send."""

	numbers = iter(range(1, 1 << 30))

	def __init__(self, ng, caller, callee, offer=None, answer=None, call_id=None):
		self.ng, self.caller, self.callee = ng, caller, callee
		self.id = call_id or f"call-{os.getpid()}-{next(self.numbers)}"
		self.offered = ng.offer(self.id, "caller", caller.sdp(), **(offer or {}))
		callee.relay = sdp_endpoints(self.offered["sdp"])[0]
		self.answered = ng.answer(self.id, "caller", "callee", callee.sdp(), **(answer or {}))
		caller.relay = sdp_endpoints(self.answered["sdp"])[0]

	def both_ways(self, count=3):
		self.caller.send(self.callee, count)
		self.callee.send(self.caller, count)

	def delete(self, **more):
		return self.ng.delete(self.id, **more)
