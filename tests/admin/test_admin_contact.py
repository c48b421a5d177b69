# SPDX-License-Identifier: GPL-2.0-or-later
"""The technical contact of a customer: its login, its pages, and what is not its customer's."""

import csv
import hashlib
import io
import re

import pytest

from conftest import CONTACT, OTHER_CONTACT, PASSWORD
from factor import code_of, now_step
from server import Visitor, form_of, text_of

DOOR = "/siremis/user/login"
REFUSED = "That does not match, or this login may not be used now."
OWN, OTHER, FACTORY = "45675001", "45995001", "902080"

# One of everything for either customer, and a call between the two. 902080 is Radio's, outside of any group.
SCENE = """
DELETE FROM acc_cdrs; DELETE FROM location; DELETE FROM aeta_attempt; DELETE FROM aeta_nat_class; DELETE FROM aeta_audit;
INSERT INTO aeta_announcement (id, kind, subject, body, who, to_all, customer_id) VALUES (1, 'event', 'To all', 'Line 1', 'anna', 1, NULL);
INSERT INTO aeta_announcement (id, kind, subject, body, who, to_all, customer_id) SELECT IF(name = 'Radio', 2, 3), 'intervention',
    CONCAT('To ', name, ' alone'), 'Line 1', 'anna', 0, id FROM aeta_customer WHERE name IN ('Radio', 'Other');
INSERT INTO aeta_account (number, kind, customer_id) SELECT '902080', 'factory', id FROM aeta_customer WHERE name = 'Radio';
INSERT INTO acc_cdrs (id, start_time, end_time, duration, caller, dialled, final, path) VALUES
    (1, '2026-01-01 10:00:00', '2026-01-01 10:01:00', 60, '45675001', '5002', '45675002', 'direct'),
    (2, '2026-01-02 10:00:00', '2026-01-02 10:01:00', 60, '45995001', '45675001', '45675001', 'relayed'),
    (3, '2026-01-03 10:00:00', '2026-01-03 10:01:00', 60, '45995001', '5002', '45995002', 'direct'),
    (4, '2026-01-04 10:00:00', '2026-01-04 10:01:00', 60, '902080', '15000', '15000', 'direct');
INSERT INTO location (ruid, username, contact, user_agent, expires, last_modified, socket) SELECT CONCAT('r', number), number,
    'sip:x@192.0.2.9', CONCAT('agent of ', number), UTC_TIMESTAMP() + INTERVAL 1 HOUR, UTC_TIMESTAMP(), 'udp:192.0.2.1:5060'
    FROM aeta_account WHERE number IN ('45675001', '45995001');
INSERT INTO aeta_attempt (id, account, bucket, kind, cause, trust, first_at, last_at) VALUES
    (1, '45675001', 1, 'call', 'outgoing-blocked', 2, '2026-01-01', '2026-01-01'),
    (2, '45995001', 1, 'call', 'busy', 2, '2026-01-01', '2026-01-02'), (3, '45675001', 1, 'call', 'busy', 0, '2026-01-01', '2026-01-03');
INSERT INTO aeta_nat_class (account, address, class, changed_at) VALUES ('45675001', '192.0.2.9', 'changed', '2026-01-01'),
    ('45995001', '192.0.2.8', 'walled', '2026-01-01');
INSERT INTO dialog (hash_entry, hash_id, callid, from_uri, from_tag, to_uri, to_tag, caller_cseq, callee_cseq, caller_contact,
    callee_contact, caller_sock, callee_sock, state, start_time, req_uri) VALUES
    (7, 1, 'c@x', 'sip:a@x', 'f', 'sip:b@x', 't', '1', '1', '', '', '', '', 4, 1767261600, 'sip:b@x'),
    (7, 2, 'd@x', 'sip:a@x', 'f', 'sip:b@x', 't', '1', '1', '', '', '', '', 4, 1767261600, 'sip:b@x');
INSERT INTO dialog_vars (hash_entry, hash_id, dialog_key, dialog_value) VALUES
    (7, 1, 'caller_leg', '45675002|udp:192.0.2.1:5060|||a|45995002|group|c@x'), (7, 1, 'callee_leg', '45995002|udp:192.0.2.2:5060|||b|direct||'),
    (7, 2, 'caller_leg', '45995001|udp:192.0.2.1:5060|||a|45995002|group|c@x'), (7, 2, 'callee_leg', '45995002|udp:192.0.2.2:5060|||b|direct||');
"""
CLEAN = "DELETE FROM aeta_announcement; DELETE FROM dialog_vars; DELETE FROM dialog; DELETE FROM aeta_account WHERE number = '902080'"

