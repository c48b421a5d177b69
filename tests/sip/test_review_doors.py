# SPDX-License-Identifier: GPL-2.0-or-later
"""Doors that stood ajar once: each test is a way in, or a way to harm, that was found by looking for it, and is shut."""
import socket

import pytest
from agent import between
from service import eventually
from wire import build, credentials, new_call_id, new_tag


@pytest.fixture(autouse=True)
def unharmed_unless_restarted(request):
	if "short_patience" not in request.fixturenames:
		request.getfixturevalue("unharmed")


# -- the registrar --

def only_asks(one):
	"""A REGISTER without Contact: which bindings are there?"""
	one.register_cseq += 2
	return one.ask("REGISTER", f"sip:{one.domain}", one.address(one.number), one.register_call_id, one.register_cseq)


def test_asking_is_not_taking_over(service, agent, alice):
	"""Who only asks for the binding has no part in the turns of two devices: no alarm (A6)."""
	before = service.counter("duplicate_use")
	monitor = agent("45675001", user_agent="monitor/1")
	for _ in range(5):
		assert len(only_asks(monitor).values("contact")) == 1
		assert alice.register().status == 200
	assert service.counter("duplicate_use") == before


@pytest.mark.parametrize("contact", ["<garbage", "*, <sip:45675002@127.0.0.77>", "<sip:45675002@127.0.0.77>, *", ", ,",
	"<sip:45675002@127.0.0.77:1>, <sip:45675002@127.0.0.77:2>", "<sip:45675002@" + "x" * 300 + ">"])
@pytest.mark.parametrize("whose", ["another", "owner"])
def test_refused_register_takes_nothing_away(service, agent, bob, contact, whose):
	"""A Contact that cannot be used is 400, and the binding that was there stays, whoever sent it."""
	before = service.binding("45675002")["Address"]
	sender = bob if whose == "owner" else agent("45675002", user_agent="another/2")
	answer = sender.register(contact=contact)
	assert (answer.status, answer.rule) == (400, "bad-contact")
	assert service.binding("45675002")["Address"] == before


def test_lower_cseq_of_the_same_device(service, alice):
	"""An agent that restarted with its old Call-ID begins its CSeq anew, and is registered."""
	alice.register_cseq = 1000
	assert alice.register().status == 200
	alice.register_cseq = 1
	assert alice.register(contact=f"<sip:45675001@{alice.hostport}>").status == 200
	assert service.binding("45675001")["CSeq"] < 100


@pytest.mark.parametrize("params, expires", [(";expires=abc", 300), (";expires=-1", 300), (";foo-expires=0", 300),
	(";expires=4294967296", 300), ("", "4294967296"), ("", "abc"), ("", "-5"), (";expires=60", "0"), (";expires=0x", 0),
	(";expires", 300)])
def test_expiry_that_is_no_number(service, agent, params, expires):
	"""Counts as not said: the usual time, and a binding (RFC 3261 20.19). What is granted is kept."""
	alice = agent("45675001")
	answer = alice.register(expires=expires, contact=f"<sip:45675001@{alice.hostport}>{params}")
	assert answer.status == 200
	assert "expires=" in answer.get("contact")
	assert len(service.bindings("45675001")) == 1


@pytest.mark.parametrize("params, expires", [(";expires=0", 300), (";expires=\"0\"", 300), (";q=1; expires = 00 ", 300),
	("", 0)])
def test_expiry_at_once(service, alice, params, expires):
	assert alice.register(expires=expires, contact=f"<sip:45675001@{alice.hostport}>{params}").status == 200
	assert service.bindings("45675001") == []


# -- connections --

def connections(service, count):
	"""So many TCP connections that say nothing, each known to the service."""
	opened = [socket.create_connection((service.address, 5060), source_address=("127.0.0.66", 0)) for _ in range(count)]
	eventually("the connections are known", lambda: service.rpc("core.tcp_info")["opened_connections"] >= count)
	return opened


def test_silent_connections_leave_room(service):
	"""As many as may be opened, all silent, take no more than a third of the memory that Kamailio is run with."""
	before = service.rpc("core.shmmem")["real_used"]
	opened = connections(service, 200)
	each = (service.rpc("core.shmmem")["real_used"] - before) / len(opened)
	for one in opened:
		one.close()
	assert each * service.rpc("core.tcp_info")["max_connections"] < 256 * 2 ** 20 / 3


@pytest.fixture
def short_patience(service):
	processes = len(service.pids())
	for value in ("1", None):
		service.restart(SITE_TCP_STRANGER_S=value)
		eventually("all processes run", lambda: len(service.pids()) == processes)
		if value:
			yield


