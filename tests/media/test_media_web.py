# SPDX-License-Identifier: GPL-2.0-or-later
"""The web administration's pages of the running service, with real calls: what they show, and that an operator's act is done."""
import re
import sys
from pathlib import Path

import pytest
from aetactl import Ctl
from agent import between
from phone import converse
from service import eventually
from steps import talk

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "admin"))
from server import Admin, Visitor  # noqa: E402

PASSWORD = "correct horse battery"
# What a page shows of another relay is test_media_now.py's.
pytestmark = pytest.mark.parametrize("service", ["aeta-relay"], indirect=True)


@pytest.fixture(scope="module")
def admin(service, tmp_path_factory):
	ctl = Ctl(tmp_path_factory.mktemp("ctl"), service.db)
	for login, role in (("vera", "viewer"), ("susi", "support")):
		ctl.ok("operator", "add", login, "--role", role, "--password-stdin", stdin=PASSWORD + "\n")
	with Admin(service.db, tmp_path_factory.mktemp("admin"), rpc_socket=service.folder / "kamailio_rpc.sock", test_codec="45995005") as running:
		yield running
	for login in ("vera", "susi"):
		ctl.ok("operator", "delete", login)


@pytest.fixture
def as_(admin):
	def make(who):
		one = Visitor(admin)
		one.login(who, PASSWORD, "/login")
		return one
	return make


def call_in(visitor, number):
	"""The address of the call of `number` in the list."""
	page = eventually("the call is on the page", lambda: number in visitor.get("/calls").text and visitor.get("/calls").text)
	row, = [row for row in page.split("<tr>") if number in row]
	return row.split('href="/calls/')[1].split("?")[0]


def last_act(service):
	return service.sql("SELECT who, action, object, detail FROM aeta_audit ORDER BY id DESC LIMIT 1")[0]


def test_a_call_is_shown_and_ended(service, phone, nominal, as_):
	alice, bob = phone("45675001", "always").registered(), phone("45675002").registered()
	mine, theirs = talk(alice, bob, "5002")
	assert converse(alice, bob)
	susi, vera = as_("susi"), as_("vera")
	which = call_in(susi, "45675001")
	page = susi.get("/calls").text
	assert "a party, or its group, always wants the relay" in page and "relayed" in page and "/accounts/45675002" in page
	for asked in ("path=direct", "q=9999"):
		page = susi.get(f"/calls?{asked}").text
		assert "No call that goes on is like that" in page and "Nobody is in a call" not in page and 'href="/calls">Show all calls' in page
	one = susi.get(f"/calls/{which}")
	assert one.status == 200 and nominal.url in one.text and mine.call_id in one.text and "End the call" in one.text
	assert "End the call" not in vera.get(f"/calls/{which}").text
	assert vera.post(f"/calls/{which}/end").status == 403
	assert susi.get(f"/calls/{which}/end").status == 405 and susi.get("/calls/1-1").status == 404
	board = susi.get("/").text
	assert nominal.url in board and "registered" in board
	done = susi.post(f"/calls/{which}/end")
	assert (done.status, done.location) == (303, "/calls")
	for side in (mine, theirs):
		side.expect("BYE")
	assert last_act(service) == ["susi", "call end", which, "45675001 to 45675002"]
	eventually("it is off the list", lambda: "Nobody is in a call" in susi.get("/calls").text)
	late = susi.post(f"/calls/{which}/end", {"caller": "45675001"})
	assert late.status == 404 and "This call has ended" in late.text and 'href="/cdrs?f.caller=45675001"' in late.text


def test_lines_of_the_test_codec(service, phone, as_):
	alice, bob = phone("45675001").registered(), phone("45675002").registered()
	codec = phone("45995005").registered()
	susi = as_("susi")
	assert "No line is in use" in susi.get("/testcodec").text
	line, other = talk(alice, codec), talk(bob, alice)
	eventually("the line is on the page", lambda: "45675001" in susi.get("/testcodec").text)
	which = call_in(susi, "45675002")
	assert which not in susi.get("/testcodec").text and susi.post("/testcodec/release", {"id": which}).status == 400
	assert susi.post("/testcodec/release", {"id": "all"}).status == 303
	for side in line:
		side.expect("BYE")
	eventually("the line is free", lambda: "No line is in use" in susi.get("/testcodec").text)
	assert between(*other, "BYE").status == 200


def test_bans_are_shown_and_lifted(service, as_, phone):
	susi, vera = as_("susi"), as_("vera")
	assert "Nobody is banned" in susi.get("/bans").text
	mallory = phone("45675002", host="127.0.0.9", password="wrong")
	for _ in range(5):
		assert mallory.register().status in (401, 403)
	page = eventually("the ban is on the page", lambda: "127.0.0.9" in susi.get("/bans").text and susi.get("/bans").text)
	assert "/accounts/45675002" in page and "Lift" in page and "Lift" not in vera.get("/bans").text.split("<main")[1]
	assert vera.post("/bans/lift", {"source": "127.0.0.9", "user": "45675002"}).status == 403
	assert susi.post("/bans/lift", {"source": "studio", "user": ""}).status == 400
	assert "is lifted" in susi.post("/bans/lift", {"source": "127.0.0.9", "user": "45675002"}).text
	assert last_act(service) == ["susi", "ban lift", "45675002", "127.0.0.9"]
	assert "had ended already" in susi.post("/bans/lift", {"source": "127.0.0.9", "user": "45675002"}).text


