# SPDX-License-Identifier: GPL-2.0-or-later
"""SIP agents for real calls: baresip without audio hardware, driven through its control socket.

	with Agent("45675001", password, folder) as caller, Agent("45675002", password, folder2, tone=880, answer=True) as callee:
		callee.wait_registered()
		call = caller.dial("5002")
		call.wait_established()

An agent sends a sine tone, or a WAV file, and records what it hears (recording()). All waits are for events, with a
time limit; AgentError says what was awaited and shows the end of the agent's log. An agent dies with its parent.
`folder` is the agent's own: its configuration (0600, it holds the password), log and recordings. Used by `./dev call`,
`./dev up` (the test codec's configuration) and the tests."""

import glob
import json
import os
import random
import re
import shutil
import socket
import subprocess
import threading
import time
import uuid

# What people call a codec -> its exact name in baresip, which takes another codec silently when the name is not exact.
CODECS = {
	"opus": "opus/48000/2",
	"mpa": "MPA/48000/2",
	"g722": "G722/16000/1",
	"l16": "L16/48000/1",
	"pcma": "PCMA/8000/1",
	"pcmu": "PCMU/8000/1",
}
MODULES = ("opus", "mpa", "g722", "l16", "g711", "sndfile", "aubridge", "ausine", "aufile")


class AgentError(Exception):
	"""An agent did not do what was awaited; the text is for a person."""


def codec_name(name):
	"""The exact name of a codec given as a short name or in full (NAME/rate/channels); ValueError says which exist."""
	exact = CODECS.get(name.lower())
	if exact:
		return exact
	if re.fullmatch(r"[A-Za-z0-9-]+/\d+/[12]", name):
		return name
	raise ValueError("codec %s is not known: choose one of %s, or NAME/rate/channels" % (name, ", ".join(CODECS)))


def config_text(address, source, max_calls=1, control_port=None, record=None, sip_port=0, rtp_ports=None, stun=None):
	"""baresip's configuration. Player and alert go to a bridge that nobody listens to: no audio hardware is touched.
	The source's rate and channels are named, so that baresip converts to what the codec wants (else the call fails):
	its sine exists in 48 kHz only, a WAV file of ours is 16 kHz mono. sip_port: 0 = any; rtp_ports: (first, last)."""
	modules = [m for m in MODULES if record or m != "sndfile"]
	rate, channels = (48000, 2) if source.startswith("ausine") else (16000, 1)
	lines = [
		"poll_method epoll",
		"sip_listen %s:%d" % ("[%s]" % address if ":" in address else address, sip_port),
		"net_interface %s" % address,
		"call_local_timeout 120",
		"call_max_calls %d" % max_calls,
		"call_hold_other_calls no",  # 1.1 and later would mute every line but the newest one; 1.0 does not know the word
		"audio_player aubridge,nil",
		"audio_alert aubridge,nil",
		"audio_source %s" % source,
		"ausrc_srate %d" % rate,
		"ausrc_channels %d" % channels,
		"audio_level no",
		"ausrc_format s16",
		"auplay_format s16",
		"auenc_format s16",
		"audec_format s16",
		"audio_buffer 20-160",
		"jitter_buffer_delay 5-10",
		"rtcp_mux no",
		"opus_bitrate 64000",
		"module_path %s" % module_path(),
	]
	lines += ["module %s.so" % m for m in modules] + ["module stun.so"] * bool(stun)
	lines += ["module_tmp uuid.so", "module_tmp account.so", "module_app menu.so"]
	lines += ["statmode_default off", "ringback_disabled yes"]
	if control_port:
		lines += ["module_app ctrl_tcp.so", "ctrl_tcp_listen 127.0.0.1:%d" % control_port]
	if record:
		lines.append("snd_path %s" % record)
	if rtp_ports:
		lines.append("rtp_ports %d-%d" % rtp_ports)
	return "\n".join(lines) + "\n"


def module_path():
	"""Where Debian's package has put baresip's modules."""
	found = glob.glob("/usr/lib/baresip/modules") + glob.glob("/usr/lib/*/baresip/modules")
	if not found:
		raise AgentError("baresip's modules are not installed: apt-get install baresip-core")
	return found[0]


def account_line(number, password, registrar, transport="udp", register=True, answer=False, codecs=(), interval=60,
		outbound=False, stun=None):
	"""One line of baresip's accounts file. `interval`: seconds between registrations. outbound: send everything to the
	registrar, also what is addressed to another domain (which is not looked up in the DNS then). stun: the address of a
	STUN server, by which it finds out the media address that it offers."""
	parts = ["<sip:%s@%s;transport=%s>" % (number, registrar, transport), "auth_pass=%s" % password]
	parts.append("regint=%d" % (interval if register else 0))
	parts.append("answermode=%s" % ("auto" if answer else "manual"))
	if outbound:
		parts.append('outbound="sip:%s;transport=%s"' % (registrar, transport))
	if stun:
		parts += ["medianat=stun", "stunserver=stun:%s" % stun]
	if codecs:
		parts.append("audio_codecs=%s" % ",".join(codecs))
	return ";".join(parts) + "\n"


