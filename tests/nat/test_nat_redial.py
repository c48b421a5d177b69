# SPDX-License-Identifier: GPL-2.0-or-later
"""What no asking can know: a firewall that is shut after the agent was asked. The call goes directly and is silent; whoever dials again
is heard, and so are all calls of the two after that. (tests/media has who dials, when, and for how long it is minded.)"""
from natlab import residents
from natlab.cells import Cell

CELL = Cell("public", "fwstate", (False, False))


def test_pair_that_dials_again_is_relayed(asking_lab):
	with asking_lab.residents([CELL]):
		town = asking_lab.towns[0]
		town.hosts[residents.names(CELL)[1]].router.become("fwsrv")
		first = town.call(CELL)
		assert (first["path"], first["heard"], first["error"]) == ("direct", False, None), first
		for _ in range(2):
			row = town.call(CELL)
			assert (row["path"], row["heard"]) == ("relayed", True) and "redialled" in row["path_reason"].split(","), row
