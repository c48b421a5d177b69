# SPDX-License-Identifier: GPL-2.0-or-later
"""What runs on the server of the lab, in its namespace: our service, whole, as ./dev up starts it; or, to compare with,
Kamailio in the configuration that Debian's package installs, with NAT and rtpengine switched on as its comments say."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from natlab.world import SERVER, SERVER_2

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT / "tests" / "net"))
from children import die_with_parent  # noqa: E402
from ng import Ng  # noqa: E402

RELAY_PORTS = 2223, 2224  # their ng
UP_S = 180  # for everything to be healthy, on a loaded machine; it takes about 15 s
ASKED_S = 10  # from one agent that has been asked to the next
CDR_S = 5  # for the call record, after the call
LINES = [(f"459950{i:02}", f"459950{i + 1:02}") for i in range(1, 33, 2)]  # accounts of the demo data: a pair for each worker
STOCK_CFG = pathlib.Path("/etc/kamailio/kamailio.cfg")


class ServiceError(Exception):
	"""The service does not come up, or has no answer; the text says what is known."""


def _end(file, lines=15):
	try:
		return "\n".join(pathlib.Path(file).read_text(errors="replace").splitlines()[-lines:])
	except FileNotFoundError:
		return ""


def _wait(what, probe, processes, log, timeout=UP_S):
	"""Until probe() is true; an end of one of the processes before that is an error."""
	end = time.monotonic() + timeout
	while not probe():
		ended = [str(p.args[0]) for p in processes if p.poll() is not None]
		if ended or time.monotonic() > end:
			raise ServiceError(f"{what} does not come up{'; ended: ' if ended else ''}{' '.join(ended)}\n{_end(log)}")
		time.sleep(0.05)


def _stop(process, seconds=60):
	if process and process.poll() is None:
		process.terminate()
		try:
			process.wait(seconds)
		except subprocess.TimeoutExpired:
			process.kill()
			process.wait()


class Ours:
	"""The whole service. site: more values for the site file; offload: of its relays."""

	name, records = "ours", True

	def __init__(self, world, folder, site=(), offload="auto"):
		self.world, self.folder, self.state = world, pathlib.Path(folder), pathlib.Path(folder) / "state"
		self.site, self.offload, self.process, self.passwords, self.relays = site, offload, None, {}, []
		self.asking = threading.Lock()  # several threads make calls

	def __enter__(self):
		command = [ROOT / "dev", "up", "--state", self.state, "--address", SERVER, "--second-address", SERVER_2, "--public",
			"--offload", self.offload, "--no-build"]
		for value in self.site:
			command += ["--site", value]
		log = self.folder / "up.log"
		with self.world.server.inside(), log.open("wb") as out:
			self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
				preexec_fn=die_with_parent)
		try:
			_wait("the service", (self.state / "ready").exists, [self.process], log)
		except ServiceError:
			self.close()
			raise
		with self.world.server.inside():
			self.relays = [Ng(("127.0.0.1", port)) for port in RELAY_PORTS]
		self.passwords = dict(line.split() for line in (self.state / "credentials").read_text().splitlines() if line)
		return self

	def __exit__(self, *_):
		self.close()

	def close(self):
		for relay in self.relays:
			relay.close()
		self.relays = []
		_stop(self.process)

	def password(self, number):
		return self.passwords[number]

	def numbers(self, count):
		"""So many new accounts, of the group that LINES are of."""
		made = json.loads(self.ctl("--json", "number", "allocate", LINES[0][0][:4], str(count)))["accounts"]
		self.passwords.update((account["number"], account["password"]) for account in made)
		return [account["number"] for account in made]

	def classes(self, numbers):
		"""{number: the class of what its agent is behind}, of those numbers whose agents have been asked."""
		names = ", ".join(f"'{number}'" for number in numbers)
		return dict(self.sql(f"SELECT account, class FROM aeta_nat_class WHERE checked_at AND account IN ({names})"))

	def settle(self, numbers):
		"""classes(), once all these agents, which have registered, have been asked; or some of them, when no more come."""
		if "SITE_PROBING=0" in self.site:
			return {}
		found, last = {}, time.monotonic()
		while len(found) < len(numbers) and time.monotonic() < last + ASKED_S:
			before, found = found, self.classes(numbers)
			last = time.monotonic() if found != before else last
			time.sleep(0.2)
		return found

	def relayed(self, callid):
		"""What the relay that has the call answers to `query`."""
		for relay in self.relays:
			with self.asking:
				answer = relay.ask({"command": "query", "call-id": callid}, wanted=None)
			if answer["result"] == "ok":
				return answer
		raise ServiceError(f"no relay knows the call {callid}")

	def way(self):
		"""What the first relay has said last of its interface: `by the kernel (tc), …`"""
		lines = (self.state / "log" / "relay.log").read_text(errors="replace").splitlines()
		return next((line.split(" is forwarded ", 1)[1] for line in reversed(lines) if " is forwarded " in line), "")

	def sql(self, text):
		"""Rows, as lists of texts (None = NULL)."""
		run = subprocess.run(["mariadb", f"--defaults-file={self.state}/mysql-admin.cnf", "--batch", "--skip-column-names",
			"aeta"], input=text, capture_output=True, text=True, check=False)
		if run.returncode:
			raise ServiceError(f"the database: {run.stderr.strip()}")
		return [[None if v == "NULL" else v for v in line.split("\t")] for line in run.stdout.splitlines()]

	def ctl(self, *arguments):
		"""./dev ctl; returns what it prints."""
		with self.world.server.inside():
			run = subprocess.run([ROOT / "dev", "ctl", "--state", self.state, *arguments], stdin=subprocess.DEVNULL,
				capture_output=True, text=True, check=False)
		if run.returncode:
			raise ServiceError(f"aetactl {' '.join(arguments)}: {run.stderr.strip() or run.stdout.strip()}")
		return run.stdout

	def rpc(self, method, *parameters):
		"""What Kamailio's remote control answers; a refusal is a ServiceError."""
		with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock, tempfile.TemporaryDirectory() as own:
			sock.bind(f"{own}/rpc")
			sock.settimeout(5)
			sock.connect(str(self.state / "kamailio_rpc.sock"))
			sock.send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode())
			answer = json.loads(sock.recv(65535))
		if "error" in answer:
			raise ServiceError(f"{method}: {answer['error']['message']}")
		return answer["result"]

	def record(self, callid):
		"""(path, its reason) of the call's record, (None, None) if there is none in time."""
		end = time.monotonic() + CDR_S
		while time.monotonic() < end:
			rows = self.sql(f"SELECT path, path_reason FROM acc_cdrs WHERE callid = '{callid}'")
			if rows:
				return tuple(rows[0])
			time.sleep(0.1)
		return None, None


