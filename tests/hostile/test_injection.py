# SPDX-License-Identifier: GPL-2.0-or-later
"""Quotes, NULs, bytes that are no UTF-8, thousands of digits and the like, in every place that an agent can write, with and
without good credentials. They may be refused, or ignored, or passed on; what they may not do is what harm.py looks at."""
import re

import pytest
from agent import between
from harm import end_calls
from odd import CALLEE, CALLER, DOMAIN, SDP, Odd, obliging, other, register, text
from service import eventually
from veil import PAYLOADS, TOKENS, WORD, unveil, veil
from wire import build, credentials

HERE = "$HERE"
PLACES = {
	"uri-user": ("request", f"{{method}} sip:{WORD}@{DOMAIN} SIP/2.0"),
	"uri-password": ("request", f"{{method}} sip:{CALLEE}:{WORD}@{DOMAIN} SIP/2.0"),
	"uri-host": ("request", f"{{method}} sip:{CALLEE}@{WORD} SIP/2.0"),
	"uri-param": ("request", f"{{method}} sip:{CALLEE}@{DOMAIN};x={WORD} SIP/2.0"),
	"method": ("request", f"{WORD} sip:{CALLEE}@{DOMAIN} SIP/2.0"),
	"from-display": ("from_", f'From: "{WORD}" <sip:{CALLER}@{DOMAIN}>;tag=$TAG'),
	"from-user": ("from_", f"From: <sip:{WORD}@{DOMAIN}>;tag=$TAG"),
	"from-host": ("from_", f"From: <sip:{CALLER}@{WORD}>;tag=$TAG"),
	"from-tag": ("from_", f"From: <sip:{CALLER}@{DOMAIN}>;tag={WORD}"),
	"from-param": ("from_", f"From: <sip:{CALLER}@{DOMAIN}>;tag=$TAG;x={WORD}"),
	"to-display": ("to", f'To: "{WORD}" <sip:{{to}}@{DOMAIN}>'),
	"to-user": ("to", f"To: <sip:{WORD}@{DOMAIN}>"),
	"to-host": ("to", f"To: <sip:{{to}}@{WORD}>"),
	"to-tag": ("to", f"To: <sip:{{to}}@{DOMAIN}>;tag={WORD}"),
	"call-id": ("call", f"Call-ID: $CALL{WORD}"),
	"cseq": ("cseq", f"CSeq: {WORD} {{method}}"),
	"cseq-method": ("cseq", f"CSeq: $CSEQ {WORD}"),
	"via-host": ("via", f"Via: SIP/2.0/UDP {WORD};branch=$BRANCH"),
	"via-branch": ("via", f"Via: SIP/2.0/UDP {HERE};branch=z9hG4bK{WORD}"),
	"via-received": ("via", f"Via: SIP/2.0/UDP {HERE};branch=$BRANCH;received={WORD}"),
	"via-rport": ("via", f"Via: SIP/2.0/UDP {HERE};branch=$BRANCH;rport={WORD}"),
	"max-forwards": ("hops", f"Max-Forwards: {WORD}"),
	"contact-display": ("contact", f'Contact: "{WORD}" <sip:{CALLER}@{HERE}>'),
	"contact-user": ("contact", f"Contact: <sip:{WORD}@{HERE}>"),
	"contact-host": ("contact", f"Contact: <sip:{CALLER}@{WORD}>"),
	"contact-param": ("contact", f"Contact: <sip:{CALLER}@{HERE}>;x={WORD}"),
	"contact-uri-param": ("contact", f"Contact: <sip:{CALLER}@{HERE};x={WORD}>"),
	"contact-instance": ("contact", f'Contact: <sip:{CALLER}@{HERE}>;+sip.instance="<{WORD}>"'),
	"contact-q": ("contact", f"Contact: <sip:{CALLER}@{HERE}>;q={WORD}"),
	"content-type": ("type", f"Content-Type: {WORD}"),
	"content-length": ("length", f"Content-Length: {WORD}"),
	**{name.lower(): ("more", f"{name}: {value}") for name, value in {"User-Agent": WORD, "Expires": WORD,
		"Path": f"<sip:{WORD}@127.0.0.99;lr>", "Route": f"<sip:{WORD}@127.0.0.99;lr>", "Record-Route": f"<sip:127.0.0.99;lr;x={WORD}>",
		"P-Asserted-Identity": f"<sip:{WORD}@{DOMAIN}>", "Proxy-Require": WORD, "Supported": WORD, "X-Aeta-Own": f"{WORD}|{WORD}|{WORD}",
		"Replaces": f"{WORD};to-tag={WORD};from-tag={WORD}", "Event": WORD, "Refer-To": f"<sip:{WORD}@{DOMAIN}>"}.items()},
	"header-name": ("more", f"{WORD}: x"),
	"body": ("body", f"v=0\r\no=- 1 1 IN IP4 {WORD}\r\ns={WORD}\r\nc=IN IP4 {WORD}\r\nm=audio {WORD} RTP/AVP 8\r\n"),
}
CREDENTIALS = ["username", "realm", "uri", "nonce", "cnonce", "opaque", "nc", "response", "algorithm", "qop"]
# Where none of the payloads may stand, or all of them make the request another one.
STOPPED = {"method", "uri-user", "uri-host", "from-user", "from-host", "to-host", "cseq", "cseq-method", "max-forwards",
	"content-length", "proxy-require"} | {f"credentials-{name}" for name in CREDENTIALS if name not in ("opaque", "algorithm")}
