# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls whose agent vanished (B11), with the timers shortened: what ends them, and what must not.

A call that must live cannot be proven alive by waiting alone, so five calls go on side by side: when the service has
ended the one whose agent vanished, the four others have been through as much time, and still work.
"""
import time

import pytest
from agent import between
from service import eventually


@pytest.fixture(scope="module", autouse=True)
def short_timers(service):
	service.restart(SITE_ALIVE_INTERVAL_S="1")
	yield
	service.restart(SITE_ALIVE_INTERVAL_S=None)


class Talk:
	"""A call of two registered agents; side 0 called side 1."""

	def __init__(self, agent, numbers):
		self.agents = [agent(number).registered() for number in numbers]
		self.sides = self.agents[0].talk(self.agents[1])

	def probes(self, side):
		"""The OPTIONS of the service inside the call that came to this side so far."""
		return self.agents[side].link.requests("OPTIONS", self.sides[0].call_id)

	def probed(self, side, goal=1):
		eventually(f"{goal} OPTIONS in the call", lambda: len(self.probes(side)) >= goal, 20)

	def still_works(self):
		assert all(one.link.requests("BYE") == [] for one in self.agents)
		for here, there in ((0, 1), (1, 0)):
			assert between(self.sides[here], self.sides[there], "INVITE").status == 200
		assert between(self.sides[1], self.sides[0], "BYE").status == 200
		self.in_order(0)

	def in_order(self, side):
		"""No request of the service went ahead of the CSeq of the BYE, or a strict agent would refuse that."""
		link, call_id = self.agents[side].link, self.sides[0].call_id
		bye, = link.requests("BYE", call_id)
		assert bye.cseq >= max([m.cseq for m in self.probes(side)] or [0])


@pytest.mark.parametrize("lost", [1, 0], ids=["callee", "caller"])
def test_vanished(service, agent, lost):
	"""Its registration lapsed and three OPTIONS failed where one had been answered: BYE to both, and the call record ends
	when it was last heard. Less than that ends nothing."""
	never_answered = Talk(agent, ("45675001", "45675002"))
	for one in never_answered.agents:
		one.answer_options(inside=False)
	registered, alive, vanished = (Talk(agent, pair) for pair in
		(("45995002", "45995005"), ("10005001", "10005999"), ("902080", "90208099")))
	untouched = Talk(agent, ("46105001", "46105002"))
	for talk in (registered, alive, vanished, untouched):
		talk.probed(0)
		talk.probed(1)

	for one in registered.agents:
		one.answer_options(inside=False)                                     # silent, and registered
	service.forget(*(one.number for one in alive.agents + never_answered.agents))  # lapsed, and answering; or never did
	gone, stays = vanished.agents[lost], vanished.agents[1 - lost]
	gone.fall_silent()
	silent_at = time.time()
	service.forget(gone.number)

	for one in (stays, gone):
		bye = one.link.wait("BYE of the service", lambda m: m.is_request and m.method == "BYE", 60)
		one.link.reply(bye, 200, "OK")
	vanished.in_order(1 - lost)
	assert len(vanished.probes(lost)) >= 4
	assert service.cdr(vanished.sides[0].call_id)[:3] == ("902080", "90208099", "90208099")
	record = service.record(vanished.sides[0].call_id)
	assert record["last_alive"] is not None and record["end"] == record["last_alive"]
	assert record["begin"] - 1 <= record["end"] <= silent_at + 1
	assert record["duration"] == pytest.approx(record["end"] - record["begin"], abs=1)

	for talk in (never_answered, registered, alive, untouched):
		talk.still_works()
		assert service.record(talk.sides[0].call_id)["last_alive"] is None


NOTED = ("INSERT INTO dialog_vars (hash_entry, hash_id, dialog_key, dialog_value) SELECT hash_entry, hash_id + 2 * seq, "
	"'last_alive', '2020-01-01 00:00:00' FROM dialog, seq_1_to_20")
ORPHANS = "SELECT v.dialog_key FROM dialog_vars v LEFT JOIN dialog d USING (hash_entry, hash_id) WHERE d.id IS NULL"


@pytest.mark.parametrize("when", ["while it runs", "at the start"])
def test_variables_of_no_call_go(service, agent, when):
	"""What was noted of calls that the database knows no more, with the ids of calls to come; a call that goes on keeps its own."""
	talk = Talk(agent, ("45675001", "45675002"))
	own = ("SELECT v.dialog_key, v.dialog_value FROM dialog_vars v JOIN dialog USING (hash_entry, hash_id) "
		f"WHERE callid = '{talk.sides[0].call_id}' AND dialog_key LIKE '%_leg' ORDER BY dialog_key")
	legs = service.sql(own)
	assert [name for name, _ in legs] == ["callee_leg", "caller_leg"]
	if when == "at the start":
		service.stop_kamailio()
	service.sql(NOTED)
	if when == "at the start":
		service.restart(SITE_ALIVE_INTERVAL_S="600")
	eventually("they are gone", lambda: service.sql(ORPHANS) == [])
	assert service.sql(own) == legs
	talk.still_works()