class Stock:
	"""Debian's: Kamailio with WITH_NAT and WITH_RTPENGINE, rtpengine in user space, and a STUN server. No accounts are
	asked for: that has no influence on the media."""

	name, records = "stock", False

	def __init__(self, world, folder):
		self.world, self.folder = world, pathlib.Path(folder)
		self.processes = []

	def __enter__(self):
		self.folder.mkdir(exist_ok=True)
		try:
			with self.world.server.inside():
				self._start()
		except ServiceError:
			self.close()
			raise
		return self

	def __exit__(self, *_):
		self.close()

	def _start(self):
		(self.folder / "coturn.conf").write_text("\n".join(("stun-only", f"listening-ip={SERVER}", f"listening-ip={SERVER_2}",
			"listening-port=3478", "alt-listening-port=3479", "no-tls", "no-dtls", "no-cli", "log-file=stdout", "relay-threads=1",
			f"pidfile={self.folder}/coturn.pid", f"userdb={self.folder}/turndb")) + "\n")
		self._run("coturn", "turnserver", "-c", self.folder / "coturn.conf")
		self._run("rtpengine", "rtpengine", "--foreground", "--log-stderr", "--table=-1", f"--interface={SERVER}",
			"--listen-ng=127.0.0.1:2223", "--port-min=55004", "--port-max=55999", f"--pidfile={self.folder}/rtpengine.pid")
		self._await("rtpengine", lambda: b"pong" in _ask(("127.0.0.1", 2223), b"1 d7:command4:pinge"))
		shutil.copy(STOCK_CFG, self.folder / "kamailio.cfg")
		(self.folder / "kamailio-local.cfg").write_text("#!define WITH_NAT\n#!define WITH_RTPENGINE\n"
			f"listen=udp:{SERVER}:5060\nchildren=3\n")
		self._run("kamailio", "kamailio", "-f", self.folder / "kamailio.cfg", "-DD", "-E", "-m", "64", "-M", "8", "-Y",
			self.folder, "-P", self.folder / "kamailio.pid")
		options = (f"OPTIONS sip:{SERVER} SIP/2.0\r\nVia: SIP/2.0/UDP {SERVER}:9;branch=z9hG4bKlab;rport\r\n"
			f"From: <sip:lab@{SERVER}>;tag=1\r\nTo: <sip:{SERVER}>\r\nCall-ID: lab\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 1\r\n"
			"Content-Length: 0\r\n\r\n")
		self._await("kamailio", lambda: _ask((SERVER, 5060), options.encode()).startswith(b"SIP/2.0 "))

	def _run(self, name, *command):
		with (self.folder / f"{name}.log").open("wb") as log:
			self.processes.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
				start_new_session=True, preexec_fn=die_with_parent))

	def _await(self, name, probe):
		_wait(f"Debian's {name}", probe, self.processes, self.folder / f"{name}.log", 30)

	def close(self):
		for process in reversed(self.processes):
			_stop(process, 10)
		self.processes = []

	@staticmethod
	def password(_number):
		return "none"

	@staticmethod
	def numbers(count):
		return [str(100 + i) for i in range(count)]

	@staticmethod
	def settle(_numbers):
		"""It learns nothing of them."""
		return {}


def _ask(address, request):
	"""The answer to one datagram, b"" if there is none at once."""
	with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
		sock.settimeout(0.3)
		with contextlib.suppress(OSError):
			sock.connect(address)
			sock.send(request)
			return sock.recv(65535)
	return b""
