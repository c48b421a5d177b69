# SPDX-License-Identifier: GPL-2.0-or-later
"""A SIP agent that a test holds in its hand: it registers, calls and answers, one step at a time, over wire.py."""
import ipaddress


from wire import (TIMEOUT, StreamLink, UdpLink, build, credentials, new_branch, new_call_id, new_tag, uri_of,
	user_of)

SDP = "v=0\r\no=- 1 1 IN {family} {host}\r\ns=-\r\nc=IN {family} {host}\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8\r\n"


class Call:
	"""One dialog, seen from one agent. Steps that wait fail if the message does not come."""

	def __init__(self, agent, call_id, local, remote, target):
		self.agent, self.link = agent, agent.link
		self.call_id = call_id
		self.local, self.remote = local, remote  # From and To values of this side's requests, with their tags
		self.target = target                     # R-URI of in-dialog requests
		self.routes = []
		self.cseq = 0
		self.invite = None      # the INVITE received or sent
		self.invite_cseq = None
		self.refused = None     # a final answer that came in place of the challenge
		self.answered = None    # the 2xx to the INVITE

	# -- sending inside the dialog --
	def raw(self, method, cseq, headers=(), body=b"", branch=None):
		a = self.agent
		return build(f"{method} {self.target} SIP/2.0", [("Via", a.via(branch))]
			+ [("Route", r) for r in self.routes]
			+ [("From", self.local), ("To", self.remote), ("Call-ID", self.call_id), ("CSeq", f"{cseq} {method}"),
			("Contact", a.contact()), ("Max-Forwards", "70")] + list(headers), body)

	def send(self, method, headers=(), body=b""):
		self.cseq += 1
		self.link.send(self.raw(method, self.cseq, headers, body))
		return self.cseq

	def request(self, method, headers=(), body=b""):
		"""Sends a request inside the dialog and returns its final answer."""
		cseq = self.send(method, headers, body)
		return self.link.wait(f"final answer to {method}", lambda m: self.answers(m, method, cseq) and m.status >= 200)

	def answers(self, m, method, cseq):
		return not m.is_request and m.call_id == self.call_id and m.method == method and m.cseq == cseq

	def move(self, agent):
		"""The same device goes on from another socket."""
		self.agent, self.link = agent, agent.link

	# -- the caller's side --
	def early(self, answer):
		"""Takes the dialog from a provisional answer."""
		self.remote, self.target = answer.get("to"), uri_of(answer.get("contact"))
		self.routes = list(reversed(answer.values("record-route")))

	def wait_status(self, status, timeout=TIMEOUT):
		low, high = (status, status) if status >= 100 else (status * 100, status * 100 + 99)
		return self.link.wait(f"status {status}", lambda m: self.answers(m, "INVITE", self.invite_cseq)
			and low <= m.status <= high, timeout)

	def final(self, timeout=TIMEOUT, ack=b""):
		"""The final answer to the INVITE, acknowledged (with that body); after a 2xx the dialog is established."""
		m = self.refused or self.link.wait("final answer to INVITE", lambda m: m.status is not None and m.status >= 200
			and self.answers(m, "INVITE", self.invite_cseq), timeout)
		self.remote = m.get("to")
		if m.status >= 300:
			self.link.send(build(f"ACK {self.invite_uri} SIP/2.0", [("Via", self.agent.via(self.invite_branch)),
				("From", self.local), ("To", self.remote), ("Call-ID", self.call_id),
				("CSeq", f"{self.invite_cseq} ACK"), ("Max-Forwards", "70")]))
			return m
		self.answered = m
		self.target = uri_of(m.get("contact"))
		self.routes = list(reversed(m.values("record-route")))
		self.link.send(self.raw("ACK", self.invite_cseq, [("Content-Type", "application/sdp")] if ack else (), ack))
		return m

	def cancel(self):
		self.link.send(build(f"CANCEL {self.invite_uri} SIP/2.0", [("Via", self.agent.via(self.invite_branch)),
			("From", self.local), ("To", self.agent.address(user_of(self.invite_uri), self.domain)),
			("Call-ID", self.call_id), ("CSeq", f"{self.invite_cseq} CANCEL"), ("Max-Forwards", "70")]))
		return self.link.wait("answer to CANCEL", lambda m: self.answers(m, "CANCEL", self.invite_cseq))

	# -- the called side --
	def ring(self, status=180, reason="Ringing", headers=(), body=b""):
		self.link.reply(self.invite, status, reason, [("Contact", self.agent.contact())] + list(headers), body, to_tag=self.tag)

	def answer(self, caller, contact=None):
		"""200; `caller`, the other side of the call, acknowledges it."""
		self.link.reply(self.invite, 200, "OK", [("Contact", contact or self.agent.contact()),
			("Content-Type", "application/sdp")], self.agent.sdp(), to_tag=self.tag)
		final = caller.final()
		assert final.status == 200, final
		return self.expect("ACK", reply=False)

	def reject(self, status, reason="No"):
		self.link.reply(self.invite, status, reason, to_tag=self.tag)
		return self.expect("ACK", reply=False)

	def expect(self, method, reply=True, timeout=TIMEOUT):
		"""A request of this dialog from the other side; answered 200 unless told not to."""
		m = self.link.wait(f"{method} of the call", lambda m: m.is_request and m.method == method
			and m.call_id == self.call_id and m is not self.invite, timeout)
		if reply:
			self.link.reply(m, 200, "OK")
		return m


