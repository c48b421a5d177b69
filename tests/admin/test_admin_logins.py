# SPDX-License-Identifier: GPL-2.0-or-later
"""Who gets in, how often it may be tried, how long a session lasts, and the second factor."""

import ctypes
import hashlib
import html
import re
import threading
import time
import urllib.parse

import pytest

from conftest import CONTACT, PASSWORD, door
from factor import code_of, now_step
from server import Admin, Visitor, text_of

ORIGIN = "https://admin.example"


def tries(admin, *logins, path="/login", password="this is wrong"):
    return [Visitor(admin).post(path, {"login": login, "password": password}) for login in logins]


# ---- passwords ----

def test_doors_do_not_mix(visitor):
    """An operator is nobody at the subscribers' door, and the other way round."""
    assert visitor.post("/siremis/user/login", {"login": "anna", "password": PASSWORD}).status == 403
    assert visitor.post("/login", {"login": "45675001", "password": PASSWORD}).status == 403
    assert visitor.login("45675001", PASSWORD, "/siremis/user/login").location == "/siremis/user/subscriber"


def test_nobody_costs_as_much_as_somebody(admin, server):
    """One argon2id and the same rows of the throttle whoever is named; and the answer is the same, byte for byte but for what was typed."""
    server.sql("UPDATE aeta_operator SET enabled = 0 WHERE login = 'vera'")
    try:
        seen = set()
        for path, login in [*(("/login", login) for login in ("anna", "nobody", "vera", "", "anna' OR 1=1 -- ", "ann\u00e9", "anna ", "x" * 128)),
                            *(("/siremis/user/login", login) for login in ("45675001", "45675009", CONTACT, "nobody@radio.example", "x" * 128))]:
            before = admin.metric("password_checks_total"), int(server.sql("SELECT COUNT(*) FROM aeta_web_throttle")[0][0])
            [answer] = tries(admin, login, path=path)
            assert admin.metric("password_checks_total") == before[0] + 1, login
            assert int(server.sql("SELECT COUNT(*) FROM aeta_web_throttle")[0][0]) == before[1] + (2 if before[1] else 3)
            text, fields = re.subn(r'(name="login"[^>]*value=")[^"]*"', r'\1"', answer.text)
            assert fields == 1
            seen.add((path, answer.status, text))
        assert len(seen) == 2 and {status for _, status, _ in seen} == {403}
    finally:
        server.sql("UPDATE aeta_operator SET enabled = 1 WHERE login = 'vera'")


def test_a_login_replaces_the_session(as_, server):
    """Nobody can prepare a session for somebody else: the cookie is another one after a login."""
    anna = as_("anna")
    first = anna.jar["aeta"]
    anna.login("anna", PASSWORD)
    assert anna.jar["aeta"] != first and server.sql("SELECT COUNT(*) FROM aeta_web_session") == [["1"]]
    old = Visitor(anna.admin)
    old.jar = {"aeta": first}
    assert old.get("/profile").led_to == "/login"


def test_what_is_stored(as_, server):
    anna = as_("anna")
    token = anna.jar["aeta"]
    assert server.sql("SELECT token_hash FROM aeta_web_session") == [[hashlib.sha256(token.encode()).hexdigest()]]
    assert anna.token != token and len(anna.token) == 43


def test_what_was_typed_stays_after_a_failure(visitor):
    answer = visitor.post("/siremis/user/login", {"login": "4567 5001", "password": "this is wrong"})
    assert answer.status == 403 and re.search(r'name="login"[^>]*value="45675001"', answer.text), answer
    answer = visitor.post("/login", {"login": 'an "anna', "password": "this is wrong"})
    assert re.search(r'name="login"[^>]*value="an &quot;anna"', answer.text) and "this is wrong" not in answer.text, answer


def test_blanks_in_a_number_are_left_out(visitor):
    assert visitor.login(" 4567 5001 ", PASSWORD, "/siremis/user/login").location == "/siremis/user/subscriber"
    assert visitor.post("/login", {"login": "an na", "password": PASSWORD}).status == 403


# ---- the way back ----

ENDED = "Your session has ended (or you have not logged in yet)."


def enter(visitor, page, who):
    """By the form of the login page that `page` has led to; where it leads."""
    form = visitor.get(page.location)
    assert ENDED in text_of(form), form
    back = html.unescape(re.search(r'name="back" value="([^"]*)"', form.text)[1])
    return visitor.post(door(who), {"login": who, "password": PASSWORD, "back": back}).location


