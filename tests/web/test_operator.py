# SPDX-License-Identifier: GPL-2.0-or-later
"""What an operator does on the pages has its effect on real agents, with scripts and without."""
import contextlib
import time

import pytest
from acts import follow, hang_up, members, press, put, said, sheet
from admin import OPERATOR
from pages import look
from wire import TIMEOUT

CALLER, CALLED = 2008, 2016  # groups that block nothing
SOLD = 4711


@pytest.fixture(params=(True, False), ids=("scripts", "no-scripts"))
def operator(surfer, service, request):
	page = surfer(OPERATOR, javascript=request.param)
	page.go = lambda path: page.goto(service.admin.url + path)
	page.scripts = request.param
	return page


@pytest.fixture
def unsold(service):
	"""What a test sells is gone after it."""
	yield
	service.sql(f"DELETE FROM aeta_account WHERE prefix = {SOLD} AND seq > 6000; DELETE FROM aeta_account WHERE prefix = {SOLD};"
		f"DELETE FROM aeta_group WHERE prefix = {SOLD}; DELETE FROM aeta_retired_prefix WHERE prefix = {SOLD};"
		"DELETE FROM aeta_customer WHERE name = 'Radio Sold'")
	service.rpc("aeta.reload")


def sell(page):
	"""A customer, its group with hunting and self-management, five numbers: ends on the sheet, which it returns."""
	page.go("/customers/new")
	put(page, name="Radio Sold", email="noc@sold.example")
	press(page, "Add")
	assert "Radio Sold" in said(page)
	page.go("/groups/new")
	put(page, prefix=SOLD, customer_id="Radio Sold", name="Sold", hunting=True, self_management=True)
	press(page, "Add")
	page.go(f"/groups/{SOLD}/numbers")
	put(page, count=5)
	press(page, "Allocate")
	return sheet(page)


def test_five_numbers_are_sold_and_work(operator, unsold, agent):
	numbers = sell(operator)
	assert sorted(numbers) == [f"{SOLD}{n}" for n in (*range(5001, 5006), *range(6001, 6006))]
	passwords = {number: facts["SIP password"] for number, facts in numbers.items()}
	assert all(facts["Web password"] for number, facts in numbers.items() if number[4] == "5")
	assert operator.get_by_role("button", name="Print").is_visible() == operator.scripts
	operator.emulate_media(media="print")
	assert not operator.locator("nav").first().is_visible() and operator.locator("section.sheet").first().is_visible()
	assert agent(f"{SOLD}5001", password="not this one").register().status == 401
	caller, twin = (agent(f"{SOLD}{n}", password=passwords[f"{SOLD}{n}"]).registered() for n in (5001, 6001))
	hang_up(*caller.talk(twin, "6000"))
	operator.go(f"/accounts/{SOLD}5001")
	assert not any(password in operator.content() for password in passwords.values())


@contextlib.contextmanager
def option(page, service, prefix, **values):
	"""An option of a group, set on its page; as it was before after that."""
	name, = values
	before, = service.sql(f"SELECT {name} FROM aeta_group WHERE prefix = {prefix}")[0]
	page.go(f"/groups/{prefix}/edit")
	put(page, **values)
	press(page, "Save")
	try:
		yield
	finally:
		service.set_group(prefix, f"{name} = {before}")


def test_blocking_counts_for_the_next_call(operator, service, agent):
	caller, called = agent(members(service, CALLER)[0]).registered(), agent(members(service, CALLED)[0]).registered()
	hang_up(*caller.talk(called))
	with option(operator, service, CALLER, block_outgoing=True):
		began = time.monotonic()
		refusal = caller.call(called.number).final()
		assert refusal.status == 403 and time.monotonic() - began < 2, refusal
	hang_up(*caller.talk(called))


def test_a_running_call_is_ended(operator, service, agent):
	caller, called = agent(members(service, CALLER)[0]).registered(), agent(members(service, CALLED)[0]).registered()
	mine, theirs = caller.talk(called)
	operator.go("/calls?q=" + caller.number)
	assert called.number in said(operator) and caller.number in said(operator)
	follow(operator, "Details")
	press(operator, "End the call")
	assert f"The call of {caller.number} was ended." in said(operator)
	mine.expect("BYE", timeout=TIMEOUT)
	theirs.expect("BYE", timeout=TIMEOUT)
	assert service.cdr(mine.call_id)[:2] == (caller.number, called.number)
	operator.go("/calls?q=" + caller.number)
	assert caller.number not in operator.inner_text("#now")


def test_a_locked_account_is_out_at_once(operator, service, agent):
	number = members(service, CALLER)[1]
	phone = agent(number).registered()
	try:
		operator.go(f"/accounts/{number}/edit")
		operator.locator("main [name=state]").select_option("locked")
		press(operator, "Save")
		assert phone.register().status == 403
		assert service.bindings(number) == []
	finally:
		service.set_account(number, state="active")


def test_editing_an_account_leaves_its_password(operator, service, agent):
	number = members(service, CALLER)[2]
	before = service.sql(f"SELECT ha1, ha1b FROM subscriber WHERE username = '{number}'")
	operator.go(f"/accounts/{number}/edit")
	put(operator, comment="edited")
	press(operator, "Save")
	assert service.sql(f"SELECT comment FROM aeta_account WHERE number = '{number}'") == [["edited"]]
	assert service.sql(f"SELECT ha1, ha1b FROM subscriber WHERE username = '{number}'") == before
	agent(number).registered()


def test_who_comes_second_overwrites_nothing(operator, surfer, service):
	number = members(service, CALLER)[2]
	second = surfer("support", javascript=operator.scripts)
	for page in (operator, second):
		page.goto(f"{service.admin.url}/accounts/{number}/edit")
	mine, others = f"first {operator.scripts}", f"second {operator.scripts}"
	put(operator, comment=mine)
	press(operator, "Save")
	put(second, comment=others)
	press(second, "Save")
	assert "changed" in said(second) and mine in said(second) and others in second.content()
	assert service.sql(f"SELECT comment FROM aeta_account WHERE number = '{number}'") == [[mine]]
	faults = look(second, "support-conflict") if operator.scripts else [] # axe is a script
	assert not faults, "\n".join(faults)
