# SPDX-License-Identifier: GPL-2.0-or-later
"""More customers than a form can offer to choose from: one is found by its name, without scripts."""

import html
import re

import pytest

MANY = 600


@pytest.fixture
def many(server):
    server.sql("INSERT INTO aeta_customer (name) VALUES " + ", ".join(f"('Choice {i:03} <b>')" for i in range(MANY)) + ";"
               "INSERT INTO aeta_contact (customer_id, email) "
               "SELECT id, CONCAT('c', id, '@choice.example') FROM aeta_customer WHERE name LIKE 'Choice %'")
    yield {name: key for key, name in server.sql("SELECT id, name FROM aeta_customer")}
    server.sql("DELETE FROM aeta_group WHERE prefix = 4999; DELETE FROM aeta_retired_prefix WHERE prefix = 4999;"
               "DELETE FROM subscriber WHERE username = '902997'; DELETE FROM aeta_account WHERE number = '902997';"
               "DELETE FROM aeta_customer WHERE name LIKE 'Choice %'")


def fault(page):
    found = re.search(r'class="error" id="problem-[^"]*">([^<]*)<', page.text)
    return found and html.unescape(found[1])


def options(page):
    select = re.search(r'<select[^>]*name="customer_id".*?</select>', page.text, re.S)
    return select and re.findall(r'<option value="(\d+)"', select[0])


def customer_of(server, prefix):
    return server.sql(f"SELECT c.name FROM aeta_group g JOIN aeta_customer c ON c.id = g.customer_id WHERE g.prefix = {prefix}")


def test_a_new_group_finds_its_customer_by_name(as_, server, many):
    susi = as_("susi")
    page = susi.get("/groups/new")
    assert 'name="find.customer_id"' in page.text and options(page) is None
    typed = {"prefix": "4999", "name": "kept", "hunt_max_s": "150", "no_answer_s": "0"}
    page = susi.post("/groups/new", {**typed, "find.customer_id": "nobody is called so"})
    assert page.status == 400 and fault(page) == "Customer is not found: nothing is called so, or begins so."
    assert 'value="nobody is called so"' in page.text and 'value="kept"' in page.text
    page = susi.post("/groups/new", {**typed, "find.customer_id": "Choice "})
    assert page.status == 400 and fault(page) == "Customer fits more than 500: type more of the name."
    page = susi.post("/groups/new", {**typed, "find.customer_id": "choice 12"})
    assert page.status == 400 and fault(page) == "Customer fits 10: choose one of them."
    assert options(page) == [many[f"Choice {i} <b>"] for i in range(120, 130)] and "Choice 120 &lt;b&gt;" in page.text
    assert susi.post("/groups/new", {**typed, "customer_id": many["Choice 125 <b>"]}).status == 303
    assert customer_of(server, 4999) == [["Choice 125 <b>"]]


def test_a_change_of_the_customer_and_a_conflict_show_names(as_, server, many):
    susi, anna = as_("susi"), as_("anna")
    server.sql(f"INSERT INTO aeta_group (prefix, customer_id) VALUES (4999, {many['Choice 001 <b>']})")
    page = susi.get("/groups/4999/edit")
    shown = {"customer_id": many["Choice 001 <b>"], "was.customer_id": many["Choice 001 <b>"],
             "version": re.search(r'name="version" value="([^"]*)"', page.text)[1]}
    assert "It is Choice 001 &lt;b&gt;. For another one" in page.text
    assert f'name="was.customer_id" value="{many["Choice 001 <b>"]}"' in page.text
    assert susi.post("/groups/4999/edit", {**shown, "find.customer_id": ""}).status == 303
    assert customer_of(server, 4999) == [["Choice 001 <b>"]]
    assert susi.post("/groups/4999/edit", {**shown, "find.customer_id": "Choice 002"}).status == 303
    assert customer_of(server, 4999) == [["Choice 002 <b>"]]
    anna.get("/groups/4999")
    page = anna.post("/groups/4999/edit", {**shown, "find.customer_id": "Choice 003"})
    assert page.status == 409
    table = re.search("<tbody>.*?</tbody>", page.text, re.S)[0]
    assert [f"Choice 00{i} &lt;b&gt;" in table for i in (1, 2, 3)] == [True] * 3
    assert not any(f">{many[f'Choice 00{i} <b>']}<" in table for i in (1, 2, 3)), table
    assert customer_of(server, 4999) == [["Choice 002 <b>"]]


def test_a_new_account_finds_its_customer_by_name(as_, server, many):
    susi = as_("susi")
    assert 'name="find.customer_id"' in susi.get("/accounts/new").text
    new = {"number": "902997", "kind": "other", "comment": "kept"}
    page = susi.post("/accounts/new", {**new, "find.customer_id": "Choice 59"})
    assert page.status == 400 and fault(page) == "Customer fits 10: choose one of them."
    assert len(options(page)) == 10 and 'value="kept"' in page.text
    assert susi.post("/accounts/new", {**new, "find.customer_id": "Choice 599 <b>"}).status == 200
    of_account = "SELECT c.name FROM aeta_account a JOIN aeta_customer c ON c.id = a.customer_id WHERE a.number = '902997'"
    assert server.sql(of_account) == [["Choice 599 <b>"]]
