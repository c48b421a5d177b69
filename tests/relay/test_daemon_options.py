# SPDX-License-Identifier: GPL-2.0-or-later
"""Options: the table, the file, what is refused and with which words."""
import os
import pathlib
import signal
import subprocess

import pytest
from ng import Ng
from relay import ROOT, program, wait_until

AT = "--interface=127.0.0.1"


def run(*options):
	return subprocess.run([program(), *options], capture_output=True, text=True, timeout=30)


@pytest.mark.parametrize("options, words", [
	(["--bogus"], "there is no option --bogus; aeta-relay --help lists them"),
	(["--table=0", AT], "there is no option --table"),
	(["-Z"], "there is no option -Z"),
	(["stray"], "there is no option stray"),
	(["--no-port-min"], "there is no option --no-port-min"),
	(["--port-min"], "--port-min needs a value"),
	(["--port-min=99"], "a number from 1024 to 65534 is expected"),
	(["--port-min=55004x"], "a number from 1024"),
	(["--tos=256"], "a number from -1 to 255"),
	(["--plain=maybe"], "it is either yes or no"),
	(["--max-cpu=nan"], "a number from 0 to 100"),
	(["--recording-method=proc"], "one of pcap is expected"),
	(["--log-facility=mail"], "one of daemon|local0"),
	([], "no --interface: say at which address media may be relayed"),
	(["--interface=0.0.0.0"], "media need one address, not all of them"),
	(["--interface=localhost"], "an IP address is expected"),
	(["--interface=x/127.0.0.1!::1"], "an IP address of the same family"),
	(["--interface=127.0.0.1;a/127.0.0.1"], "this address was given before"),
	([AT, "--port-min=60000", "--port-max=59999"], "--port-max=59999 must be above --port-min=60000"),
	([AT, "--listen-ng=::1:2223"], "an IPv6 address in [ ]"),
	([AT, "--listen-ng=none"], "nobody could control this relay"),
	([AT, "--listen-ng=0.0.0.0:2223"], "say who may: --ng-allow=ADDRESS[/LENGTH]"),
	([AT, "--listen-ng=10.9.0.1:2223"], "whoever reaches it controls all calls"),
	([AT, "--listen-tcp-ng=[::]:2223"], "whoever reaches it controls all calls"),
	([AT, "--listen-http=10.9.0.1:2325"], "whoever reaches it controls all calls"),
	([AT, "--ng-allow=10.9.0.1/8"], "with no bit set behind the length"),
	([AT, "--ng-allow=10.0.0.0/33"], "ADDRESS[/LENGTH] is expected"),
	([AT, "--foreground", "--notify=http://127.0.0.1"], "unix:PATH or udp:ADDRESS:PORT"),
	([AT, "--foreground", "--user=nosuchuser"], "there is no such user"),
	([AT, "--foreground", "--user=nobody:nosuchgroup"], "there is no such group"),
	([AT, "--foreground", "--listen-ng=192.0.2.9:2223", "--ng-allow=192.0.2.0/24"], "this machine does not have that address"),
	([AT, "--foreground", "--recording-dir=/nonexistent/folder"], "--recording-dir=/nonexistent/folder: No such file"),
	([AT, "--foreground", "--user=nobody", "--recording-dir=/root"], "may not write there"),
	([AT, "--foreground", "--pidfile=/nonexistent/pid"], "--pidfile=/nonexistent/pid: No such file"),
	(["--config-file=/nonexistent/file"], "the configuration file /nonexistent/file cannot be read: No such file"),
])
def test_what_is_wrong_is_said(network, options, words):
	if not any(option.startswith("--config-file") for option in options):
		options = ["--config-file=none", *options]
	done = run(*options)
	assert done.returncode == 1
	assert done.stderr.startswith("aeta-relay: ") or "WARNING" in done.stderr or "INFO" in done.stderr
	assert words in done.stderr


def test_a_port_in_use_is_named(network, start):
	start()
	done = run("--config-file=none", "--foreground", AT, "--listen-ng=2323")
	assert done.returncode == 1
	assert "--listen-ng=127.0.0.1:2323: Address already in use: another program is there" in done.stderr


def test_words_for_people():
	helped, version = run("--help"), run("--version")
	assert helped.returncode == version.returncode == 0
	assert "--interface=[NAME/]ADDRESS[!ADVERTISED]" in helped.stdout and "-m, --port-min=NUMBER   [55004 port]" in helped.stdout
	assert version.stdout.split()[0] == "aeta-relay"
	assert (ROOT / "relay" / "OPTIONS.md").read_text() == run("--reference").stdout, "aeta-relay --reference >relay/OPTIONS.md"


