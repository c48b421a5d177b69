# SPDX-License-Identifier: GPL-2.0-or-later
"""Agents with media: those of tests/sip, each with a socket for RTP, and ears that know whose packets they hear."""
import contextlib
import ipaddress
import itertools
import re
import socket
import threading
import time

from agent import Agent

SDP = ("v=0\r\no=- 1 1 IN {family} {host}\r\ns=-\r\nc=IN {family} {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP 8\r\n"
	"a=rtpmap:8 PCMA/8000\r\n{direction}")
_ssrc = itertools.count(0x51000000)
_ports = itertools.count(20000, 2)  # none that the kernel or a relay gives out


def where(sdp):
	"""(host, port) where an SDP wants the audio, the medium's own c= first."""
	text = sdp.decode() if isinstance(sdp, bytes) else sdp
	head, _, media = text.partition("m=audio ")
	host = re.search(r"(?m)^c=IN IP[46] (\S+)", media) or re.search(r"(?m)^c=IN IP[46] (\S+)", head)
	return host.group(1), int(media.split()[0])


class Phone(Agent):
	"""An agent whose SDP tells the truth. `direction`: what its SDPs say, as "a=sendonly"; media_host: offered in the place of its own."""

	def __init__(self, service, number, host="127.0.0.11", media_host=None, **more):
		super().__init__(service, number, host=host, **more)
		self.direction, self.media_host = "", media_host
		self.rtp = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
		self.rtp.bind((host, next(_ports)))
		self.rtp.setblocking(False)
		self.ssrc, self.sequence, self.peer = next(_ssrc), 0, None

	def sdp(self):
		host = self.media_host or self.link.host
		return SDP.format(host=host, family="IP6" if ipaddress.ip_address(host).version == 6 else "IP4",
			port=self.rtp.getsockname()[1], direction=self.direction and self.direction + "\r\n")

	def talks_to(self, sdp):
		"""From now on it sends to where that SDP says; returns that."""
		self.peer = where(sdp)
		return self.peer

	def send(self, count=1):
		for _ in range(count):
			self.sequence += 1
			packet = b"\x80\x08" + self.sequence.to_bytes(2, "big") + (self.sequence * 160).to_bytes(4, "big") \
				+ self.ssrc.to_bytes(4, "big") + bytes(160)
			self.rtp.sendto(packet, self.peer)

	def drain(self):
		"""The SSRCs of all that has arrived."""
		found = set()
		try:
			while True:
				packet = self.rtp.recv(2048)
				found.add(int.from_bytes(packet[8:12], "big"))
		except BlockingIOError:
			return found

	def close(self):
		super().close()
		self.rtp.close()


def converse(one, other, seconds=5, each=True):
	"""Both send, until each hears the other; returns whether that came."""
	heard, end = [set(), set()], time.monotonic() + seconds
	while time.monotonic() < end:
		one.send()
		other.send()
		time.sleep(0.01)
		heard[0] |= one.drain()
		heard[1] |= other.drain()
		both = other.ssrc in heard[0], one.ssrc in heard[1]
		if all(both) or (not each and any(both)):
			return True
	return False


@contextlib.contextmanager
def speaking(*phones):
	"""They send all the time meanwhile, so that no relay takes the call for silent."""
	done = threading.Event()

	def speak():
		while not done.wait(0.1):
			for one in phones:
				one.send()
	thread = threading.Thread(target=speak, daemon=True)
	thread.start()
	try:
		yield
	finally:
		done.set()
		thread.join()
