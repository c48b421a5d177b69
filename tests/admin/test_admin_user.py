# SPDX-License-Identifier: GPL-2.0-or-later
"""A subscriber's own pages (E1), and what is not theirs."""

import csv
import hashlib
import io
import re
import threading

import pytest

from conftest import PASSWORD, SIP_ADDRESS
from server import Visitor, text_of

ME, OTHER = "45675001", "45995001"
AT = "UTC_TIMESTAMP()"


@pytest.fixture
def me(as_, server):
    server.sql(f"""DELETE FROM acc_cdrs; DELETE FROM location; DELETE FROM aeta_attempt; DELETE FROM aeta_audit;
        UPDATE aeta_sip_password SET changed_at = '2026-01-01'; UPDATE aeta_web_login SET email = '';""")
    return as_(ME)


def ha1(server, number=ME):
    return server.sql(f"SELECT ha1 FROM subscriber WHERE username = '{number}'")[0][0]


def ha1_of(password, number=ME):
    return hashlib.md5(f"{number}:aeta:{password}".encode()).hexdigest()


def register(server, when=AT, number=ME):
    server.sql(f"""REPLACE INTO location (ruid, username, contact, user_agent, expires, last_modified, socket)
        VALUES ('r{number}', '{number}', 'sip:{number}@192.0.2.9:5060', '<script>alert(1)</script>', {AT} + INTERVAL 5 MINUTE, {when}, 'udp:192.0.2.1:5060')""")


def fail(server, when):
    server.sql(f"""INSERT INTO aeta_attempt (account, bucket, kind, cause, trust, address, first_at, last_at)
        VALUES ('{ME}', 0, 'register', 'wrong-password', 1, '192.0.2.66', {when}, {when})""")


def status(answer):
    return re.sub(r"<[^>]+>", "", re.search(r'<p id="password-status".*?</p>', answer.text, re.S)[0])


def mark(me):
    return re.search(r'name="mark" value="(\d+)"', me.get("/siremis/user/subscriber").text)[1]


def set_password(me, fields):
    """By the form of the page as it is now."""
    return me.post("/siremis/user/subscriber/password", {"mark": mark(me), **fields})


# ---- Subscriber Data ----

def test_a_made_password_is_shown_once(me, server):
    before = ha1(server)
    answer = set_password(me, {"how": "generated"})
    [shown] = re.findall(r"<code>([a-z2-9]{12})</code>", answer.text)
    assert answer.status == 200 and ha1(server) == ha1_of(shown) != before
    assert shown not in me.get("/siremis/user/subscriber").text and shown not in me.admin.said()
    [row] = server.sql("SELECT who, from_where, action, object, detail, old_values, new_values FROM aeta_audit")
    assert row[:4] == [ME, "web, 127.0.0.1", "account password", ME] and shown not in str(row) and ha1(server) not in str(row)


def test_a_page_that_is_loaded_again_makes_no_second_password(me, server):
    form = {"how": "generated", "mark": mark(me)}
    answer = me.post("/siremis/user/subscriber/password", form)
    [shown] = re.findall(r"<code>([a-z2-9]{12})</code>", answer.text)
    for again in (form, {"how": "typed", "new": "Studio.2-7", "again": "Studio.2-7", "mark": form["mark"]}, {"how": "generated"}):
        answer = me.post("/siremis/user/subscriber/password", again)
        assert answer.status == 409 and "sent already" in answer.text and "<code>" not in answer.text
    assert ha1(server) == ha1_of(shown)
    assert server.sql("SELECT COUNT(*) FROM aeta_audit") == [["1"]]
    assert set_password(me, {"how": "generated"}).status == 200 and ha1(server) != ha1_of(shown)


