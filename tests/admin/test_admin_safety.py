# SPDX-License-Identifier: GPL-2.0-or-later
"""What the web server lets nobody do, whoever asks (F3, F4)."""

import http.client
import json
import subprocess

import pytest

from conftest import CONTACT, OPERATORS, PASSWORD
from server import Visitor, binary

POLICY = {"default-src": "'none'", "style-src": "'self'", "script-src": "'self'", "img-src": "'self' data:", "font-src": "'self'",
          "connect-src": "'self'", "form-action": "'self'", "frame-ancestors": "'none'", "base-uri": "'none'"}


def routes():
    return json.loads(subprocess.run([binary(), "--routes"], capture_output=True, text=True, check=True).stdout)


def filled(path):
    """A path of the table with something in each place of it."""
    return "/".join("4567" if part.startswith(":") else part for part in path.split("/"))


# ---- headers, cookies ----

@pytest.mark.parametrize("path", ["/login", "/", "/profile", "/nothing", "/static/style.css", "/health", "/login/%ff", "/siremis/user/login"])
def test_every_answer_has_the_headers(visitor, path):
    answer = visitor.get(path)
    said = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert said == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store" and "Strict-Transport-Security" not in answer.headers


def test_files_are_kept_under_their_own_address_only(visitor):
    page = visitor.get("/login").text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "immutable" in visitor.get(address).headers["Cache-Control"]
    assert visitor.get("/static/style.css?v=another").headers["Cache-Control"] == "no-store"
    for wrong in ("/static/none.css", "/static/..%2fmain.c", "/static/", "/static/a/b"):
        assert visitor.get(wrong).status == 404


def test_the_session_cookie(visitor):
    [cookie] = visitor.login("anna", PASSWORD).cookies
    assert cookie.split("=")[0] == "aeta" and "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie
    assert "Max-Age" not in cookie and "Expires" not in cookie and "Domain" not in cookie


# ---- who may ----

def test_strangers_are_led_to_the_login(visitor):
    assert visitor.get("/profile").led_to == "/login"
    assert visitor.get("/siremis/user").led_to == visitor.get("/customer/cdrs").led_to == "/siremis/user/login"
    assert visitor.get("/nothing").status == 404
    answer = visitor.get("/profile", HX_Request="true")
    assert (answer.status, answer.headers["HX-Redirect"], answer.location) == (200, "/login?back=%2Fprofile", None)


@pytest.mark.parametrize("who", [None, *OPERATORS, "45675001", CONTACT])
def test_every_route_knows_who_may(as_, admin, who):
    """The whole table with every role: who may not is led to the login, or sees that he may not, or nothing at all."""
    visitor = as_(who)
    role = OPERATORS.get(who, "contact" if who == CONTACT else "subscriber" if who else None)
    for route in routes():
        may, path = set(route["who"]), filled(route["path"])
        if route["method"] == "GET":
            status = visitor.get(path).status
        else:  # a token that is wrong: what is refused for another reason was refused before
            status = visitor.post(path, {"x": "y"}, token="wrong").status
        if "anybody" in may or role in may or ("monitor" in may):
            assert status not in (401, 405, 500), (route, status)
            assert route["method"] == "GET" or status in (403, 303, 400, 429), (route, status)
        elif role is None:
            assert status == 303, (route, status)
        else:
            operators = may & {"viewer", "support", "admin"}
            assert status == (403 if role in OPERATORS.values() and operators else 404), (route, status)


def test_the_wrong_method(visitor):
    answer = visitor.get("/logout")
    assert answer.status == 405 and answer.headers["Allow"] == "POST"
    assert visitor.send("DELETE", "/login").status == 405
    assert visitor.send("HEAD", "/login").status == 200


def test_no_get_changes_anything(as_, server):
    """What changes takes POST only: asked by GET it is refused, and the session is still there."""
    anna = as_("anna")
    for route in routes():
        if route["method"] == "POST" and not any(r["method"] == "GET" and r["path"] == route["path"] for r in routes()):
            assert anna.get(filled(route["path"])).status == 405, route
    assert anna.get("/profile").status == 200


# ---- where a change comes from ----

FOREIGN = [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
           {"Sec-Fetch-Site": "none"}, {"Origin": None, "Sec-Fetch-Site": None}, {"Origin": "http://127.0.0.1"},
           {"Origin": None, "Sec-Fetch-Site": "cross-site"}]


@pytest.mark.parametrize("headers", FOREIGN)
def test_changes_from_elsewhere(as_, visitor, admin, headers):
    before = admin.metric("refused_source_total")
    anna = as_("anna")
    assert anna.post("/logout", headers=headers).status == 403
    assert anna.get("/profile").status == 200
    assert visitor.post("/login", {"login": "anna", "password": PASSWORD}, headers).status == 403 and not visitor.jar
    assert admin.metric("refused_source_total") == before + 2


