# SPDX-License-Identifier: GPL-2.0-or-later
"""Agents are asked again what they are behind, in the midst of a call: nothing is heard of it. (By itself the service never asks then.)"""
import time

import pytest
from natlab import residents
from natlab.cells import Cell
from tones import CALLEE_HZ, CALLER_HZ

OFF, ON = (False, False), (True, True)
CELLS = [Cell(*row) for row in (("public", "fwstate", OFF), ("leaky", "sym", ON))]
TIMES, ASKED_S = 2, 20
LOST = 5  # packets that were on their way when it was counted


@pytest.fixture(scope="module")
def town(asking_lab):
	with asking_lab.residents(CELLS):
		yield asking_lab.towns[0]


def asked_at(service, number):
	return [row["probed_at"] for row in service.rpc("aeta.nat", number)["addresses"]]


def moved(host):
	count = host.counters()
	return count["to_server"] + count["to_others"], count["from_server"] + count["from_others"]


def ask_both(service, numbers):
	"""Both are asked, and have answered, which takes half a second. It is seen by the second in which it was, so another one has to begin."""
	before = {number: asked_at(service, number) for number in numbers}
	begin = int(time.time())
	while int(time.time()) == begin:
		time.sleep(0.05)
	for number in numbers:
		service.rpc("aeta.nat_probe", number, "in-call")
	end = time.monotonic() + ASKED_S
	while any(asked_at(service, number) == before[number] for number in numbers):
		assert time.monotonic() < end, "they were not asked"
		time.sleep(0.1)


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_asking_again_is_not_heard(town, cell):
	names = residents.names(cell)
	hosts, numbers = [town.hosts[name] for name in names], [town.numbers[name] for name in names]
	heard, counts = [], []

	def during(ears):
		begins = [len(ear.look().heard) for ear in ears]
		counts.append([moved(host) for host in hosts])
		for _ in range(TIMES):
			ask_both(town.service, numbers)
		counts.append([moved(host) for host in hosts])
		heard.extend(ear.look().heard[begin:] for ear, begin in zip(ears, begins))

	row = town.call(cell, during=during)
	assert row["heard"], row
	for tones, hz in zip(heard, (CALLEE_HZ[0], CALLER_HZ)):
		assert len(tones) > 10 and set(tones) == {hz}
	(caller, callee), (caller_after, callee_after) = counts
	for sender, receiver in (((caller, caller_after), (callee, callee_after)), ((callee, callee_after), (caller, caller_after))):
		sent, came = sender[1][0] - sender[0][0], receiver[1][1] - receiver[0][1]
		assert sent > 40 and abs(sent - came) <= LOST
