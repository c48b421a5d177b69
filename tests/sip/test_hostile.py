# SPDX-License-Identifier: GPL-2.0-or-later
"""Strangers and forgers (A1, A4, A6): nothing of theirs reaches an agent, and no process of Kamailio minds.

"Nothing reaches" is measured: a message that must arrive is sent behind the forged one, and then the agent's socket,
which keeps all that ever came, holds nothing else.
"""
import pytest
from agent import between
from wire import UdpLink, build, new_branch, new_call_id, new_tag

pytestmark = pytest.mark.usefixtures("unharmed")


@pytest.fixture
def victim(service):
	"""A host that has nothing to do with the service, and is to hear nothing from it."""
	link = UdpLink("127.0.0.99", (service.address, 5060))
	yield link
	assert link.arrived == []
	link.close()


def forge(stranger, method, uri, headers=(), to_tag=None, call_id=None, from_tag=None, user="45675001", cseq=1):
	"""A request as a stranger would write it, from_ and To being what it likes."""
	return build(f"{method} {uri} SIP/2.0", [
		("Via", f"SIP/2.0/UDP {stranger.host}:{stranger.port};branch={new_branch()};rport"),
		("From", f"<sip:{user}@sip.example.com>;tag={from_tag or new_tag()}"),
		("To", f"<{uri}>" + (f";tag={to_tag}" if to_tag else "")), ("Call-ID", call_id or new_call_id()),
		("CSeq", f"{cseq} {method}"), ("Contact", f"<sip:{user}@{stranger.host}:{stranger.port}>"),
		("Max-Forwards", "70")] + list(headers))


def answer_to(stranger, raw):
	stranger.send(raw)
	cseq = raw.partition(b"CSeq: ")[2].partition(b"\r\n")[0].decode()
	call_id = raw.partition(b"Call-ID: ")[2].partition(b"\r\n")[0].decode()
	return stranger.wait("answer", lambda m: m.get("cseq") == cseq and m.call_id == call_id and m.status >= 200)


def untouched(sender, *agents):
	"""Nothing but keepalives and the marker ever arrived at these agents."""
	for one in agents:
		marker = sender.deliver(one)
		assert one.link.requests() == [marker]


def reaches_or_fails(mine, callee):
	"""The call is refused, or reaches the agent, and then works."""
	first = mine.link.wait("100, or a refusal", lambda m: mine.answers(m, "INVITE", mine.invite_cseq))
	if first.status == 100:
		theirs = callee.incoming()
		theirs.answer(mine)
		assert between(mine, theirs, "INVITE").status == 200
		assert between(theirs, mine, "BYE").status == 200
	else:
		assert first.status >= 400


