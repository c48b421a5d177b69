# SPDX-License-Identifier: GPL-2.0-or-later
"""The topology. Everything is in network namespaces; the public addresses are those reserved for documentation, and nothing
leaves the machine.

	                         server  198.51.100.10, .11
	                           |
	                          core   198.51.100.1, 203.0.113.1       (the internet: it only routes)
	               ____________|____________
	          wan |                         | wan    203.0.113.x, two for each site
	            box                        box       kinds.py says what it does; lan is a bridge
	          lan |                         | lan    192.168.1.1, the same network on both sides, as it is in homes
	          caller                      callee     192.168.1.11 and .12

public, fwstate, fwsrv: the box only routes, and the agent itself has 203.0.113.x+1.
lan:KIND: one box, both agents on its bridge.   cgn:IN+OUT: agent - 192.168.1.1 IN 100.64.0.2 - 100.64.0.1 OUT 203.0.113.x.
isp:IN+OUT: likewise, with an IN for each agent, 100.64.0.2 and .3; their two networks are both 192.168.1.x."""

import contextlib
import itertools
import threading

import natlab.kinds as kinds
from natlab.nets import Net, veth

SERVER, SERVER_2 = "198.51.100.10", "198.51.100.11"
SERVER_GATEWAY = "198.51.100.1"
WAN_GATEWAY = "203.0.113.1"
LAN, CARRIER = "192.168.1", "100.64.0"
INSIDE = f"{{ {LAN}.0/24, {CARRIER}.0/24 }}"  # for nftables
FIRST_WAN, WANS = 10, 240  # 203.0.113.10 to .249 are given out in turn
STUN_PORTS = "{ 3478, 3479 }"

# On every agent's machine: what its media ports send and receive is counted by where it goes, which is the truth about
# "relayed" and "direct". A name server must fail at once.
HOST_RULES = """table ip lab {{
	counter to_server {{ }}
	counter to_others {{ }}
	counter from_server {{ }}
	counter from_others {{ }}
	chain output {{
		type filter hook output priority filter;
		udp dport 53 reject
		tcp dport 53 reject with tcp reset
		udp sport {first}-{last} udp dport != {stun} ip daddr {servers} counter name to_server accept
		udp sport {first}-{last} udp dport != {stun} counter name to_others
	}}
	chain input {{
		type filter hook input priority filter;
		udp dport {first}-{last} udp sport != {stun} ip saddr {servers} counter name from_server accept
		udp dport {first}-{last} udp sport != {stun} counter name from_others
	}}
}}
"""


class Host:
	"""An agent's machine: .net, .address, and the ports that the agent is to use. index: which of those behind one box it is, even: it
	calls, odd: it is called."""

	def __init__(self, index, address):
		self.net = Net(("caller", "callee")[index % 2])
		self.index, self.address, self.router, self.before = index, address, None, {}
		self.sip_port, self.rtp_ports = kinds.SIP_PORTS[index], kinds.RTP_PORTS[index]
		first, last = self.rtp_ports
		self.net.nft(HOST_RULES.format(first=first, last=last, stun=STUN_PORTS, servers=f"{{ {SERVER}, {SERVER_2} }}"))

	def forget_media(self):
		"""What it has sent and received until now does not count any more."""
		self.before = self.net.counters()

	def counters(self):
		return {name: count - self.before.get(name, 0) for name, count in self.net.counters().items()}

	def media_path(self):
		"""Where its media went: "relayed", "direct", "mixed", or None if it sent none."""
		count = self.counters()
		if count["to_server"] and count["to_others"]:
			return "mixed"
		return "relayed" if count["to_server"] else "direct" if count["to_others"] else None


