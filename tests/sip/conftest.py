# SPDX-License-Identifier: GPL-2.0-or-later
"""One service for the whole run, in a network namespace of its own, holding the universe of tests/policy.tbl."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from agent import Agent  # noqa: E402
from netns import Namespace  # noqa: E402
from service import Service  # noqa: E402
from universe import Universe  # noqa: E402


@pytest.fixture(scope="session")
def service(tmp_path_factory):
	namespace = Namespace()
	running = Service(tmp_path_factory.mktemp("service"))
	try:
		running.start()
		running.load(Universe())
		yield running
	finally:
		running.stop()
		namespace.leave()


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
	"""Where sipp's scenarios and traces of the run go."""
	return tmp_path_factory.mktemp("sipp")


@pytest.fixture
def agent(service):
	"""Makes agents: agent("45675001", port=…); closed, and their bindings removed, after the test."""
	made = []

	def make(number, **more):
		made.append(Agent(service, number, **more))
		return made[-1]
	yield make
	service.forget(*{one.number for one in made})
	for one in made:
		one.close()


@pytest.fixture
def unharmed(service):
	"""The test must leave every process of Kamailio as it was."""
	before = service.pids()
	yield
	assert service.pids() == before, "a process of Kamailio died"
