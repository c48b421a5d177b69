# SPDX-License-Identifier: GPL-2.0-or-later
"""aeta-admin for the tests with a browser and the measurements: tests/admin's, with those who use it."""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/admin")]
from server import Admin, Visitor  # noqa: E402

OPERATOR = "anne"  # an admin; there are others, who are called as their role is
SUBSCRIBER = "20065001"  # in a group with self-management and hunting, of customer 6
CONTACT = "noc0@radio06.example"  # technical contact of that customer
# What the sheet for firewalls and the guide of the test call tell (C4).
TOLD = {"sip_addresses": "192.0.2.10, 2001:db8::10", "media_addresses": "192.0.2.50, 192.0.2.60, 2001:db8::50",
	"support_contact": "noc@radio.example, +33 1 23 45 67 89"}


def web_password(who):
	return f"correct horse of {who}"


class WebAdmin(Admin):
	"""Of the preset `build`, for a database (db.Server) and the RPC socket of a Kamailio, if there is one."""

	def __init__(self, server, folder, rpc_socket=None, build="dev"):
		super().__init__(server, folder, **TOLD, **({"rpc_socket": rpc_socket} if rpc_socket else {}))
		self.programs = ROOT / "build" / build / "admin"
		os.environ["AETA_ADMIN"] = str(self.programs / "aeta-admin")

	@property
	def url(self):
		return f"http://127.0.0.1:{self.port}"

	def routes(self):
		"""Its table of routes: rows with method, path, who, fields."""
		done = subprocess.run([self.programs / "aeta-admin", "--routes"], capture_output=True, text=True, check=True)
		return json.loads(done.stdout)

	def resident_kib(self):
		"""Memory that it holds."""
		return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text())[1])

	def ctl(self, *arguments, stdin=""):
		"""What aetactl says of the same database, asked for JSON; it must succeed."""
		config = self.config.with_name("aetactl.conf")
		config.touch(mode=0o600)
		values = {**self.values, "db_user": "aeta_admin", "db_password": self.server.passwords["aeta_admin"]}
		config.write_text("".join(f"{key} = {value}\n" for key, value in values.items() if key not in ("listen", "insecure_cookie", *TOLD)))
		done = subprocess.run([self.programs / "aetactl", "--config", config, "--json", *map(str, arguments)], input=stdin,
			capture_output=True, text=True, timeout=60)
		assert done.returncode == 0, done
		return json.loads(done.stdout)

	def make_operator(self, login, role):
		self.ctl("operator", "add", login, "--role", role, "--password-stdin", stdin=web_password(login) + "\n")

	def make_contact_login(self, customer, address):
		self.ctl("contact", "password", customer, address, "--password-stdin", stdin=web_password(address) + "\n")

	def make_web_login(self, number):
		self.ctl("weblogin", "password", number, "--password-stdin", stdin=web_password(number) + "\n")


def door(who):
	"""Where an operator logs in, or a subscriber by its number, or a technical contact by its address."""
	return "/siremis/user/login" if who.isdigit() or "@" in who else "/login"


def visitor(admin, who=None):
	"""Somebody without a browser, logged in if named."""
	made = Visitor(admin)
	if who:
		made.login(who, web_password(who), door(who))
	return made
