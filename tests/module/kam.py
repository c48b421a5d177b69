# SPDX-License-Identifier: GPL-2.0-or-later
"""A real Kamailio in a network namespace of its own, for the tests of the module.

    pytest process                      namespace of the test run (lo only)
    +----------------+   unix socket    +-----------------------------------+
    | Rpc  ------------------------------> Kamailio 127.0.0.1:5060 (udp)    |
    | Phone  = a UDP socket made in the namespace, 127.0.0.x:port           |
    +----------------+                  +-----------------------------------+
"""

import contextlib
import ctypes
import hashlib
import itertools
import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from children import die_with_parent, end_kamailio, kill_group  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
WAIT_S = 30
COUNTER = itertools.count(1)


def wait_for(what, test, seconds=WAIT_S):
    """Polls until test() is true; the only wait of these tests."""
    end = time.monotonic() + seconds
    while True:
        value = test()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.02)


class Namespace:
    def __init__(self):
        self.name = f"aeta-mod-{os.getpid()}"

    def __enter__(self):
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        subprocess.run(["ip", "-n", self.name, "link", "set", "lo", "up"], check=True)
        return self

    def __exit__(self, *_):
        subprocess.run(["ip", "netns", "del", self.name], check=False)

    def command(self, *args):
        return ["ip", "netns", "exec", self.name, *args]

    @contextlib.contextmanager
    def inside(self):
        """This thread is in the namespace; sockets made here stay there."""
        with open("/proc/self/ns/net") as home, open(f"/run/netns/{self.name}") as there:
            if LIBC.setns(there.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
            try:
                yield
            finally:
                LIBC.setns(home.fileno(), CLONE_NEWNET)


class RpcFault(Exception):
    def __init__(self, fault):
        super().__init__(fault["message"])
        self.code = fault["code"]


class Kamailio:
    """Runs a cfg text, in which {folder} and {mpath} are filled in.

    AETA_MODULE names another aeta.so than the one of build/dev, AETA_PRELOAD a sanitizer's library that it needs, and
    AETA_KAMAILIO another kamailio (a script that enters a chroot that shares /tmp, for another Debian).
    """

    def __init__(self, namespace, folder, cfg, env=None):
        self.namespace, self.folder = namespace, Path(folder)
        self.cfg = self.folder / "kamailio.cfg"
        self.module = Path(os.environ.get("AETA_MODULE", ROOT / "build/dev/modules/aeta/aeta.so"))
        path = f"{self.module.parent}:{stock_modules()}"
        self.cfg.write_text(cfg.replace("{folder}", str(folder)).replace("{mpath}", path))
        self.env = {**os.environ, **(env or {})}
        if os.environ.get("AETA_PRELOAD"):
            # the leaks are Kamailio's own: it frees nothing that lives as long as a process
            self.env |= {"LD_PRELOAD": os.environ["AETA_PRELOAD"], "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1"}
        self.log = self.folder / "kamailio.log"
        self.process = None

    def __enter__(self):
        self.start()
        try:
            wait_for("Kamailio to answer", self.answers)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind, *_):
        code = self.stop()
        assert kind or code == 0, f"Kamailio ended with {code}:\n{self.log_text()[-4000:]}"

    def start(self):
        out = open(self.log, "wb")
        # -DD: in the foreground, and all children in one process group
        self.process = subprocess.Popen(
            self.namespace.command(os.environ.get("AETA_KAMAILIO", "kamailio"), "-f", str(self.cfg), "-DD", "-E", "-Y", str(self.folder), "-m", "32", "-M", "16",
                                   "-P", str(self.folder / "pid")),
            stdout=out, stderr=subprocess.STDOUT, env=self.env, preexec_fn=die_with_parent, cwd=self.folder)

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"Kamailio ended with {self.process.returncode}:\n{self.log_text()[-4000:]}")
        with contextlib.suppress(OSError):
            return self.rpc("core.uptime")

    def log_text(self):
        return self.log.read_text(errors="replace")

    def stop(self):
        if self.process and self.process.poll() is None:
            end_kamailio(self.process)
            try:
                self.process.wait(WAIT_S)
            except subprocess.TimeoutExpired:
                kill_group(self.process)
        return self.process.returncode

    def rpc(self, method, *params, timeout=WAIT_S):
        mine = self.folder / f"rpc-{os.getpid()}-{next(COUNTER)}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.settimeout(timeout)
            s.bind(str(mine))
            try:
                s.sendto(json.dumps({"jsonrpc": "2.0", "method": method, "params": list(params), "id": 1}).encode(),
                         str(self.folder / "rpc.sock"))
                answer = json.loads(s.recv(1 << 20))
            finally:
                mine.unlink()
        if "error" in answer:
            raise RpcFault(answer["error"])
        return answer["result"]

    def counter(self, name):
        """Value of one counter of the statistics group aeta."""
        return self.counters()[name]

    def counters(self, group="aeta"):
        """Name and value of the counters of a group."""
        lines = self.rpc("stats.get_statistics", f"{group}:")
        return {name.split(":")[1].strip(): int(value) for name, value in (line.split("=") for line in lines)}

    def registered(self):
        """The numbers that have a binding."""
        return {a["Info"]["AoR"] for d in self.rpc("ul.dump")["Domains"] for a in d["Domain"].get("AoRs", [])}


