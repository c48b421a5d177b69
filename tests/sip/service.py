# SPDX-License-Identifier: GPL-2.0-or-later
"""The service under test: a private MariaDB with our schema, and Kamailio with our configuration and module.

`./dev up` starts more than these tests want (demo accounts, a test codec that would answer 15000 in place of ours), so
only the two parts under test are started here, from what the product ships: sql/install.sh and kamailio-cfg/.
"""
import itertools
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import time

from relays import Relay
from universe import Account, account_sql, password
from wire import TIMEOUT

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from children import die_with_parent, end_kamailio  # noqa: E402
from db import Server  # noqa: E402

DOMAINS = {"sip.example.com": "default", "sip.example.net": "default", "sip.example.fr": "fr"}


def eventually(what, probe, timeout=TIMEOUT):
	"""The first true value of probe(); fails, naming `what`, if there is none in time. For states nobody announces."""
	end = time.monotonic() + timeout
	while True:
		found = probe()
		if found:
			return found
		assert time.monotonic() < end, f"not within {timeout} s: {what}"
		time.sleep(0.03)


class RpcError(Exception):
	pass


class Service:
	"""Both parts in `folder`; address, ports and timers as the tests want them."""

	address, address6, domain = "127.0.0.1", "::1", "sip.example.com"
	options, environment = (), {}  # more of Kamailio's command line, and of its environment

	def __init__(self, folder):
		self.folder = folder
		self.db = Server(folder / "db")
		self.relays = {}  # name -> Relay
		self.kamailio = None
		self.changed = {}  # values of the site file that a test wants different
		self._sockets = itertools.count()

	# -- starting and stopping --
	def start(self):
		self.db.start()
		self.db.install()
		self._certificate()
		self._site_file()
		names = list(DOMAINS.items()) + [(self.address, "default"), (f"[{self.address6}]", "default")]
		self.sql("".join(f"INSERT INTO aeta_domain (domain, relay_set) VALUES ('{name}', '{relays}');"
			for name, relays in names))
		self.start_relays()
		self.start_kamailio()

	def stop(self):
		self.stop_kamailio()
		for relay in self.relays.values():
			relay.stop()
		self.db.stop()

	def start_relays(self):
		"""One, for calls between IPv4 and IPv6."""
		self.add_relay(Relay("aeta-relay", self.folder), default=1)

	def add_relay(self, relay, **positions):
		"""Starts it and puts it into the named sets; before Kamailio starts."""
		self.relays[relay.name] = relay.start()
		for name, position in positions.items():
			self.sql("INSERT INTO aeta_relay (set_number, url, position) "
				f"SELECT number, '{relay.url}', {position} FROM aeta_relay_set WHERE name = '{name}'")

	def values(self):
		"""What the site file says here instead of what site.cfg.example proposes."""
		password = self.db.passwords["aeta_sip"]
		return {
			"SITE_DBURL": f"mysql://aeta_sip:{password}@localhost/{self.db.database}",
			"SITE_AUTH_SECRET": "only-for-the-tests-0123456789abcdef",
			"SITE_ADDRESS_1": self.address,
			"SITE_ADDRESS_V6": f"[{self.address6}]",
			"SITE_TLS_CERTIFICATE": f"{self.folder}/tls.crt",
			"SITE_TLS_KEY": f"{self.folder}/tls.key",
			"SITE_RUNDIR": str(self.folder),
			"SITE_AETA_MODULE": str(self.module()),
			"SITE_CHILDREN": "2",
			"SITE_TCP_CHILDREN": "2",
			"SITE_LOCATION_FLUSH_S": "1",
			"SITE_KEEPALIVE_S": "1",
			"SITE_NO_REPLY_MS": "3000",
			"SITE_HUNT_FIRST_S": "2",
			"SITE_TESTCODEC_MAX_S": "3",
			"SITE_ACCOUNT_RATE": "1000",  # one agent plays many parts here; test_guard_account.py has its own
			"SITE_ACCOUNT_CALLS": "1000",
			"SITE_REDIAL_S": "0",  # the same two call each other all the time; test_media_redial.py has its own
			"SITE_PROBING": "0",  # loopback alone: nobody to be asked; test_media_evidence.py and the NAT lab have their own
			"SITE_ALIVE_INTERVAL_S": "600",  # test_vanished.py has its own
			**self.changed,
		}

	@staticmethod
	def module():
		path = os.environ.get("AETA_MODULE", ROOT / "build/dev/modules/aeta/aeta.so")
		assert pathlib.Path(path).exists(), f"{path} is missing: ./dev build, or name another with AETA_MODULE"
		return path

	def _site_file(self):
		"""site.cfg.example with our values: so the example is tested, too."""
		text = (ROOT / "kamailio-cfg/site.cfg.example").read_text()
		for name, value in self.values().items():
			line = f'#!substdef "!{name}!{value}!g"'
			text, count = re.subn(rf'(?m)^#?#!substdef "!{name}!.*$', lambda _: line, text)
			assert count == 1, f"{name} is not in site.cfg.example"
		(self.folder / "site.cfg").touch(mode=0o600)
		(self.folder / "site.cfg").write_text(text)

	def _certificate(self):
		subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
			"-days", "2", "-subj", f"/CN={self.domain}", "-keyout", self.folder / "tls.key", "-out",
			self.folder / "tls.crt"], check=True, capture_output=True)

	def start_kamailio(self):
		configuration = os.environ.get("AETA_KAMAILIO_CFG", ROOT / "kamailio-cfg")
		self.log = (self.folder / "kamailio.log").open("ab")
		self.kamailio = subprocess.Popen(["kamailio", f"--substdef=!SITE_FILE!{self.folder}/site.cfg!g", "-f",
			f"{configuration}/kamailio.cfg", "-DD", "-E", "-m", "256", "-M", "16", "-Y", self.folder, "-P",
			self.folder / "kamailio.pid", *self.options], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
			env=dict(os.environ, TZ="UTC", MYSQL_UNIX_PORT=str(self.db.socket), **self.environment), preexec_fn=die_with_parent,
			start_new_session=True)
		eventually("Kamailio answers on its RPC socket", self._answers, 30)
		eventually("the last process that it starts runs", lambda: any("tcp main" in row["DSC"] for row in self.rpc("core.psx")))

	def _answers(self):
		if self.kamailio.poll() is not None:
			raise AssertionError("Kamailio does not start:\n" + (self.folder / "kamailio.log").read_text()[-4000:])
		try:
			# the last process that starts
			return any(row["DSC"] == "tcp main process" for row in self.rpc("core.psx"))
		except OSError:
			return None

	def stop_kamailio(self, kill=False):
		if not self.kamailio:
			return
		if kill:
			for pid in self.pids():
				os.kill(pid, 9)
		else:
			end_kamailio(self.kamailio)
		# A process that is told to end while it is only just starting can take a lock of Kamailio's configuration framework
		# with it (5.6); then Kamailio kills the others after 60 s.
		self.kamailio.wait(75)
		self.kamailio = None
		self.log.close()

	def restart(self, kill=False, **values):
		"""A new Kamailio, from now on with other values in the site file where any are named; None: as before."""
		self.stop_kamailio(kill)
		self.changed.update(values)
		self.changed = {name: value for name, value in self.changed.items() if value is not None}
		self._site_file()
		self.start_kamailio()

	def verdicts(self, call_id):
		"""The rules that the one log line of each verdict on this call names (B10)."""
		lines = (line for line in (self.folder / "kamailio.log").read_bytes().splitlines() if call_id.encode() in line)
		return [rule.decode() for line in lines for rule in re.findall(rb"verdict=.* rule=(\S+)", line)]

	# -- asking Kamailio --
	def rpc(self, method, *params):
		"""The result of a JSON-RPC call over Kamailio's datagram socket."""
		mine = self.folder / f"rpc-{os.getpid()}-{next(self._sockets)}"
		with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
			s.bind(str(mine))
			try:
				s.settimeout(TIMEOUT)
				s.connect(str(self.folder / "kamailio_rpc.sock"))
				s.send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}).encode())
				answer = json.loads(s.recv(1 << 20).decode("utf-8", "replace"))  # a User-Agent may be Latin-1
			finally:
				mine.unlink()
		if "error" in answer:
			raise RpcError(f"{method}: {answer['error']}")
		return answer["result"]

	def pids(self):
		"""The processes of Kamailio."""
		return sorted(row["PID"] for row in self.rpc("core.psx"))

	def counter(self, name):
		"""A counter of the aeta module."""
		counters = dict(line.split(" = ") for line in self.rpc("stats.get_statistics", "aeta:"))
		return int(counters[f"aeta:{name}"])

	def bindings(self, number):
		"""The registrations of a number, as usrloc shows them."""
		try:
			return [entry["Contact"] for entry in self.rpc("ul.lookup", "location", number)["Contacts"]]
		except RpcError:
			return []

	def binding(self, number):
		found, = self.bindings(number)
		return found

	def forget(self, *numbers):
		"""Removes registrations."""
		for number in numbers:
			if self.bindings(number):
				self.rpc("ul.rm", "location", number)

	# -- the database --
	def sql(self, text):
		return self.db.sql(text)

	def load(self, universe):
		self.sql(universe.sql())
		self.rpc("aeta.reload")
		self.rpc("domain.reload")

	def password(self, number):
		return password(number)

	def add_account(self, number, kind):
		self.sql("\n".join(account_sql(Account(number, kind, "active"))))

	def set_account(self, number, **columns):
		"""Changes columns of an account; it counts at once."""
		values = ", ".join(f"{name} = NULL" if value is None else f"{name} = '{value}'" for name, value in columns.items())
		self.sql(f"UPDATE aeta_account SET {values} WHERE number = '{number}'")
		self.accounts_changed()

	def accounts_changed(self):
		"""Tells Kamailio, as aetactl does, what it would find out by itself within three seconds."""
		self.rpc("aeta.accounts_changed")

	def set_group(self, prefix, assignments):
		"""Changes options of a group and reloads them."""
		self.sql(f"UPDATE aeta_group SET {assignments} WHERE prefix = {prefix}")
		self.rpc("aeta.reload")

	def trust(self, address):
		"""An outbound proxy whose Path is honoured."""
		self.sql(f"INSERT INTO address (grp, ip_addr, mask, port, tag) VALUES (1, '{address}', 32, 0, 'test')")
		self._reload_addresses()

	def distrust(self, address):
		self.sql(f"DELETE FROM address WHERE ip_addr = '{address}'")
		self._reload_addresses()

	def _reload_addresses(self):
		def reloaded():
			try:
				return self.rpc("permissions.addressReload") or True
			except RpcError as error:
				assert "ongoing reload" in str(error)  # refused for some seconds after the one before
				return False
		eventually("the addresses are reloaded", reloaded)

	# -- call records --
	def _record_rows(self, call_id, columns):
		return self.sql(f"SELECT {columns} FROM acc_cdrs WHERE callid = '{call_id}'")

	def cdr(self, call_id):
		"""(caller, dialled, final, rule) of the one record of a call that has ended."""
		row, = eventually(f"the record of call {call_id}", lambda: self._record_rows(call_id, "caller, dialled, final, rule"))
		return tuple(row)

	def record(self, call_id):
		"""Its times: begin, end, last_alive (None: it did not vanish) in seconds since 1970, duration in seconds."""
		stamps = ", ".join(f"TIMESTAMPDIFF(MICROSECOND, '1970-01-01', {name}) / 1e6" for name in
			("start_time", "end_time", "last_alive"))
		row, = eventually(f"the record of call {call_id}", lambda: self._record_rows(call_id, f"{stamps}, duration"))
		begin, end, alive, duration = (None if value == "NULL" else float(value) for value in row)
		return {"begin": begin, "end": end, "last_alive": alive, "duration": duration}
