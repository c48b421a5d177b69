# SPDX-License-Identifier: GPL-2.0-or-later
"""The web admin over a seeded database, in a browser."""
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "sip")]
from admin import CONTACT, OPERATOR, SUBSCRIBER, door, visitor, web_password  # noqa: E402
from browser import Browser, fetch  # noqa: E402
from fixtures import agent  # noqa: E402, F401
from netns import Namespace  # noqa: E402
from seeded import Seeded  # noqa: E402


@pytest.fixture(scope="session")
def service(tmp_path_factory):
	"""In a network namespace of its own, where the tests are too from then on."""
	fetch()  # while there is a network
	namespace = Namespace()
	running = Seeded(tmp_path_factory.mktemp("service"))
	try:
		running.start()
		for login, role in ((OPERATOR, "admin"), ("support", "support"), ("viewer", "viewer")):
			running.admin.make_operator(login, role)
		running.admin.make_web_login(SUBSCRIBER)
		running.admin.make_contact_login(6, CONTACT)
		yield running
	finally:
		running.stop()
		namespace.leave()


@pytest.fixture(scope="session")
def browser(service):
	with Browser() as running:
		yield running


@pytest.fixture
def person(service):
	"""Makes people without a browser: person(OPERATOR) is logged in, person() is not."""
	return lambda who=None: visitor(service.admin, who)


@pytest.fixture
def surfer(service, browser):
	"""Makes people with a browser, as person() does; options are browser.context()'s. Gives the page that they look at."""
	made = []

	def make(who=None, **options):
		made.append(browser.context(**options))
		page = made[-1].new_page()
		if who:
			page.goto(service.admin.url + door(who))
			page.fill("[name=login]", who)
			page.fill("[name=password]", web_password(who))
			page.click("main button")
		return page
	yield make
	for one in made:
		one.close()
