# SPDX-License-Identifier: GPL-2.0-or-later
"""aeta-admin as the tests run it, and a client that is as good or as bad a browser as a test wants.

    with Admin(server, folder) as admin:
        who = Visitor(admin)
        who.login("anna", "correct horse")
        who.get("/profile").status

The binary is $AETA_ADMIN, else the sanitized build, else the dev build."""

import html
import html.parser
import http.client
import os
import re
import signal
import subprocess
import time
import urllib.parse
from pathlib import Path

from children import die_with_parent
from db import ROOT

START_S = 60
SANITIZED = {"ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0", "UBSAN_OPTIONS": "print_stacktrace=1"}


def binary():
    for path in (os.environ.get("AETA_ADMIN"), ROOT / "build/asan/admin/aeta-admin", ROOT / "build/dev/admin/aeta-admin"):
        if path and Path(path).exists():
            return str(path)
    raise RuntimeError("aeta-admin is not built: ./dev build")


class Admin:
    """The server on a free port of 127.0.0.1, with `values` in its configuration, and `environment` beside ours."""

    def __init__(self, server, folder, environment=None, **values):
        self.server, self.environment = server, environment or {}
        self.config = Path(folder) / "aeta-admin.conf"
        self.log = Path(folder) / "aeta-admin.log"
        self.values = {"db_socket": server.socket, "db_name": server.database, "db_user": "aeta_web",
                       "db_password": server.passwords["aeta_web"], "listen": "127.0.0.1:0", "insecure_cookie": "yes", **values}
        self.process, self.port = None, 0

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def configure(self):
        self.config.touch(mode=0o600)
        self.config.write_text("".join(f"{key} = {value}\n" for key, value in self.values.items()))

    def start(self):
        self.configure()
        with open(self.log, "ab") as log:
            begin = log.tell()
            self.process = subprocess.Popen([binary(), "--config", self.config], stderr=log, stdin=subprocess.DEVNULL,
                                            preexec_fn=die_with_parent, env={**os.environ, **SANITIZED, **self.environment})
        end = time.monotonic() + START_S
        while not self.port_in(begin):
            assert self.process.poll() is None and time.monotonic() < end, self.said()
            time.sleep(0.02)
        return self

    def port_in(self, begin):
        found = re.search(r"listens on \w+://\S+:(\d+)", self.log.read_text(errors="replace")[begin:])
        self.port = int(found[1]) if found else 0
        return self.port

    def stop(self):
        """As systemd does; it must end by itself, without a word of a sanitizer."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(30) == 0, self.said()
        assert "Sanitizer" not in self.said() and "runtime error" not in self.said(), self.said()

    def restart(self):
        """On the port that it had: browsers know no other."""
        self.stop()
        self.values["listen"] = f"127.0.0.1:{self.port}"
        return self.start()

    def said(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def metric(self, name):
        text = Visitor(self).get("/metrics").text
        return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(f"aeta_admin_{name}"))


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()
        self.text = self.body.decode(errors="replace")

    @property
    def location(self):
        return self.headers.get("Location")

    @property
    def led_to(self):
        """The page of a redirection, without what it is told."""
        return self.location and self.location.split("?")[0]

    @property
    def cookies(self):
        return self.headers.get_all("Set-Cookie") or []

    def __repr__(self):
        return f"{self.status}\n{self.headers}\n{self.text[:2000]}"


class Visitor:
    """Keeps cookies, sends what a browser sends with a form of ours, and takes the token from the page it saw last."""

    def __init__(self, admin, prefix=""):
        self.admin, self.prefix = admin, prefix
        self.jar, self.token = {}, ""

    def send(self, method, path, body=None, headers=None, connection=None):
        own = connection or http.client.HTTPConnection("127.0.0.1", self.admin.port, timeout=30)
        given = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.jar.items()), **(headers or {})}
        own.request(method, path, body, {k: v for k, v in given.items() if v})
        answer = Answer(own.getresponse())
        if not connection:
            own.close()
        self.keep(answer)
        return answer

    def keep(self, answer):
        for cookie in answer.cookies:
            name, value = cookie.split(";")[0].split("=", 1)
            if "Max-Age=0" in cookie:
                self.jar.pop(name, None)
            else:
                self.jar[name] = value
        found = re.search(r'name="csrf" value="([^"]+)"', answer.text)
        self.token = found[1] if found else self.token

    def origin(self):
        return f"http://127.0.0.1:{self.admin.port}"

    def get(self, path, **headers):
        return self.send("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path, fields=None, headers=None, token=None):
        """As a form of ours; `headers` with None leave one out."""
        fields = dict(fields or {})
        if token is None and self.token:
            fields["csrf"] = self.token
        elif token:
            fields["csrf"] = token
        given = {"Origin": self.origin(), "Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
        return self.send("POST", path, urllib.parse.urlencode(fields), {**given, **(headers or {})})

    def login(self, login, password, path="/login"):
        answer = self.post(path, {"login": login, "password": password})
        assert answer.status == 303, answer
        self.token = ""
        if answer.led_to == "/login/code":
            self.get("/login/code")
        else:
            self.get("/profile" if path == "/login" else answer.led_to)
        return answer


def text_of(answer):
    """What a reader sees, roughly."""
    return html.unescape(re.sub(r"<[^>]+>", " ", answer.text))


class Form(html.parser.HTMLParser):
    """What a browser would send of the form whose address ends with `action`, if its user sent it as it stands."""

    def __init__(self, answer, action):
        super().__init__()
        self.action, self.inside, self.select, self.fields = action, False, None, {}
        self.feed(answer.text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.inside = given["action"].endswith(self.action)
        elif self.inside and tag == "select":
            self.select = given["name"]
        elif self.inside and tag == "option" and ("selected" in given or self.select not in self.fields):
            self.fields[self.select] = given["value"]
        elif self.inside and tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            self.fields[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "form"


def form_of(answer, action):
    return Form(answer, action).fields