def test_a_pair_that_dialled_again_is_judged_anew(service, as_):
	susi, vera = as_("susi"), as_("vera")
	service.sql("DELETE FROM aeta_redial; INSERT INTO aeta_redial (low, high, low_address, high_address, relayed_until) VALUES "
		"('45675001', '45675002', '203.0.113.11', '203.0.113.12', UNIX_TIMESTAMP('2037-01-05 10:00:00'))")
	service.restart(SITE_REDIAL_S="120")
	try:
		page = "/redial/45675001-45675002"
		assert "Judge their calls anew" in susi.get(page).text and "Judge their calls anew" not in vera.get(page).text
		assert vera.post(f"{page}/lift").status == 403 and susi.post("/redial/45675001-45995002/lift").status == 404
		done = susi.post(f"{page}/lift")
		assert (done.status, done.location) == (303, "/redial")
		assert last_act(service) == ["susi", "redial lift", "45675001", "45675002"]
		assert susi.get(page).status == 404 and not service.sql("SELECT * FROM aeta_redial")
	finally:
		service.sql("DELETE FROM aeta_redial")
		service.restart(SITE_REDIAL_S=None)


def test_without_kamailio(service, as_, phone):
	"""The pages are there, and say what they do not know."""
	susi = as_("susi")
	service.stop_kamailio()
	try:
		for path in ("/", "/calls", "/bans", "/testcodec"):
			page = susi.get(path)
			assert page.status == (502 if path == "/bans" else 200), path
			assert path == "/testcodec" or "Kamailio does not answer" in page.text, path
	finally:
		service.start_kamailio()


def test_an_account(service, phone, as_):
	"""Where it is, what it is behind and what that means, what was tried and why it failed; and tracing it."""
	alice, bob = phone("45675001", user_agent="Codec <b>7</b>").registered(), phone("45675002").registered()
	service.sql("DELETE FROM aeta_nat_class; INSERT INTO aeta_nat_class (account, address, class, evidence, stun, checked_at, changed_at) "
		"VALUES ('45675001', '203.0.113.99', 'changed', 0, 'no', UTC_TIMESTAMP(), UTC_TIMESTAMP())")
	mine = alice.call("45675002")
	theirs = bob.incoming()
	theirs.link.reply(theirs.invite, 486, "Busy Here", to_tag=theirs.tag)
	assert mine.final().status == 486
	theirs.expect("ACK", reply=False)
	susi, vera = as_("susi"), as_("vera")
	page = eventually("the attempt is written", lambda: (p := susi.get("/accounts/45675001").text) and "the called agent was busy" in p and p)
	assert "sip:45675001@127.0.0.11" in page and "Codec &lt;b&gt;7&lt;/b&gt;" in page and "Latest REGISTER" in page
	assert "It is registered from 127.0.0.11" in page and "behind a symmetric NAT" in page
	assert "Trace for ten minutes" in page and "Trace for ten minutes" not in vera.get("/accounts/45675001").text

	for path in ("/accounts/45675001/trace", "/accounts/45675001/trace-end", "/accounts/45675001/probe"):
		assert vera.post(path).status == 403 and susi.get(path).status in (404, 405)
	assert susi.post("/accounts/99999/trace").status == 404
	done = susi.post("/accounts/45675001/trace")
	assert (done.status, done.location) == (303, "/accounts/45675001")
	assert "It is traced" in susi.get("/accounts/45675001").text
	assert "traced already" in susi.post("/accounts/45675001/trace").text
	assert susi.post("/accounts/45675001/trace-text").status == 404, "nothing is stored yet"
	alice.registered()
	eventually("the REGISTER is stored", lambda: int(service.sql("SELECT COUNT(*) FROM sip_trace")[0][0]) >= 2)
	text, pcap = susi.post("/accounts/45675001/trace-text"), susi.post("/accounts/45675001/trace-pcap")
	assert "REGISTER sip:" in text.text and "response=" in text.text and re.search(r'filename="45675001-\d{8}T\d{6}Z\.txt"', str(text.headers))
	assert pcap.body[:4] in (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4") and b"REGISTER sip:" in pcap.body
	assert last_act(service)[1:3] == ["trace read", "45675001"]
	for path in ("/accounts/45675001/trace-text", "/accounts/45675001/trace-pcap"):
		assert vera.post(path).status == 403 and susi.get(path).status in (404, 405)
	assert susi.post("/accounts/45675001/trace-end").status == 303
	assert last_act(service) == ["susi", "trace stop", "45675001", ""]
	assert "It is traced" not in susi.get("/accounts/45675001").text
	assert susi.post("/accounts/45675001/probe").status == 409, "there is nothing to be asked: probing is off here"
	assert last_act(service) == ["susi", "nat ask", "45675001", ""]
	assert "It is not registered" in susi.get("/accounts/45995002").text
	service.sql("DELETE FROM aeta_nat_class; DELETE FROM sip_trace")
