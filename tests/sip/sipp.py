# SPDX-License-Identifier: GPL-2.0-or-later
"""sipp as callers and as agents: scenarios made from the templates in scenarios/, results read from its message trace.

An agent of many numbers is one sipp process: one scenario registers each number of a list, and the out-of-call scenario
of the same process (so, of the same port) is the behaviour of all of them.
"""
import itertools
import pathlib
import re
import subprocess
import time

from wire import TIMEOUT, Message, user_of

SCENARIOS = pathlib.Path(__file__).parent / "scenarios"
PROVISIONALS = (100, 180, 181, 182, 183)
REFUSALS = (400, 401, 403, 404, 405, 406, 407, 408, 410, 413, 415, 416, 420, 421, 423, 480, 481, 482, 483, 484, 485, 486,
	487, 488, 489, 491, 493, 500, 501, 502, 503, 504, 505, 513, 600, 603, 604, 606)

VIA = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]-[cseq]"
FROM = "From: <sip:[field0]@@DOMAIN@>;tag=[pid]c[call_number]"
SDP = """Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[local_ip_type] [local_ip]
t=0 0
m=audio 6000 RTP/AVP 8"""
NO_BODY = "Content-Length: 0\n"
REPLY_HEAD = "[last_Via:]\n[last_Record-Route:]\n[last_From:]\n[last_To:];tag=[pid]a[call_number]\n[last_Call-ID:]"


def request(method, uri, to, extra="", contact=True, body=NO_BODY):
	"""The text of a request outside a dialog."""
	return "\n".join(filter(None, [f"{method} {uri} SIP/2.0", VIA, FROM, f"To: {to}", "Call-ID: [call_id]",
		f"CSeq: [cseq] {method}", "Contact: <sip:[field0]@[local_ip]:[local_port]>" if contact else "",
		"Max-Forwards: 70", extra, body]))


def in_dialog(method):
	return "\n".join([f"{method} [next_url] SIP/2.0", VIA, "[routes]", FROM, "[last_To:]", "Call-ID: [call_id]",
		f"CSeq: [cseq] {method}", "Max-Forwards: 70", NO_BODY])


METHOD_HEADERS = {"MESSAGE": "Content-Type: text/plain", "SUBSCRIBE": "Event: presence\nExpires: 60",
	"REFER": "Refer-To: <sip:15000@@DOMAIN@>", "OPTIONS": "Accept: application/sdp"}


def pieces(method=""):
	"""What stands for each @NAME@ of a template."""
	callee = "sip:[field1]@@DOMAIN@"
	ask = METHOD_HEADERS.get(method, "")
	register = lambda extra: request("REGISTER", "sip:@DOMAIN@", "<sip:[field0]@@DOMAIN@>", f"{extra}Expires: 300")
	return {
		"REGISTER": register(""),
		"REGISTER+CREDENTIALS": register("[field1]\n"),
		"INVITE": request("INVITE", callee, f"<{callee}>", body=SDP),
		"INVITE+CREDENTIALS": request("INVITE", callee, f"<{callee}>", "[field2]", body=SDP),
		"METHOD": request(method, callee, f"<{callee}>", ask),
		"METHOD+CREDENTIALS": request(method, callee, f"<{callee}>", f"[field2]\n{ask}"),
		"ACK-REFUSAL": "\n".join([f"ACK {callee} SIP/2.0", "[last_Via:]", FROM, "[last_To:]", "Call-ID: [call_id]",
			"CSeq: [cseq] ACK", "Max-Forwards: 70", NO_BODY]),
		"ACK": in_dialog("ACK"),
		"BYE": in_dialog("BYE"),
		"ANSWER": f"SIP/2.0 200 OK\n{REPLY_HEAD}\n[last_CSeq:]\n"
			f"Contact: <sip:agent@[local_ip]:[local_port]>\n{SDP}",
		"DONE": "\n".join(["SIP/2.0 200 OK", "[last_Via:]", "[last_From:]", "[last_To:]", "[last_Call-ID:]",
			"[last_CSeq:]", NO_BODY]),
		"CANCELLED": f"SIP/2.0 487 Request Terminated\n{REPLY_HEAD}\nCSeq: [last_cseq_number] INVITE\n{NO_BODY}",
		"PROVISIONALS": "\n".join(f'<recv response="{code}" optional="true"/>' for code in PROVISIONALS),
	}


def scenario(name, domain, status="", method=""):
	"""The text of scenarios/<name>.xml with everything put in."""
	text = (SCENARIOS / f"{name}.xml").read_text().replace("@STATUS@", str(status))
	text = re.sub(r"@REFUSALS:(\w+)@", lambda m: "\n".join(
		f'<recv response="{code}" optional="true" next="{m.group(1)}"/>' for code in REFUSALS), text)
	text = re.sub(r"@REPLY:([^@]+)@", lambda m: f"SIP/2.0 {m.group(1)}\n{REPLY_HEAD}\n[last_CSeq:]\n{NO_BODY}", text)
	for key, piece in pieces(method).items():
		text = text.replace(f"@{key}@", piece)
	return text.replace("@DOMAIN@", domain)


def trace(path):
	"""The messages of a sipp trace so far: (True if it was received, Message); Message.at is the time of day."""
	if not path.exists():
		return []
	found = []
	parts = re.split(r"^-{20,} \S+ (\S+)\n", path.read_text(errors="replace"), flags=re.M)
	for at, part in zip(parts[1::2], parts[2::2]):
		head, _, text = part.partition("\n\n")
		text = text.replace("\r\n", "\n")
		if "\n\n" not in text:
			continue  # not wholly written yet, or a keepalive
		message = Message(text.replace("\n", "\r\n").encode())
		message.at = at
		found.append((" received " in head, message))
	return found


