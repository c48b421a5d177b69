# SPDX-License-Identifier: GPL-2.0-or-later
"""Kamailio under aeta-sip.service."""
import os
import pathlib
import signal

from conftest import upgrade
from machine import until

UNIT = "aeta-sip"


def test_a_restart_keeps_registrations_and_calls(machine, agents):
	caller, callee = [agent.registered() for agent in agents]
	mine, theirs = caller.talk(callee, "5002")
	machine.run("systemctl", "restart", UNIT)
	caller.deliver(callee)
	assert "45675002" in machine.ctl("calls", "list")
	theirs.link.auto["BYE"] = lambda m: theirs.link.reply(m, 200, "OK")
	assert mine.request("BYE").status == 200
	until(lambda: "45675002" not in machine.ctl("calls", "list"), what="the call's end")


def test_an_upgrade(machine, agents, anna):
	"""To the very version that runs: nobody is logged out, no number is lost."""
	caller, callee = [agent.registered() for agent in agents]
	machine.run("bash", "-c", upgrade())
	caller.deliver(callee)
	assert anna.get("/accounts").status == 200


def test_a_crash_of_any_of_its_processes(machine, agents):
	"""Kamailio ends with the first that does, and systemd starts it again."""
	caller, callee = [agent.registered() for agent in agents]
	before, main = machine.invocation(UNIT), machine.outer_pid(UNIT)
	child = pathlib.Path(f"/proc/{main}/task/{main}/children").read_text().split()[0]
	os.kill(int(child), signal.SIGSEGV)
	machine.comes_back(UNIT, before)
	caller.deliver(callee)


def test_a_group_member_without_rights_may_use_aetactl(machine):
	"""Who is in the group kamailio and can read a configuration comes to its sockets, and its answers to them."""
	machine.run("bash", "-c", "useradd --no-create-home --groups kamailio carl; install -m 600 -o carl /etc/aeta/aetactl.conf /tmp/carl.conf")
	said = machine.said("setpriv", "--reuid=carl", "--regid=carl", "--init-groups", "aetactl", "--config", "/tmp/carl.conf", "bans", "list")
	assert "cannot" not in said and "no answer" not in said, said


def test_a_database_that_comes_late(machine, agents):
	"""It does not start without, and is tried for longer than systemd's usual five times."""
	machine.run("systemctl", "stop", UNIT, "mariadb")
	machine.run("systemctl", "start", "--no-block", UNIT)
	until(lambda: int(machine.shows(UNIT, "NRestarts")) > 6, what="seven tries")
	machine.run("systemctl", "start", "mariadb")
	until(lambda: machine.is_active(UNIT), what=UNIT)
	caller, callee = [agent.registered() for agent in agents]
	caller.deliver(callee)
