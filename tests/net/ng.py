# SPDX-License-Identifier: GPL-2.0-or-later
"""A client of the ng protocol: bencode and JSON, over UDP, TCP and HTTP. Strings are bytes on the wire and str here.

	ng = Ng(("127.0.0.1", 2223))
	reply = ng.offer("call-1", "tag-a", sdp, flags=["trust-address"])     # {"result": "ok", "sdp": …}
	ng.ask({"command": "query", "call-id": "call-1"})
	ng.call("delete", "call-1", from_tag="tag-a", delete_delay=0)        # delete_delay becomes the key "delete delay"

`ask` raises NgError where the answer is `error`, unless wanted="error" (or any other result, or None: whatever comes).
"""
import http.client
import itertools
import json
import os
import socket

TRIES, WAIT = 5, 1.0  # as Kamailio's module


class NgError(Exception):
	"""The relay refused; args[0] is the reason, `reply` all of the answer."""

	def __init__(self, reply):
		super().__init__(reply.get("error-reason") or reply.get("message") or str(reply))
		self.reply = reply


# -- bencode

def encode(value):
	"""A str, bytes, int, bool, list or dict as bencode; keys stay in their order, as Kamailio's do."""
	if isinstance(value, bool):
		value = int(value)
	if isinstance(value, int):
		return b"i%de" % value
	if isinstance(value, str):
		value = value.encode("utf-8", "surrogateescape")
	if isinstance(value, (bytes, bytearray)):
		return b"%d:%s" % (len(value), value)
	if isinstance(value, (list, tuple)):
		return b"l" + b"".join(map(encode, value)) + b"e"
	return b"d" + b"".join(encode(key) + encode(item) for key, item in value.items()) + b"e"


def _decode(data, at):
	kind = data[at:at + 1]
	if kind == b"i":
		end = data.index(b"e", at)
		return int(data[at + 1:end]), end + 1
	if kind == b"l":
		items, at = [], at + 1
		while data[at:at + 1] != b"e":
			item, at = _decode(data, at)
			items.append(item)
		return items, at + 1
	if kind == b"d":
		items, at = {}, at + 1
		while data[at:at + 1] != b"e":
			key, at = _decode(data, at)
			if not isinstance(key, str) or key in items:
				raise ValueError(f"a key that is no string, or comes twice: {key!r}")
			items[key], at = _decode(data, at)
		return items, at + 1
	colon = data.index(b":", at)
	end = colon + 1 + int(data[at:colon])
	if end > len(data):
		raise ValueError("cut off")
	return data[colon + 1:end].decode("utf-8", "surrogateescape"), end


def decode(data):
	"""The one value that `data` is; ValueError where it is none, or more than one."""
	value, end = _decode(data, 0)
	if end != len(data):
		raise ValueError(f"{len(data) - end} bytes follow")
	return value


def decode_front(data):
	"""(value, how many bytes it took), or None where more bytes are needed."""
	try:
		return _decode(data, 0)
	except (ValueError, IndexError):
		return None


def decode_reply(data):
	return json.loads(data) if data[:1] == b"{" else decode(data)


# -- clients

_clients = itertools.count(1)


class Client:
	"""What the transports share; `exchange(body, cookie)` gives the reply's bytes without its cookie, or None."""

	def __init__(self, as_json=False):
		self.as_json = as_json
		self._numbers = itertools.count(1)
		self._mark = f"{os.getpid()}_{next(_clients)}"

	def cookie(self):
		return f"{self._mark}_{next(self._numbers)}"

	def ask(self, request, wanted=("ok", "pong"), cookie=None):
		body = json.dumps(request).encode() if self.as_json else encode(request)
		raw = self.exchange(body, cookie or self.cookie())
		if raw is None:
			raise TimeoutError(f"no answer to {request.get('command')}")
		reply = decode_reply(raw)
		if wanted is not None and reply.get("result") not in ((wanted,) if isinstance(wanted, str) else wanted):
			raise NgError(reply)
		return reply

	def call(self, command, call_id=None, wanted=("ok", "pong"), **keys):
		"""`keys`: an underscore is written as a hyphen, but delete_delay as `delete delay`; None is left out."""
		request = {"command": command}
		if call_id is not None:
			request["call-id"] = call_id
		for key, value in keys.items():
			if value is not None:
				request["delete delay" if key == "delete_delay" else key.replace("_", "-")] = value
		return self.ask(request, wanted)

	def ping(self):
		return self.call("ping")["result"] == "pong"

	def offer(self, call_id, from_tag, sdp, **keys):
		return self.call("offer", call_id, from_tag=from_tag, sdp=sdp, **keys)

	def answer(self, call_id, from_tag, to_tag, sdp, **keys):
		return self.call("answer", call_id, from_tag=from_tag, to_tag=to_tag, sdp=sdp, **keys)

	def delete(self, call_id, **keys):
		return self.call("delete", call_id, **keys)

	def query(self, call_id, **keys):
		return self.call("query", call_id, **keys)

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.close()


