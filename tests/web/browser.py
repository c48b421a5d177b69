# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's Chromium, driven by Playwright (npm's playwright-core, in build/test/browser) from Python.

	with Browser() as browser:
		page = browser.context(javascript=False).new_page()
		page.goto("http://127.0.0.1:8080/")
		page.get_by_label("Number").fill("45675001")

Every call is Playwright's of that name (new_page is newPage); options are keywords. A page also has `troubles()`: errors of its scripts
and of the console. Dialogs are accepted.
"""
import base64
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))
from children import die_with_parent  # noqa: E402

FOLDER = ROOT / "build/test/browser"
SECONDS = 10  # what a page may take to show what is waited for; a loaded machine is slow


class BrowserError(AssertionError):
	"""What Playwright said."""


def fetch():
	"""Playwright, of the version and with the digest that package-lock.json names; by one process at a time."""
	FOLDER.mkdir(parents=True, exist_ok=True)
	with open(FOLDER / "lock", "w") as lock:
		fcntl.flock(lock, fcntl.LOCK_EX)
		files = [HERE / name for name in ("package.json", "package-lock.json")]
		if all((FOLDER / f.name).exists() and (FOLDER / f.name).read_bytes() == f.read_bytes() for f in files) \
				and (FOLDER / "fetched").exists():
			return
		(FOLDER / "fetched").unlink(missing_ok=True)
		for file in files:
			shutil.copy(file, FOLDER)
		done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=FOLDER, capture_output=True, text=True,
			env=dict(os.environ, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD="1"))
		if done.returncode:
			raise RuntimeError(f"npm cannot fetch Playwright:\n{done.stdout}{done.stderr}")
		(FOLDER / "fetched").touch()


class Remote:
	"""An object of Playwright's."""

	def __init__(self, browser, number):
		self._browser, self._number = browser, number

	def __getattr__(self, name):
		if name.startswith("_"):
			raise AttributeError(name)
		call = re.sub(r"_([a-z])", lambda m: m[1].upper(), name)

		def perform(*args, **options):
			named = {re.sub(r"_([a-z])", lambda m: m[1].upper(), key): value for key, value in options.items()}
			return self._browser.ask(self._number, call, [*args, *([named] if named else [])])
		return perform

	def expecting(self, call, *args):
		"""with page.expecting("waitForEvent", "download") as got: click…; then got() is what came."""
		return Expected(self, call, args)


class Expected:
	"""What an act is to bring about, waited for from before the act."""

	def __init__(self, remote, call, args):
		self.remote, self.call, self.args, self.value = remote, call, args, None

	def __enter__(self):
		self.wait = self.remote.begin(self.call, *self.args)
		return self

	def __exit__(self, kind, *_):
		if kind is None:
			self.value = self.remote.ended(self.wait)

	def __call__(self):
		return self.value


class Browser:
	"""One Chromium; contexts are people with cookies of their own. It is where the caller is: in its network namespace."""

	def __init__(self, program=None):
		self.program = program or shutil.which("chromium")
		self.calls = 0

	def __enter__(self):
		fetch()
		options = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's own sandbox refuses root
		self.process = subprocess.Popen(["node", HERE / "browser.js", self.program, *options], stdin=subprocess.PIPE,
			stdout=subprocess.PIPE, text=True, encoding="utf-8", preexec_fn=die_with_parent,
			env=dict(os.environ, NODE_PATH=str(FOLDER / "node_modules")))
		if not self.process.stdout.readline():
			raise RuntimeError(f"the browser does not start (exit {self.process.wait()}); its words are above")
		self.remote = Remote(self, 0)
		return self

	def __exit__(self, *_):
		self.process.stdin.close()
		try:
			self.process.wait(20)
		except subprocess.TimeoutExpired:
			self.process.kill()
			self.process.wait()
		self.process.stdout.close()

	def ask(self, on, call, args):
		self.calls += 1
		self.process.stdin.write(json.dumps({"id": self.calls, "on": on, "call": call, "args": encoded(args)}) + "\n")
		self.process.stdin.flush()
		line = self.process.stdout.readline()
		assert line, "the browser is gone"
		answer = json.loads(line)
		assert answer["id"] == self.calls
		if "error" in answer:
			raise BrowserError(f"{call}: {answer['error']}")
		return self._decoded(answer["value"])

	def _decoded(self, value):
		if isinstance(value, list):
			return [self._decoded(inner) for inner in value]
		if not isinstance(value, dict):
			return value
		if "$object" in value:
			return Remote(self, value["$object"])
		if "$bytes" in value:
			return base64.b64decode(value["$bytes"])
		return {key: self._decoded(inner) for key, inner in value.items()}

	def context(self, javascript=True, width=1280, height=900, dark=False, **more):
		"""Somebody with a browser of their own: no cookies yet."""
		context = self.remote.new_context(java_script_enabled=javascript, viewport={"width": width, "height": height},
			color_scheme="dark" if dark else "light", **more)
		context.set_default_timeout(SECONDS * 1000)
		return context


def encoded(value):
	if isinstance(value, Remote):
		return {"$object": value._number}
	if isinstance(value, Path):
		return str(value)
	if isinstance(value, (list, tuple)):
		return [encoded(inner) for inner in value]
	if isinstance(value, dict):
		return {key: encoded(inner) for key, inner in value.items()}
	return value
