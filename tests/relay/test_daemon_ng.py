# SPDX-License-Identifier: GPL-2.0-or-later
"""The control ports: UDP, TCP, HTTP; who may come (F5)."""
import json
import socket
import time

import pytest
from conftest import FAR, NEAR
from ng import Ng, NgError, NgHttp, NgTcp, decode, encode, sdp
from relay import wait_until


def test_udp_in_both_encodings(relay):
	with Ng(relay.NG, as_json=True) as other:
		assert relay.ng.ping() and other.ping()
	with pytest.raises(NgError, match="Unknown call-id"):
		relay.ng.query("no-such-call")


def test_a_request_that_comes_again_is_not_done_again(relay):
	before = relay.metrics()
	request = encode({"command": "offer", "call-id": "again", "from-tag": "a", "sdp": sdp()})
	link = relay.ng.socket
	replies = []
	for _ in range(3):
		link.sendto(b"again_1 " + request, relay.NG)
		replies.append(link.recv(65536))
	assert replies[0] == replies[1] == replies[2]
	after = relay.metrics()
	assert after["ng_cookie_hits_total"] - before["ng_cookie_hits_total"] == 2
	assert after["calls"] - before["calls"] == 1
	relay.ng.delete("again")


def test_what_is_no_request_gets_no_answer(relay):
	before = relay.metrics()["ng_unanswered_total"]
	relay.ng.socket.sendto(b"nocookie", relay.NG)
	assert relay.ng.ping()
	assert relay.metrics()["ng_unanswered_total"] == before + 1


def test_the_answer_leaves_from_the_address_that_was_asked(start):
	start("--listen-ng=0.0.0.0:2232", f"--ng-allow={NEAR}")
	with Ng((NEAR, 2232), source=NEAR, tries=1) as ng:
		ng.socket.connect((NEAR, 2232))  # takes nothing from elsewhere
		ng.socket.send(b"c_1 d7:command4:pinge")
		assert ng.socket.recv(100) == b"c_1 d6:result4:ponge"


def test_others_are_not_heard(start):
	"""F5: a source that nobody allowed gets no answer, over none of the three ways, and is counted."""
	relay = start(f"--listen-ng={NEAR}:2232", f"--listen-tcp-ng={NEAR}:2233", f"--listen-http={NEAR}:2234", f"--ng-allow={NEAR};192.0.2.0/24")
	with Ng((NEAR, 2232), source=NEAR) as allowed, Ng((NEAR, 2232), source=FAR, tries=2, wait=0.3) as other:
		assert allowed.ping()
		with pytest.raises(TimeoutError):
			other.ping()
	for port, request in ((2233, b"c d7:command4:pinge"), (2234, b"GET /metrics HTTP/1.0\r\n\r\n")):
		link = socket.create_connection((NEAR, port), timeout=5, source_address=(FAR, 0))
		try:
			link.sendall(request)
			assert link.recv(100) == b""
		except ConnectionError:
			pass
		link.close()
	counts = relay.metrics()
	assert counts["ng_forbidden_total"] == 3 and counts["http_forbidden_total"] == 1


# -- TCP

def test_tcp_back_to_back_and_split_anywhere(relay):
	with NgTcp(relay.TCP) as tcp:
		requests = b"".join(b"c_%d " % i + encode({"command": "ping", "sdp": "x" * i}) for i in range(50))
		tcp.send(requests)
		assert [tcp.receive() for _ in range(50)] == [(f"c_{i}", b"d6:result4:ponge") for i in range(50)]
		offer = b"split " + encode({"command": "offer", "call-id": "split", "from-tag": "a", "sdp": sdp(more=["a=x:" + "y" * 3000])})
		tcp.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
		for at in range(0, len(offer), 97):
			tcp.send(offer[at:at + 97])
		cookie, reply = tcp.receive()
		assert cookie == "split" and decode(reply)["result"] == "ok"
		assert tcp.delete("split")["result"] == "ok"
		tcp.send(encode({"command": "ping"}))  # without a cookie
		assert tcp.socket.recv(100) == b"d6:result4:ponge"


@pytest.mark.parametrize("nonsense", [b"x" * 1100, b"c i5e", b"c {\"command\":\"ping\"}", b"c d3:abc", b"c d99999999:x", b"c d" + b"l" * 100,
	b"c d7:command131073:"], ids=lambda b: b[:12].decode())
def test_tcp_nonsense_is_disconnected(relay, nonsense):
	before = relay.metrics()["ng_tcp_closed_total"]
	with NgTcp(relay.TCP) as tcp:
		assert tcp.ping()
		tcp.send(nonsense)
		if nonsense == b"c d3:abc":  # may still become a request
			assert tcp.socket.getpeername()
			tcp.send(b"zz")
		assert tcp.receive() is None
	assert relay.metrics()["ng_tcp_closed_total"] == before + 1


