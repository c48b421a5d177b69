# SPDX-License-Identifier: GPL-2.0-or-later
"""Everything that the web can do, aetactl can: each route of aeta-admin has its command, or a reason why it has none."""

import json
import re
import subprocess

import pytest

from aetactl import binary
from test_ctl_people import commands

# Nothing is done there, or only to the browser that asks.
OF_THE_BROWSER = {"/login", "/login/code", "/logout", "/siremis/user/login", "/siremis/user", "/theme", "/static/:name", "/robots.txt"}
# The second factor is in the operator's own hands: its secret is shown to that person alone. aetactl takes a lost one away.
ONES_OWN = {"/profile/factor/new": "operator set", "/profile/factor": "operator set",
            "/customer/profile/factor/new": "contact password", "/customer/profile/factor": "contact password"}

ACTS = {
    **ONES_OWN,
    "/profile/password": "operator password", "/profile/sessions/end": "session end",
    "/siremis/user/subscriber/password": "account password", "/siremis/user/subscriber/email": "edit",
    "/siremis/user/subscriber/web-password": "weblogin password", "/siremis/user/subscriber/sessions/end": "session end",
    "/calls/:id/end": "calls end", "/testcodec/release": "testcodec release", "/bans/lift": "bans lift", "/redial/:key/lift": "redial lift",
    "/accounts/new": "account add", "/accounts/:key/probe": "nat ask", "/accounts/:key/nat-on": "nat on", "/accounts/:key/nat-off": "nat off", "/accounts/:key/trace": "trace",
    "/accounts/:key/trace-end": "trace stop", "/accounts/:key/trace-text": "trace write", "/accounts/:key/trace-pcap": "trace write",
    "/accounts/:key/password": "account password", "/accounts/:key/edit": "account set", "/accounts/:key/delete": "account delete",
    "/customers/new": "customer add", "/customers/:key/edit": "customer set", "/customers/:key/delete": "customer delete",
    "/contacts/new": "contact add", "/contacts/:key/edit": "contact set", "/contacts/:key/delete": "contact delete",
    "/contacts/:key/login": "contact password", "/contacts/:key/login-disable": "contact disable",
    "/contacts/:key/login-delete": "contact disable", "/customer/profile/password": "contact password",
    "/customer/profile/sessions/end": "session end", "/customer/accounts/:key/password": "account password",
    "/groups/new": "group add", "/groups/:key/edit": "group set", "/groups/:key/delete": "group delete",
    "/groups/:key/numbers": "number allocate",
    "/exceptions/new": "exception add", "/exceptions/:key/delete": "exception delete",
    "/domains/new": "domain add", "/domains/:key/edit": "domain set", "/domains/:key/delete": "domain delete",
    "/relay-sets/:key/edit": "relay-set rename", "/relay-sets/:key/delete": "relay-set delete",
    "/relays/new": "relay add", "/relays/:key/edit": "relay set", "/relays/:key/delete": "relay remove",
    "/operators/new": "operator add", "/operators/:key/edit": "operator set", "/operators/:key/access": "operator set",
    "/operators/:key/password": "operator password", "/operators/:key/delete": "operator delete",
    "/mails/all/retry": "mail retry", "/mails/:key/retry": "mail retry", "/mails/:key/drop": "mail drop",
    "/announcements/new": "announce", "/announcements/new/send": "announce",
    "/web-logins/:key/edit": "edit", "/sessions/:key/delete": "session end",
}

# Pages that are not of a table (those are list and show).
PAGES = {
    "/": "status", "/health": "status", "/metrics": "status", "/profile": "operator list", "/calls": "calls list", "/calls/:id": "show",
    "/testcodec": "testcodec lines", "/bans": "bans list", "/siremis/user/subscriber": "account show", "/siremis/user/location": "show",
    "/siremis/user/announcements": "list", "/siremis/user/announcements.csv": "list", "/siremis/user/announcements/:key": "show",
    "/siremis/user/cdrs": "list", "/siremis/user/cdrs.csv": "list", "/siremis/user/options": "group show",
    "/customer": "status", "/customer/profile": "contact list", "/customer/firewall": "relay list",
    "/siremis/user/firewall": "relay list", "/siremis/user/testcall": "testcodec lines",
}

