# SPDX-License-Identifier: GPL-2.0-or-later
"""The browser that the other tests use: that it runs scripts, does not where it shall not, and tells what it refuses."""
import http.server
import threading

import pytest
import traps
from browser import BrowserError
from pages import RULES, judged

PAGE = b"""<!doctype html><title>still</title>
<form method=post action=/sent><label>Name <input name=name></label><button>Send</button></form>
<a href=/file>file</a><script src=/script></script><script>window.trapped='inline'</script>"""
# Each thing that a page of ours must not be.
BAD = b"""<!doctype html><html lang=en><title>bad</title><main><h1>bad</h1><input name=unlabelled><p style="color:#999">pale</p><img src=/x>
<b onclick="0">b</b><div class=wide>wide</div><h1>more</h1><h2>bad</h2><button class=narrow>two lines of words</button>
<div class=field><label for=f>label</label><input id=f class=over></div>
<div class=scroll><table><tr><td class=number>1</table><p class=wide>x</div></main>
<link rel=stylesheet href=/style><script src=/trap></script></html>"""
FILES = {"/script": ("text/javascript", b"document.title='script ran'"), "/file": ("text/csv", b"a;b\r\n"),
	"/bad": ("text/html; charset=utf-8", BAD), "/style": ("text/css", b".wide { width: 3000px } p { color: #999; background: #fff }"
		b".narrow { width: 3em } .over { margin-left: -3em } .scroll { overflow: auto }"),
	"/trap": ("text/javascript", b"window.trapped='here'")}
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'"


class Site(http.server.BaseHTTPRequestHandler):
	def do_GET(self):
		self.reply(*FILES.get(self.path, ("text/html; charset=utf-8", PAGE)))

	def do_POST(self):
		self.reply("text/plain; charset=utf-8", self.rfile.read(int(self.headers["Content-Length"])))

	def reply(self, kind, body):
		self.send_response(200)
		for name, value in (("Content-Type", kind), ("Content-Length", len(body)), ("Content-Security-Policy", POLICY)):
			self.send_header(name, str(value))
		if kind == "text/csv":
			self.send_header("Content-Disposition", 'attachment; filename="file.csv"')
		self.end_headers()
		self.wfile.write(body)

	def log_message(self, *_):
		pass


@pytest.fixture
def site():
	with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
		threading.Thread(target=server.serve_forever, daemon=True).start()
		yield f"http://127.0.0.1:{server.server_port}/"
		server.shutdown()


@pytest.mark.parametrize("javascript", (True, False))
def test_scripts_run_where_they_may(browser, site, javascript):
	context = browser.context(javascript=javascript)
	page = context.new_page()
	page.goto(site)
	assert page.title() == ("script ran" if javascript else "still")
	refused = [line for line in page.troubles() if "Content Security Policy" in line]
	assert len(refused) == (1 if javascript else 0), page.troubles()
	if javascript:
		assert page.evaluate("typeof window.trapped") == "undefined"
	context.close()


def test_forms_downloads_and_pictures(browser, site, tmp_path):
	context = browser.context(javascript=False, width=390, dark=True)
	page = context.new_page()
	page.goto(site)
	page.screenshot(path=tmp_path / "page.png")
	assert (tmp_path / "page.png").read_bytes()[16:20] == (390).to_bytes(4, "big")  # a PNG's width
	with page.expecting("waitForEvent", "download") as download:
		page.get_by_text("file").click()
	assert download().suggested_filename() == "file.csv"
	download().save_as(tmp_path / "file.csv")
	assert (tmp_path / "file.csv").read_bytes() == b"a;b\r\n"
	page.get_by_label("Name").fill(traps.HEBREW)
	page.get_by_text("Send").click()
	assert "name=%D7%A8" in page.text_content("body")
	with pytest.raises(BrowserError, match="Timeout"):
		page.click("#nothing", timeout=100)
	context.close()


def test_the_judge_finds_what_is_wrong(browser, site):
	context = browser.context()
	page = context.new_page()
	page.goto(site + "bad")
	faults = judged(page, RULES)
	for word in ("not one h1: 2", "the heading again: bad", "more than one line: two lines", "a field over its label: label",
			"a quantity that is not at the right: 1", "a table that does not fit", "a stored script ran: here", "wider than the window",
			"a style or script inside", "onclick", "label:", "image-alt:", "color-contrast:"):
		assert any(fault.startswith(word) or word in fault for fault in faults), (word, faults)
	context.close()
