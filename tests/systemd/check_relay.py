# SPDX-License-Identifier: GPL-2.0-or-later
"""aeta-relay under its unit: calls in the kernel, restarts, crashes, hangs, reload, emptying."""
import contextlib
import os
import signal

import pytest
from ng import NgError
from relay import Call, Relay
from talk import count_heard, flows, spoken, take_xdp, talking

from machine import until

UNIT, CONFIG = "aeta-relay", "/etc/aeta-relay/aeta-relay.conf"


@pytest.fixture(autouse=True)
def settled(machine):
	"""It runs, whatever the test before did, and may be started as often as it likes."""
	yield
	machine.run("systemctl", "reset-failed", UNIT, check=False)
	machine.run("systemctl", "start", UNIT)


@contextlib.contextmanager
def call_that_goes_on(relay, pair, sudden=False):
	"""A call in the kernel. Nothing is lost of it, and its counters go on; after a sudden end with less than was sent."""
	call, talk = talking(relay, pair)
	try:
		Relay.saved(relay)
		yield call, talk
		spoken(talk, count_heard(talk))
		assert flows(relay) == 2
	finally:
		talk.end()
	talk.check()
	counted, sent = relay.ng.query(call.id)["totals"]["RTP"]["packets"], sum(map(len, talk.sent.values()))
	assert counted == sent or sudden and 0 < counted < sent
	call.delete(delete_delay=0)
	until(lambda: flows(relay) == 0, what="no flow")


def test_it_uses_what_it_was_given(machine):
	said = machine.journal("-u", UNIT)
	assert "the ports of a media address share a socket" in said and "with CAP_BPF and CAP_NET_ADMIN" in said
	assert "user space" not in said.split("is ready")[0], said


def test_a_restart_keeps_calls(machine, relay, pair):
	"""And of those in the kernel every packet."""
	with call_that_goes_on(relay, pair):
		for _ in range(3):
			before = machine.invocation(UNIT)
			machine.run("systemctl", "restart", UNIT)
			assert machine.invocation(UNIT) != before
			until(lambda: flows(relay) == 2, what="both streams taken over")


def test_by_xdp(machine, outside, relay, pair):
	"""The program that a network card's driver runs, with the rights of the unit. (Both ends of a virtual link need one.)"""
	outside.inside(take_xdp, "far")
	machine.run("bash", "-c", f"echo 'offload = xdp' >>{CONFIG}; systemctl restart {UNIT}")
	assert "prog/xdp" in machine.said("ip", "link", "show", "near")
	with call_that_goes_on(relay, pair):
		machine.run("systemctl", "restart", UNIT)
		until(lambda: flows(relay) == 2, what="both streams taken over")
	machine.run("bash", "-c", f"sed -i '/^offload/d' {CONFIG}; systemctl restart {UNIT}")
	assert "prog/xdp" not in machine.said("ip", "link", "show", "near")


def test_a_restart_keeps_calls_of_user_space(machine, relay, pair):
	"""Same ports; what is sent while none is there is lost, and nothing else."""
	call = Call(relay.ng, *pair)
	relay.ng.call("block DTMF", call.id)
	call.both_ways()
	machine.run("systemctl", "restart", UNIT)
	call.both_ways()
	assert flows(relay) == 0 and relay.ng.query(call.id)["totals"]["RTP"]["packets"] == 12
	call.delete(delete_delay=0)


def test_a_crash_keeps_calls(machine, relay, pair):
	with call_that_goes_on(relay, pair, sudden=True):
		before = machine.invocation(UNIT)
		os.kill(machine.outer_pid(UNIT), signal.SIGKILL)
		machine.comes_back(UNIT, before)
		until(lambda: flows(relay) == 2, what="both streams taken over")


def test_one_that_hangs_is_ended(machine, relay, pair):
	"""By the watchdog, after ten seconds; its calls go on."""
	with call_that_goes_on(relay, pair, sudden=True):
		before, pid = machine.invocation(UNIT), machine.outer_pid(UNIT)
		os.kill(pid, signal.SIGSTOP)
		machine.comes_back(UNIT, before)
		assert "Watchdog timeout" in machine.journal("-u", UNIT)
		until(lambda: flows(relay) == 2, what="both streams taken over")


def test_stopped_and_started(machine, relay, pair):
	"""RuntimeDirectoryPreserve: also where the one is hours after the other."""
	with call_that_goes_on(relay, pair) as (_, talk):
		machine.run("systemctl", "stop", UNIT)
		assert machine.shows(UNIT, "Result") == "success"
		spoken(talk, count_heard(talk))
		machine.run("systemctl", "start", UNIT)
		until(lambda: flows(relay) == 2, what="both streams taken over")


def test_reload(machine, relay, pair):
	machine.run("bash", "-c", f"echo 'max-sessions = 1' >>{CONFIG}")
	before = machine.shows(UNIT, "MainPID")
	machine.run("systemctl", "reload", UNIT)
	one = Call(relay.ng, *pair)
	until(lambda: refused(relay, pair), what="the limit")
	machine.run("sed", "-i", "/^max-sessions/d", CONFIG)
	machine.run("systemctl", "reload", UNIT)
	until(lambda: not refused(relay, pair), what="no limit")
	assert machine.shows(UNIT, "MainPID") == before
	one.delete(delete_delay=0)


def refused(relay, pair):
	try:
		relay.ng.offer("another", "caller", pair[0].sdp())
	except NgError:
		return True
	relay.ng.call("delete", "another", from_tag="caller", delete_delay=0)
	return False


def test_emptied(machine, relay, pair):
	"""SIGUSR1: no new call; it leaves with the last one, is not started again, and leaves nothing in the kernel."""
	call, talk = talking(relay, pair)
	try:
		machine.run("systemctl", "kill", "-s", "USR1", "--kill-who=main", UNIT)
		until(lambda: refused(relay, pair), what="the refusal of new calls")
		spoken(talk, count_heard(talk))
	finally:
		talk.end()
	call.delete(delete_delay=0)
	until(lambda: machine.shows(UNIT, "ActiveState") == "inactive", what="its end")
	assert machine.shows(UNIT, "Result") == "success"
	assert machine.said("find", "/sys/fs/bpf/aeta-relay", "-mindepth", "2") == ""
