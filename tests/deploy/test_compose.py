# SPDX-License-Identifier: GPL-2.0-or-later
"""docker compose deploys the service: a call goes through it, its media through the relay, and it keeps what it has."""
import json
import socket
from types import SimpleNamespace

import pytest

from agents import Agent
from server import Visitor
from service import eventually
from tones import CALLEE_HZ, CALLER_HZ, Listener

CALLER, CALLEE = "45675001", "45675002"
HEAR_S = 15


@pytest.fixture(scope="session")
def accounts(deployed):
	made = deployed.accounts()
	deployed.aetactl("reload")
	return made


def hears(agent, tone):
	eventually(f"{agent.number} hears {tone} Hz", lambda: agent.recording() and Listener(agent.recording()).look().tone(tone), HEAR_S)


def call(accounts, folder, dialled="5002"):
	"""One call with tones; fails unless both hear each other."""
	with Agent(CALLER, accounts[CALLER], str(folder / "caller"), tone=CALLER_HZ) as caller, \
			Agent(CALLEE, accounts[CALLEE], str(folder / "callee"), tone=CALLEE_HZ[0], answer=True) as callee:
		caller.wait_registered()
		callee.wait_registered()
		caller.dial(dialled).wait_established()
		hears(caller, CALLEE_HZ[0])
		hears(callee, CALLER_HZ)


def test_direct_call(deployed, accounts, tmp_path):
	call(accounts, tmp_path)


def test_relayed_call(deployed, accounts, tmp_path):
	"""C3: the same with a policy that always wants the relay; the relay has counted its packets."""
	deployed.aetactl("account", "set", CALLEE, "--media", "always")
	try:
		call(accounts, tmp_path)
	finally:
		deployed.aetactl("account", "set", CALLEE, "--media", "group")
	logs = deployed.compose("logs", "relay").stdout
	assert "packets" in logs, logs


def test_aetactl_reads_and_explains(deployed, accounts):
	"""It reads the database and asks the running Kamailio: nobody is registered now."""
	answer = json.loads(deployed.aetactl("explain", CALLER, "5002", "--json").stdout)
	assert (answer["rule"], answer["final"]) == ("not-registered", CALLEE), answer


def test_web_admin_lets_in_the_first_operator(deployed, accounts):
	"""It reads the database and asks the running Kamailio, as a user of its own."""
	made = json.loads(deployed.aetactl("operator", "add", "anne", "--role", "admin", "--json").stdout)
	anne = Visitor(SimpleNamespace(port=8080))
	anne.login("anne", made["password"])
	assert CALLER in anne.get(f"/accounts?q={CALLER}").text
	dashboard = anne.get("/")
	assert dashboard.status == 200 and 'role="alert"' not in dashboard.text, dashboard
	user = deployed.compose("exec", "-T", "web", "sh", "-c", "stat -c %U /proc/1").stdout.strip()
	assert user == "aeta-admin"


def test_database_is_on_no_network(deployed):
	"""F5: the database is not to be had from outside."""
	with socket.socket() as probe:
		assert probe.connect_ex(("127.0.0.1", 3306)) != 0


def test_keeps_its_data(deployed, accounts, tmp_path):
	"""Down and up again: accounts, passwords and domains are as they were."""
	deployed.compose("down")
	deployed.up()
	assert deployed.accounts() == accounts
	call(accounts, tmp_path)


def test_refuses_to_start_without_an_address(deployed):
	done = deployed.engine.compose("config", check=False, AETA_ADDRESS="")
	assert done.returncode != 0 and "AETA_ADDRESS" in done.stderr
