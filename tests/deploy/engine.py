# SPDX-License-Identifier: GPL-2.0-or-later
"""A Docker engine for a test alone: its own data, its own socket, gone with the test; the machine's engine is not touched.

	Engine(folder).start()          # in the network namespace of whoever starts it: that is the "host" of its containers
	engine.docker("images")
	engine.compose("up", "--detach", AETA_ADDRESS="127.0.0.1")
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from children import die_with_parent  # noqa: E402

START_S = 60
BASE = "aeta-test-base"  # the base image, of Debian's packages: nothing is pulled


class Engine:
	def __init__(self, folder, project):
		self.folder, self.project, self.process = folder, project, None
		self.environment = {**os.environ, "DOCKER_HOST": f"unix://{folder}/sock", "BASE_IMAGE": BASE, "DOCKER_BUILDKIT": "0",
			"COMPOSE_PROJECT_NAME": project, "COMPOSE_DOCKER_CLI_BUILD": "0"}

	def start(self):
		self.log = (self.folder / "dockerd.log").open("ab")
		self.process = subprocess.Popen(["/usr/sbin/dockerd", "--data-root", self.folder / "data", "--exec-root", self.folder / "exec",
			"--pidfile", self.folder / "pid", "--host", self.environment["DOCKER_HOST"], "--iptables=false", "--ip6tables=false",
			"--bridge=none"], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, preexec_fn=die_with_parent, start_new_session=True)
		end = time.monotonic() + START_S
		while self.docker("info", check=False).returncode != 0:
			assert self.process.poll() is None and time.monotonic() < end, self.log_end()
			time.sleep(0.1)
		return self

	def stop(self):
		if not self.process:
			return
		self.process.terminate()
		try:
			self.process.wait(START_S)
		except subprocess.TimeoutExpired:
			os.killpg(self.process.pid, signal.SIGKILL)
			self.process.wait()
		self.process = None
		self.log.close()

	def remove(self):
		"""Stops it, with every container, and takes its data away."""
		if self.process:
			names = self.docker("ps", "--all", "--quiet", check=False).stdout.split()
			if names:
				self.docker("rm", "--force", "--volumes", *names, check=False)
		self.stop()
		for line in pathlib.Path("/proc/mounts").read_text().splitlines()[::-1]:
			if line.split()[1].startswith(f"{self.folder}/"):
				subprocess.run(["umount", "--lazy", line.split()[1]], check=False)
		shutil.rmtree(self.folder, ignore_errors=True)

	def log_end(self):
		return (self.folder / "dockerd.log").read_text(errors="replace")[-3000:]

	def _run(self, words, check, timeout, **environment):
		done = subprocess.run([str(word) for word in words], env={**self.environment, **environment}, cwd=ROOT, text=True,
			stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout)
		assert not check or done.returncode == 0, f"{' '.join(map(str, words))}: {done.stdout[-3000:]}\n{done.stderr[-3000:]}"
		return done

	def docker(self, *words, check=True, timeout=120, **environment):
		return self._run(["/usr/bin/docker", *words], check, timeout, **environment)

	def compose(self, *words, check=True, timeout=900, **environment):
		return self._run(["/usr/bin/docker-compose", "-f", ROOT / "docker/compose.yaml", *words], check, timeout, **environment)

	def import_base(self):
		"""The base image, made here: any image of Debian would do."""
		tree = self.folder / "tree"
		subprocess.run([ROOT / "dev.d/lib/debian-tree", "bookworm", tree], check=True, capture_output=True, timeout=600)
		with subprocess.Popen(["tar", "-C", tree, "-c", "."], stdout=subprocess.PIPE) as packed:
			subprocess.run(["/usr/bin/docker", "import", "-", BASE], stdin=packed.stdout, env=self.environment, check=True,
				capture_output=True, timeout=300)
		shutil.rmtree(tree)