class Ng(Client):
	"""Over UDP; `source`: the address to ask from."""

	def __init__(self, address=("127.0.0.1", 2223), source=None, as_json=False, tries=TRIES, wait=WAIT):
		super().__init__(as_json)
		self.address, self.tries = address, tries
		self.socket = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_DGRAM)
		if source:
			self.socket.bind((source, 0) if isinstance(source, str) else source)
		self.socket.settimeout(wait)

	def exchange(self, body, cookie):
		request = cookie.encode() + b" " + body
		for _ in range(self.tries):
			self.socket.sendto(request, self.address)
			reply = self.receive(cookie)
			if reply is not None:
				return reply
		return None

	def receive(self, cookie):
		"""The reply to `cookie`; older ones are passed over."""
		try:
			while True:
				got, _, rest = self.socket.recv(65536).partition(b" ")
				if got == cookie.encode():
					return rest
		except socket.timeout:
			return None

	def close(self):
		self.socket.close()


class NgTcp(Client):
	"""Over TCP: `<cookie> <dict>`, back to back; bencode only."""

	def __init__(self, address, wait=5.0):
		super().__init__()
		self.socket = socket.create_connection(address, timeout=wait)
		self.buffer = b""

	def send(self, data):
		self.socket.sendall(data)

	def receive(self):
		"""(cookie, reply's bytes) of the next one; None where the relay has closed the connection."""
		while True:
			cookie, blank, rest = self.buffer.partition(b" ")
			found = decode_front(rest) if blank else None
			if found:
				self.buffer = rest[found[1]:]
				return cookie.decode(), rest[:found[1]]
			more = self.socket.recv(65536)
			if not more:
				return None
			self.buffer += more

	def exchange(self, body, cookie):
		self.send(cookie.encode() + b" " + body)
		while True:
			got = self.receive()
			if got is None or got[0] == cookie:
				return got and got[1]

	def close(self):
		self.socket.close()


class NgHttp(Client):
	"""Over HTTP: POST /ng with the cookie, or /ng-plain without it."""

	def __init__(self, address, as_json=False, plain=False, wait=5.0):
		super().__init__(as_json)
		self.plain = plain
		self.connection = http.client.HTTPConnection(*address, timeout=wait)

	def request(self, method, path, body=None, headers=None):
		"""(status, content type, body)"""
		self.connection.request(method, path, body, headers or {})
		answer = self.connection.getresponse()
		return answer.status, answer.getheader("Content-Type"), answer.read()

	def exchange(self, body, cookie):
		if self.plain:
			kind = "application/json" if self.as_json else "application/x-rtpengine-ng"
			status, _, reply = self.request("POST", "/ng-plain", body, {"Content-Type": kind})
			return reply if status == 200 else None
		status, _, reply = self.request("POST", "/ng", cookie.encode() + b" " + body, {"Content-Type": "application/x-rtpengine-ng"})
		got, _, rest = reply.partition(b" ")
		return rest if status == 200 and got == cookie.encode() else None

	def close(self):
		self.connection.close()


# -- SDP

def sdp(address="127.0.0.1", port=6000, codecs=((0, "PCMU/8000"),), media="audio", direction=None, more=()):
	"""A small SDP. `more`: further lines of the m-line."""
	family = "IP6" if ":" in address else "IP4"
	lines = ["v=0", f"o=- 1 1 IN {family} {address}", "s=-", f"c=IN {family} {address}", "t=0 0",
		f"m={media} {port} RTP/AVP " + " ".join(str(number) for number, _ in codecs)]
	lines += [f"a=rtpmap:{number} {name}" for number, name in codecs] + list(more)
	if direction:
		lines.append(f"a={direction}")
	return "\r\n".join(lines) + "\r\n"


def sdp_endpoints(text):
	"""[(address, port)] of each m-line of an SDP, the address of its own c= or of the session's."""
	session, found = None, []
	for line in text.splitlines():
		if line.startswith("c="):
			address = line.split()[2].split("/")[0]
			if found:
				found[-1][0] = address
			else:
				session = address
		elif line.startswith("m="):
			found.append([session, int(line.split()[1].split("/")[0])])
	return [tuple(one) for one in found]