def test_a_form_sent_twice_at_once_makes_one_password(me, server):
    form, answers = {"how": "generated", "mark": mark(me)}, []
    threads = [threading.Thread(target=lambda: answers.append(me.post("/siremis/user/subscriber/password", form))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409]
    [shown] = re.findall(r"<code>([a-z2-9]{12})</code>", "".join(answer.text for answer in answers))
    assert ha1(server) == ha1_of(shown)


def test_a_typed_password(me, server):
    answer = set_password(me, {"how": "typed", "new": "Studio.2-7_*#", "again": "Studio.2-7_*#"})
    assert answer.status == 200 and ha1(server) == ha1_of("Studio.2-7_*#") and "Studio.2" not in answer.text


@pytest.mark.parametrize("new,again,sentence", [("", "", "at least 10"), ("short", "short", "at least 10"), ("aaaaaaaaaaaa", "aaaaaaaaaaaa", "over and over"),
                                                ("with blank in", "with blank in", "letters, digits"), ("päßwörtlich", "päßwörtlich", "letters, digits"),
                                                ("studio2027x", "studio2027y", "differ"), ("x1" * 33, "x1" * 33, "at most 64")])
def test_passwords_that_are_none(me, server, new, again, sentence):
    """An empty field, above all, changes nothing."""
    before = ha1(server)
    answer = set_password(me, {"how": "typed", "new": new, "again": again})
    assert answer.status == 400 and sentence in text_of(answer) and ha1(server) == before
    assert server.sql("SELECT * FROM aeta_audit") == []


def chosen(answer):
    return re.search(r'name="how" value="(\w+)" checked', answer.text)[1]


def fault(answer, field):
    """What stands at a field, which then has the focus."""
    found = re.search(rf'name="{field}"[^>]* autofocus[^>]* aria-invalid="true">\s*<span class="error" id="problem-{field}">([^<]*)<', answer.text)
    return found and found[1]


def test_the_choice_is_kept_and_the_fault_is_at_its_field(me, server):
    before = ha1(server)
    assert chosen(me.get("/siremis/user/subscriber")) == "generated"
    answer = set_password(me, {"how": "typed", "new": "short", "again": "short"})
    assert chosen(answer) == "typed" and fault(answer, "new") == "A SIP password has at least 10 characters."
    answer = set_password(me, {"how": "typed", "new": "studio2027x", "again": "studio2027y"})
    assert chosen(answer) == "typed" and fault(answer, "again") == "The two passwords differ." and not fault(answer, "new")
    assert "studio2027" not in answer.text and ha1(server) == before


@pytest.mark.parametrize("fields", [{"new": "studio2027x"}, {"again": "studio2027x"}, {"new": "studio2027x", "again": "studio2027x"}])
def test_what_is_typed_is_not_passed_over(me, server, fields):
    """... where the choice says to make one: it may be meant."""
    before = ha1(server)
    answer = set_password(me, {"how": "generated", **fields})
    assert answer.status == 400 and "choose to type one" in fault(answer, "new") and chosen(answer) == "generated"
    assert ha1(server) == before and server.sql("SELECT * FROM aeta_audit") == []


@pytest.mark.parametrize("fields", [{}, {"how": ""}, {"how": "x"}, {"new": "studio2027", "again": "studio2027"}])
def test_half_a_form_changes_nothing(me, server, fields):
    before = ha1(server)
    assert set_password(me, fields).status == 400 and ha1(server) == before


def test_whether_the_device_follows(me, server):
    """Nothing yet; the old password fails; the new one is there. What was before the change does not count."""
    register(server, "'2025-12-31 12:00:00'")
    assert "has not registered since" in status(me.get("/siremis/user/subscriber"))
    fail(server, "'2025-12-31 23:00:00'")
    assert "has not registered since" in status(me.get("/siremis/user/subscriber"))
    server.sql("DELETE FROM aeta_attempt")
    fail(server, "'2026-01-01 00:00:20'")
    assert "Failed since the change, last try 2026-01-01 00:00:20 UTC from 192.0.2.66" in status(me.get("/siremis/user/subscriber"))
    register(server, "'2026-01-01 00:00:30'")
    assert "Registered with the new password at 2026-01-01 00:00:30" in status(me.get("/siremis/user/subscriber"))
    server.sql("DELETE FROM aeta_attempt")
    fail(server, "'2026-01-01 00:00:40'")
    assert "Failed since the change, last try 2026-01-01 00:00:40" in status(me.get("/siremis/user/subscriber"))


def test_a_change_begins_anew(me, server):
    register(server, f"{AT} - INTERVAL 1 MINUTE")
    assert "Registered with the new" in status(me.get("/siremis/user/subscriber"))
    set_password(me, {"how": "generated"})
    assert "has not registered since" in status(me.get("/siremis/user/subscriber"))


def version(answer):
    return re.search(r'name="version" value="(\d*)"', answer.text)[1]


def test_email(me, server):
    now = version(me.get("/siremis/user/subscriber"))
    assert me.post("/siremis/user/subscriber/email", {"email": "no address", "version": now}).status == 400
    assert me.post("/siremis/user/subscriber/email", {"email": "studio@radio.example", "version": now}).status == 200
    assert "studio@radio.example" in me.get("/siremis/user/subscriber").text
    assert me.post("/siremis/user/subscriber/email", {"email": "late@radio.example", "version": now}).status == 409, "somebody was faster"
    assert server.sql(f"SELECT account, email FROM aeta_web_login WHERE email <> ''") == [[ME, "studio@radio.example"]]


def test_what_is_wrong_stands_at_its_field(me, server):
    now = version(me.get("/siremis/user/subscriber"))
    answer = me.post("/siremis/user/subscriber/email", {"email": "no address", "version": now})
    assert fault(answer, "email").startswith("The address ") and 'value="no address"' in answer.text
    fields = {"now": "this is wrong", "new-web": "quite another one", "again-web": "quite another one"}
    for change, field, sentence in (({}, "now", "This is not your web password."),
                                    ({"new-web": "short"}, "new-web", "A password has at least 10 characters."),
                                    ({"again-web": "x"}, "again-web", "The two passwords differ.")):
        answer = me.post("/siremis/user/subscriber/web-password", {**fields, **change})
        assert fault(answer, field) == sentence and answer.text.count(" autofocus") == 1 and "Nothing was changed" in answer.text
        assert "quite another" not in answer.text


def test_a_password_that_was_taken_over_is_no_registration(me, server):
    """The device is offline now: no badge says that it is registered."""
    register(server, "'2026-01-01 00:00:30'")
    server.sql("UPDATE location SET expires = '2026-01-01 00:05:30'")
    said = status(me.get("/siremis/user/subscriber"))
    assert "taken over" in said and "Registered with the new password at 2026-01-01 00:00:30" in said
    assert not re.search(r'class="badge good">registered<', me.get("/siremis/user/subscriber").text)


def test_web_password(me, as_, server, world):
    elsewhere, new = as_(ME), "quite another one"
    fields = {"now": PASSWORD, "new-web": new, "again-web": new}
    before = ha1(server)
    try:
        for wrong in ({"now": "wrong wrong"}, {"new-web": ""}, {"new-web": "", "again-web": ""}, {"again-web": "x"}, {"new-web": ME + "xx", "again-web": ME + "xx"}):
            assert me.post("/siremis/user/subscriber/web-password", {**fields, **wrong}).status in (400, 403), wrong
        assert elsewhere.get("/siremis/user/location").status == 200
        assert me.post("/siremis/user/subscriber/web-password", fields).status == 200
        assert elsewhere.get("/siremis/user/location").status == 303 and me.get("/siremis/user/location").status == 200
        Visitor(me.admin).login(ME, new, "/siremis/user/login")
        assert ha1(server) == before, "the SIP password is another one"
    finally:
        world.ok("weblogin", "password", ME, "--password-stdin", stdin=PASSWORD + "\n")


# ---- Location Records, Call Data Records ----

def test_location(me, server):
    assert "not registered" in text_of(me.get("/siremis/user/location"))
    register(server)
    register(server, number=OTHER)
    page = me.get("/siremis/user/location")
    assert "<script>alert" not in page.text and "<script>alert(1)</script>" in text_of(page)
    assert OTHER not in page.text


def calls(server, caller, final, count, day="2026-03-01"):
    rows = ", ".join(f"('{day} 10:{i:02}:00', '{day} 10:{i:02}:30', 30, '{caller}', '{final}', '{final}', 'direct')" for i in range(count))
    server.sql(f"INSERT INTO acc_cdrs (start_time, end_time, duration, caller, dialled, final, path) VALUES {rows}")


def test_calls_of_both_ways(me, server):
    calls(server, ME, "902080", 40)
    calls(server, "902081", ME, 3)
    calls(server, OTHER, "902082", 2)
    first = me.get("/siremis/user/cdrs")
    assert "902080" in first.text and "902081" not in first.text and "902082" not in first.text
    assert "Page 1, 40 calls" in text_of(first) and "Earlier calls" in first.text
    second = me.get("/siremis/user/cdrs?tab=originated&page=2")
    assert "Page 2, 40 calls" in text_of(second) and "Earlier calls" not in second.text and "Later calls" in second.text
    received = me.get("/siremis/user/cdrs?tab=received")
    assert "902081" in received.text and "902080" not in received.text
    assert "Page 1, 40" not in text_of(me.get("/siremis/user/cdrs?from=2026-03-02"))


def test_calls_as_csv(me, server):
    calls(server, ME, "902080", 30)
    calls(server, OTHER, "902082", 2)
    answer = me.get("/siremis/user/cdrs.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="calls-{ME}-originated.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert len(rows) == 30 and {row["caller"] for row in rows} == {ME}


# ---- read only ----

def test_options_firewall_test_call(as_, admin, server):
    server.sql("UPDATE aeta_group SET block_outgoing = 1, name = '<b>Radio</b>' WHERE prefix = 4567; INSERT IGNORE INTO aeta_exception VALUES (4599, '77777')")
    me = as_(ME)
    options = me.get("/siremis/user/options")
    assert "<b>Radio" not in options.text and "15000" in options.text and "77777" not in options.text and "4599" not in options.text
    assert "<form" not in options.text.split("<main")[1].split("<footer")[0]
    assert SIP_ADDRESS in me.get("/siremis/user/firewall").text
    assert "15000" in me.get("/siremis/user/testcall").text


# ---- what is not theirs ----

def test_no_page_of_an_operator(me):
    """Nothing but 404 at any address of another kind, and no number in an address of theirs."""
    for path in ("/profile", "/operators", "/accounts/45995001", f"/siremis/user/subscriber/{OTHER}", "/groups/4599"):
        assert me.get(path).status == 404, path
    assert set_password(me, {"how": "generated", "number": OTHER, "account": OTHER, "login": OTHER}).status == 200


def test_ids_in_forms_are_not_read(me, server):
    before = ha1(server, OTHER)
    for field in ("number", "account", "who", "key", "login", "username"):
        set_password(me, {"how": "generated", field: OTHER})
        me.post("/siremis/user/subscriber/email", {"email": "x@y.example", "version": "1", field: OTHER})
    assert ha1(server, OTHER) == before
    assert server.sql(f"SELECT email FROM aeta_web_login WHERE account = '{OTHER}'") == [[""]]
    assert server.sql(f"SELECT * FROM aeta_audit WHERE object = '{OTHER}'") == []


def test_no_link_leads_to_an_operators_page(me, server):
    """Every link and form of every page of theirs is one that they may use."""
    calls(server, ME, "902080", 30)
    register(server)
    seen = set()
    for page in ("subscriber", "location", "cdrs", "cdrs?tab=received", "options", "firewall", "testcall"):
        seen |= set(re.findall(r'(?:href|action)="([^"#]+)"', me.get(f"/siremis/user/{page}").text))
    seen = {address.replace("&amp;", "&") for address in seen}
    assert len(seen) > 15
    for address in seen:
        if not address.startswith(("/static/", "/theme", "/logout")):
            assert me.get(address).status in (200, 405), address
