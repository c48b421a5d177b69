# SPDX-License-Identifier: GPL-2.0-or-later
"""A real call between two agents on the running service; the face is ./dev call (its --help says what it does)."""

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path[:0] = [os.path.join(ROOT, "tests", "net"), os.path.join(ROOT, "tests")]
from agents import Agent, AgentError, codec_name  # noqa: E402
from natlab import kinds, matrix, nets, service as lab_service, world  # noqa: E402
from tones import CALLEE_HZ, CALLER_HZ, Listener  # noqa: E402

TEST_CODEC = "15000"
HUNT_AGENTS = 2  # so many of a hunting series are brought on air
ANSWER_S = 60  # the longest wait for an answer
CONNECT_S = 5  # for the callee to know that it is connected, after the caller
CDR_S = 5  # for the call record, after the call
LOOK_S = 0.1  # between two looks at the growing recordings


class Refusal(Exception):
	"""The call cannot be tried; the text says why and what to do."""


class Service:
	"""What is known of the running service: its folder, address, accounts, and what it answers."""

	def __init__(self, state, address):
		self.state, self.address = state, address
		self.asks = False  # its agents what they are behind, and that matters here
		with open(os.path.join(state, "credentials"), encoding="ascii") as lines:
			self.passwords = dict(line.split() for line in lines if line.strip())

	def settle(self, numbers):
		"""Until it knows what it will know of these numbers' agents."""

	def password(self, number):
		if number not in self.passwords:
			raise Refusal("the password of %s is not known here: %s/credentials has the demo accounts; for another one add "
				"a line 'number password'" % (number, self.state))
		return self.passwords[number]

	def aetactl(self, *arguments):
		tool = os.path.join(ROOT, "build", "dev", "admin", "aetactl")
		return subprocess.run([tool, "--config", os.path.join(self.state, "aetactl.conf"), *arguments], capture_output=True,
			text=True, check=False)

	def explain(self, caller, dialled):
		"""What the policy says of the call, as aetactl explains it."""
		run = self.aetactl("--json", "explain", caller, dialled)
		if run.returncode not in (0, 1) or not run.stdout.strip():
			raise Refusal("aetactl explain failed: %s" % (run.stderr.strip() or "no output"))
		return json.loads(run.stdout)

	@contextlib.contextmanager
	def media_policy(self, number, policy):
		"""The account's media policy (C3) is another one meanwhile; None: as it is."""
		if policy is None or not self.exists(number):
			yield
			return
		before = self.sql("SELECT COALESCE(media, 'group') FROM aeta_account WHERE number = '%s'" % number)[0][0]
		try:
			self._set_media(number, policy)
			yield
		finally:
			self._set_media(number, before)

	def _set_media(self, number, policy):
		run = self.aetactl("account", "set", number, "--media", policy)
		if run.returncode:
			raise Refusal("the media policy of %s cannot be set: %s" % (number, run.stderr.strip() or run.stdout.strip()))

	def sql(self, statement):
		"""Rows, as lists of texts (None = NULL)."""
		run = subprocess.run(["mariadb", "--defaults-file=" + os.path.join(self.state, "mysql-admin.cnf"), "--batch",
			"--skip-column-names", "aeta"], input=statement, capture_output=True, text=True, check=True)
		return [[None if v == "NULL" else v for v in line.split("\t")] for line in run.stdout.splitlines()]

	def exists(self, number):
		return bool(self.sql("SELECT 1 FROM aeta_account WHERE number = '%s'" % number))

	def registered_device(self, number):
		"""The instance of the device that is registered with the number, "" if it names none, None if there is none."""
		run = subprocess.run(["kamcmd", "-s", "unixs:" + os.path.join(self.state, "kamailio_ctl"), "ul.lookup", "location",
			"s:" + number], capture_output=True, text=True, check=False)
		if "Address:" not in run.stdout:
			return None
		found = re.search(r"Instance: *<?urn:uuid:([^>\s]+)", run.stdout)
		return found[1] if found else ""

	def call_record(self, callid):
		"""The CDR of a call, or None if there is none in time."""
		columns = ("caller", "dialled", "final", "rule", "path", "path_reason")
		end = time.monotonic() + CDR_S
		while time.monotonic() < end:
			rows = self.sql("SELECT %s FROM acc_cdrs WHERE callid = '%s'" % (", ".join(columns), callid))
			if rows:
				return dict(zip(columns, rows[0]))
			time.sleep(LOOK_S)
		return None


def instance_of(service, number):
	"""Our agents are the same device at every call, so that they do not look like a number in use on many devices."""
	return str(uuid.uuid5(uuid.NAMESPACE_URL, "file://%s/agents/%s" % (service.state, number)))


def dialled_number(dialled):
	"""The digits of number[@domain], or None: such a call is worth trying too, but nobody can wait for it."""
	user = re.sub(r"^sip:", "", dialled).split("@")[0]
	return user if re.fullmatch(r"\d{1,18}", user) else None


