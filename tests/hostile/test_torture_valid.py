# SPDX-License-Identifier: GPL-2.0-or-later
"""RFC 4475, section 3.1.1 and 3.4: messages that are odd and well-formed, by the names that the RFC gives them, with numbers
and texts of our own. They go where a proxy must take them, or are refused by a rule of ours, which the answer names."""
import pytest
from agent import between
from odd import CALLER, DOMAIN, SDP, Odd, as_bytes, other, outcome, register, silent, text
from wire import new_tag

pytestmark = pytest.mark.usefixtures("unscathed")


def arrived(odd, callee):
	"""It was routed: the request as it reached the callee."""
	assert outcome(odd, callee) == "routed"
	return callee.link.wait("the request", lambda m: m.is_request and m.call_id == odd.call_id)


WSINV = [
	"INVITE sip:45675002@sip.example.com;unknownparam SIP/2.0", "TO :", " sip:45675002@sip.example.com ;   x=1",
	'from   : "J \\"Codec\\" \\\\"       <sip:45675001@sip.example.com>', "  ;", "  tag = $TAG", "MaX-fOrWaRdS: 0068",
	"Call-ID: $CALL", f"Content-Length   : {len(SDP)}", "cseq: 000$CSEQ   INVITE", "$AUTH", "Via  : SIP  /   2.0", " /UDP",
	"    127.0.0.11;branch=$BRANCH", "s :", "NewFangledHeader:   new value", " continued value",
	"UnknownHeaderWithUnusualValue: ;;,,;;,;", "Content-Type: application/sdp", "Route:",
	" <sip:services.example.com;lr;unknownwith=value;unknown-no-value>", "v:  SIP  / 2.0  / TCP     spindle.example.com   ;",
	"  branch  =   z9hG4bK9ikj8  ,", " SIP  /    2.0   / UDP  192.168.255.111   ; branch=", " z9hG4bK30239",
	'm:"Quoted string \\"\\"" <sip:45675001@127.0.0.11:5099> ; newparam =', "      newvalue ;", "  secondparam ; q = 0.33", "", SDP]


def test_3_1_1_1_wsinv_as_it_stands(alice, bob):
	"""Kamailio's parser wants number and method of a CSeq on one line; else it takes the message for none, and is silent."""
	assert silent(Odd(alice, "\r\n".join(WSINV).replace("   INVITE", "\r\n  INVITE")), bob)


def test_3_1_1_1_wsinv(alice, bob):
	"""White space, folding, odd cases and compact names wherever they may be: routed, and it comes over whole."""
	m = arrived(Odd(alice, "\r\n".join(WSINV)), bob)
	assert len(m.values("via")) == 4 and m.values("via")[-1].split(";")[0].split() == ["SIP", "/", "2.0", "/", "UDP",
		"192.168.255.111"]
	assert m.get("newfangledheader") == "new value continued value"
	assert m.get("unknownheaderwithunusualvalue") == ";;,,;;,;" and m.body.decode() == SDP
	assert m.all("route") == []  # a route that the caller brings is not ours to follow (A1)


ODD_METHOD = "!interesting-Method0123456789_*+`.%indeed'~"
STRANGE = "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"


def test_3_1_1_2_intmeth(alice, bob):
	"""A method, a user and a To of every character that these may have: not offered."""
	odd = Odd(alice, other(ODD_METHOD, request=f"{ODD_METHOD} sip:{STRANGE}@{DOMAIN} SIP/2.0",
		to=f'To: "BEL:\\\x07 NUL:\\\0 DEL:\\\x7f" <sip:1_unusual.URI~(to-be!sure)&isn\'t+it$@{DOMAIN}>',
		more="extensionHeader-!.%*+_`'~: \ufeff\u5927\u505c"))
	assert outcome(odd, bob) == "405 method-not-offered"


def test_3_1_1_2_intmeth_in_a_call(alice, bob):
	"""The same characters in a call: display names, parameters, an unknown header."""
	m = arrived(Odd(alice, text(from_="From: token1~` token2'+_ token3*%!.- <sip:45675001@sip.example.com>;fromParam''~+*_!.-%="
		'"\u0440\u0430\u0431";tag=$TAG', more="extensionHeader-!.%*+_`'~: \u5927\u505c\u96fb",
		to='To: "BEL:\\\x07 DEL:\\\x7f \u00e9" <sip:45675002@sip.example.com>')), bob)
	assert m.get("extensionheader-!.%*+_`'~") == "\u5927\u505c\u96fb" and "\x07" in m.get("to")


