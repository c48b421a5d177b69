# SPDX-License-Identifier: GPL-2.0-or-later
"""The requests of the ng table, in the order in which a proxy would send them: Conversation(ng).whole() puts them to one relay.

The parties are at 127.0.0.2 and 127.0.0.3, so that the relay's own address (127.0.0.1) is told from theirs in every SDP. They have the same
ports at every relay: the SDPs that the relays get are the same bytes.
"""
import struct
import time

from ng import sdp_endpoints
from relay import Party, wait_until

CALLER, CALLEE = ("127.0.0.2", 6000), ("127.0.0.3", 7000)
PACKETS = 25


def broadcast(address, port, version=1, direction=None, codecs=(96, 9, 8, 101), more=()):
	"""What a broadcast codec offers: Opus, G.722 and G.711, and telephone events."""
	known = {96: ["a=rtpmap:96 opus/48000/2", "a=fmtp:96 stereo=1; maxaveragebitrate=128000"], 9: ["a=rtpmap:9 G722/8000"],
		8: ["a=rtpmap:8 PCMA/8000"], 101: ["a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15"]}
	lines = ["v=0", f"o=- 4711 {version} IN IP4 {address}", "s=studio", f"c=IN IP4 {address}", "t=0 0",
		f"m=audio {port} RTP/AVP " + " ".join(map(str, codecs))]
	for codec in codecs:
		lines += known[codec]
	lines += ["a=ptime:20", *more] + ([f"a={direction}"] if direction else [])
	return "\r\n".join(lines) + "\r\n"


def with_lines(text, *lines):
	return text + "".join(line + "\r\n" for line in lines)


OFFER, ANSWER = broadcast(*CALLER), broadcast(*CALLEE, codecs=(9, 101))
VIDEO = with_lines(OFFER, "m=video 6002 RTP/AVP 97", "a=rtpmap:97 H264/90000")
VIDEO_ANSWER = with_lines(ANSWER, "m=video 7002 RTP/AVP 97", "a=rtpmap:97 H264/90000")
REJECTED_ANSWER = with_lines(ANSWER, "m=video 0 RTP/AVP 97")
FAX = "\r\n".join(["v=0", "o=- 4711 3 IN IP4 127.0.0.2", "s=studio", "c=IN IP4 127.0.0.2", "t=0 0", "m=image 6000 udptl t38",
	"a=T38FaxVersion:0", "a=T38MaxBitRate:14400", ""])
ICE = with_lines(OFFER, "a=ice-ufrag:abcd", "a=ice-pwd:abcdefghijklmnopqrstuv", "a=candidate:1 1 UDP 2130706431 127.0.0.2 6000 typ host",
	"a=candidate:1 2 UDP 2130706430 127.0.0.2 6001 typ host")
NO_MEDIA = "\r\n".join(["v=0", "o=- 4711 1 IN IP4 127.0.0.2", "s=studio", "c=IN IP4 127.0.0.2", "t=0 0", ""])
# A tenth of a second of silence, for `play media`.
WAV = b"RIFF" + struct.pack("<I4s4sIHHIIHH4sI", 36 + 1600, b"WAVE", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16, b"data", 1600) + bytes(1600)


