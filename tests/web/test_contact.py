# SPDX-License-Identifier: GPL-2.0-or-later
"""The technical contact of a customer: an operator gives it a login, and it sees what is its customer's and nothing else."""
import csv
import io

import pytest
from acts import follow, press, put, said
from admin import OPERATOR

ADDRESS, CUSTOMER, OTHER = "noc0@radio05.example", 5, 6
OWN = f"""(SELECT a.number FROM aeta_account a LEFT JOIN aeta_group g ON g.prefix = a.prefix
	WHERE COALESCE(g.customer_id, a.customer_id) = {CUSTOMER})"""


@pytest.fixture(params=(True, False), ids=("scripts", "no-scripts"))
def contact(service, surfer, request):
	"""A browser in which the contact is logged in, with the password that an operator was shown."""
	operator, page = (surfer(who, javascript=request.param) for who in (OPERATOR, None))
	key, = service.sql(f"SELECT id FROM aeta_contact WHERE email = '{ADDRESS}'")[0]
	operator.goto(f"{service.admin.url}/contacts/{key}")
	follow(operator, "Web login")
	press(operator, "Make a password")
	login, password, door = operator.locator("main dl.sheet dd").all_inner_texts()
	assert (login, door) == (ADDRESS, service.admin.url + "/siremis/user/login")
	page.goto(door)
	put(page, login=login, password=password)
	press(page, "Log in")
	yield page
	service.sql(f"DELETE FROM aeta_contact_login WHERE contact_id = {key}")


def downloaded(page, path):
	with page.expecting("waitForEvent", "download") as download:
		follow(page, "Download as CSV")
	download().save_as(path)
	head, *rows = csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
	return [dict(zip(head, row)) for row in rows]


def numbers(service, condition):
	return {number for number, in service.sql(f"SELECT number FROM aeta_account WHERE number {condition}")}


def test_a_contact_sees_its_customers_rows_only(contact, service, tmp_path):
	assert contact.url() == service.admin.url + "/customer" and "of 23 accounts" in said(contact)
	foreign, = service.sql(f"SELECT number FROM aeta_account WHERE number NOT IN {OWN} AND kind = 'premium' LIMIT 1")[0]
	group, = service.sql(f"SELECT prefix FROM aeta_group WHERE customer_id = {OTHER} LIMIT 1")[0]
	record, = service.sql(f"SELECT id FROM acc_cdrs WHERE caller NOT IN {OWN} AND final NOT IN {OWN} LIMIT 1")[0]
	for path in (f"accounts/{foreign}", f"accounts/{foreign}/password", f"groups/{group}", f"cdrs/{record}", f"location/{foreign}"):
		assert contact.goto(f"{service.admin.url}/customer/{path}").status() == 404, path
	for path in (f"accounts?q={foreign}", f"cdrs?f.caller={foreign}&f.final={foreign}", f"nat?f.account={foreign}", f"groups?q={group}"):
		contact.goto(f"{service.admin.url}/customer/{path}")
		assert "Nothing here is like that." in said(contact), path
	contact.goto(service.admin.url + "/customer/accounts")
	assert {row["number"] for row in downloaded(contact, tmp_path / "accounts.csv")} == numbers(service, f"IN {OWN}")


def test_a_contact_exports_its_call_records(contact, service, tmp_path):
	"""All of a day's, of either direction, and no others; and those of one caller."""
	day, = service.sql(f"SELECT DATE(MAX(start_time)) - INTERVAL 3 DAY FROM acc_cdrs WHERE caller IN {OWN}")[0]
	wanted = service.sql(f"""SELECT start_time, caller, final FROM acc_cdrs WHERE DATE(start_time) = '{day}'
		AND (caller IN {OWN} OR final IN {OWN}) ORDER BY start_time DESC, id DESC""")
	own = numbers(service, f"IN {OWN}")
	assert any(caller not in own for _, caller, _ in wanted) and len(wanted) > 2
	follow_menu(contact, "Call records")
	put(contact, **{"from.start_time": day, "until.start_time": day})
	press(contact, "Search")
	contact.locator("#list .where", has_text=f"of {len(wanted)}").wait_for()
	rows = downloaded(contact, tmp_path / "cdrs.csv")
	assert [[row["start_time"], row["caller"], row["final"]] for row in rows] == wanted
	assert "caller_flow" not in rows[0] and "relay" not in rows[0]


def follow_menu(page, label):
	page.locator("nav").get_by_role("link", name=label, exact=True).first().click()
