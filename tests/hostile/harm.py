# SPDX-License-Identifier: GPL-2.0-or-later
"""What must not have happened to the service, whatever was sent to it."""
import re
import time

from agent import Agent, between
from service import RpcError, eventually

# Tables that calls and registrations write; every other one holds what the operator wrote, and no message changes a byte.
WRITTEN = {"location", "location_attrs", "dialog", "dialog_vars", "acc_cdrs", "acc", "missed_calls", "aeta_attempt",
	"aeta_attempts", "sip_trace", "aeta_audit", "aeta_nat_class", "aeta_redial"}
SQL_ERROR = rb"driver error on query|error in your SQL syntax|error while (?:submitting|executing)|Data too long|Incorrect string"
# (Not "bogus event": the dialog module saw a 180 after the 200 that another worker had before; nor what a restart says.)
BROKEN = rb"CRITICAL(?!.*(?:bogus event|receive_fd))|\bBUG\b|no more (?:pkg|shm)|not enough (?:pkg|shm)|AddressSanitizer|runtime error|signal 11|signal 6"


class Harm:
	"""The service before; judge() compares. `calls`: so many call records are added meanwhile, no more and no fewer."""

	def __init__(self, service):
		self.service, self.calls = service, 0
		self.pids = service.pids()
		self.log = service.folder / "kamailio.log"
		self.read = self.log.stat().st_size
		self.sums, self.records = self._sums(), self._records()

	def _sums(self):
		names = sorted({name for name, in self.service.sql("SHOW TABLES")} - WRITTEN)
		return self.service.sql("CHECKSUM TABLE " + ", ".join(names))

	def _records(self):
		return int(self.service.sql("SELECT COUNT(*) FROM acc_cdrs")[0][0])

	def logged(self, pattern):
		"""Lines of the log, since the beginning of the test, in which the pattern is."""
		with self.log.open("rb") as log:
			log.seek(self.read)
			return [line for line in log if re.search(pattern, line)]

	def judge(self):
		service = self.service
		assert service.pids() == self.pids, "a process of Kamailio died"
		self._a_call()
		eventually("every dialog has ended", lambda: service.rpc("dlg.stats_active")["all"] == 0)
		for table in ("dialog", "dialog_vars"):
			eventually(f"no row of {table} is left", lambda: service.sql(f"SELECT COUNT(*) FROM {table}") == [["0"]])
		eventually("the call records are written", lambda: self._records() >= self.records + self.calls)
		assert self._records() == self.records + self.calls, "there are call records of calls that were none"
		assert self._sums() == self.sums, "a table changed that no message may change"
		assert self.logged(SQL_ERROR) == []
		assert self.logged(BROKEN) == []

	def _a_call(self):
		"""Two agents that nobody has heard of here, at addresses of their own."""
		caller, callee = (Agent(self.service, number, host=host) for number, host in (("45995002", "127.0.0.31"),
			("45995005", "127.0.0.32")))
		try:
			mine, theirs = caller.registered().talk(callee.registered(), "5005")
			assert between(mine, theirs, "INVITE").status == 200
			assert between(theirs, mine, "BYE").status == 200
			self.calls += 1
		finally:
			self.service.forget(caller.number, callee.number)
			caller.close()
			callee.close()


AGAIN_S = 10


def end_calls(service, asked=None):
	"""Ends every call that was answered, by Kamailio's remote control. Which there are, the database says: the answer of dlg.briefing
	lists those too that have ended a minute ago, and after a flood it is too long for a datagram. asked: when each was, for those
	who ask again and again: a BYE that cannot be sent costs Debian's dialog module a few bytes for good, which would look like a leak."""
	asked = {} if asked is None else asked
	for call in service.sql("SELECT hash_entry, hash_id FROM dialog"):
		entry, number = call
		if time.monotonic() - asked.get(tuple(call), -AGAIN_S) < AGAIN_S:
			continue
		asked[tuple(call)] = time.monotonic()
		try:
			service.rpc("dlg.end_dlg", int(entry), int(number))
		except RpcError:
			pass  # it has ended meanwhile
