# SPDX-License-Identifier: GPL-2.0-or-later
"""All pairs of kinds as real calls, printed as a table; the face is ./dev matrix (its --help says what it does)."""

import argparse
import contextlib
import fcntl
import json
import os
import pathlib
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from natlab import cells, grid, kinds, plans, residents  # noqa: E402
from natlab.nets import NetError  # noqa: E402
from natlab.service import LINES, ROOT, Ours, ServiceError, Stock  # noqa: E402
from natlab.world import World  # noqa: E402

# Those of --way: each is relayed. With NATs of both kinds, firewalls, and one side alone.
COUNTED = tuple(cells.Cell(*row) for row in (
	("sym", "sym", (False, False)), ("port", "addr", (False, False)), ("cone", "shift", (True, True)),
	("sym", "fwstate", (True, True)), ("public", "port", (False, False)), ("lan:sym", "lan:sym", (True, False))))
WAYS = ("xdp", "tc", "off")
# Where agents register for each call alone nothing is known of them; and the two numbers of a line call each other again and again.
UNASKED = "SITE_PROBING=0", "SITE_REDIAL_S=0"
PREFIX = "aeta-lab-"
PAIRS, POINTS = 256, 2  # the first rows of --full; how many in a hundred of them may be relayed for nothing
COUNTS = ("cells", "heard", "relayed", "wrong_direct", "needless_relay", "silent_relay", "failed")


@contextlib.contextmanager
def work_folder(keep=False):
	"""A folder of the run's own; also removes what a killed run has left, with what may still run there."""
	parent = pathlib.Path(tempfile.gettempdir())
	with contextlib.ExitStack() as stack:
		one_at_a_time = os.open(parent, os.O_RDONLY)
		fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
		for old in parent.glob(PREFIX + "*"):
			_remove_if_orphan(old)
		folder = pathlib.Path(tempfile.mkdtemp(prefix=PREFIX))
		lock = stack.enter_context((folder / "lock").open("w", encoding="ascii"))
		fcntl.flock(lock, fcntl.LOCK_EX)
		os.close(one_at_a_time)
		try:
			yield folder
		finally:
			if not keep:
				shutil.rmtree(folder, ignore_errors=True)


def _remove_if_orphan(folder):
	with contextlib.suppress(OSError), (folder / "lock").open("r+", encoding="ascii") as lock:
		fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
		if (folder / "state").exists():
			subprocess.run([ROOT / "dev", "down", "--state", folder / "state"], stdin=subprocess.DEVNULL, capture_output=True,
				check=False)
		shutil.rmtree(folder, ignore_errors=True)


class Lab:
	"""A world with our service, and where wanted a second one, like it, with Debian's. way: xdp, tc or off; relayed calls have to take
	it, and are counted."""

	def __init__(self, folder, stock=False, site=(), keep=False, way=None):
		self.folder, self.keep, self.stack = pathlib.Path(folder), keep, contextlib.ExitStack()
		self.by = way and ("user" if way == "off" else "kernel")
		self.towns = None
		try:
			self.sides = [self._side(Ours, site=site, offload=way or "auto")]
			self._check_way(way)
			if stock:
				self.sides.append(self._side(Stock))
		except BaseException:
			self.stack.close()
			raise

	def _side(self, kind, **how):
		folder = self.folder / kind.name
		folder.mkdir()
		world = self.stack.enter_context(World())
		if how.get("offload") == "xdp":
			world.take_xdp(ROOT / "build/dev/relay/kernel/flow.bpf.o")
		return world, self.stack.enter_context(kind(world, folder, **how))

	def _check_way(self, way):
		"""The relay tries it as soon as it has a neighbour to ask: the router."""
		if way in (None, "off"):
			return
		end = time.monotonic() + 20
		while not self.ours.way().startswith(f"by the kernel ({way}), proven with "):
			if time.monotonic() > end:
				raise ServiceError(f"the relay does not forward by {way}, but {self.ours.way()}")
			time.sleep(0.1)

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.stack.close()

	@property
	def ours(self):
		return self.sides[0][1]

	@contextlib.contextmanager
	def residents(self, wanted):
		"""While this lasts, calls are made by agents that stay: those of the cells `wanted`."""
		with contextlib.ExitStack() as stack:
			self.towns = [stack.enter_context(residents.Town(world, service, self.folder / service.name, wanted))
				for world, service in self.sides]
			try:
				yield
			finally:
				self.towns = None

	def call(self, cell, line=0, side=0):
		"""The row of one cell."""
		world, service = self.sides[side]
		name = f"line{line}" if not self.keep else str(cell).replace("/", "-").replace(" ", "-")
		if self.towns:
			return self.towns[side].call(cell, self.keep and self.folder / service.name / name)
		return cells.run(world, service, cell, LINES[line], self.folder / service.name / name, self.keep, self.by if side == 0 else None)

	def rows(self, wanted, workers):
		"""A row for each cell, in the order in which they are ready; with Debian's as its `stock`."""
		todo, ready = Todo(wanted, residents.names if self.towns else None), queue.SimpleQueue()
		threads = [threading.Thread(target=self._work, args=(line, todo, ready)) for line in range(workers)]
		for thread in threads:
			thread.start()
		try:
			for _ in wanted:
				row = ready.get()
				if isinstance(row, BaseException):
					raise row
				yield row
		finally:
			todo.stop()
			for thread in threads:
				thread.join()

	def _work(self, line, todo, ready):
		while (cell := todo.take()) is not None:
			try:
				row = self.call(cell, line)
				if len(self.sides) > 1:
					row["stock"] = self.call(cell, line, side=1)
			except BaseException as error:  # the main thread tells
				row = error
			todo.done(cell)
			ready.put(row)


