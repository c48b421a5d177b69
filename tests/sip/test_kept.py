# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounts and credentials kept in memory (A2, A7): believed while the database says that nothing has changed, no longer."""
import contextlib
import json
import pathlib
import sys

import pytest
from agent import between
from children import freeze, thaw
from service import eventually
from universe import REALM
from wire import new_tag

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "ctl"))
from aetactl import Ctl  # noqa: E402

NUMBER, OTHER = "45675001", "45675002"


@pytest.fixture
def asked(service):
	"""How often the database was asked for an account since the last time that this was called."""
	last = service.counter("accounts_asked")

	def count():
		nonlocal last
		before, last = last, service.counter("accounts_asked")
		return last - before
	return count


def believed(one, asked):
	"""True if the agent's last registration was granted from memory."""
	asked()
	one.registered()
	return asked() == 0


@pytest.fixture
def kept(agent, asked):
	"""An agent whose credentials are in memory, and are believed."""
	one = agent(NUMBER).registered()
	eventually("the account is kept in memory", lambda: believed(one, asked))
	return one


@pytest.fixture(autouse=True)
def as_before(service):
	"""What a test changes of an account is changed back."""
	row, = service.sql(f"SELECT ha1, ha1b FROM subscriber WHERE username = '{NUMBER}'")
	yield
	service.sql(f"UPDATE subscriber SET ha1 = '{row[0]}', ha1b = '{row[1]}' WHERE username = '{NUMBER}'")
	service.set_account(NUMBER, state="active", valid_until=None)


def change_by_sql(service, assignments):
	"""As an operator does it who does not tell Kamailio."""
	service.sql(f"UPDATE aeta_account SET {assignments} WHERE number = '{NUMBER}'")


def set_password(service, password):
	service.sql(f"UPDATE subscriber SET ha1 = MD5('{NUMBER}:{REALM}:{password}'), "
		f"ha1b = MD5('{NUMBER}@{REALM}:{REALM}:{password}') WHERE username = '{NUMBER}'")


def test_a_registration_asks_once(kept, asked):
	for _ in range(5):
		kept.registered()
	assert asked() == 0


def test_a_call_asks_nothing(service, kept, agent, asked):
	other = agent(OTHER).registered()

	def call():
		asked()
		mine, theirs = kept.talk(other)
		assert between(mine, theirs, "BYE").status == 200
		return asked() == 0
	eventually("both accounts are kept", call)


@pytest.mark.parametrize("change, rule", [("state = 'locked'", "caller-locked"), ("state = 'suspended'", "caller-suspended"),
	("valid_until = UTC_TIMESTAMP()", "caller-ended")])
def test_plain_sql_counts_soon(service, kept, change, rule):
	change_by_sql(service, change)
	answer = eventually(f"{change} counts", lambda: [a for a in [kept.register()] if a.status != 200])[0]
	assert (answer.status, answer.rule) == (403, rule)
	assert not service.bindings(NUMBER)


def test_a_lock_counts_for_the_called_one_soon(service, kept, agent):
	other = agent(OTHER).registered()
	kept.link.auto["MESSAGE"] = lambda m: kept.link.reply(m, 200, "OK", to_tag=new_tag())
	eventually("the called one is kept", lambda: other.message(NUMBER).status == 200)
	change_by_sql(service, "state = 'locked'")
	answer = eventually("the lock counts", lambda: [a for a in [other.message(NUMBER)] if a.status != 200])[0]
	assert (answer.status, answer.rule) == (480, "callee-locked")


def test_aetactl_counts_at_once(service, kept, tmp_path):
	ctl = Ctl(tmp_path, service.db)
	ctl.configure(rpc_socket=service.folder / "kamailio_rpc.sock")
	for _ in range(5):
		ctl.ok("account", "lock", NUMBER)
		assert kept.register().rule == "caller-locked"
		ctl.ok("account", "unlock", NUMBER)
		assert kept.register().status == 200
	ctl.ok("account", "until", NUMBER, "2020-01-01")
	assert kept.register().rule == "caller-ended"
	ctl.ok("account", "until", NUMBER, "never")
	assert kept.register().status == 200
	old, kept.password = kept.password, ctl.ok("account", "password", NUMBER)["password"]
	assert kept.register().status == 200
	kept.password = old
	assert kept.register().status == 401


