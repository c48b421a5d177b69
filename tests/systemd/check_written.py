# SPDX-License-Identifier: GPL-2.0-or-later
"""What is left behind, after all the other tests."""


def test_nothing_secret_is_written(machine, anna):
	"""In the journal, after all of the above, nor where everybody sees it."""
	anna.get("/operators")
	secrets = {**machine.secrets, "cookie": next(iter(anna.jar.values())), "token": anna.token}
	journal, processes = machine.journal(), machine.said("ps", "axeww")
	assert "aeta-admin" in journal and "aeta-relay" in journal and "kamailio" in journal
	for name, secret in secrets.items():
		assert len(secret) >= 10 and secret not in journal and secret not in processes, name


def test_it_comes_with_the_machine(machine):
	"""All that is enabled is part of what a boot starts, after what it needs."""
	wants = machine.said("systemctl", "list-dependencies", "--plain", "multi-user.target")
	for unit in ("aeta-sip.service", "aeta-relay.service", "aeta-admin.service"):
		assert unit in wants
		assert "network-online.target" in machine.shows(unit, "After")
	assert "aeta-admin.socket" in machine.said("systemctl", "list-dependencies", "--plain", "sockets.target")
