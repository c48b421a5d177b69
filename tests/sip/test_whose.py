# SPDX-License-Identifier: GPL-2.0-or-later
"""Whose request it is, is told by the credentials that were verified, not by others that somebody wrote beside them (A1, A3).

Mallory has an account of her own, with its right password, and writes a header for another realm and another's number first.
"""
import pytest
from wire import credentials, new_tag

VICTIM, MALLORY = "45675002", "45675001"
HEADERS = [None, "Authorization", "Proxy-Authorization"]


def signed(agent, method, uri, challenge, beside, header):
	"""The headers: hers, and before it one of the name given that claims to be the victim's."""
	hers = (header, credentials(challenge, method, uri, agent.number, agent.password))
	claim = f'Digest username="{VICTIM}", realm="elsewhere", nonce="x", uri="{uri}", response="{"0" * 32}"'
	return ([(beside, claim)] if beside else []) + [hers]


@pytest.fixture
def mallory(agent):
	return agent(MALLORY, user_agent="mallory/1")


def register_for(mallory, number, beside):
	uri = f"sip:{mallory.domain}"
	challenge = mallory.register(authenticate=False).get("www-authenticate")
	headers = signed(mallory, "REGISTER", uri, challenge, beside, "Authorization")
	mallory.register_cseq += 2
	return mallory.ask("REGISTER", uri, mallory.address(number), mallory.register_call_id, mallory.register_cseq,
		[("Contact", f"<sip:{number}@{mallory.hostport}>"), ("Expires", "300"), *headers], from_user=number, authenticate=False)


@pytest.mark.parametrize("beside", HEADERS)
def test_nobody_takes_the_binding_of_another(service, mallory, bob, beside):
	held = service.binding(VICTIM)["Address"]
	answer = register_for(mallory, VICTIM, beside)
	assert (answer.status, answer.rule) == (403, "to-mismatch")
	assert service.binding(VICTIM)["Address"] == held


@pytest.mark.parametrize("beside", HEADERS)
def test_what_stands_beside_hinders_nobody(service, mallory, beside):
	"""An agent may hold credentials for a proxy on its way, too: its own registration counts as ever."""
	answer = register_for(mallory, MALLORY, beside)
	assert answer.status == 200
	assert service.binding(MALLORY)["Address"].startswith(f"sip:{MALLORY}@")


def message_as(mallory, number, to, uri, beside):
	challenge = mallory.message(to, authenticate=False).get("proxy-authenticate")
	headers = signed(mallory, "MESSAGE", uri, challenge, beside, "Proxy-Authorization")
	return mallory.ask("MESSAGE", f"sip:{to}@{mallory.domain}", mallory.address(to),
		headers=[*headers, ("Content-Type", "text/plain")], body="x", from_user=number, authenticate=False)


@pytest.fixture
def called(agent):
	other = agent("45675006").registered()
	other.link.auto["MESSAGE"] = lambda m: other.link.reply(m, 200, "OK", to_tag=new_tag())
	return other


@pytest.mark.parametrize("beside", HEADERS)
def test_nobody_sends_as_another(mallory, bob, called, beside):
	answer = message_as(mallory, VICTIM, called.number, f"sip:{called.number}@{mallory.domain}", beside)
	assert (answer.status, answer.rule) == (403, "from-mismatch")
	assert not [m for m in called.link.requests() if m.method == "MESSAGE"]


@pytest.mark.parametrize("beside", HEADERS)
def test_credentials_for_one_number_call_no_other(mallory, called, beside):
	"""What is signed is the verified header's URI; the claim beside it names the number that is dialled."""
	uri = f"sip:{VICTIM}@{mallory.domain}"
	challenge = mallory.message(called.number, authenticate=False).get("proxy-authenticate")
	headers = signed(mallory, "MESSAGE", uri, challenge, beside, "Proxy-Authorization")
	headers = [(name, value.replace(f'realm="elsewhere", nonce="x", uri="{uri}"',
		f'realm="elsewhere", nonce="x", uri="sip:{called.number}@{mallory.domain}"')) for name, value in headers]
	answer = mallory.ask("MESSAGE", f"sip:{called.number}@{mallory.domain}", mallory.address(called.number),
		headers=[*headers, ("Content-Type", "text/plain")], body="x", authenticate=False)
	assert (answer.status, answer.rule) == (403, "uri-mismatch")
	assert not [m for m in called.link.requests() if m.method == "MESSAGE"]


@pytest.mark.parametrize("beside", HEADERS)
def test_one_sends_as_oneself(mallory, called, beside):
	answer = message_as(mallory, MALLORY, called.number, f"sip:{called.number}@{mallory.domain}", beside)
	assert answer.status == 200
