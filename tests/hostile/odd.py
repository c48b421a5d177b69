# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests written out byte by byte, as no agent of tests/sip would write them, and what the service made of them.

In the text of an Odd these words stand for something that changes with each sending: $BRANCH, $TAG, $CALL, $CSEQ, $HERE (the
sender's address and port) and $AUTH, a whole line of credentials, which is left out as long as nobody has asked for them.
"""
import re

from wire import TIMEOUT, build, credentials, new_branch, new_call_id, new_tag

DOMAIN = "sip.example.com"
CALLER, CALLEE = "45675001", "45675002"
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.11\r\ns=-\r\nc=IN IP4 127.0.0.11\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8\r\n"
LINES = {
	"request": "INVITE sip:45675002@sip.example.com SIP/2.0", "via": "Via: SIP/2.0/UDP $HERE;branch=$BRANCH;rport",
	"hops": "Max-Forwards: 70", "from_": "From: <sip:45675001@sip.example.com>;tag=$TAG",
	"to": "To: <sip:45675002@sip.example.com>", "call": "Call-ID: $CALL", "cseq": "CSeq: $CSEQ INVITE",
	"contact": "Contact: <sip:45675001@$HERE>", "auth": "$AUTH", "more": None, "type": "Content-Type: application/sdp",
	"length": "Content-Length: %d",
}


def as_bytes(text):
	return text if isinstance(text, bytes) else text.encode()


def text(body=SDP, **changed):
	"""An INVITE of CALLER to CALLEE, with other lines where any are named (None: without that line)."""
	lines = [as_bytes(line) for name, line in {**LINES, **changed}.items() if line is not None]
	body = as_bytes(body)
	return b"\r\n".join(lines).replace(b"%d", str(len(body)).encode(), 1) + b"\r\n\r\n" + body


def other(method, body="", type=None, **changed):
	"""The same as a request of another method, without a body."""
	lines = {"request": f"{method} sip:{CALLEE}@{DOMAIN} SIP/2.0", "cseq": f"CSeq: $CSEQ {method}", "type": type}
	return text(body, **{**lines, **changed})


def register(**changed):
	return other("REGISTER", **{"request": f"REGISTER sip:{DOMAIN} SIP/2.0", "to": f"To: <sip:{CALLER}@{DOMAIN}>", **changed})


class Odd:
	"""One such request of an agent; the answers to it are found by its Call-ID."""

	def __init__(self, sender, template, uri=None, method=None, call_id=None):
		self.sender, self.link, self.template = sender, sender.link, as_bytes(template)
		self.method = method or self.template.split(None, 1)[0].decode("latin-1")
		self.uri = uri or self.template.split(None, 2)[1].decode("latin-1")
		self.call_id, self.tag, self.cseq = call_id or new_call_id(), new_tag(), 1

	def raw(self, auth=None):
		raw = self.template.replace(b"$AUTH\r\n", b"%s: %s\r\n" % (auth[0].encode(), auth[1].encode()) if auth else b"")
		for word, value in (("$BRANCH", new_branch()), ("$TAG", self.tag), ("$CALL", self.call_id), ("$CSEQ", str(self.cseq)),
				("$HERE", self.sender.hostport)):
			raw = raw.replace(word.encode(), value.encode())
		return raw

	def send(self, auth=None):
		self.link.send(self.raw(auth))

	def mine(self, m):
		return not m.is_request and m.call_id == self.call_id

	def wait(self, timeout=TIMEOUT):
		return self.link.wait(f"answer to {self.template[:60]}", lambda m: self.mine(m) and m.status >= 200
			and (m.cseq == self.cseq or b"$CSEQ" not in self.template), timeout)

	def final(self):
		"""Sends it, answers the challenge, returns the final answer; refusals of an INVITE are acknowledged."""
		self.send()
		m = self.wait()
		self._acknowledge(m)
		if m.status in (401, 407):
			self.cseq += 1
			self.send(self.signed(m))
			m = self.wait()
			self._acknowledge(m)
		return m

	def signed(self, challenge):
		name, given = (("Authorization", "www-authenticate") if challenge.status == 401
			else ("Proxy-Authorization", "proxy-authenticate"))
		return name, credentials(challenge.get(given), self.method, self.uri, self.sender.number, self.sender.password)

	def _acknowledge(self, m):
		if m.method != "INVITE" or m.status < 300:
			return
		via = re.sub(r";(?:received|rport)=[^;]*", "", m.values("via")[0])
		self.link.send(build(f"ACK {self.uri} SIP/2.0", [("Via", via), ("From", m.get("from")), ("To", m.get("to")),
			("Call-ID", m.call_id), ("CSeq", f"{m.cseq} ACK"), ("Max-Forwards", "70")]))


def obliging(callee):
	"""The callee takes whatever comes: a call is busy, all else is 200."""
	def answer(m):
		callee.link.reply(m, *((486, "Busy Here") if m.method == "INVITE" else (200, "OK")), to_tag=new_tag())
	for method in ("INVITE", "MESSAGE", "OPTIONS", "SUBSCRIBE", "REFER"):
		callee.link.auto[method] = answer
	return callee


def at(callee, odd):
	"""What arrived of it at the callee."""
	return [m for m in callee.link.requests(odd.method) if m.call_id == odd.call_id]


def outcome(odd, callee):
	""""routed" if it reached the callee and the callee's answer came back, else the answer: "400 bad-request", "200 -"."""
	obliging(callee)
	m = odd.final()
	arrived = at(callee, odd)
	if not arrived:
		return f"{m.status} {m.rule}"
	assert m.status == (486 if odd.method == "INVITE" else 200) and m.rule == "-", m
	return "routed"


def silent(odd, callee):
	"""No answer, and nothing at the callee: what was sent behind it has been answered."""
	odd.send()
	for _ in range(2):
		odd.sender.deliver(callee)
	return not [m for m in odd.link.arrived if odd.mine(m)] and not at(callee, odd)
