# SPDX-License-Identifier: GPL-2.0-or-later
"""SIP on bare sockets: a test sends exactly the bytes it wrote, and everything that arrives is kept and counted.

A Link is one socket with a thread that reads it. Waiting is always for a message that matches, never for time to pass.
"""
import hashlib
import itertools
import re
import secrets
import select
import socket
import ssl
import threading
import time

TIMEOUT = 8.0  # seconds; a state that has not come by then does not come

COMPACT = {"i": "call-id", "m": "contact", "f": "from", "t": "to", "v": "via", "l": "content-length",
	"c": "content-type", "k": "supported", "r": "refer-to", "o": "event", "s": "subject", "e": "content-encoding"}


class Message:
	"""A parsed message; `source` is the address it came from."""

	def __init__(self, raw, source=None):
		self.raw = raw
		self.source = source
		head, _, self.body = raw.partition(b"\r\n\r\n")
		lines = re.sub(r"\r\n[ \t]+", " ", head.decode("utf-8", "replace")).split("\r\n")
		self.start = lines[0]
		self.headers = []
		for line in lines[1:]:
			name, _, value = line.partition(":")
			name = name.strip().lower()
			self.headers.append((COMPACT.get(name, name), value.strip()))
		words = self.start.split(" ", 2)
		self.is_request = words[0] != "SIP/2.0"
		self.method = words[0] if self.is_request else (self.get("cseq") or "? ?").split()[-1]
		self.uri = words[1] if self.is_request and len(words) > 1 else None
		self.status = None if self.is_request else int(words[1])
		self.reason = None if self.is_request else (words[2] if len(words) > 2 else "")

	def all(self, name):
		return [value for key, value in self.headers if key == name.lower()]

	def get(self, name):
		return next(iter(self.all(name)), None)

	def values(self, name):
		"""The values of a header that may hold several separated by commas, in order."""
		return [v.strip() for line in self.all(name) for v in split_values(line)]

	@property
	def call_id(self):
		return self.get("call-id")

	@property
	def cseq(self):
		"""-1 if it is no number."""
		found = re.match(r"\d+", self.get("cseq") or "")
		return int(found.group()) if found else -1

	@property
	def branch(self):
		found = re.search(r"branch=([^;,\s]+)", self.get("via") or "")
		return found.group(1) if found else None

	def tag(self, header):
		found = re.search(r";\s*tag=([^;,\s]+)", self.get(header) or "")
		return found.group(1) if found else None

	@property
	def rule(self):
		"""The name of the rule in a reason phrase, "-" if it has none: "Not registered (B2 not-registered)"."""
		found = re.search(r"\([A-Z]\d+ ([a-z0-9-]+)\)$", self.reason or "")
		return found.group(1) if found else "-"

	def __repr__(self):
		return f"<{self.start} | {self.get('cseq')} | {self.call_id}>"


def split_values(line):
	"""Splits at commas that are neither in quotes nor in angle brackets."""
	return [v for v in re.findall(r'(?:"[^"]*"|<[^>]*>|[^,])+', line) if v.strip()]


def uri_of(value):
	"""The URI of a name-addr or addr-spec."""
	found = re.search(r"<([^>]*)>", value)
	return found.group(1) if found else value.split(";")[0].strip()


def user_of(uri):
	found = re.match(r"sips?:([^@;]*)@", uri)
	return found.group(1) if found else ""


def new_branch():
	return "z9hG4bK" + secrets.token_hex(8)


def new_tag():
	return secrets.token_hex(6)


def new_call_id():
	return secrets.token_hex(10) + "@test"


def build(start, headers, body=b""):
	"""The bytes of a message; `headers` are (name, value) pairs, those with the value None are left out."""
	if isinstance(body, str):
		body = body.encode()
	lines = [start] + [f"{name}: {value}" for name, value in headers if value is not None]
	return "\r\n".join(lines + [f"Content-Length: {len(body)}", "", ""]).encode() + body


def md5(text):
	return hashlib.md5(text.encode()).hexdigest()


