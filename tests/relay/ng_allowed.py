# SPDX-License-Identifier: GPL-2.0-or-later
"""The differences from Debian's rtpengine that stay, each with its reason.

A pattern is `[12 |13 ]COMMAND / CASE: DIFFERENCE`: 12 or 13 where it holds beside that Debian's rtpengine alone; `*` stands for anything,
and one without a command is for every request. Of several the first counts. One that matches nothing any more fails the test.
"""
import collections
import re

Allowed = collections.namedtuple("Allowed", "name patterns reason")

ALLOWED = (
	Allowed("order", ("sdp order",),
		"Ours rewrites an SDP in place and keeps the order of its lines. rtpengine writes the lines of an m-line anew."),
	Allowed("newer", ("also created_ts", "12 also last redis update", "12 also recording", "12 also tags.<tag>.VSC",
			"12 also tags.<tag>.medias[].streams[].last * packet", "12 also tags.<tag>.medias[].streams[].stats_out",
			"also tags.<tag>.medias[].*gress SSRCs", "13 lacks tags.<tag>.medias[].streams[].*gress SSRCs",
			"13 also tags.<tag>.medias[].streams[].SSRC", "12 also statistics.controlstatistics.*pausereccount",
			"12 lacks statistics.intervalstatistics", "12 lacks statistics.interfaces[].ports.last",
			"12 offer / attribute added: sdp also a=x-studio:7", "offer / video taken out: sdp lacks *", "12 offer / rtpp-flags: sdp *",
			"12 pause recording / *: does it: Unrecognized command", "12 pause recording / *: says otherwise: Unrecognized command",
			"delete / fast: lacks *", "12 delete / no tag: also *", "13 *ilence media / one flow: does it: *",
			"13 *block media / one flow: does it: *"),
		"rtpengine's versions differ from each other; ours is as newer ones are. It has a stream's SSRC as well as the m-line's, so that "
		"clients of all versions find it."),
	Allowed("own", ("also tags.<tag>.medias[].streams[].quality", "also statistics.version", "also statistics.interfaces[].ports.failed",
			"offer / loop-protect: sdp *"),
		"Ours has more to say, or marks an SDP with its own name. No client reads any of it."),
	Allowed("SSRC", ("13 also SSRC.<SSRC>", "also SSRC.<SSRC>.*", "13 delete / *: also tags.<tag>"),
		"Ours tells of every SSRC and every party, also where no RTCP has come, and of a call that just ends."),
	Allowed("MOS", ("lacks SSRC.<SSRC>.*MOS*", "lacks statistics.mos", "13 lacks statistics.*voip_metrics"),
		"rtpengine works them out from the parties' RTCP, which ours passes on unread. What ours has measured itself (loss, jitter, gaps) is in "
		"`quality`. The modules' MOS variables stay empty."),
	Allowed("codec", ("lacks tags.<tag>.medias[].codec",), "Ours keeps payload types and not their names. Neither module reads it."),
	Allowed("counters", ("lacks statistics.totalstatistics.totalcallsduration2", "lacks statistics.totalstatistics.totalcallsduration_stddev",
			"lacks statistics.controlstatistics.proxies[].*duration", "13 lacks statistics.interfaces[].packets_lost",
			"13 lacks statistics.interfaces[].duplicates", "13 lacks statistics.interfaces[].*gress"),
		"Not counted. Neither module reads statistics."),
	Allowed("recording", ("13 query / recorded: lacks tags.<tag>.recording",),
		"A recording is the whole call's: no party is left out of it. Neither module reads this."),
	Allowed("media work", ("play * / : refuses", "stop media / : refuses", "publish / : refuses", "subscribe * / : refuses",
			"unsubscribe / : refuses", "offer / ICE made: refuses", "offer / SAVP: refuses"),
		"Ours makes no media, changes none, encrypts none, forks none to recorders and has no ICE agent. What asks for that is refused, so "
		"that nobody takes it for done."),
	Allowed("words", ("*: says otherwise: Unrecognized command", "play media / no file: says otherwise: *",
			"subscribe answer / unknown tag: says otherwise: *"),
		"Refused by both, in other words: ours says `unsupported` to a command of the protocol that it does not do."),
	Allowed("ICE", ("offer / ICE passed: sdp lacks a=*",),
		"Ours takes the parties' ICE out: it has no agent whose candidates it could write, and agents then use the addresses of the SDP."),
	Allowed("transcoding", ("offer / codec transcoded: sdp *",), "Ours does not transcode; it warns, and offers the caller's codecs."),
	Allowed("warning", ("offer / *: also warning",),
		"Ours names flags and keys that it does not know or that have no effect. rtpengine writes them into its log."),
	Allowed("nothing", ("12 offer / port 0: sdp also a=*", "13 offer / port 0: does it: Error rewriting SDP", "answer / no m-line: refuses"),
		"An m-line that is rejected is passed on with its attributes, also as the only one. An answer without any m-line answers nothing."),
)


def _matcher(pattern):
	"""(releases, compiled)"""
	releases = (pattern[:2],) if pattern[:3] in ("12 ", "13 ") else ("12", "13")
	rest = pattern[3:] if len(releases) == 1 else pattern
	if ": " not in rest:
		rest = f"*: {rest}"
	return releases, re.compile(".*".join(map(re.escape, rest.split("*"))), re.S)


MATCHERS = [(allowed, pattern, *_matcher(pattern)) for allowed in ALLOWED for pattern in allowed.patterns]