@pytest.mark.parametrize("address,who", [("/accounts/45675001", "anna"), ("/accounts?q=4567+5&f.prefix=4567&sort=-number", "vera"), ("/calls", "anna"),
                                         ("/groups/4567/edit", "susi"), ("/siremis/user/cdrs?tab=received", "45675001"),
                                         ("/customer/cdrs?f.caller=4567&page=2", CONTACT), ("/customer", CONTACT)])
def test_a_login_leads_to_the_page_that_was_asked_for(admin, address, who):
    visitor = Visitor(admin)
    page = visitor.get(address)
    assert page.status == 303 and page.led_to == door(who)
    if address == "/customer":  # by the front door: nothing to come back to
        assert page.location == door(who)
        return
    assert enter(visitor, page, who) == address
    assert visitor.get(address).status == 200 and visitor.get(page.location).location == address, "logged in, the login leads on"


@pytest.mark.parametrize("posted,back,who", [("/groups/4567/edit", "/groups/4567/edit", "anna"), ("/operators/new", "/operators/new", "anna"),
                                             ("/calls/1-1/end", "/", "anna"),
                                             ("/siremis/user/subscriber/email", "/siremis/user/subscriber", "45675001"),
                                             ("/customer/profile/password", "/customer", CONTACT)])
def test_what_is_sent_after_the_end_is_not_lost_without_a_word(as_, server, posted, back, who):
    visitor = as_(who)
    server.sql("UPDATE aeta_web_session SET ends_at = UTC_TIMESTAMP() - INTERVAL 1 SECOND")
    page = visitor.post(posted, {"version": "1", "name": "typed", "email": "typed@radio.example"})
    assert page.status == 303 and "What you sent was not stored." in visitor.get(page.location).text
    assert enter(visitor, page, who) == back


def test_the_second_factor_leads_back_too(admin, as_, server):
    server.sql("UPDATE aeta_operator SET totp_secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' WHERE login = 'anna'")
    visitor = Visitor(admin)
    code = enter(visitor, visitor.get("/accounts?q=1"), "anna")
    assert code == "/login/code?back=%2Faccounts%3Fq%3D1"
    assert visitor.get("/groups").location == "/login/code?back=%2Fgroups"
    form = visitor.get(code)
    back = html.unescape(re.search(r'name="back" value="([^"]*)"', form.text)[1])
    assert visitor.post("/login/code", {"code": code_of("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", now_step()), "back": back}).location == "/accounts?q=1"


def test_the_front_door_has_nothing_to_explain(admin):
    visitor = Visitor(admin)
    assert visitor.get("/").location == "/login" and ENDED not in text_of(visitor.get("/login"))
    visitor.jar = {"aeta": "a" * 43}  # a session that is over
    assert visitor.get("/").location == "/login?back=%2F"


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/%09/evil.example/",
                                  "/accounts\\@evil.example", "/accounts\r\nSet-Cookie: x=y", "javascript:alert(1)", "/nothing", "/login", "/logout",
                                  "/siremis/user/subscriber", "/theme", "/static/app.js", "/health", "accounts", " /accounts", "/accounts/../../x", "/acc\u00f6unts",
                                  "", "?x", "/accounts?q=" + "x" * 500, "/" + "x" * 5000])
def test_no_login_leads_elsewhere(admin, back):
    """Whatever somebody writes into a link to our login: it leads to a page of ours, for whoever logs in, or home."""
    visitor = Visitor(admin)
    form = visitor.get("/login?back=" + urllib.parse.quote(back))
    assert form.status == 200 and 'name="back" value=""' in form.text, form
    answer = visitor.post("/login", {"login": "anna", "password": PASSWORD, "back": back})
    assert (answer.status, answer.location) == (303, "/"), answer
    assert visitor.get("/login?back=" + urllib.parse.quote(back)).location == "/"


def test_a_subscriber_is_led_to_no_page_of_operators(visitor):
    answer = visitor.post("/siremis/user/login", {"login": "45675001", "password": PASSWORD, "back": "/accounts"})
    assert answer.location == "/siremis/user/subscriber"


# ---- too many tries ----

def longer_wait(server):
    """Those that wait do so for a minute more, so that a slow machine sees it."""
    server.sql("UPDATE aeta_web_throttle SET open_at = open_at + INTERVAL 1 MINUTE WHERE open_at > last_at")


