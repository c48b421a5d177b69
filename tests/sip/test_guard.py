# SPDX-License-Identifier: GPL-2.0-or-later
"""Who is let to the door (F1): those who guess, floods, scanners; and who must not notice anything of it.

The clock runs faster: SITE_BAN_S, which is also how long a failure counts, is 6 s here and not 300 s. Every test has
addresses of its own, so what one leaves behind is none of the next one's business.
"""
import itertools
import time

import pytest
from agent import between
from service import RpcError, eventually
from wire import UdpLink, build, credentials, new_branch, new_call_id, new_tag

BAN_S = 6
RATE = 20  # requests a second, and ten times as many at once
HOSTS = (f"127.0.1.{n}" for n in itertools.count(1))
pytestmark = pytest.mark.usefixtures("unharmed_unless_restarted")


def restart(service, **values):
	"""One that is stopped while its processes start may never end, so all of them are waited for."""
	processes = len(service.pids())
	service.restart(**values)
	eventually("all processes run", lambda: len(service.pids()) == processes)


@pytest.fixture(scope="module", autouse=True)
def quick(service):
	restart(service, SITE_BAN_S=str(BAN_S), SITE_FLOOD_RATE=str(RATE))
	yield
	restart(service, SITE_BAN_S=None, SITE_FLOOD_RATE=None)


@pytest.fixture
def unharmed_unless_restarted(request):
	if "restart" not in request.node.name:
		request.getfixturevalue("unharmed")


@pytest.fixture
def host():
	return next(HOSTS)


@pytest.fixture
def count(service):
	"""count("pair_bans"): how much that counter has grown in this test."""
	names = ("failures", "pair_bans", "source_bans", "spared_bound", "spared_dialog", "bans_lifted", "refused_banned",
		"dropped_banned", "dropped_flood", "dropped_stray", "dropped_scanner", "dropped_sql", "dropped_domain")
	before = {name: service.counter(f"guard_{name}") for name in names}
	return lambda name: service.counter(f"guard_{name}") - before[name]


def bans(service, host, user=None):
	return [ban for ban in service.rpc("aeta.bans")["bans"] if ban["source"] == host and user in (None, ban["user"])]


def guess(agent, number, host, times=5, password="guess", **more):
	"""So many wrong passwords in REGISTERs; the answers."""
	one = agent(number, host=host, password=password, **more)
	return [one.register() for _ in range(times)]


def many_fail(agent, host, times=15):
	"""Different numbers that do not exist; the rules of the answers."""
	link = agent("999000", host=host).link
	return [agent(f"9990{n:02}", host=host, link=link, password="x").register().rule for n in range(times)]


def lines(service, text):
	return [line for line in (service.folder / "kamailio.log").read_text(errors="replace").splitlines() if text in line]


# -- a number at a source --

def test_wrong_passwords_ban_the_number_there(service, agent, host, count):
	"""The fifth is 403, which a person reads on the codec; no other number there and the same elsewhere are not concerned."""
	answers = guess(agent, "45675001", host)
	assert [a.status for a in answers] == [401, 401, 401, 401, 403] and answers[-1].rule == "banned"
	ban, = bans(service, host)
	assert (ban["user"], ban["failures"]) == ("45675001", 5) and 0 < ban["left_s"] <= BAN_S
	assert agent("45675002", host=host).register().status == 200
	assert agent("45675001", host=next(HOSTS)).register().status == 200
	assert (count("failures"), count("pair_bans"), count("source_bans")) == (5, 1, 0)
	assert len(lines(service, f"ban begins: source={host} user=45675001")) == 1


def test_right_password_works_at_once(service, agent, host, count):
	guess(agent, "45675001", host)
	assert agent("45675001", host=host).register().status == 200
	assert bans(service, host) == [] and count("bans_lifted") == 1
	assert [a.status for a in guess(agent, "45675001", host)] == [401, 401, 401, 401, 403]


def test_a_call_with_wrong_passwords_counts_too(service, agent, host):
	mallory = agent("45675001", host=host, password="guess")
	answers = [mallory.call("45675002").final() for _ in range(5)]
	assert [a.status for a in answers] == [407, 407, 407, 407, 403] and answers[-1].rule == "banned"
	assert [a.status for a in guess(agent, "45675001", host, 1)] == [403]


