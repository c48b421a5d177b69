# SPDX-License-Identifier: GPL-2.0-or-later
"""The history of the accounts (B10): each cause by a real request, and what `aetactl why` says of it."""
import contextlib
import pathlib
import subprocess
import sys
import time

import pytest
from agent import Agent, between
from children import freeze, thaw
from service import eventually
from wire import TIMEOUT, build, new_branch, new_call_id, new_tag

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "ctl"))
from aetactl import Ctl  # noqa: E402

ALICE, BOB = "45675001", "45675002"


class History:
	"""aetactl why, against the service under test; only what came after clean()."""

	def __init__(self, service, folder):
		self.service = service
		self.ctl = Ctl(folder, service.db)
		self.ctl.configure(rpc_socket=service.folder / "kamailio_rpc.sock")

	def clean(self):
		"""Nothing is waiting, the table is empty, and ten minutes that are counted together do not end in mid-test."""
		eventually("the next ten minutes", lambda: time.time() % 600 < 580, 30)
		self.settled()
		self.service.sql("DELETE FROM aeta_attempt")

	def settled(self, timeout=TIMEOUT):
		"""All that has been noted is written."""
		eventually("the history is written", lambda: self.service.rpc("aeta.attempts")["waiting"] == 0, timeout)

	def of(self, number, *more):
		return self.ctl.ok("why", number, *more)

	def all(self, number):
		self.settled()
		return self.of(number)["attempts"]

	def causes(self, number):
		"""(kind, cause, times), newest first."""
		return [(row["kind"], row["cause"], row["times"]) for row in self.all(number)]

	def rows(self):
		self.settled()
		return int(self.service.sql("SELECT COUNT(*) FROM aeta_attempt")[0][0])


@pytest.fixture
def history(service, tmp_path):
	made = History(service, tmp_path)
	made.clean()
	return made


@pytest.fixture
def alice(agent):
	return agent(ALICE).registered()


@pytest.fixture
def bob(agent):
	return agent(BOB).registered()


def latest(history, number, kind="call"):
	return next(row for row in history.all(number) if row["kind"] == kind)


# -- registrations --

def test_registrations_are_news_only_when_new(service, history, agent):
	"""One line for the first; none for 50 refreshes; one when the agent moves, one when it signs off."""
	codec = agent(ALICE, host="127.0.0.21").registered()
	assert history.causes(ALICE) == [("register", "registered", 1)]
	noted = service.counter("attempts_noted")
	for _ in range(50):
		codec.registered()
	assert service.counter("attempts_noted") == noted
	moved = agent(ALICE, host="127.0.0.22")
	moved.register_call_id = codec.register_call_id
	moved.register_cseq = codec.register_cseq
	assert moved.register(contact=codec.contact()).status == 200
	assert [row["source"].split(":")[1] for row in history.all(ALICE)] == ["127.0.0.22", "127.0.0.21"]
	assert moved.register(expires=0, contact=codec.contact()).status == 200
	assert [cause for _, cause, _ in history.causes(ALICE)] == ["unregistered", "registered", "registered"]


def test_wrong_password(history, agent):
	"""Counted in one line; and the first success after it is news again, though the registration was there all the time."""
	good = agent(ALICE, host="127.0.0.21").registered()
	bad = agent(ALICE, host="127.0.0.23", password="guess", user_agent="Prodys Quantum")
	for _ in range(3):
		assert bad.register().status == 401
	good.registered()
	assert sorted(history.causes(ALICE)) == [("register", "registered", 2), ("register", "wrong-password", 3)]
	row = next(row for row in history.all(ALICE) if row["cause"] == "wrong-password")
	assert (row["trust"], row["user_agent"], row["code"]) == (1, "Prodys Quantum", 0)
	assert row["source"].startswith("udp:127.0.0.23:") and "wrong password (3 times since " in row["outcome"]


