# SPDX-License-Identifier: GPL-2.0-or-later
"""Putting the module into the stock configuration and taking it out again: the edit, the tables, the switches."""
import pathlib
import shutil
import subprocess

import pytest
import sipp
from db import Server
from stock import OURS, STOCK, UNIVERSE, Stock

SWITCHES = ["WITH_NAT", "WITH_IPAUTH", "WITH_ANTIFLOOD", "WITH_ALIASDB", "WITH_SPEEDDIAL", "WITH_MULTIDOMAIN", "WITH_PSTN",
	"WITH_VOICEMAIL", "WITH_BLOCK3XX", "WITH_BLOCK401407", "WITH_ACCDB"]


def apply(*arguments):
	return subprocess.run([OURS / "apply", *arguments], capture_output=True, text=True)


@pytest.fixture
def copy(tmp_path):
	return pathlib.Path(shutil.copy(STOCK, tmp_path))


def test_edit_and_undo(copy):
	"""Four lines more, nothing else; out again, the file is the package's, byte for byte."""
	before = STOCK.read_text()
	assert apply(copy).returncode == 0
	after = copy.read_text()
	assert [line for line in after.splitlines() if not line.endswith("# aeta")] == before.splitlines()
	assert len(after.splitlines()) == len(before.splitlines()) + 4
	assert apply(copy).returncode == 1, "it is in already"
	assert apply("--remove", copy).returncode == 0
	assert copy.read_bytes() == STOCK.read_bytes()


@pytest.mark.parametrize("line", ["####### Routing Logic ########", "\tif (!has_totag()) return;",
	"\t# dispatch requests to foreign domains", '\t\t\t\tsend_reply("404", "Not Found");'])
@pytest.mark.parametrize("times", [0, 2])
def test_other_file_is_left_alone(copy, line, times):
	"""A place that is missing, or there twice: the script says which, and changes nothing."""
	copy.write_text(copy.read_text().replace(f"\n{line}\n", f"\n{line}" * times + "\n"))
	before = copy.read_bytes()
	done = apply(copy)
	assert done.returncode == 1 and line in done.stderr
	assert copy.read_bytes() == before


def test_tables_are_those_of_the_service(tmp_path):
	"""aeta-create.sql has columns that sql/ has, too: same name, type and default."""
	question = """SELECT table_name, column_name, column_type, is_nullable, column_default FROM information_schema.columns
		WHERE table_schema = '{}' AND table_name IN ('aeta_group', 'aeta_exception')"""
	with Server(tmp_path / "db") as server:
		server.install()
		server.sql("CREATE DATABASE kamailio")
		server.sql((OURS / "aeta-create.sql").read_text(), database="kamailio")
		ours, theirs = ({tuple(row) for row in server.sql(question.format(name))} for name in ("kamailio", "aeta"))
	assert ours and ours <= theirs
	assert {row[1] for row in theirs - ours} == {"customer_id", "name", "self_management", "call_log", "last_seq", "created_at", "media", "version"}


@pytest.fixture
def configured(tmp_path):
	"""A stock configuration with the module in it that nobody started."""
	stock = Stock(tmp_path, "127.0.0.4")
	stock.configure()
	return stock


def check(stock, *switches, without=()):
	"""`kamailio -c` with more switches, or fewer, in kamailio-local.cfg: its exit status and what it says."""
	local = stock.folder / "kamailio-local.cfg"
	lines = [line for line in local.read_text().splitlines() if line.removeprefix("#!define ") not in without]
	local.write_text("\n".join([*(f"#!define {name}" for name in switches), *lines, ""]))
	done = subprocess.run(["kamailio", "-c", "-f", stock.file, "-Y", stock.folder, "-E"], capture_output=True, text=True)
	return done.returncode, done.stderr


@pytest.mark.parametrize("switch", [*SWITCHES, "WITH_AETA_STATES", "WITH_AETA_MEDIA"])
def test_with_other_switches(configured, switch):
	status, words = check(configured, switch)
	assert status == 0 and "ERROR" not in words, words


def test_no_policy_without_passwords(configured):
	status, words = check(configured, without=["WITH_AUTH"])
	assert status != 0 and "define_WITH_AUTH_in_kamailio_local_cfg" in words, words


def test_taken_out_again(variants, tmp_path, folder):
	"""The stock configuration is back: a call that the policy refused is now the stock's to answer, and tables are gone."""
	variants("plain")  # its network namespace
	stock = Stock(tmp_path, "127.0.0.3", states=True)
	try:
		stock.start()
		stock.load(UNIVERSE)
		assert sipp.call(stock, folder, "45995005", "46105002").rule == "incoming-blocked"
		stock.stop_kamailio()
		assert apply("--remove", stock.file).returncode == 0
		(stock.folder / "aeta.cfg").unlink()
		stock.sql((OURS / "aeta-drop.sql").read_text())
		stock.sql((OURS / "aeta-states-drop.sql").read_text())
		stock.start_kamailio()
		outcome = sipp.call(stock, folder, "45995005", "46105002")
		assert (outcome.code, outcome.reason) == (404, "Not Found")
		assert stock.sql("SHOW TABLES LIKE 'aeta%'") == stock.sql("SHOW COLUMNS FROM subscriber LIKE 'aeta%'") == []
	finally:
		stock.stop()
