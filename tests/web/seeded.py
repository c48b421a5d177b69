# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole service over the seeded database: Kamailio, a relay, aeta-admin; real agents register with the seeded passwords."""
import datetime
import subprocess
from pathlib import Path

from admin import WebAdmin
from seeding import Seed
from service import Service

HERE = Path(__file__).resolve().parent


class Seeded(Service):
	def start(self):
		self.db.start()
		self.db.install()
		now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0, tzinfo=None)
		self.seed = Seed(now)
		subprocess.run([HERE / "seed", "--defaults", self.db.options(), "--now", now.isoformat()], check=True)
		self.sql(f"INSERT INTO aeta_domain (domain) VALUES ('{self.domain}'), ('{self.address}')")
		self._certificate()
		self._site_file()
		self.start_relays()
		self.start_kamailio()
		self.admin = WebAdmin(self.db, self.folder, self.folder / "kamailio_rpc.sock")
		self.admin.start()

	def stop(self):
		if admin := getattr(self, "admin", None):
			admin.stop()
		super().stop()

	def values(self):
		return {**super().values(), "SITE_KEEPALIVE_S": "30"}  # nobody answers for the seeded registrations
