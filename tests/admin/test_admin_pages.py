# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages that come from the descriptions of tables: lists, rows, forms; and what is sold."""

import csv
import hashlib
import html
import io
import re

import pytest

from conftest import PASSWORD, SIP_ADDRESS
from server import Visitor, form_of, text_of

EVIL = "\"><script>window.trapped=1</script>"


def column(server, sql):
    return [row[0] for row in server.sql(sql)]


@pytest.fixture
def anna(as_):
    return as_("anna")


@pytest.fixture
def group(server, anna):
    """A customer with an evil name and a group that hunts, made by the pages; gone afterwards."""
    made = anna.post("/customers/new", {"name": EVIL, "email": "noc@evil.example"})
    assert made.status == 303, made
    customer = made.location.rsplit("/", 1)[1]
    made = anna.post("/groups/new", {"prefix": "4711", "customer_id": customer, "name": EVIL, "media": "auto", "no_answer_s": "0",
                                     "hunt_max_s": "150", "has.hunting": "1", "hunting": "1", "has.self_management": "1",
                                     "self_management": "1", "has.block_incoming": "1"})
    assert (made.status, made.location) == (303, "/groups/4711"), made
    yield customer
    server.sql("DELETE FROM aeta_account WHERE prefix = 4711; DELETE FROM aeta_group WHERE prefix = 4711;"
               "DELETE FROM aeta_retired_prefix WHERE prefix = 4711;"
               f"DELETE FROM aeta_customer WHERE id = {customer}")


def hidden(answer, name):
    return re.search(rf'name="{name}" value="([^"]*)"', answer.text)[1]


def ha1_of(number, password):
    return hashlib.md5(f"{number}:aeta:{password}".encode()).hexdigest()


def problems(answer):
    return re.findall(r'class="error"[^>]*>([^<]*)<', answer.text)


# ---- lists ----

LISTS = ["customers", "contacts", "groups", "accounts", "exceptions", "domains", "relay-sets", "relays", "location", "cdrs", "blocked", "nat",
         "redial", "mails", "announcements", "audit", "operators", "web-logins", "sessions"]


def test_a_filter_too_many_is_not_left_out(anna):
    """A list, or a file, of more than was asked for would be taken for the answer."""
    filters = ["from.start_time=2026-01-01", "until.start_time=2026-02-01", "from.end_time=2026-01-01", "until.end_time=2026-02-01",
               "f.caller=4567", "f.dialled=4567", "f.final=4599", "f.path=direct", "f.rule=group"]
    for path in ("/cdrs", "/cdrs.csv"):
        assert anna.get(f"{path}?{'&'.join(filters[:8])}").status == 200
        answer = anna.get(f"{path}?{'&'.join(filters)}")
        assert answer.status == 400 and "too many filters" in answer.text, answer