def test_banned(service, history, agent):
	"""Wrong passwords until the source is banned for this number; why says so, and for how long. The right one ends it."""
	agent(ALICE, host="127.0.0.21", user_agent="A codec with a long name" + 9 * ", and another part of it").registered()
	bad = [agent(ALICE, host="127.0.0.24", password=f"guess-{i}") for i in range(8)]
	answers = [one.register().status for one in bad]
	assert answers[0] == 401 and answers[-1] == 403
	causes = history.causes(ALICE)
	causes = [cause for cause in causes if cause[1] != "registered"]
	assert {cause for _, cause, _ in causes} == {"wrong-password", "banned"} and sum(times for _, _, times in causes) == 8
	told = history.of(ALICE)
	assert [ban["source"] for ban in told["bans"]] == ["127.0.0.24"] and "; BANNED at 127.0.0.24 for " in told["now"]
	assert told["now"].rpartition(" for ")[0] in history.ctl("why", ALICE).out  # all of the sentence; but for the seconds that are left
	agent(ALICE, host="127.0.0.24").registered()
	assert latest(history, ALICE, "register")["cause"] == "registered"
	assert history.of(ALICE)["bans"] == []


def test_unknown_user(history, agent):
	"""A mistyped number is found under what was typed, and the number above it said not to exist."""
	assert agent("45679999").register().status == 401
	assert history.causes("45679999") == [("register", "unknown-user", 1)]
	assert history.of("45679999")["account"] is None and "no account" in history.of("45679999")["now"]


def test_locked_account(service, history, alice):
	service.set_account(ALICE, state="locked")
	try:
		assert alice.register().status == 403
		assert alice.call(BOB).final().status == 403
	finally:
		service.set_account(ALICE, state="active")
	assert sorted(history.causes(ALICE))[0] == ("call", "caller-locked", 1)
	assert ("register", "caller-locked", 1) in history.causes(ALICE)


def test_not_the_owner(history, agent, bob):
	assert agent(BOB, user_agent="another/2").register(expires=0).status == 200
	assert latest(history, BOB, "register")["cause"] == "not-owner"


# -- calls --

def test_answered(history, alice, bob):
	mine, theirs = alice.talk(bob, "5002")
	row = latest(history, ALICE)
	assert (row["cause"], row["code"], row["dialled"], row["peer"], row["final"]) == ("answered", 200, "5002", BOB, "")
	assert row["source"].endswith(f":{alice.link.port}") and row["callid"] == mine.call_id and row["trust"] == 2
	assert row["user_agent"] == "test-agent/1" and row["with"] == f"to {BOB} (dialled 5002)"
	seen = latest(history, BOB)
	assert seen["with"] == f"from {ALICE} (dialled 5002)" and seen["callid"] == mine.call_id


@pytest.mark.parametrize("status, reason, cause", [(486, "Busy Here", "busy"), (600, "Busy", "busy"),
	(603, "Decline", "declined"), (488, "No (B4 incoming-blocked)", "no-codec"), (480, "Nobody", "unavailable"),
	(404, "Gone", "rejected"), (302, "Elsewhere", "answer-refused")])
def test_refused_by_the_agent(history, alice, bob, status, reason, cause):
	"""The agent's words are kept, and never taken for a rule of ours."""
	mine = alice.call(BOB)
	bob.incoming().reject(status, reason)
	mine.final()
	row = latest(history, BOB)
	assert (row["cause"], row["reason"]) == (cause, "" if cause == "answer-refused" else reason)


def test_no_reply(history, alice, bob):
	bob.fall_silent()
	assert alice.call(BOB).final(TIMEOUT * 2).status == 408
	assert latest(history, ALICE)["cause"] == "no-reply"


@pytest.fixture
def short_ringing(service):
	service.restart(SITE_RING_MAX_S="1")
	yield
	service.restart(SITE_RING_MAX_S=None)