MAKERS = {"INVITE": text, "MESSAGE": lambda **lines: other("MESSAGE", **{"body": "x", "type": "Content-Type: text/plain", **lines}),
	"REGISTER": register}


def challenge(one):
	"""A challenge for this agent, good for as many answers as it likes (kamailio-cfg/auth.cfg)."""
	m = one.ask("REGISTER", f"sip:{DOMAIN}", one.address(one.number), authenticate=False)
	assert m.status == 401
	return m.get("www-authenticate")


def signed(given, method, uri, one, place=None):
	"""The line of credentials; with WORD in place of one of their values, if that is named."""
	value = credentials(given, method, uri, one.number, one.password) + ', opaque="x"'
	if place:
		value = re.sub(rf'\b{place}=("?)[^",]*', lambda m: f"{place}={m[1]}{WORD}", value, count=1)
	return f"{'Authorization' if method == 'REGISTER' else 'Proxy-Authorization'}: {value}".encode("latin-1")


def made(method, line):
	"""That request, with that line of PLACES in it."""
	number = CALLER if method == "REGISTER" else CALLEE
	name, value = line if line else ("more", None)
	return MAKERS[method](**{name: value and value.replace("{method}", method).replace("{to}", number)})


def fire(one, template, auth, payload):
	"""Sends it with the payload in it, signed or not, and waits for nothing."""
	odd = Odd(one, template)
	one.link.send((odd.raw() if auth is None else odd.raw().replace(b"\r\nVia:", b"\r\n" + auth + b"\r\nVia:", 1)).replace(
		WORD.encode(), payload))


def settle(one, callee):
	"""All of that has been looked at; refused calls are acknowledged, so that nothing is sent for them any more."""
	for _ in range(3):
		one.deliver(callee)
	for m in [m for m in one.link.arrived if m.method == "INVITE" and (m.status or 0) >= 300 and m.get("to")]:
		one.link.send(build(f"ACK sip:{CALLEE}@{DOMAIN} SIP/2.0", [("Via", (m.values("via") or [""])[0]), ("From", m.get("from")),
			("To", m.get("to")), ("Call-ID", m.call_id), ("CSeq", f"{m.get('cseq').split()[0]} ACK"), ("Max-Forwards", "70")]))