# What a database, or something on the way to it, may take for 45675001.
SPELLINGS = {"superscript": "4567500\u00b9", "full width": "4567500\uff11", "arabic": "4567500\u0661", "soft hyphen": "45675001\u00ad",
	"joiner": "\u200d45675001", "space": "45675001 ", "space before": " 45675001", "domain": "45675001@aeta", "plus": "+45675001",
	"zero": "045675001", "percent": "4567500%31"}


def with_the_right_password_as(agent, host, name):
	"""A REGISTER whose response is right for the account 45675001, and the user written like that."""
	one = agent("45675001", host=host)
	header, value = one.authorization(challenge(one), "REGISTER", f"sip:{one.domain}")
	return answer(one, register_bytes(one, [(header, value.replace('username="45675001"', f'username="{name}"'))]))


@pytest.mark.parametrize("name", SPELLINGS.values(), ids=SPELLINGS)
def test_no_other_spelling_is_the_number(service, agent, host, count, name):
	"""It is an unknown user like any other, and no way round a ban: the account is not even asked for (A2)."""
	asked = service.counter("accounts_asked")
	assert with_the_right_password_as(agent, host, name).status == 401
	assert count("failures") == 1 and service.bindings("45675001") == []
	assert service.counter("accounts_asked") == asked + (name.isascii() and name.isdigit())
	assert [a.status for a in guess(agent, "45675001", host)] == [401, 401, 401, 401, 403]
	assert service.counter("accounts_asked") >= asked + 5
	assert with_the_right_password_as(agent, host, name).status == 401
	assert service.bindings("45675001") == []
	assert with_the_right_password_as(agent, host, "45675001").status == 200


def test_a_ban_ends_by_itself(service, agent, host):
	guess(agent, "45675001", host)
	began = time.monotonic()
	eventually("the ban is over", lambda: not bans(service, host), BAN_S + 2)
	assert time.monotonic() - began > BAN_S - 2
	assert [a.status for a in guess(agent, "45675001", host, 4)] == [401] * 4


def call_id_of(raw):
	return raw.partition(b"Call-ID: ")[2].partition(b"\r\n")[0].decode()


def register_bytes(one, extra, call_id=None):
	uri = f"sip:{one.domain}"
	return build(f"REGISTER {uri} SIP/2.0", [("Via", one.via()), ("From", one.address(one.number) + f";tag={new_tag()}"),
		("To", one.address(one.number)), ("Call-ID", call_id or new_call_id()), ("CSeq", "7 REGISTER"),
		("Contact", one.contact()), ("Max-Forwards", "70")] + extra)


def answer(one, raw, method="REGISTER"):
	call_id = call_id_of(raw)
	one.link.send(raw)
	return one.link.wait("answer", lambda m: m.call_id == call_id and m.method == method and not m.is_request)


def challenge(one):
	return answer(one, register_bytes(one, []))


def test_a_retransmission_counts_once(service, agent, host, count):
	mallory = agent("45675001", host=host, password="guess")
	wrong = mallory.authorization(challenge(mallory), "REGISTER", f"sip:{mallory.domain}")
	assert {answer(mallory, register_bytes(mallory, [wrong])).status for _ in range(20)} == {401}
	assert count("failures") == 1 and bans(service, host) == []


def test_foreign_challenges_are_nobodys_failure(service, agent, host, count):
	"""Whoever forges a source never saw the challenge that was given to it, and gets nobody banned."""
	mallory = agent("45675001", host=next(HOSTS))
	given = challenge(mallory)
	victim = agent("45675001", host=host, password="guess")
	made_up = ("Authorization", credentials('realm="aeta", nonce="bm9uc2Vuc2U", qop="auth"', "REGISTER", "sip:x", "45675001", "x"))
	for _ in range(12):
		assert answer(victim, register_bytes(victim, [victim.authorization(given, "REGISTER", "sip:x")])).status == 401
		assert answer(victim, register_bytes(victim, [made_up])).status == 401
	assert count("failures") == 0 and bans(service, host) == []


