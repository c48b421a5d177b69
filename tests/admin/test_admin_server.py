# SPDX-License-Identifier: GPL-2.0-or-later
"""The server itself: its configuration, TLS and proxies, how it ends, what it does without a database, what slow and broken clients do."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pytest

from conftest import PASSWORD
from db import ROOT
from factor import code_of, now_step
from server import SANITIZED, Admin, Visitor, binary


def check(folder, server, mode=0o600, **values):
    """`aeta-admin --check` with that configuration: status and words."""
    admin = Admin(server, folder, **values)
    admin.configure()
    admin.config.chmod(mode)
    done = subprocess.run([binary(), "--check", "--config", admin.config], capture_output=True, text=True, env={**os.environ, **SANITIZED})
    return done.returncode, done.stderr


WRONG = [({"listen": "0.0.0.0:8080", "insecure_cookie": "no"}, "in clear"), ({"listen": "[::]:8080", "insecure_cookie": "no"}, "in clear"),
         ({"listen": "192.0.2.1:80", "insecure_cookie": "no"}, "in clear"), ({"listen": "8080"}, "ADDRESS:PORT"), ({"listen": "localhost:8080"}, "no IP address"),
         ({"listen": "127.0.0.1:99999"}, "ADDRESS:PORT"), ({"tls_key": "/x"}, "belong together"), ({"behind_proxy": "maybe"}, "yes or no"),
         ({"insecure_cookie": "yes", "behind_proxy": "yes"}, "for trials"), ({"monitor_from": "10.0.0.0/33"}, "no range"), ({"monitor_from": "x"}, "no range"),
         ({"connections": "1"}, "4 to 5000"), ({"idle_minutes": "0"}, "2 to 1440"), ({"session_hours": "x"}, "1 to 168"), ({"what": "ever"}, "line 7"),
         ({"origin": "http://x.example", "insecure_cookie": "no"}, "https://NAME"), ({"user": "no-such-user"}, "there is no user"),
         ({"tls_certificate": "/none", "tls_key": "/none", "insecure_cookie": "no"}, "cannot read"), ({"db_password": "wrong"}, "reach the database")]


@pytest.mark.parametrize("values,words", WRONG)
def test_configurations_that_are_refused(server, tmp_path, values, words):
    status, said = check(tmp_path, server, **values)
    assert status == 1 and words in said and server.passwords["aeta_web"] not in said


def test_configurations_that_are_right(server, tmp_path):
    assert check(tmp_path, server)[0] == 0
    assert check(tmp_path, server, behind_proxy="yes", insecure_cookie="no", origin="https://admin.example", listen="0.0.0.0:8080")[0] == 0
    assert check(tmp_path, server, listen="[::1]:0", monitor_from="10.0.0.0/8, 2001:db8::/32")[0] == 0
    status, said = check(tmp_path, server, mode=0o644)
    assert status == 1 and "chmod 600" in said


def test_usage():
    assert subprocess.run([binary(), "--what"], capture_output=True).returncode == 2
    for word in ("--help", "--version"):
        assert b"aeta-admin" in subprocess.run([binary(), word], capture_output=True, check=True).stdout


@pytest.mark.usefixtures("admin")  # nobody is logged in
def test_behind_a_proxy(world, tmp_path):
    """Secure cookies with the prefix that ties them to this host; the last address counts; the proxy's name is the origin."""
    with Admin(world.server, tmp_path, behind_proxy="yes", insecure_cookie="no", origin="https://admin.example") as admin:
        visitor = Visitor(admin)
        headers = {"Origin": "https://admin.example", "X-Forwarded-For": "127.0.0.1, 198.51.100.7"}
        answer = visitor.post("/login", {"login": "anna", "password": PASSWORD}, headers)
        [cookie] = answer.cookies
        assert cookie.startswith("__Host-aeta=") and "Secure" in cookie and "max-age" in answer.headers["Strict-Transport-Security"]
        assert visitor.get("/metrics", X_Forwarded_For="127.0.0.1, 198.51.100.7").status == 404
        assert visitor.get("/metrics", X_Forwarded_For="198.51.100.7, 127.0.0.1").status == 200
        for lines in [], [""], ["127.0.0.1,"], ["127.0.0.1 x"], ["unknown"], ["127.0.0.1", "198.51.100.7"], ["127.0.0.1", ""], ["127.0.0.1" + 50 * " x"]:
            assert status_from(admin, lines) == 404, lines
        assert status_from(admin, ["198.51.100.7", "192.0.2.1, 127.0.0.1"]) == status_from(admin, ["::1 "]) == 200
        assert visitor.post("/login", {"login": "anna", "password": PASSWORD}, {"Origin": visitor.origin()}).status == 403
        rows = world.ok("session", "list")["sessions"]
        assert "198.51.100.7" in [row["address"] for row in rows]
        assert visitor.post("/login", {"login": "vera", "password": PASSWORD}, {"Origin": "https://admin.example"}).status == 303
        assert [row["address"] for row in world.ok("session", "list")["sessions"] if row["who"] == "vera"] == ["?"], "not the proxy's"


