# SPDX-License-Identifier: GPL-2.0-or-later
"""Traces: what `aetactl trace NUMBER` writes is the whole SIP of that number and nothing else, without its secrets."""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import pytest
from agent import between
from children import freeze, thaw
from service import ROOT, RpcError, eventually
from wire import build, new_call_id, new_tag

sys.path.append(str(ROOT / "tests/ctl"))
from aetactl import Ctl  # noqa: E402

SECRET = rb'(?:response|cnonce)="([^"]+)"'


def hidden(raw):
	"""A message that an agent sent, as a trace may show it."""
	def masked(found):
		return re.sub(rb'\b((?:response|cnonce|nonce)=)("[^"]*")', lambda m: m[1] + b"x" * len(m[2]), found[0])
	raw = re.sub(rb"(?mi)^(?:proxy-)?authorization:.*$", masked, raw)
	head, end, body = raw.partition(b"\r\n\r\n")
	return head + end + (body if b"application/sdp" in head else re.sub(rb"[^\r\n]", b"x", body))


class Tap:
	"""Everything that an agent sends and receives from now on, in order."""

	def __init__(self, agent):
		self.agent, self.sent, self.before = agent, [], len(agent.link.arrived)
		send = agent.link.send

		def tapped(raw, *to):
			self.sent.append(raw)
			send(raw, *to)
		agent.link.send = tapped

	def received(self):
		"""Without the keepalives of registrations, which siptrace does not see."""
		return [m.raw for m in self.agent.link.arrived[self.before:] if "keepalive@" not in (m.get("from") or "")]

	def secrets(self):
		return {secret for raw in self.sent for secret in re.findall(SECRET, raw)}


