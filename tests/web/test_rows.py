# SPDX-License-Identifier: GPL-2.0-or-later
"""Which rows lists and their CSV hold, over the seeded ones. (How a list behaves in a browser: test_lists.py.)"""
import csv
import io
import re
import urllib.parse

import pytest
import traps
from acts import follow
from admin import OPERATOR


@pytest.fixture
def operator(person):
	return person(OPERATOR)


def keys(answer, table):
	"""Keys of the rows that a list shows, in its order."""
	body = answer.text.partition('id="list"')[2]
	return list(dict.fromkeys(re.findall(rf'href="/{table}/([^"/?]+)"', body)))


def all_keys(operator, address, table):
	found, page = [], 1
	while True:
		here = keys(operator.get(f"{address}{'&' if '?' in address else '?'}page={page}"), table)
		if not here or here == found[-len(here):]:
			return found
		found += here
		page += 1


def test_the_server_pages(operator, service):
	"""Every row once, a page at a time."""
	first = operator.get("/accounts")
	assert 10 <= len(keys(first, "accounts")) <= 50 and len(first.body) < 100_000
	found = all_keys(operator, "/accounts", "accounts")
	assert sorted(found) == sorted(number for number, in service.sql("SELECT number FROM aeta_account"))


@pytest.mark.parametrize("column", ("product", "-product", "state_now", "prefix"))
def test_rows_without_a_value_are_sorted_too(operator, column):
	assert len(set(all_keys(operator, f"/accounts?sort={column}", "accounts"))) == 300


def test_a_search_finds_rows_with_empty_columns(operator, service):
	number, = service.sql("SELECT number FROM aeta_account WHERE product IS NULL AND serial IS NULL AND kind = 'factory' LIMIT 1")[0]
	assert number in keys(operator.get(f"/accounts?q={number}"), "accounts")
	assert keys(operator.get("/accounts?f.product=ScoopFone"), "accounts")


@pytest.mark.parametrize("words", (traps.script("x"), "' OR 1=1 --", "%", "_", "\\", "a" * 64, traps.HEBREW, "%00", "1 UNION SELECT"))
def test_a_search_is_only_a_search(operator, words):
	for table in ("accounts", "customers", "cdrs", "blocked"):
		answer = operator.get(f"/{table}?q=" + urllib.parse.quote(words))
		assert answer.status == 200, answer
		assert "<script>window" not in answer.text


def test_cdrs_of_a_caller(operator, service):
	caller, = service.sql("SELECT caller FROM acc_cdrs GROUP BY caller ORDER BY COUNT(*) DESC LIMIT 1")[0]
	wanted = service.sql(f"SELECT id FROM acc_cdrs WHERE caller = '{caller}' ORDER BY start_time DESC, id DESC LIMIT 10")
	assert keys(operator.get(f"/cdrs?f.caller={caller}"), "cdrs")[:10] == [key for key, in wanted]


def rows_of(text):
	return list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline="")))


def test_csv_has_the_rows_of_the_list(surfer, service, tmp_path):
	page = surfer(OPERATOR)
	page.goto(service.admin.url + "/accounts")
	with page.expecting("waitForEvent", "download") as download:
		follow(page, "Download as CSV")
	download().save_as(tmp_path / "accounts.csv")
	head, *rows = rows_of((tmp_path / "accounts.csv").read_bytes().decode())
	numbers = [row[head.index("number")] for row in rows]
	assert sorted(numbers) == sorted(number for number, in service.sql("SELECT number FROM aeta_account"))
	assert all(len(row) == len(head) for row in rows)


def test_a_spreadsheet_runs_nothing(operator):
	"""No field begins as a formula does, and the trap is there as text."""
	head, *rows = rows_of(operator.get("/customers.csv").text)
	assert len(rows) == 20
	assert [field for row in rows for field in row if field[:1] in "=+-@\t\r" and field] == []
	assert "'" + traps.FORMULAS[0] in [row[head.index("name")] for row in rows]


def test_csv_of_a_search_has_what_was_found(operator, service):
	caller, count = service.sql("SELECT caller, COUNT(*) FROM acc_cdrs GROUP BY caller ORDER BY COUNT(*) DESC LIMIT 1")[0]
	answer = operator.get(f"/cdrs.csv?f.caller={caller}")
	assert len(rows_of(answer.text)) == int(count) + 1
