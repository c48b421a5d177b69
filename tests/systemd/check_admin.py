# SPDX-License-Identifier: GPL-2.0-or-later
"""aeta-admin under its units: socket, RuntimeDirectory, restarts, crashes."""
import contextlib
import http.client
import itertools
import os
import signal
import subprocess
import threading
import time

import pytest

from conftest import Browser
from machine import until

RESTARTS, VISITORS = 10, 12


class Load:
	"""Visitors who ask again and again until it is over; whatever is not 200 is kept."""

	def __init__(self, *ways):
		self.over, self.count, self.bad, self.longest = threading.Event(), itertools.count(), [], 0.0
		self.threads = [threading.Thread(target=self.work, args=(way,)) for way in ways]

	def __enter__(self):
		for thread in self.threads:
			thread.start()
		return self

	def __exit__(self, *_):
		self.over.set()
		for thread in self.threads:
			thread.join()

	def work(self, way):
		with contextlib.ExitStack() as stack:
			while not self.over.is_set():
				begun = time.monotonic()
				try:
					status = way(stack)
				except (OSError, http.client.HTTPException) as broken:
					status = repr(broken)
				self.longest = max(self.longest, time.monotonic() - begun)
				next(self.count)
				if status != 200:
					self.bad.append(status)

	@property
	def answered(self):
		return int(repr(self.count)[6:-1])


def connection(machine):
	return http.client.HTTPConnection("127.0.0.1", machine.port, timeout=30)


def once(machine):
	"""A connection for each request."""
	def ask(_):
		with contextlib.closing(connection(machine)) as one:
			one.request("GET", "/login", headers={"X-Forwarded-For": "198.51.100.8", "Connection": "close"})
			answer = one.getresponse()
			return answer.status if b"</html>" in answer.read() else "cut off"
	return ask


def kept(machine):
	"""One connection for all, as long as the server keeps it open: a client opens another one when it was told or finds it closed."""
	state = {}

	def ask(stack):
		one = state.get("one") or stack.enter_context(contextlib.closing(connection(machine)))
		state["one"] = one
		one.request("GET", "/login", headers={"X-Forwarded-For": "198.51.100.9"})
		answer = one.getresponse()
		body = answer.read()
		if answer.will_close:
			one.close()
		return answer.status if b"</html>" in body else "cut off"
	return ask


def logged_in(anna):
	return lambda _: anna.get("/calls").status


def test_kamailio_answers_where_we_are(machine, anna):
	"""Its answers arrive in the RuntimeDirectory, past every wall of both units."""
	for path in ("/", "/calls", "/bans", "/relays"):
		page = anna.get(path)
		assert page.status == 200 and "no reply" not in page.text and "not reached" not in page.text, page
	assert "no answer" not in machine.journal("-u", "aeta-admin")
	assert machine.said("find", "/run/aeta-admin", "/run/aeta", "-name", "aetactl.*") == ""


@pytest.mark.parametrize("way", ["once", "kept"])
def test_a_restart_refuses_nobody(machine, anna, way):
	ways = [once(machine) if way == "once" else kept(machine) for _ in range(VISITORS)] + [logged_in(anna)]
	with Load(*ways) as load:
		for _ in range(RESTARTS):
			before, seen = machine.invocation("aeta-admin"), load.answered
			machine.run("systemctl", "restart", "aeta-admin")
			assert machine.invocation("aeta-admin") != before
			until(lambda seen=seen: load.answered > seen + 2 * VISITORS, what="visitors of the new one")
	assert (load.bad, load.answered)[0] == [] and load.answered > RESTARTS * VISITORS
	assert load.longest < 10, f"somebody waited {load.longest:.1f} s"


def test_what_is_under_way_is_answered_first(machine):
	"""A login that waits for the database when the restart comes."""
	visitor = Browser(machine)
	visitor.get("/login")
	lock = subprocess.Popen(["nsenter", "-t", machine.pid, "-m", "-u", "-i", "-p", "--", "mariadb", "--unbuffered", "aeta"], stdin=subprocess.PIPE,
		stdout=subprocess.PIPE, text=True)
	statuses = []
	try:
		lock.stdin.write("LOCK TABLES aeta_web_throttle WRITE; SELECT 'locked';\n")
		lock.stdin.flush()
		assert lock.stdout.readline() and lock.stdout.readline() == "locked\n"
		slow = threading.Thread(target=lambda: statuses.append(visitor.post("/login", {"login": "anna", "password": machine.secrets["anna"]}).status))
		slow.start()
		until(lambda: "Waiting for table" in machine.said("mariadb", "-e", "SHOW PROCESSLIST"), what="the login at the lock")
		before = machine.invocation("aeta-admin")
		machine.run("systemctl", "restart", "--no-block", "aeta-admin")
		until(lambda: machine.shows("aeta-admin", "ActiveState") == "deactivating", what="its end")
		assert slow.is_alive()
	finally:
		lock.communicate("UNLOCK TABLES;\n", timeout=30)
	slow.join(30)
	assert statuses == [303]
	machine.comes_back("aeta-admin", before)


def test_a_crash(machine, anna):
	"""The next one takes the same socket; nobody is logged out; whoever comes in between waits."""
	before = machine.invocation("aeta-admin")
	os.kill(machine.outer_pid("aeta-admin"), signal.SIGSEGV)
	until(lambda: machine.shows("aeta-admin", "MainPID") == "0", what="its end")
	assert anna.get("/calls").status == 200
	machine.comes_back("aeta-admin", before)
	assert machine.shows("aeta-admin", "Result") == "success"


def test_it_starts_with_the_first_visitor(machine, anna):
	"""Stopped, it is started by its socket; with the socket stopped, nobody is there."""
	machine.run("systemctl", "stop", "aeta-admin")
	assert machine.shows("aeta-admin", "Result") == "success" and not machine.is_active("aeta-admin")
	assert anna.get("/calls").status == 200
	machine.run("systemctl", "stop", "aeta-admin.socket")
	until(lambda: machine.shows("aeta-admin", "ActiveState") == "inactive", what="its end with its socket")
	with pytest.raises(ConnectionRefusedError):
		anna.get("/calls")
	machine.run("systemctl", "start", "aeta-admin")
	assert anna.get("/calls").status == 200, "the socket came with it"


def test_a_database_that_restarts(machine, anna):
	machine.run("systemctl", "restart", "mariadb")
	until(lambda: anna.get("/accounts").status == 200, what="the pages")
	until(lambda: machine.ctl("status"), what="aetactl")
	assert machine.is_active("aeta-admin") and machine.is_active("aeta-sip")
