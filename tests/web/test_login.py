# SPDX-License-Identifier: GPL-2.0-or-later
"""Logging in and out in a browser, with scripts and without. (What protects it is tested in test_safety.py.)"""
import pytest
from admin import OPERATOR, web_password


@pytest.mark.parametrize("javascript", (True, False))
def test_an_operator_logs_in_and_out(surfer, service, javascript):
	page = surfer(OPERATOR, javascript=javascript)
	page.goto(service.admin.url + "/profile")
	assert page.url() == service.admin.url + "/profile"
	page.get_by_role("button", name="Log out", exact=True).click()
	assert page.url() == service.admin.url + "/login"
	page.goto(service.admin.url + "/profile")
	assert page.url() == service.admin.url + "/login?back=%2Fprofile"


def test_a_wrong_password_says_so_and_keeps_outside(surfer, service):
	page = surfer()
	page.goto(service.admin.url + "/login")
	page.fill("[name=login]", "viewer")
	page.fill("[name=password]", web_password("viewer") + "!")
	page.click("main button")
	assert "does not match" in page.text_content("main")
	page.goto(service.admin.url + "/profile")
	assert page.url() == service.admin.url + "/login?back=%2Fprofile"


@pytest.mark.parametrize("javascript", (True, False))
def test_a_theme_is_kept(surfer, service, javascript):
	"""Light by the browser's wish, dark by the person's; the choice outlives the page."""
	def background(page):
		return page.evaluate("getComputedStyle(document.body).backgroundColor")
	page = surfer(OPERATOR, javascript=javascript)
	page.goto(service.admin.url + "/profile")
	light = background(page)
	page.get_by_text("Dark", exact=True).click()
	assert background(page) != light
	assert page.url() == service.admin.url + "/profile"
	page.reload()
	assert background(page) != light
