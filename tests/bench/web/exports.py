# SPDX-License-Identifier: GPL-2.0-or-later
"""What the CSV of one customer's call records costs, as its technical contact exports it: time and memory, beside the very SQL by which
it is read, written to a file by the database's own client in the same run, in turns."""
import pathlib
import re
import shutil
import statistics
import subprocess
import tempfile
import time

from admin import visitor

GOAL = 3           # the CSV may take so many times what the client takes
GROWTH_GOAL = 1.1  # the most memory during the exports to that before them
PATH = "/customer/cdrs.csv"
# Two customers of the seed that have nothing yet: one is given half of the groups, the other the number that few calls were made with.
CUSTOMERS = {"a good part": 20, "few": 19}
SHARES = """UPDATE aeta_group SET customer_id = 20 WHERE prefix % 2 = 0;
INSERT INTO aeta_group (prefix, customer_id) VALUES (2999, 19); INSERT INTO aeta_account (number, kind) VALUES ('29995001', 'premium');"""
OWN = """(SELECT a.number FROM aeta_account a LEFT JOIN aeta_group g ON g.prefix = a.prefix WHERE COALESCE(g.customer_id, a.customer_id) = %d)"""


class Export:
	"""The contact of a customer, logged in."""

	def __init__(self, admin, server, customer):
		self.address, = server.sql(f"SELECT email FROM aeta_contact WHERE customer_id = {customer} ORDER BY id LIMIT 1")[0]
		admin.make_contact_login(customer, self.address)
		self.jar = visitor(admin, self.address).jar
		own = OWN % customer
		self.rows = int(server.sql(f"SELECT COUNT(*) FROM acc_cdrs WHERE caller IN {own} OR final IN {own}")[0][0])

	def seconds(self, pages):
		"""What it takes; all rows must be there. They are counted as they come, and not kept."""
		began = time.perf_counter()
		lines = pages.count_lines(PATH, self.jar)
		took = time.perf_counter() - began
		if lines != self.rows + 1:
			raise RuntimeError(f"{lines} lines of CSV, and {self.rows} call records")
		return took


def statement_of(export, pages, server):
	"""The SQL by which the rows are read, values and all, as the server has heard it."""
	server.sql("SET GLOBAL log_output = 'TABLE'; TRUNCATE mysql.general_log; SET GLOBAL general_log = 1")
	export.seconds(pages)
	server.sql("SET GLOBAL general_log = 0")
	heard = [bytes.fromhex(text).decode() for text, in server.sql("SELECT HEX(argument) FROM mysql.general_log WHERE command_type = 'Execute'")]
	found = [text for text in heard if text.startswith("SELECT") and " acc_cdrs " in text]
	if not found:
		raise RuntimeError(f"no SELECT of acc_cdrs among {heard}")
	return found[-1]


def client_seconds(server, statement):
	"""The same rows, written to a file by the database's client without keeping them."""
	with tempfile.TemporaryFile() as out:
		began = time.perf_counter()
		subprocess.run([shutil.which("mariadb") or "mysql", f"--defaults-file={server.options()}", "--batch", "--quick", server.database],
			input=statement.encode(), stdout=out, check=True)
		return time.perf_counter() - began


def memory(admin, which):
	text = pathlib.Path(f"/proc/{admin.process.pid}/status").read_text()
	return int(re.search(rf"{which}:\s+(\d+)", text)[1])


def measure(admin, server, pages, options):
	"""Rows and ratios; options.csv is how often each is exported."""
	rows, ratios, worst = [], [], 0
	server.sql(SHARES)
	exports = {share: Export(admin, server, customer) for share, customer in CUSTOMERS.items()}
	statements = {share: statement_of(export, pages, server) for share, export in exports.items()}
	before = memory(admin, "VmRSS")
	pathlib.Path(f"/proc/{admin.process.pid}/clear_refs").write_text("5")  # the highest that was is forgotten
	for share, export in exports.items():
		case, csv, client = f"CSV of a customer that has {share}", [], []
		for _ in range(options.csv):
			csv.append(export.seconds(pages))
			client.append(client_seconds(server, statements[share]))
		ratio = statistics.median(csv) / statistics.median(client)
		worst = max(worst, ratio)
		rows += [{"case": case, "metric": "records", "value": export.rows, "unit": ""},
			{"case": case, "metric": "csv_median", "value": round(statistics.median(csv) * 1000, 1), "unit": "ms"},
			{"case": case, "metric": "client_median", "value": round(statistics.median(client) * 1000, 1), "unit": "ms"},
			{"case": case, "metric": "csv_vs_query", "value": round(ratio, 2), "unit": ""}]
	most = memory(admin, "VmHWM")
	rows += [{"case": "CSV memory", "metric": "before", "value": before, "unit": "KiB"},
		{"case": "CSV memory", "metric": "growth", "value": most - before, "unit": "KiB"}]
	ratios += [{"name": "csv_vs_query", "value": round(worst, 2), "goal": GOAL},
		{"name": "csv_memory_growth", "value": round(most / before, 3), "goal": GROWTH_GOAL}]
	return rows, ratios