def status_from(admin, lines):
    """Of /metrics, with these lines of X-Forwarded-For."""
    connection = http.client.HTTPConnection("127.0.0.1", admin.port, timeout=30)
    connection.putrequest("GET", "/metrics")
    for line in lines:
        connection.putheader("X-Forwarded-For", line)
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.usefixtures("admin")  # nobody has a second factor
def test_a_second_factor_that_is_required(world, tmp_path):
    """Without one an operator sees its own login and nothing else, until it is set up. Subscribers have none."""
    with Admin(world.server, tmp_path, require_second_factor="yes") as admin:
        anna, thief = Visitor(admin), Visitor(admin)
        for visitor in (anna, thief):
            visitor.login("anna", PASSWORD)
        for path in ("/", "/operators", "/accounts", "/login/code"):
            assert anna.get(path).location == "/profile", path
        assert "set up an app" in anna.get("/profile").text
        assert anna.post("/operators/vera/access").location == "/profile"
        page = anna.post("/profile/factor/new")
        secret = re.search(r"<code>([A-Z2-7]{32})</code>", page.text)[1]
        assert anna.post("/profile/factor", {"secret": secret, "code": code_of(secret, now_step()), "now": PASSWORD}).status == 200
        assert anna.get("/accounts").status == 200
        assert thief.get("/accounts").location == "/login?back=%2Faccounts", "his session has no second factor, though its owner has one"
        Visitor(admin).login("45675001", PASSWORD, "/siremis/user/login")
    world.ok("operator", "set", "anna", "--drop-totp")


def test_a_crowd_at_the_door(admin):
    """Thirty logins at once, each of another name: some are told to come back, and pages of others come all the while."""
    statuses = []
    threads = [threading.Thread(target=lambda n=n: statuses.append(Visitor(admin).post("/login", {"login": f"name{n}", "password": "x"}).status))
               for n in range(30)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert Visitor(admin).get("/login").status == 200
    assert len(statuses) == 30 and set(statuses) <= {403, 429}


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1")
def test_tls(world, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj",
                    "/CN=localhost"], check=True, capture_output=True)
    with Admin(world.server, tmp_path, insecure_cookie="no", tls_certificate=certificate, tls_key=key) as admin:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", admin.port, context=context, timeout=30)
        answer = Visitor(admin).send("GET", "/login", connection=connection)
        assert answer.status == 200 and answer.headers["Strict-Transport-Security"]
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, OSError)):
            http.client.HTTPSConnection("127.0.0.1", admin.port, context=context, timeout=30).request("GET", "/login")
        connection.close()


def test_what_is_under_way_is_answered_first(world, tmp_path):
    """SIGTERM while a page waits for the database: the page comes, whole, and then it ends. New connections find nobody."""
    with Admin(world.server, tmp_path) as admin:
        visitor = Visitor(admin)
        visitor.get("/login")
        locked = subprocess.Popen(["mariadb", f"--defaults-file={world.server.options()}", "--unbuffered", world.server.database], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True)
        try:
            locked.stdin.write("LOCK TABLES aeta_web_throttle WRITE; SELECT 'locked';\n")
            locked.stdin.flush()
            assert locked.stdout.readline() and locked.stdout.readline() == "locked\n"
            connection = http.client.HTTPConnection("127.0.0.1", admin.port, timeout=30)
            body = "login=anna&password=correct+horse+battery"
            connection.request("POST", "/login", body, {"Origin": visitor.origin(), "Content-Type": "application/x-www-form-urlencoded"})
            wait_until(lambda: waiting(world.server))
            admin.process.send_signal(signal.SIGTERM)
            wait_until(lambda: refuses(admin.port))
            assert admin.process.poll() is None
        finally:
            locked.communicate("UNLOCK TABLES;\n", timeout=30)
        assert connection.getresponse().status == 303
        assert admin.process.wait(30) == 0


def waiting(server):
    return server.sql("SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for table%'")[0][0] != "0"


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def refuses(port):
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
        return False
    except ConnectionRefusedError:
        return True


