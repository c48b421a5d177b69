# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls: offer, answer and delete; the memory of calls that stay; packets at a usual rate, with the time that each takes."""
import statistics
import sys

from relays import Load, Relay, judged, network, ours, theirs

RELAY, AGENTS = "10.91.0.1", "10.91.0.2"
WIRE = (("relay0", RELAY), ("agents0", AGENTS))
GOALS = {"calls_per_s_vs_rtpengine": (4, True), "control_cpu_vs_rtpengine": (0.25, False), "user_cpu_vs_rtpengine": (0.5, False),
	"kib_per_call": (10, False)}
UNITS = {"calls/s": "/s", "CPU a call": "us", "RSS a call": "KiB", "kernel memory a call": "KiB", "CPU a packet": "us",
	"latency p50": "us", "latency p99": "us", "packets lost": ""}


def control(options, relay):
	before = relay.cpu()
	load = Load(options, relay, "control", options.calls, f"{AGENTS}:10000", f"{AGENTS}:10000")
	result = load.line()
	used = relay.cpu() - before
	load.end()
	return {"calls/s": result["calls"] / result["seconds"], "CPU a call": used / result["calls"] * 1e6}


def memory(options, relay):
	before = relay.memory()
	load = Load(options, relay, "hold", options.held, f"{AGENTS}:10000", f"{AGENTS}:10000")
	held = load.line()["calls"]
	after = relay.memory()
	load.end()
	return {"RSS a call": (after[0] - before[0]) / held, "kernel memory a call": (after[1] - before[1]) / held}


def media(options, relay):
	load = Load(options, relay, "media", options.flows // 2, f"{AGENTS}:10000", f"{AGENTS}:10400")
	figures = load.packets(relay)
	load.end()
	return figures


def one_round(options, relay):
	figures = {}
	for part in (control, memory, media):
		with relay:
			figures.update(part(options, relay))
	return figures


def report(figures):
	mine, other = figures["aeta-relay"], figures["rtpengine"]
	medians = {title: {name: statistics.median(r[name] for r in rounds) for name in UNITS} for title, rounds in figures.items()}
	rows = [{"case": f"{title}, user space", "metric": name, "value": round(medians[title][name], 3), "unit": unit}
		for name, unit in UNITS.items() for title in medians]

	def ratio(name):
		return statistics.median(a[name] / b[name] for a, b in zip(mine, other))
	values = {"calls_per_s_vs_rtpengine": ratio("calls/s"), "control_cpu_vs_rtpengine": ratio("CPU a call"),
		"user_cpu_vs_rtpengine": ratio("CPU a packet"), "kib_per_call": medians["aeta-relay"]["RSS a call"]}
	return {"rows": rows, "ratios": [judged(name, value, *GOALS[name]) for name, value in values.items()]}


def measure(options, folder):
	with network(WIRE) as namespaces:
		relays = [Relay(namespaces, folder, "aeta-relay", RELAY, ours(options.build, "off", RELAY, AGENTS, [f"pub/{RELAY}"])),
			Relay(namespaces, folder, "rtpengine", RELAY, theirs(RELAY, [RELAY]))]
		figures = {relay.title: [] for relay in relays}
		for number in range(options.rounds):
			for relay in relays[::-1 if number % 2 else 1]:
				print(f"calls, round {number + 1} of {options.rounds}: {relay.title}", file=sys.stderr)
				figures[relay.title].append(one_round(options, relay))
		return report(figures)
