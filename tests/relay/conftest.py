# SPDX-License-Identifier: GPL-2.0-or-later
"""The relay's daemon, in a network namespace of its own for each file of tests."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "net"), str(HERE.parent / "sip")]

from netns import Namespace  # noqa: E402
from outside import THIRD, Outside  # noqa: E402
from relay import Call, Party, Relay  # noqa: E402
from talk import OPTIONS, OTHER, OTHER6, RELAY6, THIRD6, ip, take_xdp, talking  # noqa: E402

NEAR, FAR = "10.9.0.1", "10.9.0.2"  # addresses of this machine that are not loopback


@pytest.fixture(scope="module")
def network():
	namespace = Namespace()
	try:
		for address in (NEAR, FAR):
			subprocess.run(["ip", "addr", "add", f"{address}/32", "dev", "lo"], check=True)
		yield namespace
	finally:
		namespace.leave()


@pytest.fixture(scope="module")
def module_folder(tmp_path_factory):
	return tmp_path_factory.mktemp("relay")


@pytest.fixture(scope="module")
def relay(network, module_folder):
	"""One for the tests that leave it as they found it; IPv4 and IPv6."""
	with Relay(module_folder, "--interface=127.0.0.1", "--interface=::1") as running:
		yield running


@pytest.fixture
def start(network, tmp_path):
	"""Starts a relay with other options, at other ports than `relay`: start("--plain", …); ended after the test."""
	running = []

	def make(*options, **more):
		if more.get("usual", True) and not any(option.startswith("--interface") for option in options):
			options = ("--interface=127.0.0.1", *options)
		running.append(Relay(tmp_path, *options, **{"port": 2323, **more}))
		return running[-1]
	yield make
	for one in running:
		one.__exit__(one.process.poll() is not None, None, None)


@pytest.fixture
def open_folder():
	"""One that the relay's user can enter; pytest closes its own to others, again at each run."""
	path = pathlib.Path(tempfile.mkdtemp(prefix="aeta-relay-"))
	path.chmod(0o755)
	yield path
	shutil.rmtree(path)


@pytest.fixture
def party():
	made = []

	def make(*arguments, **more):
		made.append(Party(*arguments, **more))
		return made[-1]
	yield make
	for one in made:
		one.close()


@pytest.fixture
def call(party):
	"""call(ng, caller address, callee address, …): a call that is set up."""
	def make(ng, caller="127.0.0.1", callee="127.0.0.1", **more):
		return Call(ng, party(caller), party(callee), **more)
	return make


# -- parties outside this machine

@pytest.fixture(scope="module")
def outside(network):
	"""A host whose packets come in by an interface: .66 and .67, ::66 and ::67."""
	host = Outside()
	host.inside(ip, "addr", "add", f"{OTHER}/24", "dev", "far")
	ip("addr", "add", f"{RELAY6}/64", "dev", "near", "nodad")
	for address in (THIRD6, OTHER6):
		host.inside(ip, "addr", "add", f"{address}/64", "dev", "far", "nodad")
	host.inside(take_xdp, "far")
	yield host
	host.close()


@pytest.fixture
def pair(outside):
	parties = [outside.inside(Party, address) for address in (THIRD, OTHER)]
	yield parties
	for party in parties:
		party.close()


@pytest.fixture
def conversation(start, outside, pair):
	"""A relay, and a call through it that the kernel forwards both ways, which is ended with the test."""
	made = []

	def make(*options, parties=pair, **more):
		relay = start(*OPTIONS, *options)
		made.append(talking(relay, parties, **more))
		return relay, *made[-1]
	yield make
	for _, talk in made:
		talk.end(0)