@pytest.mark.parametrize("place", list(PLACES) + [f"credentials-{name}" for name in CREDENTIALS])
def test_request(service, unscathed, alice, bob, place):
	"""Every payload in this place, in a call, a message and a registration, from an account and from nobody."""
	given = challenge(alice)
	obliging(bob)
	for method in MAKERS:
		hidden = place.partition("-")[2] if place.startswith("credentials-") else None
		template = made(method, PLACES.get(place))
		uri = template.split(None, 2)[1].decode() if template.count(b" ", 0, template.index(b"\r")) == 2 else "sip:x"
		for payload in PAYLOADS.values():
			written = uri.replace(WORD, payload.decode("latin-1"))  # what is signed is what is sent
			fire(alice, template, signed(given, method, written, alice, hidden), payload)
			if not hidden:
				fire(alice, template, None, payload)
	settle(alice, bob)
	assert alice.registered() and len(service.bindings(CALLER)) == 1
	passed = len(bob.link.requests("MESSAGE")) > 3  # so many are those of settle()
	assert passed == (place not in STOPPED)


@pytest.mark.parametrize("place", ["tag", "contact-user", "contact-param", "contact-host", "record-route", "reason", "header",
	"sdp"])
def test_answer_of_a_callee(service, unscathed, alice, bob, place):
	"""The callee writes it into its 180 and 200: the caller hears it, the call goes on and is recorded; or it is not heard,
	and the next one is."""
	heard = 0
	for payload in (TOKENS if place == "tag" else PAYLOADS).values():
		for one in (alice, bob):
			veil(one.link, payload)
		mine = alice.call(CALLEE)
		theirs = bob.incoming()
		if place == "tag":
			theirs.tag = f"x{WORD}"
			theirs.local = f"{theirs.invite.get('to')};tag={theirs.tag}"
		contact = {"contact-user": f"<sip:{WORD}@{bob.hostport}>", "contact-param": f"<sip:x@{bob.hostport};x={WORD}>;y={WORD}",
			"contact-host": f"<sip:x@{WORD}>"}.get(place, bob.contact())
		headers = [("Contact", contact)] + {"record-route": [("Record-Route", f"<sip:{WORD}@127.0.0.99;lr;x={WORD}>")],
			"header": [("Server", WORD), ("X-Any", WORD), ("Allow", WORD)]}.get(place, [])
		for status in (180, 200):
			bob.link.reply(theirs.invite, status, WORD if place == "reason" else "OK", headers, SDP.replace("s=-",
				f"s={WORD}") if place == "sdp" else b"", to_tag=theirs.tag)
		heard += _goes_on(alice, bob, mine, theirs)
		unveil(alice.link, bob.link)
	unscathed.calls += heard
	assert heard >= 3


def _goes_on(alice, bob, mine, theirs):
	"""Answered: the call is changed and ended, True. Not heard: another answer is."""
	for _ in range(2):
		alice.deliver(bob)
	bob.link.reply(theirs.invite, 486, "Busy Here", to_tag="plain")  # counts only if the other was not heard
	if mine.final().status != 200:
		return False
	mine.target = bob.contact().strip("<>")
	mine.routes = [route for route in mine.routes if WORD not in route]
	alice.link.send(mine.raw("ACK", mine.invite_cseq))
	assert between(mine, theirs, "INVITE").status == 200
	assert between(theirs, mine, "BYE").status == 200
	return True


@pytest.mark.parametrize("line", ["no header at all", "X-Any: x\r\ns=-", "Contact:", "Contact: ,", "Contact: *", None,
	"Contact: <sip:a@127.0.0.99>, <sip:b@127.0.0.99>", "Contact: <<<", "Record-Route: ;;;,", "Record-Route: <sip:a", "Record-Route:", "Record-Route: <sip:a>444",
	"Record-Route: <sip:a\"b>", "Record-Route: <sip:a>;=", "Record-Route: <sip:a>;x y", "Record-Route: <sip:a>;x=\"", "Record-Route: <sip:a>,"])