def stock_modules():
    return next(str(p.parent) for p in Path("/usr/lib").glob("*/kamailio/modules/tm.so"))


class Message:
    def __init__(self, data):
        head, _, self.body = data.decode(errors="replace").partition("\r\n\r\n")
        self.first, *lines = head.split("\r\n")
        self.headers = [tuple(x.strip() for x in line.partition(":")[::2]) for line in lines]
        self.status = int(self.first.split()[1]) if self.first.startswith("SIP/2.0") else None
        self.reason = self.first.split(" ", 2)[2] if self.status else None
        self.method = None if self.status else self.first.split()[0]
        self.uri = None if self.status else self.first.split()[1]

    def all(self, name):
        return [v for k, v in self.headers if k.lower() == name.lower()]

    def __getitem__(self, name):
        return (self.all(name) or [""])[0]


class Phone:
    """A UDP SIP agent as small as can be: one socket, one message at a time."""

    def __init__(self, namespace, host="127.0.0.2", port=0, instance=None, agent="phone"):
        with namespace.inside():
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, port))
        self.host, self.port = self.socket.getsockname()
        self.instance, self.agent, self.server = instance, agent, ("127.0.0.1", 5060)
        self.call_id = f"{next(COUNTER)}-{self.port}@{host}"
        self.cseq = itertools.count(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def contact(self, user):
        instance = f';+sip.instance="<{self.instance}>"' if self.instance else ""
        return f"<sip:{user}@{self.host}:{self.port}>{instance}"

    def send_request(self, method, user, to, headers=(), uri=None, contact=None, call_id=None, branch=None, to_tag="",
                     via=None, from_host="sip.example.com", to_host="sip.example.com", body="", body_type="application/sdp"):
        lines = [
            f"{method} {uri or f'sip:{to}@sip.example.com'} SIP/2.0",
            f"Via: SIP/2.0/UDP {via or f'{self.host}:{self.port}'};branch={branch or f'z9hG4bK-{next(COUNTER)}'};rport",
            f"From: <sip:{user}@{from_host}>;tag=f{self.port}",
            f"To: <sip:{to}@{to_host}>{to_tag}",
            f"Call-ID: {call_id or self.call_id}",
            f"CSeq: {next(self.cseq)} {method}",
            "Max-Forwards: 70",
            f"Contact: {contact or self.contact(user)}",
            *([f"User-Agent: {self.agent}"] if self.agent else []),
            *headers,
            *([f"Content-Type: {body_type}"] if body else []),
            f"Content-Length: {len(body)}", "", body]
        self.socket.sendto("\r\n".join(lines).encode(), self.server)

    def receive(self, seconds=10):
        self.socket.settimeout(seconds)
        data, self.peer = self.socket.recvfrom(65535)
        return Message(data)

    def final(self):
        """The next final answer; provisional ones are passed over."""
        while True:
            m = self.receive()
            if m.status and m.status >= 200:
                return m

    def ask(self, method, user, to, **more):
        self.send_request(method, user, to, **more)
        return self.final()

    def do(self, what, user="45675001", to="45675002", headers=(), **more):
        """Has the test script call a function; returns what it said."""
        answer = self.ask("OPTIONS", user, to, headers=[f"X-Do: {what}", *headers], call_id=f"do-{next(COUNTER)}", **more)
        assert answer.status == 299, answer.first
        values = dict(x.split("=", 1) for x in answer["X-Values"].split("|"))
        self.done = answer
        return int(answer["X-Return"]), values

    def call(self, what, *parameters, **more):
        """do() with the parameters of the function."""
        named = [f"X-{name}: {value}" for name, value in zip("ABCDE", parameters)]
        return self.do(what, headers=named + list(more.pop("headers", ())), **more)

    def register(self, user, headers=(), contact=None, call_id=None, expires=300, uri="sip:sip.example.com", **more):
        """Stores a binding through the script's REGISTER route; the answer has X-Owner, X-Device and X-Id."""
        return self.ask("REGISTER", user, user, headers=[f"Expires: {expires}", *headers], uri=uri,
                        contact=contact, call_id=call_id, **more)

    def answer(self, request, status, reason="Test", headers=(), body=""):
        copied = [f"{k}: {v}" for k, v in request.headers if k.lower() in ("via", "from", "call-id", "cseq", "record-route")]
        to = request["To"] + ("" if ";tag=" in request["To"] else f";tag=t{self.port}")
        lines = [f"SIP/2.0 {status} {reason}", *copied, f"To: {to}", f"Contact: <sip:{self.host}:{self.port}>", *headers,
                 *(["Content-Type: application/sdp"] if body else []), f"Content-Length: {len(body)}", "", body]
        self.socket.sendto("\r\n".join(lines).encode(), self.peer)


def digest(challenge, user, password, method, uri):
    """A Proxy-Authorization value (RFC 2617, MD5 without qop)."""
    realm, nonce = (re.search(f'{x}="([^"]*)"', challenge)[1] for x in ("realm", "nonce"))
    md5 = lambda text: hashlib.md5(text.encode()).hexdigest()  # noqa: E731
    response = md5(f"{md5(f'{user}:{realm}:{password}')}:{nonce}:{md5(f'{method}:{uri}')}")
    return (f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", response="{response}", '
            "algorithm=MD5")
