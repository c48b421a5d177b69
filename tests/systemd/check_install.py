# SPDX-License-Identifier: GPL-2.0-or-later
"""What INSTALL.md leads to: units that systemd finds no fault with, users, who may read what, and who may do what."""
import pathlib
import re

import pytest

from conftest import UNITS

CAP_NET_ADMIN, CAP_BPF = 12, 39


def test_everything_runs(machine):
	failed = machine.said("systemctl", "--failed", "--plain", "--no-legend")
	assert not [line for line in failed.splitlines() if line.split()[0].startswith(("aeta-", "mariadb", "coturn", "kamailio"))], failed
	for unit in UNITS:
		assert machine.shows(unit, "ActiveState") == "active" and machine.shows(unit, "UnitFileState") == "enabled", unit
		assert machine.shows(unit, "NeedDaemonReload") == "no"
	assert machine.run("systemctl", "is-active", "kamailio.service", check=False).stdout.strip() == "inactive"


def test_systemd_finds_no_fault(machine):
	done = machine.run("systemd-analyze", "verify", "--man=no", *UNITS)
	assert done.stdout == ""


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.endswith(".service")])
def test_how_much_is_left_to_it(machine, unit):
	"""systemd's own measure: 0 is nothing, 10 everything."""
	said = machine.run("systemd-analyze", "security", "--no-pager", unit).stdout
	assert float(re.search(r"Overall exposure level for \S+: (\S+)", said)[1]) < 2, said


@pytest.mark.parametrize("unit,user,capabilities", [("aeta-sip", "kamailio", 0), ("aeta-admin", "aeta-admin", 0),
	("aeta-relay", "aeta-relay", 1 << CAP_BPF | 1 << CAP_NET_ADMIN)])
def test_what_it_may(machine, unit, user, capabilities):
	status = pathlib.Path(f"/proc/{machine.outer_pid(unit)}/status").read_text()
	found = dict(line.split(":\t", 1) for line in status.splitlines())
	assert set(found["Uid"].split()) == {machine.said("id", "-u", user)}
	assert int(found["CapEff"], 16) == int(found["CapPrm"], 16) == capabilities
	assert found["NoNewPrivs"] == "1" and found["Seccomp"] == "2"
	assert re.search(r"^Max core file size +0 ", pathlib.Path(f"/proc/{machine.outer_pid(unit)}/limits").read_text(), re.M)


@pytest.mark.parametrize("path,mode", [("/etc/aeta/passwords", "600 root root"), ("/etc/aeta/aetactl.conf", "600 root root"),
	("/etc/aeta/site.cfg", "640 root kamailio"), ("/etc/aeta/aeta-admin.conf", "640 root aeta-admin"),
	("/etc/aeta-relay/aeta-relay.conf", "640 root aeta-relay"), ("/run/aeta", "1730 kamailio kamailio"),
	("/run/aeta/kamailio_rpc.sock", "660 kamailio kamailio"), ("/run/aeta-admin", "711 aeta-admin aeta-admin"),
	("/run/aeta-relay/calls", "700 aeta-relay aeta-relay"), ("/sys/fs/bpf/aeta-relay", "700 aeta-relay aeta-relay")])
def test_whose_it_is(machine, path, mode):
	assert machine.said("stat", "-c", "%a %U %G", path) == mode


def test_what_can_be_reached_from_outside(machine):
	"""What the page has a firewall open, and one socket of the relay's, by which all media ports come to it."""
	found = set()
	for line in machine.said("ss", "-lntuH").splitlines():
		kind, _, _, _, local = line.split()[:5]
		host, port = local.rsplit(":", 1)
		if not host.startswith("127."):
			assert host == machine.address, line
			found.add((kind, int(port)))
	usual = {("udp", 3478), ("tcp", 3478)} | {(kind, port) for kind in ("udp", "tcp") for port in (5060, 5070)} | {("udp", 5072), ("udp", 5073)}
	assert found >= usual and {kind for kind, _ in found - usual} == {"udp"} and len(found - usual) == 1, found


def test_stun_answers(machine, outside):
	"""coturn, by the lines of the same page."""
	from relay import Party
	party = outside.inside(Party, "192.0.2.66")
	party.socket.sendto(bytes.fromhex("00010000" "2112a442") + b"twelve bytes", (machine.address, 3478))
	assert party.socket.recv(2048)[:2] == b"\x01\x01"
	party.close()
