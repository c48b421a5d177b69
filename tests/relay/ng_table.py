# SPDX-License-Identifier: GPL-2.0-or-later
"""The ng table: what our relay answers to each request, beside rtpengine as Debian 12 and Debian 13 have it.

	table = Table(Peer("aeta-relay", folder).replies(), {"12": Peer("rtpengine", folder).replies()})
	table.unexplained(), table.unused(), strays(table)     # nothing, or the test fails
	table.text()
	write(table)                                           # relay/COMMANDS.md
"""
import collections
import pathlib
import subprocess

from ng import Ng
from ng_allowed import ALLOWED, MATCHERS
from ng_requests import Conversation
from ng_shape import PORTS, RELAY, differences, refusal
from relays import Relay

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "relay" / "COMMANDS.md"
VERSIONS = {"12": "10.5", "13": "12.5"}  # rtpengine's, by Debian's
PLAIN, NO_COMMAND, NOT_ASKED = "plain", "(no command)", "-"
HEAD = ("Request", "aeta-relay", "rtpengine 10.5 (Debian 12)", "rtpengine 12.5 (Debian 13)")


# -- the relays

class Peer(Relay):
	"""A relay of the comparison; `inside`: the tree in which its program is. They run one after the other, at the same ports."""

	def __init__(self, kind, folder, inside=None):
		super().__init__(kind, folder, inside.name if inside else kind, addresses=(RELAY, "::1"))
		self.inside, self.ports = inside, PORTS
		self.recordings = (inside / "tmp" if inside else self.folder) / f"recordings-{kind}"
		self.recordings.mkdir(mode=0o777, exist_ok=True)
		self.recordings.chmod(0o777)

	def command(self):
		command = super().command() + ["--recording-dir=" + (f"/tmp/{self.recordings.name}" if self.inside else str(self.recordings))]
		if self.kind == "rtpengine":
			command.append("--recording-method=pcap")
		return ["chroot", str(self.inside), *command] if self.inside else command

	def replies(self):
		self.start()
		try:
			with Ng(self.address) as ng:
				conversation = Conversation(ng)
				conversation.whole()
				assert self.running, "the relay died"
				return conversation.replies
		finally:
			self.stop()


def release(inside=None):
	"""Whose rtpengine that is, "12" or "13"; None: of neither."""
	command = (["chroot", str(inside)] if inside else []) + ["rtpengine", "--version"]
	done = subprocess.run(command, capture_output=True, text=True, check=True)
	return next((name for name, version in VERSIONS.items() if f" {version}." in done.stdout + done.stderr), None)


# -- what differs

Difference = collections.namedtuple("Difference", "request text allowed pattern")  # `allowed`: None where nothing allows it


def _name(request):
	return " / ".join(request)


def _explain(which, request, text):
	whole = f"{_name(request)}: {text}"
	for allowed, pattern, releases, compiled in MATCHERS:
		if which in releases and compiled.fullmatch(whole):
			return Difference(request, text, allowed, pattern)
	return Difference(request, text, None, None)


class Table:
	"""`peers`: {"12": their replies, …}, one or both."""

	def __init__(self, ours, peers):
		self.ours, self.peers = ours, peers
		self.found = {which: {request: [_explain(which, request, text) for text in differences(reply, replies[request])]
			for request, reply in ours.items()} for which, replies in peers.items()}

	def unexplained(self):
		return [f"Debian {which}: {_name(one.request)}: {one.text}" for which, found in self.found.items()
			for ones in found.values() for one in ones if not one.allowed]

	def unused(self):
		"""Patterns that allow nothing."""
		lost = []
		for which, found in self.found.items():
			used = {(one.allowed.name, one.pattern) for ones in found.values() for one in ones if one.allowed}
			lost += [f"Debian {which}: {allowed.name}: {pattern}" for allowed, pattern, releases, _ in MATCHERS
				if which in releases and (allowed.name, pattern) not in used]
		return lost

	# -- shown

	def rows(self):
		"""[([command], [case], what ours says, what differs from each peer…)]: what is alike stands together."""
		cases, commands = {}, {}
		for request, reply in self.ours.items():
			cells = (_said(reply), *(_cell(self.found[which][request]) if which in self.found else NOT_ASKED for which in VERSIONS))
			cases.setdefault((request[0], cells), []).append(request[1])
		for (command, cells), named in cases.items():
			commands.setdefault((tuple(named), cells), []).append(command)
		return [(named, list(of), *cells) for (of, cells), named in commands.items()]

	def counts(self):
		"""{release: (the same, differing as allowed, unexplained)}, in requests."""
		counted = {}
		for which, found in self.found.items():
			same = sum(not ones for ones in found.values())
			wrong = sum(any(not one.allowed for one in ones) for ones in found.values())
			counted[which] = same, len(found) - same - wrong, wrong
		return counted

	def text(self):
		lines = []
		for commands, cases, ours, *cells in self.rows():
			lines += [_request(commands, cases), f"    ours: {ours}"]
			lines += [f"    Debian {which}: {cell}" for which, cell in zip(VERSIONS, cells) if cell != NOT_ASKED]
		return "\n".join(lines + ["", *(f"[{one.name}] {one.reason}" for one in ALLOWED)])

	def markdown(self):
		lines = ["| " + " | ".join(HEAD) + " |", "|---" * len(HEAD) + "|"]
		lines += ["| " + " | ".join(map(_escape, (_request(commands, cases), *cells))) + " |" for commands, cases, *cells in self.rows()]
		return "\n".join(lines) + "\n"