# What each list has: the own rows by their keys, and those of the other customer.
ROWS = {"groups": (["4567"], ["4599"]), "accounts": (["45675001", "45675002", FACTORY], [OTHER, "45995002"]), "calls": (["7-1"], ["7-2"]),
        "location": ([OWN], [OTHER]), "cdrs": (["1", "2", "4"], ["3"]), "blocked": (["1"], ["2", "3"]),
        "announcements": (["1", "2"], ["3"]),
        "nat": ([f"{OWN}%40192.0.2.9"], [f"{OTHER}%40192.0.2.8"])}


@pytest.fixture
def me(as_, server):
    server.sql(SCENE)
    yield as_(CONTACT)
    server.sql(CLEAN)


def keys(answer, name):
    body = answer.text.partition('id="list"')[2]
    return sorted(set(re.findall(rf'href="/customer/{name}/([^"/?]+)"', body)))


def contact_id(server, customer):
    return server.sql(f"SELECT k.id FROM aeta_contact k JOIN aeta_customer c ON c.id = k.customer_id WHERE c.name = '{customer}' ORDER BY k.id")[0][0]


# ---- what is its customer's, and what is not ----

def test_lists_have_the_own_rows_only(me):
    for name, (own, others) in ROWS.items():
        assert keys(me.get(f"/customer/{name}"), name) == sorted(own)
        for key in own:
            assert me.get(f"/customer/{name}/{key}").status == 200, (name, key)
        for key in [*others, "0", "1%20OR%201=1", "99999999999999999999"]:
            assert me.get(f"/customer/{name}/{key}").status == 404, (name, key)
        rows = list(csv.reader(io.StringIO(me.get(f"/customer/{name}.csv").text.lstrip("\ufeff"), newline="")))
        assert len(rows) == len(own) + 1, name


FILTERS = ("accounts?f.prefix=4599", "accounts?q=4599", "accounts?f.number=4599", "accounts?f.customer=Other",
           "location?q=4599", "cdrs?f.caller=45995001&f.final=45995002", "blocked?f.account=45995001",
           "nat?q=45995001", "nat?f.account=45995001", "groups?q=4599", "contacts?q=noc.other")


def test_filters_find_nothing_of_another_customer(me):
    for query in FILTERS:
        name, _, asked = query.partition("?")
        found = keys(me.get(f"/customer/{query}"), name)
        assert not set(found) & set(ROWS.get(name, ([], []))[1]), (query, found)
        if "customer=" not in asked:  # which is no filter of a contact, and left out
            assert found == [], query
            assert len(me.get(f"/customer/{name}.csv?{asked}").text.splitlines()) == 1, query


def test_contacts_are_the_customers(me, server):
    own, other = contact_id(server, "Radio"), contact_id(server, "Other")
    page = me.get("/customer/contacts")
    assert keys(page, "contacts") == [own] and me.get(f"/customer/contacts/{other}").status == 404
    assert OTHER_CONTACT not in page.text and "Edit" not in page.text and "New contact" not in page.text


def test_pages_of_others_are_not_there(me):
    """Neither an operator's pages nor those of an account."""
    for path in ("/", "/customers", "/accounts/45675001", f"/accounts/{OTHER}", "/cdrs.csv", "/profile", "/siremis/user/subscriber",
                 "/siremis/user/cdrs.csv", "/customer/nothing"):
        assert me.get(path).status == 404, path
    for path in ("/accounts/45675001/edit", "/accounts/45675001/delete", "/groups/4567/numbers", "/profile/password"):
        assert me.post(path, {"x": "y"}).status == 404, path


def test_the_overview(me):
    page = me.get("/customer")
    cards = re.findall(r"<a[^>]*f.presence=([a-z-]+)[^>]*><strong>(\d+)</strong>", page.text)
    assert dict(cards) == {"available": "1", "in-call": "1", "unreachable": "0", "offline": "1"}, page.text
    assert "of 3 accounts" in page.text
    assert "45995002" in page.text and "45995001" not in page.text, "the own call, with whoever is the other party"
    assert "To Radio alone" in page.text and "To Other alone" not in page.text
    assert 'href="/customer/groups/4567"' in page.text and "4599</a>" not in page.text
    assert 'href="/customer/accounts/45995002"' not in page.text, "no link to what it cannot see"