class Conversation:
	"""With one relay; `replies`: {(command, case): reply}, in the order of the requests."""

	def __init__(self, ng):
		self.ng, self.replies = ng, {}

	def ask(self, command, case, call_id=None, **keys):
		assert (command, case) not in self.replies
		request = {"command": command} if command else {}
		if call_id:
			request["call-id"] = call_id
		for key, value in keys.items():
			request["delete delay" if key == "delete_delay" else key.replace("_", "-")] = value
		self.replies[command, case] = self.ng.ask(request, wanted=None)
		return self.replies[command, case]

	def offer(self, case, call_id, sdp=OFFER, **keys):
		"""As Kamailio's module sends it."""
		return self.ask("offer", case, call_id, supports=["load limit"], sdp=sdp, received_from=["IP4", CALLER[0]], from_tag="caller", **keys)

	def answer(self, case, call_id, sdp=ANSWER, **keys):
		return self.ask("answer", case, call_id, supports=["load limit"], sdp=sdp, received_from=["IP4", CALLEE[0]], from_tag="caller",
			to_tag="callee", **keys)

	def end(self, call_id):
		"""Not part of the table."""
		self.ng.call("delete", call_id, wanted=None, delete_delay=0)

	def set_up(self, call_id):
		"""An answered call: the replies to its offer and answer; not part of the table."""
		return self.ng.offer(call_id, "caller", OFFER), self.ng.answer(call_id, "caller", "callee", ANSWER)

	# -- the parts

	def whole(self):
		for part in (self.daemon, self.call, self.switches, self.recordings, self.media_work, self.offers, self.answers, self.deletes,
				self.mistakes):
			part()

	def daemon(self):
		self.ask("ping", "")
		self.ask("list", "no call")
		self.ask("statistics", "no call")

	def call(self):
		"""A call with two codecs, from the offer to its end."""
		flags = {"flags": ["trust-address"], "replace": ["origin"], "via_branch": "z9hG4bK1"}
		offered = self.offer("two codecs", "call", **flags)
		self.ask("query", "offered", "call")
		answered = self.answer("two codecs", "call", **flags)
		self.ask("query", "answered", "call")
		self.media(offered, answered)
		self.ask("query", "with media", "call")
		self.ask("query", "one party", "call", from_tag="caller")
		self.ask("query", "both parties", "call", from_tag="caller", to_tag="callee")
		self.ask("query", "unknown tag", "call", from_tag="nobody")
		self.ask("list", "a call")
		self.ask("list", "with a limit", limit=1)
		self.ask("list", "limit as text", limit="1")
		self.ask("list", "limit below 0", limit=-1)
		self.ask("statistics", "a call")
		self.offer("hold", "call", sdp=broadcast(*CALLER, version=2, direction="sendonly"), to_tag="callee", **flags)
		self.answer("hold", "call", sdp=broadcast(*CALLEE, version=2, codecs=(9, 101), direction="recvonly"), **flags)
		self.ask("query", "held", "call")
		self.ask("delete", "", "call", from_tag="caller", delete_delay=0)
		self.ask("delete", "again", "call", from_tag="caller")

	def media(self, offered, answered):
		"""RTP both ways, and a report of each about the other's."""
		caller, callee = Party(*CALLER), Party(*CALLEE)
		try:
			for sender, hearer, reply in ((caller, callee, answered), (callee, caller, offered)):
				sender.relay = sdp_endpoints(reply["sdp"])[0]
			self._until_heard(caller, callee)
			self._until_heard(callee, caller)
			self._reports(caller, callee)
		finally:
			caller.close()
			callee.close()

	@staticmethod
	def _until_heard(sender, hearer):
		"""The first packets may only be learned from."""
		hearer.socket.settimeout(0.02)
		heard = []

		def one():
			sender.put(_rtp_of(sender))
			try:
				heard.append(hearer.socket.recv(2048))
			except TimeoutError:
				pass
			return len(heard) >= PACKETS
		wait_until(one, what="the other party's media")

	@staticmethod
	def _reports(caller, callee):
		"""Three rounds, each side's about what it heard last of the other, so that round trips are told."""
		sides = [(party, Party(party.address, party.port + 1)) for party in (caller, callee)]
		try:
			for party, socket in sides:
				socket.relay = party.relay[0], party.relay[1] + 1
			said = {caller: 0, callee: 0}
			for second in range(0xe0000001, 0xe0000004):
				for (party, socket), (other, hearer) in (sides, sides[::-1]):
					said[party] = second
					time.sleep(0.001)  # a round trip of nothing is taken for none
					socket.put(_report(party, second, other, said[other]))
					hearer.socket.recv(2048)
		finally:
			for _, socket in sides:
				socket.close()

	def switches(self):
		for what in ("media", "DTMF"):
			for on in ("block", "unblock"):
				self._switch(f"{on} {what}")
		self._switch("silence media")
		self._switch("unsilence media")

	def _switch(self, command):
		self.set_up(command)
		self.ask(command, "the call", command)
		self.ask(command, "one party", command, from_tag="caller", flags=["directional"])
		self.ask(command, "one flow", command, from_tag="caller", to_tag="callee", flags=["directional"])
		self.ask(command, "by address", command, address=CALLEE[0])
		self.ask(command, "unknown party", command, from_tag="nobody", flags=["directional"])
		self.ask(command, "unknown label", command, label="nobody")
		self.ask(command, "unknown address", command, address="127.0.0.99")
		self.ask(command, "unknown call", "none")
		self.ask(command, "no call-id")
		self.end(command)

	def recordings(self):
		self.set_up("recorded")
		for command in ("start recording", "pause recording", "stop recording"):
			self.ask(command, "", "recorded")
			self.ask(command, "one party", "recorded", from_tag="caller")
			if command == "start recording":
				self.ask("query", "recorded", "recorded")
			self.ask(command, "unknown call", "none")
			self.ask(command, "no call-id")
		for command in ("start forwarding", "stop forwarding"):
			self.ask(command, "", "recorded")
			self.ask(command, "unknown call", "none")
		self.ask("start forward", "OpenSIPS' spelling", "recorded")
		self.end("recorded")
		self.offer("record-call", "record-call", record_call="on")
		self.answer("recorded", "record-call")
		self.offer("recorded", "record-call", to_tag="callee")
		self.answer("record-call off", "record-call", record_call="off")
		self.end("record-call")

	def media_work(self):
		self.media(*self.set_up("work"))
		self.ask("play media", "", "work", from_tag="caller", blob=WAV)
		self.ask("play media", "no file", "work", from_tag="caller")
		self.ask("stop media", "", "work", from_tag="caller")
		self.ask("play DTMF", "", "work", from_tag="caller", code="5")
		self.ask("publish", "", "published", from_tag="caller", sdp=broadcast(*CALLER, direction="sendonly"))
		listener = self.ask("subscribe request", "", "work", from_tag="caller").get("to-tag", "listener")
		self.ask("subscribe answer", "", "work", to_tag=listener, sdp=broadcast("127.0.0.4", 8000, codecs=(9, 101), direction="recvonly"))
		self.ask("subscribe answer", "unknown tag", "work", to_tag="nobody", sdp=ANSWER)
		self.ask("unsubscribe", "", "work", to_tag=listener)
		self.ask("connect", "", "work", from_tag="caller", to_tag="callee")
		self.ask("create", "", "created", from_tag="caller")
		self.ask("create answer", "", "created", from_tag="caller", sdp=ANSWER)
		self.ask("transform", "", "transformed", from_tag="caller")
		self.ask("inject start", "", "work")
		self.ask("inject stop", "", "work")
		self.ask("mesh", "", "work", from_tag="caller")
		self.ask("cli", "", body="list numsessions")
		for call_id in ("work", "published", "created", "transformed"):
			self.end(call_id)

	def offers(self):
		"""What else an offer may be or say."""
		for case, sdp, keys in (("video", VIDEO, {}), ("fax", FAX, {}), ("ICE removed", ICE, {"ICE": "remove"}), ("ICE passed", ICE, {}),
			("ICE made", OFFER, {"ICE": "force"}),
			("hold by 0.0.0.0", OFFER.replace("c=IN IP4 127.0.0.2", "c=IN IP4 0.0.0.0"), {}),
			("port 0", OFFER.replace("m=audio 6000", "m=audio 0"), {}),
			("no rtcp attribute", OFFER, {"flags": ["no-rtcp-attribute"]}), ("full rtcp attribute", OFFER, {"flags": ["full-rtcp-attribute"]}),
			("rtcp-mux offered", OFFER, {"rtcp_mux": ["offer"]}), ("rtcp-mux passed", with_lines(OFFER, "a=rtcp-mux"), {}),
			("rtcp-mux taken out", with_lines(OFFER, "a=rtcp-mux"), {"rtcp_mux": ["demux"]}),
			("AVPF", OFFER, {"transport_protocol": "RTP/AVPF"}), ("SAVP", OFFER, {"transport_protocol": "RTP/SAVP"}),
			("media-address", OFFER, {"media_address": "198.51.100.9"}), ("IPv6", OFFER, {"address_family": "IP6"}),
			("replaced names", OFFER, {"replace": ["origin", "username", "session-name", "zero-address"]}),
			("loop-protect", OFFER, {"flags": ["loop-protect"]}), ("original-sendrecv", OFFER, {"flags": ["original-sendrecv"]}),
			("generate-mid", OFFER, {"flags": ["generate-mid"]}),
			("strip-extmap", with_lines(OFFER, "a=extmap:1 urn:x"), {"flags": ["strip-extmap"]}),
			("codec stripped", OFFER, {"codec": {"strip": ["PCMA"]}}), ("codecs but one", OFFER, {"codec": {"strip": ["all"], "offer": ["G722"]}}),
			("codec transcoded", OFFER, {"codec": {"transcode": ["PCMU"]}}), ("always-transcode", OFFER, {"flags": ["always-transcode"]}),
			("attribute added", OFFER, {"sdp_attr": {"audio": {"add": ["x-studio:7"]}}}),
			("video taken out", VIDEO, {"sdp_media_remove": ["video"]}), ("bandwidth and other lines", with_lines(
				OFFER.replace("t=0 0", "b=AS:128\r\nt=0 0"), "a=x-unknown:1", "a=ssrc:7 cname:x", "a=rtcp-fb:96 nack"), {}),
			("direction inactive", broadcast(*CALLER, direction="inactive"), {}), ("unknown flag", OFFER, {"flags": ["make-coffee"]}),
			("unknown key", OFFER, {"coffee": "black"}), ("rtpp-flags", OFFER, {"rtpp_flags": "trust-address replace-origin ICE=remove"}),
			("label and metadata", OFFER, {"label": "studio", "metadata": "a|b"})):
			self.offer(case, f"offer {case}", sdp, **keys)
			self.end(f"offer {case}")

	def answers(self):
		for case, offered, answered in (("video", VIDEO, VIDEO_ANSWER), ("video rejected", VIDEO, REJECTED_ANSWER)):
			self.ng.offer(f"answer {case}", "caller", offered)
			self.answer(case, f"answer {case}", answered)
			self.end(f"answer {case}")

	def deletes(self):
		self.ask("delete", "unknown call", "none", from_tag="caller")
		self.ask("delete", "unknown call if fatal", "none", from_tag="caller", flags=["fatal"])
		self.ask("delete", "no call-id", from_tag="caller")
		for case, keys in (("unknown tag", {"from_tag": "nobody", "to_tag": "nobody else"}),
				("both tags", {"from_tag": "caller", "to_tag": "callee"}),
				("no tag", {}), ("fast", {"from_tag": "caller", "flags": ["fast"]})):
			self.set_up(f"delete {case}")
			self.ask("delete", case, f"delete {case}", delete_delay=0, **keys)
			self.end(f"delete {case}")
		self.ng.offer("unanswered", "caller", OFFER)
		self.ask("delete", "unanswered", "unanswered", from_tag="caller", delete_delay=0)

	def mistakes(self):
		self.ask("", "no command")
		self.ask("make coffee", "unknown command", "call")
		self.ask("offer", "no SDP", "wrong", from_tag="caller")
		self.ask("offer", "no call-id", from_tag="caller", sdp=OFFER)
		self.ask("offer", "no from-tag", "wrong", sdp=OFFER)
		self.ask("offer", "what is no SDP", "wrong", from_tag="caller", sdp="hello")
		self.ask("offer", "no m-line", "wrong", from_tag="caller", sdp=NO_MEDIA)
		self.end("wrong")
		self.set_up("wrong")
		self.answer("no m-line", "wrong", sdp=NO_MEDIA)
		self.end("wrong")
		self.ask("answer", "no SDP", "wrong", from_tag="caller", to_tag="callee")
		self.ask("answer", "no call-id", from_tag="caller", to_tag="callee", sdp=ANSWER)
		self.ask("answer", "no from-tag", "wrong", to_tag="callee", sdp=ANSWER)
		self.ask("answer", "no to-tag", "wrong", from_tag="caller", sdp=ANSWER)
		self.ask("answer", "unknown call", "wrong", from_tag="caller", to_tag="callee", sdp=ANSWER)
		self.ask("query", "unknown call", "none")
		self.ask("query", "no call-id")


def _rtp_of(party):
	party.sequence += 1
	return struct.pack("!BBHII", 0x80, 9, party.sequence, party.sequence * 160, party.ssrc) + bytes(160)


def _report(party, second, other, heard):
	"""A sender report of `second`, with one block about the other side, whose last report was of the second `heard` (0: none)."""
	head = struct.pack("!BBHIIIIII", 0x81, 200, 12, party.ssrc, second, 0, 160 * party.sequence, party.sequence, 160 * party.sequence)
	return head + struct.pack("!IIIIII", other.ssrc, 0, other.sequence, 3, (heard & 0xffff) << 16, 1)
