# SPDX-License-Identifier: GPL-2.0-or-later
"""./dev up, down, status: what a person meets at the front door."""
import os
import pathlib
import signal
import subprocess
import time

import pytest

from conftest import ROOT, UP_S

PARTS = {"mariadb", "coturn", "relay", "relay-fr", "kamailio", "testcodec", "web"}


def wait_until(condition, timeout, what):
	end = time.monotonic() + timeout
	while not condition():
		assert time.monotonic() < end, "waited %d s for %s in vain" % (timeout, what)
		time.sleep(0.1)


def read_until(process, words, timeout=UP_S):
	"""Reads a process's output up to a line with those words."""
	signal.signal(signal.SIGALRM, lambda *_: pytest.fail("no '%s' within %d s" % (words, timeout)))
	signal.alarm(timeout)
	try:
		lines = []
		for line in process.stdout:
			lines.append(line)
			if words in line:
				return "".join(lines)
		pytest.fail("ended without '%s':\n%s" % (words, "".join(lines)))
	finally:
		signal.alarm(0)


def finish(process, timeout=60):
	output, _ = process.communicate(timeout=timeout)
	return output


def test_status_says_up(service):
	status = service.status()
	assert status["healthy"] is True, status["parts"]
	assert {p["name"] for p in status["parts"]} == PARTS
	assert all(p["state"] == "up" and pathlib.Path("/proc/%d" % p["pid"]).exists() for p in status["parts"])


def test_second_up_leaves_it_alone(service):
	before = service.parts()
	run = service.up()
	assert "running already" in run.stdout
	assert {n: p["pid"] for n, p in service.parts().items()} == {n: p["pid"] for n, p in before.items()}


def test_port_in_use(service, tmp_path):
	"""Nothing that runs is taken over: the message names the port and its holder."""
	other = tmp_path / "state"
	run = subprocess.run([*service.argv("up", "--detach", "--no-build"), "--state", str(other)], capture_output=True, text=True)
	assert run.returncode == 1
	assert "5060/udp" in run.stderr and "kamailio (process" in run.stderr and "--address" in run.stderr
	service.wait_healthy()


def test_no_secret_on_a_command_line(service):
	secrets = set()
	for name in ("credentials", "passwords", "operator", "web-login"):
		secrets |= {line.split()[1] for line in (service.state / name).read_text().splitlines()}
	secrets.add((service.state / "auth-secret").read_text())
	for pid in service.processes():
		try:
			shown = pathlib.Path("/proc/%d/cmdline" % pid).read_text()
		except FileNotFoundError:
			continue
		assert not [s for s in secrets if s in shown], shown


def test_files_are_private(service):
	assert service.state.stat().st_mode & 0o777 == 0o700
	for name in ("credentials", "passwords", "site.cfg", "aetactl.conf", "mysql-admin.cnf", "auth-secret", "testcodec/accounts",
			"aeta-admin.conf", "operator", "web-login"):
		assert (service.state / name).stat().st_mode & 0o777 == 0o600, name


def test_listens_on_loopback_only(service):
	listing = subprocess.run(["ip", "netns", "exec", service.name, "ss", "-Hlntu"], capture_output=True, text=True, check=True)
	ports = {"5060", "5070", "3478", "8080"}
	for line in listing.stdout.splitlines():
		host, port = line.split()[4].rsplit(":", 1)
		if port in ports:
			assert host == "127.0.0.1", line


def test_address_of_the_machine_needs_public(place):
	subprocess.run(["ip", "-n", place.name, "addr", "add", "10.9.8.7/32", "dev", "lo"], check=True)
	assert "--public" in place.up("--address", "10.9.8.7", check=2).stderr


def test_foreign_address_is_told(place):
	assert "no address of this machine" in place.up("--public", "--address", "10.1.2.3", check=1).stderr


def test_unknown_site_value_is_told(place):
	assert "SITE_NOTHING" in place.up("--site", "SITE_NOTHING=1", check=2).stderr


def test_state_folder_with_a_long_name(place):
	run = subprocess.run([str(ROOT / "dev"), "up", "--no-build", "--state", "/tmp/" + "x" * 100], capture_output=True, text=True)
	assert run.returncode == 2 and "too long" in run.stderr


def test_two_services_side_by_side_and_down(service, place):
	"""Same ports, other namespace, other folder; what happens to one does not touch the other."""
	place.up()
	place.wait_healthy()
	service.wait_healthy()
	assert place.call("45675001", "15000")["caller_hears"] is True
	assert service.call("45675001", "15000")["caller_hears"] is True
	accounts = (place.state / "credentials").read_text()
	assert accounts != (service.state / "credentials").read_text()

	place.dev("down")
	assert place.processes() == []
	assert all(p["state"] == "down" for p in place.parts().values())
	service.wait_healthy()
	assert "nothing runs" in place.dev("down").stdout

	place.up()  # the same accounts as before
	assert (place.state / "credentials").read_text() == accounts
	assert place.call("45675001", "5002")["code"] == 200
	place.dev("down", "--purge")
	assert not place.state.exists()


