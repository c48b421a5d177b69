# SPDX-License-Identifier: GPL-2.0-or-later
"""The NAT lab: two real agents behind NATs of every kind, and the service, in network namespaces of their own.

	nets.py     a network namespace that is gone with the process that made it
	kinds.py    the kinds of NAT and firewall, as nftables rules; which pairs can talk directly
	world.py    the topology (drawn there): the internet, the server, sites with an agent each
	service.py  what runs on the server: ours as ./dev up starts it, or Debian's Kamailio and rtpengine
	cells.py    one call between two sites, and what came of it
	matrix.py   ./dev matrix: all pairs, as a table
	stun.py     asks what a NAT does (RFC 5780)
"""
