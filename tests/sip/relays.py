# SPDX-License-Identifier: GPL-2.0-or-later
"""Relays as the tests want them: ours, or Debian's rtpengine-daemon in its place; both take the same options."""
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "net")]

from children import die_with_parent, freeze, thaw  # noqa: E402
from ng import Ng, NgError  # noqa: E402

OURS = pathlib.Path(os.environ.get("AETA_RELAY", ROOT / "build/dev/relay/aeta-relay"))
START_S = 30


class Relay:
	"""One daemon. It can be killed, frozen, and started again at the same place; `port_min`: of its hundred media ports."""

	def __init__(self, kind, folder, name="relay", ng_port=2223, port_min=55004, addresses=("127.0.0.1", "::1"), silent_s=60):
		self.kind, self.folder, self.name = kind, folder, name
		self.address, self.ports = ("127.0.0.1", ng_port), range(port_min, port_min + 100)
		self.url = f"udp:127.0.0.1:{ng_port}"
		self.addresses, self.silent_s, self.process = addresses, silent_s, None

	def command(self):
		interfaces = [f"--interface={a}" for a in self.addresses]
		command = {"aeta-relay": [str(OURS), "--config-file=none"],
			"rtpengine": ["rtpengine", "--config-file=none", "--table=-1"]}[self.kind]
		return command + interfaces + ["--foreground", "--log-stderr", "--log-level=6", "--delete-delay=0",
			f"--listen-ng={self.address[0]}:{self.address[1]}", f"--port-min={self.ports[0]}", f"--port-max={self.ports[-1]}",
			f"--timeout={self.silent_s}", "--silent-timeout=3600"]

	def start(self):
		with open(self.folder / f"{self.name}.log", "ab") as log:
			self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
				preexec_fn=die_with_parent)
		end = time.monotonic() + START_S
		while not self._answers():
			log = (self.folder / f"{self.name}.log").read_text()[-2000:]
			assert self.process.poll() is None and time.monotonic() < end, f"the relay {self.name} does not come up:\n{log}"
		return self

	def _answers(self):
		with Ng(self.address, wait=0.05, tries=1) as ng:
			try:
				return ng.ping()
			except TimeoutError:
				return False
			except OSError:
				time.sleep(0.02)
				return False

	def kill(self):
		self.process.kill()
		self.process.wait()

	def freeze(self):
		freeze(self.process)

	def thaw(self):
		thaw(self.process)

	def stop(self):
		"""By its leave, so that it takes its streams out of the kernel; one that was killed left them there for the next start."""
		if self.process and self.process.poll() is None:
			self.thaw()
			self.process.terminate()
			try:
				self.process.wait(10)
			except subprocess.TimeoutExpired:
				self.kill()

	@property
	def running(self):
		return self.process.poll() is None

	# -- what it knows --
	def calls(self):
		with Ng(self.address) as ng:
			return ng.call("list", limit=1000)["calls"]

	def knows(self, call_id):
		return call_id in self.calls()

	def query(self, call_id):
		"""The call, or None."""
		with Ng(self.address) as ng:
			try:
				return ng.query(call_id)
			except NgError:
				return None

	def open_ports(self):
		"""Its media ports that are open, as the kernel tells it."""
		with open(f"/proc/{self.process.pid}/net/udp", encoding="ascii") as four, open(f"/proc/{self.process.pid}/net/udp6",
				encoding="ascii") as six:
			ports = {int(line.split()[1].split(":")[1], 16) for listing in (four, six) for line in list(listing)[1:]}
		return sorted(port for port in ports if port in self.ports)
