# SPDX-License-Identifier: GPL-2.0-or-later
"""The kinds of NAT and firewall that an agent can sit behind, in nftables rules, and which of them let two agents talk
without a relay.

	public       no NAT, no firewall
	fwstate      a firewall: lets in what answers to something that went out; no NAT
	fwsrv        a firewall that lets the agent talk with the server's first address and with nobody else; no NAT
	cone         NAT, endpoint-independent mapping and filtering (RFC 4787: EIM/EIF)
	addr         NAT, endpoint-independent mapping, lets in the addresses that were written to (EIM/ADF)
	port         NAT, endpoint-independent mapping, lets in the addresses and ports that were written to (EIM/APDF)
	shift        as port, with an outside port that is not the inside one
	sym          NAT, a new outside port for each destination (EDM/APDF)
	split        as port, but SIP leaves by one public address and everything else by another one (two lines, carrier NAT)
	alg          as port, with Linux's own SIP ALG: it changes what agents and server say to each other
	leaky        as port, until something comes uninvited: then what the agent sends there leaves from another port
	lan:KIND     both agents behind one NAT of that kind; cone can also send back what is for its own outside (hairpin)
	cgn:IN+OUT   two boxes in a row: two NATs, the outer one the carrier's, or a firewall (fwstate, fwsrv) behind a NAT
	isp:IN+OUT   both agents behind one carrier's NAT, each in a home of its own that has another one. Both homes have the
	             same private network
	KIND~MANNER  an agent with its own idea of OPTIONS (manners.py) behind that kind

A NAT that only masquerades (port, sym) also needs a chain that drops what comes uninvited: otherwise such a packet is
entered into the connection table as for the router itself, takes the tuple, and the agent's own next packet leaves from
another port. That is what leaky is: such NATs exist."""

import re

from natlab.manners import MANNERS

PLAIN = ("public", "fwstate", "fwsrv", "cone", "addr", "port", "shift", "sym")
ROUTED = ("public", "fwstate", "fwsrv")
NATS = ("cone", "addr", "port", "shift", "sym", "split", "leaky", "alg")
IN_A_ROW = ("cone", "addr", "port", "shift", "sym")
FIREWALLS = ("fwstate", "fwsrv")
INDEPENDENT = ("public", "fwstate", "cone", "addr", "port", "shift", "split", "alg")  # what STUN finds out is the one
# Of each agent behind one NAT, the caller first: ports of its own. Up to two callers and two callees share one.
SIP_PORTS = (5060, 5064, 5066, 5068)
RTP_PORTS = tuple((first, first + 49) for first in (10000, 12000, 14000, 16000))
SHIFT = 25000

FORWARD = """
	chain forward {{
		type filter hook forward priority filter; policy drop;
		iifname "lan" {lan}
		{more}
	}}
"""
ANSWERS = "ct state established,related accept"
# What comes uninvited must not reach the router's own connection table.
INPUT = """
	chain input {
		type filter hook input priority filter; policy drop;
		iifname { "lo", "lan" } accept
		ct state established,related accept
	}
"""
SOURCE = """
	chain source {{
		type nat hook postrouting priority srcnat;
		{rules}
	}}
"""
# Linux's own: what is said to the SIP port of a server has its addresses changed, in headers and SDP, and those of media let in.
ALG = """
	ct helper sip {
		type "sip" protocol udp;
	}
	chain alg {
		type filter hook prerouting priority filter;
		iifname "lan" udp dport 5060 ct helper set "sip"
	}
"""
# Where to send what arrives at an outside port: to the last inside address that sent from it. Learnt after routing, used
# before the ordinary connection table decides.
INDEPENDENT_MAP = """
	map inside {{
		type inet_service : ipv4_addr
		flags dynamic,timeout
		timeout 180s
	}}
	set spoken {{
		type inet_service . ipv4_addr
		flags dynamic,timeout
		timeout 180s
	}}
	chain learn {{
		type filter hook postrouting priority mangle;
		oifname "wan" ip saddr {lan} meta l4proto udp update @inside {{ udp sport : ip saddr }}
		oifname "wan" ip saddr {lan} meta l4proto udp update @spoken {{ udp sport . ip daddr }}
	}}
	chain destination {{
		type nat hook prerouting priority dstnat;
		ip daddr {wan} meta l4proto udp {who} dnat to udp dport map @inside
	}}
"""


class KindError(Exception):
	"""There is no such kind."""