METHODS = ["INVITE", "MESSAGE", "SUBSCRIBE", "REFER", "OPTIONS", "REGISTER", "PUBLISH", "INFO", "NOTIFY", "UPDATE", "BYE"]
CHALLENGED = ["INVITE", "MESSAGE", "SUBSCRIBE", "REFER", "OPTIONS"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("target", ["number", "contact"])
def test_request_without_credentials(agent, alice, bob, stranger, method, target):
	"""Challenged or refused; never passed on. Straight to the address of an agent, as scanners do: not even answered (F1)."""
	uri = "sip:45675002@sip.example.com" if target == "number" else f"sip:45675002@{bob.hostport}"
	if target == "contact":
		stranger.send(forge(stranger, method, uri))
		untouched(alice, bob)
		assert answer_to(stranger, forge(stranger, "OPTIONS", "sip:45675002@sip.example.com")).status == 407
		assert [m.status for m in stranger.arrived] == [407]
		return
	answer = answer_to(stranger, forge(stranger, method, uri))
	if method in CHALLENGED:
		assert answer.status == 407, answer
	assert answer.status >= 400
	untouched(alice, bob)


def test_wrong_password(agent, alice, bob):
	mallory = agent("45675001", password="guess")
	assert mallory.call("45675002").final().status in (403, 407)
	assert mallory.register().status in (401, 403)
	untouched(alice, bob)


@pytest.mark.parametrize("method", ["INVITE", "BYE", "REFER", "MESSAGE", "UPDATE", "INFO", "OPTIONS", "NOTIFY"])
@pytest.mark.parametrize("routes", ["agent", "server-then-agent", "none"])
def test_forged_to_tag_and_route(alice, bob, stranger, method, routes):
	"""A To-tag and a preloaded Route grant nothing: 481 (A1)."""
	route = {"agent": f"<sip:{bob.hostport};lr>", "none": None,
		"server-then-agent": f"<sip:127.0.0.1:5060;lr>, <sip:{bob.hostport};lr>"}[routes]
	raw = forge(stranger, method, f"sip:45675002@{bob.hostport}", [("Route", route)], to_tag="forged")
	assert answer_to(stranger, raw).status == 481
	untouched(alice, bob)


@pytest.mark.parametrize("headers", [[], [("Route", "<sip:127.0.0.1:5060;lr>, <sip:{bob};lr>")]])
def test_forged_ack_is_dropped(alice, bob, stranger, headers):
	"""No answer, no challenge, and it is not passed on."""
	headers = [(name, value.format(bob=bob.hostport)) for name, value in headers]
	stranger.send(forge(stranger, "ACK", f"sip:45675002@{bob.hostport}", headers, to_tag="forged"))
	stranger.send(forge(stranger, "ACK", "sip:45675002@sip.example.com"))
	untouched(alice, bob)
	assert stranger.arrived == []


@pytest.mark.parametrize("method", ["CANCEL", "PRACK"])
def test_never_challenged(alice, bob, stranger, method):
	"""A CANCEL or PRACK without its INVITE is unknown, not unauthorized."""
	assert answer_to(stranger, forge(stranger, method, "sip:45675002@sip.example.com")).status == 481
	assert answer_to(stranger, forge(stranger, method, "sip:45675002@sip.example.com", to_tag="x")).status == 481
	untouched(alice, bob)


@pytest.mark.parametrize("method", ["BYE", "INVITE", "REFER", "INFO"])
@pytest.mark.parametrize("tags", ["both-wrong", "from-wrong", "to-wrong"])
def test_right_call_id_wrong_tags(service, alice, bob, stranger, method, tags):
	"""Knowing the Call-ID of a call is not enough: 481, and the call lives on."""
	mine, theirs = alice.talk(bob)
	caller_tag, callee_tag = theirs.invite.tag("from"), theirs.tag
	from_tag = caller_tag if tags == "to-wrong" else "wrong"
	to_tag = callee_tag if tags == "from-wrong" else "wrong2"
	raw = forge(stranger, method, f"sip:45675002@{bob.hostport}", [("Route", "<sip:127.0.0.1:5060;lr>")], to_tag=to_tag,
		from_tag=from_tag, call_id=mine.call_id, cseq=99)
	assert answer_to(stranger, raw).status == 481
	assert between(mine, theirs, "INVITE").status == 200
	assert between(theirs, mine, "BYE").status == 200
	assert [m.cseq for m in bob.link.requests() if m.cseq == 99] == []
	assert service.cdr(mine.call_id)[2] == "45675002"


def test_forged_route_of_an_account(alice, bob, victim):
	"""A caller with an account chooses the number, not the way: its own Route headers count for nothing."""
	mine, theirs = alice.talk(bob, headers=[("Route", f"<sip:{victim.host}:{victim.port};lr>")])
	assert theirs.invite.all("route") == []
	assert between(mine, theirs, "BYE").status == 200
	headers = [("Route", f"<sip:127.0.0.1:5060;lr>, <sip:{victim.host}:{victim.port};lr>")]
	mine, theirs = alice.talk(bob, headers=headers)
	assert between(theirs, mine, "BYE").status == 200


def test_forged_record_route(alice, bob, victim):
	"""A Record-Route put in by the caller comes back as the callee's Route, and is not followed."""
	mine, theirs = alice.talk(bob, headers=[("Record-Route", f"<sip:{victim.host}:{victim.port};lr>")])
	assert between(theirs, mine, "INVITE").status == 200
	assert between(theirs, mine, "BYE").status == 200


def test_route_inside_the_call(alice, bob, victim):
	"""Inside a dialog the next hop is the flow of the dialog, whatever Route and R-URI say."""
	mine, theirs = alice.talk(bob)
	mine.routes = mine.routes[:1] + [f"<sip:{victim.host}:{victim.port};lr>"]
	assert between(mine, theirs, "INVITE").status == 200
	mine.routes, mine.target = [], f"sip:45675002@{victim.host}:{victim.port}"
	assert between(mine, theirs, "INFO").status == 200
	theirs.routes = [f"<sip:{victim.host}:{victim.port};lr>"]
	assert between(theirs, mine, "BYE").status == 200


@pytest.mark.parametrize("uri", ["sip:45675002@127.0.0.99:{port}", "sip:45675002@elsewhere.example.org",
	"sip:45675002@sip.example.com.example.org", "sip:45675002@127.0.0.2"])
@pytest.mark.parametrize("method", ["INVITE", "MESSAGE"])
def test_foreign_domain(alice, bob, victim, uri, method):
	"""No open relay: a domain that is not ours is refused even to an account (A1)."""
	uri = uri.format(port=victim.port)
	if method == "INVITE":
		user, _, domain = uri[4:].partition("@")
		answer = alice.call(user, domain=domain).final()
	else:
		answer = alice.ask(method, uri, f"<{uri}>")
	assert (answer.status, answer.rule) == (403, "foreign-domain")
	untouched(alice, bob)


@pytest.mark.parametrize("uri", ["sip:45675002@sip.example.com;maddr=127.0.0.99", "sip:45675002@127.0.0.1:{port}",
	"sip:45675002@sip.example.com:{port}"])
def test_address_hidden_in_a_uri_of_ours(alice, bob, victim, uri):
	"""maddr or a strange port behind our own name: the number is called or refused, the address never used."""
	reaches_or_fails(alice.call("45675002", domain=uri.format(port=victim.port).partition("@")[2]), bob)


@pytest.mark.parametrize("from_user, from_domain", [("45675002", None), ("99995001", None), ("anonymous", None)])
def test_from_is_not_the_account(alice, bob, from_user, from_domain):
	"""The From user must be the authenticated one (A1)."""
	answer = alice.call("45675002", from_user=from_user).final()
	assert (answer.status, answer.rule) == (403, "from-mismatch")
	answer = alice.message("45675002", from_user=from_user)
	assert (answer.status, answer.rule) == (403, "from-mismatch")
	untouched(alice, bob)


def test_register_for_another_number(service, agent, bob):
	"""An account registers itself only: with another To (or From) it is refused and the other's binding stays."""
	mallory = agent("45675006")
	before = service.bindings("45675002")
	answer = mallory.register(to="45675002")
	assert (answer.status, answer.rule) == (403, "to-mismatch")
	assert service.bindings("45675002") == before and service.bindings("45675006") == []


@pytest.mark.parametrize("contact", [
	"<sip:45675001@{victim}>", "<sip:45675001@{mine};maddr=127.0.0.99>", "<sip:45675001@{victim};ob>;reg-id=1",
	"<sip:45675001@{mine}>;received=\"sip:{victim}\"", "<sip:45675001@{mine};received=sip:{victim}>",
	"<sip:45675001@{mine};alias=127.0.0.99~{port}~1>", "<sip:45675001@{mine}?Route=%3Csip:{victim};lr%3E>"])
def test_poisoned_contact(agent, bob, victim, contact):
	"""A Contact that names a victim's host: calls and keepalives go where the REGISTER came from, or it is refused (A4)."""
	alice = agent("45675001")
	poison = contact.format(victim=f"{victim.host}:{victim.port}", mine=alice.hostport, port=victim.port)
	answer = alice.register(contact=poison)
	if answer.status == 200:
		reaches_or_fails(bob.call("45675001"), alice)
	else:
		assert answer.rule == "bad-contact", answer


def test_keepalive_goes_to_the_flow(agent, victim):
	"""The Contact shows a NAT, so keepalives come; to the flow, not to the Contact (A4, A5)."""
	alice = agent("45675001")
	assert alice.register(contact=f"<sip:45675001@{victim.host}:{victim.port}>").status == 200
	alice.link.wait("keepalive", lambda m: m.is_request and m.method == "OPTIONS")


def test_poisoned_contact_in_a_call(alice, bob, victim):
	"""Contacts of the INVITE and of its 200 that name a victim: the dialog stays between the flows."""
	poison = f"<sip:x@{victim.host}:{victim.port}>"
	mine = alice.call("45675002", contact=poison)
	theirs = bob.incoming()
	theirs.answer(mine, contact=poison)
	assert between(mine, theirs, "INVITE").status == 200
	assert between(theirs, mine, "INVITE").status == 200
	assert between(theirs, mine, "BYE").status == 200


def test_path_of_a_stranger(service, agent, bob, victim):
	"""A Path that no trusted proxy wrote is not followed (A8)."""
	alice = agent("45675001")
	headers = [("Path", f"<sip:{victim.host}:{victim.port};lr>"), ("Supported", "path")]
	assert alice.register(headers=headers).status == 200
	mine, theirs = bob.talk(alice)
	assert between(mine, theirs, "BYE").status == 200


def test_contact_star_of_a_stranger(service, alice, bob, stranger):
	"""Without credentials: challenged, the binding stays."""
	raw = forge(stranger, "REGISTER", "sip:sip.example.com", [("Expires", "0")], user="45675002").replace(
		b"Contact: <sip:45675002@127.0.0.66:%d>" % stranger.port, b"Contact: *").replace(
		b"To: <sip:sip.example.com>", b"To: <sip:45675002@sip.example.com>")
	assert b"Contact: *" in raw and b"To: <sip:45675002@" in raw
	assert answer_to(stranger, raw).status == 401
	assert len(service.bindings("45675002")) == 1
	mine, theirs = alice.talk(bob)
	assert between(mine, theirs, "BYE").status == 200


@pytest.mark.parametrize("contact, expires", [("*", 0), (None, 0)])
def test_deregistration_by_another_device(service, agent, alice, bob, contact, expires):
	"""The right password on another device: 200, and the owner's binding stays (A6)."""
	other = agent("45675002", user_agent="another/2")
	assert other.register(contact=contact, expires=expires).status == 200
	assert len(service.bindings("45675002")) == 1
	mine, theirs = alice.talk(bob)
	assert between(mine, theirs, "BYE").status == 200
	assert bob.register(contact=contact, expires=expires).status == 200
	assert service.bindings("45675002") == []


GARBAGE = [
	b"", b"\r\n\r\n", b"\0" * 200, b"INVITE\r\n\r\n", b"INVITE sip:1@2 SIP/2.0\r\n\r\n", b"SIP/2.0 200 OK\r\n\r\n",
	b"INVITE sip:45675002@sip.example.com SIP/3.0\r\nVia: SIP/3.0/UDP 127.0.0.66\r\n\r\n",
	b"\xff\xfe" * 700, b"REGISTER " + b"A" * 6000 + b" SIP/2.0\r\n\r\n",
	b"INVITE sip:" + b"4" * 3000 + b"@sip.example.com SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.66:1;branch=z9hG4bKa\r\n\r\n",
]
TWISTS = [
	(b"CSeq: 1 INVITE", b"CSeq: 99999999999999999999 INVITE"), (b"CSeq: 1 INVITE", b"CSeq: 1 BYE"),
	(b"Call-ID: ", b"Call-IE: "), (b"Max-Forwards: 70", b"Max-Forwards: 0"), (b"Max-Forwards: 70", b"Max-Forwards: -1"),
	(b"Content-Length: 0", b"Content-Length: 9999"), (b"Content-Length: 0", b"Content-Length: -5"),
	(b"From: <", b"From: \"" + b"%00" * 300 + b"\" <"), (b"sip:45675002@sip.example.com SIP", b"tel:+4567 SIP"),
	(b"sip:45675002@sip.example.com SIP", b"sip:%00%00%0d%0a@sip.example.com SIP"),
	(b"sip:45675002@sip.example.com SIP", b"sip:@sip.example.com SIP"),
	(b"sip:45675002@sip.example.com SIP", b"sip:sip.example.com SIP"),
	(b"Via: ", b"Via: SIP/2.0/UDP 127.0.0.66:1\r\nVia: " * 100), (b"Contact: <", b"Contact: <<<>;;;<"),
	(b"To: <", b"To: ;tag=;tag=<"),
	(b"Max-Forwards: 70", b"Max-Forwards: 70\r\nRoute: " + b"<sip:127.0.0.1;lr>," * 80 + b"<>"),
	(b"Max-Forwards: 70", b"Max-Forwards: 70\r\nProxy-Authorization: Digest " + b"x=\"y\"," * 400),
	(b"Max-Forwards: 70", b"Max-Forwards: 70\r\nProxy-Authorization: Digest username=\"' OR 1=1 -- \", realm=\"aeta\", "
		b"nonce=\"x\", uri=\"x\", response=\"00000000000000000000000000000000\""),
]


def test_garbage(alice, bob, stranger):
	"""What is no SIP, or nearly, harms nothing; the service answers the next good request."""
	good = forge(stranger, "INVITE", "sip:45675002@sip.example.com")
	for raw in GARBAGE + [good.replace(*twist, 1) for twist in TWISTS] + [good[:n] for n in range(0, len(good), 23)]:
		stranger.send(raw)
	assert answer_to(stranger, forge(stranger, "OPTIONS", "sip:45675002@sip.example.com")).status == 407
	assert not any(200 <= (m.status or 0) < 300 for m in stranger.arrived)
	untouched(alice, bob)


def test_garbage_with_credentials(alice, bob):
	"""The same from an account, as far as it can be signed: dialled strings of all sorts."""
	for dialled in ("%00", "%0d%0aBYE", "4567500%32", "-1", "0" * 300, "45675002;x=y", "*", "15000'--", "%2e%2e"):
		answer = alice.ask("MESSAGE", f"sip:{dialled}@sip.example.com", "<sip:x@sip.example.com>")
		assert 400 <= answer.status < 500 or dialled in ("4567500%32", "45675002;x=y"), (dialled, answer)
	alice.deliver(bob)


@pytest.mark.parametrize("size", [255, 256, 1000])
def test_call_that_would_leave_no_record(service, alice, bob, size):
	"""A Call-ID too long for the tables is refused: nobody hides a call by it. One that fits is recorded."""
	mine = alice.call("45675002", call_id="x" * size)
	if size <= 255:
		theirs = bob.incoming()
		theirs.answer(mine)
		assert between(mine, theirs, "BYE").status == 200
		assert service.cdr(mine.call_id)[2] == "45675002"
	else:
		assert mine.final().status == 400
		untouched(alice, bob)


@pytest.mark.parametrize("stretched", ["contact", "from-tag", "route", "subject", "callee-contact", "callee-tag"])
def test_stretched_headers(service, alice, bob, stretched):
	"""Whatever a caller or a callee makes long: the call is refused, or kept and recorded like any other."""
	long = "x" * 400
	more = {"contact": {"contact": f"<sip:45675001@{alice.hostport};x={long}>"},
		"subject": {"headers": [("Subject", long)]},
		"route": {"headers": [("Record-Route", f"<sip:{long}@127.0.0.99;lr>")] * 4}, "from-tag": {"tag": long}}
	mine = alice.call("45675002", **more.get(stretched, {}))
	first = mine.refused or mine.link.wait("100, or a refusal", lambda m: mine.answers(m, "INVITE", mine.invite_cseq))
	if first.status >= 400:
		return
	theirs = bob.incoming()
	if stretched == "callee-tag":
		theirs.tag = long
		theirs.local = theirs.invite.get("to") + f";tag={long}"
	theirs.answer(mine, contact=f"<sip:x@{bob.hostport};x={long}>" if stretched == "callee-contact" else None)
	assert service.sql(f"SELECT COUNT(*) FROM dialog WHERE callid = '{mine.call_id}'") == [["1"]]
	assert between(mine, theirs, "INVITE").status == 200
	assert between(theirs, mine, "BYE").status == 200
	assert service.cdr(mine.call_id) == ("45675001", "45675002", "45675002", "same-group")


@pytest.mark.parametrize("branch", ["ours", "theirs"])
def test_reply_without_a_request(alice, bob, stranger, victim, branch):
	"""A reply that answers nothing goes nowhere, whatever its Via headers say."""
	for target in (bob.link, victim):
		stranger.send(build("SIP/2.0 200 OK", [
			("Via", "SIP/2.0/UDP 127.0.0.1:5060;branch=" + ("z9hG4bKcafe.1234.0" if branch == "ours" else new_branch())),
			("Via", f"SIP/2.0/UDP {target.host}:{target.port};branch={new_branch()}"), ("From", "<sip:a@x>;tag=1"),
			("To", "<sip:b@x>;tag=2"), ("Call-ID", new_call_id()), ("CSeq", "1 INVITE"),
			("Contact", f"<sip:x@{stranger.host}:{stranger.port}>")]))
	untouched(alice, bob)
	assert [m for m in bob.link.arrived if m.status == 200 and m.method == "INVITE"] == []


def test_answer_goes_to_the_source(alice, bob, stranger, victim):
	"""A Via that names a victim does not turn the service into a reflector."""
	raw = forge(stranger, "OPTIONS", "sip:45675002@sip.example.com")
	via = f"Via: SIP/2.0/UDP {stranger.host}:{stranger.port}".encode()
	stranger.send(raw.replace(via, f"Via: SIP/2.0/UDP {victim.host}:{victim.port}".encode()))
	stranger.wait("challenge", lambda m: m.status == 407)
	untouched(alice, bob)