def test_either_header_is_enough(as_):
    """Old browsers send Origin only, and some proxies leave one out."""
    assert as_("anna").post("/logout", headers={"Sec-Fetch-Site": None}).status == 303
    assert as_("anna").post("/logout", headers={"Origin": None}).status == 303


@pytest.mark.parametrize("token", ["wrong", "A" * 43, "", None])
def test_changes_without_the_token(as_, token):
    anna = as_("anna")
    good, anna.token = anna.token, ""
    assert anna.post("/logout", token=token).status == 403
    anna.token = good
    assert anna.get("/profile").status == 200


def test_the_token_of_another_session(as_):
    anna, other = as_("anna"), as_("anna")
    assert anna.token != other.token
    assert anna.post("/logout", token=other.token).status == 403


# ---- what is sent ----

@pytest.mark.parametrize("query", ["%zz", "a=%f", "a=%00", "a=%ff", "a=%c0%80", "a=%ed%a0%80", "v=%1b", "&".join(f"a{i}=" for i in range(200)),
                                   "v=" + "x" * 65])
def test_malformed_parameters(visitor, admin, query):
    before = admin.metric("refused_input_total")
    assert visitor.get("/static/style.css?" + query).status in (400, 413)
    assert admin.metric("refused_input_total") == before + 1


def test_undeclared_parameters_reach_nobody(visitor):
    assert visitor.get("/login?login=<script>&x=1&csrf=2").text == visitor.get("/login").text


def test_bodies(as_, admin):
    anna = as_("anna")
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": anna.origin()}
    assert anna.send("POST", "/logout", "x=" + "a" * 70000, form).status == 413
    assert anna.send("POST", "/logout", "csrf=" + anna.token, {**form, "Content-Type": "text/plain"}).status == 400
    assert anna.send("POST", "/logout", "csrf=" + anna.token, {**form, "Content-Type": None}).status == 400
    with pytest.raises((http.client.HTTPException, OSError)):
        anna.send("POST", "/logout", b"x" * (3 << 20), form)
    assert anna.get("/profile").status == 200


def test_cookies_that_are_none(admin):
    for value in ("x", "A" * 43, "", "A" * 5000, "a=b; aeta=c", "'; DROP TABLE aeta_operator; --"):
        stranger = Visitor(admin)
        stranger.jar = {"aeta": value}
        assert stranger.get("/profile").led_to == "/login"


def test_nothing_secret_in_the_log_or_in_the_command_line(admin, as_):
    visitor = as_("anna")
    visitor.post("/login", {"login": "anna", "password": "this is wrong"})
    visitor.post("/login", {"login": "my password in the wrong field", "password": "x"})
    secrets = [PASSWORD, "this is wrong", "my password in", visitor.token, admin.values["db_password"], *visitor.jar.values()]
    line = open(f"/proc/{admin.process.pid}/cmdline").read()
    assert not [word for word in secrets if word and (word in admin.said() or word in line)]


def test_a_redirect_never_leaves_the_server(visitor):
    for back in ("//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\r\nX: y", ""):
        answer = visitor.post("/theme", {"theme": "dark", "back": back})
        assert answer.status == 400 or answer.location == "/", answer
    answer = visitor.post("/theme", {"theme": "dark", "back": "/login"})
    assert answer.location == "/login" and "Max-Age=31536000" in answer.cookies[0]
    assert 'data-theme="dark"' in visitor.get("/login").text


# ---- who may ask for health and metrics ----

def test_health_and_metrics_are_not_for_everybody(visitor):
    assert visitor.get("/health").status == 200 and visitor.get("/metrics").status == 200
    for name in ("X_Forwarded_For", "Forwarded"):  # a proxy that the configuration does not know
        assert visitor.get("/metrics", **{name: "127.0.0.1"}).status == 404


def test_a_page_that_looks_by_itself_is_nobody(as_, server):
    """The dashboard asks anew every five seconds, also when its operator has gone home: that prolongs no session."""
    anna = as_("anna")
    server.sql("UPDATE aeta_web_session SET seen_at = UTC_TIMESTAMP() - INTERVAL 20 MINUTE")
    quiet = "SELECT TIMESTAMPDIFF(MINUTE, seen_at, UTC_TIMESTAMP()) >= 20 FROM aeta_web_session"
    for path in ("/", "/calls", "/bans", "/testcodec"):
        page = anna.get(path, HX_Request="true", HX_Trigger="now")
        assert page.status in (200, 502) and 'id="now"' in page.text and 'hx-get="' + path + '"' in page.text, page
    assert server.sql(quiet) == [["1"]]
    anna.get("/calls", HX_Request="true", HX_Trigger="search")
    assert server.sql(quiet) == [["0"]], "but a person does"
