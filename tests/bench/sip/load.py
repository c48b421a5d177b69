# SPDX-License-Identifier: GPL-2.0-or-later
"""The load: sipp as codecs that register and call, and the processor time that others spend on it."""
import csv
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "sip"))

from sipp import SDP, pieces, request  # noqa: E402
from universe import password  # noqa: E402

CALLER_PORT, CALLEE_PORT = 15060, 15062
REGISTERS = 10  # registrations of a codec in a row: the first, and its refreshes
HOST = "127.0.0.12"
DOMAIN = "sip.example.com"
INSTANCE = '+sip.instance="<urn:uuid:00000000-0000-4000-8000-0000[field0]>"'
REPLY = "[last_Via:]\n[last_Record-Route:]\n[last_From:]\n[last_To:];tag=[pid]a[call_number]\n[last_Call-ID:]\n[last_CSeq:]"


def texts(contact):
	"""What stands for each @NAME@ of a scenario; `contact` is host and port that the codec believes to have."""
	def register(credentials):
		return request("REGISTER", f"sip:{DOMAIN}", f"<sip:[field0]@{DOMAIN}>",
			f"{credentials}Contact: <sip:[field0]@{contact}>;{INSTANCE}\nExpires: 300", contact=False)
	own = {"REGISTER": register(""), "REGISTER+CREDENTIALS": register("[field1]\n"),
		"RINGING": f"SIP/2.0 180 Ringing\n{REPLY}\nContact: <sip:agent@[local_ip]:[local_port]>\nContent-Length: 0\n",
		"ANSWER": f"SIP/2.0 200 OK\n{REPLY}\nContact: <sip:agent@[local_ip]:[local_port]>\n{SDP}"}
	return {**pieces(), **own}


class Load:
	"""One sipp process at work: finish() for its end, counts() for how it went."""

	def __init__(self, folder, name, rows, port, calls, at_once=10000, rate=20000, serving=None, period=15000,
			contact="[local_ip]:[local_port]", server="127.0.0.1:5060"):
		self.base = folder / f"{name}-{time.monotonic_ns()}"
		self.calls = calls
		command = ["sipp", server, "-i", HOST, "-p", port, "-sf", self._scenario(name, period, contact), "-l", at_once,
			"-r", rate, "-nostdin", "-trace_stat", "-stf", self._file(".stat"), "-fd", 1, "-trace_err", "-error_file",
			self._file(".err"), "-timer_resol", 5, "-deadcall_wait", 0, "-default_behaviors", "all,-abortunexp",
			"-recv_timeout", 30000, "-buff_size", 8 << 20]
		if calls:
			command += ["-m", calls]
		if rows:
			self._file(".csv").write_text("SEQUENTIAL\n" + "".join(";".join(row) + "\n" for row in rows))
			command += ["-inf", self._file(".csv")]
		if serving:
			command += ["-oocsf", self._scenario(serving, period, contact)]
		self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
			stdout=self._file(".out").open("w"), stderr=subprocess.STDOUT, cwd=folder)

	def _file(self, suffix):
		return self.base.with_name(self.base.name + suffix)

	def _scenario(self, name, period, contact):
		text = (HERE / f"{name}.xml").read_text().replace("@PERIOD@", str(period)).replace("@REGISTERS@", str(REGISTERS))
		for key, piece in texts(contact).items():
			text = text.replace(f"@{key}@", piece)
		self._file(f".{name}.xml").write_text(text.replace("@DOMAIN@", DOMAIN))
		return self._file(f".{name}.xml")

	def finish(self, timeout=100):
		"""Seconds that the calls took. All of them must have gone well."""
		try:
			self.process.wait(timeout)
		except subprocess.TimeoutExpired:
			self.stop()
		counts = self.counts()
		if int(counts.get("SuccessfulCall(C)", 0)) != self.calls:
			raise SystemExit(f"sipp: {counts.get('SuccessfulCall(C)')} of {self.calls} went well: " + self.problems())
		begin, end = (float(counts[name].split("\t")[2]) for name in ("StartTime", "CurrentTime"))
		return end - begin

	def counts(self):
		"""The last row of its statistics."""
		text = self._file(".stat").read_text() if self._file(".stat").exists() else ""
		return next(iter(reversed(list(csv.DictReader(text.splitlines(), delimiter=";")))), {})

	def problems(self):
		return "".join(self._file(suffix).read_text(errors="replace")[-2000:] for suffix in (".err", ".out")
			if self._file(suffix).exists())

	def stop(self):
		if self.process.poll() is None:
			self.process.kill()
		self.process.wait()


def credentials(number):
	return f"[authentication username={number} password={password(number)}]"


def registrations(numbers):
	return [(number, credentials(number)) for number in numbers]


def calls(callers, callees):
	return [(a, b, credentials(a)) for a, b in zip(callers, callees)]


class Clock:
	"""Processor seconds that processes have used since it was made."""

	def __init__(self, **pids):
		self.pids = pids
		self.start = {part: self._now(part) for part in pids}

	def _now(self, part):
		# CPUCLOCK_SCHED of a process, as clock_getcpuclockid() makes it: all its threads, also those that have ended
		return sum(time.clock_gettime((~pid << 3) | 2) for pid in self.pids[part])

	def seconds(self, part):
		return self._now(part) - self.start[part]
