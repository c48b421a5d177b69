# SPDX-License-Identifier: GPL-2.0-or-later
"""Fills the test codec's lines: lines.py STATE ADDRESS N makes N calls at a time to 15000, and prints what became of each
as a JSON list: "heard", "silent", or the refusal. Runs in the service's network namespace."""
import contextlib
import json
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "net"))
from agents import Agent  # noqa: E402
from tones import CALLER_HZ, Listener  # noqa: E402

LISTEN_S = 10


def main(state, address, count):
	passwords = dict(line.split() for line in pathlib.Path(state, "credentials").read_text().splitlines())
	numbers = sorted(n for n in passwords if n.startswith("45995"))[:count]
	with contextlib.ExitStack() as stack:
		folder = stack.enter_context(tempfile.TemporaryDirectory())
		agents = [stack.enter_context(Agent(n, passwords[n], f"{folder}/{n}", address, address, tone=CALLER_HZ, register=False))
			for n in numbers]
		calls = []
		for agent in agents:  # one after the other, so that it is known who is the last
			calls.append(agent.dial("15000"))
			calls[-1].wait_answered_or_closed()
		end = time.monotonic() + LISTEN_S
		waiting = {c: None for c in calls if c.closed is None}
		ears = {}
		while None in waiting.values() and time.monotonic() < end:
			for call in waiting:
				recording = call.agent.recording()
				if recording and call not in ears:
					ears[call] = Listener(recording)
				if call in ears and ears[call].look().programme():
					waiting[call] = "heard"
			time.sleep(0.1)
		print(json.dumps([call.closed if call.closed is not None else waiting[call] or "silent" for call in calls]))


if __name__ == "__main__":
	main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