def test_silent_connection_is_closed(service, short_patience, agent):
	"""A stranger's connection goes soon; that of an agent, older and as silent, stays, and calls reach it."""
	bob = agent("45675002").registered()
	codec = agent("45675001", transport="tcp").registered()
	silent, = connections(service, 1)
	talking, = connections(service, 1)
	talking.sendall(b"OPTIONS sip:45675002@sip.example.com SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.66;branch=z9hG4bKa\r\n"
		b"From: <sip:a@b>;tag=a\r\nTo: <sip:b@b>\r\nCall-ID: a\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n")
	assert b" 407 " in talking.recv(65536)
	for one in (silent, talking):
		one.settimeout(20)
		assert one.recv(1) == b""
		one.close()
	mine, theirs = bob.talk(codec)
	assert between(mine, theirs, "BYE").status == 200


# -- bytes that are no UTF-8 --

def latin1(link):
	"""From now on the link sends each é as Latin-1 writes it."""
	send = link.send
	link.send = lambda raw, to=None: send(raw.replace("é".encode(), b"\xe9"), to)


@pytest.mark.parametrize("more", [{"user_agent": "Codéc 1"}, {"user_agent": "x" * 5000}, {"instance": "x" * 400}])
def test_name_of_a_device_costs_no_registration(service, agent, more):
	"""Whatever an agent calls itself, its registration is in the database too."""
	codec = agent("45675001", **more)
	latin1(codec.link)
	codec.registered()
	eventually("the registration is written", lambda: service.sql(
		f"SELECT username FROM location WHERE callid = '{codec.register_call_id}'") == [["45675001"]])


def test_texts_cost_no_call_record(service, agent, bob):
	"""Display names, User-Agent, Contacts: the dialog is written, and the record too."""
	codec = agent("45675001", user_agent="Codéc")
	latin1(codec.link)
	latin1(bob.link)
	codec.registered()
	address = codec.address
	codec.address = lambda user, domain=None: '"Studio é" ' + address(user, domain)
	mine = codec.call("45675002", contact=f'"é" <sip:é@{codec.hostport}>', headers=[("Subject", "é")])
	theirs = bob.incoming()
	theirs.answer(mine, contact=f'"é" <sip:é@{bob.hostport}>')
	assert service.sql(f"SELECT COUNT(*) FROM dialog WHERE callid = '{mine.call_id}'") == [["1"]]
	assert between(mine, theirs, "BYE").status == 200
	assert service.cdr(mine.call_id) == ("45675001", "45675002", "45675002", "same-group")


@pytest.mark.parametrize("more", [{"call_id": "é" + "x" * 20}, {"tag": "é"}])
def test_call_that_no_table_could_name(alice, bob, more):
	"""A Call-ID or tag that is none: refused (RFC 3261 25.1), so no call goes without its record."""
	latin1(alice.link)
	if "call_id" in more:
		more["call_id"] = "é" + new_call_id()
	alice.link.wait = by_cseq(alice.link)
	answer = alice.call("45675002", **more).final()
	assert (answer.status, answer.rule) == (400, "bad-request")
	assert bob.link.requests() == []


def by_cseq(link):
	"""The Call-ID of an answer cannot be compared: the next final answer to an INVITE."""
	wait = type(link).wait
	return lambda what, match, timeout=8: wait(link, what, lambda m: not m.is_request and m.method == "INVITE"
		and m.status >= 200, timeout)


# -- credentials --

def challenged(one, method="MESSAGE", dialled="45675002"):
	"""The challenge that this agent gets."""
	answer = one.ask(method, f"sip:{dialled}@{one.domain}", one.address(dialled), authenticate=False)
	assert answer.status in (401, 407)
	return answer


def sign(one, challenge, method, uri):
	"""The header with this agent's credentials for that URI."""
	name = "Authorization" if challenge.status == 401 else "Proxy-Authorization"
	given = challenge.get("www-authenticate" if challenge.status == 401 else "proxy-authenticate")
	return name, credentials(given, method, uri, one.number, one.password)


def with_header(one, header, dialled="45675002"):
	return one.ask("MESSAGE", f"sip:{dialled}@{one.domain}", one.address(dialled), headers=[header], authenticate=False)


def register_with(one, header):
	"""A REGISTER that bears this header from the first; the answer to it."""
	return one.register(headers=[header], authenticate=False)


def test_overheard_credentials_elsewhere(agent, alice, bob):
	"""From another address they are worth nothing: a new challenge, which only the password answers."""
	header = sign(alice, challenged(alice), "MESSAGE", "sip:45675002@sip.example.com")
	mallory = agent("45675001", host="127.0.0.66", password="unknown")
	answer = with_header(mallory, header)
	assert answer.status == 407 and "stale=true" in answer.get("proxy-authenticate")
	assert bob.link.requests() == []


