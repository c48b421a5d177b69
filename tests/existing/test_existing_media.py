# SPDX-License-Identifier: GPL-2.0-or-later
"""The stock file's NAT handling and relay, with the module's judgement beside its own (WITH_AETA_MEDIA)."""
import pathlib
import subprocess
import sys

import pytest
from agent import between
from relays import Relay
from stock import UNIVERSE, Stock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "media"))
from phone import Phone, converse, where  # noqa: E402

SERVER, ALICE, BOB = "203.0.113.1", "203.0.113.11", "203.0.113.12"


class Relayed(Stock):
	"""With the switches of NAT and relay; the relay is where the stock file looks for it."""

	switches = ()

	def write_local(self):
		super().write_local()
		local = self.folder / "kamailio-local.cfg"
		more = "".join(f"#!define {name}\n" for name in ("WITH_NAT", "WITH_RTPENGINE", *self.switches))
		local.write_text(more + local.read_text())


@pytest.fixture
def stock(variants, tmp_path):
	variants("plain")  # its network namespace
	for address in (SERVER, ALICE, BOB):
		subprocess.run(["ip", "address", "replace", f"{address}/32", "dev", "lo"], check=True)
	relay = Relay("aeta-relay", tmp_path, addresses=(SERVER,)).start()
	service = Relayed(tmp_path, SERVER)
	try:
		yield service
	finally:
		service.stop()
		relay.stop()


@pytest.mark.parametrize("switches,relayed", [((), False), (("WITH_AETA_MEDIA",), True)], ids=["stock", "media"])
def test_private_address_in_the_sdp(stock, switches, relayed):
	"""Contact and Via are true, and only the SDP is not: that the stock file passes, and the callee would speak to nobody."""
	stock.switches = switches
	stock.start()
	stock.load(UNIVERSE)
	alice, bob = Phone(stock, "45675001", host=ALICE, media_host="10.1.2.3"), Phone(stock, "45675002", host=BOB)
	try:
		alice.registered()
		bob.registered()
		mine = alice.call("45675002")
		theirs = bob.incoming()
		assert where(theirs.invite.body)[0] == (SERVER if relayed else "10.1.2.3")
		bob.talks_to(theirs.invite.body)
		theirs.answer(mine)
		assert (where(mine.answered.body)[0] == SERVER) == relayed
		if relayed:
			alice.talks_to(mine.answered.body)
			assert converse(alice, bob)
		assert between(mine, theirs, "BYE").status == 200
	finally:
		alice.close()
		bob.close()