def test_a_new_password_counts_at_once_and_the_old_one_not_for_long(service, kept):
	"""What is kept only lets in: somebody whom it does not let in is judged by the database."""
	set_password(service, "another one")
	old, kept.password = kept.password, "another one"
	assert kept.register().status == 200
	kept.password = old
	eventually("the old password is wrong", lambda: kept.register().status == 401)
	kept.password = "another one"
	assert kept.register().status == 200


def test_an_end_needs_no_change(service, kept, asked):
	"""It comes while the account is kept, and nothing in the database changes at that moment."""
	change_by_sql(service, "valid_until = UTC_TIMESTAMP() + INTERVAL 6 SECOND")
	eventually("the new row is read", lambda: not believed(kept, asked))
	answer = eventually("the account ends", lambda: [a for a in [kept.register()] if a.status != 200])[0]
	assert (answer.status, answer.rule) == (403, "caller-ended")
	assert asked() == 0


def test_deleted(service, agent, asked):
	service.add_account("902099", "factory")
	one = agent("902099").registered()
	one.registered()
	service.sql("DELETE FROM aeta_account WHERE number = '902099'")
	eventually("the account is gone", lambda: one.register().status == 401)


def test_nothing_is_believed_where_the_database_is_silent(service, kept, asked):
	"""The table that tells of changes is away: each request asks for itself, and goes on doing so until it is back."""
	service.sql("RENAME TABLE aeta_generation TO aeta_generation_away")
	try:
		eventually("nothing is believed", lambda: not believed(kept, asked))
		for _ in range(5):
			assert not believed(kept, asked)
	finally:
		service.sql("RENAME TABLE aeta_generation_away TO aeta_generation")
	eventually("it is believed again", lambda: believed(kept, asked))


@contextlib.contextmanager
def down(service):
	service.db.stop()
	try:
		yield
	finally:
		service.db.start()


@contextlib.contextmanager
def hanging(service):
	freeze(service.db.process)
	try:
		yield
	finally:
		thaw(service.db.process)


@pytest.mark.parametrize("away", [down, hanging])
def test_registrations_go_on_without_the_database(service, kept, agent, away):
	"""Of those that registered before, by what was known of them. New ones, and calls, need the database."""
	stranger = agent("902080")

	def by_grace(one):
		before = service.counter("accounts_grace")
		return one.register().status == 200 and service.counter("accounts_grace") > before
	with away(service):
		eventually("a registration is granted without the database", lambda: by_grace(kept), 20)
		for _ in range(5):
			assert by_grace(kept)
		assert stranger.register().rule == "no-directory"
		assert kept.message(NUMBER).rule == "no-directory"
		right, kept.password = kept.password, "a guess"
		assert kept.register().status == 401
		kept.password = right
		assert by_grace(kept)
		assert len(service.bindings(NUMBER)) == 1
		service.rpc("aeta.accounts_changed")
		assert kept.register().rule == "no-directory"
	eventually("the database is asked again", lambda: stranger.register().status == 200, 20)


def test_that_has_an_end(service, agent, asked):
	"""As long as a registration lasts, SITE_EXPIRES_MAX_S, after the last that was heard of the database."""
	service.restart(SITE_EXPIRES_MIN_S="3", SITE_EXPIRES_MAX_S="3")
	try:
		one = agent(NUMBER).registered()
		eventually("the account is kept in memory", lambda: believed(one, asked))
		with down(service):
			eventually("it is over", lambda: one.register().rule == "no-directory", 20)
			assert service.counter("accounts_grace") > 0
	finally:
		service.restart(SITE_EXPIRES_MIN_S=None, SITE_EXPIRES_MAX_S=None)


def test_a_database_from_a_copy(service, kept):
	"""With the number of an earlier day, under which other rows were read: what counts is that it is another one."""
	number = int(service.sql("SELECT accounts FROM aeta_generation")[0][0])
	change_by_sql(service, "state = 'locked'")
	eventually("the lock counts", lambda: kept.register().status == 403)
	service.sql(f"UPDATE aeta_account SET state = 'active' WHERE number = '{NUMBER}'; UPDATE aeta_generation SET accounts = {number}")
	eventually("the copy counts", lambda: kept.register().status == 200)


def test_no_hash_is_told(service, kept):
	ha1, = service.sql(f"SELECT ha1 FROM subscriber WHERE username = '{NUMBER}'")[0]
	told = [json.dumps(service.rpc(method)) for method in ("aeta.stats", "aeta.bans", "ul.dump", "core.psx", "htable.listTables")]
	assert not [text for text in told if ha1 in text]
	assert ha1.encode() not in (service.folder / "kamailio.log").read_bytes()
