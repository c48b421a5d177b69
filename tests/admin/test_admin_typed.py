# SPDX-License-Identifier: GPL-2.0-or-later
"""What people type or paste, however long or odd: a form says at its field what is wrong, a search finds nothing."""

import re
import urllib.parse

import pytest
from conftest import PASSWORD
from server import Visitor

LONG = {"long": "x" * 600, "very long": "x" * 9000, "not ASCII": "é" * 600, "a tab": "one\ttwo"}


def faults(answer):
    return re.findall(r'class="error" id="problem-([^"]*)"', answer.text)


def version(page):
    return re.search(r'name="version" value="([^"]*)"', page.text)[1]


@pytest.mark.parametrize("text", [*LONG.values(), "x" * 40000], ids=[*LONG, "nearly all that fits"])
def test_forms_say_it_at_the_field_and_keep_what_was_typed(as_, text):
    anna = as_("anna")
    for path, field, more in (("/customers/1/edit", "comment", {}), ("/accounts/45675001/edit", "comment", {}),
                              ("/customers/new", "comment", {"name": "N", "email": "n@radio.example"}),
                              ("/contacts/new", "name", {"customer_id": "1", "email": "n@radio.example"}),
                              ("/accounts/new", "comment", {"number": "902998", "kind": "other"})):
        if path.endswith("/edit"):
            more = {"version": version(anna.get(path))}
        answer = anna.post(path, {field: text, **more})
        assert answer.status == 400 and faults(answer) == [field] and f'value="{text}"' in answer.text, (path, answer)
    answer = anna.post("/operators/new", {"login": "olga", "name": text, "role": "viewer", "now": PASSWORD})
    assert answer.status == 409 and "The name " in answer.text and f'value="{text}"' in answer.text, answer


def test_the_subscribers_address(as_, server):
    me = as_("45675001")
    page = me.get("/siremis/user/subscriber")
    answer = me.post("/siremis/user/subscriber/email", {"email": "x" * 600 + "@radio.example", "version": version(page)})
    assert answer.status == 400 and "is one e-mail address" in answer.text, answer


@pytest.mark.parametrize("path", ["/customers", "/accounts", "/cdrs", "/blocked", "/audit", "/calls"])
@pytest.mark.parametrize("text", [*LONG.values(), "日" * 300, "a\nb"], ids=[*LONG, "CJK", "two lines"])
def test_a_search_finds_nothing(as_, path, text):
    query = "f.account" if path == "/blocked" else "f.who" if path == "/audit" else "f.caller" if path == "/cdrs" else "q"
    page = as_("anna").get(f"{path}?{query}={urllib.parse.quote(text)}&page=12345678901")
    assert page.status == 200 and re.search("Nothing here is like that|No call that goes on is like that", page.text), page


@pytest.mark.parametrize("path, sentence", [("/cdrs?from.start_time=abc", "Begin is a date, or a date and a time, in UTC."),
                                            ("/cdrs?f.path=sideways", "Media is one of direct relayed."),
                                            ("/groups?f.hunting=perhaps", "Hunting is on or off.")])
def test_a_filter_that_nothing_can_be_like(as_, path, sentence):
    page = as_("vera").get(path)
    assert page.status == 200 and "Nothing here is like that." in page.text and f'<p class="message bad" role="alert">{sentence}</p>' in page.text, page
    assert 'name="f.' in page.text or 'name="from.' in page.text  # the form is there again


def test_dates_of_the_subscribers_calls(as_):
    me = as_("45675001")
    for query in ("from=abc", "until=2026-02-31", "from=" + "x" * 600):
        page = me.get(f"/siremis/user/cdrs?{query}")
        assert page.status == 200 and "From and Until are dates" in page.text and 'name="until"' in page.text, page
    assert "From and Until" not in me.get("/siremis/user/cdrs?from=2026-01-01&until=").text


def test_what_nobody_types_is_named_when_it_does_not_fit(as_):
    """A link that somebody has changed by hand, or a form of another day: which part, and what to do."""
    anna = as_("anna")
    page = anna.get("/calls/1-2?caller=1234567890123456789")
    assert page.status == 400 and "The part &quot;caller&quot; of this address has 19 bytes, and 18 at most fit. Mend the address" in page.text, page
    page = anna.get("/calls/1-2?caller=45a")
    assert page.status == 400 and "&quot;caller&quot; of this address has something else than digits in it." in page.text, page
    page = anna.post("/groups/4567/numbers", {"count": "1", "after": "x"})
    assert page.status == 400 and "&quot;after&quot; of this form has something else than digits in it. Load the page" in page.text, page
    page = anna.post("/bans/lift", {"source": "192.0.2.1\n", "user": ""})
    assert page.status == 400 and "&quot;source&quot; of this form has a line end or a tab in it." in page.text, page


def test_a_form_of_more_than_64_kib(as_):
    page = as_("anna").post("/customers/1/edit", {"comment": "x" * 70000})
    assert page.status == 413 and "a form has 64 KiB at most. Go back, shorten the longest field" in page.text, page


@pytest.mark.parametrize("path, fields, sentence", [
    ("/profile/password", {"now": "x" * 5000, "new": "another good one", "again": "another good one"}, "This is not "),
    ("/profile/password", {"now": PASSWORD, "new": "xy" * 5000, "again": "xy" * 5000}, "at most 128 bytes"),
    ("/groups/4567/numbers", {"count": "9" * 300}, "is a number from 1 to 50"),
])
def test_passwords_and_quantities_are_judged_at_their_field_however_long(as_, path, fields, sentence):
    page = as_("anna").post(path, fields)
    assert page.status in (400, 403) and sentence in page.text, page


def test_a_login_with_what_is_too_long(admin):
    page = Visitor(admin).post("/login", {"login": "x" * 3000, "password": "y" * 30000})
    assert page.status == 403 and "Not understood" not in page.text, page


@pytest.mark.parametrize("who, path, sentence", [
    ("vera", "/cdrs.csv?from.start_time=abc", "Begin is a date, or a date and a time, in UTC. No file was made: go back"),
    ("vera", "/groups.csv?f.hunting=perhaps", "Hunting is on or off. No file was made: go back"),
    ("45675001", "/siremis/user/cdrs.csv?from=abc", "From and Until are dates, such as 2026-03-31. No file was made: go back"),
])
def test_a_file_of_a_filter_that_nothing_can_be_like(as_, who, path, sentence):
    page = as_(who).get(path)
    assert page.status == 400 and sentence in page.text and "Content-Disposition" not in page.headers, page
