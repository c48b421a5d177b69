# SPDX-License-Identifier: GPL-2.0-or-later
"""tests/policy.tbl: its rows, and the SQL that puts its universe of groups and accounts into a database."""
import collections
import hashlib
import pathlib

TABLE = pathlib.Path(__file__).parents[1] / "policy.tbl"
REALM = "aeta"

Account = collections.namedtuple("Account", "number kind state")
Row = collections.namedtuple("Row", "id caller dialled method members code rule final")

OPTIONS = {"block-in": ("block_incoming", 1), "block-out": ("block_outgoing", 1), "hunting": ("hunting", 1),
	"no-direct": ("hunt_direct", 0), "busy-603": ("hunt_busy_603", 1), "busy-in-call": ("hunt_busy_in_call", 1),
	"next-488": ("hunt_next_488", 1), "no-answer": ("no_answer_s", None), "hunt-max": ("hunt_max_s", None)}


def password(number):
	return f"secret-{number}"


def spread(word):
	"""A number or a range of numbers: "6001-6003" is 6001, 6002, 6003."""
	first, _, last = word.partition("-")
	return [str(n).zfill(len(first)) for n in range(int(first), int(last or first) + 1)]


class Universe:
	"""The table, read."""

	def __init__(self, path=TABLE):
		self.groups, self.accounts, self.exceptions, self.absent = {}, {}, [], set()
		self.rows = {"call": [], "method": [], "hunt": [], "register": []}
		for line in path.read_text().splitlines():
			words = line.partition("#")[0].split()
			if words:
				getattr(self, f"_{words[0]}")(*words[1:])

	def _group(self, prefix, *options):
		self.groups[prefix] = columns = {}
		for option in options:
			name, _, value = option.partition("=")
			column, fixed = OPTIONS[name]
			columns[column] = int(value) if fixed is None else fixed

	def _account(self, numbers, kind, state="active"):
		for number in spread(numbers):
			self.accounts[number] = Account(number, kind, state)

	def _exception(self, prefix, number):
		self.exceptions.append((prefix, number))

	def _absent(self, number):
		self.absent.add(number)

	def _call(self, id, caller, dialled, arrow, code, rule, final=None):
		self.rows["call"].append(Row(id, caller, dialled, None, None, int(code), rule, final))

	def _method(self, id, caller, dialled, method, arrow, code, rule):
		self.rows["method"].append(Row(id, caller, dialled, method, None, int(code), rule, None))

	def _register(self, id, number, arrow, code, rule):
		self.rows["register"].append(Row(id, number, None, None, None, int(code), rule, None))

	def _hunt(self, id, caller, dialled, members, arrow, code, rule, final=None):
		behaviour = {}
		for item in members.split(","):
			places, _, what = item.partition("=")
			behaviour.update((place, what) for place in spread(places))
		self.rows["hunt"].append(Row(id, caller, dialled, None, behaviour, int(code), rule, final))

	def registrable(self):
		"""The numbers that may register and that no row wants absent."""
		def may(a):
			series_off = a.kind == "hunting" and not self.groups[a.number[:4]].get("hunting")
			return a.state == "active" and a.number not in self.absent and not series_off
		return [a.number for a in self.accounts.values() if may(a)]

	def sql(self):
		"""Statements for an installed database that holds no groups and no accounts yet."""
		out = ["INSERT INTO aeta_customer (name) VALUES ('Test');",
			"INSERT INTO aeta_contact (customer_id, email) SELECT id, 'studio@example.com' FROM aeta_customer;"]
		for prefix, options in self.groups.items():
			columns = "".join(f", {name}" for name in options)
			values = "".join(f", {value}" for value in options.values())
			out.append(f"INSERT INTO aeta_group (prefix, customer_id{columns}) "
				f"SELECT {prefix}, id{values} FROM aeta_customer;")
		order = {"premium": 0, "hunting": 1}
		for account in sorted(self.accounts.values(), key=lambda a: (order.get(a.kind, 2), a.number)):
			out += account_sql(account)
		for prefix, number in self.exceptions:
			out.append(f"INSERT IGNORE INTO aeta_exception (prefix, number) VALUES ({prefix}, '{number}');")
		return "\n".join(out)


def account_sql(a):
	"""One account with its credentials. Numbers of a group are given out of sequence, the way an import does it."""
	state = "active" if a.state == "ended" else a.state
	until = "UTC_TIMESTAMP() - INTERVAL 1 DAY" if a.state == "ended" else "NULL"
	prefix, seq = a.number[:4], int(a.number[4:8] or 0)
	if a.kind == "premium":
		yield f"UPDATE aeta_group SET last_seq = {seq - 1} WHERE prefix = {prefix} AND last_seq < {seq - 1};"
	if a.kind == "hunting":
		yield f"UPDATE aeta_group SET last_seq = {seq - 1000} WHERE prefix = {prefix} AND last_seq < {seq - 1000};"
	yield (f"INSERT INTO aeta_account (number, kind, state, valid_until) VALUES "
		f"('{a.number}', '{a.kind}', '{state}', {until});")
	yield subscriber_sql(a.number, password(a.number))


def subscriber_sql(number, secret):
	ha1, ha1b = (hashlib.md5(f"{user}:{REALM}:{secret}".encode()).hexdigest() for user in (number, f"{number}@{REALM}"))
	return (f"INSERT INTO subscriber (username, domain, password, ha1, ha1b) VALUES "
		f"('{number}', '{REALM}', '', '{ha1}', '{ha1b}');")