class Box:
	"""A router of one kind between the link wan and the bridge lan."""

	def __init__(self, kind, lan):
		self.kind, self.lan, self.addresses = kind, lan, None
		self.net = Net(kind, forward=True)
		self.net.ip("link add lan type bridge", "link set lan up", f"addr add {lan}.1/24 dev lan")
		self.ports = itertools.count()

	def connect_core(self, core, link, wan, other):
		"""To the internet, with two addresses; where it only routes the second one is the agent's."""
		veth(core, link, self.net, "wan")
		core.ip(f"addr add {WAN_GATEWAY}/32 dev {link}", f"route add {wan} dev {link}",
			f"route add {other} via {wan} dev {link} onlink")
		self.net.ip(f"addr add {wan}/32 dev wan", f"route add default via {WAN_GATEWAY} dev wan onlink",
			f"route add {other} dev lan" if self.kind in kinds.ROUTED else f"addr add {other}/32 dev wan")
		self._settle(wan, other)

	def connect_box(self, outer):
		"""To the inside of another router, which has to know the way back where this one does not translate."""
		wan = f"{outer.lan}.{outer.plug(self.net, 'wan') + 2}"
		self.net.ip(f"addr add {wan}/24 dev wan", f"route add default via {outer.lan}.1")
		if self.kind in kinds.ROUTED:
			outer.net.ip(f"route add {self.lan}.0/24 via {wan}")
		self._settle(wan, None)

	def _settle(self, wan, other):
		self.addresses = wan, other
		self.net.nft(kinds.rules(self.kind, wan, other, INSIDE, SERVER))

	def become(self, kind):
		"""Other rules, from now on; those of a kind that translates as much as this one."""
		self.kind = kind
		self.net.nft("delete table ip nat\n" + kinds.rules(kind, *self.addresses, INSIDE, SERVER))

	def plug(self, net, name):
		"""A link of `net` into this router's bridge; returns which one it is, from 0."""
		number = next(self.ports)
		veth(self.net, f"lan{number}", net, name)
		self.net.ip(f"link set lan{number} master lan")
		return number

	def connect_host(self, host):
		self.plug(host.net, "eth0")
		host.router = self
		prefix = 24 if host.address.startswith(f"{LAN}.") else 32
		host.net.ip(f"addr add {host.address}/{prefix} dev eth0", f"route add default via {self.lan}.1 dev eth0 onlink")


class World:
	"""The internet and the server; sites come and go. May be used by several threads."""

	def __init__(self):
		self.core = Net("core", forward=True)
		self.server = Net("server")
		veth(self.core, "server", self.server, "eth0")
		self.core.ip(f"addr add {SERVER_GATEWAY}/24 dev server")
		self.server.ip(f"addr add {SERVER}/24 dev eth0", f"addr add {SERVER_2}/24 dev eth0",
			f"route add default via {SERVER_GATEWAY}")
		self.sites = itertools.count()
		self.lock = threading.Lock()

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.close()

	def close(self):
		for net in (self.core, self.server):
			net.close()

	def take_xdp(self, program):
		"""What the server's XDP sends arrives only where the other end of its link has an XDP program, too; `program`: one that passes all."""
		self.core.ip(f"link set dev server xdp obj {program} sec xdp")

	def _next_site(self):
		"""A name for the core's end of its cable, and its two addresses."""
		with self.lock:
			number = next(self.sites)
		first = FIRST_WAN + number * 2 % WANS
		return f"site{number}", f"203.0.113.{first}", f"203.0.113.{first + 1}"

	@contextlib.contextmanager
	def pair(self, caller, callee):
		"""Two hosts, each behind its kind. They vanish from the internet at the end, at once."""
		kinds.check_pair(caller, callee)
		with contextlib.ExitStack() as stack:
			if kinds.is_shared(caller):
				yield self.site(stack, caller, (0, 1))
			else:
				yield self.site(stack, caller, (0,)) + self.site(stack, callee, (1,))

	def site(self, stack, name, indices):
		"""The hosts of one site, until the stack is closed."""
		hosts = []
		street, inner, address = self._street(stack, name)
		for index in indices:
			hosts.append(Host(index, address or f"{LAN}.{11 + index}"))
			stack.callback(hosts[-1].net.close)
			self._home(stack, street, inner, hosts[-1])
		return hosts

	def move(self, stack, host, name):
		"""Takes a host to a site of its own, of NATs: it keeps its private address, while the world sees it at another one."""
		host.net.ip("link del eth0")
		street, inner, _ = self._street(stack, name)
		self._home(stack, street, inner, host)

	def _street(self, stack, name):
		"""(the outermost router of a site, the kinds of those before it, its host's address where there is no NAT)"""
		link, wan, other = self._next_site()
		*inner, outer = kinds.boxes(name)
		street = self._box(stack, outer, CARRIER if inner else LAN)
		street.connect_core(self.core, link, wan, other)
		stack.callback(self.core.ip, f"link del {link}")  # the namespaces themselves take their time to go
		return street, inner, other if outer in kinds.ROUTED else None

	def _home(self, stack, street, inner, host):
		router = street
		for kind in inner:
			router = self._box(stack, kind, LAN)
			router.connect_box(street)
		router.connect_host(host)

	@staticmethod
	def _box(stack, kind, lan):
		box = Box(kind, lan)
		stack.callback(box.net.close)
		return box