def test_a_request_that_is_just_coming(world, tmp_path):
    """Its connection was accepted before SIGTERM; it is sent after it, within the second that it is waited for, and answered."""
    for _ in range(20):  # on a machine that is so busy that a second was over, again
        with Admin(world.server, tmp_path) as admin, socket.create_connection(("127.0.0.1", admin.port), 30) as early:
            begun, answer = time.monotonic(), b""
            assert answered(admin.port, "127.0.0.1"), "so the one before it was accepted"
            admin.process.send_signal(signal.SIGTERM)
            wait_until(lambda admin=admin: refuses(admin.port))
            with contextlib.suppress(OSError):
                early.sendall(b"GET /login HTTP/1.1\r\nHost: x\r\n\r\n")
                answer = early.makefile("rb").read()
            if time.monotonic() - begun < 0.9:
                assert answer.startswith(b"HTTP/1.1 200 ") and b"\r\nConnection: close\r\n" in answer and b"</html>" in answer
                return
    raise AssertionError("this machine is too busy for it")


def test_a_socket_of_systemd(world, tmp_path):
    """It is taken as it is, and stays open when the server ends: who connects meanwhile is answered by the next one."""
    with socket.create_server(("127.0.0.1", 0)) as passed:
        port = passed.getsockname()[1]
        admin = Admin(world.server, tmp_path)
        admin.configure()

        def begin():
            def pass_on():
                os.dup2(passed.fileno(), 3, inheritable=True)
                os.environ["LISTEN_PID"] = str(os.getpid())
            script = f'LISTEN_PID=$$ LISTEN_FDS=1 exec "{binary()}" --config "{admin.config}"'
            with open(admin.log, "ab") as log:
                return subprocess.Popen(["sh", "-c", script], stderr=log, preexec_fn=pass_on, close_fds=False)
        first = begin()
        try:
            assert asked(port).status == 200
            first.terminate()
            assert first.wait(30) == 0
            late = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            late.request("GET", "/login")
        finally:
            first.kill()
        second = begin()
        try:
            assert late.getresponse().status == 200
        finally:
            second.terminate()
            assert second.wait(30) == 0


@pytest.mark.usefixtures("admin")  # nobody has a second factor
def test_a_kamailio_that_hangs(world, tmp_path):
    """One wave of pages waits for it, then all do without; when it answers, it is asked again, and finds us in our RUNTIME_DIRECTORY."""
    with tempfile.TemporaryDirectory(prefix="aeta-") as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as kamailio:
        kamailio.bind(f"{folder}/rpc")
        kamailio.settimeout(30)
        ours = Path(folder, "ours")
        ours.mkdir()
        with Admin(world.server, tmp_path, {"RUNTIME_DIRECTORY": f"{ours}:/nowhere"}, rpc_socket=f"{folder}/rpc") as admin:
            anna = Visitor(admin)
            anna.login("anna", PASSWORD)
            assert "no reply in time" in anna.get("/calls").text
            wave = [threading.Thread(target=anna.get, args=("/calls",)) for _ in range(20)]
            for thread in wave:
                thread.start()
            assert anna.get("/profile").status == 200, "connections to the database are left"
            wait_until(lambda: "no reply lately" in anna.get("/calls").text)
            for thread in wave:
                thread.join()
            asked = threading.Thread(target=answer_all, args=(kamailio, ours))
            asked.start()
            wait_until(lambda: "no reply" not in anna.get("/calls").text)
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
                end.sendto(b"stop", f"{folder}/rpc")
            asked.join(30)
            assert not list(ours.iterdir()), "every socket is removed"


def answer_all(kamailio, ours):
    """Whoever waits in `ours`, until told to stop. Sockets of those who have gone are no more."""
    while (asked := kamailio.recvfrom(65536))[0] != b"stop":
        assert asked[1].startswith(f"{ours}/"), asked[1]
        with contextlib.suppress(OSError):
            kamailio.sendto(b'{"jsonrpc": "2.0", "result": [], "id": 1}', asked[1])


def test_the_unit_lets_kamailio_answer():
    """ProtectSystem and PrivateTmp leave no other place that both see; UMask is not for it."""
    unit = (ROOT / "admin/web/aeta-admin.service").read_text()
    assert re.search(r"^RuntimeDirectory=aeta-admin$", unit, re.M) and re.search(r"^RuntimeDirectoryMode=0711$", unit, re.M)


