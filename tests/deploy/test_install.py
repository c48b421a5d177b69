# SPDX-License-Identifier: GPL-2.0-or-later
"""What `cmake --install` writes is what INSTALL.md speaks of, and systemd understands its units. (./dev soak systemd runs them.)"""
import os
import pathlib
import re
import stat
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNITS = ["aeta-admin.service", "aeta-admin.socket", "aeta-relay.service", "aeta-sip.service"]


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
	"""Where no other is: a path of /usr that is left in a file would be seen."""
	folder = tmp_path_factory.mktemp("prefix")
	subprocess.run(["cmake", "--install", ROOT / "build/dev", "--prefix", folder], check=True, stdout=subprocess.DEVNULL,
		env={name: value for name, value in os.environ.items() if name != "DESTDIR"})
	return folder


def test_what_is_installed(prefix):
	found = {str(path.relative_to(prefix)) for path in prefix.rglob("*") if path.is_file()}
	for name in ("sbin/aeta-relay", "sbin/aeta-admin", "bin/aetactl", "share/aeta/sql/install.sh", "share/aeta/sql/demo.sh"):
		assert (prefix / name).stat().st_mode & stat.S_IXOTH, name
	sources = {f"share/aeta/{path.relative_to(ROOT)}" for pattern in ("kamailio-cfg/*.cfg", "kamailio-cfg/*.example", "sql/*.sql", "sql/*.sh")
		for path in ROOT.glob(pattern)}
	rest = {"lib/aeta/aeta.so", "share/man/man1/aetactl.1", "share/bash-completion/completions/aetactl", "share/zsh/vendor-completions/_aetactl",
		"lib/sysusers.d/aeta-admin.conf", "lib/sysusers.d/aeta-relay.conf", *(f"lib/systemd/system/{unit}" for unit in UNITS)}
	assert found == sources | rest | {"sbin/aeta-relay", "sbin/aeta-admin", "bin/aetactl"}


def test_units_are_what_systemd_understands(prefix):
	"""Every command they name is there, every word is one of systemd's."""
	done = subprocess.run(["systemd-analyze", "verify", "--man=no", *(prefix / "lib/systemd/system" / unit for unit in UNITS)],
		stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
	ours = [line for line in done.stdout.splitlines() if "aeta" in line]
	assert ours == [], done.stdout
	assert done.returncode == 0, done.stdout


def test_paths_are_those_of_the_prefix(prefix):
	"""In units and the example of a site file; what the machine has of its own stays where it is."""
	texts = [path.read_text() for path in (*(prefix / "lib/systemd/system").iterdir(), prefix / "share/aeta/kamailio-cfg/site.cfg.example")]
	assert not re.search(r"/usr/\w+/aeta", "".join(texts))
	named = {path for text in texts for path in re.findall(rf"{prefix}/[\w./-]+", text)}
	assert len(named) == 4 and all(pathlib.Path(path).is_file() for path in named), named


def test_modes_and_users_of_the_page():
	"""INSTALL.md creates no file that others can read with a secret in it, and no user that no unit has."""
	page = (ROOT / "INSTALL.md").read_text()
	owners = dict(re.findall(r"(\S+/\S+\.c\w+):([\w-]+)", re.search(r"for file in (.*); do", page)[1]))
	for unit, config in (("kamailio-cfg/aeta-sip", "aeta/site.cfg"), ("relay/aeta-relay", "aeta-relay/aeta-relay.conf"),
			("admin/web/aeta-admin", "aeta/aeta-admin.conf")):
		text = (ROOT / f"{unit}.service").read_text()
		assert f"/etc/{config}" in text and f"\nUser={owners[config]}\n" in text
	assert page.count("umask 077") == 2
