# SPDX-License-Identifier: GPL-2.0-or-later
"""What the configuration itself takes care of: BYEs of its own, ended calls, replies, flows that are gone, reboots."""
import itertools

import pytest
from agent import between
from service import eventually
from wire import UdpLink, build, new_branch, new_call_id, new_tag

WAYS = {"udp": {}, "udp-5070": {"server_port": 5070}, "tcp": {"transport": "tcp"}, "tls": {"transport": "tls"},
	"ipv6-tcp": {"host": "::1", "transport": "tcp"}}


def dialogs(service, call_id):
	return [d for d in service.rpc("dlg.list") or [] if d["call-id"] == call_id]


@pytest.mark.parametrize("caller, callee", itertools.product(WAYS, WAYS), ids=lambda way: way)
def test_released_by_the_operator(service, agent, caller, callee):
	"""A BYE that the service makes reaches both parties over their own flows, and the call is on record (B9, B11)."""
	alice, bob = agent("45675001", **WAYS[caller]).registered(), agent("45675002", **WAYS[callee]).registered()
	mine, theirs = alice.talk(bob)
	found, = dialogs(service, mine.call_id)
	service.rpc("dlg.end_dlg", found["h_entry"], found["h_id"])
	for side in (mine, theirs):
		bye = side.expect("BYE")
		assert bye.get("x-aeta-own") is None
		assert bye.uri == side.agent.contact().strip("<>")
	assert service.cdr(mine.call_id) == ("45675001", "45675002", "45675002", "same-group")


def test_killed_after_a_bye(service, agent):
	"""Killed at once after a call ended, Kamailio does not take that call up again."""
	alice, bob = agent("45675001").registered(), agent("45675002").registered()
	mine, theirs = alice.talk(bob)
	assert between(mine, theirs, "BYE").status == 200
	service.restart(kill=True)
	assert dialogs(service, mine.call_id) == []


def test_member_in_a_call_after_a_restart(service, agent):
	"""Who is in a call is known again after a restart: hunting passes it over (B7)."""
	service.set_group(4567, "hunt_busy_in_call = 1")
	try:
		first, second = (agent(f"4567600{n}").registered() for n in (1, 2))
		alice, bob = agent("45675001"), agent("902080")
		mine, theirs = alice.talk(first)
		service.restart()
		hunting = bob.call("45676000")
		second.incoming().reject(486)
		assert hunting.final().rule == "hunt-busy"
		assert first.link.requests("INVITE") == [theirs.invite]
		assert between(mine, theirs, "BYE").status == 200
	finally:
		service.set_group(4567, "hunt_busy_in_call = 0")


@pytest.mark.parametrize("gone", [(1,), (1, 3), (1, 2)], ids=str)
def test_hunt_goes_on_past_a_closed_connection(service, agent, gone):
	"""A member whose TCP connection has just closed is passed over like any that is absent (B7)."""
	members = {n: agent(f"4567600{n}", transport="tcp" if n in gone else "udp").registered() for n in (1, 2, 3)}
	for n in gone:
		members[n].link.close()
	caller = agent("902080")
	mine = caller.call("45676000")
	for n in (2, 3):
		if n not in gone:
			members[n].incoming().reject(486)
	assert mine.final(timeout=20).rule == "hunt-busy"


def test_reply_of_a_stranger(service, agent):
	"""A reply that answers no request of the service is not passed on to where its Via says (A1)."""
	victim = UdpLink("127.0.0.99", (service.address, 5060))
	stranger = UdpLink("127.0.0.66", (service.address, 5060))
	alice, bob = agent("45675001").registered(), agent("45675002").registered()
	mine, theirs = alice.talk(bob)
	for call_id in (new_call_id(), mine.call_id):
		stranger.send(build("SIP/2.0 200 OK", [("Via", f"SIP/2.0/UDP {service.address};branch={new_branch()}.0"),
			("Via", f"SIP/2.0/UDP {victim.host}:{victim.port};branch={new_branch()}"),
			("From", f"<sip:a@b>;tag={new_tag()}"), ("To", f"<sip:c@d>;tag={new_tag()}"), ("Call-ID", call_id),
			("CSeq", "1 INVITE")]))
	alice.deliver(bob)
	assert victim.arrived == []
	assert between(mine, theirs, "BYE").status == 200
	victim.close()
	stranger.close()