def asked(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/login")
    return connection.getresponse()


def test_without_a_database(world, tmp_path):
    """It starts, says 503, and works when the database is there again."""
    with Admin(world.server, tmp_path, db_socket="/nowhere/mysql.sock") as admin:
        visitor = Visitor(admin)
        assert visitor.get("/health").status == 503 and json.loads(visitor.get("/health").text) == {"healthy": False, "database": False}
        assert visitor.get("/login").status == 503 and "/nowhere" not in visitor.get("/login").text
        assert visitor.get("/metrics").status == 200


def connections(server):
    return [row[0] for row in server.sql("SELECT id FROM information_schema.processlist WHERE user = 'aeta_web'")]


def some_requests(visitor, count=6):
    """At once, so that several connections are used."""
    statuses = []
    threads = [threading.Thread(target=lambda: statuses.append(visitor.get("/profile").status)) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return statuses


def end_by_kill(server, _visitor):
    server.sql("".join(f"KILL CONNECTION {one};" for one in connections(server)))
    wait_until(lambda: not connections(server))


def end_by_timeout(server, visitor):
    """wait_timeout counts for connections that are made after it was set."""
    end_by_kill(server, visitor)
    server.sql("SET GLOBAL wait_timeout = 1")
    try:
        some_requests(visitor)
        assert connections(server)
        wait_until(lambda: not connections(server))
    finally:
        server.sql("SET GLOBAL wait_timeout = DEFAULT")


def end_by_restart(server, visitor):
    with server.away():
        assert visitor.get("/profile").status == 503


@pytest.mark.parametrize("end", [end_by_kill, end_by_timeout, end_by_restart])
def test_a_connection_that_the_server_has_ended(admin, as_, server, end):
    """It is made anew before anybody gets it: the very next request works, those beside it too, and nobody is logged out."""
    anna = as_("anna")
    some_requests(anna)
    end(server, anna)
    assert anna.get("/profile").status == 200
    assert set(some_requests(anna)) == {200}


def test_a_database_that_fails(admin, as_, server):
    """It takes no changes, or a right is missing: that is nobody's mistake who asks, so 500; why is in the log, not on the page."""
    anna = as_("anna")
    for before, words, after in (("SET GLOBAL read_only = 1", "read-only", "SET GLOBAL read_only = 0"),
                                 ("RENAME TABLE aeta_customer TO aeta_away", "aeta_customer", "RENAME TABLE aeta_away TO aeta_customer")):
        said = len(admin.said())
        server.sql(before)
        try:
            answer = anna.post("/customers/new", {"name": "Faulty", "email": "noc@faulty.example"})
        finally:
            server.sql(after)
        assert answer.status == 500 and words not in answer.text and "database:" not in answer.text, answer
        assert "POST /customers/new" in admin.said()[said:] and words in admin.said()[said:]
    assert anna.post("/customers/new", {"name": "x" * 129, "email": "noc@faulty.example"}).status == 400


def test_slow_and_broken_clients(admin):
    """Half requests, garbage, many connections: others are answered all the while."""
    sockets = []
    for text in (b"GET /login HT", b"\x16\x03\x01\x02\x00", b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nlogin=", b"GET " + b"/" * 40000,
                 b"GET /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"):
        for _ in range(4):
            one = socket.create_connection(("127.0.0.1", admin.port), 10)
            one.sendall(text)
            sockets.append(one)
    assert Visitor(admin).get("/login").status == 200
    for one in sockets:
        one.close()
    assert Visitor(admin).get("/health").status == 200


def test_one_network_takes_not_all_connections(admin):
    """The 49th of an address is closed unheard; others come in, and so does that address when one of its own has gone."""
    held = [socket.create_connection(("127.0.0.1", admin.port), 10, ("127.0.0.2", 0)) for _ in range(48)]
    wait_until(lambda: not answered(admin.port, "127.0.0.2"))
    assert answered(admin.port, "127.0.0.1")
    held.pop().close()
    wait_until(lambda: answered(admin.port, "127.0.0.2"))
    for one in held:
        one.close()


def answered(port, source):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 10, (source, 0)) as one:
        one.sendall(b"GET /login HTTP/1.0\r\n\r\n")
        return one.recv(1) == b"H"
    return False


def test_memory_stays(admin, as_):
    """A thousand pages later it has what it had after the first hundred."""
    anna = as_("anna")
    connection = http.client.HTTPConnection("127.0.0.1", admin.port, timeout=30)

    def pages(count):
        for _ in range(count):
            assert anna.send("GET", "/profile", connection=connection).status == 200
        return admin.metric("resident_bytes")
    first = pages(200)
    assert pages(800) < first + (2 << 20) or "asan" in binary()
    connection.close()


def test_few_rights(admin):
    """No capability can be gained, and where root has started it none is left."""
    status = dict(line.split(":\t", 1) for line in open(f"/proc/{admin.process.pid}/status").read().splitlines() if ":\t" in line)
    assert status["NoNewPrivs"] == "1" and (os.geteuid() != 0 or int(status["CapBnd"], 16) == 0)