def test_tries_of_one_name(admin, server):
    assert [a.status for a in tries(admin, *["anna"] * 5)] == [403] * 5
    longer_wait(server)
    [answer] = tries(admin, "anna")
    assert answer.status == 429 and int(answer.headers["Retry-After"]) > 10 and "Too many tries" in answer.text
    checks = admin.metric("password_checks_total")
    assert tries(admin, "anna", password=PASSWORD)[0].status == 429, "the right password is a try, too"
    assert admin.metric("password_checks_total") == checks, "no work for what is refused"
    assert tries(admin, "susi")[0].status == 403, "another name is another matter"
    server.sql("UPDATE aeta_web_throttle SET open_at = UTC_TIMESTAMP() - INTERVAL 1 SECOND")
    assert tries(admin, "anna", password=PASSWORD)[0].status == 303
    assert [a.status for a in tries(admin, *["anna"] * 4)] == [403] * 4, "a right one forgives"


def test_waits_grow_and_end(admin, server):
    waits = []
    for _ in range(16):
        server.sql("UPDATE aeta_web_throttle SET open_at = UTC_TIMESTAMP() - INTERVAL 1 SECOND")
        tries(admin, "anna")
        waits.append(int(server.sql("SELECT MAX(TIMESTAMPDIFF(SECOND, last_at, open_at)) FROM aeta_web_throttle")[0][0]))
    assert waits == [0] * 4 + [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]
    server.sql("UPDATE aeta_web_throttle SET last_at = UTC_TIMESTAMP() - INTERVAL 16 MINUTE, open_at = UTC_TIMESTAMP() - INTERVAL 11 MINUTE")
    assert [a.status for a in tries(admin, *["anna"] * 5)] == [403] * 5


def test_tries_from_one_source(admin, server):
    """Names that change, from one address: thirty, then it waits, and so does a right password from there."""
    for i in range(6):
        server.sql("DELETE FROM aeta_web_throttle WHERE tries = 1")
        assert {a.status for a in tries(admin, *[f"name{i}-{n}" for n in range(5)])} == {403}
    longer_wait(server)
    assert tries(admin, "yet-another")[0].status == 429
    assert tries(admin, "anna", password=PASSWORD)[0].status == 429
    assert tries(admin, "45675001", password=PASSWORD, path="/siremis/user/login")[0].status == 429


def from_elsewhere(admin, address, *logins, password="this is wrong"):
    """Tries through the proxy that `admin` has, from an address of the outer world."""
    return [Visitor(admin).post("/login", {"login": login, "password": password}, {"Origin": ORIGIN, "X-Forwarded-For": address}).status
            for login in logins]


@pytest.fixture(scope="module")
def outside(world, tmp_path_factory):
    with Admin(world.server, tmp_path_factory.mktemp("outside"), behind_proxy="yes", insecure_cookie="no", origin=ORIGIN) as running:
        yield running


def rows(server):
    return int(server.sql("SELECT COUNT(*) FROM aeta_web_throttle")[0][0])


def test_strangers_lock_nobody_out(admin, outside, server):
    """From many addresses they take all tries of a name; its owner, where it has logged in before, does not wait. Elsewhere it does."""
    assert from_elsewhere(outside, "2001:db8:1:2::7", "anna", password=PASSWORD) == [303]
    for n in range(2):
        assert from_elsewhere(outside, f"2001:db8:666:{n}::1", "anna") == [403]
    server.sql("UPDATE aeta_web_throttle SET tries = 60, open_at = UTC_TIMESTAMP() + INTERVAL 1 MINUTE WHERE tries = 2")
    assert from_elsewhere(outside, "2001:db8:666:9::1", "anna") == [429], "the name has to wait"
    assert from_elsewhere(outside, "2001:db8:1:2::8", "anna", password=PASSWORD) == [303], "the same 64 bits"
    assert from_elsewhere(outside, "2001:db8:666:8::1", "anna") == [429], "that has opened nothing to strangers"
    assert from_elsewhere(outside, "2001:db8:1:3::7", "anna", password=PASSWORD) == [429], "nobody knows it there"
    assert from_elsewhere(outside, "2001:db8:1:2::7", "anna", "anna", "anna", "anna", "anna") == [403] * 5
    longer_wait(server)
    assert from_elsewhere(outside, "2001:db8:1:2::7", "anna", password=PASSWORD) == [429], "it has tries of its own, no more"
    server.sql("UPDATE aeta_web_throttle SET open_at = UTC_TIMESTAMP() - INTERVAL 1 SECOND WHERE tries = 5")
    server.sql("UPDATE aeta_web_throttle SET last_at = UTC_TIMESTAMP() - INTERVAL 1 SECOND WHERE last_at > UTC_TIMESTAMP() + INTERVAL 1 DAY")
    assert from_elsewhere(outside, "2001:db8:1:2::7", "anna", password=PASSWORD) == [429], "thirty days later"


