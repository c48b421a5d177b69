# SPDX-License-Identifier: GPL-2.0-or-later
"""A service that has been in use for two years, as SQL for an installed database: 20 customers, 300 accounts, call records,
attempts, what Kamailio has found out, an audit; with traps (traps.py) in it. The same arguments give the same statements."""
import collections
import datetime
import itertools
import random
import sys
from pathlib import Path

import traps

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "sip"))
from universe import subscriber_sql  # noqa: E402

CUSTOMERS, ACCOUNTS, MONTHS = 20, 300, 24
FIRST_PREFIX, GROUPS = 2001, 24
BATCH = 1000  # rows of a statement
NO_CREDENTIALS = "20015001"
TEST_CODEC = "15000"

Group = collections.namedtuple("Group", "prefix customer size hunting options")

OPTIONS = ("block_incoming", "block_outgoing", "self_management", "call_log", "hunt_busy_603", "hunt_busy_in_call", "hunt_next_488")
NAMES = {2: traps.script("customer"), 3: traps.RIGHT_TO_LEFT, 4: traps.ACCENTS, 5: traps.LONG_WORD, 6: traps.LONG_TEXT,
	7: traps.FORMULAS[0], 8: traps.HEBREW, 9: traps.PERCENT, 10: traps.TEMPLATE, 11: traps.image("customer"), 12: traps.EMOJI}
COMMENTS = ("", traps.script("comment"), traps.FORMULAS[1], traps.BLANKS, traps.RIGHT_TO_LEFT, traps.CLOSING % "comment", traps.PERCENT)
AGENTS = ("AETA Scoop5 S 4.12", "AETA ScoopFone 2.07", "baresip v1.0.0", "Quantum2 lite", traps.script("agent"),
	traps.image("agent"), traps.FORMULAS[2])
REASONS = ("no-sign", "caller-sdp-private", "callee-contact-private,callee-nat-changed", "policy-always", "families-differ", "redialled",
	traps.script("reason"))
CAUSES = (("register", "registered", 200), ("register", "wrong-password", 401), ("register", "unknown-user", 401),
	("call", "answered", 200), ("call", "outgoing-blocked", 403), ("call", "incoming-blocked", 403), ("call", "busy", 486),
	("call", "unknown-number", 404), ("call", "no-answer", 408), ("message", "account-rate", 503))
CLASSES = ("unknown", "open", "eim", "changed", "walled", "leaky")


def text(value):
	"""An SQL literal that needs no escaping, whatever is in the value (str, bytes, a number, None)."""
	if value is None:
		return "NULL"
	if isinstance(value, (bool, int, float)):
		return str(int(value) if isinstance(value, bool) else value)
	if isinstance(value, bytes):
		return f"x'{value.hex()}'"
	return f"CONVERT(x'{value.encode().hex()}' USING utf8mb4)" if not plain(value) else f"'{value}'"


def plain(value):
	return value.isascii() and not set(value) & set("'\\\"\0\n\r\t\x1a")


def insert(table, columns, rows):
	"""INSERTs of many rows each."""
	rows = iter(rows)
	while batch := list(itertools.islice(rows, BATCH)):
		values = ",\n".join("(" + ", ".join(map(text, row)) + ")" for row in batch)
		yield f"INSERT INTO {table} ({columns}) VALUES\n{values};"


def at(moment):
	return moment.strftime("%Y-%m-%d %H:%M:%S")


