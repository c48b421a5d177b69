# SPDX-License-Identifier: GPL-2.0-or-later
"""The sides that are compared: our configuration, and the one that Kamailio's package brings, read where it is installed.

Both: the same Kamailio, memory, number of workers on the socket that the load comes to, log level, log into a file, the
same MariaDB server with the durability that it is shipped with, the same accounts.
"""
import os
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "sip"))

from service import Service, eventually  # noqa: E402
from universe import Account, account_sql, password  # noqa: E402

ROOT = HERE.parents[2]
STOCK = pathlib.Path("/etc/kamailio/kamailio.cfg")
TABLES = pathlib.Path("/usr/share/kamailio/mysql")
WORKERS = 4  # the default of site.cfg.example
GROUP = 500  # accounts in a group


def numbers(count):
	return [f"{4001 + i // GROUP}{5001 + i % GROUP}" for i in range(count)]


class Side(Service):
	"""One configuration with its database on a server that all sides share; only one of them runs at a time."""

	name = title = ""

	def __init__(self, folder, server, build):
		super().__init__(folder)
		folder.mkdir()
		self.db = server
		self.build = build
		self.database = "kamailio"

	def module(self):
		return self.build / "modules/aeta/aeta.so"

	def sql(self, text):
		return self.db.sql(text, database=self.database)

	def count(self, table):
		return int(self.sql(f"SELECT COUNT(*) FROM {table}")[0][0])

	def statistic(self, name):
		return int(self.rpc("stats.get_statistics", name)[0].split(" = ")[1])

	def forget_calls(self):
		"""Waits until Kamailio has done with all calls: a dialog is deleted with the last of its transactions, seconds later."""
		wait_until(f"{self.title}: no transaction is left", lambda: self.rpc("tm.stats")["current"] == 0)

	def questions(self):
		"""Statements that the database server was sent, and how often it made a change durable."""
		rows = dict(self.db.sql("SHOW GLOBAL STATUS WHERE Variable_name IN ('Questions', 'Innodb_data_fsyncs')", database=None))
		return int(rows["Questions"]), int(rows["Innodb_data_fsyncs"])

	def clear(self):
		tables = " ".join(f"DELETE FROM {table};" for table in ("location", "dialog", "dialog_vars", "acc", "acc_cdrs"))
		self.sql(tables)


class Ours(Side):
	name, title = "ours", "our configuration"

	def __init__(self, folder, server, build):
		super().__init__(folder, server, build)
		self.database = "aeta"

	def install(self, accounts):
		self.db.install()
		groups = sorted({number[:4] for number in accounts})
		self.sql("INSERT INTO aeta_customer (name) VALUES ('Bench'); INSERT INTO aeta_contact (customer_id, email) "
			"SELECT id, 'bench@example.com' FROM aeta_customer;"
			+ "".join(f"INSERT INTO aeta_group (prefix, customer_id) SELECT {g}, id FROM aeta_customer;" for g in groups)
			+ f"INSERT INTO aeta_domain (domain) VALUES ('{self.domain}');"
			+ "BEGIN;" + "".join(statement for number in accounts for statement in
				account_sql(Account(number, "premium", "active"))) + "COMMIT;")

	def values(self):
		"""The site's own values; all others are the defaults, but for the limits of requests from one source and of one account:
		here one address stands for all codecs, and one codec for many. They are counted all the same."""
		return {"SITE_DBURL": f"mysql://aeta_sip:{self.db.passwords['aeta_sip']}@localhost/aeta",
			"SITE_AUTH_SECRET": "only-for-the-bench-0123456789abcdef", "SITE_ADDRESS_1": self.address,
			"SITE_RUNDIR": str(self.folder), "SITE_AETA_MODULE": str(self.module()), "SITE_FLOOD_RATE": "10000",
			"SITE_ACCOUNT_RATE": "10000", "SITE_ACCOUNT_CALLS": "10000",
			"SITE_REDIAL_S": "0",  # pairs that call each other again and again, for seconds
			**self.changed}

	def start(self):
		self._site_file()
		self.start_kamailio()
		wait_until("what is kept of accounts is believed", lambda: self.rpc("aeta.stats")["accounts_believed"])


class StockBare(Side):
	"""The package's kamailio.cfg with its own switches for MySQL: authentication, registrations and acc rows in the database."""

	name, title = "bare", "stock default configuration"

	def forget_calls(self):
		"""There are no dialogs."""

	def install(self, accounts):
		if self.db.sql("SHOW DATABASES LIKE 'kamailio'", database=None):
			return
		self.db.sql("CREATE DATABASE kamailio", database=None)
		for name in ("standard", "acc", "auth_db", "usrloc", "dialog"):
			self.sql((TABLES / f"{name}-create.sql").read_text())
		self.sql("\n".join(re.findall(r"(?m)^\s*(ALTER TABLE .*;)", STOCK.read_text())))
		self.sql("BEGIN;" + "".join(f"INSERT INTO subscriber (username, domain, password) VALUES "
			f"('{n}', '{self.domain}', '{password(n)}');" for n in accounts) + "COMMIT;")

	def edits(self):
		"""(pattern, replacement): each must be found exactly once in the package's file."""
		yield r"(?m)^children=\d+$", f"children={WORKERS}"

	def start(self):
		text = STOCK.read_text()
		for pattern, replacement in self.edits():
			text, found = re.subn(pattern, lambda _: replacement, text)
			if found != 1:
				raise SystemExit(f"{STOCK}: {pattern} is there {found} times instead of once")
		(self.folder / "kamailio.cfg").write_text(text)
		switches = ["WITH_MYSQL", "WITH_AUTH", "WITH_USRLOCDB", "WITH_ACCDB", 'DBURL "mysql://root@localhost/kamailio"']
		(self.folder / "kamailio-local.cfg").write_text("".join(f"#!define {line}\n" for line in switches)
			+ f'listen=udp:{self.address}:5060\nalias="{self.domain}"\n')
		self.start_kamailio()

	def start_kamailio(self):
		self.log = (self.folder / "kamailio.log").open("ab")
		self.kamailio = subprocess.Popen(["kamailio", "-f", self.folder / "kamailio.cfg", "-DD", "-E", "-m", "256", "-M", "16",
			"-Y", self.folder, "-P", self.folder / "kamailio.pid"], stdin=subprocess.DEVNULL, stdout=self.log,
			stderr=self.log, env=dict(os.environ, TZ="UTC", MYSQL_UNIX_PORT=str(self.db.socket)), start_new_session=True)
		eventually("Kamailio answers on its RPC socket", self._answers, 30)


class StockRecords(StockBare):
	"""The same, and every call as a dialog that survives a restart, with a call record in the database."""

	name, title = "stock", "stock configuration with dialogs and call records"
	forget_calls = Side.forget_calls

	def edits(self):
		yield from super().edits()
		yield r'(?m)^loadmodule "acc\.so"$', "\n".join(['loadmodule "dialog.so"', 'loadmodule "acc.so"',
			'modparam("dialog", "db_url", DBURL)', 'modparam("dialog", "db_mode", 1)',
			'modparam("acc", "cdr_enable", 1)', 'modparam("acc", "cdrs_table", "acc_cdrs")'])
		yield r"(?m)^\t\tsetflag\(FLT_ACC\); # do accounting$", "\t\tsetflag(FLT_ACC);\n\t\tdlg_manage();"


def wait_until(what, probe, timeout=90):
	"""A state of the side that nobody announces."""
	end = time.monotonic() + timeout
	while not probe():
		if time.monotonic() > end:
			raise SystemExit(f"not within {timeout} s: {what}")
		time.sleep(0.05)
