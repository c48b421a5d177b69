# SPDX-License-Identifier: GPL-2.0-or-later
"""RFC 4475, sections 3.1.2 to 3.3: messages with a fault, by the names that the RFC gives them, with numbers and texts of our
own. Each is sent, and signed if the service asks for it; what becomes of it is written beside it:

	"400 bad-request"	that answer, with that rule
	"routed"		it reached the callee, and the answer came back: the fault is none of a proxy's business
	"silent"		no answer and nothing at the callee: Kamailio's parser takes it for no SIP, or cannot tell who is to be answered

Where the RFC leaves a choice, routing what is clear is as good as refusing it: a proxy that mends the fault (3.1.2.11, whose
URI it writes anew; 3.1.2.4, whose Max-Forwards it makes its own) does no less than one that complains.
"""
import collections

import pytest
from odd import CALLEE, DOMAIN, Odd, at, other, outcome, register, silent, text
from wire import build

pytestmark = pytest.mark.usefixtures("unscathed")

Row = collections.namedtuple("Row", "name expected text")
TCP = "Via: SIP/2.0/TCP $HERE;branch=$BRANCH;rport"
REQUESTS = [
	Row("3_1_2_1_badinv01", "silent", text(contact='Contact: "Joe" <sip:45675001@$HERE>;;;;',
		via="Via: SIP/2.0/UDP $HERE;;,;,,;branch=$BRANCH")),
	Row("3_1_2_1_badinv01_contact", "400 bad-contact", text(contact='Contact: "Joe" <sip:45675001@$HERE>;;;;')),
	Row("3_1_2_2_clerr", "400 bad-request", text(length="Content-Length: 9999")),
	Row("3_1_2_3_ncl", "silent", text(length="Content-Length: -999")),
	Row("3_1_2_4_scalar02_cseq", "400 bad-request", other("OPTIONS", cseq="CSeq: 36893488147419103232 OPTIONS")),
	Row("3_1_2_4_scalar02_hops", "routed", other("OPTIONS", hops="Max-Forwards: 300")),
	Row("3_1_2_4_scalar02_expires", "200 -", register(more="Expires: 10000000000000000000000000")),
	Row("3_1_2_4_scalar02_contact", "200 -", register(contact="Contact: <sip:45675001@$HERE>;expires=280297596632815")),
	Row("3_1_2_6_quotbal", "silent", text(to=f'To: "Mr. J. User <sip:{CALLEE}@{DOMAIN}>')),
	Row("3_1_2_7_ltgtruri", "400 bad-request", text(request=f"INVITE <sip:{CALLEE}@{DOMAIN}> SIP/2.0")),
	Row("3_1_2_8_lwsruri", "silent", text(request=f"INVITE sip:{CALLEE}@{DOMAIN}; lr SIP/2.0")),
	Row("3_1_2_9_lwsstart", "silent", text(request=f"INVITE  sip:{CALLEE}@{DOMAIN}  SIP/2.0")),
	Row("3_1_2_10_trws", "routed", other("OPTIONS", request=f"OPTIONS sip:{CALLEE}@{DOMAIN} SIP/2.0  ")),
	Row("3_1_2_11_escruri", "routed", text(
		request=f"INVITE sip:{CALLEE}@{DOMAIN}?Route=%3Csip:127.0.0.99%3Blr%3E SIP/2.0")),
	Row("3_1_2_12_baddate", "routed", text(more="Date: Fri, 01 Jan 2010 16:00:00 EST")),
	Row("3_1_2_13_regbadct", "400 bad-contact", register(contact="Contact: sip:45675001@$HERE?Route=%3Csip:sip.example.com%3E")),
	Row("3_1_2_14_badaspec", "routed", other("OPTIONS", to='To: "Watson, Thomas" < sip:45675002@sip.example.com >')),
	Row("3_1_2_15_baddn", "routed", other("OPTIONS", from_="From: Bell, Alexander <sip:45675001@sip.example.com>;tag=$TAG")),
	Row("3_1_2_16_badvers", "silent", other("OPTIONS", request=f"OPTIONS sip:{CALLEE}@{DOMAIN} SIP/7.0",
		via="Via: SIP/7.0/UDP $HERE;branch=$BRANCH")),
	Row("3_1_2_17_mismatch01", "400 bad-request", other("OPTIONS", cseq="CSeq: $CSEQ INVITE")),
	Row("3_1_2_18_mismatch02", "400 bad-request", other("NEWMETHOD", cseq="CSeq: $CSEQ INVITE")),
	Row("3_2_1_badbranch", "routed", other("OPTIONS", via="Via: SIP/2.0/UDP $HERE;branch=z9hG4bK")),
	Row("3_3_1_insuf", "silent", text(from_=None, to=None, call=None)),
	Row("3_3_1_insuf_from", "silent", text(from_=None)),
	Row("3_3_1_insuf_cseq", "silent", text(cseq=None)),
	Row("3_3_1_insuf_via", "silent", text(via=None)),
	Row("3_3_2_unkscm", "400 bad-request", other("OPTIONS", request="OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0")),
	Row("3_3_3_novelsc", "400 bad-request", other("OPTIONS",
		request="OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0")),
	Row("3_3_4_unksm2", "400 bad-request", register(to="To: isbn:2983792873", from_="From: <http://www.example.com>;tag=$TAG")),
	Row("3_3_4_unksm2_contact", "200 -", register(contact="Contact: <name:John_Smith>")),
	Row("3_3_5_bext01", "420 bad-extension", other("OPTIONS",
		more="Require: nothingSupportsThis\r\nProxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis")),
	Row("3_3_6_invut", "routed", text("<audio><pcmu port='443'/></audio>", type="Content-Type: application/unknownformat")),
	Row("3_3_7_regaut01", "401 -", register(auth='Authorization: NoOneKnowsThisScheme opaque-data=here')),
	Row("3_3_8_multi01", "silent", text(more="CSeq: 59 INVITE\r\nCall-ID: 98asdh@192.0.2.2\r\nFrom: <sip:45675006@sip.example.com>;tag=3413415\r\nTo: <sip:45675006@sip.example.com>\r\n"
		"Max-Forwards: 5")),
	Row("3_3_9_mcl01", "silent", other("OPTIONS", "There is no way to know how many octets are here.",
		more="Content-Length: 13", length="Content-Length: 5")),
	Row("3_3_11_zeromf", "483 too-many-hops", other("OPTIONS", hops="Max-Forwards: 0")),
	Row("3_3_12_cparam01", "200 -", register(contact="Contact: sip:45675001@$HERE;unknownparam")),
	Row("3_3_13_cparam02", "200 -", register(contact="Contact: <sip:45675001@$HERE;unknownparam>")),
	Row("3_3_14_regescrt", "400 bad-contact", register(contact="Contact: <sip:45675001@$HERE?Route=%3Csip:sip.example.com%3E>")),
	Row("3_3_15_sdp01", "routed", text(more="Accept: text/nobodyKnowsThis")),
]