def test_answer_that_hides_a_call(service, unscathed, alice, bob, line):
	"""A 200 that the caller may take for one, and the dialog module not: not heard, or the call is known and recorded."""
	mine = alice.call(CALLEE)
	theirs = bob.incoming()
	plain = build("SIP/2.0 200 OK", [("Via", v) for v in theirs.invite.all("via")] + [("Record-Route", v)
		for v in theirs.invite.all("record-route")] + [("From", theirs.invite.get("from")), ("To", f"{theirs.invite.get('to')}"
		f";tag={theirs.tag}"), ("Call-ID", mine.call_id), ("CSeq", theirs.invite.get("cseq")), ("X-Any", "y")])
	bob.link.send(plain.replace(b"X-Any: y", line.encode() if line else b"X-Any: z"))
	for _ in range(2):
		alice.deliver(bob)
	bob.link.reply(theirs.invite, 486, "Busy Here", to_tag="plain")
	if mine.final().status == 200:
		assert len(service.sql(f"SELECT to_tag FROM dialog WHERE callid = '{mine.call_id}' AND to_tag = '{theirs.tag}'")) == 1
		assert between(mine, theirs, "INVITE").status == 200
		assert between(theirs, mine, "BYE").status == 200
		unscathed.calls += 1


@pytest.mark.parametrize("given", [0, 1, 2])
@pytest.mark.parametrize("port", [5060, 5070])
def test_answer_without_some_record_routes(unscathed, agent, bob, port, given):
	"""An agent that gives back fewer Record-Routes than the INVITE had made the dialog module write beyond its memory: such
	an answer is not heard."""
	mine, theirs, routes = routed(agent("45675006", server_port=port).registered(), bob, port)
	bob.link.send(answer_with(bob, theirs, routes[:given]))
	for _ in range(2):
		mine.agent.deliver(bob)
	bob.link.reply(theirs.invite, 486, "Busy Here", to_tag="plain")
	assert mine.final().status == (200 if given in (0, len(routes)) else 486)
	if given in (0, len(routes)):
		mine.routes = list(reversed(routes))
		assert between(mine, theirs, "BYE").status == 200
		unscathed.calls += 1


@pytest.mark.parametrize("given", [0, 1, 2])
@pytest.mark.parametrize("changed", ["CSeq", "From"])
def test_answer_to_another_invite_by_what_it_says(service, agent, bob, given, changed):
	"""The same in an answer that says it belongs to another INVITE, but has this one's branch: its routes do not count."""
	caller = agent("45675006", server_port=5070).registered()
	for one in (caller, bob):
		one.link.auto["BYE"] = lambda m, link=one.link: link.reply(m, 200, "OK")
	for _ in range(3):
		mine, theirs, routes = routed(caller, bob, 5070)
		changes = {"CSeq": "77 INVITE"} if changed == "CSeq" else {"From": theirs.invite.get("from") + "x"}
		bob.link.send(answer_with(bob, theirs, routes[:given], changes))
		heard = caller.link.wait("200", lambda m: m.status == 200 and m.call_id == mine.call_id)
		assert heard.all("record-route") == []
	def ended():
		end_calls(service)
		return service.rpc("dlg.stats_active")["all"] == 0
	eventually("every dialog has ended", ended, 20)


def routed(caller, callee, port):
	"""A call, not answered yet, whose caller brought a Record-Route; and all Record-Routes as the callee has them."""
	mine = caller.call(CALLEE, headers=[("Record-Route", "<sip:127.0.0.99;lr>")])
	theirs = callee.incoming()
	routes = theirs.invite.values("record-route")
	assert len(routes) == (2 if port == 5060 else 3)
	return mine, theirs, routes


def answer_with(callee, theirs, routes, changes=()):
	headers = dict([("From", theirs.invite.get("from")), ("To", f"{theirs.invite.get('to')};tag={theirs.tag}"), ("Call-ID",
		theirs.call_id), ("CSeq", theirs.invite.get("cseq")), ("Contact", callee.contact())], **dict(changes))
	return build("SIP/2.0 200 OK", [("Via", v) for v in theirs.invite.all("via")] + [("Record-Route", r) for r in routes]
		+ list(headers.items()))


INSIDE = {"display": None, "contact": "Contact", "route": "Route", "user-agent": "User-Agent", "own": "X-Aeta-Own",
	"record-route": "Record-Route", "credentials": "Proxy-Authorization", "body": None, "uri": None, "branch": None}


