# SPDX-License-Identifier: GPL-2.0-or-later
"""A Debian tree that runs under a systemd of its own, in the network namespace of who starts it.

	with Machine(installed, tree) as machine:
		machine.run("systemctl", "start", "aeta-relay")

Its files are those of the folders, of which the first one wins; what it writes goes with it. It has a process, mount, IPC, host name and cgroup namespace, and cgroups below our own; nothing is left when it has ended.
"""
import contextlib
import os
import pathlib
import signal
import subprocess
import tempfile
import time

from children import die_with_parent

HERE = pathlib.Path(__file__).resolve().parent
BOOT_S = STOP_S = 90
POWER_OFF = signal.SIGRTMIN + 4  # systemd(1)


def until(condition, seconds=30, what="it"):
	"""The first true value of condition()."""
	end = time.monotonic() + seconds
	while not (value := condition()):
		assert time.monotonic() < end, f"{what} did not come in {seconds} s"
		time.sleep(0.02)
	return value


class Cgroup:
	"""One of ours in the unified hierarchy, which many machines have beside the old ones, or, where it is nowhere, mounted for us."""

	def __init__(self):
		places = [line.split()[1] for line in pathlib.Path("/proc/mounts").read_text().splitlines() if line.split()[2] == "cgroup2"]
		self.mounted = None if places else tempfile.mkdtemp(prefix="aeta-cgroup-")
		if self.mounted:
			subprocess.run(["mount", "-t", "cgroup2", "cgroup2", self.mounted], check=True)
		self.path = pathlib.Path((places or [self.mounted])[0], f"aeta-machine-{os.getpid()}")
		self.path.mkdir()

	def enter(self):
		(self.path / "cgroup.procs").write_text("0")

	def remove(self):
		"""With all below it; whoever is in it has ended."""
		for folder, _, _ in os.walk(self.path, topdown=False):
			until(lambda folder=folder: self.gone(folder), what=f"the end of {folder}")
		if self.mounted:
			subprocess.run(["umount", self.mounted], check=True)
			os.rmdir(self.mounted)

	@staticmethod
	def gone(folder):
		with contextlib.suppress(OSError):
			os.rmdir(folder)
		return not os.path.exists(folder)


class Machine:
	def __init__(self, *folders):
		self.folders, self.place = ":".join(map(str, folders)), tempfile.mkdtemp(prefix="aeta-machine-")
		self.cgroup, self.process, self.pid = None, None, None

	def __enter__(self):
		try:
			return self.start()
		except BaseException:
			self.stop()
			raise

	def __exit__(self, *_):
		self.stop()

	def start(self):
		self.cgroup = Cgroup()

		def prepare():
			die_with_parent()
			self.cgroup.enter()
		self.process = subprocess.Popen(["unshare", "--mount", "--pid", "--ipc", "--uts", "--cgroup", "--fork", "--kill-child", HERE / "boot", self.place, self.folders],
			preexec_fn=prepare, stdin=subprocess.DEVNULL)
		self.pid = until(self.child, what="process 1")
		until(self.is_up, BOOT_S, "systemd")
		return self

	def child(self):
		assert self.process.poll() is None, "it did not boot; its words are above"
		return pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().strip()

	def is_up(self):
		assert self.process.poll() is None, "systemd ended; its words are above"
		state = self.run("systemctl", "is-system-running", check=False)
		return state.stdout.strip() in ("running", "degraded")

	def run(self, *words, check=True, **more):
		"""A command in it, as its root. What it said is text, in .stdout."""
		done = subprocess.run(["nsenter", "-t", self.pid, "-m", "-u", "-i", "-p", "-C", "--", "env", "-i", "LANG=C.UTF-8", "HOME=/root",
			"PATH=/usr/sbin:/usr/bin:/sbin:/bin", *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
		assert not check or done.returncode == 0, f"{' '.join(map(str, words))}: {done.returncode}\n{done.stdout}"
		return done

	def said(self, *words):
		return self.run(*words).stdout.strip()

	def shows(self, unit, name):
		"""A property of a unit, by systemctl show."""
		return self.said("systemctl", "show", "--value", "-p", name, unit)

	def outer_pid(self, unit):
		"""Of the unit's main process, here."""
		inner = self.shows(unit, "MainPID")
		for status in pathlib.Path("/proc").glob("[0-9]*/status"):
			with contextlib.suppress(OSError):
				ids = next(line.split()[1:] for line in status.read_text().splitlines() if line.startswith("NSpid:"))
				if ids[-1] == inner and os.readlink(status.parent / "ns/pid") == os.readlink(f"/proc/{self.pid}/ns/pid"):
					return int(ids[0])
		raise AssertionError(f"{unit} has no process")

	def stop(self):
		if self.process and self.process.poll() is None:
			if self.pid:
				os.kill(int(self.pid), POWER_OFF)
			with contextlib.suppress(subprocess.TimeoutExpired):
				self.process.wait(STOP_S if self.pid else 1)
			self.process.kill()  # and with it, its child
			self.process.wait()
		if self.cgroup:
			self.cgroup.remove()
			self.cgroup = None
		os.rmdir(self.place)
