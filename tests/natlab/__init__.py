# SPDX-License-Identifier: GPL-2.0-or-later
"""The NAT lab: two real agents behind NATs of every kind, and the service, in network namespaces of their own.

	nets.py     a network namespace that is gone with the process that made it
	kinds.py    the kinds of NAT and firewall, as nftables rules; which pairs can talk directly
	world.py    the topology (drawn there): the internet, the server, sites with an agent each
	service.py  what runs on the server: ours as ./dev up starts it, or Debian's Kamailio and rtpengine
	manners.py  agents that take OPTIONS as not all agents do
	cells.py    one call between two sites, and what came of it
	residents.py  agents that register once and live through all their calls
	plans.py    which calls a run makes
	matrix.py   ./dev matrix: all pairs, as a table; grid.py: as a page
	stun.py     asks what a NAT does (RFC 5780)
"""