def check(name):
	"""The name, if there is such a kind."""
	kind, _, manner = name.partition("~")
	if manner and manner not in MANNERS:
		raise KindError(f"{name}: the manners are {', '.join(MANNERS)}")
	if kind in PLAIN + ("split", "leaky", "alg") or is_shared(kind):
		return name
	inner = re.fullmatch(r"cgn:(\w+)\+(\w+)", kind)
	if inner and inner[1] in IN_A_ROW + FIREWALLS and inner[2] in IN_A_ROW:
		return name
	raise KindError(f"there is no kind '{kind}': {', '.join(PLAIN)}, split, leaky, alg, lan:KIND, cgn:INNER+OUTER, isp:INNER+OUTER "
		f"(with {', '.join(IN_A_ROW)}; cgn: also with {' and '.join(FIREWALLS)} as the inner one)")


def is_shared(name):
	"""Are both agents behind it?"""
	name = name.partition("~")[0]
	homes = re.fullmatch(r"isp:(\w+)\+(\w+)", name)
	return name.startswith("lan:") and name[4:] in IN_A_ROW or bool(homes) and all(kind in IN_A_ROW for kind in homes.groups())


def check_pair(caller, callee):
	"""Both, if they can be the two ends of a call."""
	if caller != callee and (is_shared(caller) or is_shared(callee)):
		raise KindError(f"{caller}/{callee}: what has both agents behind it goes with itself only")
	return check(caller), check(callee)


def boxes(name):
	"""The kinds of the routers between an agent and the internet, from the inside out."""
	return name.partition("~")[0].split(":")[-1].split("+")


def manner(name):
	"""How an agent behind `name` takes OPTIONS, "" as it should."""
	return name.partition("~")[2]


def rules(kind, wan, other_wan, lan, server):
	"""nftables rules of a router of that kind. Its links are called wan and lan. wan, other_wan: its outside addresses;
	lan: the inside networks, as nftables writes them; server: the one address that fwsrv admits."""
	return "table ip nat {" + {
		"public": lambda: "",
		"fwstate": lambda: FORWARD.format(lan="accept", more=ANSWERS),
		"fwsrv": lambda: FORWARD.format(lan=f"ip daddr {server} accept", more=f"ip saddr {server} accept"),
		"cone": lambda: _independent(wan, lan, who=""),
		"addr": lambda: _independent(wan, lan, who='iifname "wan" udp dport . ip saddr @spoken'),
		"port": lambda: _nat('oifname "wan" masquerade'),
		"leaky": lambda: _nat('oifname "wan" masquerade', guarded=""),
		"alg": lambda: _nat('oifname "wan" masquerade') + ALG,
		"shift": lambda: _nat(_shifted(wan), 'oifname "wan" masquerade'),
		"sym": lambda: _nat('oifname "wan" meta l4proto udp masquerade fully-random', 'oifname "wan" masquerade'),
		"split": lambda: _nat(f'oifname "wan" udp sport {SIP_PORTS[0]}-{SIP_PORTS[-1]} snat to {wan}',
			f'oifname "wan" snat to {other_wan}'),
	}[kind]() + "}\n"


def _nat(*source, guarded=INPUT):
	return FORWARD.format(lan="accept", more=ANSWERS) + guarded + SOURCE.format(rules="\n\t\t".join(source))


def _independent(wan, lan, who):
	hairpin = f'oifname "lan" ip saddr {lan} ct status dnat snat to {wan}'
	return (INDEPENDENT_MAP.format(wan=wan, lan=lan, who=who)
		+ FORWARD.format(lan="accept", more=f"{ANSWERS}\n\t\tct status dnat accept") + INPUT
		+ SOURCE.format(rules=f'oifname "wan" masquerade\n\t\t{hairpin}'))


def _shifted(wan):
	ports = [port for sip, (first, last) in zip(SIP_PORTS, RTP_PORTS) for port in (sip, *range(first, last + 1))]
	return f'oifname "wan" snat ip to udp sport map {{ {", ".join(f"{p} : {wan} . {p + SHIFT}" for p in ports)} }}'


def heard_at(name, stun):
	"""Can anybody on the internet reach the media address that an agent behind `name` offers, once the agent has sent
	something there itself? Behind alg the router says its outside address in the agent's place."""
	inner = boxes(name)
	natted = any(kind in NATS and kind != "alg" for kind in inner)
	return all(kind in INDEPENDENT for kind in inner) and (stun or not natted)


def direct_works(caller, callee, stun):
	"""The oracle: do both agents hear each other without a relay? stun: (caller's, callee's). Each of them sends from the
	first moment on to what the other has offered, and to nothing else. Behind leaky it is chance, which is no."""
	if is_shared(caller):
		return _works_in_one(boxes(caller), stun)
	return heard_at(caller, stun[0]) and heard_at(callee, stun[1])


def _works_in_one(inner, stun):
	"""Both are behind it: in one network by their own addresses, or by what the outermost NAT sends back to its own inside."""
	if len(inner) == 1 and not any(stun):
		return True
	return inner[-1] == "cone" and (len(inner) == 1 or all(stun) and all(kind in INDEPENDENT for kind in inner))