def test_an_account(me):
    page = text_of(me.get(f"/customer/accounts/{OWN}"))
    assert "agent of 45675001" in page and "behind a symmetric NAT" in page and "available" in page
    assert "pays late" not in page
    assert "It is not registered." in me.get(f"/customer/accounts/{FACTORY}").text


def test_a_group_is_only_read(me):
    page = me.get("/customer/groups/4567")
    assert "Incoming blocking" in page.text and "45675002" in page.text
    assert "/edit" not in page.text and "Allocate" not in page.text and "New exception" not in page.text


def test_why_calls_did_not_come_about(me):
    assert "the caller's group blocks outgoing calls" in text_of(me.get("/customer/blocked"))
    assert "the caller's group blocks outgoing calls" in text_of(me.get("/customer/blocked/1"))


def test_the_firewall_sheet(me):
    page = me.get("/customer/firewall")
    assert page.status == 200 and "192.0.2.53" in page.text


# ---- SIP passwords ----

def ha1(server, number=OWN):
    return server.sql(f"SELECT ha1 FROM subscriber WHERE username = '{number}'")[0][0]


def set_password(me, number, **fields):
    path = f"/customer/accounts/{number}/password"
    return me.post(path, {**form_of(me.get(path), "/password"), **fields})


def test_a_new_sip_password_is_shown_once(me, server):
    before = ha1(server)
    answer = set_password(me, OWN, how="generated")
    [shown] = re.findall(r"<code>([a-z2-9]{12})</code>", answer.text)
    assert ha1(server) == hashlib.md5(f"{OWN}:aeta:{shown}".encode()).hexdigest() != before
    assert shown not in me.get(f"/customer/accounts/{OWN}/password").text and shown not in me.admin.said()
    assert server.sql("SELECT who, from_where, action, object FROM aeta_audit") == [
        [CONTACT, "web, a contact, 127.0.0.1", "account password", OWN]]


def test_a_sip_password_form_that_is_sent_twice_makes_one(me, server):
    path = f"/customer/accounts/{OWN}/password"
    form = {**form_of(me.get(path), "/password"), "how": "typed", "new": "Studio.2-7", "again": "Studio.2-7"}
    assert me.post(path, form).status == 200
    now = ha1(server)
    assert me.post(path, {**form, "new": "Studio.2-8", "again": "Studio.2-8"}).status == 409 and ha1(server) == now
    assert set_password(me, OWN, how="typed", new="short", again="short").status == 400 and ha1(server) == now


NOT_ITS = ((OTHER, "DO 1", "DO 1"), (FACTORY, "DO 1", "DO 1"), ("15000", "DO 1", "DO 1"),
           (OWN, "UPDATE aeta_group SET self_management = 0 WHERE prefix = 4567", "UPDATE aeta_group SET self_management = 1 WHERE prefix = 4567"),
           (OWN, "UPDATE aeta_account SET state = 'locked' WHERE number = '45675001'", "UPDATE aeta_account SET state = 'active'"))


def test_sip_passwords_that_are_not_its_to_set(me, server):
    """Another customer's, one without self-management, one that is locked: not even the form is there."""
    mark = form_of(me.get(f"/customer/accounts/{OWN}/password"), "/password")["mark"]
    before = server.sql("SELECT username, ha1 FROM subscriber ORDER BY username")
    for number, change, back in NOT_ITS:
        path = f"/customer/accounts/{number}/password"
        server.sql(change)
        try:
            assert me.get(path).status == 404, (number, change)
            assert me.post(path, {"how": "generated", "mark": mark}).status == 404
            assert me.post(path, {"how": "typed", "new": "Studio.2-7", "again": "Studio.2-7", "mark": "0"}).status == 404
            assert "New SIP password" not in me.get(f"/customer/accounts/{number}").text
        finally:
            server.sql(back)
    assert server.sql("SELECT username, ha1 FROM subscriber ORDER BY username") == before


# ---- logging in ----

