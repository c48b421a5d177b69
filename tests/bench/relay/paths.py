# SPDX-License-Identifier: GPL-2.0-or-later
"""What a relayed packet costs by each path: our relay's, the kernel's own, rtpengine's.

   agents' namespace                     relay's namespace
   10.91.1.2 near0 --------------------- near1 10.91.1.1
             generator                         what is measured
   10.91.2.2 far0  --------------------- far1  10.91.2.1
             drops and counts

The streams (flows) are those of real calls, given to our kernel path by the daemon itself, or go by address alone. The generator
(wire.c) sends them in turn, as fast as they are forwarded.
"""
import json
import pathlib
import statistics
import subprocess
import sys

from relays import Load, Relay, judged, network, ours, receive_as_a_card, run, take_back, take_nothing_back, theirs

ROOT = pathlib.Path(__file__).resolve().parents[3]
NEAR, FAR, CALLERS, CALLEES = "10.91.1.1", "10.91.2.1", "10.91.1.2", "10.91.2.2"
WIRES = ((("near1", NEAR), ("near0", CALLERS)), (("far1", FAR), ("far0", CALLEES)))
BURST, USER_BURST = 8192, 256  # a user space program has to have the whole of one in its queues
ENOUGH = 100000                # packets, if they are to say anything
IDLE_S, IN_KERNEL_S = 0.03, 1e-7  # what the daemon may take itself, at all and a packet; with more it does not leave them to the kernel
IN_KERNEL = ("xdp", "tc")
LATENCIES = ("latency p50", "latency p99")

TITLES = {"redirect": "bare devmap redirect (the limit here)", "counters": "aeta-relay, XDP, packets and bytes",
	"xdp": "aeta-relay, XDP, all statistics", "tc": "aeta-relay, TC", "user": "aeta-relay, user space",
	"routing": "plain kernel routing", "nft": "nftables DNAT and SNAT", "rtpengine": "rtpengine, user space"}
GOALS = {"xdp_counters_cpu_vs_redirect": ("counters", "redirect", 1.3), "xdp_cpu_vs_redirect": ("xdp", "redirect", 1.5),
	"xdp_cpu_vs_routing": ("xdp", "routing", 0.5), "xdp_cpu_vs_nft": ("xdp", "nft", 0.34), "tc_cpu_vs_routing": ("tc", "routing", 1.15)}
ALONE = ("xdp cached, all statistics", "xdp cached, packets and bytes", "xdp fib, all statistics")
NFT = """table ip bench {{
	map to {{ type inet_service : ipv4_addr . inet_service; elements = {{ {elements} }}; }}
	chain there {{ type nat hook prerouting priority dstnat; ip daddr {near} dnat ip to udp dport map @to; }}
	chain back {{ type nat hook postrouting priority srcnat; oifname far1 snat to {far}; }}
}}
"""