class Agent:
	"""A number on a socket of its own. `instance` is its +sip.instance; without one its Call-ID and User-Agent name it."""

	def __init__(self, service, number, host="127.0.0.11", port=None, transport="udp", server_port=None, server=None,
			instance=None, user_agent="test-agent/1", password=None, domain=None, link=None):
		self.service, self.number = service, number
		self.password = password if password is not None else service.password(number)
		self.domain = domain or service.domain
		server = (server or (service.address6 if ":" in host else service.address),
			server_port or (5061 if transport == "tls" else 5060))
		self.owns_link = link is None
		self.link = link or (UdpLink(host, server, port) if transport == "udp"
			else StreamLink(host, server, transport == "tls"))
		self.instance, self.user_agent = instance, user_agent
		self.offers = True  # its INVITEs have an SDP
		self.register_call_id, self.register_cseq = new_call_id(), 0
		self.answer_options()

	# -- pieces of messages --
	@property
	def hostport(self):
		host = f"[{self.link.host}]" if ":" in self.link.host else self.link.host
		return f"{host}:{self.link.port}"

	def via(self, branch=None):
		return f"SIP/2.0/{self.link.name} {self.hostport};branch={branch or new_branch()};rport"

	def contact(self, expires=None):
		param = "" if self.link.name == "UDP" else f";transport={self.link.name.lower()}"
		value = f"<sip:{self.number}@{self.hostport}{param}>"
		if self.instance:
			value += f';+sip.instance="<{self.instance}>"'
		return value if expires is None else f"{value};expires={expires}"

	def address(self, user, domain=None):
		return f"<sip:{user}@{domain or self.domain}>"

	def sdp(self):
		v6 = ipaddress.ip_address(self.link.host).version == 6
		return SDP.format(host=self.link.host, family="IP6" if v6 else "IP4")

	# -- keepalives --
	def answer_options(self, inside=True):
		"""Answers OPTIONS by itself; with inside=False only those outside a dialog."""
		def answer(m):
			if inside or not m.tag("to"):
				self.link.reply(m, 200, "OK", to_tag=new_tag())
		self.link.auto["OPTIONS"] = answer

	def fall_silent(self):
		self.link.auto.clear()

	# -- requests outside a dialog --
	def ask(self, method, uri, to, call_id=None, cseq=1, headers=(), body=b"", from_user=None, from_domain=None,
			authenticate=True, user=None):
		"""Sends a request, answers the challenge (unless told not to), returns the final answer."""
		tag, call_id, extra = new_tag(), call_id or new_call_id(), []
		while True:
			self.link.send(build(f"{method} {uri} SIP/2.0", [("Via", self.via()),
				("From", self.address(from_user or self.number, from_domain) + f";tag={tag}"), ("To", to),
				("Call-ID", call_id), ("CSeq", f"{cseq} {method}"), ("Max-Forwards", "70"),
				("User-Agent", self.user_agent)] + list(headers) + extra, body))
			m = self.link.wait(f"final answer to {method}", lambda m: not m.is_request and m.call_id == call_id
				and m.method == method and m.cseq == cseq and m.status >= 200)
			if m.status not in (401, 407) or extra or not authenticate:
				return m
			extra = [self.authorization(m, method, uri, user)]
			cseq += 1

	def authorization(self, challenge, method, uri, user=None):
		name, given = (("Authorization", "www-authenticate") if challenge.status == 401
			else ("Proxy-Authorization", "proxy-authenticate"))
		return name, credentials(challenge.get(given), method, uri, user or self.number, self.password)

	def register(self, expires=300, contact=None, headers=(), authenticate=True, to=None):
		"""REGISTER; returns the final answer. `contact` replaces the Contact header's value."""
		self.register_cseq += 2
		return self.ask("REGISTER", f"sip:{self.domain}", self.address(to or self.number), self.register_call_id,
			self.register_cseq, [("Contact", contact or self.contact()), ("Expires", str(expires))] + list(headers),
			authenticate=authenticate)

	def registered(self):
		"""Registers, and fails unless that is granted; returns self."""
		answer = self.register()
		assert answer.status == 200, answer
		return self

	def message(self, dialled, text="hello", **more):
		return self.ask("MESSAGE", f"sip:{dialled}@{more.pop('domain', self.domain)}", self.address(dialled),
			headers=[("Content-Type", "text/plain")], body=text, **more)

	def deliver(self, other):
		"""A message to `other` that has to arrive: whatever was sent before it would have arrived by then, too."""
		text = new_call_id()
		other.link.auto["MESSAGE"] = lambda m: other.link.reply(m, 200, "OK", to_tag=new_tag())
		answer = self.message(other.number, text)
		assert answer.status == 200, answer
		return other.link.wait("the marker", lambda m: m.is_request and m.method == "MESSAGE" and m.body == text.encode())

	# -- calls --
	def call(self, dialled, domain=None, headers=(), from_user=None, from_domain=None, user=None, contact=None,
			call_id=None, tag=None, cseq=0):
		"""Sends INVITE, answers the challenge, returns the Call; its final answer is to be waited for."""
		domain = domain or self.domain
		uri = f"sip:{dialled}@{domain}"
		c = Call(self, call_id or new_call_id(), self.address(from_user or self.number, from_domain)
			+ f";tag={tag or new_tag()}", self.address(dialled, domain), uri)
		c.invite_uri, c.domain, c.cseq = uri, domain, cseq
		self._invite(c, contact, headers)
		challenge = self.link.wait("challenge", lambda m: c.answers(m, "INVITE", c.cseq) and m.status >= 200)
		if challenge.status != 407:
			c.refused = challenge
			return c
		self._ack_refusal(c, challenge)
		self._invite(c, contact, list(headers) + [self.authorization(challenge, "INVITE", uri, user)])
		return c

	def _invite(self, c, contact, headers):
		c.cseq += 1
		c.invite_cseq, c.invite_branch = c.cseq, new_branch()
		c.invite_raw = build(f"INVITE {c.invite_uri} SIP/2.0", [("Via", self.via(c.invite_branch)), ("From", c.local),
			("To", c.remote), ("Call-ID", c.call_id), ("CSeq", f"{c.cseq} INVITE"),
			("Contact", contact or self.contact()), ("Max-Forwards", "70"), ("User-Agent", self.user_agent),
			("Content-Type", "application/sdp" if self.offers else None)] + list(headers), self.sdp() if self.offers else b"")
		self.link.send(c.invite_raw)

	def _ack_refusal(self, c, m):
		self.link.send(build(f"ACK {c.invite_uri} SIP/2.0", [("Via", self.via(c.invite_branch)), ("From", c.local),
			("To", m.get("to")), ("Call-ID", c.call_id), ("CSeq", f"{c.cseq} ACK"), ("Max-Forwards", "70")]))

	def incoming(self, timeout=TIMEOUT):
		"""The next INVITE that is no part of a call, as a Call."""
		m = self.link.wait("INVITE", lambda m: m.is_request and m.method == "INVITE" and not m.tag("to"), timeout)
		tag = new_tag()
		c = Call(self, m.call_id, m.get("to") + f";tag={tag}", m.get("from"), uri_of(m.get("contact")))
		c.invite, c.tag, c.routes = m, tag, m.values("record-route")
		return c

	def talk(self, other, dialled=None, **more):
		"""A call to `other`, answered; returns both sides of it."""
		mine = self.call(dialled or other.number, **more)
		theirs = other.incoming()
		theirs.answer(mine)
		return mine, theirs

	def close(self):
		if self.owns_link:
			self.link.close()


def between(sender, receiver, method):
	"""A request inside the call from one side to the other, answered 200: that answer as the sender sees it."""
	cseq = sender.send(method, *([("Content-Type", "application/sdp")], sender.agent.sdp()) if method == "INVITE" else ())
	try:
		request = receiver.link.wait(f"{method} at the other side", lambda m: m.is_request and m.method == method
			and m.call_id == receiver.call_id and m.cseq == cseq)
	except AssertionError as lost:
		refusals = [m for m in sender.link.arrived if sender.answers(m, method, cseq)]
		raise AssertionError(f"{lost}; its sender was answered {refusals}") from None
	receiver.link.reply(request, 200, "OK", [("Contact", receiver.agent.contact())]
		+ ([("Content-Type", "application/sdp")] if method == "INVITE" else []),
		receiver.agent.sdp() if method == "INVITE" else b"")
	answer = sender.link.wait(f"answer to {method}", lambda m: sender.answers(m, method, cseq) and m.status >= 200)
	if method == "INVITE" and answer.status == 200:
		sender.link.send(sender.raw("ACK", cseq))
		receiver.link.wait("ACK", lambda m: m.is_request and m.method == "ACK" and m.call_id == receiver.call_id
			and m.cseq == cseq)
	return answer