@pytest.mark.parametrize("typed", ["noc@radio.example", "NOC@Radio.Example", " noc@radio.example "])
def test_the_address_is_the_login(visitor, typed):
    assert visitor.login(typed, PASSWORD, DOOR).location == "/customer"
    assert visitor.get("/customer").status == 200 and visitor.get(DOOR).location == "/customer"
    assert visitor.post("/logout").location == DOOR


def test_refusals_do_not_tell_who_there_is(admin, server, world):
    world.ok("contact", "disable", "Other", "noc@radio.example")
    try:
        answers = [Visitor(admin).post(DOOR, {"login": login, "password": password}) for login, password in (
            (CONTACT, "this is wrong"), ("nobody@radio.example", PASSWORD), (OTHER_CONTACT, PASSWORD), ("anna", PASSWORD), (OWN, "wrong"))]
        assert [answer.status for answer in answers] == [403] * 5
        assert all(REFUSED in text_of(answer) for answer in answers)
    finally:
        server.sql("UPDATE aeta_contact_login SET enabled = 1")


def test_one_address_and_two_customers(admin, as_, world):
    """Each login sees its own customer; no two logins are alike."""
    assert 'href="/customer/groups/4567"' in as_(CONTACT).get("/customer").text
    assert 'href="/customer/groups/4599"' in as_(OTHER_CONTACT).get("/customer").text
    done = world("contact", "password", "Other", "noc@radio.example", "--login", CONTACT)
    assert done.code == 1 and "that of another contact" in done.err


@pytest.mark.parametrize("change,back", [
    ("UPDATE aeta_account SET state = 'suspended' WHERE prefix = 4567", "UPDATE aeta_account SET state = 'active'"),
    ("UPDATE aeta_account SET valid_until = '2020-01-01' WHERE prefix = 4567", "UPDATE aeta_account SET valid_until = NULL"),
    ("UPDATE aeta_contact_login SET enabled = 0", "UPDATE aeta_contact_login SET enabled = 1")])
def test_who_may_no_longer_is_out(as_, admin, server, change, back):
    """Disabled, or the contact of a customer none of whose accounts is active any more."""
    contact = as_(CONTACT)
    server.sql(change)
    try:
        assert contact.get("/customer").led_to == DOOR
        assert Visitor(admin).post(DOOR, {"login": CONTACT, "password": PASSWORD}).status == 403
    finally:
        server.sql(back)
    assert Visitor(admin).login(CONTACT, PASSWORD, DOOR).location == "/customer"


def test_one_active_account_is_enough_and_none_at_all_too(as_, server):
    contact = as_(CONTACT)
    server.sql("UPDATE aeta_account SET state = 'suspended' WHERE number = '45675001'")
    try:
        assert contact.get("/customer").status == 200
    finally:
        server.sql("UPDATE aeta_account SET state = 'active'")
    server.sql(f"""INSERT INTO aeta_customer (id, name) VALUES (77, 'New'); INSERT INTO aeta_contact (id, customer_id, email)
        VALUES (77, 77, 'a@new.example'); INSERT INTO aeta_contact_login (contact_id, login, password)
        SELECT 77, 'a@new.example', password FROM aeta_contact_login WHERE login = '{CONTACT}'""")
    try:
        page = as_("a@new.example").get("/customer")
        assert page.status == 200 and "There is no group yet." in page.text
    finally:
        server.sql("DELETE FROM aeta_customer WHERE id = 77")


# ---- what it keeps itself ----

def test_changing_the_own_password(as_, admin, server):
    contact, elsewhere = as_(CONTACT), as_(CONTACT)
    before = server.sql(f"SELECT password FROM aeta_contact_login WHERE login = '{CONTACT}'")[0][0]
    assert contact.post("/customer/profile/password", {"now": "wrong", "new": "another long one", "again": "another long one"}).status == 403
    assert contact.post("/customer/profile/password", {"now": PASSWORD, "new": CONTACT, "again": CONTACT}).status == 400
    try:
        done = contact.post("/customer/profile/password", {"now": PASSWORD, "new": "another long one", "again": "another long one"})
        assert done.status == 200 and "is changed" in done.text
        assert contact.get("/customer").status == 200 and elsewhere.get("/customer").led_to == DOOR
        assert 'aria-current="page">Overview' in contact.get("/customer").text
        assert 'aria-current="page"' not in contact.get("/customer/profile").text.split("<main")[0], "the menu does not name this page"
        Visitor(admin).login(CONTACT, "another long one", DOOR)
        assert server.sql("SELECT who, action, detail FROM aeta_audit ORDER BY id DESC LIMIT 1") == [[CONTACT, "contact password", "own"]]
    finally:
        server.sql(f"UPDATE aeta_contact_login SET password = '{before}' WHERE login = '{CONTACT}'")