@pytest.mark.parametrize("path", LISTS)
def test_each_list_and_its_csv(anna, path):
    page = anna.get(f"/{path}?sort=nothing&page=99999x&f.nothing=1&q=%25")
    assert page.status == 200 and '<div id="list">' in page.text, page
    answer = anna.get(f"/{path}.csv")
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/csv"), answer
    heads = next(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert int(answer.headers["Content-Length"]) == len(answer.body) and "attachment" in answer.headers["Content-Disposition"]
    assert len(heads) > 1 and all(re.fullmatch(r"[a-z_]+", head) for head in heads), heads


def test_search_filter_sort_and_page(anna, server):
    numbers = column(server, "SELECT number FROM aeta_account ORDER BY number")
    page = anna.get("/accounts?f.prefix=4599&sort=-number")
    shown = re.findall(r'<a href="/accounts/(\d+)">', page.text)
    assert shown == sorted((n for n in numbers if n.startswith("4599")), reverse=True) and shown
    assert 'aria-sort="descending"' in page.text and 'name="sort" value="-number"' in page.text
    assert "/accounts.csv?f.prefix=4599&amp;sort=-number" in page.text
    assert "Nothing here is like that." in anna.get("/accounts?q=nobodyhasthis").text
    assert f"to {len(shown)} of {len(shown)}" in text_of(page)


def test_evil_names_are_text(anna, group):
    for path in ("/customers", f"/customers/{group}", "/groups", "/groups/4711", "/groups/4711/edit", "/groups/4711/delete",
                 f"/groups/new?customer_id={group}", "/accounts?q=" + EVIL.replace("<", "%3C").replace(">", "%3E").replace('"', "%22")):
        page = anna.get(path)
        assert page.status == 200 and "<script>window" not in page.text and "&lt;script&gt;" in page.text, path


@pytest.mark.parametrize("who,path", [("anna", "/groups/new"), ("anna", "/groups/4567/edit"), ("anna", "/web-logins/45675001/edit"),
                                      ("45675001", "/siremis/user/subscriber")])
def test_no_page_promises_mails_that_are_not_sent(as_, who, path):
    text = text_of(as_(who).get(path))
    assert len(re.findall("no mail is sent", text, re.I)) == 1, text
    assert not re.search(r"mailed|is sent there\.|go there", text), text


@pytest.mark.parametrize("path", ["/contacts", "/contacts/new", "/customers/new"])
def test_contacts_are_told_what_is_mailed(anna, path):
    assert len(re.findall("Announcements are mailed", text_of(anna.get(path)))) == 1


# ---- forms ----

def test_what_is_wrong_is_said_at_its_field(anna, server):
    answer = anna.post("/groups/new", {"prefix": "12", "name": "kept", "media": "auto", "no_answer_s": "0", "hunt_max_s": "9"})
    assert answer.status == 400
    assert "Prefix is a number from 1000 to 9999." in problems(answer) and len(problems(answer)) >= 2, answer
    assert 'value="kept"' in answer.text and 'aria-invalid="true"' in answer.text
    assert column(server, "SELECT COUNT(*) FROM aeta_group WHERE name = 'kept'") == ["0"]
    answer = anna.post("/customers/new", {"name": "", "email": "nobody"})
    assert answer.status == 400 and len(problems(answer)) == 2, answer


def test_what_exists_already_is_said_in_words_of_the_form(anna, group):
    taken = ("/customers/new", {"name": "Radio", "email": "a@b.example"}), ("/accounts/new", {"number": "45675001", "kind": "other"}), \
        ("/groups/new", {"prefix": "4711", "customer_id": group, "media": "auto", "no_answer_s": "0", "hunt_max_s": "150"}), \
        ("/exceptions/new", {"prefix": "0", "number": "15000"})  # comes with the schema
    for path, fields in taken:
        answer = anna.post(path, fields)
        assert answer.status == 409 and "exists already: choose another" in answer.text and "UPDATE" not in answer.text, answer
    page = anna.get(f"/customers/{group}/edit")
    answer = anna.post(f"/customers/{group}/edit", {**form_of(page, "/edit"), "name": "Radio"})
    assert answer.status == 409 and "There is such a one in Customers already." in answer.text, answer


def test_a_switch_that_is_not_ticked_is_off_and_what_is_not_sent_stays(anna, group, server):
    version = hidden(anna.get("/groups/4711/edit"), "version")
    assert anna.post("/groups/4711/edit", {"version": version, "has.hunting": "1"}).status == 303
    assert server.sql("SELECT hunting, self_management, block_incoming, name FROM aeta_group WHERE prefix = 4711") == [["0", "1", "0", EVIL]]


def test_somebody_else_was_faster(anna, as_, group, server):
    version = hidden(anna.get("/groups/4711/edit"), "version")
    assert as_("susi").post("/groups/4711/edit", {"version": version, "name": "hers"}).status == 303
    answer = anna.post("/groups/4711/edit", {"version": version, "name": "mine", "media": "always"})
    assert answer.status == 409 and "Somebody else" in answer.text
    assert "hers" in answer.text and "<strong>mine</strong>" in answer.text
    assert column(server, "SELECT name FROM aeta_group WHERE prefix = 4711") == ["hers"]
    again = anna.post("/groups/4711/edit", form_of(answer, "/edit"))
    assert again.status == 303, again
    assert server.sql("SELECT name, media FROM aeta_group WHERE prefix = 4711") == [["mine", "always"]]
    who = column(server, "SELECT who FROM aeta_audit WHERE object = '4711' AND action LIKE '%set%' ORDER BY id DESC LIMIT 2")
    assert who == ["anna", "susi"]


def compared(answer):
    """The rows of the page that tells of somebody else's change: what was, is, and should be."""
    table = answer.text.partition("<tbody>")[2].partition("</tbody>")[0]
    return {re.search(r"<th[^>]*>([^<]*)<", row)[1]: re.findall(r"<td[^>]*>(?:<[a-z]+>)?([^<]*)<", row) for row in table.split("<tr>")[1:]}


def test_only_what_one_changed_is_ones_own(anna, as_, group, server):
    susi = as_("susi")
    hers, mine = (form_of(who.get("/groups/4711/edit"), "/edit") for who in (susi, anna))
    assert susi.post("/groups/4711/edit", {**hers, "block_incoming": "1", "customer_id": "1"}).status == 303
    answer = anna.post("/groups/4711/edit", {**mine, "name": "mine", "no_answer_s": "30"})
    assert answer.status == 409
    rows = compared(answer)
    assert rows.pop("Customer")[1:] == ["Radio", "not changed by you"], answer.text
    assert rows.pop("Name")[2] == "mine"
    assert rows == {"Incoming blocking": ["no", "yes", "not changed by you"], "Ring time of a member, s": ["0", "0", "30"]}
    again = form_of(answer, "/edit")
    assert (again["name"], again["no_answer_s"], again["block_incoming"]) == ("mine", "30", "1")
    assert anna.post("/groups/4711/edit", again).status == 303
    stored = server.sql("SELECT name, no_answer_s, block_incoming, hunting, customer_id FROM aeta_group WHERE prefix = 4711")
    server.sql(f"UPDATE aeta_group SET customer_id = {group} WHERE prefix = 4711")
    assert stored == [["mine", "30", "1", "1", "1"]]


def test_a_form_with_a_mistake_still_sees_that_somebody_else_was_faster(anna, as_, group, server):
    mine = form_of(anna.get("/groups/4711/edit"), "/edit")
    assert as_("susi").post("/groups/4711/edit", {"version": mine["version"], "name": "hers"}).status == 303
    wrong = anna.post("/groups/4711/edit", {**mine, "name": "mine", "hunt_max_s": "9"})
    assert wrong.status == 400 and len(problems(wrong)) == 1, wrong
    answer = anna.post("/groups/4711/edit", {**form_of(wrong, "/edit"), "hunt_max_s": "20"})
    assert answer.status == 409 and compared(answer)["Longest hunt, s"] == ["150", "150", "20"], answer
    assert column(server, "SELECT name FROM aeta_group WHERE prefix = 4711") == ["hers"]


def test_delete_asks_first_and_says_what_is_in_the_way(anna, group, server):
    page = anna.get(f"/customers/{group}/delete")
    answer = anna.post(f"/customers/{group}/delete", {"version": hidden(page, "version")})
    assert answer.status == 409 and "still has groups" in answer.text
    page = anna.get("/groups/4711/delete")
    assert column(server, "SELECT COUNT(*) FROM aeta_group WHERE prefix = 4711") == ["1"]
    assert anna.post("/groups/4711/delete", {"version": hidden(page, "version")}).location == "/groups"
    assert column(server, "SELECT COUNT(*) FROM aeta_group WHERE prefix = 4711") == ["0"]


@pytest.mark.parametrize("path", ["/groups/new", "/groups/4567/edit", "/groups/4567/delete", "/groups/4567/numbers", "/accounts/45675001/password",
                                  "/customers/new", "/audit"])
def test_a_viewer_changes_nothing(as_, path):
    vera = as_("vera")
    assert vera.get(path).status == 403
    assert path == "/audit" or vera.post(path, {"version": "1", "name": "x", "count": "1", "after": "5002", "which": "sip"}).status == 403


def test_a_set_without_relays_is_no_secret(server, anna):
    """A set that was mistyped in a domain is a new one, and has no relay: so the pages say."""
    relay, = column(server, "SELECT COUNT(*) FROM aeta_relay r WHERE r.set_number = 0 AND r.enabled")
    sentence = "The relay set &quot;defualt&quot; has no relay that is in use: its calls take those of the first set"
    assert sentence not in anna.get("/domains").text
    try:
        made = anna.post("/domains/new", {"domain": "typo.example", "relay_set": "defualt", "comment": ""})
        assert (made.status, made.location) == (303, "/domains/typo.example"), made
        for path in (made.location, "/domains", "/relays", "/relay-sets"):
            page = anna.get(path).text
            assert sentence in page and ("&quot;default&quot; has no relay that is in use: calls that need one are refused" in page) == (relay == "0"), path
        assert sentence not in anna.get("/groups").text
    finally:
        server.sql("DELETE FROM aeta_domain WHERE domain = 'typo.example'; DELETE FROM aeta_relay_set WHERE name = 'defualt'")


def test_only_admins_delete_customers_and_change_domains(as_):
    susi = as_("susi")
    assert susi.get("/customers/1/delete").status == 403
    assert susi.get("/domains/new").status == 403


# ---- what is sold ----

def test_numbers_are_sold_once_and_their_passwords_shown_once(anna, group, server):
    assert "Last number given</dt><dd><span class=\"quiet\">–<" in anna.get("/groups/4711").text
    form = anna.get("/groups/4711/numbers")
    assert "The next number is 47115001." in form.text
    after = hidden(form, "after")
    assert anna.post("/groups/4711/numbers", {"count": "51", "after": after}).status == 400
    sheet = anna.post("/groups/4711/numbers", {"count": "2", "after": after})
    assert sheet.status == 200 and sheet.headers["Cache-Control"] == "no-store"
    codes = re.findall(r'<dd class="code">([^<]*)<', sheet.text)
    assert codes[0::3] == ["47115001", "47115002", "47116001", "47116002"]
    assert all(len(code) == 12 for code in codes[1::3] + codes[2::3]) and len(set(codes)) == 12
    known = server.sql("SELECT username, ha1 = MD5(CONCAT(username, ':aeta:', %s)) FROM subscriber WHERE username = '47115001'"
                       % f"'{codes[1]}'")
    assert known == [["47115001", "1"]]
    again = anna.post("/groups/4711/numbers", {"count": "2", "after": after})
    assert again.status == 409 and column(server, "SELECT COUNT(*) FROM aeta_account WHERE prefix = 4711") == ["4"]
    told = "".join(anna.get(path).text for path in ("/groups/4711", "/accounts/47115001", "/audit?f.object=4711"))
    assert "number allocate" in told and not any(code in told for code in codes[1::3] + codes[2::3])


def test_the_web_password_of_the_sheet_logs_in(anna, as_, group, admin):
    sheet = anna.post("/groups/4711/numbers", {"count": "1", "after": hidden(anna.get("/groups/4711/numbers"), "after")})
    number, _, web = re.findall(r'<dd class="code">([^<]*)<', sheet.text)[:3]
    visitor = as_(None)
    assert visitor.post("/siremis/user/login", {"login": number, "number": number, "password": web}).status == 303


def facts(answer):
    return dict(re.findall(r"<dt>([^<]*)</dt><dd[^>]*>([^<]*)</dd>", answer.text))


def renewed(anna, number, which):
    form = anna.get(f"/accounts/{number}/password")
    return anna.post(f"/accounts/{number}/password", {"which": which, "mark": hidden(form, "mark")})


def test_the_sheet_says_where_and_whose(anna, as_, group, server):
    sheet = anna.post("/groups/4711/numbers", {"count": "1", "after": hidden(anna.get("/groups/4711/numbers"), "after")})
    told = facts(sheet)
    assert html.unescape(told["Customer"]) == EVIL and told["Hunting number"] == "47116000, within the group 6000", sheet
    assert re.findall(r"Within the group</dt><dd>(\d+)", sheet.text) == ["5001", "6001"]
    assert told["SIP server"] == SIP_ADDRESS and told["STUN server"] == SIP_ADDRESS + ", port 3478"
    address = told["Subscriber pages"]
    assert address == anna.origin() + "/siremis/user/login" and as_(None).get(address.removeprefix(anna.origin())).status == 200
    web = facts(renewed(anna, "47115001", "web"))
    assert "Subscriber pages" in web and not {"SIP server", "Ports", "STUN server", "SIP password"} & set(web), web
    sip = facts(renewed(anna, "47115001", "sip"))
    assert {"SIP server", "Ports", "STUN server", "SIP password", "Within the group"} <= set(sip)
    assert not {"Subscriber pages", "Web password"} & set(sip), sip


def test_new_passwords_of_an_account(anna, server):
    before = column(server, "SELECT ha1 FROM subscriber WHERE username = '45675002'")
    form = {"which": "sip", "mark": hidden(anna.get("/accounts/45675002/password"), "mark")}
    sheet = anna.post("/accounts/45675002/password", form)
    number, password = re.findall(r'<dd class="code">([^<]*)<', sheet.text)
    after = column(server, f"SELECT ha1 = MD5('45675002:aeta:{password}') FROM subscriber WHERE username = '45675002'")
    assert number == "45675002" and after == ["1"] and before != after
    for again in (form, {"which": "sip"}, {**form, "which": "web"}):  # the page of the sheet is loaded again
        answer = anna.post("/accounts/45675002/password", again)
        assert answer.status == 409 and "sent already" in answer.text and 'class="code"' not in answer.text
    assert column(server, "SELECT ha1 FROM subscriber WHERE username = '45675002'") == [ha1_of("45675002", password)]
    sheet = anna.post("/accounts/45675002/password", {"which": "web", "mark": hidden(answer, "mark")})
    assert sheet.status == 200 and "Web password" in sheet.text
    assert anna.post("/accounts/45675002/password", {"which": "both"}).status == 400
    assert anna.post("/accounts/99/password", {"which": "sip"}).status == 404


def test_hunting_switched_on_makes_the_twins_and_their_sheet(anna, group, server):
    version = hidden(anna.get("/groups/4711/edit"), "version")
    assert anna.post("/groups/4711/edit", {"version": version, "has.hunting": "1"}).status == 303
    anna.post("/groups/4711/numbers", {"count": "2", "after": hidden(anna.get("/groups/4711/numbers"), "after")})
    version = hidden(anna.get("/groups/4711/edit"), "version")
    sheet = anna.post("/groups/4711/edit", {"version": version, "has.hunting": "1", "hunting": "1"})
    codes = re.findall(r'<dd class="code">([^<]*)<', sheet.text)
    assert sheet.status == 200 and codes[0::3] == ["47116001", "47116002"], sheet
    assert column(server, f"SELECT ha1 = MD5('47116001:aeta:{codes[1]}') FROM subscriber WHERE username = '47116001'") == ["1"]


def test_an_account_outside_the_groups(anna, server):
    try:
        wrong = anna.post("/accounts/new", {"number": "12a", "kind": "other"})
        assert wrong.status == 400 and len(problems(wrong)) == 1, wrong
        assert anna.post("/accounts/new", {"number": "45675009", "kind": "other"}).status == 409  # of a group
        over = anna.post("/accounts/new", {"number": "902999", "kind": "other", "valid_until": "2024-02-29"})
        assert over.status == 400 and "is over already" in problems(over)[0], over
        assert anna.post("/accounts/new", {"number": "902999", "kind": "premium"}).status == 400
        sheet = anna.post("/accounts/new", {"number": "902999", "kind": "factory", "product": EVIL, "customer_id": "1"})
        number, password = re.findall(r'<dd class="code">([^<]*)<', sheet.text)
        assert sheet.status == 200 and number == "902999"
        assert server.sql("SELECT a.kind, a.product, a.customer_id, s.ha1 = MD5('902999:aeta:%s') FROM aeta_account a JOIN subscriber s "
                          "ON s.username = a.number WHERE a.number = '902999'" % password) == [["factory", EVIL, "1", "1"]]
        assert anna.post("/accounts/new", {"number": "902999", "kind": "other"}).status == 409
    finally:
        server.sql("DELETE FROM aeta_account WHERE number = '902999'")


# ---- who runs the service ----

@pytest.fixture
def otto(anna, server):
    """An operator, made by the page; his password."""
    made = anna.post("/operators/new", {"login": "otto", "name": EVIL, "role": "support", "now": PASSWORD})
    login, password = re.findall(r'<dd class="code">([^<]*)<', made.text)
    assert made.status == 200 and login == "otto", made
    yield password
    server.sql("DELETE FROM aeta_operator WHERE login = 'otto'")


def set_access(who, login, **fields):
    """As somebody who opens the form, and then sends it."""
    version = hidden(who.get(f"/operators/{login}/access"), "version")
    return who.post(f"/operators/{login}/access", {"now": PASSWORD, "version": version, **fields})


def test_an_operator_is_made_changed_and_deleted(anna, otto, admin, server):
    visitor = Visitor(admin)
    visitor.login("otto", otto)
    assert visitor.get("/groups/new").status == 200
    assert "&lt;script&gt;" in anna.get("/operators/otto").text
    assert set_access(anna, "otto", role="viewer", enabled="1").status == 303
    assert visitor.get("/groups").status == 303  # his session has ended
    visitor.login("otto", otto)
    assert visitor.get("/groups/new").status == 403
    assert set_access(anna, "otto", role="viewer").status == 303
    assert visitor.get("/groups").status == 303 and column(server, "SELECT enabled FROM aeta_operator WHERE login = 'otto'") == ["0"]
    version = hidden(anna.get("/operators/otto/delete"), "version")
    assert anna.post("/operators/otto/delete", {"now": PASSWORD, "version": version}).status == 303
    assert column(server, "SELECT COUNT(*) FROM aeta_operator WHERE login = 'otto'") == ["0"]
    acts = column(server, "SELECT action FROM aeta_audit WHERE object = 'otto' AND who = 'anna' ORDER BY id DESC LIMIT 4")
    assert acts == ["operator delete", "operator set", "operator set", "operator add"]


@pytest.mark.parametrize("act", ["access", "password", "delete"])
def test_no_other_spelling_of_ones_own_login_is_oneself(anna, server, act):
    """To the database "anna" and "anna " are equal; the rule that nobody changes their own access must not see two."""
    stored = "SELECT login, role, enabled, password FROM aeta_operator ORDER BY login"
    before, version = server.sql(stored), server.sql("SELECT version FROM aeta_operator WHERE login = 'anna'")[0][0]
    for key in ("anna%20", "anna%20%20", "Anna", "%C3%A4nna"):
        answer = anna.post(f"/operators/{key}/{act}", {"role": "viewer", "now": PASSWORD, "version": version})
        assert answer.status == 404, answer
    assert server.sql(stored) == before and anna.get("/profile").status == 200


def test_a_form_of_access_that_is_old_changes_nothing(anna, otto, server, world):
    """One who was disabled is not enabled again by a form that was open before."""
    now = "SELECT role, enabled FROM aeta_operator WHERE login = 'otto'"
    version = hidden(anna.get("/operators/otto/access"), "version")
    world.ok("operator", "set", "otto", "--enabled", "off")
    fields = {"role": "support", "enabled": "1", "now": PASSWORD}
    for old in (version, "", None):
        stale = anna.post("/operators/otto/access", fields if old is None else {**fields, "version": old})
        assert stale.status == 409 and "Somebody else has changed this" in stale.text, stale
        assert server.sql(now) == [["support", "0"]]
    assert anna.post("/operators/otto/access", {**fields, "version": hidden(stale, "version")}).status == 303
    assert server.sql(now) == [["support", "1"]]


@pytest.mark.parametrize("act", ["password", "delete"])
def test_an_old_form_gives_no_password_and_deletes_nobody(anna, otto, server, world, act):
    """Also one that was sent again after a mistake in one's own password: that has shown nothing new of the other."""
    stored = "SELECT password, enabled FROM aeta_operator WHERE login = 'otto'"
    before, path = server.sql(stored), f"/operators/otto/{act}"
    version = hidden(anna.get(path), "version")
    world.ok("operator", "set", "otto", "--role", "viewer")
    wrong = anna.post(path, {"now": "not my password", "version": version})
    assert wrong.status == 403 and hidden(wrong, "version") == version
    for old in (version, ""):
        stale = anna.post(path, {"now": PASSWORD, "version": old})
        assert stale.status == 409 and "Somebody else has changed this" in stale.text, stale
        assert server.sql(stored) == before
    assert anna.post(path, {"now": PASSWORD, "version": hidden(stale, "version")}).status in (200, 303)
    assert server.sql(stored) != before


def test_a_new_password_ends_the_old_one(anna, otto, as_):
    form = {"now": PASSWORD, "version": hidden(anna.get("/operators/otto/password"), "version")}
    sheet = anna.post("/operators/otto/password", form)
    _, password = re.findall(r'<dd class="code">([^<]*)<', sheet.text)
    for again in (form, {"now": PASSWORD}):  # the page is loaded again
        answer = anna.post("/operators/otto/password", again)
        assert answer.status == 409 and "sent already" in answer.text and 'class="code"' not in answer.text
    assert as_(None).post("/login", {"login": "otto", "password": otto}).status != 303
    assert as_(None).post("/login", {"login": "otto", "password": password}).status == 303


@pytest.mark.parametrize("act", ["access", "password", "delete"])
def test_operators_need_the_own_password_and_are_not_oneself(anna, otto, server, act):
    before = server.sql("SELECT login, role, enabled, password FROM aeta_operator ORDER BY login")
    refused = anna.post(f"/operators/otto/{act}", {"role": "admin", "enabled": "1", "now": "wrong"})
    assert refused.status == 403 and problems(refused) == ["This is not your own password."], refused
    assert anna.post(f"/operators/anna/{act}", {"role": "viewer", "now": PASSWORD}).status == 409
    assert anna.post("/operators/new", {"login": "eve", "role": "admin", "now": "wrong"}).status == 403
    assert server.sql("SELECT login, role, enabled, password FROM aeta_operator ORDER BY login") == before


def test_an_admin_ends_a_session(anna, as_, server):
    vera = as_("vera")
    row = column(server, "SELECT s.id FROM aeta_web_session s JOIN aeta_operator o ON o.id = s.operator_id WHERE o.login = 'vera'")[0]
    page = anna.get(f"/sessions/{row}/delete")
    assert "<h1>End session" in page.text and ">End</button>" in page.text and "Delete" not in page.text.split("<main")[1]
    assert anna.post(f"/sessions/{row}/delete", {"version": hidden(page, "version")}).location == "/sessions"
    assert vera.get("/groups").status == 303
    for path in ("/operators", "/sessions", f"/sessions/{row}"):
        assert as_("susi").get(path).status == 403, path
