# SPDX-License-Identifier: GPL-2.0-or-later
"""Relayed calls by which nothing passes any more (B11), with the timers shortened. One must end; those beside it, which are as
old, must not: one with media from one side alone, one that is held, one whose relay was restarted and told of it again."""
import time

import pytest
from agent import between
from phone import converse
from steps import SILENT_S, reinvite, talk


@pytest.fixture(scope="module", autouse=True)
def short_timers(service):
	service.restart(SITE_ALIVE_INTERVAL_S="1")
	yield
	service.restart(SITE_ALIVE_INTERVAL_S=None)


def test_silent(service, phone, nominal):
	calls = {}
	for name, (a, b) in {"silent": ("45675001", "45675002"), "one-way": ("45995002", "45995005"), "held": ("10005001", "10005999"),
			"held-again": ("46105001", "46105002")}.items():
		one, other = phone(a, "always").registered(), phone(b).registered()
		calls[name] = (one, other, *talk(one, other))
		assert converse(one, other)
	quiet_at = time.time()
	for name in ("held", "held-again"):
		reinvite(*calls[name][2:], "a=sendonly", "a=recvonly")

	silent, speaker = calls["silent"], calls["one-way"][0]
	byes = []
	end = time.monotonic() + 60
	while len(byes) < 2 and time.monotonic() < end:
		speaker.send()
		time.sleep(0.05)
		byes = [m for agent in silent[:2] for m in agent.link.requests("BYE")]
	assert len(byes) == 2, "the silent call is not ended"
	for agent in silent[:2]:
		agent.link.reply(agent.link.requests("BYE")[0], 200, "OK")
	record = service.record(silent[2].call_id)
	assert record["last_alive"] is not None and record["end"] == record["last_alive"]
	assert quiet_at - 2 <= record["end"] <= quiet_at + 2.5, record
	assert time.time() - quiet_at < SILENT_S + 10

	for name in ("one-way", "held", "held-again"):
		one, other, mine, theirs = calls[name]
		assert one.link.requests("BYE") == [] and other.link.requests("BYE") == [], name
		reinvite(theirs, mine)
		assert converse(one, other)
		assert between(mine, theirs, "BYE").status == 200
		assert service.record(mine.call_id)["last_alive"] is None


def test_relay_that_forgot(service, phone, nominal):
	"""A relay that was restarted knows no call. One that says something gets it back, one that is held may do so at any time; the
	third is ended."""
	lost = phone("45675001", "always").registered(), phone("45675002").registered()
	again = phone("45995002", "always").registered(), phone("45995005").registered()
	held = phone("10005001", "always").registered(), phone("10005999").registered()
	lost_sides, again_sides, held_sides = talk(*lost), talk(*again), talk(*held)
	reinvite(*held_sides, "a=sendonly", "a=recvonly")
	nominal.kill()
	nominal.start()
	reinvite(*again_sides)
	end = time.monotonic() + 60
	while not all(one.link.requests("BYE") for one in lost):
		assert time.monotonic() < end, "the call that the relay has lost is not ended"
		assert converse(*again)
		time.sleep(0.05)
	for one in lost:
		one.link.reply(one.link.requests("BYE")[0], 200, "OK")
	assert converse(*again)
	assert all(one.link.requests("BYE") == [] for one in again + held)
	reinvite(*held_sides)
	assert converse(*held)
	for sides in (again_sides, held_sides):
		assert between(*sides, "BYE").status == 200
	assert service.record(lost_sides[0].call_id)["last_alive"] is not None