@pytest.mark.parametrize("row", REQUESTS, ids=[row.name for row in REQUESTS])
def test_request(alice, bob, row):
	odd = Odd(alice, row.text)
	if row.expected == "silent":
		assert silent(odd, bob)
	else:
		assert outcome(odd, bob) == row.expected
	assert not [m for m in at(bob, odd) if "?" in m.uri or int(m.get("max-forwards")) > 70]


def test_3_2_1_badbranch_twice(alice, bob):
	"""Two requests with the bare magic cookie as branch are two requests."""
	for _ in range(2):
		assert outcome(Odd(alice, other("OPTIONS", via="Via: SIP/2.0/UDP $HERE;branch=z9hG4bK")), bob) == "routed"


# -- where the length of a message frames the next one --

STREAMS = [
	Row("3_1_2_2_clerr", None, text(via=TCP, length="Content-Length: 9999")),
	Row("3_1_2_3_ncl", None, text(via=TCP, length="Content-Length: -999")),
	Row("3_1_2_3_ncl_none", None, text(via=TCP, length=None)),
	Row("3_1_2_3_ncl_huge", None, text(via=TCP, length="Content-Length: 99999999999999999999")),
	Row("3_1_2_3_ncl_words", None, text(via=TCP, length="Content-Length: many")),
	Row("3_3_9_mcl01", None, other("OPTIONS", "x" * 40, via=TCP, more="Content-Length: 13", length="Content-Length: 5")),
]


