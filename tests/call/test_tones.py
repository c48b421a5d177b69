# SPDX-License-Identifier: GPL-2.0-or-later
"""The ears of ./dev call must be able to say no: what they take for a tone, for the programme, and for nothing."""
import math
import pathlib
import random
import struct
import sys
import wave

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "net"))
from tones import CALLEE_HZ, CALLER_HZ, Listener, programme_period, write_programme  # noqa: E402


def record(path, samples, rate, channels=1):
	with wave.open(str(path), "wb") as out:
		out.setnchannels(channels)
		out.setsampwidth(2)
		out.setframerate(rate)
		out.writeframes(b"".join(struct.pack("<h", round(s)) * channels for s in samples))
	return str(path)


def sine(hz, seconds, rate, level=8000):
	return [level * math.sin(2 * math.pi * hz * i / rate) for i in range(round(seconds * rate))]


@pytest.mark.parametrize("rate,channels", [(48000, 2), (16000, 1), (8000, 1)])
@pytest.mark.parametrize("hz", (CALLER_HZ,) + CALLEE_HZ)
def test_tone(tmp_path, hz, rate, channels):
	ear = Listener(record(tmp_path / "a.wav", sine(hz, 1.5, rate), rate, channels)).look()
	assert [f for f in (CALLER_HZ,) + CALLEE_HZ if ear.tone(f)] == [hz]
	assert not ear.programme()


@pytest.mark.parametrize("start", [0, 0.13, 1.9, 4.4])
@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_programme_from_anywhere(tmp_path, start, rate):
	period = programme_period(rate)[round(start * rate) : round((start + 2.5) * rate)]
	ear = Listener(record(tmp_path / "a.wav", period, rate)).look()
	assert ear.programme() and not ear.tone(CALLER_HZ)


def test_silence_and_noise_are_nothing(tmp_path):
	rng = random.Random(1)
	for samples in ([0] * 32000, [rng.gauss(0, 5000) for _ in range(32000)], sine(CALLER_HZ, 2, 16000, level=20)):
		ear = Listener(record(tmp_path / "a.wav", samples, 16000)).look()
		assert not ear.programme() and not ear.tone(CALLER_HZ)


def test_melody_in_another_order_is_not_the_programme(tmp_path):
	samples = [s for hz in (523, 784, 659, 1047, 392) * 4 for s in sine(hz, 0.25, 16000)]
	assert not Listener(record(tmp_path / "a.wav", samples, 16000)).look().programme()


def test_interrupted_tone_is_not_heard(tmp_path):
	samples = (sine(CALLER_HZ, 0.5, 16000) + [0] * 8000) * 4
	assert not Listener(record(tmp_path / "a.wav", samples, 16000)).look().tone(CALLER_HZ)


def test_growing_recording(tmp_path):
	"""A file whose header does not know its length yet is judged as far as it goes, and further at the next look."""
	path = record(tmp_path / "a.wav", sine(CALLER_HZ, 1.5, 16000), 16000)
	whole = pathlib.Path(path).read_bytes()
	growing = tmp_path / "b.wav"
	ear = Listener(str(growing))
	assert ear.look().heard == []
	growing.write_bytes(whole[:40] + b"\0\0\0\0" + whole[44 : 44 + 16000])
	assert len(ear.look().heard) == 5 and not ear.tone(CALLER_HZ)
	growing.write_bytes(whole[:40] + b"\0\0\0\0" + whole[44:])
	assert len(ear.look().heard) == 15 and ear.tone(CALLER_HZ)


def test_programme_file_is_deterministic(tmp_path):
	for name in "ab":
		write_programme(str(tmp_path / name), 21)
	one = (tmp_path / "a").read_bytes()
	assert one == (tmp_path / "b").read_bytes()
	with wave.open(str(tmp_path / "a")) as programme:
		assert (programme.getframerate(), programme.getnchannels(), programme.getnframes()) == (16000, 1, 21 * 16000)