def credentials(challenge, method, uri, user, password):
	"""The value of an (Proxy-)Authorization header that answers the challenge (RFC 2617, MD5, with or without qop)."""
	given = dict((k.lower(), q if q else p) for k, q, p in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', challenge))
	ha1 = md5(f"{user}:{given['realm']}:{password}")
	ha2 = md5(f"{method}:{uri}")
	value = f'Digest username="{user}", realm="{given["realm"]}", nonce="{given["nonce"]}", uri="{uri}", algorithm=MD5'
	if "qop" not in given:
		return value + f', response="{md5(":".join((ha1, given["nonce"], ha2)))}"'
	cnonce = secrets.token_hex(8)
	response = md5(":".join((ha1, given["nonce"], "00000001", cnonce, "auth", ha2)))
	return value + f', qop=auth, nc=00000001, cnonce="{cnonce}", response="{response}"'


class Link:
	"""A socket and its reader. Messages stay in `arrived`; wait() takes each at most once."""

	def __init__(self):
		self.arrived = []       # every message but retransmissions, oldest first
		self.retransmitted = 0  # requests that came again
		self.auto = {}          # method -> function(request) called by the reader; the request is kept all the same
		self._taken = set()
		self._seen = set()
		self._replies = {}      # (branch, method) -> what we answered last
		self._change = threading.Condition()
		self._open = True

	# -- reading --
	def _start(self):
		self._thread = threading.Thread(target=self._read, daemon=True)
		self._thread.start()

	def _receive(self, raw, source):
		if not raw.strip(b"\r\n\0"):
			return  # a keepalive
		try:
			message = Message(raw, source)
		except (ValueError, IndexError):
			return
		self._keep(message)

	def _keep(self, m):
		again = (m.start if m.is_request else m.status, m.branch, m.get("cseq"), m.call_id, m.tag("to"))
		with self._change:
			known = again in self._seen
			self._seen.add(again)
			if known and m.is_request:
				self.retransmitted += 1
			if not known:
				self.arrived.append(m)
			self._change.notify_all()
		if known and m.is_request and (m.branch, m.method) in self._replies:
			self.send(self._replies[m.branch, m.method], m.source)
		elif not known and m.is_request and m.method in self.auto and m.get("to"):  # without one there is no answering it
			self.auto[m.method](m)

	def wait(self, what, match, timeout=TIMEOUT):
		"""The first message not taken before for which match() is true; fails, naming `what`, if none comes in time."""
		end = time.monotonic() + timeout
		with self._change:
			while True:
				for m in self.arrived:
					if id(m) not in self._taken and match(m):
						self._taken.add(id(m))
						return m
				left = end - time.monotonic()
				if left <= 0:
					raise AssertionError(f"no {what} in {timeout} s; arrived: {self.arrived[-12:]}")
				self._change.wait(left)

	def requests(self, method=None, call_id=None):
		"""Requests that arrived so far, keepalives of the server left out unless OPTIONS are asked for."""
		with self._change:
			return [m for m in self.arrived if m.is_request and (m.method == method if method else m.method != "OPTIONS")
				and (call_id is None or m.call_id == call_id)]

	# -- writing --
	def reply(self, request, status, reason, headers=(), body=b"", to_tag=None):
		to = request.get("to")
		if to_tag and not request.tag("to"):
			to += f";tag={to_tag}"
		raw = build(f"SIP/2.0 {status} {reason}", [("Via", v) for v in request.all("via")]
			+ [("Record-Route", v) for v in request.all("record-route")]
			+ [("From", request.get("from")), ("To", to), ("Call-ID", request.call_id), ("CSeq", request.get("cseq"))]
			+ list(headers), body)
		self._replies[request.branch, request.method] = raw
		self.send(raw, request.source)

	def close(self):
		self._open = False
		try:
			self.socket.shutdown(socket.SHUT_RDWR)  # wakes the reader
		except OSError:
			pass
		self._thread.join(2)
		self.socket.close()


class UdpLink(Link):
	name = "UDP"
	_ports = itertools.count(30000)

	def __init__(self, host, server, port=None):
		super().__init__()
		self.server = server
		self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
		self.socket.bind((host, next(self._ports) if port is None else port))
		self.host, self.port = self.socket.getsockname()[:2]
		self._start()

	def send(self, raw, to=None):
		self.socket.sendto(raw, to or self.server)

	def _read(self):
		while self._open:
			try:
				raw, source = self.socket.recvfrom(65535)
			except OSError:
				return
			if raw:
				self._receive(raw, source[:2])


class StreamLink(Link):
	"""TCP or TLS to the server; what the server sends comes back on the same connection."""

	def __init__(self, host, server, tls=False):
		super().__init__()
		self.name = "TLS" if tls else "TCP"
		self.server = server
		plain = socket.create_connection(server, timeout=TIMEOUT, source_address=(host, 0))
		plain.settimeout(None)
		self.socket = self._wrap(plain) if tls else plain
		self.host, self.port = self.socket.getsockname()[:2]
		self.socket.setblocking(False)
		self._use = threading.Lock()  # OpenSSL does not read and write one connection at the same time
		self._start()

	@staticmethod
	def _wrap(plain):
		context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
		context.check_hostname = False
		context.verify_mode = ssl.CERT_NONE  # the service under test signs its own certificate
		return context.wrap_socket(plain)

	def send(self, raw, to=None):
		while raw:
			try:
				with self._use:
					raw = raw[self.socket.send(raw):]
			except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
				select.select([], [self.socket], [], TIMEOUT)

	def _read(self):
		pending = b""
		while self._open:
			try:
				with self._use:
					more = self.socket.recv(65535)
			except (BlockingIOError, ssl.SSLWantReadError):
				select.select([self.socket], [], [], 0.5)
				continue
			except (OSError, ValueError):
				return
			if not more:
				return
			pending = self._frames(pending + more)

	def _frames(self, pending):
		"""Hands over whole messages; returns the bytes of the one that is still incomplete."""
		while True:
			pending = pending.lstrip(b"\r\n")
			head, found, rest = pending.partition(b"\r\n\r\n")
			if not found:
				return pending
			length = re.search(rb"(?im)^(?:content-length|l)\s*:\s*(\d+)", head)
			size = int(length.group(1)) if length else 0
			if len(rest) < size:
				return pending
			self._receive(head + found + rest[:size], self.server)
			pending = rest[size:]
