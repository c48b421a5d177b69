# SPDX-License-Identifier: GPL-2.0-or-later
"""Sounds that a machine can recognise: the agents' tones, and the programme of the test codec.

Everything is below 2 kHz, so that it survives every codec down to G.711, and needs only Python's own library.

The programme of number 15000 repeats every 10 seconds:

	0 s      2 s      4 s      6 s      8 s   8.5 s   9 s    9.5 s   10 s
	| phrase | phrase | phrase | phrase | pip | pip   | pip  | long pip |

A phrase is eight notes of 250 ms (PHRASE, in Hz); a pip is 100 ms of 1000 Hz at the start of its half second, the
long one fills it.

	tones.py programme FILE [SECONDS]    write the programme as a 16 kHz mono WAV file (600 s unless told)
	tones.py listen FILE [HZ…]           say what is heard in a recording
"""

import math
import os
import struct
import sys
import wave

PROGRAMME_RATE = 16000
NOTE_S = 0.25
PHRASE = (523, 659, 784, 1047, 784, 659, 523, 392)  # Hz: c'' e'' g'' c''' and back, down to g'
PIP_HZ = 1000
PIP_S = 0.1
AMPLITUDE = 9000  # of 32767: loud enough for any codec, far from clipping

CALLER_HZ = 620
CALLEE_HZ = (880, 1240, 1420, 1660)  # first callee, second … : none is a note, a pip, or a harmonic of the caller's

FRAME_S = 0.1  # what is judged at a time
WORK_RATE = 8000  # recordings are brought down to about this before they are judged
SHARE = 0.6  # of a frame's energy that must lie at a frequency for the frame to count as that tone
QUIET = 120.0  # a frame with a smaller RMS is silence (of 32767)
TONE_FRAMES = 8  # frames in a row that make a tone "heard"
NOTES_IN_ROW = 5  # notes in the right order that make the programme "heard"


def _tone(hz, seconds, rate, fade_s=0.005):
	"""Samples of a sine with soft edges (no clicks: they would spread over the spectrum)."""
	count, fade = round(seconds * rate), max(1, round(fade_s * rate))
	out = []
	for i in range(count):
		edge = min(1.0, i / fade, (count - 1 - i) / fade)
		out.append(round(AMPLITUDE * edge * math.sin(2 * math.pi * hz * i / rate)))
	return out


def programme_period(rate=PROGRAMME_RATE):
	"""The ten seconds that the programme repeats, as a list of samples."""
	phrase = [s for hz in PHRASE for s in _tone(hz, NOTE_S, rate)]
	pip = _tone(PIP_HZ, PIP_S, rate)
	pip += [0] * (rate // 2 - len(pip))
	return phrase * 4 + pip * 3 + _tone(PIP_HZ, 0.5, rate)


def write_programme(path, seconds=600, rate=PROGRAMME_RATE):
	"""Writes the programme; the file appears complete or not at all."""
	samples = programme_period(rate)
	period = struct.pack("<%dh" % len(samples), *samples)
	left = seconds * rate * 2
	part = "%s.part.%d" % (path, os.getpid())
	with wave.open(part, "wb") as out:
		out.setnchannels(1)
		out.setsampwidth(2)
		out.setframerate(rate)
		while left > 0:
			out.writeframesraw(period[:left])
			left -= len(period)
	os.replace(part, path)


def read_recording(path):
	"""(rate, mono samples brought down to about WORK_RATE) of a 16-bit WAV file, also of one that is still growing:
	its header does not know the length yet, so whatever follows the data chunk's header counts. (0, []) before
	there is anything to read."""
	try:
		with open(path, "rb") as recording:
			raw = recording.read()
	except FileNotFoundError:
		return 0, []
	at, channels, rate = 12, 0, 0
	while at + 8 <= len(raw):
		name, size = struct.unpack_from("<4sI", raw, at)
		at += 8
		if name == b"fmt ":
			_, channels, rate = struct.unpack_from("<HHI", raw, at)
		elif name == b"data":
			break
		at += size + (size & 1)
	else:
		return 0, []
	step = max(1, rate // WORK_RATE)
	group = step * channels
	values = memoryview(raw)[at : at + (len(raw) - at) // (2 * group) * 2 * group].cast("h")
	return rate // step, [sum(values[i : i + group]) / group for i in range(0, len(values), group)]


def frames(samples, rate, start=0):
	"""The whole frames of the samples, from frame number `start`."""
	size = round(rate * FRAME_S)
	return [samples[i : i + size] for i in range(start * size, len(samples) - size + 1, size)]


def goertzel(frame, rate, hz):
	"""Energy of the frame at one frequency, on the scale of the sum of its squared samples."""
	k = 2 * math.cos(2 * math.pi * hz / rate)
	one = two = 0.0
	for sample in frame:
		one, two = sample + k * one - two, one
	return 2 * (one * one + two * two - k * one * two) / len(frame)


def dominant(frame, rate, candidates):
	"""Which of the candidate frequencies the frame consists of, or None (silence, something else, a mixture)."""
	energy = sum(s * s for s in frame)
	if energy < QUIET * QUIET * len(frame):
		return None
	best = max(candidates, key=lambda hz: goertzel(frame, rate, hz))
	return best if goertzel(frame, rate, best) >= SHARE * energy else None


class Listener:
	"""Listens to a growing recording; every look() judges only the frames that are new.

	`candidates` are the tones (Hz) it can tell apart, the programme's notes included."""

	def __init__(self, path, candidates=(CALLER_HZ,) + CALLEE_HZ):
		self.path = path
		self.candidates = tuple(dict.fromkeys(tuple(candidates) + PHRASE + (PIP_HZ,)))
		self.heard = []  # one entry a frame: a frequency, or None

	def look(self):
		"""Reads what is new; returns itself."""
		rate, samples = read_recording(self.path)
		if rate:
			self.heard += [dominant(f, rate, self.candidates) for f in frames(samples, rate, len(self.heard))]
		return self

	def tone(self, hz):
		"""True if that tone was heard without a break for TONE_FRAMES."""
		row = 0
		for frame in self.heard:
			row = row + 1 if frame == hz else 0
			if row >= TONE_FRAMES:
				return True
		return False

	def programme(self):
		"""True if NOTES_IN_ROW notes of the phrase were heard in their order."""
		notes = []
		for frame in self.heard:
			if frame is not None and (not notes or notes[-1] != frame):
				notes.append(frame)
		wanted = PHRASE + PHRASE
		pieces = [wanted[i : i + NOTES_IN_ROW] for i in range(len(PHRASE))]
		return any(tuple(notes[i : i + NOTES_IN_ROW]) in pieces for i in range(len(notes)))


def main(argv):
	if len(argv) >= 3 and argv[1] == "programme":
		write_programme(argv[2], int(argv[3]) if len(argv) > 3 else 600)
	elif len(argv) >= 3 and argv[1] == "listen":
		ear = Listener(argv[2], tuple(map(int, argv[3:])) or (CALLER_HZ,) + CALLEE_HZ).look()
		print("programme" if ear.programme() else "no programme")
		for hz in ear.candidates:
			print("%d Hz: %d of %d frames%s" % (hz, ear.heard.count(hz), len(ear.heard), ", heard" if ear.tone(hz) else ""))
	else:
		sys.exit(__doc__)


if __name__ == "__main__":
	main(sys.argv)
