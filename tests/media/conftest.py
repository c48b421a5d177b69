# SPDX-License-Identifier: GPL-2.0-or-later
"""The service with two relays, twice: with ours, and with Debian's rtpengine-daemon in their place. Every test runs with both."""
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "sip"), str(HERE.parent / "net"), str(HERE.parent / "ctl")]

from netns import Namespace  # noqa: E402
from phone import Phone  # noqa: E402
from relays import Relay  # noqa: E402
from service import Service, eventually  # noqa: E402
from steps import SILENT_S  # noqa: E402
from universe import Universe  # noqa: E402

PUBLIC = ("203.0.113.11", "203.0.113.12", "203.0.113.13")  # agents there are not on loopback, so their addresses count


class MediaService(Service):
	"""`kind` of its relays, which are "nominal", and "alternate" of the set fr; each set has the other's relay behind its own."""

	def values(self):
		return {"SITE_SILENT_S": str(SILENT_S), **super().values()}

	def start_relays(self):
		self.add_relay(Relay(self.kind, self.folder, "nominal", 2223, 55004, silent_s=SILENT_S), default=1, fr=2)
		self.add_relay(Relay(self.kind, self.folder, "alternate", 2233, 56004, silent_s=SILENT_S), default=2, fr=1)

	def no_relay_is_dead(self):
		eventually("no relay is known as dead", lambda: not self.rpc("htable.dump", "dead"))

	def media(self, number, policy):
		self.set_account(number, media=policy)

	def path_of(self, call_id):
		"""(path, path_reason, relay) of the call's record."""
		row, = eventually(f"the record of call {call_id}", lambda: self._record_rows(call_id, "path, path_reason, relay"))
		return tuple(row)


@pytest.fixture(scope="session", params=["aeta-relay", "rtpengine"])
def service(request, tmp_path_factory):
	namespace = Namespace()
	running = MediaService(tmp_path_factory.mktemp(request.param))
	running.kind = request.param
	try:
		for address in PUBLIC:
			subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
		pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").write_text("32768 50000")  # no media port is anybody else's
		running.start()
		running.load(Universe())
		yield running
	finally:
		running.stop()
		namespace.leave()


@pytest.fixture
def nominal(service):
	return service.relays["nominal"]


@pytest.fixture
def alternate(service):
	return service.relays["alternate"]


@pytest.fixture(autouse=True)
def all_relays_run(service):
	"""Whatever a test did to them; and at the end of it no relay may know a call or have a port open."""
	yield
	for relay in service.relays.values():
		if not relay.running:
			relay.start()
		relay.thaw()
	service.no_relay_is_dead()
	for relay in service.relays.values():
		eventually("the relays have forgotten all calls", lambda: relay.calls() == [])
		eventually("their ports are closed", lambda: relay.open_ports() == [])


@pytest.fixture
def phone(service):
	"""Makes phones: phone("45675001", "always", host=…) with the media policy of its account; undone after the test."""
	made = []

	def make(number, policy=None, **more):
		if policy:
			service.media(number, policy)
		made.append(Phone(service, number, **more))
		return made[-1]
	yield make
	service.forget(*{one.number for one in made})
	for one in made:
		service.set_account(one.number, media=None)
		one.close()
