#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Fuzzes the whole configuration: agents with an account write good messages, a mutator makes most of them a little wrong, and
what answers is Kamailio with our configuration and a sanitized module. Afterwards all must be as it was.

Run it through ./dev soak fuzz-udp or ./dev test hostile, which build what it needs (presets dev and asan).
"""
import argparse
import collections
import json
import pathlib
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "sip")]

from agent import Agent, between  # noqa: E402
from harm import end_calls  # noqa: E402
from mutator import Mutator  # noqa: E402
from netns import Namespace  # noqa: E402
from odd import CALLEE, CALLER, DOMAIN, Odd, other, register, text  # noqa: E402
from sanitized import Sanitized  # noqa: E402
from service import RpcError, eventually  # noqa: E402
from universe import Universe  # noqa: E402
from wire import build, credentials, new_tag  # noqa: E402

RENEW = 150  # messages, before the call is ended and another one made, and the agents' memory is cleared
KEPT = 2000  # of the last messages, for whoever looks for the one that did harm
PER_SECOND = 350  # messages; more would only wait for the workers
TABLES = ("legs", "early", "asked", "alive", "ended")  # notes on calls, which go by themselves in minutes or hours
GROWTH = 1 << 20  # bytes of shared memory that may be gone at the end: what the modules keep of their first use
OUTSIDE = ["OPTIONS", "MESSAGE", "SUBSCRIBE", "REFER", "PUBLISH", "INFO", "UPDATE", "NOTIFY", "PRACK", "CANCEL", "ACK", "BYE"]
INSIDE = ["INVITE", "INFO", "UPDATE", "MESSAGE", "NOTIFY", "REFER", "OPTIONS", "PRACK", "ACK"]
ANSWERS = ["100 Trying", "180 Ringing", "183 Session Progress", "200 OK", "202 Accepted", "302 Moved", "401 Unauthorized",
	"404 Not Found", "408 Timeout", "480 Gone", "486 Busy Here", "487 Terminated", "488 No", "503 Unavailable", "603 Decline"]


class Fuzz:
	def __init__(self, service, seed, transport):
		self.service, self.mutator, self.transport = service, Mutator(seed), transport
		self.answers = Mutator(f"{seed} answers")  # of its own: answers are written when requests arrive, by another thread
		self.random = self.mutator.random
		self.sent, self.heard, self.last = 0, collections.Counter(), collections.deque(maxlen=KEPT)
		self.caller = Agent(service, CALLER, transport=transport).registered()
		self.callee = Agent(service, CALLEE, host="127.0.0.12").registered()
		self.extra = Agent(service, "45675006", host="127.0.0.13", transport=transport).registered()
		self.members = [Agent(service, member, link=self.callee.link).registered() for member in ("45676001", "45676002")]
		self.callee.link.auto = dict.fromkeys(OUTSIDE + INSIDE, self.answer)
		self.good = [Agent(service, number, host=host).registered() for number, host in (("45995002", "127.0.0.31"),
			("45995005", "127.0.0.32"))]
		for one in self.good:
			for method in ("INFO", "UPDATE", "MESSAGE", "NOTIFY", "REFER", "PRACK"):
				one.link.auto[method] = lambda m, link=one.link: link.reply(m, 200, "OK")
		self.talk()

	# -- good messages --
	def talk(self):
		"""The call that has to stay; and challenges, which are good for one address and some minutes."""
		mine, theirs = self.good[0].call("5005"), self.good[1].incoming()
		while theirs.call_id != mine.call_id:  # a mutated one of the call before
			theirs = self.good[1].incoming()
		theirs.answer(mine)
		self.call = mine, theirs
		self.given = {}
		for one in (self.caller, self.extra):
			asked = one.ask("REGISTER", f"sip:{DOMAIN}", one.address(one.number), authenticate=False)
			self.given[one.number] = asked.get("www-authenticate")

	def outside(self):
		"""A request outside a dialog, with good credentials most of the time."""
		who = self.caller
		kind = self.random.random()
		if kind < 0.3:
			who, template = self.extra, register().replace(CALLER.encode(), b"45675006")
		elif kind < 0.6:
			template = text(request=f"INVITE sip:{self.random.choice((CALLEE, '5002', '6000', '15000', '902080'))}@{DOMAIN} SIP/2.0")
		else:
			template = other(self.random.choice(OUTSIDE), "hello", type="Content-Type: text/plain")
		return who.link, self.authorized(who, template, self.random.random() < 0.9)

	def authorized(self, who, template, proven=True):
		odd = Odd(who, template.replace(b"SIP/2.0/UDP", f"SIP/2.0/{who.link.name}".encode()))
		name = "Authorization" if odd.method == "REGISTER" else "Proxy-Authorization"
		auth = (name, credentials(self.given[who.number], odd.method, odd.uri, who.number, who.password))
		return odd.raw(auth if proven else None)

	def known(self):
		"""What did harm once comes first of all."""
		nobody = register(to=f"To: <sip:{DOMAIN}>", from_="From: <sip:45675006@s\0>;tag=$TAG")  # a To without a user
		self.extra.link.send(self.authorized(self.extra, nobody, False))

	def inside(self):
		"""A request of either party inside the call that is up."""
		one = self.random.choice(self.call)
		one.cseq += 1
		method = self.random.choice(INSIDE)
		return one.link, one.raw(method, one.cseq, [("Content-Type", "application/sdp")], one.agent.sdp())

	def answer(self, m):
		"""What the callee says to what reaches it."""
		self.heard["routed"] += 1
		if m.method == "ACK":
			return
		raw = build(f"SIP/2.0 {self.answers.random.choice(ANSWERS)}", [("Via", v) for v in m.all("via")]
			+ [("Record-Route", v) for v in m.all("record-route")] + [("From", m.get("from")), ("To", f"{m.get('to')};tag={new_tag()}"),
			("Call-ID", m.call_id), ("CSeq", m.get("cseq")), ("Contact", self.callee.contact())], self.callee.sdp())
		self.callee.link.send(self.answers.mutate(raw), m.source)

	# -- the run --
	def step(self):
		link, raw = self.inside() if self.random.random() < 0.3 else self.outside()
		raw = self.mutator.mutate(raw)
		self.last.append(raw)
		try:
			link.send(raw)
		except OSError:
			self.heard["connections closed"] += 1
			self.reconnect(link)
		self.sent += 1
		if self.sent % RENEW == 0:
			self.renew()

	def reconnect(self, link):
		for name in ("caller", "extra"):
			one = getattr(self, name)
			if one.link is link:
				one.close()
				setattr(self, name, Agent(self.service, one.number, host=one.link.host, transport=self.transport))

	def renew(self):
		"""The call must still be one; it ends, and so does every other that came about; then comes the next."""
		mine, theirs = self.call
		assert between(mine, theirs, "INVITE").status == 200 and between(theirs, mine, "BYE").status == 200
		end_calls(self.service)
		for one in (self.caller, self.extra, self.callee, *self.good):
			for m in [m for m in one.link.arrived if not m.is_request]:
				self.heard["answered"] += 1
				self.heard["through"] += m.status not in (100, 400, 401, 407, 481)
			one.link.arrived.clear(), one.link._seen.clear(), one.link._taken.clear(), one.link._replies.clear()
		if self.transport != "udp":  # a connection that was spoilt
			self.reconnect(self.caller.link), self.reconnect(self.extra.link)
		for one in (self.caller, self.extra, self.callee, *self.members, *self.good):  # a long run outlives a registration
			one.registered()
		self.talk()

	def run(self, seconds, say):
		began = time.monotonic()
		self.known()
		while (passed := time.monotonic() - began) < seconds:
			self.step()
			if self.sent > passed * PER_SECOND:
				time.sleep(0.01)
			if self.sent % 5000 == 0:
				say(f"{self.sent} messages in {passed:.0f} s; {dict(self.heard)}")


def used(service):
	"""
	Bytes of shared memory in use, without the notes on calls. Not `real_used`: in that are the heads of free pieces, of which there are more
	the longer it runs, up to what the most calls at a time have left.
	"""
	for name in TABLES:
		service.rpc("htable.flush", name)
	return service.rpc("core.shmmem")["used"]


def at_rest(service):
	"""Ends all calls, those too that come about yet, and waits until no transaction and no dialog is left."""
	asked = {}

	def ended():
		end_calls(service, asked)
		return service.rpc("dlg.stats_active")["all"] == 0 and service.rpc("tm.stats")["current"] == 0
	try:
		# one that nobody acknowledges, and whose mutated routes take no BYE, is ended by the dialog module after 300 s, or at
		# the next of its rounds, 90 s apart
		eventually("every call and every transaction has ended", ended, 420)
	except AssertionError as error:
		raise AssertionError(f"{error}: {service.rpc('tm.stats')} {service.rpc('dlg.list')[:3]}") from error


def whole(service, seed, seconds, transport, say):
	"""Begins, fuzzes, judges; returns the rows. An AssertionError says what was harmed."""
	pids, before = service.pids(), used(service)
	fuzz = Fuzz(service, seed, transport)
	try:
		fuzz.run(seconds, say)
		fuzz.renew()
		finish(fuzz, service)
		assert service.pids() == pids, "a process of Kamailio died"
		growth = used(service) - before
		assert growth < GROWTH, f"{growth} bytes of shared memory did not come back"
	except (AssertionError, OSError, RpcError):
		(service.folder / "last-messages").write_bytes(b"\n--8<--\n".join(fuzz.last))
		raise
	finally:
		assert not service.reports(), "\n".join(service.reports())
	return [{"case": f"fuzz {transport}", "metric": metric, "value": value, "unit": unit} for metric, value, unit in
		[("sent", fuzz.sent, "messages"), ("memory growth", growth, "bytes")] + [(m, n, "messages") for m, n in fuzz.heard.items()]]


def finish(fuzz, service):
	"""Two agents that nobody has heard of register and call; then all calls end and everybody leaves."""
	caller, callee = (Agent(service, number, host=host) for number, host in (("46105001", "127.0.0.41"), ("46105002", "127.0.0.42")))
	mine, theirs = caller.registered().talk(callee.registered())
	assert between(mine, theirs, "INVITE").status == 200 and between(theirs, mine, "BYE").status == 200
	for one in (fuzz.caller, fuzz.extra, fuzz.callee, *fuzz.good, caller, callee):
		one.close()
	service.forget(*service.registrable)
	at_rest(service)


def main():
	parser = argparse.ArgumentParser(prog="./dev soak fuzz-udp", description=__doc__.split("\n\n")[0])
	parser.add_argument("--seconds", type=float, default=600, help="how long (default %(default)s)")
	parser.add_argument("--seed", default=str(time.time_ns()), help="the same seed writes the same messages (default: the clock)")
	parser.add_argument("--transport", choices=["udp", "tcp"], default="udp")
	parser.add_argument("--json", action="store_true", help="one object: rows, ratios")
	chosen = parser.parse_args()
	say = lambda line: print(line, file=sys.stderr if chosen.json else sys.stdout, flush=True)  # noqa: E731
	say(f"seed {chosen.seed}")
	folder = pathlib.Path(tempfile.mkdtemp(prefix="aeta-fuzz-"))
	namespace, service, universe = Namespace(), Sanitized(folder), Universe()
	try:
		service.start()
		service.load(universe)
		service.set_group(4567, "hunt_max_s = 10, no_answer_s = 2")  # a call that was left hunting is over soon
		service.registrable = universe.registrable()
		rows = whole(service, chosen.seed, chosen.seconds, chosen.transport, say)
	except AssertionError as error:
		sys.exit(f"fuzz: {error}\nseed {chosen.seed}; Kamailio's log and the last messages: {folder}")
	finally:
		service.stop()
		namespace.leave()
	if chosen.json:
		print(json.dumps({"rows": rows, "ratios": []}))
	else:
		for row in rows:
			say(f"{row['metric']:20} {row['value']} {row['unit']}")


if __name__ == "__main__":
	main()
