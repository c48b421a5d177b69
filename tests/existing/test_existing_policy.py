# SPDX-License-Identifier: GPL-2.0-or-later
"""Every row of tests/policy.tbl through Kamailio's stock configuration with the module in it, placed with sipp.

A row that is about locked, suspended or ended accounts runs where the optional columns for that exist; every other one
where nothing but `subscriber` and the module's two tables does.
"""
import pytest
import sipp
from stock import UNIVERSE, rows
from wire import user_of


@pytest.fixture(scope="module")
def crowds(variants, folder):
	"""In each variant that is used, one agent that answers for every number that is to be registered."""
	made = {}

	def get(service):
		if service not in made:
			made[service] = sipp.Agents(service, folder, UNIVERSE.registrable())
		return made[service]
	yield get
	for service, agents in made.items():
		agents.stop()
		service.forget(*UNIVERSE.registrable())


@pytest.fixture
def everyone(service, crowds):
	return crowds(service)


@rows("call")
def test_call(row, service, folder, everyone):
	outcome = sipp.call(service, folder, row.caller, row.dialled)
	if row.code == 200:
		assert outcome.code == 200, outcome.reason
		assert everyone.invited(outcome.call_id) == [row.final]
	else:
		assert (outcome.code, outcome.rule) == (row.code, row.rule), outcome.reason
		assert everyone.requests(outcome.call_id) == []


@rows("method")
def test_method(row, service, folder, everyone):
	outcome = sipp.request_of(service, folder, row.caller, row.dialled, row.method)
	reached = [(m.method, user_of(m.uri)) for m in everyone.requests(outcome.call_id)]
	if row.code == 200:
		final = row.caller[:4] + row.dialled if len(row.dialled) == 4 else row.dialled
		assert outcome.code == 200, outcome.reason
		assert reached == [(row.method, final)]
	else:
		assert (outcome.code, outcome.rule) == (row.code, row.rule), outcome.reason
		assert reached == []
