# SPDX-License-Identifier: GPL-2.0-or-later
"""What people do on pages, by what they see there."""


def put(page, **values):
	"""Fills in fields of the form by their names: text, a choice, True or False."""
	for name, value in values.items():
		field = page.locator(f"main [name='{name}']")
		if isinstance(value, bool):
			field.set_checked(value)
		elif page.locator(f"main select[name='{name}']").count():
			field.select_option(label=value)
		else:
			field.fill(str(value))


def press(page, label):
	page.locator("main").get_by_role("button", name=label, exact=True).click()


def follow(page, label):
	page.locator("main").get_by_role("link", name=label, exact=True).first().click()


def said(page):
	"""All that a reader finds in the main part."""
	return page.inner_text("main")


def sheet(page):
	"""The credential sheet: number -> {label: value}."""
	numbers = {}
	for section in page.locator("main section.sheet").all():
		facts = dict(zip(section.locator("dt").all_inner_texts(), section.locator("dd").all_inner_texts()))
		numbers[facts["SIP number"]] = facts
	return numbers


def hang_up(mine, theirs):
	"""Ends a call; nothing of it is left when this returns."""
	cseq = mine.send("BYE")
	theirs.expect("BYE")
	mine.link.wait("answer to BYE", lambda m: mine.answers(m, "BYE", cseq) and m.status == 200)


def members(service, prefix, first=5001, count=3):
	"""Numbers of a group that may call now."""
	rows = service.sql(f"SELECT number FROM aeta_account WHERE prefix = {prefix} AND seq >= {first} AND state = 'active' "
		f"AND valid_until IS NULL ORDER BY number LIMIT {count}")
	return [number for number, in rows]
