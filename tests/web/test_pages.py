# SPDX-License-Identifier: GPL-2.0-or-later
"""Every page, as each kind of person sees it."""
import pytest
from acts import hang_up, members
from admin import CONTACT, OPERATOR, SUBSCRIBER
from pages import Paths, page_routes, visit

# Rows to show that say more than the first one of their list.
GIVEN = {"/accounts/:key": "20025001", "/groups/:key": "2002", "/customer/accounts/:key": SUBSCRIBER, "/customer/groups/:key": "2006"}


@pytest.mark.parametrize("may, who", (("anybody", None), ("admin", OPERATOR), ("subscriber", SUBSCRIBER),
	("contact", CONTACT)))
def test_every_page(service, person, surfer, agent, may, who):
	call = agent("20085001").registered().talk(agent(members(service, 2006)[1]).registered()) # so that there is one to show
	admin, faults, seen = service.admin, [], 0
	page, paths = surfer(who), Paths(person(who), GIVEN)
	for path in page_routes(admin.routes(), may):
		filled = paths.filled(path)
		if filled is None:
			faults.append(f"{path}: no row to show")
			continue
		seen += 1
		faults += [f"{path}: {fault}" for fault in visit(page, admin.url + filled, may, path)]
	hang_up(*call)
	assert seen > (1 if may == "anybody" else 5)
	assert not faults, "\n".join(faults)
