# SPDX-License-Identifier: GPL-2.0-or-later
"""Which relays a caller gets follows the domain that it registered under (C5), also after a crash (D2)."""
import pytest
from service import eventually

NUMBER = "45675001"
FR = "sip.example.fr"


def relay_set(service):
	return service.rpc("aeta.explain_media", NUMBER, NUMBER)["relay_set"]


@pytest.fixture
def fr(service):
	return int(service.sql("SELECT s.number FROM aeta_domain d JOIN aeta_relay_set s ON s.name = d.relay_set "
		f"WHERE d.domain = '{FR}'")[0][0])


def test_survives_a_crash(service, agent, fr):
	assert fr > 0
	agent(NUMBER, domain=FR).registered()
	assert relay_set(service) == fr
	eventually("it is in the database", lambda: service.sql(
		f"SELECT cflags >> 18 & 15 FROM location WHERE username = '{NUMBER}'") == [[str(fr)]], 3)
	service.restart(kill=True)
	assert relay_set(service) == fr


def test_the_latest_register_counts(service, agent, fr):
	alice = agent(NUMBER, domain=FR).registered()
	alice.domain = service.domain
	alice.registered()
	assert relay_set(service) == 0
	alice.domain = FR
	alice.registered()
	assert relay_set(service) == fr


def test_an_address_of_ours_is_a_domain_too(service, agent):
	agent(NUMBER, domain=service.address).registered()
	assert relay_set(service) == 0