def test_a_second_factor(as_, admin, world, server):
    contact = as_(CONTACT)
    page = contact.post("/customer/profile/factor/new")
    secret, step = re.search(r"<code>([A-Z2-7]{32})</code>", page.text)[1], now_step()
    fields = {"secret": secret, "code": code_of(secret, step)}
    assert contact.post("/customer/profile/factor", {**fields, "now": "wrong"}).status == 403
    assert contact.post("/customer/profile/factor", {**fields, "now": PASSWORD}).status == 200
    half = Visitor(admin)
    assert half.login(CONTACT, PASSWORD, DOOR).location == "/login/code"
    assert half.get("/customer/cdrs").led_to == "/login/code", "the password alone opens nothing"
    half.get("/login/code?back=/customer/cdrs")
    answer = half.post("/login/code", {"code": code_of(secret, step + 1), "back": "/customer/cdrs"})
    assert answer.location == "/customer/cdrs" and half.get("/customer/cdrs").status == 200
    again = Visitor(admin)
    again.login(CONTACT, PASSWORD, DOOR)
    assert again.post("/login/code", {"code": code_of(secret, step + 1)}).status == 403, "good once"
    world.ok("contact", "password", "Radio", CONTACT, "--drop-totp", "--password-stdin", stdin=PASSWORD + "\n")
    assert half.get("/customer").led_to == DOOR
    assert Visitor(admin).login(CONTACT, PASSWORD, DOOR).location == "/customer"


def test_the_own_sessions(as_):
    contact, elsewhere, other, anna = as_(CONTACT), as_(CONTACT), as_(OTHER_CONTACT), as_("anna")
    page = contact.get("/customer/profile")
    assert page.text.count("<tr>") == 3, "a head, and two sessions"
    assert contact.post("/customer/profile/sessions/end").status == 200 and contact.get("/customer").status == 200
    assert elsewhere.get("/customer").led_to == DOOR
    assert other.get("/customer").status == 200 and anna.get("/profile").status == 200


# ---- what operators do ----

@pytest.fixture
def second(server):
    """A second contact of Radio, without a login: the key of its row."""
    server.sql("INSERT INTO aeta_contact (customer_id, email) SELECT id, 'Second@Radio.example' FROM aeta_customer WHERE name = 'Radio'")
    yield server.sql("SELECT id FROM aeta_contact WHERE email = 'Second@Radio.example'")[0][0]
    server.sql("DELETE FROM aeta_contact WHERE email = 'Second@Radio.example'")


def give(operator, key, **fields):
    path = f"/contacts/{key}/login"
    return operator.post(path, {**form_of(operator.get(path), "/login"), **fields})


def shown_in(answer):
    return re.search(r'<dt>Password</dt>\s*<dd class="code">([a-z2-9]{12})</dd>', answer.text)[1]


def test_support_gives_a_login_and_takes_it_away(as_, admin, server, second):
    susi = as_("susi")
    assert f'href="/contacts/{second}/login"' in susi.get(f"/contacts/{second}").text
    answer = give(susi, second)
    password = shown_in(answer)
    assert "second@radio.example" in answer.text and password not in susi.get(f"/contacts/{second}/login").text + admin.said()
    contact = Visitor(admin)
    assert contact.login("second@radio.example", password, DOOR).location == "/customer"
    assert "enabled" in susi.get(f"/contacts/{second}").text
    assert susi.post(f"/contacts/{second}/login-disable").led_to == f"/contacts/{second}"
    assert contact.get("/customer").led_to == DOOR
    assert Visitor(admin).post(DOOR, {"login": "second@radio.example", "password": password}).status == 403
    contact.login("second@radio.example", shown_in(give(susi, second)), DOOR)
    assert susi.post(f"/contacts/{second}/login-delete").led_to == f"/contacts/{second}"
    assert contact.get("/customer").led_to == DOOR and susi.post(f"/contacts/{second}/login-delete").status == 404
    rows = server.sql(f"SELECT who, action, COALESCE(JSON_VALUE(new_values, '$.login'), '') FROM aeta_audit WHERE object = '{second}' ORDER BY id")
    assert [row[:2] for row in rows] == [["susi", "contact password"], ["susi", "contact disable"], ["susi", "contact password"],
                                         ["susi", "contact login delete"]]
    assert rows[0][2] == "second@radio.example" and password not in str(rows)