def test_a_source_that_waits_leaves_no_rows(admin, server):
    tries(admin, "somebody")
    server.sql("UPDATE aeta_web_throttle SET tries = 40, open_at = UTC_TIMESTAMP() + INTERVAL 1 MINUTE")
    before = rows(server)
    assert {answer.status for answer in tries(admin, *[f"name{n}" for n in range(10)])} == {429}
    assert rows(server) == before


def test_who_waits_takes_nobodys_turn(admin, outside, server):
    """A stranger who is throttled keeps nobody from logging in, however many of the stranger's tries come at once."""
    from_elsewhere(outside, "203.0.113.1", "anna")
    server.sql("UPDATE aeta_web_throttle SET tries = 40, open_at = UTC_TIMESTAMP() + INTERVAL 5 MINUTE")
    answers, stop = [], threading.Event()

    def insist():
        while not stop.is_set():
            answers.extend(from_elsewhere(outside, "203.0.113.1", "anna"))
    threads = [threading.Thread(target=insist) for _ in range(12)]
    for thread in threads:
        thread.start()
    try:
        own = [status for n in range(8) for status in from_elsewhere(outside, f"192.0.2.{n}", "vera", password=PASSWORD)]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert own == [303] * 8 and set(answers) == {429}


def test_old_rows_go_all_at_once(world, server, tmp_path):
    """More than one statement's, at the start already; what still counts, and where a name is known, stays."""
    server.sql("INSERT INTO aeta_web_throttle (subject, last_at) SELECT CONCAT('old', seq), UTC_TIMESTAMP() - INTERVAL 21 MINUTE FROM seq_1_to_1700")
    server.sql("INSERT INTO aeta_web_throttle (subject, last_at) VALUES ('new', UTC_TIMESTAMP() - INTERVAL 19 MINUTE), "
               "('known', UTC_TIMESTAMP() + INTERVAL 30 DAY)")
    with Admin(world.server, tmp_path):
        end = time.monotonic() + 30
        while int(server.sql("SELECT COUNT(*) FROM aeta_web_throttle WHERE subject LIKE 'old%'")[0][0]):
            assert time.monotonic() < end
            time.sleep(0.02)
    assert server.sql("SELECT COUNT(*) FROM aeta_web_throttle WHERE subject IN ('new', 'known')") == [["2"]]


