# SPDX-License-Identifier: GPL-2.0-or-later
"""The service with the module of the preset asan: built with the address and undefined-behaviour sanitizers. Kamailio is the
distribution's, so libasan has to be loaded before it; what it finds ends the process, and is a file in the service's folder.

Kamailio's own memory is allocated by its manager "qm" (-x, -X), which finds what was written beyond a piece when it is freed.
"""
import os
import re
import subprocess

from service import ROOT, Service


class Sanitized(Service):
	options = ("-x", "qm", "-X", "qm")

	def __init__(self, folder):
		super().__init__(folder)
		library = subprocess.run(["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True)
		options = f"detect_leaks=0:abort_on_error=1:log_path={folder}/sanitizer"  # Kamailio leaves its memory to its end
		self.environment = {"LD_PRELOAD": os.path.realpath(library.stdout.strip()), "ASAN_OPTIONS": options,
			"UBSAN_OPTIONS": f"print_stacktrace=1:log_path={folder}/sanitizer"}
		# calls that were left ringing are over soon; what is fuzzed inside a call is not to be refused for its number
		self.changed = {"SITE_RING_MAX_S": "3", "SITE_DIALOG_RATE": "1000"}

	@staticmethod
	def module():
		path = ROOT / "build/asan/modules/aeta/aeta.so"
		assert path.exists(), f"{path} is missing: ./dev build asan"
		return path

	def reports(self):
		"""What the sanitizers found: their texts. That of undefined behaviour goes to the log."""
		log = (self.folder / "kamailio.log").read_text(errors="replace")
		return [path.read_text(errors="replace") for path in self.folder.glob("sanitizer.*")] + re.findall(r".*: runtime error: .*", log)
