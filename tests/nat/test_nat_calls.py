# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls through the whole service between agents behind NATs: who hears whom, and by which path. A sample of ./dev matrix."""
import pytest
from conftest import WORKERS
from natlab import cells, kinds, matrix, residents
from natlab.service import LINES

OFF, ON, ONLY_CALLER, ONLY_CALLEE = (False, False), (True, True), (True, False), (False, True)
SAMPLE = [cells.Cell(*row) for row in (
	# nothing in the way
	("public", "public", OFF), ("public", "fwstate", ON), ("fwstate", "fwstate", OFF),
	# one side's address is wrong, or right for the server only
	("public", "port", OFF), ("port", "public", ONLY_CALLER), ("public", "sym", ON), ("sym", "fwstate", ON), ("fwstate", "shift", ON),
	# both sides' are
	("cone", "cone", OFF), ("addr", "port", ON), ("port", "addr", ONLY_CALLER), ("shift", "shift", OFF), ("shift", "cone", ON),
	("sym", "sym", OFF), ("sym", "sym", ON), ("sym", "port", ONLY_CALLER), ("port", "sym", ONLY_CALLER), ("sym", "addr", ONLY_CALLEE),
	# a firewall that knows the server only
	("fwsrv", "public", OFF), ("public", "fwsrv", ON),
	# behind one NAT, where it does not send back what is meant for itself; behind two
	("lan:port", "lan:port", ON), ("lan:sym", "lan:sym", ONLY_CALLER), ("isp:port+port", "isp:port+port", OFF),
	("cgn:port+sym", "cgn:cone+port", ON))]


def parametrized(some):
	return pytest.mark.parametrize("cell", some, ids=str)


class Rows:
	"""The rows of some cells, made together when the first is asked for."""

	def __init__(self, calls, some, prepare=None):
		self.calls, self.some, self.prepare, self.rows = calls, some, prepare, None

	def __getitem__(self, cell):
		if self.rows is None:
			if self.prepare:
				self.prepare()
			self.rows = dict(zip(self.some, self.calls(self.some)))
		return self.rows[cell]


def assert_heard(row, path):
	assert row["error"] is None
	assert (row["path"], row["caller_hears"], row["callee_hears"]) == (path, True, True), row
	assert row["recorded_path"] == path, row


# -- the sample: agents that register once, asked by the service, which is told nothing

def stun_is_to_be_seen(cell):
	"""The callee's media address is right by STUN alone, and whether it uses that shows in its own SDPs only: from its first call on."""
	return kinds.direct_works(*cell) and not kinds.heard_at(cell.callee, False)


def path(cell):
	return "direct" if kinds.direct_works(*cell) and not stun_is_to_be_seen(cell) else "relayed"


@pytest.fixture(scope="session")
def town(asking_lab):
	with asking_lab.residents(SAMPLE):
		yield asking_lab.towns[0]


@pytest.fixture(scope="session")
def sample(asking_lab, town):
	def calls(some):
		rows = {(row["caller"], row["callee"], row["stun"]): row for row in asking_lab.rows(some, WORKERS)}
		return [rows[cell.caller, cell.callee, cells.stun_text(cell.stun)] for cell in some]
	return Rows(calls, SAMPLE)


def test_sample_has_every_kind():
	assert len(SAMPLE) == 24 and {kind for cell in SAMPLE for kind in cell[:2]} > set(kinds.PLAIN)
	waiting = [residents.names(cell)[1] for cell in SAMPLE if stun_is_to_be_seen(cell)]
	assert waiting and all(sum(residents.names(cell)[1] == callee for cell in SAMPLE) == 1 for callee in waiting)


@parametrized(SAMPLE)
def test_heard_on_both_sides_at_the_first_call(sample, cell):
	assert_heard(sample[cell], path(cell))


@parametrized([cell for cell in SAMPLE if not kinds.direct_works(*cell) and not kinds.is_shared(cell.caller)])
def test_record_says_why_it_was_relayed(sample, cell):
	reasons = sample[cell]["path_reason"].split(",")
	for side, kind, stun in zip(cells.SIDES, cell[:2], cell.stun):
		assert kinds.heard_at(kind, stun) or any(reason.startswith(f"{side}-") for reason in reasons), reasons


@parametrized([cell for cell in SAMPLE if stun_is_to_be_seen(cell)])
def test_direct_once_its_stun_was_seen(sample, town, cell):
	assert_heard(sample[cell], "relayed")
	assert_heard(town.call(cell), "direct")


# -- by the kernel: the lab's links are virtual pairs, so its relay takes TC. ./dev matrix --way has the other ways, ./dev soak offload all

@pytest.fixture(scope="session")
def counted(lab, calls):
	some = matrix.COUNTED[:4]
	lab.by = "kernel"
	rows = dict(zip(some, calls(some)))
	lab.by = None
	return rows


@parametrized(matrix.COUNTED[:4])
def test_counted_alike_by_agents_and_relay(lab, counted, cell):
	"""Heard, and while the kernel forwards it the agents' machines and the relay count the same packets."""
	assert_heard(counted[cell], "relayed")
	assert counted[cell]["counted"] >= 120
	assert lab.ours.way().startswith("by the kernel (tc), proven with ")


# -- the firewall that knows the server only, with the policy that is for it (C3)

WALLED = [cells.Cell(*pair, stun) for kind in kinds.PLAIN for pair, stun in ((("fwsrv", kind), ON), ((kind, "fwsrv"), OFF))]


@pytest.fixture(scope="session")
def always(lab, calls):
	"""Every walled agent's account says `always`; the others say nothing."""
	def policy(walled, others):
		for numbers, value in ((walled, "always"), (others, "group")):
			for number in numbers:
				lab.ours.ctl("account", "set", number, "--media", value)
	callers, callees = ([line[side] for line in LINES[:3]] for side in (0, 1))
	yield {
		"caller": Rows(calls, [c for c in WALLED if c.caller == "fwsrv"], lambda: policy(callers, callees)),
		"callee": Rows(calls, [c for c in WALLED if c.caller != "fwsrv"], lambda: policy(callees, callers)),
	}
	policy((), callers + callees)


@parametrized(list(dict.fromkeys(WALLED)))
def test_always_reaches_through_the_high_security_firewall(always, cell):
	assert_heard(always["caller" if cell.caller == "fwsrv" else "callee"][cell], "relayed")


# -- media from another public address than SIP: learnt from the stream alone, where nothing that was signalled fits (F2)

SPLIT = [cells.Cell(*row) for row in (("split", "public", OFF), ("public", "split", OFF), ("split", "sym", OFF),
	("split", "split", OFF), ("port", "split", ON))]


@pytest.fixture(scope="session")
def split(calls):
	return Rows(calls, SPLIT)


@parametrized(SPLIT)
def test_media_from_another_address_than_sip(split, cell):
	assert_heard(split[cell], "relayed")