@pytest.mark.parametrize("seal", ["", "|", "|d41d8cd98f00b204e9800998ecf8427e"])
def test_forged_mark_of_our_own(service, agent, seal):
	"""The header that tells our own BYEs where to go is worth nothing without our seal, not even inside a call (A1)."""
	victim = UdpLink("127.0.0.99", (service.address, 5060))
	alice, bob = agent("45675001").registered(), agent("45675002").registered()
	mine, theirs = alice.talk(bob)
	mark = ("X-Aeta-Own", f"sip:{victim.host}:{victim.port}|udp:{service.address}:5060{seal}")
	stray = alice.ask("BYE", "sip:45675002@sip.example.com", alice.address("45675002") + f";tag={new_tag()}", headers=[mark])
	assert (stray.status, stray.rule) == (481, "no-dialog")
	cseq = mine.send("BYE", [mark])
	bye = theirs.expect("BYE")
	assert bye.get("x-aeta-own") is None
	assert alice.link.wait("answer", lambda m: mine.answers(m, "BYE", cseq) and m.status >= 200).status == 200
	assert victim.arrived == []
	victim.close()


def test_reboot_with_the_old_call_id(service, agent):
	"""A codec that begins again with the same Call-ID and a lower CSeq is registered, whatever its Contact is now (A6)."""
	alice = agent("45675001")
	alice.register_cseq = 500
	alice.registered()
	alice.register_cseq = 0
	alice.registered()
	alice.register_cseq = 0
	assert alice.register(contact="<sip:45675001@192.168.1.1:5060>").status == 200
	assert service.binding("45675001")["Address"] == "sip:45675001@192.168.1.1:5060"


def test_fetch(service, agent):
	"""A REGISTER without a Contact asks for the binding and changes nothing."""
	alice = agent("45675001").registered()
	answer = alice.ask("REGISTER", f"sip:{alice.domain}", alice.address("45675001"), alice.register_call_id, 90)
	assert answer.status == 200 and alice.hostport in answer.get("contact")
	assert len(service.bindings("45675001")) == 1


@pytest.mark.parametrize("method, status", [("PUBLISH", 405), ("NOTIFY", 405), ("INFO", 481), ("UPDATE", 481), ("BYE", 481)])
def test_methods_outside_a_dialog(service, agent, method, status):
	"""What the service does not offer outside a dialog, it refuses by name (A1, B6)."""
	alice = agent("45675001")
	answer = alice.ask(method, "sip:45675002@sip.example.com", alice.address("45675002"))
	assert (answer.status, answer.rule) == (status, "method-not-offered" if status == 405 else "no-dialog")


def test_options_to_the_service(service, agent):
	"""Challenged like everything outside a dialog, then answered (A1)."""
	alice = agent("45675001")
	uri = f"sip:{alice.domain}"
	assert alice.ask("OPTIONS", uri, f"<{uri}>", authenticate=False).status == 407
	assert alice.ask("OPTIONS", uri, f"<{uri}>").status == 200


def test_keepalives_to_all_on_udp(service, agent):
	"""OPTIONS to an agent whose Contact shows a NAT, from the socket that it registered to (A5)."""
	alice = agent("45675001", server_port=5070)
	assert alice.register(contact="<sip:45675001@192.168.1.1:5060>").status == 200
	ping = alice.link.wait("keepalive", lambda m: m.is_request and m.method == "OPTIONS" and not m.tag("to"))
	assert ping.source == (service.address, 5070)


def test_times_and_flows_on_record(service, agent):
	"""The record names the sockets of both parties; they are what the service saw (B10)."""
	alice, bob = agent("45675001").registered(), agent("45675002", transport="tcp").registered()
	mine, theirs = alice.talk(bob)
	assert between(mine, theirs, "BYE").status == 200
	row = eventually("the record", lambda: service.sql(
		f"SELECT caller_flow, callee_flow, path, last_alive FROM acc_cdrs WHERE callid = '{mine.call_id}'"))
	assert f"udp:{alice.hostport}" in str(row) and f"tcp:{bob.hostport}" in str(row) and "direct" in str(row)