def callee_numbers(service, caller, dialled):
	"""Whose agents have to be on air: the number that the policy makes of the dialled one, or the first of a series."""
	user = dialled_number(dialled)
	if user is None:
		return []
	explained = service.explain(caller, user)
	if explained["verdict"] == "hunt":
		able = [m["number"] for m in explained["members"] if m["state"] == "active" and m["number"] != caller]
		return able[:HUNT_AGENTS]
	final = explained.get("final")
	if final in (None, TEST_CODEC, caller) or not service.exists(final):
		return []
	return [final]


def check_free(service, number, take_over):
	device = service.registered_device(number)
	if device is not None and device != instance_of(service, number) and not take_over:
		raise Refusal("%s is registered by another device, which a call would push off: unregister it, or say --take-over" % number)


class Here:
	"""Where an agent runs: on this machine."""

	def __init__(self, address):
		self.how = {"address": address}

	@contextlib.contextmanager
	def inside(self):
		yield


class Behind:
	"""Where an agent runs: in the NAT lab, on a machine of its own."""

	def __init__(self, host, stun):
		self.inside = host.net.inside
		self.how = {"address": host.address, "sip_port": host.sip_port, "rtp_ports": host.rtp_ports,
			"stun": world.SERVER if stun else None}


class Conversation:
	"""The agents of one call, and what came of it. places: the caller's and each callee's."""

	def __init__(self, service, options, folder, places):
		self.service, self.options, self.folder, self.places = service, options, folder, places
		self.caller, self.callees = None, []
		self.result = dict.fromkeys(("code", "reason", "rule", "answered_by", "path", "path_reason", "caller_hears",
			"callee_hears", "setup_ms", "codec"))
		self.result.update(caller_hears=False, callee_hears=False)

	def start_agent(self, stack, number, place, **how):
		agent = Agent(number, self.service.password(number), os.path.join(self.folder, number), self.service.address,
			instance=instance_of(self.service, number), **place.how, **how)
		with place.inside():
			return stack.enter_context(agent)

	def start_agents(self, stack):
		"""The callees register; the caller need not, and so does not push a real device off its number. In the lab it does: the service
		asks both what they are behind, and that is waited for."""
		options = self.options
		numbers = callee_numbers(self.service, options.caller, options.dialled)
		for number in numbers:
			check_free(self.service, number, options.take_over)
		self.callees = [self.start_agent(stack, number, place, tone=hz, answer=True)
			for number, place, hz in zip(numbers, self.places[1:], CALLEE_HZ)]
		codecs = [codec_name(options.codec)] if options.codec else ()
		self.caller = self.start_agent(stack, options.caller, self.places[0], tone=CALLER_HZ, register=self.service.asks, codecs=codecs,
			outbound="@" in options.dialled)
		for agent in self.callees + [self.caller] * self.service.asks:
			agent.wait_registered()
		self.service.settle([options.caller, *numbers])

	def run(self):
		with contextlib.ExitStack() as stack:
			stack.enter_context(self.service.media_policy(self.options.caller, self.options.media))
			self.start_agents(stack)
			target = self.options.dialled
			call = self.caller.dial("sip:" + target if "@" in target and not target.startswith("sip:") else target)
			if call.wait_answered_or_closed(ANSWER_S):
				self.answered(call)
			else:
				self.refused(call)
		return self.result

	def refused(self, call):
		"""The SIP reason phrase names the rule: 403 Incoming calls blocked (B4 incoming-blocked)."""
		found = re.match(r"(\d{3}) (.*)", call.closed)
		code, reason = (int(found[1]), found[2]) if found else (None, call.closed)
		rule = re.search(r"\((?:[A-Z]\d+ )?([a-z0-9-]+)\)$", reason)
		self.result.update(code=code, reason=reason, rule=rule[1] if rule else None)

	def answered(self, call):
		self.listen(call)
		self.result.update(code=200, reason="OK", setup_ms=call.setup_ms, codec=self.caller.codec())
		if call.closed is None:
			self.caller.command("hangup")
			call.wait_closed()
		record = self.service.call_record(call.callid)
		if record is None:
			raise AgentError("the call took place, but %s has no record of it (acc_cdrs, callid %s)" % ("the database", call.callid))
		self.result.update(rule=record["rule"], path=record["path"], path_reason=record["path_reason"],
			answered_by=record["final"])

	def listen(self, call):
		"""Until both ends have heard each other, or the time is over, or the call has ended."""
		programme = not self.callees  # a codec that is no agent of ours
		partner = None if programme else self.partner(call)
		if programme:
			self.result["callee_hears"] = None
		end = time.monotonic() + self.options.seconds
		ears = {}
		while time.monotonic() < end and call.closed is None:
			mine = self.look(ears, self.caller)
			if mine:
				self.result["caller_hears"] = mine.programme() if programme else mine.tone(partner[1])
			theirs = None if programme else self.look(ears, partner[0])
			if theirs:
				self.result["callee_hears"] = theirs.tone(CALLER_HZ)
			if self.result["caller_hears"] and self.result["callee_hears"] is not False:
				break
			time.sleep(LOOK_S)

	def partner(self, call):
		"""(agent, its tone) of the callee that is in the call; it knows a little later than the caller (with the ACK)."""
		end = time.monotonic() + CONNECT_S
		while time.monotonic() < end and call.closed is None:
			for agent, hz in zip(self.callees, CALLEE_HZ):
				if agent.in_call():
					return agent, hz
			time.sleep(LOOK_S / 4)
		raise AgentError("the call was answered, but by none of the agents that were started for it (%s)"
			% ", ".join(a.number for a in self.callees))

	@staticmethod
	def look(ears, agent):
		recording = agent.recording()
		if recording and agent not in ears:
			ears[agent] = Listener(recording)
		return ears[agent].look() if agent in ears else None