# A column that the web edits, and what does so here where that is not an option of its own name.
OPTIONS = {
    "customers": ("customer set", {}), "contacts": ("contact set", {"email": "edit"}),
    "groups": ("group set", {"customer_id": "--customer", "no_answer_s": "--no-answer", "hunt_max_s": "--hunt-max"}),
    "accounts": ("account set", {"state": "account lock", "valid_until": "account until", "customer_id": "--customer"}),
    "domains": ("domain set", {}), "relay-sets": ("relay-set rename", {"name": "NAME"}),
    "relays": ("relay set", {"enabled": "relay disable"}), "operators": ("operator set", {}), "web-logins": ("edit", {"email": "edit"}),
}


@pytest.fixture(scope="module")
def routes():
    web = binary().replace("aetactl", "aeta-admin")
    return json.loads(subprocess.run([web, "--routes"], capture_output=True, text=True, check=True).stdout)


@pytest.fixture
def known(ctl):
    return {" ".join(words) for words in commands(ctl)}


def test_each_act_of_the_web_has_its_command(routes, known):
    acts = {route["path"] for route in routes if route["method"] == "POST"} - OF_THE_BROWSER
    assert acts - ACTS.keys() == set(), "a new act of the web needs its command: name it here"
    assert ACTS.keys() - acts == set(), "there is no such route any more"
    assert set(ACTS.values()) <= known


def test_each_page_of_the_web_has_its_command(ctl, routes, known):
    tables = {row["table"] for row in ctl.ok("table", "list")["tables"]}
    for path in {route["path"] for route in routes if route["method"] == "GET"} - OF_THE_BROWSER:
        of_table = re.fullmatch(r"(?:/customer)?/([a-z-]+)(\.csv|/:key)?", path)
        if path in PAGES:
            assert PAGES[path] in known, path
        elif of_table:
            assert of_table[1].replace("blocked", "failures") in tables, f"{path} needs its command: name it here"
        else:
            assert path in ACTS, f"{path} is no form of an act: name its command here"  # the form of an act


def test_each_column_that_the_web_edits_can_be_changed(ctl, known):
    for table, (command, others) in OPTIONS.items():
        usage = ctl("help", *command.split()).out
        for column in ctl.ok("table", "columns", table)["columns"]:
            name = column["column"]
            if not column["edit"]:
                continue
            by = others.get(name, "--" + name.replace("_", "-"))
            assert by in known or by in usage, (table, name, by)
    editable = {row["table"] for row in ctl.ok("table", "list")["tables"]
                if any(column["edit"] for column in ctl.ok("table", "columns", row["table"])["columns"])}
    assert editable == OPTIONS.keys()


def test_sets_of_relays(radio):
    radio.ok("relay", "add", "fr", "udp:192.0.2.60:2223")
    radio.ok("domain", "add", "sip.example.fr", "--relay-set", "de")
    assert radio.ok("relay-set", "list")["relay_sets"] == [
        {"number": 0, "name": "default", "relays": 0, "domains": 0}, {"number": 1, "name": "fr", "relays": 1, "domains": 0},
        {"number": 2, "name": "de", "relays": 0, "domains": 1}]
    assert [s["name"] for s in radio.ok("relay-set", "rename", "fr", "paris")["relay_sets"]] == ["default", "paris", "de"]
    radio.refused("there is no relay set \"fr\": see aetactl relay-set list", "relay-set", "rename", "fr", "x")
    radio.refused("domains use the relay set de", "relay-set", "rename", "de", "x")
    radio.refused("domains use the relay set de", "relay-set", "delete", "de")
    radio.refused("there are relays in the set paris", "relay-set", "delete", "paris")
    radio.refused("stays", "relay-set", "delete", "default")
    radio.ok("domain", "delete", "sip.example.fr")
    assert [s["name"] for s in radio.ok("relay-set", "delete", "de")["relay_sets"]] == ["default", "paris"]
