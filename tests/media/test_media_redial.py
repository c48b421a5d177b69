# SPDX-License-Identifier: GPL-2.0-or-later
"""The net under direct calls (C7): one that was hung up soon and is dialled again, by either of the two, is relayed, over a restart
too, until one of them comes from another address."""
import pytest
from agent import between
from phone import converse
from service import RpcError
from steps import relayed, talk

WHY = "redialled"


@pytest.fixture(scope="module", autouse=True)
def net(service):
	service.sql("DELETE FROM aeta_redial")
	service.restart(SITE_REDIAL_S="120")
	yield
	service.sql("DELETE FROM aeta_redial")
	service.restart(SITE_REDIAL_S=None)


def call(service, one, other):
	"""A call that is heard and hung up; its (path, reason, relay)."""
	mine, theirs = talk(one, other)
	assert converse(one, other)
	assert between(mine, theirs, "BYE").status == 200
	return service.path_of(mine.call_id)


def test_dialled_again(service, phone, nominal):
	alice, bob = phone("45675001").registered(), phone("45675002").registered()
	carol = phone("45995005").registered()
	assert call(service, alice, bob)[:2] == ("direct", "no-sign")
	before = service.counter("media_redialled")
	x = service.rpc("aeta.explain_media", "45675001", "45675002")
	assert (x["path"], x["path_reason"]) == ("relayed", WHY) and service.counter("media_redialled") == before
	assert call(service, bob, alice) == ("relayed", WHY, nominal.url)
	assert service.counter("media_redialled") == before + 1
	assert call(service, alice, carol)[0] == "direct"
	service.restart(kill=True)
	for one in (alice, bob):
		one.registered()
	assert call(service, alice, bob) == ("relayed", WHY, nominal.url)


def test_another_address(service, phone):
	alice, bob = phone("45995002").registered(), phone("45995005").registered()
	assert call(service, alice, bob)[0] == "direct"
	assert call(service, alice, bob)[0] == "relayed"
	bob.close()
	moved = phone("45995005", host="127.0.0.2").registered()
	assert call(service, alice, moved)[:2] == ("direct", "no-sign")


def test_a_call_that_nobody_took(service, phone):
	alice, bob = phone("10005001").registered(), phone("10005999").registered()
	mine = alice.call("10005999")
	theirs = bob.incoming()
	theirs.link.reply(theirs.invite, 486, "Busy Here", to_tag=theirs.tag)
	assert mine.final().status == 486
	theirs.expect("ACK", reply=False)
	assert call(service, alice, bob)[:2] == ("direct", "no-sign")


def test_lifted_by_an_operator(service, phone):
	"""Judged anew at once, and after a restart, since the table knows it no more; nobody else's pair is touched."""
	alice, bob = phone("45675001").registered(), phone("45675002").registered()
	carol = phone("45995005").registered()
	for other in (bob, carol):
		call(service, alice, other)
		assert call(service, other, alice)[:2] == ("relayed", WHY)
	service.rpc("aeta.redial_lift", "45675002", "45675001")
	assert call(service, alice, bob)[:2] == ("direct", "no-sign")
	assert service.rpc("aeta.explain_media", "45675001", "45995005")["path_reason"] == WHY
	assert service.sql("SELECT low, high FROM aeta_redial WHERE low = '45675001'") == [["45675001", "45995005"]]
	for pair in (("45675001", "45675002"), ("45675001", "45675001"), ("45675001", "alice"), ("45675001",)):
		with pytest.raises(RpcError):
			service.rpc("aeta.redial_lift", *pair)
