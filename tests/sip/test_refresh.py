# SPDX-License-Identifier: GPL-2.0-or-later
"""Refreshes are cheap (A5): hardly any is written to the database, and yet a crash loses no registration (D2)."""
import time

import pytest
from service import eventually

NUMBER = "45675001"


def row(service, columns="UNIX_TIMESTAMP(CONVERT_TZ(expires, '+00:00', @@time_zone))"):
	"""What the database knows of the number: when its registration ends, or other columns."""
	rows = service.sql(f"SELECT {columns} FROM location WHERE username = '{NUMBER}'")
	return rows[0] if len(rows) == 1 else None


def written(service):
	"""Nothing of the number waits to be written."""
	return eventually("the registration is in the database", lambda: service.binding(NUMBER)["State"] == "CS_SYNC")


def test_refreshes_are_spared(service, agent):
	"""Fifty refreshes: at most one of them is written. Whatever changes is written, and at once."""
	alice = agent(NUMBER).registered()
	written(service)
	spared, waiting = service.counter("refresh_spared"), 0
	for _ in range(50):
		alice.registered()
		waiting += service.binding(NUMBER)["State"] != "CS_SYNC"
	assert waiting <= 1
	assert service.counter("refresh_spared") - spared >= 49
	alice.user_agent = "test-agent/2"
	alice.registered()
	eventually("the new version is in the database", lambda: row(service, "user_agent") == ["test-agent/2"])


@pytest.mark.parametrize("change", ["flow", "contact", "call-id", "expiry"])
def test_changes_are_written(service, agent, change):
	alice = agent(NUMBER, instance="urn:uuid:00000000-0000-4000-8000-000000000001").registered()
	written(service)
	before = row(service, "received, contact, callid")
	if change == "flow":
		alice = agent(NUMBER, instance=alice.instance)
		alice.registered()
	elif change == "contact":
		assert alice.register(contact=f"<sip:other@{alice.hostport}>;+sip.instance=\"<{alice.instance}>\"").status == 200
	elif change == "call-id":
		alice.register_call_id += "-again"
		alice.registered()
	else:
		alice.register(expires=100)
		eventually("the shorter time is in the database", lambda: float(row(service)[0]) <= time.time() + 100)
		return
	eventually("the change is in the database", lambda: row(service, "received, contact, callid") not in (None, before))


def test_database_outlives_the_next_refresh(service, agent):
	"""Killed at any moment, it would know the registration for half of what was granted; and hardly any refresh is written."""
	granted, every, writes = 8, 1, set()
	service.restart(SITE_EXPIRES_MIN_S=str(granted), SITE_EXPIRES_MAX_S=str(granted))
	try:
		alice = agent(NUMBER)
		begin = time.time()
		for _ in range(12):
			before = time.time()
			alice.registered()
			written(service)
			end = float(row(service)[0])
			assert end >= int(before) + granted / 2
			writes.add(end)
			time.sleep(max(0, before + every - time.time()))  # the agent's clock
		periods = (time.time() - begin) / (granted / 2)
		assert 2 <= len(writes) <= periods + 2, f"{len(writes)} of twelve, in {periods:.1f} half grants"
	finally:
		service.restart(SITE_EXPIRES_MIN_S=None, SITE_EXPIRES_MAX_S=None)


def test_killed_after_a_refresh(service, agent):
	"""A refresh that was not written, and a crash: the registration is there, by the same flow."""
	alice = agent(NUMBER).registered()
	flow = service.binding(NUMBER)["Received"]
	written(service)

	def spared():
		before = service.counter("refresh_spared")
		alice.registered()
		return service.counter("refresh_spared") > before
	eventually("a refresh that is not written", spared)  # not the first one of half a grant
	service.restart(kill=True)
	assert service.binding(NUMBER)["Received"] == flow
	alice.deliver(alice)  # and it can be called
