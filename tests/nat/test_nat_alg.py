# SPDX-License-Identifier: GPL-2.0-or-later
"""Asking must not cut an agent off. Linux's SIP ALG takes a request whose Via has the server's address with another port than it came from
for one of a telephone that listens there, and sends it all that comes from then on; the probes' Via must not look like that."""
import pytest
from natlab import residents
from natlab.cells import Cell
from natlab.nets import NetError

OFF = (False, False)
CELLS = [Cell("public", "alg", OFF), Cell("alg", "alg", OFF), Cell("alg", "public", OFF)]


def test_agents_behind_an_alg_are_reached_after_they_were_asked(asking_lab):
	world = asking_lab.sides[0][0]
	try:
		with world.pair("alg", "public"):
			pass
	except NetError as error:
		pytest.skip(f"this kernel has no SIP ALG: {str(error).splitlines()[0]}")
	with asking_lab.residents(CELLS):
		town = asking_lab.towns[0]
		assert set(town.classes.values()) == {"open"} and len(town.classes) == len({n for cell in CELLS for n in residents.names(cell)})
		for cell in CELLS:
			row = town.call(cell)
			assert (row["heard"], row["path"], row["fault"]) == (True, "direct", None), row