def test_no_answer(history, short_ringing, agent):
	alice, bob = agent(ALICE).registered(), agent(BOB).registered()
	mine = alice.call(BOB)
	bob.incoming().ring()
	assert mine.final().status == 408
	assert latest(history, ALICE)["cause"] == "no-answer"


def test_cancelled(history, alice, bob):
	mine = alice.call(BOB)
	theirs = bob.incoming()
	theirs.ring()
	mine.wait_status(180)
	mine.cancel()
	theirs.expect("CANCEL")
	theirs.reject(487, "Request Terminated")
	mine.final()
	assert [row[1:] for row in history.causes(BOB) if row[0] == "call"] == [("cancelled", 1)]


def test_not_registered_and_unknown(history, alice):
	assert alice.call("45675006").final().status == 480
	assert alice.call("45675999").final().status == 404
	assert alice.call("abc").final().status == 404
	found = {row["dialled"]: row["cause"] for row in history.all(ALICE) if row["kind"] == "call"}
	assert found == {"45675006": "not-registered", "45675999": "unknown-number", "abc": "not-a-number"}
	assert latest(history, "45675006")["cause"] == "not-registered"


def test_blocked(service, history, alice):
	service.set_group(4567, "block_outgoing = 1")
	try:
		assert alice.message("902080").status == 403
		assert alice.call("902080").final().status == 403
	finally:
		service.set_group(4567, "block_outgoing = 0")
	assert [row[:2] for row in history.causes("902080")] == [("call", "outgoing-blocked"), ("message", "outgoing-blocked")]


def test_foreign_domain_and_mismatch(history, alice):
	assert alice.call(BOB, domain="elsewhere.example").final().status == 403
	assert alice.call(BOB, from_user="45675006").final().status == 403
	assert sorted(row[1] for row in history.causes(ALICE) if row[0] == "call") == ["foreign-domain", "from-mismatch"]
	assert not [row for row in history.causes("45675006")], "it was nobody's but the authenticated user's"


def test_hunt(service, history, agent, alice):
	"""Found under the caller, the hunting number and the member that answered."""
	first, second = agent("45676001").registered(), agent("45676002").registered()
	mine = alice.call("6000")
	first.incoming().reject(486, "Busy Here")
	theirs = second.incoming()
	theirs.answer(mine)
	for number in (ALICE, "45676000", "45676002"):
		row = latest(history, number)
		assert (row["cause"], row["dialled"], row["peer"], row["final"]) == ("answered", "6000", "45676000", "45676002")
	assert not [row for row in history.all("45676001") if row["kind"] == "call"]
	assert between(mine, theirs, "BYE").status == 200  # or it is in a call for the tests that follow


def test_hunt_that_fails(history, agent, alice):
	members = [agent("45676001").registered(), agent("45676002").registered()]
	mine = alice.call("6000")
	for member in members:
		member.incoming().reject(486, "Busy Here")
	assert mine.final().status == 486
	assert [row[1:] for row in history.causes("45676000")] == [("hunt-busy", 1)]


def test_repeated_answers_count_once(history, alice, bob):
	"""An agent whose 200 is not acknowledged repeats it."""
	mine = alice.call(BOB)
	theirs = bob.incoming()
	for _ in range(3):
		bob.link.reply(theirs.invite, 200, "OK", [("Contact", bob.contact()), ("Content-Type", "application/sdp")], bob.sdp(),
			to_tag=theirs.tag)
	mine.final()
	theirs.expect("ACK", reply=False)
	assert latest(history, ALICE)["times"] == 1


# -- what agents write --

