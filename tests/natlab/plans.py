# SPDX-License-Identifier: GPL-2.0-or-later
"""Which calls a run makes: what its options name, or with --full all pairs and what else there is, in groups.

The first group is what figures are compared by: the eight kinds, with STUN and without, each calling each."""

import itertools

from natlab import kinds
from natlab.cells import Cell

STUN = ("off/off", "on/on", "on/off")
ALL_STUN = (*STUN, "off/on")
OFF, ON = (False, False), (True, True)

# Opposite the kinds where what is wrong shows.
ONE_SIDED = ("cgn:cone+port", "cgn:port+sym", "cgn:fwstate+cone", "cgn:fwsrv+port", "split", "leaky", "alg")
OPPOSITE = (("public", False), ("port", True), ("sym", True))
SHARED = ("lan:cone", "lan:port", "lan:sym", "isp:port+cone", "isp:port+port")
# An agent that is not what its OPTIONS say, of a kind that is relayed by what OPTIONS alone can show, opposite one that needs nothing.
ODD = (("fwsrv", False), ("sym", True), ("port", True), ("public", False))


def of_options(names, stuns):
	"""Every ordered pair of the kinds, and a kind that has both agents behind it once."""
	shared = [name for name in names if kinds.is_shared(name)]
	alone = [name for name in names if name not in shared]
	pairs = list(itertools.product(alone, repeat=2)) + [(name, name) for name in shared]
	combinations = [tuple(s == "on" for s in stun.split("/")) for stun in stuns]
	return [Cell(caller, callee, stun) for caller, callee in pairs for stun in combinations]


def _both_ways(one, other):
	"""Two parties, (kind, STUN), calling each other."""
	for (caller, first), (callee, second) in ((one, other), (other, one)):
		yield Cell(caller, callee, (first, second))


def _extra():
	for name, stun in itertools.product(ONE_SIDED, (False, True)):
		yield Cell(name, name, (stun, stun))
		for other in OPPOSITE:
			yield from _both_ways((name, stun), other)
	yield from of_options(SHARED, ALL_STUN)


def _odd():
	for manner, (kind, stun) in itertools.product(kinds.MANNERS, ODD):
		yield from _both_ways((f"{kind}~{manner}", stun), ("public", False))


def full():
	"""{title: cells}"""
	return {"all pairs": of_options(kinds.PLAIN, ALL_STUN), "extra: one LAN, two boxes in a row, and the like": list(_extra()),
		"odd agents: their OPTIONS mislead": list(_odd())}
