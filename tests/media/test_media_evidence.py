# SPDX-License-Identifier: GPL-2.0-or-later
"""What a relay has heard of both parties is kept with what is known of their NATs (C7): asked for at the BYE of either."""
import socket

import pytest
from agent import between
from phone import Phone, converse
from service import eventually
from steps import talk

ALICE, BOB = "203.0.113.11", "203.0.113.12"


class Elsewhere(Phone):
	"""As behind a symmetric NAT with STUN: its RTP comes from another port than its SDP says, and is heard there."""

	def __init__(self, *args, **more):
		super().__init__(*args, **more)
		self.inside, self.rtp = self.rtp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		self.rtp.bind((self.link.host, 0))
		self.rtp.setblocking(False)

	def sdp(self):
		return super().sdp().replace(f"m=audio {self.rtp.getsockname()[1]} ", f"m=audio {self.inside.getsockname()[1]} ")

	def close(self):
		super().close()
		self.inside.close()


@pytest.fixture(scope="module", autouse=True)
def probing(service):
	service.restart(SITE_PROBING="1")
	yield
	service.restart(SITE_PROBING=None)
	service.sql("DELETE FROM aeta_nat_class")


def known(service, number, address):
	"""(class, evidence from media) of an account at an address."""
	for row in service.rpc("aeta.nat", number)["addresses"]:
		if row["address"] == address:
			return row["class"], {e for e in row["evidence"].split(",") if e.startswith("media")}
	return None


def is_sure(relay, call_id):
	"""Does the relay stand by where it hears both parties from? rtpengine takes its time for that."""
	streams = [s for party in relay.query(call_id)["tags"].values() for m in party["medias"] for s in m["streams"] if "RTP" in s["flags"]]
	return len(streams) == 2 and all("confirmed" in s["flags"] for s in streams)


@pytest.mark.parametrize("ends", ["caller", "callee"])
def test_kept_at_the_end(service, phone, nominal, ends):
	service.sql("DELETE FROM aeta_nat_class")
	alice = phone("45675001", "always", host=ALICE).registered()
	bob = Elsewhere(service, "45675002", host=BOB).registered()
	try:
		mine, theirs = talk(alice, bob)
		eventually("the relay is sure", lambda: converse(alice, bob) and is_sure(nominal, mine.call_id))
		one, other = (mine, theirs) if ends == "caller" else (theirs, mine)
		assert between(one, other, "BYE").status == 200
		assert eventually("what is known of Alice", lambda: known(service, "45675001", ALICE)) == ("unknown", {"media"})
		cls, evidence = eventually("what is known of Bob", lambda: known(service, "45675002", BOB))
		assert cls == "changed" and "media-moved" in evidence
		x = service.rpc("aeta.explain_media", "45675001", "45675002")
		# (the service has no public address here, so nobody is asked, and what is not known does not count)
		assert x["path_reason"].split(",") == ["policy-always", "callee-nat-changed"]
	finally:
		service.forget("45675002")
		bob.close()
