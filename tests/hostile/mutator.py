# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a good SIP message a little wrong: the same seed and the same messages give the same wrong ones."""
import random

WORDS = [b"\0", b"\r\n", b"\r\n\r\n", b"\r", b"\n ", b"%00", b"%", b'"', b"<", b">", b";", b",", b"@", b":", b"sip:", b"SIP/2.0", b"=",
	b"-1", b"0", b"4294967296", b"18446744073709551616", b"\xff\xfe", b"\xc3\xa9", b"'", b"\\", b"|", b"*", b"[::1]", b"tag=",
	b";received=127.0.0.99", b";maddr=127.0.0.99", b";lr", b";did=1.1", b"z9hG4bK", b"Route: <sip:127.0.0.1;lr>\r\n",
	b"Contact: *\r\n", b"Expires: 0\r\n", b"Content-Length: 99\r\n", b"X-Aeta-Own: a|b|c\r\n", b"Path: <sip:127.0.0.99;lr>\r\n",
	b"A" * 300, b"4" * 2000, b"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\r\n" * 40, b"Record-Route: <sip:127.0.0.99;lr>\r\n" * 9]


class Mutator:
	def __init__(self, seed):
		self.random = random.Random(seed)
		self.former = b"\r\n"  # a line of a message before

	def mutate(self, raw):
		"""None to six changes; two thirds are changed at all, the more changes the rarer."""
		for _ in range(self.random.choice((0, 0, 1, 1, 1, 2, 2, 3, 6))):
			raw = self.random.choice((self.flip, self.cut, self.insert, self.insert, self.overwrite, self.drop_line, self.repeat_line,
				self.swap_lines, self.number, self.splice, self.stretch))(raw)
		return raw[:65000]

	def place(self, raw):
		return self.random.randrange(len(raw) + 1)

	def flip(self, raw):
		at = self.place(raw)
		return raw[:at] + bytes(b ^ (1 << self.random.randrange(8)) for b in raw[at:at + 1]) + raw[at + 1:]

	def cut(self, raw):
		at = self.place(raw)
		return raw[:at] + raw[at + self.random.choice((1, 2, 8, 64)):]

	def insert(self, raw):
		at = self.place(raw)
		return raw[:at] + self.random.choice(WORDS) + raw[at:]

	def overwrite(self, raw):
		at, word = self.place(raw), self.random.choice(WORDS)
		return raw[:at] + word + raw[at + len(word):]

	def stretch(self, raw):
		at = self.place(raw)
		return raw[:at] + raw[at:at + 1] * self.random.choice((2, 40, 700)) + raw[at + 1:]

	def number(self, raw):
		"""Another number in place of one that is there."""
		digits = [at for at, b in enumerate(raw) if 48 <= b < 58]
		if not digits:
			return raw
		at = self.random.choice(digits)
		return raw[:at] + self.random.choice((b"0", b"-1", b"99999999999", b"65536", b"00", b"")) + raw[at + 1:]

	def _lines(self, raw):
		lines = raw.split(b"\r\n")
		self.former = self.random.choice(lines)
		return lines, self.random.randrange(len(lines))

	def drop_line(self, raw):
		lines, at = self._lines(raw)
		return b"\r\n".join(lines[:at] + lines[at + 1:])

	def repeat_line(self, raw):
		lines, at = self._lines(raw)
		return b"\r\n".join(lines[:at] + [lines[at]] * self.random.choice((2, 2, 30)) + lines[at + 1:])

	def swap_lines(self, raw):
		lines, at = self._lines(raw)
		other = self.random.randrange(len(lines))
		lines[at], lines[other] = lines[other], lines[at]
		return b"\r\n".join(lines)

	def splice(self, raw):
		"""A line of another message."""
		former = self.former
		lines, at = self._lines(raw)
		return b"\r\n".join(lines[:at] + [former] + lines[at:])
