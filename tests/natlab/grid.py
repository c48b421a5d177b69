# SPDX-License-Identifier: GPL-2.0-or-later
"""All pairs on one page: a row for each caller, a column for each callee, a sign for each call; Debian's beside ours."""

SIGNS = {None: ".", "needless relay": "r", "wrong direct": "x", "no call": "?"}
LEGEND = (". direct   R relayed   r relayed, though direct works   x direct, though it cannot work\n"
	"! silent, or its record is wrong   ? no call   + with STUN")


def sign(row):
	if row["fault"] is None and row["path"] == "relayed":
		return "R"
	return SIGNS.get(row["fault"], "!")


def _parties(rows):
	"""(callers, callees), each (kind, "on" or "off"), in the order in which they come; all without STUN first."""
	sides = zip(*(((row["caller"], row["stun"].split("/")[0]), (row["callee"], row["stun"].split("/")[1])) for row in rows))
	return [sorted(dict.fromkeys(side), key=lambda party: party[1] == "on") for side in sides]


def _name(party):
	return party[0] + ("+" if party[1] == "on" else "")


def lines(rows):
	"""The table, of rows that are all pairs of some callers with some callees."""
	callers, callees = _parties(rows)
	sides = {"ours": rows} | ({"stock": [row["stock"] for row in rows]} if "stock" in rows[0] else {})
	signs = [{(row["caller"], row["callee"], row["stun"]): sign(row) for row in side} for side in sides.values()]
	heads = [_name(party) for party in callees]
	width = max(len(_name(party)) for party in callers)
	for i in range(max(map(len, heads))):
		text = "  ".join("".join(f"{head[i:i + 1]:<2}" for head in heads) for _ in signs)
		yield f"{'':<{width}} {text}".rstrip()
	for caller in callers:
		texts = ("".join(f"{side[caller[0], callee[0], caller[1] + '/' + callee[1]]:<2}" for callee in callees) for side in signs)
		yield f"{_name(caller):<{width}} {'  '.join(texts)}".rstrip()
	yield LEGEND
