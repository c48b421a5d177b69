# SPDX-License-Identifier: GPL-2.0-or-later
"""A Debian machine under systemd on which the service was installed by the steps of INSTALL.md, as ./dev soak systemd has prepared it:
$AETA_MACHINE names its folders. It shares a network with the tests, whose parties are behind a link:

	the machine   192.0.2.10 ─ near │ far ─ 192.0.2.66, .67
"""
import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / name) for name in ("systemd", "sip", "net", "relay", "admin", "")]

from machine import Machine, until  # noqa: E402 isort: skip
from agent import Agent  # noqa: E402
from netns import Namespace  # noqa: E402
from ng import Ng  # noqa: E402
from outside import Outside  # noqa: E402
from relay import Party  # noqa: E402
from server import Visitor  # noqa: E402

ADDRESS, FAR = "192.0.2.10", ("192.0.2.66", "192.0.2.67")
UNITS = ("aeta-sip.service", "aeta-relay.service", "aeta-admin.service", "aeta-admin.socket")
GROUP, MEMBERS = "4567", ("45675001", "45675002")


def steps():
	"""What INSTALL.md has as root do on the machine, block by block; the first one is done."""
	blocks = re.findall(r"^\t```sh\n(.*?)^\t```$", (ROOT / "INSTALL.md").read_text(), re.M | re.S)
	return ["set -euo pipefail\n" + re.sub(r"^\t", "", block, flags=re.M) for block in blocks[1:]]


def upgrade():
	"""What it has him do after a new version was installed."""
	[block] = re.findall(r"^```sh\n(.*?)^```$", (ROOT / "INSTALL.md").read_text(), re.M | re.S)
	return "set -euo pipefail\n" + block


class Installed(Machine):
	"""With what its operator knows: `secrets`, by name."""

	address, domain = ADDRESS, "sip.example.com"
	port = 8080  # of the web administration

	def install(self):
		self.secrets = {}
		for step in steps():
			said = self.said("bash", "-c", step)
		self.secrets["anna"] = re.search(r"^password: (\S+)$", said, re.M)[1]
		for line in self.said("cat", "/etc/aeta/passwords").splitlines():
			self.secrets[line.split()[0]] = line.split()[1]
		self.secrets["challenges"] = re.search(r"SITE_AUTH_SECRET!(\w+)!", self.said("cat", "/etc/aeta/site.cfg"))[1]
		self.ctl("customer", "add", "Radio Example", "--email", "noc@radio.example")
		self.ctl("group", "add", GROUP, "--customer", "Radio Example")
		told = json.loads(self.ctl("--json", "number", "allocate", GROUP, "2"))
		self.secrets.update((account["number"], account["password"]) for account in told["accounts"])
		until(lambda: re.search(r"^default .* up ", self.ctl("relay", "list"), re.M), what="the relay at Kamailio")

	def ctl(self, *words):
		return self.said("aetactl", *words)

	def password(self, number):
		return self.secrets[number]

	def journal(self, *words):
		return self.said("journalctl", "--quiet", "--output=short-monotonic", *words)

	def invocation(self, unit):
		return self.shows(unit, "InvocationID")

	def is_active(self, unit):
		return self.shows(unit, "ActiveState") == "active" and self.shows(unit, "SubState") == "running"

	def comes_back(self, unit, before):
		"""Another run of the unit than that one is there."""
		until(lambda: self.invocation(unit) != before and self.is_active(unit), what=f"{unit} again")


@pytest.fixture(scope="session")
def outside():
	namespace = Namespace()
	link = Outside(addresses=(ADDRESS,), third=FAR[0])
	link.inside(subprocess.run, ["ip", "addr", "add", f"{FAR[1]}/24", "dev", "far"], check=True)
	yield link
	link.close()
	namespace.leave()


@pytest.fixture(scope="session")
def machine(outside):
	with Installed(*os.environ["AETA_MACHINE"].split(":")) as running:
		running.install()
		yield running


class Browser(Visitor):
	"""Behind the proxy that has TLS."""

	def send(self, method, path, body=None, headers=None, connection=None):
		return super().send(method, path, body, {"X-Forwarded-For": "198.51.100.7", **(headers or {})}, connection)

	def origin(self):
		return "https://admin.example.com"


@pytest.fixture
def anna(machine):
	visitor = Browser(machine)
	visitor.login("anna", machine.secrets["anna"])
	return visitor


class Relayed:
	"""The relay as its unit runs it, for tests/relay/talk.py."""

	def __init__(self):
		self.ng = Ng(("127.0.0.1", 2223))

	@staticmethod
	def metrics():
		with contextlib.suppress(OSError), urllib.request.urlopen("http://127.0.0.1:2225/metrics", timeout=10) as answer:
			return {name: float(value) for name, value in re.findall(r"^aeta_relay_(\S+) (\S+)$", answer.read().decode(), re.M)}
		return {"offload_flows": -1}


@pytest.fixture
def relay(machine):
	one = Relayed()
	yield one
	one.ng.close()


@pytest.fixture
def pair(machine, outside):
	"""Two parties on other machines."""
	both = [outside.inside(Party, address) for address in FAR]
	yield both
	for party in both:
		party.close()


@pytest.fixture
def agents(machine, outside):
	both = [outside.inside(Agent, machine, number, host=host, instance=f"urn:uuid:0000-{number}") for number, host in zip(MEMBERS, FAR)]
	yield both
	for agent in both:
		agent.close()