def heard(result):
	return bool(result["caller_hears"]) and result["callee_hears"] is not False


def show(options, result):
	if options.json:
		print(json.dumps(result))
		return
	print("%s -> %s: %s %s" % (options.caller, options.dialled, result["code"] or "-", result["reason"]))
	print("  rule          %s" % (result["rule"] or "-"))
	if result["code"] == 200:
		print("  answered by   %s, after %d ms, %s" % (result["answered_by"], result["setup_ms"], result["codec"]))
		print("  media         %s%s" % (result["path"], " (%s)" % result["path_reason"] if result["path_reason"] else ""))
		print("  caller hears  %s" % {True: "yes", False: "NOTHING"}[result["caller_hears"]])
		print("  callee hears  %s" % {True: "yes", False: "NOTHING", None: "not measured"}[result["callee_hears"]])


def seconds(text):
	value = float(text)
	if not 0 < value <= 600:
		raise argparse.ArgumentTypeError("1 to 600 seconds")
	return value


def stun(text):
	found = re.fullmatch(r"(on|off)[,/](on|off)", text)
	if not found:
		raise argparse.ArgumentTypeError("on or off, for the caller and for the callee: on,off")
	return tuple(word == "on" for word in found.groups())


def nat(text):
	both = text.split("/")
	try:
		if len(both) != 2:
			raise kinds.KindError("KIND/KIND is wanted, the caller's and the callee's")
		return kinds.check_pair(*both)
	except kinds.KindError as error:
		raise argparse.ArgumentTypeError(str(error)) from error


def parse(argv):
	parser = argparse.ArgumentParser(prog="./dev call", add_help=False, allow_abbrev=False)
	for name in ("state", "address", "caller", "dialled"):
		parser.add_argument(name)
	parser.add_argument("--codec")
	parser.add_argument("--seconds", type=seconds, default=8)
	parser.add_argument("--media", choices=("auto", "always", "never"))
	parser.add_argument("--nat", type=nat)
	parser.add_argument("--stun", type=stun)
	for flag in ("--json", "--keep", "--take-over"):
		parser.add_argument(flag, action="store_true")
	options = parser.parse_args(argv)
	try:
		options.codec and codec_name(options.codec)
	except ValueError as error:
		parser.error(str(error))
	if not re.fullmatch(r"\d{1,18}", options.caller):
		parser.error("CALLER is a number: %s is none" % options.caller)
	if not re.fullmatch(r"[A-Za-z0-9_.!~*'()+:@\[\]-]+", options.dialled):
		parser.error("DIALLED is a number, or number@domain: %s is none" % options.dialled)
	return options


@contextlib.contextmanager
def running_service(options):
	"""The service that runs on this machine, and where its agents go."""
	yield Service(options.state, options.address), [Here(options.address)] * (1 + HUNT_AGENTS)


@contextlib.contextmanager
def lab(options):
	"""A service of its own in the NAT lab, and a place for each of two agents there."""
	with matrix.work_folder() as folder, world.World() as there, lab_service.Ours(there, folder) as ours, \
			there.pair(*options.nat) as hosts:
		service = Service(str(ours.state), world.SERVER)
		service.asks, service.settle = True, ours.settle
		yield service, list(map(Behind, hosts, options.stun or (False, False)))


def main(argv):
	options = parse(argv)
	signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
	folder = tempfile.mkdtemp(prefix="call-", dir=None if options.nat else options.state)
	try:
		with (lab if options.nat else running_service)(options) as (service, places):
			result = Conversation(service, options, folder, places).run()
	except (AgentError, Refusal, kinds.KindError, nets.NetError, lab_service.ServiceError) as error:
		print("./dev call: %s" % error, file=sys.stderr)
		return 1
	finally:
		if options.keep:
			print("./dev call: logs and recordings are in %s" % folder, file=sys.stderr)
		else:
			shutil.rmtree(folder, ignore_errors=True)
	show(options, result)
	return 0 if heard(result) else 1


if __name__ == "__main__":
	sys.exit(main(sys.argv[1:]))