def test_purge_refuses_a_stranger_folder(tmp_path):
	(tmp_path / "letter").write_text("mine")
	run = subprocess.run([str(ROOT / "dev"), "down", "--purge", "--state", str(tmp_path)], capture_output=True, text=True)
	assert run.returncode == 1 and (tmp_path / "letter").exists()


def test_foreground_and_ctrl_c(place):
	process = place.popen("up", "--no-build")
	text = read_until(process, "Ctrl-C stops it")
	assert "45675001" in text and "./dev call" in text
	process.send_signal(signal.SIGINT)
	finish(process)
	assert process.returncode == 0
	wait_until(lambda: place.processes() == [], 10, "the end of all processes")


def test_foreground_says_which_part_died(place):
	process = place.popen("up", "--no-build")
	read_until(process, "Ctrl-C stops it")
	os.kill(place.parts()["coturn"]["pid"], signal.SIGKILL)
	text = finish(process)
	assert process.returncode == 1
	assert "coturn ended" in text and "coturn.log" in text
	wait_until(lambda: place.processes() == [], 10, "the end of all processes")


def test_killed_supervisor_leaves_nothing_in_the_way(place):
	place.up()
	supervisor = int((place.state / "supervisor.pid").read_text())
	os.kill(supervisor, signal.SIGKILL)
	place.up()
	assert place.status()["healthy"] is True


def comes_back(service, name, before):
	def back():
		now = service.parts()[name]
		return now["state"] == "up" and now["pid"] != before
	wait_until(back, 60, "the return of " + name)


def test_test_codec_comes_back(service):
	before = service.parts()["testcodec"]["pid"]
	os.kill(before, signal.SIGKILL)
	comes_back(service, "testcodec", before)
	assert service.call("45675001", "15000")["caller_hears"] is True


def page(service, path, *options):
	"""Status and text of a page of the web admin."""
	done = subprocess.run(["ip", "netns", "exec", service.name, "curl", "-s", "-w", "\n%{http_code}", *options, "http://127.0.0.1:8080" + path],
		capture_output=True, text=True, timeout=30)
	text, _, status = done.stdout.rpartition("\n")
	return int(status), text


@pytest.mark.parametrize("name, door", [("operator", "/login"), ("web-login", "/siremis/user/login")])
def test_the_web_admin_lets_in_who_was_told(service, name, door):
	login, password = (service.state / name).read_text().split()
	assert f"{login} " in service.up().stdout and password in service.up().stdout
	form = ("-H", "Origin: http://127.0.0.1:8080", "--data-urlencode", f"login={login}", "--data-urlencode")
	assert page(service, door, *form, f"password={password}")[0] == 303
	assert page(service, door, *form, "password=another one")[0] == 403


def test_web_admin_comes_back(service):
	before = service.parts()["web"]["pid"]
	os.kill(before, signal.SIGKILL)
	comes_back(service, "web", before)
	assert page(service, "/health")[0] == 200


@pytest.mark.parametrize("name", ["relay", "relay-fr"])
def test_relay_comes_back(service, name):
	"""A relay ends: the service does not; a call at once goes through the other one, if need be."""
	before = service.parts()[name]["pid"]
	os.kill(before, signal.SIGKILL)
	result = service.call("45675001", "5002", "--media", "always")
	assert result["path"] == "relayed" and result["caller_hears"] is True and result["callee_hears"] is True
	comes_back(service, name, before)
	assert service.call("45675001", "5002", "--media", "always")["caller_hears"] is True
	service.wait_healthy()


def test_failed_start_says_why(place):
	"""A port that is taken by a program which is none of ours, while nothing of ours runs."""
	holder = subprocess.Popen(["ip", "netns", "exec", place.name, "/usr/bin/python3", "-c",
		"import socket,sys;s=socket.socket(type=socket.SOCK_DGRAM);s.bind(('127.0.0.1',5070));print('on',flush=True);sys.stdin.read()"],
		stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
	holder.stdout.readline()
	run = place.up(check=1)
	assert "5070/udp" in run.stderr and "python3 (process %d)" % holder.pid in run.stderr
	holder.communicate("")


@pytest.mark.parametrize("verb", sorted(p.name for p in (ROOT / "dev.d").iterdir() if p.is_file() and not p.suffix))
def test_every_verb_has_help(verb):
	run = subprocess.run([str(ROOT / "dev"), verb, "--help"], capture_output=True, text=True)
	assert run.returncode == 0 and run.stdout.startswith("Usage: ./dev " + verb)
	assert "  " + verb in subprocess.run([str(ROOT / "dev"), "help"], capture_output=True, text=True).stdout


def test_unknown_verb():
	run = subprocess.run([str(ROOT / "dev"), "fly"], capture_output=True, text=True)
	assert run.returncode == 2 and "fly" in run.stderr


def test_status_without_a_service(place):
	status = place.status()
	assert status["healthy"] is False and {p["state"] for p in status["parts"]} == {"down"}
	assert place.dev("call", "45675001", "5002", check=1).stderr.count("./dev up") == 1
