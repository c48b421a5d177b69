# SPDX-License-Identifier: GPL-2.0-or-later
"""Hunting and registering in Kamailio's stock configuration: the `hunt` and `register` rows of tests/policy.tbl."""
import sipp
from stock import rows
from test_policy_hunts import Series


@rows("hunt")
def test_hunt(row, service, folder):
	series = Series(service, folder, row)
	try:
		outcome = series.place(folder)
		if row.code == 200:
			assert outcome.code == 200, outcome.reason
		else:
			assert (outcome.code, outcome.rule) == (row.code, row.rule), outcome.reason
		assert series.rung(outcome.call_id) == series.expected()
		if row.final:
			assert row.final == series.expected()[-1]
	finally:
		series.close()


@rows("register")
def test_register(row, service, folder):
	number = row.caller
	outcome = sipp.register(service, folder, number)
	assert (outcome.code, outcome.rule) == (row.code, row.rule), outcome.reason
	assert len(service.bindings(number)) == (1 if row.code == 200 else 0)
	service.forget(number)
