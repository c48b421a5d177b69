# SPDX-License-Identifier: GPL-2.0-or-later
"""Agents that take an OPTIONS as not all agents do. The real agent never sees one: its machine drops them, and what is here
answers in its place, from the agent's own SIP port.

	mute   nothing is answered                       404, 405, 501  that is the answer; it goes where it should
	nomaddr  the Via's maddr means nothing to it     noport  the Via's port neither: back to the port that it came from
	flow   neither does: the answer goes where the request came from"""

import contextlib
import os
import re
import select
import socket
import struct
import threading
from typing import NamedTuple

REASONS = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 501: "Not Implemented"}
ETH_P_IP = 0x0800
DROP = """table ip manners {{
	chain input {{
		type filter hook input priority filter;
		udp dport {port} @th,64,64 0x4f5054494f4e5320 drop comment "OPTIONS, and a space"
	}}
}}
"""


class Manner(NamedTuple):
	status: int = 200  # 0: no answer
	maddr: bool = True
	port: bool = True  # is the Via's port honoured, where it has no rport?


MANNERS = {"mute": Manner(status=0), "404": Manner(404), "405": Manner(405), "501": Manner(501), "nomaddr": Manner(maddr=False),
	"noport": Manner(port=False), "flow": Manner(maddr=False, port=False)}


def answer(manner, request, source):
	"""(text, where to) of what a request from `source` (address, port) is answered; None: nothing."""
	head = re.split(r"\r?\n\r?\n", request, maxsplit=1)[0]
	lines = re.split(r"\r?\n", re.sub(r"\r?\n[ \t]+", " ", head))[1:]
	vias = [line for line in lines if re.match(r"(?i)(via|v)\s*:", line)]
	top = vias and re.match(r"(?i)\w+\s*:\s*SIP/2\.0/UDP\s+([^\s;:,]+)(?::(\d+))?([^,]*)", vias[0])
	if not manner.status or not top:
		return None
	asked, maddr = re.search(r"(?i);\s*rport\b", top[3]), re.search(r"(?i);\s*maddr=([\d.]+)", top[3])
	port = source[1] if asked or not manner.port else int(top[2] or 5060)
	vias[0] = re.sub(r"(?i);\s*rport\b(?!=)", f";rport={source[1]}", vias[0]) + f";received={source[0]}"
	kept = vias + [line for line in lines if re.match(r"(?i)(from|f|call-id|i|cseq)\s*:", line)]
	kept += [line + (";tag=manners" if ";tag=" not in line else "") for line in lines if re.match(r"(?i)(to|t)\s*:", line)]
	text = [f"SIP/2.0 {manner.status} {REASONS[manner.status]}", *kept, "Content-Length: 0", "", ""]
	return "\r\n".join(text).encode(), (maddr[1] if maddr and manner.maddr else source[0], port)


def _taken(packet, port):
	"""(text, source) of an OPTIONS for that port in an IPv4 packet, else None."""
	header = (packet[0] & 15) * 4
	if packet[9] != socket.IPPROTO_UDP or len(packet) < header + 8:
		return None
	source_port, to_port, size = struct.unpack_from("!HHH", packet, header)
	body = packet[header + 8 : header + size]
	if to_port != port or not body.startswith(b"OPTIONS "):
		return None
	return body.decode("utf-8", "replace"), (socket.inet_ntoa(packet[12:16]), source_port)


def _packet(body, source, target):
	"""An IPv4 packet; the kernel fills in what is left at 0, and UDP may go without its sum."""
	addresses = socket.inet_aton(source[0]) + socket.inet_aton(target[0])
	udp = struct.pack("!HHHH", source[1], target[1], 8 + len(body), 0) + body
	return struct.pack("!BBHHHBBH", 0x45, 0, 0, 0, 0, 64, socket.IPPROTO_UDP, 0) + addresses + udp


@contextlib.contextmanager
def minded(host, name):
	"""While this lasts, the agent on that machine has that manner (a name of MANNERS; "": its own)."""
	if not name:
		yield
		return
	host.net.nft(DROP.format(port=host.sip_port))
	with host.net.inside():
		tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP))
		out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
	end, wake = os.pipe()
	thread = threading.Thread(target=_serve, args=(MANNERS[name], host, tap, out, end), daemon=True)
	thread.start()
	try:
		yield
	finally:
		os.close(wake)
		thread.join()
		os.close(end)
		tap.close()
		out.close()


def _serve(manner, host, tap, out, end):
	"""Until the other end of the pipe `end` is closed."""
	while tap in select.select([tap, end], [], [])[0]:
		request = _taken(tap.recv(65535), host.sip_port)
		answered = request and answer(manner, *request)
		if answered:
			body, target = answered
			with contextlib.suppress(OSError):  # whoever asks for an answer at an impossible address has none
				out.sendto(_packet(body, (host.address, host.sip_port), target), (target[0], 0))