@pytest.mark.parametrize("row", STREAMS, ids=[row.name for row in STREAMS])
def test_on_a_stream(agent, alice, bob, row):
	"""It spoils its own connection at most: nothing behind it is taken for something else, and the neighbours go on."""
	spoiler, neighbour = (agent("45675006", transport="tcp") for _ in range(2))
	odd = Odd(spoiler, row.text, method=row.text.split(None, 1)[0].decode())
	smuggled = Odd(alice, other("MESSAGE", "smuggled", via=TCP, type="Content-Type: text/plain"))
	spoiler.link.send(odd.raw() + smuggled.raw())
	assert neighbour.register().status == 200
	alice.deliver(bob)
	assert not [m for m in spoiler.link.arrived if (m.status or 0) < 400] and not at(bob, odd) and not at(bob, smuggled)


# -- answers of a callee --

def response(invite, status="503 Service Unavailable", changed=(), tag="odd"):
	"""An answer to that INVITE, written out; `changed` replaces headers."""
	headers = dict([("From", invite.get("from")), ("To", f"{invite.get('to')};tag={tag}"), ("Call-ID", invite.call_id),
		("CSeq", invite.get("cseq"))], **dict(changed))
	vias = headers.pop("Via", invite.all("via"))
	return build(f"SIP/2.0 {status}", [("Via", v) for v in vias] + list(headers.items()))


RESPONSES = {
	"3_1_2_5_scalarlg_unknown": lambda m: response(m, changed={"CSeq": "9292394834772304023312 INVITE",
		"Via": ["SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKx"]}),
	"3_1_2_5_scalarlg_others": lambda m: response(m, "180 Ringing", {"Retry-After": "949302838503028349304023988",
		"Warning": '1812 overture "In Progress"', "Expires": "9" * 40}),
	"3_1_2_19_bigcode": lambda m: response(m, "4294967301 better not break the receiver"),
	"3_1_2_19_bigcode_small": lambda m: response(m, "0 nothing"),
	"3_1_2_19_bigcode_negative": lambda m: response(m, "-10 nothing"),
	"3_3_10_bcast": lambda m: response(m, "200 OK", {"Via": ["SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKx",
		"SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23"]}),
	"3_3_10_bcast_behind_ours": lambda m: response(m, "180 Ringing", {"Via": m.all("via")[:1]
		+ ["SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23"]}),
	"3_1_2_17_mismatch01": lambda m: response(m, "200 OK", {"CSeq": m.get("cseq").replace("INVITE", "BYE")}),
	"3_3_1_insuf": lambda m: build("SIP/2.0 200 OK", [("Via", v) for v in m.all("via")]),
}


@pytest.mark.parametrize("name", RESPONSES)
def test_answer(alice, bob, unscathed, name):
	"""The caller hears no such final answer, nor anything at an address that the answer names; the call goes on ringing, and
	is answered by the good one that comes behind it."""
	mine = alice.call("45675002")
	theirs = bob.incoming()
	bob.link.send(RESPONSES[name](theirs.invite), theirs.invite.source)
	alice.deliver(bob)
	assert [m for m in alice.link.arrived if m.status and m.status >= 200 and mine.answers(m, "INVITE", mine.invite_cseq)] == []
	theirs.answer(mine)
	theirs.link.auto["BYE"] = lambda m: theirs.link.reply(m, 200, "OK")
	assert mine.request("BYE").status == 200
	unscathed.calls += 1


@pytest.mark.parametrize("name, status, changed, heard", [
	("3_1_2_5_scalarlg", "503 Service Unavailable", {"CSeq": "9292394834772304023312 INVITE"}, 500),
	("3_1_2_19_bigcode_999", "999 nothing", {}, 999)])
def test_refusal(alice, bob, name, status, changed, heard):
	"""A final answer that is clear enough ends the call: the caller hears it, with its own CSeq."""
	mine = alice.call("45675002")
	theirs = bob.incoming()
	bob.link.send(response(theirs.invite, status, changed), theirs.invite.source)
	assert mine.final().status == heard
