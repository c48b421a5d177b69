# SPDX-License-Identifier: GPL-2.0-or-later
"""The service as docker/compose.yaml deploys it: images built here from Debian's packages, run in a network namespace."""
import os
import pathlib
import sys
import tempfile
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/deploy"), str(ROOT / "tests/sip"), str(ROOT / "tests/net"), str(ROOT / "tests/admin"), str(ROOT / "tests")]

from engine import Engine  # noqa: E402
from netns import Namespace  # noqa: E402

ADDRESS = "127.0.0.1"
UP_S = 120


class Deployed:
	"""The running service."""

	def __init__(self, engine):
		self.engine = engine

	def compose(self, *words, **more):
		return self.engine.compose(*words, AETA_ADDRESS=ADDRESS, AETA_NAMES="sip.example.com", **more)

	def aetactl(self, *words, **more):
		return self.compose("run", "--rm", "-T", "aetactl", *words, **more)

	def up(self):
		self.compose("up", "--detach", "--no-build")
		end = time.monotonic() + UP_S
		for service in ("kamailio", "web"):
			while self.health(service) != "healthy":
				assert time.monotonic() < end, self.compose("logs", "--tail=60", check=False).stdout
				time.sleep(0.2)

	def health(self, service):
		name = self.compose("ps", "--quiet", service).stdout.strip()
		return self.engine.docker("inspect", "--format", "{{.State.Health.Status}}", name).stdout.strip()

	def accounts(self):
		"""The demo accounts: number -> password."""
		lines = self.compose("exec", "-T", "database", "/usr/lib/aeta/demo").stdout.split("\n")
		return dict(line.split() for line in lines if line.strip())


@pytest.fixture(scope="session")
def deployed():
	folder = pathlib.Path(tempfile.mkdtemp(prefix="aeta-docker-", dir="/var/tmp"))
	engine = Engine(folder, f"aeta{os.getpid()}")
	namespace = None
	try:
		engine.start()  # with the network, for Debian's packages
		engine.import_base()
		engine.compose("build", AETA_ADDRESS=ADDRESS)
		engine.stop()
		namespace = Namespace()
		engine.start()
		service = Deployed(engine)
		service.up()
		yield service
	finally:
		engine.remove()
		if namespace:
			namespace.leave()
