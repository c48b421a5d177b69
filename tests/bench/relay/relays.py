# SPDX-License-Identifier: GPL-2.0-or-later
"""The two relays as they are run for a measurement, and their load."""
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import time

NG_PORT = 2223
PORTS = (20000, 59999)


def run(*words):
	subprocess.run([str(word) for word in words], check=True)


@contextlib.contextmanager
def network(*wires):
	"""Two namespaces, (relay's, agents'), and wires between them: ((device, address), (device, address)), the relay's end first."""
	names = [f"aeta-bench-{os.getpid()}-{side}" for side in ("relay", "agents")]
	try:
		for name in names:
			run("ip", "netns", "add", name)
			run("ip", "-n", name, "link", "set", "lo", "up")
		for ends in wires:
			run("ip", "-n", names[0], "link", "add", ends[0][0], "type", "veth", "peer", "name", ends[1][0], "netns", names[1])
			for name, (device, address) in zip(names, ends):
				run("ip", "-n", name, "addr", "add", f"{address}/24", "dev", device)
				run("ip", "-n", name, "link", "set", device, "up")
		yield names
	finally:
		for name in names:
			subprocess.run(["ip", "netns", "del", name], stderr=subprocess.DEVNULL, check=False)


def receive_as_a_card(namespace, device):
	"""veth then takes XDP's packets of the other end, and polls as the driver of a network card does."""
	run("ip", "netns", "exec", namespace, "ethtool", "-K", device, "gro", "on")


def take_back(namespace, device, program):
	"""veth takes what XDP of its other end sends back only where it has a program itself; without, no relay proves XDP. It passes all."""
	run("ip", "-n", namespace, "-force", "link", "set", "dev", device, "xdp", "obj", program, "sec", "xdp")


def take_nothing_back(namespace, device):
	run("ip", "-n", namespace, "link", "set", "dev", device, "xdp", "off")


class Relay:
	"""One of the two, running in the relay's namespace."""

	def __init__(self, namespaces, folder, title, control, command):
		self.namespace, self.agents = namespaces
		self.folder, self.title, self.control, self.command = folder, title, control, command

	def __enter__(self):
		self.log = (self.folder / f"{self.title}.log").open("ab")
		self.process = subprocess.Popen(["ip", "netns", "exec", self.namespace, *map(str, self.command)], stdin=subprocess.DEVNULL,
			stdout=self.log, stderr=self.log)
		end = time.monotonic() + 20
		while not self.answers():
			if self.process.poll() is not None or time.monotonic() > end:
				raise SystemExit(f"{self.title} does not start: {self.last_words()}")
		return self

	def last_words(self):
		return (self.folder / f"{self.title}.log").read_text(errors="replace")[-2000:]

	def __exit__(self, *_):
		self.process.terminate()
		try:
			self.process.wait(20)
		except subprocess.TimeoutExpired:
			self.process.kill()
			self.process.wait()
		self.log.close()

	def answers(self):
		ask = ["ip", "netns", "exec", self.agents, sys.executable, "-c", "import socket\n"
			"s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.settimeout(0.2)\n"
			f"s.connect(('{self.control}', {NG_PORT}))\n"
			f"s.send(b'{time.monotonic_ns()} d7:command4:pinge')\nassert b'pong' in s.recv(100)"]
		return subprocess.run(ask, stderr=subprocess.DEVNULL, check=False).returncode == 0

	def flows(self):
		"""The table of its streams."""
		return subprocess.run(["ip", "netns", "exec", self.agents, self.command[0], "flows", f"--ng={self.control}:{NG_PORT}"], check=True,
			capture_output=True, text=True).stdout

	def cpu(self):
		"""Seconds of processor time so far, all threads, to the nanosecond; a thread that has ended is not counted."""
		total = 0
		for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
			with contextlib.suppress(FileNotFoundError, ProcessLookupError):
				total += int((task / "schedstat").read_text().split()[0])
		return total / 1e9

	def memory(self):
		"""KiB: of the process (RSS), and of the kernel (slab of the whole machine)."""
		def line(path, name):
			text = pathlib.Path(path).read_text()
			return int(next(row for row in text.splitlines() if row.startswith(name)).split()[1])
		return line(f"/proc/{self.process.pid}/status", "VmRSS:"), line("/proc/meminfo", "Slab:")


class Load:
	"""bench_relay_load, running in the agents' namespace: prints a line of JSON, or several."""

	def __init__(self, options, relay, kind, calls, callers, callees):
		self.what = f"{relay.title}, {kind}"
		self.process = subprocess.Popen(["ip", "netns", "exec", relay.agents, options.build / "tests/bench/bench_relay_load", kind,
			f"{relay.control}:{NG_PORT}", callers, callees, str(calls), str(options.clients), str(options.rate), str(options.seconds),
			str(options.warm)],
			stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

	def line(self):
		text = self.process.stdout.readline()
		if not text:
			raise SystemExit(f"{self.what}: the load has ended early (status {self.process.wait()})")
		return json.loads(text)

	def packets(self, relay):
		"""The figures of its packets."""
		self.line()
		before = relay.cpu()
		result = self.line()
		used = relay.cpu() - before
		missing = result["sent"] - result["received"]
		if missing > result["sent"] / 1000:
			raise SystemExit(f"{self.what}: {missing} of {result['sent']} packets did not arrive")
		return {"CPU a packet": used / result["sent"] * 1e6, "latency p50": result["p50"], "latency p99": result["p99"],
			"packets lost": missing}

	def end(self):
		self.process.stdin.close()
		self.process.wait()


def ours(build, path, control, agents, interfaces):
	return [build / "relay/aeta-relay", "--foreground", "--log-stderr", "--log-level=5", f"--offload={path}",
		*(f"--interface={i}" for i in interfaces), f"--listen-ng={control}:{NG_PORT}", f"--ng-allow={agents}/32",
		f"--port-min={PORTS[0]}", f"--port-max={PORTS[1]}"]


def theirs(control, interfaces):
	return ["rtpengine", "--foreground", "--log-stderr", "--log-level=4", *(f"--interface={i}" for i in interfaces),
		f"--listen-ng={control}:{NG_PORT}", "--table=-1", f"--port-min={PORTS[0]}", f"--port-max={PORTS[1]}"]


def judged(name, value, goal=None, at_least=False):
	"""A ratio of the result; without a goal it is only said."""
	reached = None if goal is None else value >= goal if at_least else value <= goal
	return {"name": name, "value": round(value, 4), "goal": goal, "at_least": at_least, "reached": reached}