def test_overheard_credentials_for_another_number(agent, alice, bob):
	"""Made for 45675002, they call nobody else, from the same address neither."""
	header = sign(alice, challenged(alice), "MESSAGE", "sip:45675002@sip.example.com")
	other = agent("45675006").registered()
	answer = with_header(alice, header, "45675006")
	assert (answer.status, answer.rule) == (403, "uri-mismatch")
	assert other.link.requests() == []


@pytest.mark.parametrize("uri", ["sip:45675002@127.0.0.1", "sip:45675002@sip.example.net:5070", "sip:sip.example.com",
	"sip:45675002@sip.example.com;transport=udp;user=phone", "sips:45675002@sip.example.com", "sip:45675002@", "/"])
def test_credentials_may_write_the_host_otherwise(alice, bob, uri):
	bob.link.auto["MESSAGE"] = lambda m: bob.link.reply(m, 200, "OK", to_tag=new_tag())
	assert with_header(alice, sign(alice, challenged(alice), "MESSAGE", uri)).status == 200


@pytest.mark.parametrize("uri", ["sip:sip.example.com", "sip:45675001@sip.example.com", "sip:127.0.0.1:5060",
	"sip:sip.example.com;transport=udp"])
def test_cached_challenge(agent, uri):
	"""A codec that registers every 15 s answers the first challenge over and over, from any port of its address."""
	codec = agent("45675001")
	header = sign(codec, codec.register(authenticate=False), "REGISTER", uri)
	for _ in range(20):
		assert register_with(codec, header).status == 200
	moved = agent("45675001")
	assert moved.hostport != codec.hostport
	assert register_with(moved, header).status == 200
	bob = agent("45675002")
	bob.registered()
	header = sign(moved, codec.register(authenticate=False), "MESSAGE", "sip:45675002@sip.example.com")
	bob.link.auto["MESSAGE"] = lambda m: bob.link.reply(m, 200, "OK", to_tag=new_tag())
	assert with_header(moved, ("Proxy-Authorization", header[1])).status == 200


def test_address_of_a_mobile_agent_changes(agent):
	"""It is told that its challenge is stale, answers the new one, and is registered: nobody asks its user."""
	before = agent("45675001")
	header = sign(before, before.register(authenticate=False), "REGISTER", "sip:sip.example.com")
	assert register_with(before, header).status == 200
	after = agent("45675001", host="127.0.0.55")
	answer = register_with(after, header)
	assert answer.status == 401 and "stale=true" in answer.get("www-authenticate")
	assert register_with(after, sign(after, answer, "REGISTER", "sip:sip.example.com")).status == 200


# -- headers --

@pytest.mark.parametrize("method", ["MESSAGE", "OPTIONS", "REGISTER"])
def test_extension_that_a_proxy_must_know(alice, bob, method):
	"""We know none: 420, and which it is (RFC 3261 16.3)."""
	answer = alice.ask(method, f"sip:45675002@{alice.domain}", alice.address("45675002"), headers=[("Proxy-Require", "foo")])
	assert (answer.status, answer.rule, answer.get("unsupported")) == (420, "bad-extension", "foo")
	assert bob.link.requests() == []


@pytest.mark.parametrize("hops, status", [("abc", 400), ("7x", 400), ("0", 483), ("-1", 400)])
def test_max_forwards(alice, hops, status):
	alice.link.send(build(f"OPTIONS sip:45675002@{alice.domain} SIP/2.0", [("Via", alice.via()),
		("From", alice.address("45675001") + ";tag=1"), ("To", alice.address("45675002")), ("Call-ID", new_call_id()),
		("CSeq", "1 OPTIONS"), ("Max-Forwards", hops)]))
	assert alice.link.wait("answer", lambda m: m.method == "OPTIONS" and not m.is_request).status == status


IDENTITIES = ["P-Asserted-Identity", "P-Preferred-Identity", "Remote-Party-ID"]


@pytest.mark.parametrize("name", IDENTITIES)
@pytest.mark.parametrize("dialled", ["45675002", "6000"])
def test_identity_that_nobody_checked(agent, alice, bob, name, dialled):
	"""The callee sees From, and no other number that the caller claims; nor does the caller see one that the callee claims."""
	claim = [(name, '"Boss" <sip:45675006@sip.example.com>')] * 2
	callee = bob if dialled == "45675002" else agent("45676001").registered()
	mine = alice.call(dialled, headers=claim)
	theirs = callee.incoming()
	assert theirs.invite.all(name) == []
	theirs.ring(headers=claim)
	assert mine.wait_status(180).all(name) == []
	theirs.answer(mine)
	mine.send("INFO", claim)
	assert theirs.expect("INFO").all(name) == []
	assert between(mine, theirs, "BYE").status == 200
