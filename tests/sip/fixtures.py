# SPDX-License-Identifier: GPL-2.0-or-later
"""The fixtures of every test that needs the running service: here and in tests/hostile/."""
import pytest
from agent import Agent
from netns import Namespace
from service import Service
from universe import Universe
from wire import UdpLink


@pytest.fixture(scope="session")
def kamailio_options():
	"""More of Kamailio's command line."""
	return ()


@pytest.fixture(scope="session")
def service(tmp_path_factory, kamailio_options):
	namespace = Namespace()
	running = Service(tmp_path_factory.mktemp("service"))
	running.options = kamailio_options
	try:
		running.start()
		universe = Universe()
		running.load(universe)
		running.registrable = universe.registrable()
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


@pytest.fixture
def alice(agent):
	return agent("45675001").registered()


@pytest.fixture
def bob(agent):
	return agent("45675002").registered()


@pytest.fixture
def stranger(service):
	"""Somebody without an account, at an address of its own."""
	link = UdpLink("127.0.0.66", (service.address, 5060))
	yield link
	link.close()