def test_tries_at_the_same_moment_count_one_by_one(admin, server):
    """The next wait would be a minute: of twelve at once one is looked at."""
    tries(admin, "anna")
    server.sql("UPDATE aeta_web_throttle SET tries = 9")
    answers = []
    threads = [threading.Thread(target=lambda: answers.extend(tries(admin, "anna"))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(a.status for a in answers) == [403] + [429] * 11


# ---- sessions ----

def test_a_session_outlives_the_server(as_, admin):
    anna = as_("anna")
    admin.restart()
    assert anna.get("/profile").status == 200
    assert anna.post("/logout").status == 303


def test_logging_out(as_, server):
    anna, elsewhere = as_("anna"), as_("anna")
    stolen = dict(anna.jar)
    answer = anna.post("/logout")
    assert answer.location == "/login" and "Max-Age=0" in answer.cookies[0] and not anna.jar
    anna.jar = stolen
    assert anna.get("/profile").led_to == "/login"
    assert elsewhere.get("/profile").status == 200


def test_an_active_session_goes_on_and_an_idle_one_ends(as_, server):
    anna = as_("anna")
    for _ in range(3):  # 29 minutes of pause each: together longer than a session may idle
        server.sql("UPDATE aeta_web_session SET seen_at = UTC_TIMESTAMP() - INTERVAL 29 MINUTE")
        assert anna.get("/profile").status == 200
        assert server.sql("SELECT seen_at > UTC_TIMESTAMP() - INTERVAL 1 MINUTE FROM aeta_web_session") == [["1"]]
    server.sql("UPDATE aeta_web_session SET seen_at = UTC_TIMESTAMP() - INTERVAL 31 MINUTE")
    assert anna.get("/profile").led_to == "/login"


def test_no_session_lasts_for_ever(as_, server):
    anna = as_("anna")
    assert server.sql("SELECT TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(), ends_at) BETWEEN 718 AND 720 FROM aeta_web_session") == [["1"]]
    server.sql("UPDATE aeta_web_session SET ends_at = UTC_TIMESTAMP() - INTERVAL 1 SECOND")
    assert anna.get("/profile").led_to == "/login"


@pytest.mark.parametrize("change,back", [
    ("UPDATE aeta_operator SET enabled = 0 WHERE login = 'susi'", "UPDATE aeta_operator SET enabled = 1 WHERE login = 'susi'"),
    ("DELETE FROM aeta_web_session", "DO 1")])
def test_who_is_disabled_is_out(as_, server, change, back):
    susi = as_("susi")
    server.sql(change)
    try:
        assert susi.get("/profile").led_to == "/login"
    finally:
        server.sql(back)


@pytest.mark.parametrize("change,back", [
    ("UPDATE aeta_group SET self_management = 0 WHERE prefix = 4567", "UPDATE aeta_group SET self_management = 1 WHERE prefix = 4567"),
    ("UPDATE aeta_account SET state = 'locked' WHERE number = '45675001'", "UPDATE aeta_account SET state = 'active'"),
    ("UPDATE aeta_account SET valid_until = '2020-01-01' WHERE number = '45675001'", "UPDATE aeta_account SET valid_until = NULL")])
def test_a_subscriber_who_may_no_longer_is_out(as_, server, admin, change, back):
    subscriber = as_("45675001")
    assert subscriber.get("/siremis/user").location == "/siremis/user/subscriber"
    server.sql(change)
    try:
        assert subscriber.get("/siremis/user").led_to == "/siremis/user/login"
        assert tries(admin, "45675001", path="/siremis/user/login", password=PASSWORD)[0].status == 403
    finally:
        server.sql(back)


def test_a_role_counts_at_once(as_, server):
    susi = as_("susi")
    server.sql("UPDATE aeta_operator SET role = 'viewer' WHERE login = 'susi'")
    try:
        assert "viewer" in susi.get("/profile").text
    finally:
        server.sql("UPDATE aeta_operator SET role = 'support' WHERE login = 'susi'")


def test_aetactl_ends_a_session(as_, world):
    anna, other = as_("anna"), as_("anna")
    newest = max(row["id"] for row in world.ok("session", "list")["sessions"])
    world.ok("session", "end", newest)
    assert anna.get("/profile").status == 200 and other.get("/profile").led_to == "/login"


# ---- one's own password ----

def test_changing_ones_password(as_, admin, world, server):
    vera, elsewhere = as_("vera"), as_("vera")
    new = "another one that is long"
    fields = {"now": PASSWORD, "new": new, "again": new}
    try:
        refused = vera.post("/profile/password", {**fields, "now": "this is wrong"})
        assert refused.status == 403 and "This is not your password." in refused.text
        assert vera.post("/profile/password", {**fields, "again": new + "x"}).status == 400
        refused = vera.post("/profile/password", {**fields, "new": "short", "again": "short"})
        assert refused.status == 400 and ">A password has at least 10 characters.<" in refused.text
        assert vera.post("/profile/password", {**fields, "new": "", "again": ""}).status == 400
        assert elsewhere.get("/profile").status == 200, "nothing has changed so far"
        assert vera.post("/profile/password", fields).status == 200
        assert vera.get("/profile").status == 200 and elsewhere.get("/profile").led_to == "/login"
        assert tries(admin, "vera", password=PASSWORD)[0].status == 403
        assert tries(admin, "vera", password=new)[0].status == 303
        row = server.sql("SELECT who, from_where, action, object FROM aeta_audit ORDER BY id DESC LIMIT 1")
        assert row == [["vera", "web, 127.0.0.1", "operator password", "vera"]]
    finally:
        world.ok("operator", "password", "vera", "--password-stdin", stdin=PASSWORD + "\n")


def meanwhile(server, change, visitor, *request):
    """What is answered to a request that begins before `change` is committed, and comes to its end after."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(visitor.post(*request)))
    with server.changing(change):
        thread.start()
        server.wait_for_a_lock()
    thread.join()
    return answers[0]


@pytest.mark.parametrize("who,table,change", [
    ("vera", "aeta_operator", "password = CONCAT(password, 'x')"), ("vera", "aeta_operator", "enabled = 0"),
    ("vera", "aeta_operator", "totp_secret = 'A'"), ("45675001", "aeta_web_login", "password = CONCAT(password, 'x')"),
    (CONTACT, "aeta_contact_login", "password = CONCAT(password, 'x')"), (CONTACT, "aeta_contact_login", "enabled = 0"),
    (CONTACT, "aeta_contact_login", "totp_secret = 'A'")])
def test_an_old_password_lets_nobody_in_once_it_is_changed(admin, server, who, table, change):
    """The password was compared before the change was there: its session would outlive those that the change ends."""
    key = "account" if table == "aeta_web_login" else "login"
    before = server.sql(f"SELECT password FROM {table} WHERE {key} = '{who}'")[0][0]
    try:
        answer = meanwhile(server, f"UPDATE {table} SET {change} WHERE {key} = '{who}'; DELETE FROM aeta_web_session",
                           Visitor(admin), door(who), {"login": who, "password": PASSWORD})
        assert answer.status == 403 and not answer.cookies, answer
        assert server.sql("SELECT COUNT(*) FROM aeta_web_session") == [["0"]]
    finally:
        server.sql(f"""UPDATE {table} SET password = '{before}' WHERE {key} = '{who}';
            UPDATE aeta_operator SET enabled = 1, totp_secret = NULL; UPDATE aeta_contact_login SET enabled = 1, totp_secret = NULL""")


# ---- the second factor ----

def enrol(anna):
    """Sets up an app; its secret, and the step of the code that did it."""
    page = anna.post("/profile/factor/new")
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page.text)[1]
    assert page.status == 200 and "<svg" in page.text and "otpauth" not in page.text
    step = now_step()
    assert anna.post("/profile/factor", {"secret": secret, "code": "000000", "now": PASSWORD}).status == 403
    assert anna.post("/profile/factor", {"secret": secret, "code": code_of(secret, step - 1), "now": PASSWORD}).status == 200
    return secret, step - 1


def test_a_second_factor(as_, admin, server):
    anna = as_("anna")
    secret, step = enrol(anna)
    assert secret not in anna.get("/profile").text, "shown once"
    half = Visitor(admin)
    assert half.login("anna", PASSWORD).location == "/login/code"
    assert half.get("/profile").led_to == "/login/code", "the password alone opens nothing"
    assert half.get("/login").led_to == "/login/code"
    half.get("/login/code")
    first = half.jar["aeta"]
    assert half.post("/login/code", {"code": code_of(secret, step)}).status == 403, "that code was used"
    answer = half.post("/login/code", {"code": code_of(secret, step + 1)})
    assert answer.location == "/" and half.jar["aeta"] != first
    assert half.get("/profile").status == 200
    again = Visitor(admin)
    again.login("anna", PASSWORD)
    assert again.post("/login/code", {"code": code_of(secret, step + 1)}).status == 403, "good once"
    old = Visitor(admin)
    old.jar = {"aeta": first}
    assert old.get("/profile").led_to == "/login"


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("now", ["this is wrong", "", None])
def test_an_app_needs_the_password(as_, server, first, now):
    """Not even a secret of one's own choice, with a good code of it, takes the place of one or is a first one."""
    anna, stored = as_("anna"), "SELECT COALESCE(totp_secret, '') FROM aeta_operator WHERE login = 'anna'"
    before = "" if first else enrol(anna)[0]
    fields = {"secret": "A" * 32, "code": code_of("A" * 32, now_step())}
    answer = anna.post("/profile/factor", fields if now is None else {**fields, "now": now})
    assert answer.status == 403 and 'name="secret" value="' + "A" * 32 in answer.text, answer
    assert server.sql(stored) == [[before]]
    fields["code"] = code_of("A" * 32, now_step())
    assert anna.post("/profile/factor", {**fields, "now": PASSWORD}).status == 200
    assert server.sql(stored) == [["A" * 32]]


def test_a_second_factor_ends_the_sessions_without(as_, admin):
    """Whoever has the password alone would keep what he has, and with it be as good as one who has the app."""
    anna, thief, subscriber = as_("anna"), as_("anna"), as_("45675001")
    for _ in range(2):  # the first app, and another one in its place
        enrol(anna)
        assert anna.get("/profile").status == 200 and subscriber.get("/siremis/user/location").status == 200
        assert thief.get("/profile").location == "/login?back=%2Fprofile"
        assert thief.login("anna", PASSWORD).location == "/login/code"


def test_half_a_session_that_ends_meanwhile_becomes_no_whole_one(as_, admin, server):
    secret, step = enrol(as_("anna"))
    half = Visitor(admin)
    half.login("anna", PASSWORD)
    answer = meanwhile(server, "UPDATE aeta_operator SET password_at = UTC_TIMESTAMP() WHERE login = 'anna'; DELETE FROM aeta_web_session",
                       half, "/login/code", {"code": code_of(secret, step + 1)})
    assert answer.status == 403 and not answer.cookies, answer
    assert server.sql("SELECT COUNT(*) FROM aeta_web_session") == [["0"]]


def test_codes_are_throttled_and_half_a_session_is_short(as_, admin, server):
    enrol(as_("anna"))
    half = Visitor(admin)
    half.login("anna", PASSWORD)
    assert [half.post("/login/code", {"code": "123456"}).status for _ in range(5)] == [403] * 5
    longer_wait(server)
    assert half.post("/login/code", {"code": "123456"}).status == 429
    ends = "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), ends_at) <= 300 FROM aeta_web_session WHERE whole = 0"
    assert server.sql(ends) == [["1"]]
    assert half.post("/logout").location == "/login"


def test_a_lost_app(as_, admin, world):
    enrol(as_("anna"))
    world.ok("operator", "set", "anna", "--drop-totp")
    assert Visitor(admin).login("anna", PASSWORD).location == "/"


def test_ending_ones_own_sessions_elsewhere(as_):
    vera, elsewhere, subscriber, another = as_("vera"), as_("vera"), as_("45675001"), as_("45675001")
    assert vera.post("/profile/sessions/end").status == 200 and vera.get("/profile").status == 200
    assert elsewhere.get("/profile").status == 303 and subscriber.get("/siremis/user/location").status == 200
    assert subscriber.post("/siremis/user/subscriber/sessions/end").status == 200
    assert another.get("/siremis/user/location").status == 303 and vera.get("/profile").status == 200


def test_the_audit_says_who_has_logged_out_and_where_else(admin, server, as_):
    """Once for what was there to end; not of a login whose second factor has not come."""
    ends = "SELECT who, object, detail FROM aeta_audit WHERE action = 'session end' ORDER BY id"
    before = len(server.sql(ends))
    here, _there, user, _users_phone = (as_(who) for who in ("anna", "anna", "45675001", "45675001"))
    for _ in range(2):
        assert here.post("/profile/sessions/end").status == 200
        assert user.post("/siremis/user/subscriber/sessions/end").status == 200
    assert here.post("/logout").status == 303 and user.post("/logout").status == 303
    assert server.sql(ends)[before:] == [["anna", "anna", "logged out elsewhere, 1 session"],
                                         ["45675001", "45675001", "logged out elsewhere, 1 session"],
                                         ["anna", "anna", "logged out"], ["45675001", "45675001", "logged out"]]


@pytest.mark.parametrize("who, row", [("anna", "aeta_operator WHERE login = 'anna'"), ("45675001", "aeta_web_login WHERE account = '45675001'")])
def test_a_hash_of_other_costs_is_made_anew_at_the_login(as_, server, who, row):
    """Of the same password; the session that began with the old hash goes on, and the next login leaves it as it is."""
    stored = lambda: server.sql(f"SELECT password FROM {row}")[0][0]
    before, cheap = stored(), ctypes.create_string_buffer(128)
    sodium = ctypes.CDLL("libsodium.so.23")
    assert sodium.crypto_pwhash_str_alg(cheap, PASSWORD.encode(), ctypes.c_ulonglong(len(PASSWORD)), ctypes.c_ulonglong(1),
                                        ctypes.c_size_t(8192), 2) == 0
    server.sql(f"UPDATE {row.replace(' WHERE', f' SET password = {chr(39)}{cheap.value.decode()}{chr(39)} WHERE')}")
    costs = before[:before.rindex("p=1$") + 4]
    assert not stored().startswith(costs)
    one = as_(who)
    renewed = stored()
    assert renewed.startswith(costs) and renewed != before, renewed[:30]
    assert one.get("/profile" if who == "anna" else "/siremis/user/subscriber").status == 200
    as_(who)
    assert stored() == renewed
