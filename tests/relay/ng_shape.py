# SPDX-License-Identifier: GPL-2.0-or-later
"""The shape of an ng reply: which keys it has and of what types, its result, its SDP without what two relays cannot have in common.

	shape(reply)             {"result": "str 'ok'", "tags.<tag>.created": "int", "tags.<tag>.medias[].streams[].flags[]": "str", …}
	differences(ours, his)   ["lacks created_ts", "also tags.<tag>.medias[].streams[].quality", "sdp order"]
	                         or what one of them refuses: ["refuses"], ["does it: Unrecognized command"], ["says otherwise: Unknown call-id"]

A list's elements count as one; a key that is a tag or an SSRC stands as <tag> or <SSRC>. What hangs on a missing dictionary is not told of
one by one.
"""
import collections
import re

NAMED_BY_CALLS = {"tags": "<tag>", "SSRC": "<SSRC>"}  # dictionaries whose keys are the call's own
TEXTS = ("result", "warning")  # whose words are compared
RELAY, PORTS = "127.0.0.1", range(30000, 32000)  # where all relays of a comparison have their media; nobody else's address or port


def shape(reply):
	"""{path: type} of a reply but for its SDP; of TEXTS with their words."""
	found = {}
	_walk(found, "", {key: value for key, value in reply.items() if key != "sdp"})
	for key in TEXTS:
		if key in reply:
			found[key] = f"{found[key]} {reply[key]!r}"
	return found


def refusal(reply):
	"""The error-reason; None where there is none."""
	return reply.get("error-reason", "") if reply["result"] == "error" else None


def _walk(found, path, value):
	if path:
		found[path] = type(value).__name__
	if isinstance(value, dict):
		general = NAMED_BY_CALLS.get(path.rsplit(".", 1)[-1])
		for key, item in value.items():
			_walk(found, f"{path}.{general or key}".lstrip("."), item)
	elif isinstance(value, list):
		for item in value:
			_walk(found, f"{path}[]", item)


# -- SDP

def _number(match):
	port = int(match[0])
	return ("PORT", "PORT+1")[port % 2] if port in PORTS else match[0]


def sdp_shape(text):
	"""Its lines, with the relay's address, its ports and what it draws by lot replaced."""
	lines = []
	for line in text.splitlines():
		line = re.sub(r"(?<![\d.])%s(?![\d.])" % re.escape(RELAY), "RELAY", line)
		line = re.sub(r"(?<![\d.])\d{5}(?![\d.])", _number, line)
		line = re.sub(r"^o=(\S+) \d{6,} \d+", r"o=\1 NUMBER NUMBER", line)
		line = re.sub(r"^a=(ice-ufrag|ice-pwd|candidate|crypto|fingerprint|tls-id|rtpengine|aeta-relay):.*", r"a=\1:…", line)
		lines.append(line)
	return lines


def _sdp_differences(ours, his):
	if not ours or not his:
		return [] if ours == his else ["also sdp" if ours else "lacks sdp"]
	ours, his = sdp_shape(ours), sdp_shape(his)
	mine, theirs = collections.Counter(ours), collections.Counter(his)
	found = [f"sdp lacks {line}" for line in (theirs - mine).elements()] + [f"sdp also {line}" for line in (mine - theirs).elements()]
	both = mine & theirs
	if _those(ours, both) != _those(his, both):
		found.append("sdp order")
	return found


def _those(lines, wanted):
	"""The lines that both have, in their order."""
	wanted, kept = wanted.copy(), []
	for line in lines:
		if wanted[line]:
			wanted[line] -= 1
			kept.append(line)
	return kept


# -- comparing

def _outermost(paths):
	"""Those that hang on none of the others."""
	return [path for path in paths if not any(path.startswith((other + ".", other + "[")) for other in paths)]


def differences(ours, his):
	"""Of two replies, in the words of the first one's side."""
	mine, theirs = refusal(ours), refusal(his)
	if mine is None and theirs is None:
		return _key_differences(shape(ours), shape(his)) + _sdp_differences(ours.get("sdp"), his.get("sdp"))
	if mine is None:
		return [f"does it: {theirs}"]
	if theirs is None:
		return ["refuses"]
	return [] if mine == theirs else [f"says otherwise: {theirs}"]


def _key_differences(mine, theirs):
	lacking, extra = [p for p in theirs if p not in mine], [p for p in mine if p not in theirs]
	found = [f"lacks {path}" for path in _outermost(lacking)] + [f"also {path}" for path in _outermost(extra)]
	return found + [f"differs {path}: {mine[path]}, {theirs[path]}" for path in mine if path in theirs and mine[path] != theirs[path]]
