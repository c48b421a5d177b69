# SPDX-License-Identifier: GPL-2.0-or-later
"""Every page that somebody may see, from aeta-admin's own table of routes; judged, and pictured in both themes and on a phone."""
import json
import re
from pathlib import Path

from browser import FOLDER

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PICTURES = ROOT / "build/test/web"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
COLOURS = {"type": "rule", "values": ["color-contrast"]}
# No pages: what monitors ask, files, and what is made for a spreadsheet.
NO_PAGE = re.compile(r"^/(health|metrics|static/|favicon)|\.(csv|pcap|txt|json)$|/(csv|download)$")


def page_routes(routes, who):
	"""Paths that `who` may GET, with parameters as :name."""
	return sorted({route["path"] for route in routes if route["method"] == "GET" and who in route["who"]
		and not NO_PAGE.search(route["path"])})


class Paths:
	"""Puts real rows in the place of parameters: the first that the list shows whose address is the path's beginning."""

	def __init__(self, client, given):
		self.client, self.given, self.keys = client, given, {}

	def filled(self, path):
		"""The path with its parameters; None: there is no row to show."""
		parts = path.split("/")
		for i, part in enumerate(parts):
			if part.startswith(":"):
				parts[i] = self.given.get("/".join(parts[:i + 1])) or self.key("/".join(parts[:i]), part)
				if parts[i] is None:
					return None
		return "/".join(parts)

	def key(self, before, name):
		place = (before, name)
		if place not in self.keys:
			text = self.client.get(before).text
			found = re.search(rf'href="{re.escape(before)}/((?!new["/?])[^"/?]+)["/?]', text)
			self.keys[place] = found and found[1].replace("&amp;", "&")
		return self.keys[place]


def judged(page, rules):
	"""What is wrong with the page that is shown; rules: axe-core's, or None."""
	axe = (FOLDER / "node_modules/axe-core/axe.min.js").read_text() if rules else "0"
	judge = re.sub(r"^//.*\n", "", (HERE / "judge.js").read_text(), flags=re.M)
	return page.evaluate(f"(async () => {{ if (!window.axe) {{ {axe} }} return await ({judge.rstrip()})({json.dumps(rules)}); }})()")


def picture_name(who, path):
	return (who + re.sub(r"[^a-z0-9]+", "-", re.sub(r":\w+", "x", path).lower())).strip("-")


def visit(page, url, who, path):
	"""The page's faults; its pictures are in PICTURES."""
	before = len(page.troubles())
	answer = page.goto(url)
	if answer.status() != 200:
		return [f"status {answer.status()}"]
	return look(page, picture_name(who, path)) + page.troubles()[before:]


def look(page, name):
	"""The faults of the page that is shown, with pictures of it: on a desk, in both themes, and on a phone."""
	PICTURES.mkdir(parents=True, exist_ok=True)
	page.screenshot(path=PICTURES / f"{name}-light.png", full_page=True)
	faults = judged(page, RULES)
	page.emulate_media(color_scheme="dark")
	page.screenshot(path=PICTURES / f"{name}-dark.png", full_page=True)
	faults += [f"dark: {fault}" for fault in judged(page, COLOURS)]
	page.set_viewport_size(PHONE)
	page.screenshot(path=PICTURES / f"{name}-phone.png", full_page=True)
	faults += [f"phone: {fault}" for fault in judged(page, None)]
	page.set_viewport_size(DESK)
	page.emulate_media(color_scheme="light")
	return faults
