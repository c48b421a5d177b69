# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the folder of the test codec, number 15000 (promise B9); its password comes on standard input.

	testcodec.py FOLDER ADDRESS PROGRAMME

Five lines, each answers at once, a sixth caller hears busy. The WAV file is loaded for each call and baresip hangs up at
its end, so its length is the longest call; the server limits it as well. L16 is mono: baresip 1.0 cannot convert into
its stereo packets. It registers every minute and is the same device after each start."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "net"))
import agents  # noqa: E402

LINES = 5
CODECS = ("opus/48000/2", "MPA/48000/2", "G722/16000/1", "L16/48000/1", "L16/32000/1", "L16/16000/1", "PCMA/8000/1", "PCMU/8000/1")


def main(folder, address, programme):
	registrar = "[%s]" % address if ":" in address else address
	config = agents.config_text(address, "aufile," + programme, max_calls=LINES)
	account = agents.account_line("15000", sys.stdin.readline().strip(), registrar, answer=True, codecs=CODECS)
	agents.write_folder(folder, config, account)


if __name__ == "__main__":
	if len(sys.argv) != 4:
		sys.exit(__doc__)
	main(*sys.argv[1:])
