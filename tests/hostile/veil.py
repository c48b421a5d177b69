# SPDX-License-Identifier: GPL-2.0-or-later
"""What somebody might write to break in, or to break things; and the veil, by which an ordinary agent writes it."""

PAYLOADS = {
	"quote": b"' OR '1'='1", "drop": b"'; DROP TABLE subscriber; -- ", "double": b'" OR 1=1; DELETE FROM location; #',
	"backslash": b"\\", "backslash-quote": b"\\'; DELETE FROM dialog; -- ", "backtick": b"`x`; /* */",
	"escaped": b"%27%3B%20DROP%20TABLE%20location%3B%2D%2D%00", "8-bit": b"\xff\xfe\xc3(\xe9", "nul": b"a\0b", "control": b"\x1b[2J\x07\t",
	"digits": b"4" * 3000, "format": b"%s%n%x%5000d", "script": b"$var(x)$(ru{s.len})$$\\r\\n#!", "bar": b"a|b|c|1|2|3",
	"brackets": b"<>;,=<sip:x@127.0.0.99>", "empty": b"",
}
TOKENS = {name: PAYLOADS[name] for name in ("quote", "backslash-quote", "backtick", "escaped", "8-bit", "nul", "digits", "format",
	"script", "bar")}
WORD = "VEILEDWORD"


def veil(link, payload):
	"""From now on WORD stands for these bytes on the link, in what is sent and in what arrives."""
	send, receive, word = type(link).send, type(link)._receive, WORD.encode()
	link.send = lambda raw, to=None: send(link, raw.replace(word, payload), to)
	link._receive = lambda raw, source: receive(link, raw.replace(payload, word) if payload else raw, source)


def unveil(*links):
	for link in links:
		link.__dict__.pop("send", None)
		link.__dict__.pop("_receive", None)
