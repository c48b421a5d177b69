# SPDX-License-Identifier: GPL-2.0-or-later
"""The service as a person starts it, with ./dev, each in a network namespace and a state folder of its own."""
import json
import os
import pathlib
import signal
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
UP_S = 180  # limit for one ./dev up on a loaded machine; it takes about 10 s


class Place:
	"""A network namespace and a state folder: where one service lives."""

	def __init__(self, name, folder):
		self.name, self.state = "aeta-%s-%d" % (name, os.getpid()), folder / "state"
		subprocess.run(["ip", "netns", "add", self.name], check=True)
		subprocess.run(["ip", "-n", self.name, "link", "set", "lo", "up"], check=True)

	def argv(self, *arguments):
		verb, *rest = map(str, arguments)
		return ["ip", "netns", "exec", self.name, str(ROOT / "dev"), verb, "--state", str(self.state), *rest]

	def dev(self, *arguments, check=0, timeout=UP_S):
		"""Runs ./dev there; `check` is the exit status that is expected (None = any)."""
		run = subprocess.run(self.argv(*arguments), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)
		if check is not None:
			assert run.returncode == check, "./dev %s: exit status %d\n%s\n%s" % (
				" ".join(map(str, arguments)), run.returncode, run.stdout, run.stderr)
		return run

	def popen(self, *arguments):
		return subprocess.Popen(self.argv(*arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
			stderr=subprocess.STDOUT, text=True)

	def up(self, *arguments, **how):
		return self.dev("up", "--detach", "--no-build", *arguments, **how)

	def call(self, *arguments, check=0):
		return json.loads(self.dev("call", "--json", *arguments, check=check, timeout=120).stdout)

	def status(self):
		return json.loads(self.dev("status", "--json", check=None).stdout)

	def wait_healthy(self, seconds=15):
		"""Every part does its work; on a busy machine a probe of one second may come too late once."""
		end = time.monotonic() + seconds
		while not (status := self.status())["healthy"]:
			assert time.monotonic() < end, status

	def parts(self):
		return {part["name"]: part for part in self.status()["parts"]}

	def processes(self):
		"""The processes that live in this namespace."""
		listing = subprocess.run(["ip", "netns", "pids", self.name], capture_output=True, text=True, check=True)
		return [int(pid) for pid in listing.stdout.split()]

	def remove(self):
		"""Down, and whatever a failed test left behind is ended too: nothing but ours is in the namespace."""
		self.dev("down", check=None)
		for pid in self.processes():
			os.kill(pid, signal.SIGKILL)
		subprocess.run(["ip", "netns", "delete", self.name], check=False)


@pytest.fixture(scope="session")
def service(tmp_path_factory):
	"""A running service that all tests share; they leave it as they found it."""
	place = Place("one", tmp_path_factory.mktemp("one"))
	try:
		place.up()
		yield place
	finally:
		place.remove()


@pytest.fixture
def place(tmp_path_factory):
	"""A place where nothing runs yet."""
	other = Place("two", tmp_path_factory.mktemp("two"))
	try:
		yield other
	finally:
		other.remove()