class Tracer:
	"""aetactl trace, running."""

	def __init__(self, service, ctl, number, folder, *arguments):
		self.service, self.number = service, number
		self.process = subprocess.Popen(ctl.command("--json", "trace", number, "--out", folder, *arguments),
			stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
		eventually(f"{number} is traced", self.runs)

	def runs(self):
		assert self.process.poll() is None, self.process.stderr.read()
		return self.number in tracing(self.service) and self.service.rpc("siptrace.status", "check") == "Enabled"

	def finish(self):
		"""Ctrl-C; its result."""
		self.process.send_signal(signal.SIGINT)
		out, self.err = self.process.communicate(timeout=30)
		assert self.process.returncode == 0, self.err
		return Result(out)

	def __enter__(self):
		return self

	def __exit__(self, *_):
		if self.process.poll() is None:
			self.process.kill()
			self.process.wait()
		stop(self.service, self.number)


class Result:
	"""What it said, and the files that it wrote."""

	def __init__(self, out):
		self.json = json.loads(out)
		self.text, self.pcap = pathlib.Path(self.json["text"]), pathlib.Path(self.json["pcap"])

	def packets(self, *fields):
		"""What tshark reads: a list of these fields for each packet; every one must be whole, and decoded as SIP."""
		def read(*arguments):
			done = subprocess.run(["tshark", "-r", self.pcap, "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
				*arguments], capture_output=True, text=True, check=True)
			return done.stdout.splitlines()
		bad = read("-Y", "_ws.malformed or not sip or ip.checksum.status == 0 or udp.checksum.status == 0")
		assert bad == []
		return [line.split("\t") for line in read("-T", "fields", *(f"-e{field}" for field in ("frame.number", *fields)))]


def tracing(service):
	return {t["number"] for t in service.rpc("aeta.traces")["traces"] if t["left_s"] > 0}


def stop(service, number):
	try:
		service.rpc("aeta.trace_end", number)
	except RpcError:
		pass


def rows(service, number):
	"""(direction, address of the agent, message) of all that is stored of a number, in order; when all is written."""
	eventually("everything is written", lambda: service.rpc("aeta.traces")["waiting"] == 0)
	found = service.sql(f"SELECT direction, IF(direction = 'in', fromip, toip), HEX(msg) FROM sip_trace "
		f"WHERE traced_user = '{number}' ORDER BY time_stamp, time_us, id")
	return [(way, agent, bytes.fromhex(message)) for way, agent, message in found]


def until(service, number, method, count):
	"""rows(), when there are `count` requests and answers of that method."""
	def enough():
		found = rows(service, number)
		return found if sum(b"CSeq: " in raw and method in re.search(rb"CSeq: .*", raw)[0] for _, _, raw in found) >= count else None
	return eventually(f"{count} messages of {method}", enough)


@pytest.fixture(autouse=True)
def unharmed_unless_restarted(request):
	if request.function is not test_old_messages_go:
		request.getfixturevalue("unharmed")


@pytest.fixture(autouse=True)
def nothing_stored(service):
	service.sql("DELETE FROM sip_trace; DELETE FROM aeta_audit")


@pytest.fixture
def ctl(service, tmp_path):
	made = Ctl(tmp_path, service.db)
	made.configure(rpc_socket=service.folder / "kamailio_rpc.sock")
	return made


@pytest.fixture
def trace(service, ctl, tmp_path):
	"""trace(number, ...): aetactl trace in the background; ended after the test."""
	started = []

	def start(number, *arguments):
		started.append(Tracer(service, ctl, number, tmp_path, *arguments))
		return started[-1]
	yield start
	for one in started:
		one.__exit__()


def in_order(messages):
	"""Messages in their order, and then ACKs: what follows an ACK at once may be read by another worker before it."""
	return sorted(messages, key=lambda raw: raw.startswith(b"ACK "))


def same(service, number, *taps):
	"""What is stored of `number` is what these agents sent, in its order, and received, and nothing else."""
	whole = sum(len(tap.sent) + len(tap.received()) for tap in taps)
	# siptrace sees a message after it was sent, so the agent may have it already
	eventually("all that the agents saw is stored", lambda: len(rows(service, number)) >= whole)
	stored = rows(service, number)
	for tap in taps:
		address = f"{tap.agent.link.name.lower()}:{tap.agent.hostport}"
		mine = [(way, raw) for way, agent, raw in stored if agent == address]
		assert in_order(raw for way, raw in mine if way == "in") == in_order(hidden(raw) for raw in tap.sent)
		# a message is traced when it has been sent: by then another worker may have sent and traced the next one
		assert sorted(raw for way, raw in mine if way == "out") == sorted(hidden(raw) for raw in tap.received())
	assert len(stored) == whole
	return stored


def test_everything_of_one_number(service, agent, trace):
	"""A wrong password, a registration, a call with hold and BYE, a refused call, a scanner: all of it is in the trace, in
	order; no proof of a password is anywhere; tshark reads it; the traffic of others is not in it."""
	caller, callee, scanner = agent("45675001"), agent("45675002").registered(), agent("45675001")
	others = agent("45995002").registered(), agent("45995005").registered()
	running = trace("45675001")
	taps = Tap(caller), Tap(callee), Tap(scanner)
	caller.password = "wrong"
	assert caller.register().status in (401, 403)
	caller.password = service.password("45675001")
	assert caller.register().status == 200
	mine, theirs = caller.talk(callee, "5002")
	assert between(mine, theirs, "INVITE").status == 200
	for one in others:
		assert one.register().status == 200
	there, back = others[0].talk(others[1], "5005")
	assert between(back, there, "BYE").status == 200
	assert between(theirs, mine, "BYE").status == 200
	assert caller.call("45675999").final().status == 404
	scanner.link.send(build("OPTIONS sip:100@sip.example.com SIP/2.0", [("Via", scanner.via()), ("From",
		f'"sipvicious" <sip:45675001@1.1.1.1>;tag={new_tag()}'), ("To", '"sipvicious" <sip:100@1.1.1.1>'),
		("Call-ID", new_call_id()), ("CSeq", "1 OPTIONS"), ("User-Agent", "friendly-scanner"), ("Max-Forwards", "70")]))
	assert caller.register().status == 200  # by now the scanner's is through
	stored = same(service, "45675001", *taps)
	result = running.finish()

	assert result.json["messages"] == len(stored) and result.json["lost"] == 0
	secrets = taps[0].secrets()
	assert len(secrets) >= 10
	places = [result.text.read_bytes(), result.pcap.read_bytes(), (service.folder / "kamailio.log").read_bytes(),
		*(raw for _, _, raw in stored), running.err.encode()]
	assert not [secret for secret in secrets for place in places if secret in place]

	seen = result.packets("sip.Call-ID", "sip.Method", "sip.Status-Code")
	assert len(seen) == len(stored)
	assert {"REGISTER", "INVITE", "ACK", "BYE", "OPTIONS"} <= {packet[2] for packet in seen}
	assert {"401", "407", "100", "200", "404"} <= {packet[3] for packet in seen}
	text = result.text.read_text()
	assert len(re.findall(r"(?m)^ *\d+  \d\d:\d\d:\d\d\.\d{6}  .* (?:-->|<--) :50[67]0 ", text)) == len(stored)
	assert "INVITE sip:5002@sip.example.com" in text and "404 Unknown number" in text and "friendly-scanner" in text
	assert "45995002" not in text and "45995005" not in text
	assert [os.stat(file).st_mode & 0o777 for file in (result.text, result.pcap)] == [0o600, 0o600]


def test_the_audit_names_who_and_what(service, trace, ctl):
	running = trace("45675001", "--minutes", "7")
	ctl.refused("is traced already", "trace", "45675001")
	running.finish()
	ctl.ok("trace", "write", "45675001", "--out", ctl.config.parent / "..", env={**os.environ, "SSH_CONNECTION": "192.0.2.7 1 2 3"})
	found = service.sql("SELECT action, object, detail, who <> '', from_where FROM aeta_audit ORDER BY id")
	assert [row[0] for row in found] == ["trace start", "trace start", "trace read", "trace read"]
	assert found[0][1:4] == ["45675001", "for 7 min", "1"] and found[0][4] == os.uname().nodename
	assert found[-1][4] == os.uname().nodename + ", ssh from 192.0.2.7"


def test_a_hunt_that_rings_it(service, agent, trace):
	"""From the moment that the hunt rings this member, with the caller's side of it; not the other member's."""
	caller = agent("45675001").registered()
	first, second = agent("45676001").registered(), agent("45676002")
	# its Contact does not say its number
	assert second.register(contact=f"<sip:studio@{second.hostport}>").status == 200
	running = trace("45676002")
	mine = caller.call("6000")
	first.incoming().reject(486)
	theirs = second.incoming()
	theirs.answer(mine)
	assert between(mine, theirs, "BYE").status == 200
	stored = until(service, "45676002", b"BYE", 4)
	result = running.finish()
	to_first = [raw for _, peer, raw in stored if peer.endswith(first.hostport)]
	again = len(first.link.requests("INVITE")) - 1  # on a busy machine tm may send it once more while the hunt goes on
	assert len(to_first) <= again and all(raw.startswith(b"INVITE ") for raw in to_first)
	to_second = [raw.split()[0] for way, peer, raw in stored if way == "out" and peer.endswith(second.hostport)]
	assert to_second == [b"INVITE", b"ACK", b"BYE"]
	to_caller = [raw.split(b" ")[1] for way, peer, raw in stored if way == "out" and peer.endswith(caller.hostport)]
	assert to_caller == [b"200", b"200"]
	assert len(result.packets()) == len(stored)


def test_two_at_once_and_the_end(service, agent):
	"""Both parties of a call are traced: each has all of it. A trace ends by itself, and then siptrace is off."""
	caller, callee = agent("45675001").registered(), agent("45675002").registered()
	service.rpc("aeta.trace", "45675001", 3600)
	service.rpc("aeta.trace", "45675002", 3)
	service.rpc("siptrace.status", "on")
	try:
		taps = Tap(caller), Tap(callee)
		mine, theirs = caller.talk(callee)
		assert between(mine, theirs, "BYE").status == 200
		assert same(service, "45675001", *taps) == same(service, "45675002", *taps)
		eventually("the shorter one ends", lambda: tracing(service) == {"45675001"})
		caller.deliver(callee)
		assert same(service, "45675001", *taps)
		assert len(rows(service, "45675002")) < len(rows(service, "45675001"))
	finally:
		stop(service, "45675001")
	eventually("siptrace is off", lambda: service.rpc("siptrace.status", "check") == "Disabled", 15)
	before = len(rows(service, "45675001"))
	caller.deliver(callee)
	assert len(rows(service, "45675001")) == before


def test_from_the_middle_of_a_call(service, agent, trace):
	"""It was dialled short, so no message of the call names the number; all that comes from now on is in the trace."""
	caller, callee = agent("45675001").registered(), agent("45675002").registered()
	mine, theirs = caller.talk(callee, "5002")
	trace("45675002")
	taps = Tap(caller), Tap(callee)
	assert between(theirs, mine, "INVITE").status == 200
	assert between(mine, theirs, "BYE").status == 200
	same(service, "45675002", *taps)


def test_our_own_requests_are_in_it(service, agent, trace):
	"""The BYEs by which the service ends a call to the test codec."""
	caller, codec = agent("45675001").registered(), agent("15000").registered()
	running = trace("45675001")
	mine, theirs = caller.talk(codec)
	mine.expect("BYE", timeout=15)
	theirs.expect("BYE", timeout=15)
	# each of the two: sent to ourselves, read by us, sent to the agent; and as many answers
	stored = until(service, "45675001", b"BYE", 12)
	running.finish()
	to = [peer for way, peer, raw in stored if way == "out" and raw.startswith(b"BYE")]
	assert f"udp:{caller.hostport}" in to and f"udp:{codec.hostport}" in to
	seals = re.findall(rb"X-Aeta-Own: *([^\r]*)", b"".join(raw for _, _, raw in stored))
	assert seals and not [seal for seal in seals if seal.strip(b"x")]


@pytest.mark.parametrize("transport, host", [("tcp", "127.0.0.12"), ("tls", "127.0.0.12"), ("udp", "::1"), ("tcp", "::1")])
def test_transports_and_strange_bytes(service, agent, trace, transport, host):
	"""Any transport, any bytes; the text of a message is nobody's business."""
	caller, callee = agent("45675001", transport=transport, host=host), agent("45675002").registered()
	running = trace("45675001")
	tap = Tap(caller)
	answer = caller.ask("MESSAGE", "sip:45675001@sip.example.com", caller.address("45675001"), body="my secret",
		headers=[("Content-Type", "text/plain"), ("Subject", "na\u00efve \u001b[31m")])
	assert answer.status == 480
	raw = build("OPTIONS sip:45675001@sip.example.com SIP/2.0", [("Via", caller.via()), ("From", caller.address("45675001") +
		f";tag={new_tag()}"), ("To", caller.address("45675001")), ("Call-ID", new_call_id()), ("CSeq", "1 OPTIONS"),
		("Max-Forwards", "70")]).replace(b"Max-Forwards", b"Subject: \xe9\x00\xff\r\nMax-Forwards")
	caller.link.send(raw)
	caller.link.wait("an answer", lambda m: m.method == "OPTIONS" and m.status)
	stored = same(service, "45675001", tap)
	result = running.finish()
	assert raw in [message for _, _, message in stored]
	assert len(result.packets()) == len(stored) == 6
	text = result.text.read_bytes()
	assert b"my secret" not in text and rb"Subject: \xe9\x00\xff" in text and b"\x1b" not in text
	assert callee.link.requests("MESSAGE") == []


def ask_to_register(agent):
	"""Sends a REGISTER without credentials; its Call-ID."""
	call_id = new_call_id()
	agent.link.send(build(f"REGISTER sip:{agent.domain} SIP/2.0", [("Via", agent.via()),
		("From", f"{agent.address(agent.number)};tag={new_tag()}"), ("To", agent.address(agent.number)), ("Call-ID", call_id),
		("CSeq", "1 REGISTER"), ("Max-Forwards", "70"), ("Contact", agent.contact())]))
	return call_id


def test_a_database_that_hangs_holds_nobody(service, agent, trace):
	"""Challenges need no database; they come while the trace cannot be written, and are written when it can."""
	one = agent("45675001")
	running = trace("45675001")
	tap = Tap(one)
	begin = time.monotonic()
	freeze(service.db.process)
	try:
		for asked in [ask_to_register(one) for _ in range(20)]:
			assert one.link.wait("its challenge", lambda m, call_id=asked: m.call_id == call_id and not m.is_request).status == 401
		assert service.rpc("aeta.traces")["waiting"] > 0
	finally:
		thaw(service.db.process)
	hung = time.monotonic() - begin
	seen = {("in", hidden(raw)) for raw in tap.sent} | {("out", hidden(raw)) for raw in tap.received()}
	assert len(seen) == 40

	def stored():
		return [(way, raw) for way, _, raw in rows(service, "45675001")]

	def lost():
		return next(t["lost"] for t in service.rpc("aeta.traces")["traces"] if t["number"] == "45675001")
	# siptrace sees a message after it was sent, so the agent may have it before it is in the queue
	eventually("all is written, or counted as lost", lambda: len(set(stored())) + lost() >= 40, 30)
	assert set(stored()) <= seen
	if hung < 1:  # what hangs for longer than timeout_interval is said again, and at last given up
		assert len(stored()) == 40 and lost() == 0
	assert running.finish().json["lost"] >= len(seen - set(stored()))


def test_old_messages_go(service, ctl):
	"""After a day, in batches of a thousand; the writer looks once a minute, so this Kamailio is a new one."""
	service.sql("INSERT INTO sip_trace (time_stamp, traced_user, msg) SELECT UTC_TIMESTAMP() - INTERVAL 25 HOUR, '1', 'x' "
		"FROM information_schema.columns LIMIT 900;"
		"INSERT INTO sip_trace (time_stamp, traced_user, msg) VALUES (UTC_TIMESTAMP() - INTERVAL 23 HOUR, '2', 'x')")
	service.restart()
	eventually("old ones are gone", lambda: service.sql("SELECT traced_user, COUNT(*) FROM sip_trace GROUP BY 1") == [["2", "1"]])
	assert ctl.ok("trace", "list")["stored"][0]["number"] == "2"