def _request(commands, cases):
	"""The first cell; a case without a name is plain."""
	named = [case or PLAIN for case in cases]
	return ", ".join(f"`{command}`" if command else NO_COMMAND for command in commands) + \
		("" if named == [PLAIN] else ": " + ", ".join(named))


def _said(reply):
	refused = refusal(reply)
	if refused is not None:
		return f"“{refused}”"
	return reply["result"] + (", with a warning" if "warning" in reply else "")


def _cell(ones):
	"""One part for each kind of difference and reason: `not in ours: 9 keys [counters]`."""
	grouped = {}
	for one in ones:
		kind, what = _kind_of(one.text)
		grouped.setdefault((kind, one.allowed.name if one.allowed else "NOT ALLOWED"), []).append(what)
	return "; ".join(f"{_part(kind, whats)} [{name}]" for (kind, name), whats in grouped.items()) or "same"


def _kind_of(text):
	"""(kind, what of that kind)"""
	kind = next(kind for kind in KINDS if text.startswith(kind))
	return kind, text[len(kind):].strip()


KINDS = {"sdp order": "other order of lines", "sdp lacks": "SDP lines not in ours:", "sdp also": "SDP lines in ours alone:",
	"refuses": "does it, ours does not", "does it:": "refuses it:", "says otherwise:": "says", "lacks": "not in ours:",
	"also": "in ours alone:", "differs": "otherwise in ours:"}


def _part(kind, whats):
	if kind in ("does it:", "says otherwise:"):
		return f"{KINDS[kind]} “{whats[0]}”"
	if whats == [""]:
		return KINDS[kind]
	shown = whats if len(whats) < 3 else [f"{len(whats)} {'lines' if kind.startswith('sdp') else 'keys'}"]
	return f"{KINDS[kind]} " + ", ".join(f"`{what}`" if len(whats) < 3 else what for what in shown)


# -- the document

def _escape(cell):
	return cell.replace("|", "\\|")


def read_rows(text):
	"""{request: its row's cells but the first} of a table in markdown."""
	found = {}
	for line in text.splitlines():
		cells = line.removeprefix("| ").removesuffix(" |").split(" | ")
		if len(cells) != len(HEAD) or cells[0] == HEAD[0]:
			continue
		commands, _, cases = cells[0].partition(": ")
		for command in commands.split(", "):
			for case in (cases or PLAIN).split(", "):
				request = "" if command == NO_COMMAND else command.strip("`"), "" if case == PLAIN else case
				assert request not in found, f"twice in the table: {request}"
				found[request] = cells[1:]
	return found


def strays(table):
	"""Where the document says something else than the table, or has other reasons; of the columns that the table has."""
	text = DOCUMENT.read_text(encoding="utf-8")
	said, true = read_rows(text), read_rows(table.markdown())
	wrong = [f"{_name(request)}: {cell!r}, not {other!r}" for request in true.keys() & said.keys()
		for cell, other in zip(true[request], said[request]) if cell not in (NOT_ASKED, other)]
	wrong += [f"{_name(request)}: in one of them alone" for request in true.keys() ^ said.keys()]
	return wrong + ([] if _reasons() in text else ["the reasons"])


def write(table):
	DOCUMENT.write_text(PAGE.format(table=table.markdown(), reasons=_reasons()), encoding="utf-8")


def _reasons():
	return "".join(f"- **{one.name}**: {one.reason}<br>{', '.join(f'`{pattern}`' for pattern in one.patterns)}\n" for one in ALLOWED)


PAGE = """# Commands, beside rtpengine's

What `aeta-relay` answers to each ng request, and in what its replies differ from those of the two `rtpengine-daemon`s of Debian: the same
requests with the same SDPs to all three, in one conversation (`tests/relay/ng_requests.py`). Compared are the results, the error texts,
the keys and their types, and the SDPs line by line; not numbers, ports and the relays' addresses.

`./dev soak ng-table` asks all three and prints the table; `--write` writes this file from it. `./dev test relay` asks ours and the one that
is installed, and fails where this file, or the list of differences (`tests/relay/ng_allowed.py`), is not true any more.

{table}
## Why

A pattern is `COMMAND / CASE: DIFFERENCE`, after `12` or `13` where only that Debian's rtpengine differs; `lacks` and `also` are said of
ours, and `*` stands for anything.

{reasons}
## What clients read

Of these replies Kamailio's module `rtpengine` reads `result`, `error-reason`, `message` and `sdp`; `totals` (packets, bytes and errors of
RTP and RTCP); and, for its MOS variables, `created`, a tag's `label`, the SSRCs of its m-lines, and what `SSRC` says of them. OpenSIPS'
module reads no others. All of it is in ours but MOS. What they read of `subscribe request` (`to-tag`, `tag-medias`), `play media` and
`stop media` (`duration`, `last-frame-pos`) belongs to commands that ours refuses. (Both modules' sources were read; OpenSIPS is not in
Debian 12 or 13, and was not run.)
"""