def test_bytes_of_a_user_agent(service, history, agent):
	"""Latin-1, quotes, a semicolon, control characters: kept as bytes, shown without harm."""
	codec = agent(ALICE, host="127.0.0.31")
	raw = build(f"REGISTER sip:{codec.domain} SIP/2.0", [("Via", codec.via()), ("From", f"<sip:{ALICE}@x>;tag={new_tag()}"),
		("To", f"<sip:{ALICE}@x>"), ("Call-ID", new_call_id()), ("CSeq", "1 REGISTER"), ("Max-Forwards", "70"),
		("User-Agent", "@@"), ("Contact", "<garbage")]).replace(b"@@", b"Studio \xe9\xe8 '; DROP TABLE aeta_attempt; -- \x1b[2J")
	codec.link.send(raw)
	challenge = codec.link.wait("challenge", lambda m: m.status == 401)
	name, value = codec.authorization(challenge, "REGISTER", f"sip:{codec.domain}")
	codec.link.send(raw.replace(b"CSeq: 1", b"CSeq: 2").replace(b"Contact:", f"{name}: {value}\r\nContact:".encode()))
	codec.link.wait("refusal", lambda m: m.status == 400)
	row = latest(history, ALICE, "register")
	assert row["cause"] == "bad-contact" and row["user_agent"].startswith("Studio ?? '; DROP TABLE")
	stored = service.sql("SELECT HEX(user_agent) FROM aeta_attempt WHERE cause = 'bad-contact'")[0][0]
	assert bytes.fromhex(stored).startswith(b"Studio \xe9\xe8 ';")
	assert "\x1b" not in history.ctl("why", ALICE).out


# -- bounds --

def forged(agent, number, cause_header):
	"""A request that is refused before anybody is asked who sends it."""
	agent.link.send(build(f"REGISTER sip:{agent.domain} SIP/2.0", [("Via", agent.via(new_branch())),
		("From", f"<sip:{number}@x>;tag={new_tag()}"), ("To", f"<sip:{number}@x>"), ("Call-ID", new_call_id()),
		("CSeq", "1 REGISTER"), ("Max-Forwards", "70"), cause_header]))


def test_forged_flood_is_bounded(service, history, agent):
	"""Refusals that anybody can provoke under any number, from many sources: twenty lines in ten minutes, no more; and what
	is said of numbers that do not exist is not kept at all."""
	service.restart()  # what earlier tests left does not count
	before = service.counter("attempts_bounded")
	sources = [Agent(service, ALICE, host=f"127.0.1.{i}") for i in range(1, 31)]
	try:
		for i, source in enumerate(sources):
			forged(source, f"4567{5001 + i}", ("Proxy-Require", "x"))
			source.link.wait("420", lambda m: m.status == 420)
		eventually("the rest is counted", lambda: service.counter("attempts_bounded") - before == 10)
		assert history.rows() <= 20
		known = {row[0] for row in service.sql("SELECT account FROM aeta_attempt")}
		assert known and known <= {row[0] for row in service.sql("SELECT number FROM aeta_account")}
	finally:
		for source in sources:
			source.close()


def test_one_source_of_wrong_passwords_is_bounded(service, history, agent):
	"""Ten lines in ten minutes; its neighbours' are noted as before."""
	service.restart()
	bad = [agent(f"4567{5001 + i}", host="127.0.2.1", password="guess") for i in range(12)]
	for one in bad:
		one.register()
	assert agent(ALICE, host="127.0.2.2", password="guess").register().status == 401
	history.settled()
	rows = service.sql("SELECT address, COUNT(*) FROM aeta_attempt WHERE trust = 1 GROUP BY 1")
	assert dict(rows) == {"127.0.2.1": "10", "127.0.2.2": "1"}


# -- the database --

def stopped(service):
	freeze(service.db.process)


def resumed(service):
	thaw(service.db.process)


