# SPDX-License-Identifier: GPL-2.0-or-later
"""Ten calls between agents, held up while somebody does something to the service."""
import statistics
import threading
import time

from agent import between
from service import eventually
from wire import TIMEOUT

PAUSE = 0.02  # seconds between two re-INVITEs: each call is changed some five times a second, its limit being SITE_DIALOG_RATE
CALLERS = ["45675001", "45675006", "45675412", "45995002", "45995005"]
CALLEES = ["45675002", "45995033"]


class TenCalls:
	def __init__(self, agent):
		make = {number: agent(number, host=f"127.0.2.{at}").registered() for at, number in enumerate(CALLERS + CALLEES, 1)}
		self.agents = list(make.values())
		self.calls = [make[caller].talk(make[callee]) for caller in CALLERS for callee in CALLEES]
		self.waited = []  # seconds that a request inside a call waited for its answer

	def while_(self, disturb):
		"""Runs disturb() in a thread; meanwhile each call in turn is changed by a re-INVITE, from either side. At least once each."""
		failure = []

		def run():
			try:
				disturb()
			except BaseException as error:  # noqa: B902, re-raised below
				failure.append(error)
		thread, turn = threading.Thread(target=run, daemon=True), 0
		thread.start()
		while thread.is_alive() or turn < len(self.calls):
			sides = self.calls[turn % len(self.calls)]
			began = time.monotonic()
			assert between(sides[turn % 2], sides[1 - turn % 2], "INVITE").status == 200
			self.waited.append(time.monotonic() - began)
			turn += 1
			thread.join(PAUSE)
		thread.join(TIMEOUT)
		if failure:
			raise failure[0]
		return turn

	def end(self, service):
		"""All are still up, nobody ended one; each BYE is answered, each call has its record."""
		for one in self.agents:
			assert one.link.requests("BYE") == []
		for at, sides in enumerate(self.calls):
			assert between(sides[at % 2], sides[1 - at % 2], "BYE").status == 200
		for mine, _ in self.calls:
			assert service.cdr(mine.call_id)[0] == mine.agent.number
		eventually("every dialog has ended", lambda: service.rpc("dlg.stats_active")["all"] == 0)

	def latency(self):
		return f"{statistics.median(self.waited) * 1000:.0f} ms, at most {max(self.waited) * 1000:.0f} ms, in {len(self.waited)} re-INVITEs"
