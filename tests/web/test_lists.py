# SPDX-License-Identifier: GPL-2.0-or-later
"""Lists in a browser: what htmx makes livelier, and that all of it works without."""
import pytest
from admin import OPERATOR


def numbers(page):
	return [text.strip() for text in page.locator("#list tbody td[data-label=Number]").all_text_contents()]


def test_search_while_typing(surfer, service):
	page = surfer(OPERATOR)
	page.goto(service.admin.url + "/accounts")
	page.evaluate("window.same = true")
	page.get_by_label("Search").fill("20025")
	page.locator("#list .where", has_text="of 8").wait_for()
	assert all(number.startswith("20025") for number in numbers(page)) and "q=20025" in page.url()
	page.locator("#list thead a", has_text="Number").click()
	page.locator("#list th[aria-sort=descending]").wait_for()
	assert numbers(page) == sorted(numbers(page), reverse=True)
	assert page.evaluate("window.same === true && document.activeElement.id") == "sort-number"  # the page was not loaded anew, the focus is kept
	page.go_back()
	page.locator("#list th[aria-sort=ascending]").wait_for()
	assert not page.troubles()


def test_presence_looks_again_by_itself(surfer, service, agent):
	"""In the list and on the page of the account: nothing else moves, and not while the focus is in it."""
	number = "20025002"
	page, row = surfer(OPERATOR), surfer(OPERATOR)
	page.goto(f"{service.admin.url}/accounts?q={number}")
	row.goto(f"{service.admin.url}/accounts/{number}")
	page.evaluate("window.same = document.querySelector('#list thead a'); window.same.focus()")
	row.evaluate("window.same = document.querySelector('main h1')")
	agent(number).registered()
	page.locator("#now .badge", has_text="available").first().wait_for()
	row.locator("#now .badge", has_text="available").first().wait_for()
	assert page.evaluate("document.activeElement === window.same && document.contains(window.same)")
	assert row.evaluate("document.contains(window.same)")
	page.evaluate("window.rows = document.querySelector('#now'); window.rows.querySelector('a').focus(); new Promise((done) => "
		"document.addEventListener('htmx:beforeSwap', () => setTimeout(done), {once: true}))")
	assert page.evaluate("document.contains(window.rows) && window.rows.contains(document.activeElement)")
	assert not page.troubles() and not row.troubles()


@pytest.mark.parametrize("javascript", (True, False))
def test_search_filter_and_pages(surfer, service, javascript):
	page = surfer(OPERATOR, javascript=javascript)
	page.goto(service.admin.url + "/accounts")
	first = numbers(page)
	page.get_by_role("link", name="Next page").click()
	page.locator("#list .where", has_text="26 to 50").wait_for()
	assert len(numbers(page)) == 25 and not set(numbers(page)) & set(first)
	page.get_by_label("Kind").select_option("factory")
	page.get_by_role("button", name="Search").click()
	page.locator("#list td[data-label=Kind]", has_text="factory").first().wait_for()
	page.locator("#list tbody td[data-label=Kind]", has_text="premium").first().wait_for(state="detached")
	assert page.get_by_label("Kind").input_value() == "factory"
	page.locator("#list tbody a").first().click()
	page.get_by_role("heading", name="Account").first().wait_for()
	assert not page.troubles()


@pytest.mark.parametrize("javascript", (True, False))
def test_a_wrong_value_is_said_at_its_field(surfer, service, javascript):
	page = surfer(OPERATOR, javascript=javascript)
	page.goto(service.admin.url + "/exceptions/new")
	page.get_by_label("Number").fill("12a")
	page.get_by_role("button", name="Add").click()
	page.get_by_role("alert").wait_for()
	assert page.get_by_label("Number").input_value() == "12a"
	described = page.get_by_label("Number").get_attribute("aria-describedby").split()[0]
	assert page.locator(f"#{described}").text_content().startswith("Number ")