@pytest.mark.parametrize("user, expected", [("sips%3A45675002%40example.com", "404 not-a-number"),
	("%34%35%36%37%35%30%30%32", "404 not-a-number")])
def test_3_1_1_3_esc01(alice, bob, user, expected):
	"""Escapes that mean something: a number is digits and nothing else (B2), written any other way it is none."""
	odd = Odd(alice, text(request=f"INVITE sip:{user}@{DOMAIN} SIP/2.0", to=f"To: <sip:{user}@{DOMAIN}>",
		contact="Contact: <sip:cal%6Cer@$HERE;%6C%72;n%61me=v%61lue%25%34%31>"))
	assert outcome(odd, bob) == expected


def test_3_1_1_3_esc01_in_contact(alice, bob):
	"""In a Contact and in parameters they are the agent's business, and are passed on as they came."""
	m = arrived(Odd(alice, text(contact="Contact: <sip:cal%6Cer@$HERE;n%61me=v%61lue%25%34%31>")), bob)
	assert "cal%6Cer@" in m.get("contact") and "n%61me=v%61lue%25%34%31" in m.get("contact")


def test_3_1_1_4_escnull(service, alice, bob):
	"""Escaped NULs: a REGISTER of such a user is none of an account's, one with such a Contact is good."""
	nulled = register(to="To: sip:null-%00-null@sip.example.com", from_="From: sip:null-%00-null@sip.example.com;tag=$TAG")
	assert outcome(Odd(alice, nulled), bob) == "403 to-mismatch"
	contacts = "Contact: <sip:%00@$HERE>"
	assert outcome(Odd(alice, register(contact=contacts)), bob) == "200 -"
	assert service.binding(CALLER)["Address"].startswith("sip:%00@")
	assert bob.call(CALLER) and alice.incoming().invite.uri.startswith("sip:%00@")


def test_3_1_1_5_esc02(alice, bob):
	"""In a method a % is no escape: RE%47IST%45R registers nobody."""
	assert outcome(Odd(alice, other("RE%47IST%45R", to='To: "%Z%45" <sip:45675001@sip.example.com>',
		contact="Contact: <sip:alias1@$HERE>, <sip:alias2@$HERE>")), bob) == "405 method-not-offered"


def test_3_1_1_6_lwsdisp(alice, bob):
	"""Nothing between a display name and the bracket."""
	m = arrived(Odd(alice, other("OPTIONS", from_="From: caller<sip:45675001@sip.example.com>;tag=$TAG")), bob)
	assert m.get("from").startswith("caller<")


def long_request(call):
	big = "z" * 60
	return text(request=f"INVITE sip:45675002@{DOMAIN};unknownparam{'x' * 200}={'y' * 200} SIP/2.0", call=f"Call-ID: {call}",
		to=f'To: "I have a user name of {"extreme" * 30} proportion" <sip:45675002@{DOMAIN};long{"p" * 60}=1>',
		from_=f"From: sip:45675001@{DOMAIN};long={'v' * 400};tag=$TAG",
		more="\r\n".join([f"Unknown-{'Long' * 30}-Name: unknown-{'long' * 40}-value; unknown-{'long' * 20}-parameter"]
			+ [f"Via: SIP/2.0/TCP sip{n}.example.com;branch=z9hG4bK{big}{n}" for n in range(34)]))


def test_3_1_1_7_longreq(alice, bob):
	"""Long values everywhere: routed as they are."""
	m = arrived(Odd(alice, long_request("$CALL")), bob)
	assert len(m.values("via")) == 36 and "extreme" * 30 in m.get("to") and m.body.decode() == SDP


def test_3_1_1_7_longreq_too_long_to_record(alice, bob):
	"""A Call-ID that no table holds: refused, so that no call goes unrecorded."""
	call_id = "longcallid" * 30
	assert outcome(Odd(alice, long_request("$CALL"), call_id=call_id), bob) == "400 bad-request"


def test_3_1_1_8_dblreq(service, alice, bob):
	"""What follows a whole message in a datagram. RFC 3261 18.3 has it thrown away; here the message is refused, since what
	is passed on over TCP would there be a second one, of nobody's."""
	second = Odd(alice, text())
	first = Odd(alice, other("MESSAGE", "one", type="Content-Type: text/plain") + second.raw())
	assert outcome(first, bob) == "400 bad-request"
	alice.deliver(bob)
	assert [m for m in alice.link.arrived if second.mine(m)] == []