class Todo:
	"""Cells for several threads, in their order, save that none is given out while one of its parties is in a call. parties: of a cell."""

	def __init__(self, wanted, parties=None):
		self.left, self.parties, self.busy = list(wanted), parties or (lambda cell: ()), set()
		self.changed = threading.Condition()

	def take(self):
		"""The next one, as soon as there is one that can be done; None at the end."""
		with self.changed:
			while self.left:
				for cell in self.left:
					if self.busy.isdisjoint(self.parties(cell)):
						self.left.remove(cell)
						self.busy.update(self.parties(cell))
						return cell
				self.changed.wait()
		return None

	def done(self, cell):
		with self.changed:
			self.busy.difference_update(self.parties(cell))
			self.changed.notify_all()

	def stop(self):
		with self.changed:
			self.left = []
			self.changed.notify_all()


def summary(rows):
	"""The figures of some rows."""
	def count(condition):
		return sum(1 for row in rows if condition(row))
	return dict(zip(COUNTS, (len(rows), count(lambda r: r["heard"]), count(lambda r: r["path"] == "relayed"),
		count(lambda r: r["fault"] == "wrong direct"), count(lambda r: r["fault"] == "needless relay"),
		count(lambda r: r["fault"] == "relayed, and silent"), count(lambda r: r["error"]))))


HEADER = f"{'caller':<18}{'callee':<18}{'stun':<9}{'path':<9}{'caller':<8}{'callee':<8}"


def _columns(row):
	return f"{row['path'] or '-':<9}" + "".join(f"{'hears' if row[k] else 'SILENT':<8}" for k in ("caller_hears", "callee_hears"))


def line_of(row):
	text = f"{row['caller']:<18}{row['callee']:<18}{row['stun']:<9}{_columns(row)}"
	if "stock" in row:
		text += f"| {_columns(row['stock'])}| "
	remark = row["fault"] or ""
	if row["counted"]:
		remark = ", ".join(filter(None, (row["fault"], f"{row['counted']} packets, counted alike")))
	if row["error"]:
		remark = row["error"].splitlines()[0]
	if "stock" in row and row["stock"]["fault"]:
		remark = f"{remark or 'good'} (stock: {row['stock']['fault']})"
	return (text + remark).rstrip()


def summary_lines(rows):
	"""One figure a line, with Debian's beside it, and what is possible."""
	sides = [("ours", rows)] + ([("stock", [row["stock"] for row in rows])] if rows and "stock" in rows[0] else [])
	yield f"{'':<16}" + "".join(f"{name:>15}" for name in (*(name for name, _ in sides), "optimum"))
	sums = [summary(side) for _, side in sides] + [optimum(rows)]
	for key in COUNTS:
		text = "".join(f"{s[key]:>7}" + (" " * 8 if key == "cells" else f"{100 * s[key] / s['cells']:>6.1f} %") for s in sums)
		yield f"{key.replace('_', ' '):<16}{text}".rstrip()


def class_lines(found):
	"""What the service has found out of the agents before the first call."""
	for kind, classes in found.items():
		yield f"found behind {kind}: " + ", ".join(f"{name} {count}" for name, count in classes.items())


def optimum(rows):
	"""summary() of these calls, were each relayed that cannot do without, and no other."""
	return {**dict.fromkeys(COUNTS, 0), "cells": len(rows), "heard": len(rows), "relayed": sum(1 for row in rows if not row["direct_works"])}


def report(rows, seconds):
	result = {**summary(rows), "optimum": optimum(rows)["relayed"], "seconds": round(seconds), "rows": rows}
	if rows and "stock" in rows[0]:
		result["stock"] = summary([row["stock"] for row in rows])
	return result