@pytest.mark.parametrize("place", INSIDE)
@pytest.mark.parametrize("side", ["caller", "callee"])
def test_inside_a_call(unscathed, alice, bob, place, side):
	"""Either party writes it into requests inside the call, which goes on, and is ended by a good BYE."""
	mine, theirs = alice.talk(bob)
	unscathed.calls += 1
	one, peer = (mine, theirs) if side == "caller" else (theirs, mine)
	local, target = one.local, one.target
	for payload in PAYLOADS.values():
		for method in ("INFO", "MESSAGE", "NOTIFY"):
			one.local = f'"{WORD}" {local}' if place == "display" else local
			one.target = f"sip:{WORD}@{peer.agent.hostport};x={WORD}" if place == "uri" else target
			one.cseq += 1
			raw = one.raw(method, one.cseq, [(INSIDE[place], WORD)] if INSIDE[place] else [], WORD if place == "body" else b"",
				f"z9hG4bK{one.cseq}{WORD}" if place == "branch" else None)
			one.link.send(raw.replace(WORD.encode(), payload))
	one.local, one.target = local, target
	assert between(one, peer, "INVITE").status == 200
	assert between(peer, one, "BYE").status == 200


# -- the bytes that are kept --

def test_registrations_hold_the_bytes(service, unscathed, agent):
	"""What a device calls itself is in the table as it was said, and is read back by a new start."""
	numbers = [number for number in service.registrable if len(number) == 8][:len(PAYLOADS)]
	held = {}
	for number, payload in zip(numbers, PAYLOADS.values()):
		one = agent(number, user_agent=f"x{WORD}", host=f"127.0.1.{len(held) + 1}")
		veil(one.link, payload)
		one.registered()
		name = b"x" + payload.rstrip()
		held[number] = name if len(name) < 255 else b"n/a"  # what the registrar makes of a longer one
	assert len(held) > 10

	def unwritten():
		rows = dict(service.sql("SELECT username, HEX(user_agent) FROM location"))
		return {number: name for number, name in held.items() if bytes.fromhex(rows.get(number, "")).rstrip() != name}
	eventually("the registrations are written", lambda: not unwritten())
	before = {number: service.binding(number)["Address"] for number in held}
	service.restart()
	unscathed.pids = service.pids()
	assert {number: service.binding(number)["Address"] for number in held} == before


def test_dialogs_hold_the_bytes(service, unscathed, alice, bob):
	"""A call whose parties wrote such things is in the table, is taken up by a new start, ended, and recorded."""
	calls = []
	for name in TOKENS:
		for one in (alice, bob):
			veil(one.link, TOKENS[name])
		mine = alice.call(CALLEE, contact=f"<sip:x@{alice.hostport};x={WORD}>")
		theirs = bob.incoming() if not mine.refused else None
		if theirs is None:
			assert mine.refused.status == 400
			continue
		theirs.answer(mine)
		calls.append((TOKENS[name], mine, theirs))
	assert len(calls) >= 6
	service.restart()
	unscathed.pids = service.pids()
	for payload, mine, theirs in calls:
		for one in (alice, bob):
			veil(one.link, payload)
		kept, = service.sql(f"SELECT HEX(caller_contact) FROM dialog WHERE callid = '{mine.call_id}'")
		assert payload.rstrip() in bytes.fromhex(kept[0])
		theirs.target = alice.contact().strip("<>")
		assert between(theirs, mine, "BYE").status == 200
		unscathed.calls += 1


@pytest.mark.parametrize("where", ["call-id", "tag"])
def test_bar_in_a_key(unscathed, alice, bob, where):
	"""The sign that divides our own notes of a call (RFC 3261 has it in no token): refused."""
	more = {"call_id": "a|b|c@x"} if where == "call-id" else {"tag": "a|b"}
	answer = alice.call(CALLEE, **more).final()
	assert (answer.status, answer.rule) == (400, "bad-request") and bob.link.requests("INVITE") == []