class Paths:
	def __init__(self, namespaces, folder, options):
		self.namespaces, self.folder, self.options = namespaces, folder, options
		self.relay_ns, self.agents_ns = namespaces

	def set_up(self):
		receive_as_a_card(self.relay_ns, "near1")
		receive_as_a_card(self.agents_ns, "near0")
		receive_as_a_card(self.agents_ns, "far0")
		self.in_relay("sysctl", "-qw", "net.ipv4.ip_forward=1")
		links = json.loads(subprocess.run(["ip", "-n", self.agents_ns, "-json", "link", "show", "far0"], check=True, capture_output=True,
			text=True).stdout)
		run("ip", "-n", self.relay_ns, "neigh", "replace", CALLEES, "lladdr", links[0]["address"], "dev", "far1", "nud", "permanent")

	def in_relay(self, *words, **options):
		subprocess.run(["ip", "netns", "exec", self.relay_ns, *words], check=True, **options)

	def wire(self, way, flows, expected, burst=BURST, packets=None):
		"""ns a packet, of all that is in the generator's system call; and how many packets that were."""
		o = self.options
		take_nothing_back(self.agents_ns, "far0")  # the generator has a program of its own for it
		done = subprocess.run(["ip", "netns", "exec", self.agents_ns, o.build / "tests/bench/relay/bench_relay_wire", way,
			f"/run/netns/{self.relay_ns}", expected, str(burst), str(packets or o.packets)], check=False, stdout=subprocess.PIPE, text=True,
			input="".join(" ".join(map(str, flow)) + "\n" for flow in flows))
		if done.returncode:
			raise SystemExit(f"the generator failed ({way})")
		result = json.loads(done.stdout)
		if result["lost"] > result["sent"] / 1000:
			raise SystemExit(f"{way}: {result['lost']} of {result['sent']} packets did not arrive at {expected}")
		return result["ns"], result["sent"] + result["warm"]

	def flows_to(self, address):
		return [(CALLERS, 10000 + 2 * i, address, 20000 + 2 * i, 0x10000 + i, 0) for i in range(self.options.flows)]

	# ---- ways without a daemon: ns a packet, whole

	def nothing(self):
		"""Each burst begins with new pages, which a short one feels more."""
		flows = self.flows_to(NEAR)
		return {"nothing": self.wire("nothing", flows, NEAR)[0],
			"nothing, short": self.wire("nothing", flows, NEAR, USER_BURST, self.options.user_packets)[0]}

	def drop(self):
		return {"drop": self.wire("drop", self.flows_to(NEAR), NEAR)[0]}

	def redirect(self):
		return {"redirect": self.wire("redirect", self.flows_to(NEAR), NEAR)[0]}

	def routing(self):
		return {"routing": self.wire("relay", self.flows_to(CALLEES), CALLEES)[0]}

	def nft(self):
		elements = ", ".join(f"{flow[3]} : {CALLEES} . {flow[3] + 10000}" for flow in self.flows_to(NEAR))
		self.in_relay("nft", "-f", "-", input=NFT.format(elements=elements, near=NEAR, far=FAR), text=True)
		self.in_relay("sysctl", "-qw", "net.netfilter.nf_conntrack_checksum=0")  # a network card has done that
		try:
			return {"nft": self.wire("relay", self.flows_to(NEAR), CALLEES)[0]}
		finally:
			self.in_relay("nft", "flush", "ruleset")

	# ---- ways with a daemon

	def with_calls(self, relay, way, part):
		"""Runs it with calls and calls part(flows), which returns CPU by ways; adds how long `way` takes at a usual rate."""
		for device in ("near0", "far0"):
			take_back(self.agents_ns, device, self.options.build / "relay/kernel/flow.bpf.o")
		with relay:
			load = Load(self.options, relay, "media", self.options.flows, f"{CALLERS}:10000", f"{CALLEES}:10000")
			usual = load.packets(relay)
			if way in IN_KERNEL and " user " in (flows := relay.flows()):
				raise SystemExit(f"{way}: streams are not in the kernel; the relay's log says why:\n{flows}\n{relay.last_words()}")
			figures = part(load.line()["flows"])
			load.end()
		return {**figures, **{(way, name): usual[name] for name in LATENCIES}}

	def ours(self, path):
		return Relay(self.namespaces, self.folder, "aeta-relay", NEAR,
			ours(self.options.build, path, NEAR, CALLERS, [f"near/{NEAR}", f"far/{FAR}"]))

	def in_user_space(self, relay, way):
		def part(flows):
			before = relay.cpu()
			ns, sent = self.wire("relay", flows, CALLEES, USER_BURST, self.options.user_packets)
			return {f"{way}, short": ns + (relay.cpu() - before) / sent * 1e9}
		return self.with_calls(relay, way, part)

	def in_kernel(self, relay, ways):
		def part(flows):
			figures = {}
			for way, how in ways.items():
				before = relay.cpu()
				ns, sent = self.wire(how, flows, CALLEES)
				own = relay.cpu() - before
				if own > IDLE_S + sent * IN_KERNEL_S:
					raise SystemExit(f"{way}: the daemon itself takes {own:.3f} s of {sent} packets: the streams are not in the kernel")
				figures[way] = ns + own / sent * 1e9
			return figures
		return self.with_calls(relay, next(iter(ways)), part)

	def xdp(self):
		return self.in_kernel(self.ours("xdp"), {"xdp": "relay", "counters": "counters"})

	def tc(self):
		return self.in_kernel(self.ours("tc"), {"tc": "relay"})

	def user(self):
		return self.in_user_space(self.ours("off"), "user")

	def rtpengine(self):
		relay = Relay(self.namespaces, self.folder, "rtpengine", NEAR, theirs(NEAR, [f"near/{NEAR}", f"far/{FAR}"]))
		return self.in_user_space(relay, "rtpengine")

	def round(self, backwards):
		parts = [self.nothing, self.drop, self.redirect, self.xdp, self.tc, self.routing, self.nft, self.user, self.rtpengine]
		figures = {}
		for part in reversed(parts) if backwards else parts:
			figures.update(part())
		for way in ("user", "rtpengine"):
			figures[way] = figures[f"{way}, short"] - figures["nothing, short"] + figures["nothing"]
		return figures


# ---- the table

def program_alone(options):
	"""./dev bench bpf: the program without anything around it."""
	few = ["--rounds", "2", "--repeat", "100"] if options.packets < ENOUGH else []
	done = subprocess.run([ROOT / "tests/bench/bpf/run", "--json", "--build", options.build, *few], check=True,
		stdout=subprocess.PIPE, text=True)
	result = json.loads(done.stdout)
	return ([row for row in result["rows"] if row["case"] in ALONE and row["metric"] == "a packet"],
		[judged(r["name"], r["value"], r["goal"]) for r in result["ratios"]])


def cpu_rows(rounds):
	rows = []
	for metric, less in (("CPU a packet", "nothing"), ("of that, behind the 1st device", "drop")):
		for way, title in TITLES.items():
			value = statistics.median(r[way] - r[less] for r in rounds)
			rows.append({"case": title, "metric": metric, "value": round(value, 1), "unit": "ns"})
	for way, title in (("nothing", "the generator alone"), ("drop", "dropped at the first device")):
		rows.append({"case": title, "metric": "of the whole, taken off above", "value": statistics.median(r[way] for r in rounds), "unit": "ns"})
	return rows


def latency_rows(rounds):
	return [{"case": TITLES[way], "metric": f"{metric} at a usual rate", "unit": "us",
		"value": statistics.median(r[way, metric] for r in rounds)} for metric in LATENCIES for way in ("xdp", "tc", "user", "rtpengine")]


def report(options, rounds):
	def ratio(mine, other):
		return statistics.median((r[mine] - r["nothing"]) / (r[other] - r["nothing"]) for r in rounds)
	rows, alone = program_alone(options)
	ratios = [judged(name, ratio(mine, other), goal) for name, (mine, other, goal) in GOALS.items()] + alone
	p99 = statistics.median(r["rtpengine", "latency p99"] / r["xdp", "latency p99"] for r in rounds)
	ratios.append(judged("rtpengine_p99_vs_xdp", p99))
	return {"rows": cpu_rows(rounds) + rows + latency_rows(rounds), "ratios": ratios}


def measure(options, folder):
	rounds = []
	for number in range(options.rounds):
		print(f"paths, round {number + 1} of {options.rounds}", file=sys.stderr)
		with network(*WIRES) as namespaces:
			paths = Paths(namespaces, folder, options)
			paths.set_up()
			rounds.append(paths.round(number % 2))
	return report(options, rounds)
