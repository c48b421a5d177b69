# SPDX-License-Identifier: GPL-2.0-or-later
"""Every `register` row of tests/policy.tbl, with sipp: the answer, its rule, and whether there is a binding."""
import pytest
import sipp
from universe import Universe


@pytest.mark.parametrize("row", Universe().rows["register"], ids=lambda row: row.id)
def test_register(row, service, folder):
	number = row.caller
	outcome = sipp.register(service, folder, number)
	assert (outcome.code, outcome.rule) == (row.code, row.rule), outcome.reason
	assert len(service.bindings(number)) == (1 if row.code == 200 else 0)
	service.forget(number)
