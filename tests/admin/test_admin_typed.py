# SPDX-License-Identifier: GPL-2.0-or-later
"""What people type or paste, however long or odd: a form says at its field what is wrong, a search finds nothing."""

import re
import urllib.parse

import pytest
from conftest import PASSWORD

LONG = {"long": "x" * 600, "very long": "x" * 9000, "not ASCII": "é" * 600, "a tab": "one\ttwo"}


def faults(answer):
    return re.findall(r'class="error" id="problem-([^"]*)"', answer.text)


def version(page):
    return re.search(r'name="version" value="([^"]*)"', page.text)[1]


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
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
    assert answer.status == 409 and "the name " in answer.text and f'value="{text}"' in answer.text, answer


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
    assert page.status == 200 and re.search("Nothing here is like that|Nobody is in a call", page.text), page


@pytest.mark.parametrize("path, sentence", [("/cdrs?from.start_time=abc", "Begin is a date, or a date and a time, in UTC."),
                                            ("/cdrs?f.path=sideways", "Media is one of direct relayed."),
                                            ("/groups?f.hunting=perhaps", "Hunting is on or off.")])
def test_a_filter_that_nothing_can_be_like(as_, path, sentence):
    page = as_("vera").get(path)
    assert page.status == 200 and "Nothing here is like that." in page.text and f'<p class="error">{sentence}</p>' in page.text, page
    assert 'name="f.' in page.text or 'name="from.' in page.text  # the form is there again


def test_dates_of_the_subscribers_calls(as_):
    me = as_("45675001")
    for query in ("from=abc", "until=2026-02-31", "from=" + "x" * 600):
        page = me.get(f"/siremis/user/cdrs?{query}")
        assert page.status == 200 and "From and Until are dates" in page.text and 'name="until"' in page.text, page
    assert "From and Until" not in me.get("/siremis/user/cdrs?from=2026-01-01&until=").text
