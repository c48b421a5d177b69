# SPDX-License-Identifier: GPL-2.0-or-later
"""Floods: each kind a maker of messages, sent from one address or from many, so many a second for so long."""
import itertools
import socket
import time

from odd import DOMAIN
from service import eventually
from wire import new_branch, new_call_id, new_tag

WRONG = ('Digest username="{user}", realm="aeta", nonce="{nonce}", uri="sip:sip.example.com", algorithm=MD5, qop=auth, nc=00000001, '
	'cnonce="x", response="0123456789abcdef0123456789abcdef"')
GROWTH = 2 << 20  # bytes of shared memory that may be gone after a flood
GROWTH_PRIVATE = 256 << 10  # bytes of a process's own
SERVER = ("127.0.0.1", 5060)


def message(start, method, source, user="45675002", to_tag="", more=""):
	return (f"{start}\r\nVia: SIP/2.0/UDP {source}:5062;branch={new_branch()};rport\r\nMax-Forwards: 70\r\n"
		f"From: <sip:{user}@{DOMAIN}>;tag={new_tag()}\r\nTo: <sip:{user}@{DOMAIN}>{to_tag}\r\nCall-ID: {new_call_id()}\r\n"
		f"CSeq: 1 {method}\r\nContact: <sip:{user}@{source}:5062>\r\n{more}Content-Length: 0\r\n\r\n").encode()


def request(method, to_tag="", credentials=None):
	"""A maker of such requests, each for another number."""
	users = itertools.cycle(str(45670000 + n) for n in range(10000))

	def make(source):
		user = next(users)
		more = f"{credentials}: {WRONG.format(user=user, nonce=new_tag())}\r\n" if credentials else ""
		return message(f"{method} sip:{user}@{DOMAIN} SIP/2.0", method, source, user, f";tag={new_tag()}" if to_tag else "", more)
	return make


KINDS = {
	"invite": request("INVITE"), "invite-credentials": request("INVITE", credentials="Proxy-Authorization"),
	"register": request("REGISTER"), "register-credentials": request("REGISTER", credentials="Authorization"),
	"inside": request("INFO", to_tag="x"), "bye": request("BYE", to_tag="x"), "ack": request("ACK", to_tag="x"),
	"cancel": request("CANCEL"), "answers": lambda source: message("SIP/2.0 200 OK", "INVITE", source, to_tag=";tag=x"),
}
# What of the module's counters rises by it: a flood is seen.
SEEN = {"invite": "guard_dropped_flood", "invite-credentials": "guard_dropped_flood", "register": "guard_dropped_flood",
	"register-credentials": "guard_dropped_flood", "inside": "guard_dropped_stray", "bye": "guard_dropped_stray"}


class Sources:
	"""Sockets at one address, or at many of 127.0.0.0/8."""

	def __init__(self, count):
		self.sockets = []
		for n in range(count):
			s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
			s.bind(("127.0.0.66" if count == 1 else f"127.9.{n // 250}.{n % 250 + 1}", 0))
			s.setblocking(False)
			self.sockets.append((s, s.getsockname()[0]))
		self.round = itertools.cycle(self.sockets)

	def send(self, make):
		s, address = next(self.round)
		try:
			s.sendto(make(address), SERVER)
		except (BlockingIOError, ConnectionRefusedError):
			pass

	def close(self):
		for s, _ in self.sockets:
			s.close()


def flood(kind, sources, seconds, per_second):
	"""Sends; returns how many."""
	each, sent, began = Sources(sources), 0, time.monotonic()
	try:
		while (passed := time.monotonic() - began) < seconds:
			while sent < passed * per_second:
				each.send(KINDS[kind])
				sent += 1
			time.sleep(0.002)
	finally:
		each.close()
	return sent


def idle_connections(count):
	"""Opens so many connections that say nothing; returns them."""
	opened = []
	for n in range(count):
		s = socket.socket()
		s.bind((f"127.9.{n // 250}.{n % 250 + 1}", 0))
		s.settimeout(2)
		try:
			s.connect(SERVER)
		except OSError:
			s.close()
			continue
		opened.append(s)
	return opened


def memory(service):
	"""Shared memory in use, and each process's own."""
	return service.rpc("core.shmmem")["real_used"], {row["pid"]: row["real_used"] for row in service.rpc("pkg.stats")}


def memory_came_back(service, before):
	"""Waits for it, as long as the timers take."""
	def look():
		shared, own = memory(service)
		return shared - before[0] < GROWTH and all(own[pid] - before[1][pid] < GROWTH_PRIVATE for pid in before[1])
	eventually("memory comes back", look, 60)
