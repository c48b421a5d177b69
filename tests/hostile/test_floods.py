# SPDX-License-Identifier: GPL-2.0-or-later
"""Floods of every kind, from one address and from many, while ten calls are up: no call is disturbed, memory comes back, and the
counters tell of it. ./dev soak floods is the long one."""
import pytest
from agent import Agent
from calls import TenCalls
from floods import KINDS, SEEN, flood, idle_connections, memory, memory_came_back

SECONDS, PER_SECOND, MANY = 1, 1500, 200


@pytest.fixture(scope="module")
def ten(service):
	"""The calls stay up over all floods; after the last, memory comes back, and they end as calls do."""
	calls = TenCalls(lambda number, **more: Agent(service, number, **more))
	pids, before = service.pids(), memory(service)
	yield calls
	memory_came_back(service, before)
	assert service.pids() == pids, "a process of Kamailio died"
	calls.end(service)
	print("latency inside calls:", calls.latency())
	service.forget(*(one.number for one in calls.agents))
	for one in calls.agents:
		one.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sources", [1, MANY])
def test_flood(service, ten, kind, sources):
	seen = service.counter(SEEN[kind]) if kind in SEEN else 0
	sent = []
	ten.while_(lambda: sent.append(flood(kind, sources, SECONDS, PER_SECOND)))
	print(kind, sources, "sent", sent[0])
	assert sent[0] > SECONDS * PER_SECOND / 2
	if kind in SEEN and sources == 1:
		assert service.counter(SEEN[kind]) > seen
	assert service.rpc("dlg.stats_active")["ongoing"] == len(ten.calls)


def test_idle_connections(service, ten):
	"""As many silent connections as one may open: the calls go on, and have room."""
	opened = []
	ten.while_(lambda: opened.extend(idle_connections(400)))
	assert len(opened) == 400
	ten.while_(lambda: None)
	for one in opened:
		one.close()
