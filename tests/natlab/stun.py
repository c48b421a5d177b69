# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks what a NAT does: the behaviour discovery of RFC 5780, against a STUN server with two addresses and two ports.

	discover("198.51.100.10", "198.51.100.11", source=("192.168.1.11", 10000))
	Behaviour(mapped=('203.0.113.20', 10000), kept=True, mapping='independent', filtering='port')

mapping    independent  the same outside address and port towards every destination
           dependent    another one for each
           walled       the second address answers nothing: no telling
filtering  independent  lets in anybody
           address      the addresses that were written to
           port         the addresses and ports that were written to"""

import os
import socket
import struct
import sys
from typing import NamedTuple

PORT, OTHER_PORT = 3478, 3479
COOKIE = 0x2112A442
BINDING, RESPONSE = 0x0001, 0x0101
CHANGE_REQUEST, XOR_MAPPED = 0x0003, 0x0020
CHANGE_ADDRESS, CHANGE_PORT = 4, 2
WAIT_S, TRIES = 0.3, 2


class Behaviour(NamedTuple):
	mapped: tuple  # (address, port), None: no answer at all
	kept: bool  # the outside port is the inside one
	mapping: str
	filtering: str


def ask(sock, server, change=0, wait=WAIT_S):
	"""((mapped address, port), who answered), or (None, None)."""
	attributes = struct.pack("!HHI", CHANGE_REQUEST, 4, change) if change else b""
	for _ in range(TRIES):
		transaction = os.urandom(12)
		sock.sendto(struct.pack("!HHI", BINDING, len(attributes), COOKIE) + transaction + attributes, server)
		sock.settimeout(wait)
		try:
			while True:
				answer, sender = sock.recvfrom(2048)
				if answer[:2] == struct.pack("!H", RESPONSE) and answer[8:20] == transaction:
					return _mapped(answer), sender
		except (TimeoutError, ConnectionError):
			continue
	return None, None


def _mapped(answer):
	at = 20
	while at + 4 <= len(answer):
		kind, size = struct.unpack_from("!HH", answer, at)
		if kind == XOR_MAPPED:
			_, _, port, address = struct.unpack_from("!BBHI", answer, at + 4)
			return socket.inet_ntoa(struct.pack("!I", address ^ COOKIE)), port ^ COOKIE >> 16
		at += 4 + (size + 3) // 4 * 4
	return None


def _socket(source):
	sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	sock.bind(source)
	return sock


def discover(server, second, source):
	"""What is between `source` (address, port) and the internet. The port after it is used too."""
	address, port = source
	with _socket(source) as sock:
		mapped, _ = ask(sock, (server, PORT))
		second_mapped, _ = ask(sock, (second, PORT)) if mapped else (None, None)
	with _socket((address, port + 1)) as sock:  # a fresh one: it has written to nobody yet
		filtering = _filtering(sock, server, second)
	mapping = "walled" if second_mapped is None else "independent" if second_mapped == mapped else "dependent"
	return Behaviour(mapped, bool(mapped) and mapped[1] == port, mapping, filtering)


def _filtering(sock, server, second):
	ask(sock, (server, PORT))
	_, sender = ask(sock, (server, PORT), CHANGE_ADDRESS | CHANGE_PORT)
	if sender == (second, OTHER_PORT):
		return "independent"
	_, sender = ask(sock, (server, PORT), CHANGE_PORT)
	return "address" if sender == (server, OTHER_PORT) else "port"


if __name__ == "__main__":
	print(discover(sys.argv[1], sys.argv[2], (sys.argv[3], int(sys.argv[4]))))
