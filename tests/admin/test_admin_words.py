# SPDX-License-Identifier: GPL-2.0-or-later
"""What things are called: the same everywhere, and in words."""

import html
import re

import pytest
from server import text_of


def menu(page):
    return re.findall(r'<li><a href="([^"]*)"[^>]*>([^<]*)<', page.text.split('<nav id="menu"')[1].split("</nav>")[0])


@pytest.mark.parametrize("who, home", [("anna", "/"), ("45675001", "/siremis/user/subscriber")])
def test_each_page_is_called_as_the_menu_calls_it(as_, who, home):
    visitor = as_(who)
    rows = menu(visitor.get(home))
    assert len(rows) > 5
    headings = [(path, re.search(r"<h1[^>]*>([^<]*)<", visitor.get(path).text)[1]) for path, _ in rows]
    assert headings == rows


def labels(page):
    return re.findall(r"<dt>([^<]*)</dt>", page.text)


@pytest.mark.parametrize("path", ["/accounts/45675001", "/groups/4567", "/customers/1", "/accounts/45675001/edit"])
def test_no_two_facts_have_the_same_label(as_, path):
    page = as_("anna").get(path)
    found = labels(page) + re.findall(r'<label for="field-[^>]*>([^<]*)<', page.text)
    assert page.status == 200 and len(found) > 2 and len(set(found)) == len(found), found


@pytest.fixture
def found_out(server):
    """A call record, and what the agent of its caller is behind."""
    server.sql("INSERT INTO acc_cdrs (id, start_time, end_time, duration, caller, dialled, final, path, path_reason) VALUES "
               "(4711, '2026-01-01 10:00:00', '2026-01-01 10:01:00', 60, '45995002', '5001', '45995001', 'direct', 'no-sign');"
               "INSERT INTO aeta_nat_class (account, address, class, changed_at) VALUES ('45675001', '192.0.2.1', 'leaky', '2026-01-01')")
    yield
    server.sql("DELETE FROM acc_cdrs WHERE id = 4711; DELETE FROM aeta_nat_class WHERE account = '45675001'")


def test_reasons_and_nats_are_said_in_words(as_, found_out):
    vera = as_("vera")
    for path in ("/cdrs?f.caller=45995002", "/cdrs/4711"):
        page = vera.get(path)
        assert "nothing speaks against the direct way" in page.text and "no-sign" not in page.text, path
    assert "no-sign" in vera.get("/cdrs.csv?f.caller=45995002").text  # programs read words that stay
    means = "behind a NAT that changes its port when the other side sends first"
    for path in ("/nat?f.account=45675001", "/nat?f.class=leaky", "/nat/45675001@192.0.2.1"):
        page = vera.get(path)
        assert re.search(rf"<(td|dd)[^>]*>{means}<", page.text), path
    assert f'<option value="leaky" selected>{means}</option>' in vera.get("/nat?f.class=leaky").text


def test_a_heading_stands_over_something(as_):
    page = html.unescape(as_("vera").get("/accounts/45675002").text)
    assert "<h2>NAT or firewall</h2><p>Nothing is known: it has not been asked yet.</p>" in page, text_of(page)
