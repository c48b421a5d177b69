# SPDX-License-Identifier: GPL-2.0-or-later
"""Kamailio as Debian ships it, with kamailio-cfg/existing/ put into its own configuration file: the package's file is copied
as it is, edited by our script, and given a kamailio-local.cfg such as an administrator writes. The database is Kamailio's
own, with passwords in `subscriber`, and the two tables of the module."""
import os
import pathlib
import shutil
import subprocess

import pytest
from children import die_with_parent
from service import ROOT, Service, eventually
from universe import Universe, password

OURS = ROOT / "kamailio-cfg/existing"
STOCK = pathlib.Path("/etc/kamailio/kamailio.cfg")
TABLES = pathlib.Path("/usr/share/kamailio/mysql")
UNIVERSE = Universe()
STATES = ("locked", "suspended", "ended")
ADDRESSES = {"plain": "127.0.0.1", "states": "127.0.0.2"}


def variant_of(row):
	"""The variant of the service that a row of the table needs."""
	about_states = row.rule.endswith(STATES) or "locked" in (row.members or {}).values()
	return "states" if about_states else "plain"


def rows(kind):
	return pytest.mark.parametrize("row", UNIVERSE.rows[kind], ids=lambda row: row.id)


class Stock(Service):
	"""With states=True the optional columns of aeta-states.sql are there and used."""

	def __init__(self, folder, address, states=False):
		super().__init__(folder)
		self.address = address
		self.db.database = "kamailio"
		self.states = states
		self.file = folder / "kamailio.cfg"

	# -- starting --
	def start(self):
		self.db.start()
		self.db.sql("CREATE DATABASE kamailio", database=None)
		for name in ("standard", "acc", "auth_db", "usrloc", "dialog"):
			self.sql((TABLES / f"{name}-create.sql").read_text())
		self.sql((OURS / "aeta-create.sql").read_text())
		if self.states:
			self.sql((OURS / "aeta-states.sql").read_text())
		self.configure()
		self.start_kamailio()

	def configure(self):
		shutil.copy(STOCK, self.file)
		subprocess.run([OURS / "apply", self.file], check=True)
		shutil.copy(OURS / "aeta.cfg", self.folder)
		self.write_local()

	def write_local(self):
		switches = ["WITH_MYSQL", "WITH_AUTH", "WITH_USRLOCDB", 'DBURL "mysql://root@localhost/kamailio"',
			f'AETA_MODULE "{self.module()}"', "AETA_FIRST_MS 1000"] + ["WITH_AETA_STATES"] * self.states
		(self.folder / "kamailio-local.cfg").write_text("".join(f"#!define {line}\n" for line in switches)
			+ f'listen=udp:{self.address}:5060\nalias="{self.domain}"\n')

	def start_kamailio(self):
		self.log = (self.folder / "kamailio.log").open("ab")
		self.kamailio = subprocess.Popen(["kamailio", "-f", self.file, "-DD", "-E", "-m", "64", "-M", "8", "-Y", self.folder,
			"-P", self.folder / "kamailio.pid"], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
			env=dict(os.environ, MYSQL_UNIX_PORT=str(self.db.socket)), preexec_fn=die_with_parent,
			start_new_session=True)
		eventually("Kamailio answers on its RPC socket", self._answers, 30)

	# -- the database --
	def load(self, universe):
		self.sql("".join(self.statements(universe)))
		self.rpc("aeta.reload")

	def statements(self, universe):
		for prefix, options in universe.groups.items():
			names, values = (", ".join(map(str, part)) for part in (["prefix", *options], [prefix, *options.values()]))
			yield f"INSERT INTO aeta_group ({names}) VALUES ({values});"
		for prefix, number in universe.exceptions:
			yield f"INSERT INTO aeta_exception (prefix, number) VALUES ({prefix}, '{number}');"
		for account in universe.accounts.values():
			yield (f"INSERT INTO subscriber (username, domain, password) VALUES ('{account.number}', '{self.domain}', "
				f"'{password(account.number)}');")
			if self.states and account.state == "ended":
				yield (f"UPDATE subscriber SET aeta_until = UTC_TIMESTAMP() - INTERVAL 1 DAY "
					f"WHERE username = '{account.number}';")
			elif self.states:
				yield f"UPDATE subscriber SET aeta_state = '{account.state}' WHERE username = '{account.number}';"

	def set_account(self, number, state):
		self.sql(f"UPDATE subscriber SET aeta_state = '{state}' WHERE username = '{number}'")