def test_from_its_own_flow_a_number_is_always_verified(service, agent, host, count):
	"""Somebody behind the same address guesses on and on, until nothing of it is even looked at; the codec does not notice."""
	codec = agent("45675001", host=host).registered()
	mallory = agent("45675001", host=host, password="guess")
	given = challenge(mallory)
	for _ in range(60):
		extra = [mallory.authorization(given, "REGISTER", f"sip:{mallory.domain}")]
		mallory.link.send(register_bytes(mallory, extra))
	eventually("some are not looked at", lambda: count("dropped_banned"))
	assert codec.register().status == 200


def test_a_call_goes_on_while_its_number_is_banned(service, agent, host):
	alice, bob = agent("45675001", host=host).registered(), agent("45675002").registered()
	mine, theirs = alice.talk(bob)
	guess(agent, "45675001", host)
	assert len(bans(service, host)) == 1
	assert between(mine, theirs, "INVITE").status == 200
	assert between(theirs, mine, "BYE").status == 200


def test_five_codecs_behind_one_address(service, agent, host, count):
	"""One has a wrong password and tries every 15 s for a quarter of an hour, fifty times as fast: every 0.3 s for 18 s. The four
	others register, call and are called all the while, two calls are up from first to last, and the right password, once
	it is typed in, works at the first try. Half an hour, in real time: ./dev soak wrong-password."""
	good = [agent(n, host=host).registered() for n in ("45675001", "45675002", "45995002", "45995005")]
	calls = [good[0].talk(good[1]), good[2].talk(good[3])]
	outside = agent("902080").registered()
	bad = agent("45675412", host=host, password="mistyped")
	answers, step, begin = [], 0.3, time.monotonic()
	for n in range(60):
		answers.append(bad.register().status)
		assert good[n % 4].register().status == 200
		if n % 10 == 0:
			assert between(*calls[n // 10 % 2], "INVITE").status == 200
			mine, theirs = outside.talk(good[n // 10 % 4])
			assert between(mine, theirs, "BYE").status == 200
			mine, theirs = good[n // 10 % 4].talk(outside)
			assert between(theirs, mine, "BYE").status == 200
		time.sleep(max(0, begin + (n + 1) * step - time.monotonic()))  # the codec's pace, nothing waits for it
	assert set(answers) == {401, 403} and answers.count(403) > 40
	assert count("source_bans") == 0 and count("pair_bans") >= 2
	assert bad.register().status == 403  # another ban begins with it, if one has just ended
	assert len(bans(service, host, "45675412")) == 1
	bad.password = service.password("45675412")
	assert bad.register().status == 200
	assert bans(service, host) == []
	for mine, theirs in calls:
		assert between(mine, theirs, "BYE").status == 200


# -- a whole source --

def test_many_unknown_numbers_ban_the_source(service, agent, host, count):
	"""Nobody is registered there. Few challenges from then on; and the right password lifts it."""
	assert many_fail(agent, host, 10) == ["-"] * 9 + ["banned"]
	ban, = bans(service, host)
	assert (ban["user"], ban["users"]) == ("", 10)
	assert len(lines(service, f"ban begins: source={host} for")) == 1
	scanner = agent("999000", host=host)
	for _ in range(40):
		scanner.link.send(register_bytes(scanner, []))
	eventually("some are not challenged", lambda: count("dropped_banned") >= 20)
	assert right_password_lifts(agent, host)
	assert bans(service, host) == [] and count("bans_lifted") == 1


def right_password_lifts(agent, host):
	"""The challenge was taken before, as an agent does that registers every 15 s; so it is one try."""
	one = agent("45675001", host=host)
	given = eventually("a challenge", lambda: ask_once(one), 3)
	return answer(one, register_bytes(one, [one.authorization(given, "REGISTER", f"sip:{one.domain}")])).status == 200


def ask_once(one):
	raw = register_bytes(one, [])
	call_id = call_id_of(raw)
	one.link.send(raw)
	try:
		return one.link.wait("challenge", lambda m: m.call_id == call_id, 0.2)
	except AssertionError:
		return None


def test_a_source_ban_ends_by_itself(service, agent, host):
	many_fail(agent, host, 10)
	assert bans(service, host)
	eventually("the ban is over", lambda: not bans(service, host), BAN_S + 2)
	assert many_fail(agent, host, 2) == ["-", "-"]


def test_a_source_with_a_registration_is_never_banned(service, agent, host, count):
	codec = agent("45675001", host=host).registered()
	assert many_fail(agent, host) == ["-"] * 15
	assert codec.register().status == 200
	assert bans(service, host) == [] and count("source_bans") == 0 and count("spared_bound") >= 1
	assert len(lines(service, f"no ban: source={host}")) == 1
	assert codec.register(contact="*", expires=0).status == 200
	eventually("it may be banned now", lambda: "banned" in many_fail(agent, host), 2 * BAN_S)


@pytest.mark.parametrize("side", ["caller", "callee"])
@pytest.mark.parametrize("when", ["at once", "after a restart"])
def test_a_source_with_a_call_is_never_banned(service, agent, host, count, side, when):
	"""Its registration has lapsed, or there never was one; the call is known all the same, and goes on."""
	here, there = agent("45675001", host=host), agent("45675002").registered()
	if side == "callee":
		mine, theirs = there.talk(here.registered())
		service.forget("45675001")
	else:
		mine, theirs = here.talk(there)
	if when == "after a restart":
		restart(service)
	spared = service.counter("guard_spared_dialog")
	assert many_fail(agent, host) == ["-"] * 15
	assert bans(service, host) == [] and service.counter("guard_spared_dialog") > spared
	assert between(mine, theirs, "INVITE").status == 200
	assert between(theirs, mine, "BYE").status == 200
	eventually("it may be banned now", lambda: "banned" in many_fail(agent, host), 2 * BAN_S)


def test_a_call_has_few_sources(service, agent):
	"""A party moves; or makes up sources, request by request: that goes on, but fills no memory."""
	alice, bob = agent("45675001").registered(), agent("45675002").registered()
	mine, theirs = alice.talk(bob)
	hosts = [f"127.0.9.{n + 1}" for n in range(20)]
	before = service.rpc("dlg.profile_get_size", "source")
	for place in hosts:
		mine.move(agent("45675001", host=place))
		assert between(mine, theirs, "INVITE").status == 200
	assert service.rpc("dlg.profile_get_size", "source", hosts[0]) == 1
	assert service.rpc("dlg.profile_get_size", "source") == before + 8
	assert between(mine, theirs, "BYE").status == 200


def test_a_call_of_a_banned_source(service, agent, host):
	"""Banned first, then it calls with the right password: let in, and the ban is gone."""
	many_fail(agent, host, 10)
	assert bans(service, host)
	mine, theirs = agent("45675001", host=host).talk(agent("45675002").registered())
	assert bans(service, host) == []
	assert between(mine, theirs, "BYE").status == 200


def test_a_trusted_proxy_is_exempt(service, agent, host, count):
	service.trust(host)
	try:
		assert many_fail(agent, host) == ["-"] * 15
		assert [a.status for a in guess(agent, "45675001", host, 8)] == [401] * 8
		crowd = agent("45675001", host=host)
		for _ in range(RATE * 20):
			crowd.link.send(register_bytes(crowd, []))
		assert eventually("a challenge", lambda: ask_once(crowd)).status == 401  # sockets lose some of so many
		assert bans(service, host) == [] and count("dropped_flood") == 0 and count("failures") == 0
	finally:
		service.distrust(host)


# -- the operator --

@pytest.mark.parametrize("v6", [False, True], ids=["IPv4", "IPv6"])
def test_bans_are_lifted(service, agent, host, v6):
	where, shown, typed = ("fd00:11::1", "fd00:11::/64", "[FD00:11:0::7]") if v6 else (host, host, host)
	guess(agent, "45675001", where)
	many_fail(agent, where, 10)
	assert {ban["user"] for ban in bans(service, shown)} == {"45675001", ""}
	with pytest.raises(RpcError, match="No such ban"):
		service.rpc("aeta.unban", typed, "45675002")
	assert service.rpc("aeta.unban", typed, "45675001") == {"users": 1, "sources": 0}
	assert service.rpc("aeta.unban", typed) == {"users": 0, "sources": 1}
	with pytest.raises(RpcError, match="No such ban"):
		service.rpc("aeta.unban", typed)
	with pytest.raises(RpcError, match="SOURCE"):
		service.rpc("aeta.unban", "somewhere")
	assert bans(service, shown) == []
	assert [a.status for a in guess(agent, "45675001", where, 1)] == [401]


# -- scanners --

def knock(one, uri="sip:45675002@sip.example.com", method="OPTIONS", **headers):
	"""A request without credentials, as a scanner sends it; headers replace what they name, user_agent=… for User-Agent."""
	all_of = {"From": f"<sip:x@{one.domain}>;tag={new_tag()}", "To": f"<{uri}>"}
	all_of |= {"Call-ID": new_call_id(), "Contact": one.contact()}
	all_of |= {name if name in all_of else name.replace("_", "-").title(): value for name, value in headers.items()}
	return build(f"{method} {uri} SIP/2.0", [("Via", one.via()), ("CSeq", f"1 {method}"), ("Max-Forwards", "70")]
		+ list(all_of.items()))


def silence(one, *raws):
	"""None of these is answered; what is sent behind them is."""
	for raw in raws:
		one.link.send(raw)
	assert answer(one, knock(one), "OPTIONS").status == 407
	assert [m.call_id for m in one.link.arrived if m.call_id in {call_id_of(raw) for raw in raws}] == []


@pytest.mark.parametrize("name", ["friendly-scanner", "sipvicious", "SIPVicious/0.3", "sipcli/v1.8", "VaxSIPUserAgent/3.1",
	"sundayddr", "sip-scan", "iWar", "pplsip", "sivus_VoIP_Scanner", "smap 0.6.0"])
def test_scanners_hear_nothing(agent, host, count, name):
	one = agent("45675001", host=host)
	silence(one, knock(one, user_agent=name), knock(one, method="REGISTER", user_agent=name),
		knock(one, method="BYE", user_agent=name, to="<sip:1@sip.example.com>;tag=x"))
	eventually("three are counted", lambda: count("dropped_scanner") == 3)


@pytest.mark.parametrize("name", ["AETA 4MinX 1.4", "baresip v1.0", "Linphone/5", "Twinkle/1.10", "Scoopy+ S/2", "Kiwar phone",
	"Prodys Quantum", "x" * 1000])
def test_agents_of_people_are_answered(agent, host, count, name):
	one = agent("45675001", host=host, user_agent=name)
	assert one.register().status == 200 and count("dropped_scanner") == 0


def test_a_scanners_name_in_a_call_that_we_know(agent, count):
	"""What is in a dialog belongs to it, whatever it calls itself."""
	mine, theirs = agent("45675001").registered().talk(agent("45675002").registered())
	cseq = mine.send("INFO", [("User-Agent", "friendly-scanner")])
	assert theirs.expect("INFO").cseq == cseq
	assert between(mine, theirs, "BYE").status == 200 and count("dropped_scanner") == 0


INJECTIONS = ["1'--", "1%27or%271", "a`b", "1;x=--", "1/*2", "%22"]


@pytest.mark.parametrize("user", INJECTIONS)
def test_texts_for_a_database_hear_nothing(agent, host, count, user):
	one = agent("45675001", host=host)
	bad = f"sip:{user}@sip.example.com"
	header = f'Digest username="{user}", realm="aeta", nonce="x", uri="x", response="{"0" * 32}"'.replace("%22", '\\"')
	silence(one, knock(one, bad, to="<sip:1@sip.example.com>"), knock(one, **{"from": f"<{bad}>;tag=1"}), knock(one, to=f"<{bad}>"),
		knock(one, proxy_authorization=header), knock(one, method="REGISTER", authorization=header))
	eventually("five are counted", lambda: count("dropped_sql") == 5)


def test_names_of_people_may_have_an_apostrophe(agent, host, count):
	one = agent("45675001", host=host)
	assert answer(one, knock(one, **{"from": '"Mrs O\'Brien -- \\"at home\\"" <sip:x@sip.example.com>;tag=1'}), "OPTIONS").status == 407
	assert count("dropped_sql") == 0


def test_somebody_registered_is_told_what_is_wrong(agent, host, count):
	"""A person who dials nonsense, or a name that is not ours, gets an answer."""
	alice = agent("45675001", host=host).registered()
	assert alice.message("45'67").status == 404
	stranger = agent("45675001", host=next(HOSTS))
	for one in (alice, stranger):
		foreign = "sip:45675002@elsewhere.example.org"
		given = answer(one, knock(one, **{"from": f"<sip:45675001@{one.domain}>;tag=1"}), "OPTIONS")
		extra = dict([one.authorization(given, "OPTIONS", foreign)])
		raw = knock(one, foreign, **{"from": f"<sip:45675001@{one.domain}>;tag=1"},
			proxy_authorization=extra["Proxy-Authorization"])
		assert answer(one, raw, "OPTIONS").rule == "foreign-domain"
	silence(agent("45675001", host=next(HOSTS)), knock(stranger, "sip:45675002@elsewhere.example.org"))
	assert count("dropped_domain") == 1


# -- floods --

def test_a_flood_beside_calls(service, agent, host, count):
	"""A thousand requests at once from one source. Calls, one of them from that very source, go on; and new ones are made."""
	alice, bob, carol = agent("45675001").registered(), agent("45675002").registered(), agent("902080", host=host)
	calls = [carol.talk(bob), alice.talk(agent("45675412").registered())]
	flood = UdpLink(host, (service.address, 5060))
	try:
		for n in range(RATE * 50):
			flood.send(knock(carol, method=("OPTIONS", "INVITE", "REGISTER")[n % 3]))
			if n % 100 == 0:
				for mine, theirs in calls:
					assert between(mine, theirs, "INVITE").status == 200
		eventually("most are dropped", lambda: count("dropped_flood") > RATE * 25)
		mine, theirs = alice.talk(bob)
		assert between(theirs, mine, "BYE").status == 200
		for mine, theirs in calls:
			assert between(theirs, mine, "BYE").status == 200
	finally:
		flood.close()


def test_requests_that_belong_to_nothing(service, agent, host, count):
	"""Each would be a question to the database. Beyond the rate none is asked; a call of the same source goes on."""
	carol, bob = agent("902080", host=host), agent("45675002").registered()
	mine, theirs = carol.talk(bob)
	for n in range(RATE * 20):
		carol.link.send(knock(carol, method=("BYE", "INFO")[n % 2], to=f"<sip:1@sip.example.com>;tag={n}"))
		if n % 50 == 0:  # the sockets hold no more
			assert between(mine, theirs, "INVITE").status == 200
	eventually("many are dropped", lambda: count("dropped_stray") > RATE * 5)
	assert between(mine, theirs, "INVITE").status == 200
	assert between(theirs, mine, "BYE").status == 200
	assert count("dropped_flood") == 0


@pytest.mark.parametrize("headers", [{"Call-ID": "a|b"}, {"contact": f"<sip:x@{'y' * 2100}>", "to": "<sip:1@sip.example.com>;tag=x"}],
	ids=["Call-ID", "Contact"])
def test_malformed_requests_fill_no_log(agent, host, count, headers):
	"""Each is refused with a line in the log, so no more than that of them."""
	one = agent("902080", host=host)
	for n in range(RATE * 15):
		one.link.send(knock(one, **headers))
		if n % 50 == 0:  # the sockets hold no more
			assert answer(one, knock(one), "OPTIONS").status == 407
	eventually("some are dropped", lambda: count("dropped_stray") > RATE)


def test_a_registered_source_may_send_ten_times_as_much(agent, host, count):
	one = agent("45675001", host=host).registered()
	for n in range(RATE * 20):
		if n % 50:
			one.link.send(knock(one))
		else:  # the sockets hold no more
			assert answer(one, knock(one), "OPTIONS").status == 407
	assert one.register().status == 200
	assert count("dropped_flood") == 0