@contextlib.contextmanager
def locked_table(service):
	"""Somebody else holds the table: who writes to it waits."""
	client = subprocess.Popen(["mariadb", f"--defaults-file={service.db.options()}", "--batch", "--skip-column-names",
		"--unbuffered", service.db.database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
	client.stdin.write("LOCK TABLES aeta_attempt WRITE; SELECT 'locked';\n")
	client.stdin.flush()
	assert client.stdout.readline() == "locked\n"
	try:
		yield
	finally:
		client.communicate("UNLOCK TABLES;\n")


def test_what_is_written_twice_counts_once(service, history, alice, bob):
	"""The writer gives up waiting, and sends the same lines again and again; the database, once it may, does all of it."""
	with locked_table(service):
		mine = alice.call(BOB)
		bob.incoming().reject(486, "Busy Here")
		mine.final()
		eventually("the writer has given up once", lambda: service.rpc("aeta.attempts")["failing_s"] > 0, 20)
		waiting = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'insert into aeta_attempt%'"
		eventually("it has come again", lambda: int(service.sql(waiting)[0][0]) > 1, 20)
	eventually("they are through", lambda: int(service.sql(waiting)[0][0]) == 0, 20)
	history.settled(20)
	assert [row[1:] for row in history.causes(ALICE) if row[0] == "call"] == [("busy", 1)]


def test_database_that_hangs_delays_nothing(service, history, alice):
	"""While the writer waits for a database that hangs, a refusal that needs no database is answered at once."""
	stranger = Agent(service, ALICE, host="127.0.3.1")
	try:
		stopped(service)
		try:
			for _ in range(3):
				began = time.monotonic()
				forged(stranger, ALICE, ("Proxy-Require", "x"))
				stranger.link.wait("420", lambda m: m.status == 420)
				assert time.monotonic() - began < 1
			eventually("the writer has noticed", lambda: service.rpc("aeta.attempts")["failing_s"] > 0, 20)
		finally:
			resumed(service)
		history.settled(20)
		assert [row[1:] for row in history.causes(ALICE)][:1] == [("bad-extension", 3)]
		assert service.rpc("aeta.attempts")["failing_s"] == 0
	finally:
		stranger.close()


def test_database_away_and_back(service, history, alice, bob):
	"""A call is answered while the history cannot be written (the table is away); all of it is there when it is back."""
	service.sql("RENAME TABLE aeta_attempt TO aeta_attempt_away")
	try:
		for _ in range(3):
			mine = alice.call(BOB)
			bob.incoming().reject(486, "Busy Here")
			mine.final()
		eventually("the writer has noticed", lambda: service.rpc("aeta.attempts")["failing_s"] > 0)
		assert service.rpc("aeta.attempts")["waiting"] > 0
	finally:
		service.sql("RENAME TABLE aeta_attempt_away TO aeta_attempt")
	history.settled()
	row = latest(history, ALICE)
	assert (row["cause"], row["times"]) == ("busy", 3)


def test_nothing_is_lost_by_a_clean_stop(service, history, alice, bob):
	mine = alice.call(BOB)
	bob.incoming().reject(486, "Busy Here")
	mine.final()
	service.restart()
	assert latest(history, ALICE)["cause"] == "busy"


def test_old_lines_go_in_small_batches(service, history):
	"""A thousand at a time, after 30 days."""
	service.sql("INSERT INTO aeta_attempt (account, bucket, kind, cause, trust, first_at, last_at) SELECT '45675001', seq, 'call', "
		"'busy', 2, t, t FROM seq_1_to_2500, (SELECT UTC_TIMESTAMP() - INTERVAL 31 DAY AS t) x")
	service.sql("INSERT INTO aeta_attempt (account, bucket, kind, cause, trust, first_at, last_at) SELECT '45675001', 0, 'call', "
		"'busy', 2, t, t FROM (SELECT UTC_TIMESTAMP() - INTERVAL 29 DAY AS t) x")
	service.restart()
	seen = set()

	def gone():
		seen.add(int(service.sql("SELECT COUNT(*) FROM aeta_attempt WHERE cause = 'busy'")[0][0]))
		return 1 in seen
	eventually("they are gone", gone, 40)
	assert seen <= {2501, 1501, 501, 1} and {1501, 501} & seen
	assert service.counter("attempts_pruned") == 2500