class Sipp:
	"""One sipp process in the namespace of the test; `folder` holds its scenario, list and traces."""
	_numbers = itertools.count()
	_ports = itertools.count(20000)

	def __init__(self, service, folder, name, rows, host="127.0.0.12", port=None, transport="u1", serving=None, extra=(),
			**puts):
		self.service = service
		self.base = folder / f"{next(self._numbers):04}-{name}"
		self.host, self.port = host, next(self._ports) if port is None else port
		domain = puts.pop("domain", service.domain)
		self.trace_file = self._file(".trace")
		self._file(".xml").write_text(scenario(name, domain, **puts))
		self._file(".csv").write_text("SEQUENTIAL\n" + "".join(";".join(row) + "\n" for row in rows))
		server = service.address6 if ":" in host else service.address
		command = ["sipp", f"[{server}]:5060" if ":" in host else f"{server}:5060", "-i", host, "-p", str(self.port),
			"-t", transport, "-sf", self._file(".xml"), "-inf", self._file(".csv"), "-m", str(len(rows)), "-r", "200",
			"-nostdin", "-trace_msg", "-message_file", self.trace_file, "-trace_err", "-error_file", self._file(".err"),
			"-cid_str", "%u-%p-" + self.base.name + "@%s",
			"-deadcall_wait", "0"]  # a hunt brings one Call-ID to the same process again and again
		if serving:
			self._file(".serve.xml").write_text(scenario(serving, domain, **puts))
			command += ["-oocsf", self._file(".serve.xml")]
		self.process = subprocess.Popen([str(word) for word in command + list(extra)], stdin=subprocess.DEVNULL,
			stdout=self._file(".out").open("w"), stderr=subprocess.STDOUT, cwd=folder)

	def _file(self, suffix):
		return self.base.with_name(self.base.name + suffix)

	def messages(self, received=None):
		return [m for way, m in trace(self.trace_file) if received is None or way == received]

	def problems(self):
		"""What sipp complained about, for the message of an assertion."""
		return "".join(self._file(suffix).read_text(errors="replace")[-1500:] for suffix in (".err", ".out")
			if self._file(suffix).exists())

	def finish(self, timeout):
		try:
			status = self.process.wait(timeout)
		except subprocess.TimeoutExpired:
			self.stop()
			raise AssertionError(f"sipp still waits after {timeout} s: {self.messages()[-6:]}")
		assert status == 0, f"sipp failed ({status}): {self.problems()} {self.messages()[-6:]}"

	def stop(self):
		if self.process.poll() is None:
			self.process.kill()
		self.process.wait()


def authentication(service, number):
	return f"[authentication username={number} password={service.password(number)}]"


class Agents(Sipp):
	"""Many numbers on one port with one behaviour: answer, refuse (with status=...), ring or silent."""

	def __init__(self, service, folder, numbers, behaviour="answer", status="", **more):
		self.numbers = list(numbers)
		super().__init__(service, folder, "serve", [(n, authentication(service, n)) for n in self.numbers],
			serving=behaviour, status=status, **more)
		self._wait_registered()

	def _wait_registered(self):
		end = time.monotonic() + TIMEOUT + len(self.numbers) / 20
		while time.monotonic() < end:
			granted = [m for m in self.messages(True) if m.status == 200 and m.method == "REGISTER"]
			if len(granted) == len(self.numbers):
				return
			assert self.process.poll() is None, f"sipp ended: {self.problems()} {self.messages()[-4:]}"
			time.sleep(0.02)
		raise AssertionError(f"{len(granted)} of {len(self.numbers)} numbers registered: {self.problems()}")

	def invites(self, call_id):
		"""The INVITEs of the call, the first one to each number; `number` is whom it is for."""
		found = {}
		for m in self.requests(call_id):
			m.number = user_of(m.uri)
			if m.method == "INVITE":
				found.setdefault(m.number, m)
		return list(found.values())

	def invited(self, call_id):
		return [m.number for m in self.invites(call_id)]

	def requests(self, call_id):
		return [m for m in self.messages(True) if m.is_request and m.call_id == call_id]


class Outcome:
	"""What came of a request placed by sipp."""

	def __init__(self, sipp):
		finals = [m for m in sipp.messages(True) if not m.is_request and m.status >= 200 and m.status not in (401, 407)
			and m.method != "BYE"]
		assert finals, f"no final answer: {sipp.messages()[-6:]} {sipp.problems()}"
		self.final = finals[-1]
		self.code, self.reason, self.rule = self.final.status, self.final.reason, self.final.rule
		self.call_id = self.final.call_id
		self.sipp = sipp


def place(service, folder, name, row, timeout=20, **more):
	"""Runs a one-call scenario to its end."""
	sipp = Sipp(service, folder, name, [row], **more)
	sipp.finish(timeout)
	return Outcome(sipp)


def call(service, folder, caller, dialled, **more):
	return place(service, folder, "call", (caller, dialled, authentication(service, caller)), **more)


def request_of(service, folder, caller, dialled, method, **more):
	return place(service, folder, "method", (caller, dialled, authentication(service, caller), method), method=method,
		**more)


def register(service, folder, number, **more):
	return place(service, folder, "register", (number, authentication(service, number)), **more)