class Seed:
	"""`now` is the end of the two years (UTC), `cdrs` how many calls there were in them."""

	def __init__(self, now, cdrs=50_000):
		self.now, self.cdrs = now.replace(microsecond=0, tzinfo=None), cdrs
		self.start = self.now - datetime.timedelta(days=MONTHS * 30)
		self.groups = [self._group(i) for i in range(GROUPS)]
		self.members = [number for group in self.groups for number in self._numbers(group)]
		self.singles = [str(902080 + i) for i in range(ACCOUNTS - len(self.members) - 1)] + [TEST_CODEC]
		self.numbers = self.members + self.singles

	def _group(self, i):
		"""Each option on and off, alone and with others; sizes from 1 to 20."""
		options = {name: (i + 1) >> bit & 1 for bit, name in enumerate(OPTIONS[:5])}
		options.update({name: i % 3 == 0 for name in OPTIONS[5:]}, media=("auto", "always", "never", "auto")[i % 4],
			no_answer_s=i % 5 * 10, hunt_direct=i % 7 != 6)
		return Group(FIRST_PREFIX + i, 1 + i % (CUSTOMERS - 2), 1 + i * 7 % 18, i % 4 == 1, options)

	@staticmethod
	def _numbers(group):
		yield from (f"{group.prefix}{5001 + i}" for i in range(group.size))
		if group.hunting:
			yield from (f"{group.prefix}{6001 + i}" for i in range(group.size))

	def statements(self):
		yield "SET NAMES utf8mb4;"
		for part in (self.people, self.plan, self.network, self.bindings, self.evidence, self.attempts, self.announcements, self.mails, self.audit, self.records):
			yield "START TRANSACTION;"
			yield from part()
			yield "COMMIT;"
		yield "ANALYZE TABLE acc_cdrs, aeta_attempt, aeta_account;"

	# -- the plan --
	def people(self):
		yield from insert("aeta_customer", "id, name, comment", ((i, NAMES.get(i, f"Radio {i:02}"), COMMENTS[i % len(COMMENTS)])
			for i in range(1, CUSTOMERS + 1)))
		yield from insert("aeta_contact", "customer_id, email, name, phone", ((i, f"noc{k}@radio{i:02}.example",
			(traps.script("contact"), "Anne Onyme", traps.HEBREW)[(i + k) % 3], ("", "+33 1 23 45 67 89", traps.FORMULAS[3])[i % 3])
			for i in range(1, CUSTOMERS + 1) for k in range(1 + i % 3)))

	def plan(self):
		yield from insert("aeta_group", "prefix, customer_id, name, hunting, " + ", ".join(self.groups[0].options),
			((g.prefix, g.customer, NAMES.get(g.prefix % 100, f"Group {g.prefix}"), g.hunting, *g.options.values())
				for g in self.groups))
		yield from insert("aeta_account", "number, kind, state, valid_until, comment",
			((number, "hunting" if number[4] == "6" else "premium", *self._state(i), COMMENTS[i % len(COMMENTS)])
				for i, number in enumerate(self.members)))
		yield from insert("aeta_account", "number, kind, customer_id, product, serial, comment", (self._single(i, number)
			for i, number in enumerate(self.singles)))
		yield from (subscriber_sql(number, f"secret-{number}") for number in self.numbers if number != NO_CREDENTIALS)
		yield from insert("aeta_exception", "prefix, number", ((g.prefix, f"{self.groups[0].prefix}500{1 + g.prefix % 3}")
			for g in self.groups if g.options["block_outgoing"]))

	def _state(self, i):
		"""State and end date: most are active without an end."""
		state = {31: "locked", 32: "suspended"}.get(i % 40, "active")
		ends = {33: -3, 34: 20}.get(i % 40)
		return state, ends and at(self.now + datetime.timedelta(days=ends))

	@staticmethod
	def _single(i, number):
		if number == TEST_CODEC:
			return number, "other", None, None, None, "test codec"
		odd = (traps.script("product"), traps.FORMULAS[4], "Scoop5 S", "Scoop5 S", None, "ScoopFone 4G")
		return (number, "factory", i % CUSTOMERS + 1 if i % 3 else None, odd[i % len(odd)], f"A-{i:04}" if i % 4 else None,
			COMMENTS[i % len(COMMENTS)])

	def network(self):
		yield from insert("aeta_domain", "domain, relay_set, comment", (("sip.radio.example", "default", traps.script("domain")),
			("sip.radio.example.fr", "fr", ""), ("old.radio.example", "default", traps.FORMULAS[5])))
		yield from insert("aeta_nat_off", "account, since", ((number, at(self.now)) for number in self.members[::50]))

	# -- what Kamailio has written. Addresses are this machine's own (127.0.0.0/8): nothing leaves it, whoever is asked there. --
	def _flow(self, i):
		return f"127.8.{i // 200}.{1 + i % 200}", 5060 + i % 3 * 1000

	def bindings(self):
		"""A third of the accounts is registered; some agents do not say what they are, one says it in Latin-1."""
		choice = random.Random("bindings")
		for i, number in enumerate(self.members[2::3]):
			address, port = self._flow(i)
			agent = traps.LATIN1 if i == 5 else choice.choice(AGENTS) if i % 9 else ""
			contact = f"sip:{number}@{address}:{port}" + (f";x={traps.script('contact')}" if i % 11 == 0 else "")
			yield (f"INSERT INTO location (ruid, username, domain, contact, received, path, expires, callid, cseq, last_modified, "
				f"cflags, user_agent, socket, methods, instance) VALUES ('seed-{i}', '{number}', NULL, {text(contact)}, "
				f"{text(f'sip:{address}:{port}' if i % 2 else None)}, NULL, UTC_TIMESTAMP() + INTERVAL 1 DAY, "
				f"'seed-{i}@{address}', {i + 1}, {text(at(self.now))}, 0, {text(agent)}, 'udp:127.0.0.1:5060', "
				f"{text(None if i % 4 else 7999)}, {text(f'<urn:uuid:{i:032x}>' if i % 3 else None)});")

	def evidence(self):
		"""NAT classes and pairs of the redial net."""
		yield from insert("aeta_nat_class", "account, address, class, evidence, stun, checked_at, changed_at", ((number,
			self._flow(i)[0], CLASSES[i % len(CLASSES)], i % 16, ("unknown", "yes", "no")[i % 3],
			at(self.now - datetime.timedelta(hours=i)) if i % 4 else None, at(self.now - datetime.timedelta(days=i)))
			for i, number in enumerate(self.members[2::4])))
		yield from insert("aeta_redial", "low, high, low_address, high_address, relayed_until", ((*sorted(pair), "127.8.0.1",
			"127.8.0.2", int(self.now.replace(tzinfo=datetime.timezone.utc).timestamp()) + 86_400)
			for pair in zip(self.members[3::40], self.members[5::40])))

	def attempts(self, count=2000):
		choice = random.Random("attempts")
		yield from insert("aeta_attempt", "account, bucket, kind, cause, dialled, peer, address, trust, source, user_agent, code, "
			"reason, callid, times, first_at, last_at", (self._attempt(choice, i) for i in range(count)))

	def _attempt(self, choice, i):
		kind, cause, code = choice.choice(CAUSES)
		known = cause != "unknown-user"
		number = choice.choice(self.members) if known else traps.script("x")[:18]
		last = self.now - datetime.timedelta(seconds=choice.randrange(30 * 86_400))
		address, port = self._flow(choice.randrange(400))
		called = kind != "register"
		peer = choice.choice(self.numbers) if called else ""
		return (number.encode(), int((last - datetime.datetime(1970, 1, 1)).total_seconds()) // 600 * 600, kind, cause,
			peer if i % 5 else peer[-4:], peer, address, 2 if cause not in ("wrong-password", "unknown-user") else 1,
			f"udp:{address}:{port}", (choice.choice(AGENTS)[:64]).encode() if i % 50 else traps.LATIN1, code,
			traps.script("reason")[:48] if i % 20 == 0 else "", f"attempt-{i}@{address}", 1 + i % 7,
			at(last - datetime.timedelta(seconds=i % 600)), at(last))

	def announcements(self):
		"""To all, to one customer, and with traps; a long one, of many lines."""
		yield from insert("aeta_announcement", "kind, subject, body, who, at, to_all, customer_id", ((
			("evolution", "event", "intervention")[i % 3], (traps.script("subject"), traps.LONG_TEXT, f"Intervention {i}")[i % 3],
			"\n\n".join(["Dear subscriber,", traps.script("body"), traps.LONG_WORD] * (1 + i % 4)), "anne",
			at(self.now - datetime.timedelta(days=9 * i)), i % 2 == 0, None if i % 2 == 0 else 1 + i % CUSTOMERS) for i in range(40)))

	def mails(self):
		"""Of announcements, in every state; most are sent, the newest wait."""
		states = ("sent", "sent", "sent", "waiting", "failed", "given-up")
		yield from insert("aeta_mail", "kind, recipient, recipient_name, subject, body, created_at, state, tries, next_at, last_error, sent_at, "
			"message_id, customer_id, announcement_id", (self._mail(i, states[i % 6] if i < 24 else "sent") for i in reversed(range(120))))

	def _mail(self, i, state):
		made = self.now - datetime.timedelta(hours=2 * i + 1)
		sent = at(made + datetime.timedelta(minutes=1)) if state == "sent" else None
		words = {"failed": "the mail server smtp://mail.radio.example:587 does not take it for noc@radio.example now: 451 4.7.1 greylisted; it is "
			"tried again", "given-up": f"the mail server refuses it: 550 {traps.script('error')}; correct the address"}.get(state, "")
		return ("announcement", f"noc{i % 3}@radio{1 + i % CUSTOMERS:02}.example", (traps.HEBREW, "", "Anne Onyme")[i % 3],
			("Maintenance on Sunday", traps.script("mail"), traps.LONG_TEXT[:150])[i % 3], f"Dear customers,\n\n{traps.script('text')}\n", at(made),
			state, (0 if state == "waiting" else 1 + i % 5), at(self.now + datetime.timedelta(hours=1)), words, sent,
			f"seed-{i}@radio.example" if state != "waiting" else None, 1 + i % CUSTOMERS, 1 + i % 30)

	def audit(self, count=400):
		"""One row every two days, the oldest beyond the 24 months for which they are kept."""
		yield from insert("aeta_audit", "at, who, from_where, action, object, detail", ((
			at(self.now - datetime.timedelta(days=2 * i, minutes=i)), ("anne", "root", traps.script("who"))[i % 3],
			("studio", traps.RIGHT_TO_LEFT, "")[i % 3], ("trace start", "trace write", "trace delete")[i % 3],
			self.members[i % len(self.members)], (traps.CLOSING % "audit", "", traps.FORMULAS[0])[i % 3]) for i in range(count)))

	# -- call records --
	def records(self):
		"""In the order of their ends, as Kamailio writes them; the last one ends now."""
		yield from insert("acc_cdrs", "start_time, end_time, duration, caller, dialled, final, rule, path, path_reason, relay, callid, "
			"caller_flow, callee_flow, last_alive", self._records())

	def _records(self):
		choice = random.Random("records")
		step = (self.now - self.start) / max(1, self.cdrs)
		callers = [number for number in self.members if number[4] == "5"]
		gone = ["29995001", "29995002"]  # accounts that were deleted since
		for i in range(self.cdrs):
			end = self.start + step * (i + 1)
			seconds = int(choice.lognormvariate(5.5, 1.4)) + 1
			caller = choice.choice(callers) if i % 500 else choice.choice(gone)
			final = choice.choice(callers) if i % 10 else TEST_CODEC
			inside = caller[:4] == final[:4]
			relayed = i % 3 == 0
			yield (at(end - datetime.timedelta(seconds=seconds)), at(end), seconds, caller, final[4:] if inside else final, final,
				"short-dial" if inside else "open", "relayed" if relayed else "direct", REASONS[i % len(REASONS)] if relayed else "no-sign",
				"udp:127.0.0.1:2223" if relayed else "", traps.script("callid") if i % 997 == 5 else f"seed-{i}@127.8.0.1",
				"udp:127.8.0.%d:5060" % (1 + i % 200), "udp:127.8.1.%d:5060" % (1 + i % 190), at(end) if i % 400 == 1 else None)