def write_private(path, text):
	"""A file that only its owner can read: it may hold a password."""
	handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
	with os.fdopen(handle, "w") as out:
		out.write(text)


def write_folder(folder, config, accounts, instance=None):
	"""Fills an agent's folder. The instance (a UUID) is what makes it the same device next time (+sip.instance)."""
	os.makedirs(folder, mode=0o700, exist_ok=True)
	write_private(os.path.join(folder, "config"), config)
	write_private(os.path.join(folder, "accounts"), accounts)
	write_private(os.path.join(folder, "contacts"), "")
	instance_file = os.path.join(folder, "uuid")
	if instance or not os.path.exists(instance_file):
		write_private(instance_file, instance or str(uuid.uuid4()))


def free_tcp_port():
	"""A TCP port on loopback that was free a moment ago: none of those that the system gives out by itself, since one of them may
	become that of a SIP socket of the very baresip that is to listen here."""
	while True:
		port = random.randrange(20000, 30000)
		with socket.socket() as probe:
			try:
				probe.bind(("127.0.0.1", port))
				return port
			except OSError:
				pass


class Call:
	"""An outgoing call of an agent, as the agent's events tell it."""

	def __init__(self, agent, since):
		self.agent, self.since, self.started = agent, since, time.monotonic()
		self.callid, self.closed, self.setup_ms = None, None, None

	def _follow(self):
		for event in self.agent.events[self.since:]:
			self.callid = event.get("id") or self.callid
			if event["type"] == "CALL_ESTABLISHED" and self.setup_ms is None:
				self.setup_ms = round((event["at"] - self.started) * 1000)
			if event["type"] == "CALL_CLOSED" and self.closed is None:
				self.closed = event.get("param", "")
		return self

	def wait_answered_or_closed(self, timeout=30):
		"""True when the call is established, False when it ended before (then .closed says why)."""
		self.agent.wait(lambda: self._follow().setup_ms is not None or self.closed is not None, timeout, "an answer to the call")
		return self.setup_ms is not None

	def wait_established(self, timeout=30):
		"""As above, but an end before the answer is an error."""
		if not self.wait_answered_or_closed(timeout):
			raise AgentError("the call of %s ended before it was answered: %s" % (self.agent.number, self.closed))

	def wait_closed(self, timeout=10):
		"""Returns the reason of the end."""
		self.agent.wait(lambda: self._follow().closed is not None, timeout, "the end of the call")
		return self.closed