def test_3_1_1_8_dblreq_on_a_stream(agent, bob):
	"""There it is the next message, challenged like any."""
	alice = agent(CALLER, transport="tcp").registered()
	via = "Via: SIP/2.0/TCP $HERE;branch=$BRANCH;rport"
	first, second = Odd(alice, other("OPTIONS", via=via)), Odd(alice, text(via=via))
	alice.link.send(first.raw() + second.raw())
	assert [first.wait().status, second.wait().status] == [407, 407]


def test_3_1_1_9_semiuri(alice, bob):
	"""Parameters of the user belong to the user: no number (B2)."""
	assert outcome(Odd(alice, other("OPTIONS", request=f"OPTIONS sip:45675002;par=u%40example.net@{DOMAIN} SIP/2.0")),
		bob) == "404 not-a-number"


def test_3_1_1_10_transports(alice, bob):
	"""Transports known, unknown and new in the Via headers of those before us."""
	more = [f"Via: SIP/2.0/{t} t{n}.example.com;branch=z9hG4bKkdjuw{n}" for n, t in enumerate(["SCTP", "TLS", "UNKNOWN", "TCP"])]
	m = arrived(Odd(alice, other("OPTIONS", more="\r\n".join(more))), bob)
	assert [v.split()[0] for v in m.values("via")[2:]] == ["SIP/2.0/SCTP", "SIP/2.0/TLS", "SIP/2.0/UNKNOWN", "SIP/2.0/TCP"]


def test_3_1_1_11_mpart01(alice, bob):
	"""A body of several parts, one of them binary with NULs, comes over to the byte."""
	body = (b"--7a9cbec02ceef655\r\nContent-Type: text/plain\r\n\r\nHello\r\n--7a9cbec02ceef655\r\n"
		b"Content-Type: application/octet-stream\r\n\r\n" + bytes(range(256)) + b"\r\n\r\n--7a9cbec02ceef655--\r\n")
	m = arrived(Odd(alice, other("MESSAGE", body, contact=None,
		type="Content-Type: multipart/mixed;boundary=7a9cbec02ceef655")), bob)
	assert m.body == body


REASONS = {"unreason": "= 2**3 * 5**2 \u043d\u043e \u0441\u0442\u043e - \u043f\u0440\u043e\u0441\u0442\u043e\u0435 \x01 ;,()<>",
	"noreason": ""}


@pytest.mark.parametrize("name", ["3_1_1_12_unreason", "3_1_1_13_noreason"])
@pytest.mark.parametrize("status", [180, 200, 486])
def test_reason_of_a_callee(alice, bob, name, status):
	"""Any reason phrase, and none: passed on with its answer."""
	reason = REASONS[name.split("_")[-1]]
	mine = alice.call("45675002")
	theirs = bob.incoming()
	bob.link.reply(theirs.invite, status, reason, [("Contact", bob.contact())], to_tag=theirs.tag)
	answer = mine.wait_status(180) if status == 180 else mine.final()
	assert (answer.status, answer.reason) == (status, reason)
	if status == 180:
		theirs.answer(mine)
	if status == 486:
		return
	assert between(mine, theirs, "BYE").status == 200


@pytest.fixture(autouse=True)
def count_answered(request, unscathed):
	yield
	if "test_reason_of_a_callee" in request.node.name and "486" not in request.node.name:
		unscathed.calls += 1


def test_3_4_inv2543(alice, bob):
	"""An INVITE as RFC 2543 wrote it: no branch, no tags, no Max-Forwards. A call without tags could not be kept, nor recorded."""
	odd = Odd(alice, text(via="Via: SIP/2.0/UDP $HERE", hops=None, from_="From: sip:45675001@sip.example.com",
		to="To: sip:45675002@sip.example.com"))
	assert outcome(odd, bob) == "400 bad-request"


def test_3_1_1_12_unreason_of_other_requests(alice, bob):
	"""As above, to a request that is no call."""
	bob.link.auto["MESSAGE"] = lambda m: bob.link.reply(m, 200, REASONS["unreason"], to_tag=new_tag())
	assert alice.message("45675002").reason == REASONS["unreason"]
	assert as_bytes(REASONS["unreason"]) in alice.link.arrived[-1].raw
