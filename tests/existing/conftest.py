# SPDX-License-Identifier: GPL-2.0-or-later
"""Kamailio's stock configuration with the module in it, in two variants that run side by side on two addresses: "plain",
and "states" with the optional columns for locked, suspended and ended accounts. Both hold the universe of tests/policy.tbl."""
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "sip")]

from agent import Agent  # noqa: E402
from netns import Namespace  # noqa: E402
from stock import ADDRESSES, UNIVERSE, Stock, variant_of  # noqa: E402


@pytest.fixture(scope="session")
def variants(tmp_path_factory):
	"""variants("plain"), variants("states"): the running service, started when it is first asked for."""
	namespace, running = Namespace(), {}

	def get(name):
		if name not in running:
			running[name] = Stock(tmp_path_factory.mktemp(name), ADDRESSES[name], states=name == "states")
			running[name].start()
			running[name].load(UNIVERSE)
		return running[name]
	try:
		yield get
	finally:
		for service in running.values():
			service.stop()
		namespace.leave()


@pytest.fixture
def service(request, variants):
	"""The variant that the test's row of the table needs, else the plain one."""
	row = request.node.callspec.params.get("row") if hasattr(request.node, "callspec") else None
	return variants(variant_of(row) if row else "plain")


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
	"""Where sipp's scenarios and traces of the run go."""
	return tmp_path_factory.mktemp("sipp")


@pytest.fixture
def agent(service):
	"""Makes agents: agent("45675001"); closed, and their bindings removed, after the test."""
	made = []

	def make(number, **more):
		made.append(Agent(service, number, **more))
		return made[-1]
	yield make
	service.forget(*{one.number for one in made})
	for one in made:
		one.close()