def test_tcp_the_slow_are_disconnected(relay):
	"""A request has ten seconds, however often another byte of it comes; a client that asks nothing may stay."""
	with NgTcp(relay.TCP, wait=0.2) as slow, NgTcp(relay.TCP) as idle:
		assert idle.ping()
		begun = time.monotonic()
		slow.send(b"slow d7:command900:")
		try:
			while time.monotonic() - begun < 20:
				slow.send(b"x")
				try:
					assert slow.socket.recv(100) == b""
					break
				except socket.timeout:
					pass
		except ConnectionError:
			pass
		assert 9 < time.monotonic() - begun < 20
		assert idle.ping()


def test_tcp_replies_that_are_not_taken(relay, call):
	one = call(relay.ng)
	with NgTcp(relay.TCP, wait=1) as tcp:
		request = b"q " + encode({"command": "query", "call-id": one.id})
		sent = 0
		try:
			while sent < 50_000_000:
				sent += tcp.socket.send(request * 200)
		except (socket.timeout, ConnectionError):
			pass
		assert sent < 50_000_000, "it reads on although nobody takes the replies"
		assert relay.ng.ping()
		for _ in range(100):
			assert tcp.receive()[0] == "q"
	assert relay.rss_kib() < 200_000
	one.delete()


def test_tcp_many_connections(relay):
	"""The one that was there for the longest makes room."""
	clients = [NgTcp(relay.TCP) for _ in range(80)]
	assert all(client.ping() for client in clients[-60:])
	assert clients[0].receive() is None
	for client in clients:
		client.close()
	assert relay.ng.ping()


# -- HTTP

def test_http_pages(relay):
	with NgHttp(relay.HTTP) as http:
		assert http.request("GET", "/ping") == (200, "text/plain", b"pong\n")
		status, kind, body = http.request("GET", "/health")
		assert status == 200 and kind == "application/json" and json.loads(body)["status"] == "ok"
		status, kind, body = http.request("GET", "/metrics")
		assert status == 200 and kind.startswith("text/plain; version=0.0.4")
		families = [line.split()[2] for line in body.decode().splitlines() if line.startswith("# TYPE")]
		assert len(families) == len(set(families)) > 40 and all(family.startswith("aeta_relay_") for family in families)
		assert http.request("GET", "/other")[0] == 404
		assert http.request("PUT", "/ng", b"x")[0] == 405


def test_http_ng(relay):
	for as_json in (False, True):
		for plain in (False, True):
			with NgHttp(relay.HTTP, as_json=as_json, plain=plain) as http:
				assert http.ping()
				with pytest.raises(NgError, match="Unknown call-id"):
					http.query("no-such-call")
	with NgHttp(relay.HTTP) as http:
		assert http.request("POST", "/ng", b"c d7:command4:pinge", {"Content-Type": "text/plain"})[0] == 404
		assert http.request("POST", "/ng", b"nocookie", {"Content-Type": "application/x-rtpengine-ng"})[0] == 400
		assert http.request("POST", "/ng-plain", b"{}" + b" " * 200_000, {"Content-Type": "application/json"})[0] == 413
		assert http.offer("http", "a", sdp(more=["a=x:" + "y" * 20_000]))["result"] == "ok"
		assert http.delete("http")["result"] == "ok"


def test_metrics_count_commands(relay):
	before = relay.metrics()
	relay.ng.ping()
	with pytest.raises(NgError):
		relay.ng.query("no-such-call")
	with pytest.raises(NgError, match="Unrecognized command"):
		relay.ng.call("nonsense")
	after = relay.metrics()
	grown = {name: after[name] - before[name] for name in before if name.startswith("ng_") and after[name] != before[name]}
	assert grown == {"ng_requests_total": 3, 'ng_commands_total{command="ping"}': 1, 'ng_commands_total{command="query"}': 1,
		'ng_errors_total{command="query"}': 1, 'ng_errors_total{command=""}': 1}


# -- limits

def test_limits_are_answered_so_that_the_client_goes_on(start, call):
	relay = start("--max-sessions=1", "--port-min=40000", "--port-max=40019")
	running = call(relay.ng)
	with pytest.raises(NgError, match="^Parallel session limit reached$"):
		relay.ng.offer("more", "a", sdp())
	reply = relay.ng.offer("more", "a", sdp(), supports=["load limit"], wanted="load limit")
	assert reply["message"] == "Parallel session limit reached"
	running.both_ways()
	relay.stop()
	relay = start("--port-min=40000", "--port-max=40003")
	call(relay.ng).both_ways()
	with pytest.raises(NgError, match="^Ran out of ports$"):
		relay.ng.offer("more", "a", sdp())
	assert json.loads(NgHttp(relay.HTTP).request("GET", "/health")[2])["status"] == "no-ports"


def test_the_machine_is_too_busy(start):
	relay = start("--max-load=0.000001", "--max-cpu=100")
	wait_until(lambda: relay.metrics()["load_average"] > 0, 30, "some load")
	reply = relay.ng.offer("busy", "a", sdp(), supports=["load limit"], wanted="load limit")
	assert reply["message"] == "Load limit exceeded"
	status, _, body = NgHttp(relay.HTTP).request("GET", "/health")
	assert status == 503 and json.loads(body)["status"] == "overloaded"
