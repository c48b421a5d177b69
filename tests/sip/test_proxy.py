# SPDX-License-Identifier: GPL-2.0-or-later
"""An agent behind an outbound proxy (A8): a second Kamailio that writes a Path and is a trusted address.

        bob 127.0.0.12 --UDP-- proxy 127.0.0.20 --UDP-- service 127.0.0.1 --UDP-- alice 127.0.0.11
"""
import subprocess

import pytest
from agent import between
from service import eventually
from wire import UdpLink, build, new_branch, new_call_id, new_tag

PROXY = "127.0.0.20"
CONFIG = """#!KAMAILIO
# An outbound proxy with nothing of its own: everything from its agents goes to the service, and back.
debug=2
log_stderror=yes
children=2
listen=udp:{proxy}:5060
auto_aliases=no
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "rr.so"
loadmodule "path.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "nathelper.so"
modparam("path", "use_received", 1)
request_route {{
	force_rport();
	if (is_method("CANCEL")) {{
		if (t_check_trans()) t_relay();
		exit;
	}}
	if (is_method("REGISTER")) {{
		add_path_received();
	}} else if (has_totag()) {{
		loose_route();
		t_relay();
		exit;
	}} else if ($si == "{service}") {{
		# the Path we wrote: where the agent is
		loose_route();
		record_route();
		t_relay();
		exit;
	}} else {{
		record_route();
	}}
	$du = "sip:{service}:5060";
	t_relay();
}}
"""


@pytest.fixture(scope="module")
def proxy(service, tmp_path_factory):
	"""The proxy, not trusted yet."""
	folder = tmp_path_factory.mktemp("proxy")
	(folder / "proxy.cfg").write_text(CONFIG.format(proxy=PROXY, service=service.address))
	with (folder / "proxy.log").open("w") as log:
		process = subprocess.Popen(["kamailio", "-f", folder / "proxy.cfg", "-DD", "-E", "-Y", folder, "-P",
			folder / "pid"], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
	probe = UdpLink("127.0.0.21", (PROXY, 5060))

	def answers():
		assert process.poll() is None, (folder / "proxy.log").read_text()[-2000:]
		probe.send(build(f"OPTIONS sip:{service.domain} SIP/2.0", [("Via", f"SIP/2.0/UDP 127.0.0.21:{probe.port};branch="
			f"{new_branch()}"), ("From", f"<sip:probe@x>;tag={new_tag()}"), ("To", "<sip:x>"), ("Call-ID", new_call_id()),
			("CSeq", "1 OPTIONS"), ("Max-Forwards", "5")]))
		return [m for m in probe.arrived if not m.is_request]
	eventually("the proxy answers", answers)
	yield PROXY
	probe.close()
	process.terminate()
	process.wait(10)


@pytest.fixture
def trusted(service, proxy):
	"""The proxy's address is in the table of trusted ones."""
	service.trust(proxy)
	yield proxy
	service.distrust(proxy)


def behind(service, agent, number, **more):
	return agent(number, host="127.0.0.12", server=PROXY, **more)


def test_calls_through_the_proxy(service, agent, trusted):
	"""Calling and being called, re-INVITE and BYE from both ends; all that the agent hears comes from its proxy."""
	alice, bob = agent("45675001").registered(), behind(service, agent, "45675002").registered()
	assert PROXY in service.binding("45675002")["Path"]
	for first, second in ((alice, bob), (bob, alice)):
		for hangs_up in (0, 1):
			sides = first.talk(second)
			assert between(sides[0], sides[1], "INVITE").status == 200
			assert between(sides[1], sides[0], "INVITE").status == 200
			assert between(sides[hangs_up], sides[1 - hangs_up], "BYE").status == 200
			assert service.cdr(sides[0].call_id)[2] == second.number
	assert {m.source[0] for m in bob.link.arrived} == {PROXY}
	assert {m.source[0] for m in alice.link.arrived} == {service.address}


def test_many_accounts_behind_one_proxy(service, agent, trusted):
	"""Ten numbers from one trusted address: each is called as itself, and all stay registered."""
	numbers = ["45675001", "45675002", "45675412", "45995002", "45995005", "45995033", "10005001", "10005999", "902080",
		"90208099"]
	crowd = [behind(service, agent, number).registered() for number in numbers]
	caller = agent("700123456789")
	for one in crowd:
		mine, theirs = caller.talk(one)
		assert between(theirs, mine, "BYE").status == 200
	assert all(len(service.bindings(number)) == 1 for number in numbers)


def test_path_of_an_untrusted_proxy(service, agent, proxy):
	"""Without trust the Path is ignored; the binding is the flow that the REGISTER came from, the proxy's own."""
	behind(service, agent, "45675002").registered()
	binding = service.binding("45675002")
	assert not binding.get("Path") or binding["Path"] == "[not set]"
	assert PROXY in binding["Received"]