def fine(rows):
	"""Every call took place, is heard wherever it was relayed or need not be, its record says so, and nothing was counted wrong."""
	return all(row["fault"] in (None, "needless relay", "wrong direct") for row in rows)


def missed(rows):
	"""What --full is to show and these rows do not, in words: nobody is deaf, at the first call, and little more is relayed than has to be."""
	figures = summary(rows)
	if figures["heard"] < len(rows):
		yield f"{len(rows) - figures['heard']} calls are not heard by both"
	if figures["wrong_direct"]:
		yield f"{figures['wrong_direct']} calls are direct where that cannot work"
	pairs = rows[:PAIRS]  # of odd agents, and where media go other ways than SIP, more is relayed than has to be
	over = summary(pairs)["relayed"] - optimum(pairs)["relayed"]
	if len(rows) >= PAIRS and over > POINTS * PAIRS / 100:
		yield f"of all pairs {over} are relayed needlessly: more than {POINTS} in a hundred"


def _list_of(check):
	def items(text):
		try:
			return [check(item) for item in text.split(",")]
		except kinds.KindError as error:
			raise argparse.ArgumentTypeError(str(error)) from error
	return items


def _stun(text):
	if text not in plans.ALL_STUN:
		raise argparse.ArgumentTypeError(f"'{text}' is none of {', '.join(plans.ALL_STUN)}")
	return text


def parse(argv):
	parser = argparse.ArgumentParser(prog="./dev matrix", add_help=False, allow_abbrev=False)
	parser.add_argument("--kinds", type=_list_of(kinds.check))
	parser.add_argument("--stun", type=_list_of(_stun))
	parser.add_argument("--workers", type=int, choices=range(1, len(LINES) + 1), default=3, metavar="N")
	parser.add_argument("--site", action="append", default=[])
	parser.add_argument("--way", choices=WAYS)
	for flag in ("--full", "--json", "--stock", "--keep"):
		parser.add_argument(flag, action="store_true")
	options = parser.parse_args(argv)
	if options.full and options.way:
		parser.error("--way has cells of its own: not with --full")
	if not options.full:
		options.site[:0] = UNASKED
	return options


def groups(options):
	"""{title: cells} of what is wanted."""
	if options.way:
		return {"by one way": list(COUNTED)}
	if options.full and not options.kinds and not options.stun:
		return plans.full()
	stuns = options.stun or (plans.ALL_STUN if options.full else plans.STUN)
	return {"": plans.of_options(options.kinds or kinds.PLAIN, stuns)}


def measure(options, out):
	"""Runs the cells; prints each to `out` as it ends, and a summary for each group. Returns the rows, in the order of the cells."""
	wanted, rows = groups(options), []
	with work_folder(options.keep) as folder:
		print(f"{sum(map(len, wanted.values()))} cells; starting the service", file=out, flush=True)
		with Lab(folder, options.stock, options.site, options.keep, options.way) as lab:
			for title, some in wanted.items():
				rows += _measure_group(lab, title, some, options, out)
		if options.keep:
			print(f"logs and recordings are in {folder}", file=out)
	return rows


def _measure_group(lab, title, some, options, out):
	rows = {}
	print(f"\n{title}".rstrip(), file=out)
	with lab.residents(some) if options.full else contextlib.nullcontext():
		if lab.towns:
			print(*class_lines(lab.towns[0].classes_of_kinds()), sep="\n", file=out)
		print(HEADER + ("| stock" if options.stock else ""), file=out, flush=True)
		for row in lab.rows(some, options.workers):
			rows[row["caller"], row["callee"], row["stun"]] = row
			print(line_of(row), file=out, flush=True)
	rows = [rows[cell.caller, cell.callee, cells.stun_text(cell.stun)] for cell in some]
	if options.full and len(rows) == len({(r["caller"], r["stun"][:2]) for r in rows}) * len({(r["callee"], r["stun"][-2:]) for r in rows}):
		print("", *grid.lines(rows), sep="\n", file=out)
	print("", *summary_lines(rows), sep="\n", file=out, flush=True)
	return rows


def main(argv):
	options = parse(argv)
	out = sys.stderr if options.json else sys.stdout
	signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
	begin = time.monotonic()
	try:
		rows = measure(options, out)
	except (NetError, ServiceError, OSError) as error:
		print(f"./dev matrix: {error}", file=sys.stderr)
		return 1
	except KeyboardInterrupt:
		return 130
	if options.json:
		print(json.dumps(report(rows, time.monotonic() - begin)))
	faults = list(missed(rows)) if options.full else []
	for fault in faults:
		print(f"./dev matrix: {fault}", file=sys.stderr)
	return 0 if fine(rows) and not faults else 1


if __name__ == "__main__":
	sys.exit(main(sys.argv[1:]))