class Agent:
	"""One baresip process with one account.

	tone: Hz that it sends, or wav: a file. register: False = it only calls. answer: True = answers by itself.
	codecs: exact names (codec_name), in order of preference; none = all. instance: the device's UUID. outbound, stun: as
	in account_line(). sip_port, rtp_ports: as in config_text()."""

	def __init__(self, number, password, folder, registrar="127.0.0.1", address="127.0.0.1", transport="udp", tone=440,
			wav=None, register=True, answer=False, codecs=(), max_calls=1, instance=None, outbound=False, stun=None, sip_port=0,
			rtp_ports=None):
		self.number, self.folder, self.address = number, folder, address
		self.registrar = "[%s]" % registrar if registrar.count(":") > 1 and not registrar.startswith("[") else registrar
		self.records = os.path.join(folder, "recordings")
		self.source = "aufile,%s" % wav if wav else "ausine,%d" % tone
		self.accounts = account_line(number, password, self.registrar, transport, register, answer, codecs, outbound=outbound,
			stun=stun)
		self.network = {"sip_port": sip_port, "rtp_ports": rtp_ports, "stun": stun}
		self.max_calls, self.instance, self.transport = max_calls, instance, transport
		self.events, self.ended = [], False
		self.process = self.control = self.reader = None
		self.changed = threading.Condition()

	def __enter__(self):
		return self.start()

	def __exit__(self, *_):
		self.stop()

	# -- life ------------------------------------------------------------------------------------------------------

	def start(self, timeout=10):
		"""Runs baresip and connects to its control socket; another process may snatch the port, so it is tried thrice."""
		if not shutil.which("baresip"):
			raise AgentError("baresip is not installed: apt-get install baresip-core")
		os.makedirs(self.records, mode=0o700, exist_ok=True)
		for _ in range(3):
			port = free_tcp_port()
			write_folder(self.folder, config_text(self.address, self.source, self.max_calls, port, self.records, **self.network),
				self.accounts, self.instance)
			self._spawn()
			if self._connect(port, timeout):
				return self
			self.stop()
		raise AgentError("agent %s does not start%s" % (self.number, self.log_tail()))

	def _spawn(self):
		with open(self.log_path(), "wb") as log:
			self.process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", "baresip", "-f", self.folder],
				stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
		self.events, self.ended = [], False

	def _connect(self, port, timeout):
		end = time.monotonic() + timeout
		while "baresip is ready" not in self.log():
			if self.process.poll() is not None or time.monotonic() > end:
				return False
			time.sleep(0.02)
		try:
			self.control = socket.create_connection(("127.0.0.1", port), 2)
		except OSError:
			return False
		self.control.settimeout(None)
		self.reader = threading.Thread(target=self._read, args=(self.control,), daemon=True)
		self.reader.start()
		return True

	def stop(self):
		"""Ends calls, unregisters and ends; safe to call twice."""
		if self.process is None:
			return
		if self.process.poll() is None:
			try:
				self.command("quit")
				self.process.wait(5)
			except (AgentError, OSError, subprocess.TimeoutExpired):
				self.process.terminate()
		try:
			self.process.wait(3)
		except subprocess.TimeoutExpired:
			self.process.kill()
			self.process.wait()
		if self.control:
			self.control.close()
		self.process = self.control = None

	def kill(self):
		"""Vanishes without a word, as when the power fails."""
		self.process.kill()
		self.process.wait()

	# -- control ---------------------------------------------------------------------------------------------------

	def _read(self, control):
		"""Netstrings with JSON in them, until the socket ends; events get the time of their arrival."""
		buffer = b""
		while True:
			try:
				piece = control.recv(65536)
			except OSError:
				piece = b""
			if not piece:
				break
			buffer += piece
			while (found := re.match(rb"(\d+):", buffer)) and len(buffer) > found.end() + int(found[1]):
				body = buffer[found.end() : found.end() + int(found[1])]
				buffer = buffer[found.end() + int(found[1]) + 1 :]
				self._take(body)
		with self.changed:
			self.ended = True
			self.changed.notify_all()

	def _take(self, body):
		try:
			message = json.loads(body.decode("utf-8", "replace"), strict=False)
		except ValueError:
			return
		if message.get("event"):
			message["at"] = time.monotonic()
			with self.changed:
				self.events.append(message)
				self.changed.notify_all()

	def command(self, name, params=""):
		"""One command of baresip's menu."""
		if self.control is None:
			raise AgentError("agent %s is not running" % self.number)
		body = json.dumps({"command": name, "params": params}).encode()
		self.control.sendall(b"%d:%s," % (len(body), body))

	def wait(self, condition, timeout, what):
		"""Waits until condition() holds; it is looked at after each event, and now and then (for what only the log says)."""
		end = time.monotonic() + timeout
		with self.changed:
			while not condition():
				left = end - time.monotonic()
				if left <= 0 or self.ended:
					raise AgentError("agent %s waited %g s for %s in vain%s" % (self.number, timeout, what, self.log_tail()))
				self.changed.wait(min(left, 0.2))

	def wait_event(self, kind, timeout=10, since=0):
		"""Waits for an event of that type and returns it."""
		def seen():
			return [e for e in self.events[since:] if e["type"] == kind]
		self.wait(seen, timeout, kind)
		return seen()[0]

	def wait_registered(self, timeout=10):
		"""Waits for the registration; a refusal ends the wait at once."""
		self.wait(lambda: self._registration() is not None, timeout, "the registration")
		refusal = self._registration()
		if refusal:
			raise AgentError("agent %s is refused by the registrar: %s" % (self.number, refusal))
		return self

	def _registration(self):
		"""None = not known yet, "" = registered, else the refusal. From the log: the first registration comes before
		there is anybody to tell events to."""
		found = re.findall(r"(\[\d+ bindings?\])|reg: sip:\S+: (.+)", self.log())
		return None if not found else found[-1][1].strip()

	def dial(self, target):
		"""Calls a number (in the registrar's domain) or a full URI."""
		uri = target if target.startswith("sip:") else "sip:%s@%s;transport=%s" % (target, self.registrar, self.transport)
		call = Call(self, len(self.events))
		self.command("dial", uri)
		return call

	def in_call(self):
		"""True while a call of this agent is established."""
		ids = {kind: {e.get("id") for e in self.events if e["type"] == kind} for kind in ("CALL_ESTABLISHED", "CALL_CLOSED")}
		return bool(ids["CALL_ESTABLISHED"] - ids["CALL_CLOSED"])

	# -- what it heard and said ------------------------------------------------------------------------------------

	def recording(self):
		"""The newest recording of what it heard (it grows during the call), or None."""
		found = glob.glob(os.path.join(self.records, "*-dec.wav"))
		return max(found, key=os.path.getmtime) if found else None

	def forget_recordings(self):
		"""What it heard in calls before is deleted."""
		for name in os.listdir(self.records):
			os.unlink(os.path.join(self.records, name))

	def codec(self):
		"""The codec in use, as NAME/rate/channels, from the agent's own log; None before a call has one."""
		found = re.findall(r"Set audio decoder: (\S+) (\d+)Hz (\d)ch", self.log())
		return "/".join(found[-1]) if found else None

	def log_path(self):
		return os.path.join(self.folder, "log")

	def log(self):
		try:
			with open(self.log_path(), encoding="utf-8", errors="replace") as log:
				return log.read()
		except FileNotFoundError:
			return ""

	def log_tail(self, lines=8):
		"""The end of the log as the tail of an error message."""
		tail = [line for line in re.sub(r"\x1b\[[0-9;]*m", "", self.log()).splitlines() if line.strip()][-lines:]
		return "; its log ends:\n  " + "\n  ".join(tail) if tail else ""