@pytest.mark.parametrize("text, words", [
	("[other]\ntimeout = 5\n", "has no section [aeta-relay]|has no section [rtpengine]"),
	("[aeta-relay]\ninterface\n", ", line 2: `name = value` is expected"),
	("[aeta-relay\n", ", line 1: a section is written [name]"),
	("[aeta-relay]\n\nkernel = yes\n", ", line 3: there is no option `kernel` here"),
	("[aeta-relay]\nconfig-file = x\n", "there is no option `config-file` here"),
	("[aeta-relay]\ntimeout = soon\n", ", line 2: timeout = soon: a number from 1"),
	("[aeta-relay]\n" + "interface = " + "x" * 5000 + "\n", "the line is too long"),
])
def test_a_wrong_file_is_refused(tmp_path, text, words):
	path = tmp_path / "relay.conf"
	path.write_text(text)
	done = run(f"--config-file={path}")
	assert done.returncode == 1 and any(word in done.stderr for word in words.split("|")), done.stderr


def test_the_file_and_the_command_line(start, tmp_path):
	"""rtpengine's section does where ours is missing; a list in the file replaces the default, one on the command line that of the file."""
	path = tmp_path / "relay.conf"
	path.write_text("# a comment\n; another\n[other]\ninterface = 192.0.2.1\n[rtpengine]\ninterface = 127.0.0.1\n"
		"interface = six/::1\nlisten-ng = 127.0.0.1:2230\nlisten-ng = 127.0.0.1:2231\nport-min = 40000\nport-max = 40099\n"
		"log-stderr = true\nforeground = true\nuser = nobody\ntimeout = 7\nlisten-http = 127.0.0.1:2325\n")
	relay = start(f"--config-file={path}", "--port-max=40019", "--listen-ng=127.0.0.1:2323", "--interface=127.0.0.1", usual=False)
	assert relay.ng.ping()
	assert relay.metrics()["ports_free"] == 20
	path.write_text(path.read_text() + "[aeta-relay]\ninterface = 127.0.0.1;six/::1\nport-min = 40000\nport-max = 40009\nlog-stderr=yes\n"
		"foreground = yes\nuser = nobody\n")
	relay.stop()
	relay = start(f"--config-file={path}", "--listen-http=127.0.0.1:2325", usual=False)
	assert relay.metrics()["ports_free"] == 20, "two addresses with ten ports each"
	relay.stop()
	relay = start(f"--config-file={path}", "--config-section=rtpengine", usual=False)
	assert relay.metrics()["ports_free"] == 200


def test_background(network, open_folder):
	"""The command returns when requests are answered, and fails where that will not be. Files named from where it was started are
	found again later."""
	pidfile, log = open_folder / "pid", open_folder / "log"
	(open_folder / "conf").write_text("[aeta-relay]\ninterface = 127.0.0.1\nlisten-ng = 127.0.0.1:2340\nuser = nobody\nlog-stderr = yes\n")
	options = ("--config-file=conf", f"--pidfile={pidfile}")
	with open(log, "wb") as to:
		assert subprocess.run([program(), *options], cwd=open_folder, stdin=subprocess.DEVNULL, stdout=to, stderr=to, timeout=30).returncode == 0
	pid = int(pidfile.read_text())
	try:
		with Ng(("127.0.0.1", 2340), tries=1) as ng:
			assert ng.ping()
		second = subprocess.run([program(), *options[:1]], cwd=open_folder, capture_output=True, timeout=30)
		assert second.returncode == 1, "it finds the port in use"
		os.kill(pid, signal.SIGHUP)
		wait_until(lambda: "the configuration was read again" in log.read_text(), 10, log.read_text())
	finally:
		os.kill(pid, signal.SIGTERM)
	wait_until(lambda: not pathlib.Path(f"/proc/{pid}").exists(), 10, "its end")


def test_questions_to_a_running_relay(relay, call):
	one = call(relay.ng)

	def ask(*words):
		done = run(*words)
		return done.returncode, done.stdout
	assert ask("ping") == (0, '{"result":"pong"}\n')
	assert one.id in ask("list", "--ng", "127.0.0.1:2223")[1]
	code, text = ask("show", one.id, "--ng=127.0.0.1:2223")
	assert code == 0 and '"totals"' in text
	assert ask("show", "no-such-call")[0] == 1
	assert ask("show")[0] == 2 and ask("ping", "--what")[0] == 2
	assert '"currentstatistics"' in ask("statistics")[1]
	one.delete()
