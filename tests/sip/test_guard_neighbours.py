# SPDX-License-Identifier: GPL-2.0-or-later
"""The right password works at once (F1), however hard somebody behind the same address fails all the while.

The usual limits: a ban of 300 s, in which one wrong response a second of a number, five of a source, are looked at. The
neighbour sends forty. Agents here send every request once: what is not looked at is not answered, and fails the test.
"""
import itertools
import threading

import pytest
from service import eventually
from wire import UdpLink, build, new_call_id, new_tag

PACE = 1 / 40  # s between two of the neighbour's requests
NUMBER = "45675001"
ROUNDS = 6     # lest it be luck
HOSTS = (f"127.0.12.{n}" for n in itertools.count(1))
pytestmark = pytest.mark.usefixtures("unharmed")


@pytest.fixture
def host():
	return next(HOSTS)


class Neighbour:
	"""Sends one REGISTER after the other, over one socket or over several by turns, until it is told to stop."""

	def __init__(self, agent, host, sockets=1):
		self.agents = [agent("999000", host=host, password="guess") for _ in range(sockets)]
		self.over, self.thread = threading.Event(), None

	def register(self, one, number, extra):
		one.link.send(build(f"REGISTER sip:{one.domain} SIP/2.0", [("Via", one.via()), ("To", one.address(number)),
			("From", one.address(number) + f";tag={new_tag()}"), ("Call-ID", new_call_id()), ("CSeq", "7 REGISTER"),
			("Contact", one.contact()), ("Max-Forwards", "70")] + extra))

	def begin(self, numbers, credentials=True):
		"""Over which flow it is does not matter to a challenge, so one is enough."""
		challenge = self.agents[0].register(authenticate=False) if credentials else None
		senders = zip(itertools.cycle(self.agents), itertools.cycle(numbers))

		def run():
			while not self.over.wait(PACE):
				one, number = next(senders)
				extra = [one.authorization(challenge, "REGISTER", f"sip:{one.domain}", number)] if challenge else []
				self.register(one, number, extra)
		self.thread = threading.Thread(target=run)
		self.thread.start()

	def end(self):
		self.over.set()
		if self.thread:
			self.thread.join()


@pytest.fixture
def neighbour(agent, host):
	made = []

	def make(*args, **more):
		made.append(Neighbour(agent, host, *args, **more))
		return made[-1]
	yield make
	for one in made:
		one.end()


@pytest.fixture
def not_looked_at(service):
	"""Waits until so much fails that what comes is dropped."""
	def wait():
		before = service.counter("guard_dropped_banned")
		eventually("much is dropped", lambda: service.counter("guard_dropped_banned") >= before + 10)
	return wait


def is_banned(service, host, user):
	return any((ban["source"], ban["user"]) == (host, user) for ban in service.rpc("aeta.bans")["bans"])


def test_beside_one_that_fails_for_the_same_number(service, agent, host, neighbour, not_looked_at):
	neighbour().begin([NUMBER])
	for _ in range(ROUNDS):
		not_looked_at()
		assert is_banned(service, host, NUMBER)
		assert agent(NUMBER, host=host).register().status == 200


def test_a_call_beside_one_that_fails_for_the_same_number(agent, host, neighbour, not_looked_at):
	bob = agent("45675002").registered()
	neighbour().begin([NUMBER])
	for _ in range(ROUNDS):
		not_looked_at()
		mine, theirs = agent(NUMBER, host=host).talk(bob)
		mine.send("BYE")
		theirs.expect("BYE")


def test_a_wrong_password_over_a_new_flow_is_told_so_once(agent, host, neighbour, not_looked_at):
	neighbour().begin([NUMBER])
	not_looked_at()
	mistyped = agent(NUMBER, host=host, password="mistyped")
	answer = mistyped.register()
	assert (answer.status, answer.rule) == (403, "banned")


def ban_source(service, agent, host):
	link = UdpLink(host, (service.address, 5060))
	try:
		for n in range(10):
			agent(f"9990{n:02}", host=host, link=link, password="x").register()
	finally:
		link.close()
	assert is_banned(service, host, "")


def test_a_banned_source_beside_one_that_fails_on(service, agent, host, neighbour, not_looked_at):
	"""Nothing is registered there any more, so only the right password tells who is who; it lifts the ban."""
	ban_source(service, agent, host)
	neighbour().begin([f"9991{n:02}" for n in range(100)])
	not_looked_at()
	assert is_banned(service, host, "")
	assert agent(NUMBER, host=host).register().status == 200
	assert not is_banned(service, host, "")


def test_a_banned_source_beside_one_that_asks_on_for_challenges(service, agent, host, neighbour, not_looked_at):
	for _ in range(ROUNDS):
		ban_source(service, agent, host)
		asker = neighbour()
		asker.begin([NUMBER], credentials=False)
		not_looked_at()
		one = agent(NUMBER, host=host)
		assert one.register().status == 200
		assert one.register(contact="*", expires=0).status == 200
		asker.end()


@pytest.mark.parametrize("instance", [None, "urn:uuid:00000000-0000-1000-8000-00a0b1c2d3e4"], ids=["Call-ID", "+sip.instance"])
def test_the_codec_beside_one_that_changes_its_port(service, agent, host, neighbour, not_looked_at, instance):
	"""Every guess comes over another flow than the last. The codec, its registration lapsed, is known by what it is."""
	codec = agent(NUMBER, host=host, instance=instance).registered()
	service.forget(NUMBER)
	neighbour(sockets=40).begin([NUMBER])
	for n in range(ROUNDS):
		not_looked_at()
		assert is_banned(service, host, NUMBER)
		moved = agent(NUMBER, host=host, instance=instance)
		moved.register_call_id, moved.register_cseq = codec.register_call_id, 100 * (n + 1)
		assert moved.register().status == 200
		service.forget(NUMBER)