def test_a_form_that_is_sent_twice_makes_one_password(as_, admin, second):
    susi = as_("susi")
    form = form_of(susi.get(f"/contacts/{second}/login"), "/login")
    password = shown_in(susi.post(f"/contacts/{second}/login", form))
    again = susi.post(f"/contacts/{second}/login", form)
    assert again.status == 409 and "sent already" in again.text
    Visitor(admin).login("second@radio.example", password, DOOR)


def test_logins_that_cannot_be(as_, server, second):
    susi = as_("susi")
    for login, sentence in ((CONTACT, "that of another contact"), ("4711", "not digits alone"), ("with blank", "is 1 to 64 of"),
                            ("é@radio.example", "is 1 to 64 of"), ("x" * 65, "is 1 to 64 of"), ("-x", "is 1 to 64 of")):
        answer = give(susi, second, login=login)
        assert answer.status == 409 and sentence in text_of(answer), login
    assert server.sql(f"SELECT * FROM aeta_contact_login WHERE contact_id = {second}") == []


def test_viewers_and_contacts_give_nothing(as_, server, second):
    before = server.sql("SELECT * FROM aeta_contact_login ORDER BY contact_id")
    for path in ("login", "login-disable", "login-delete"):
        assert as_("vera").post(f"/contacts/{second}/{path}", {"login": "x.y"}).status == 403
        assert as_(CONTACT).post(f"/contacts/{second}/{path}", {"login": "x.y"}).status == 404
    assert server.sql("SELECT contact_id, login, enabled, password FROM aeta_contact_login ORDER BY contact_id") == [
        [row[0], row[1], row[2], row[3]] for row in before]


def test_deleting_the_contact_ends_its_sessions(as_, admin, server, second):
    anna, contact = as_("anna"), Visitor(admin)
    contact.login("second@radio.example", shown_in(give(anna, second)), DOOR)
    form = form_of(anna.get(f"/contacts/{second}/delete"), "/delete")
    assert anna.post(f"/contacts/{second}/delete", form).status == 303
    assert server.sql(f"SELECT COUNT(*) FROM aeta_web_session WHERE contact_id = {second}") == [["0"]]
    assert contact.get("/customer").led_to == DOOR


def test_an_operator_sees_and_ends_a_contacts_session(as_, server):
    anna, contact = as_("anna"), as_(CONTACT)
    page = anna.get("/sessions")
    assert CONTACT in page.text
    key = server.sql("SELECT id FROM aeta_web_session WHERE contact_id IS NOT NULL")[0][0]
    assert anna.post(f"/sessions/{key}/delete", form_of(anna.get(f"/sessions/{key}/delete"), "/delete")).status == 303
    assert contact.get("/customer").led_to == DOOR


def test_aetactl_gives_and_takes(world, admin, server):
    told = world.ok("contact", "password", "Other", "noc@radio.example")
    assert told["login"] == OTHER_CONTACT and re.fullmatch("[a-z2-9]{12}", told["password"])
    contact = Visitor(admin)
    try:
        contact.login(OTHER_CONTACT, told["password"], DOOR)
        assert [row["role"] for row in world.ok("session", "list")["sessions"]] == ["contact"]
        assert {row["customer"]: row["login"] for row in world.ok("contact", "list")["contacts"]} == {"Other": OTHER_CONTACT, "Radio": CONTACT}
        assert world.ok("contact", "disable", "Other", "noc@radio.example") == {"disabled": "noc@radio.example"}
        assert contact.get("/customer").led_to == DOOR
        world.ok("contact", "disable", "Other", "noc@radio.example", "--delete")
        assert world("contact", "disable", "Other", "noc@radio.example").code == 1
    finally:
        world.ok("contact", "password", "Other", "noc@radio.example", "--login", OTHER_CONTACT, "--password-stdin", stdin=PASSWORD + "\n")
