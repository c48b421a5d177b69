# SPDX-License-Identifier: GPL-2.0-or-later
"""Keepalives against a router's memory. The first one comes anywhere in the interval. If that is within 2 s of the REGISTER, Linux
takes the two for one exchange, which it forgets after 30 s; later ones make it a stream, with 120 s. So the interval has to be less than 30 s."""
import re

from natlab import kinds
from natlab.nets import Net
from natlab.service import ROOT

SLACK_S = 2  # a keepalive may be that late, on a busy server


def setting(net, name):
	with net.inside(), open(f"/proc/sys/net/netfilter/{name}", encoding="ascii") as file:
		return int(file.read())


def test_keepalives_come_before_a_router_forgets():
	net = Net("router", forward=True)
	net.nft(kinds.rules("port", "203.0.113.10", None, "192.168.1.0/24", None))  # tracks connections from now on
	forgets = setting(net, "nf_conntrack_udp_timeout")
	net.close()
	default = re.search(r'"!SITE_KEEPALIVE_S!(\d+)!g"', (ROOT / "kamailio-cfg/defaults.cfg").read_text())
	assert forgets == 30 and int(default[1]) <= forgets - SLACK_S
