# SPDX-License-Identifier: GPL-2.0-or-later
"""Kamailio restarted under the agents' feet: registrations and calls survive it (D2 on one machine)."""
import os
import subprocess

import pytest
from agent import between
from service import eventually


def test_restart(service, agent):
	"""Bindings are back without a REGISTER, a call of before is hung up and written, a new one works at once."""
	alice, bob = agent("45675001").registered(), agent("45675002", server_port=5070).registered()
	carol = agent("902080", transport="udp").registered()
	mine, theirs = alice.talk(bob)
	other, other_there = carol.talk(alice)
	before = {n: service.bindings(n) for n in ("45675001", "45675002", "902080")}
	assert all(len(found) == 1 for found in before.values())
	service.restart()
	assert {n: len(service.bindings(n)) for n in before} == dict.fromkeys(before, 1)
	assert between(mine, theirs, "INVITE").status == 200
	assert between(theirs, mine, "BYE").status == 200
	assert between(other, other_there, "BYE").status == 200
	assert service.cdr(mine.call_id) == ("45675001", "45675002", "45675002", "same-group")
	assert service.cdr(other.call_id) == ("902080", "45675001", "45675001", "open")
	mine, theirs = alice.talk(bob)
	assert theirs.invite.source == (service.address, 5070)
	assert between(theirs, mine, "BYE").status == 200


def test_killed(service, agent):
	"""The same when it had no time to say goodbye (kill -9), for what had been written by then."""
	alice, bob = agent("45675001").registered(), agent("45675002").registered()
	mine, theirs = alice.talk(bob)
	eventually("the registrations are in the database", lambda: len(service.sql(
		"SELECT username FROM location WHERE username IN ('45675001', '45675002')")) == 2)
	service.restart(kill=True)
	assert between(theirs, mine, "INVITE").status == 200
	assert between(mine, theirs, "BYE").status == 200
	assert service.cdr(mine.call_id)[2] == "45675002"
	assert len(service.bindings("45675002")) == 1


@pytest.fixture
def locked_location(service):
	"""Nobody writes the table location; a call of what this yields lets them."""
	client = subprocess.Popen(["mariadb", f"--defaults-file={service.db.options()}", "--batch", "--skip-column-names",
		"--unbuffered", service.db.database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
	client.stdin.write("LOCK TABLES location WRITE; SELECT 'locked';\n")
	client.stdin.flush()
	assert client.stdout.readline() == "locked\n"

	def unlock():
		if client.poll() is None:
			client.communicate("UNLOCK TABLES;\n")
	yield unlock
	unlock()


def test_ended_in_the_midst_of_writing(service, agent, locked_location):
	"""usrloc notes a registration as written, and its process is ended before the database has heard of it."""
	writer, = (row["PID"] for row in service.rpc("core.psx") if row["DSC"] == "USRLOC Timer")
	agent("45675001").registered()
	statement, = eventually("usrloc writes it", lambda: service.db.sql("SELECT id FROM information_schema.processlist WHERE "
		"info LIKE '%into%location%' AND state LIKE 'Waiting%'"))[0]
	service.kamailio.terminate()
	eventually("its process is gone", lambda: not os.path.exists(f"/proc/{writer}"))
	service.db.sql(f"KILL {statement}")
	locked_location()
	service.restart()
	assert len(service.bindings("45675001")) == 1
