# SPDX-License-Identifier: GPL-2.0-or-later
"""A database that does not answer at all (not: is down) must hold up nothing but what needs it (A5, D3)."""
import time

import pytest

from agent import between
from children import freeze, thaw
from service import eventually
from wire import build, new_branch, new_call_id, new_tag


@pytest.fixture
def frozen(service):
	"""frozen() stops the database in its tracks; it goes on after the test."""
	yield lambda: freeze(service.db.process)
	thaw(service.db.process)
	eventually("the database answers", lambda: service.sql("SELECT 1"))


def signed_message(one):
	"""The text of a MESSAGE to oneself with credentials: it makes Kamailio ask the database."""
	challenge = one.message(one.number, authenticate=False)
	uri = f"sip:{one.number}@{one.domain}"
	return lambda: build(f"MESSAGE {uri} SIP/2.0", [("Via", one.via(new_branch())),
		("From", one.address(one.number) + f";tag={new_tag()}"), ("To", one.address(one.number)),
		("Call-ID", new_call_id()), ("CSeq", "2 MESSAGE"), ("Max-Forwards", "70"),
		one.authorization(challenge, "MESSAGE", uri), ("Content-Type", "text/plain")], "x")


def test_calls_go_on(service, agent, frozen):
	"""More requests that need the database than there are workers, and no end of them; a call's own requests pass all the
	same, if late: the dialog module writes each of them down before it goes on."""
	alice = agent("45675001").registered()
	bob = agent("45675002").registered()
	stranger = agent("902080")
	mine, theirs = alice.talk(bob)
	message = signed_message(stranger)
	spared, hung = service.counter("worker_spared"), service.counter("database_hung")
	frozen()

	def ask_until(counter, before):
		stranger.link.send(message())
		return service.counter(counter) > before
	eventually("all workers but one wait", lambda: ask_until("worker_spared", spared))
	assert between(mine, theirs, "INFO").status == 200
	eventually("new requests are refused at once", lambda: ask_until("database_hung", hung))
	stranger.link.wait("503", lambda m: m.status == 503 and m.rule == "no-directory")
	assert between(theirs, mine, "INFO").status == 200


def test_nobody_repeats_a_request_over_tcp(service, agent, frozen):
	"""So none is dropped when all workers but one wait, for a moment, for the database."""
	many = [agent("902080", transport="tcp", host=f"127.0.3.{n + 1}") for n in range(12)]
	messages = [signed_message(one)() for one in many]
	frozen()
	for one, message in zip(many, messages):
		one.link.send(message)
	time.sleep(1)  # so long is the moment
	thaw(service.db.process)
	for one in many:
		one.link.wait("an answer", lambda m: m.method == "MESSAGE" and m.status not in (None, 407))


def test_all_is_well_afterwards(service, agent, frozen):
	"""Its end is noticed by itself: the same agent, refused a moment ago, is served again."""
	alice = agent("45675001").registered()
	message, hung = signed_message(alice), service.counter("database_hung")
	frozen()

	def refused():
		alice.link.send(message())
		return service.counter("database_hung") > hung
	eventually("a request is refused", refused)
	thaw(service.db.process)
	eventually("registrations are granted", lambda: alice.register().status == 200)


def test_one_row_a_number(service, agent):
	"""A binding that is taken away while the database is gone stays there; it must not come back beside the next one (A6)."""
	def rows():
		return service.sql("SELECT contact FROM location WHERE username = '45675001'")
	agent("45675001").registered()
	eventually("the registration is in the database", rows)
	log = service.folder / "kamailio.log"
	before = log.stat().st_size
	service.db.stop()
	try:
		service.forget("45675001")
		eventually("Kamailio has failed to write", lambda: b"deleting" in log.read_bytes()[before:], 20)
	finally:
		service.db.start()
	later = agent("45675001")
	eventually("registrations are granted", lambda: later.register().status == 200)
	eventually("the new one is in the database", lambda: any(later.hostport in row[0] for row in rows()))
	assert len(rows()) == 1
