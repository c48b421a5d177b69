# SPDX-License-Identifier: GPL-2.0-or-later
"""Every `call` and `method` row of tests/policy.tbl, placed with sipp: the answer, its rule, who was rung, the CDR."""
import pytest
import sipp
from universe import Universe
from wire import user_of

UNIVERSE = Universe()


@pytest.fixture(scope="module")
def everyone(service, folder):
	"""One agent that answers for every number that is to be registered."""
	agents = sipp.Agents(service, folder, UNIVERSE.registrable())
	yield agents
	agents.stop()
	service.forget(*UNIVERSE.registrable())


@pytest.mark.parametrize("row", UNIVERSE.rows["call"], ids=lambda row: row.id)
def test_call(row, service, folder, everyone):
	outcome = sipp.call(service, folder, row.caller, row.dialled)
	if row.code == 200:
		assert outcome.code == 200, outcome.reason
		assert everyone.invited(outcome.call_id) == [row.final]
		assert service.cdr(outcome.call_id) == (row.caller, row.dialled, row.final, row.rule)
	else:
		assert (outcome.code, outcome.rule) == (row.code, row.rule), outcome.reason
		assert everyone.requests(outcome.call_id) == []
	assert service.verdicts(outcome.call_id)[-1] == row.rule


@pytest.mark.parametrize("row", UNIVERSE.rows["method"], ids=lambda row: row.id)
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
	assert service.verdicts(outcome.call_id)[-1] == row.rule
