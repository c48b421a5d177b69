# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of this folder do again and again."""
from phone import where

SILENT_S = 2  # a relayed call without media ends after that


def relayed(relay, sdp):
	"""The SDP names a port of that relay."""
	host, port = where(sdp)
	return host in relay.addresses and port in relay.ports


def talk(caller, callee, dialled=None, **more):
	"""A call that is answered, each phone told where to send; (caller's side, callee's side)."""
	mine = caller.call(dialled or callee.number, **more)
	theirs = callee.incoming()
	callee.talks_to(theirs.invite.body)
	theirs.answer(mine)
	caller.talks_to(mine.answered.body)
	return mine, theirs


def send_reinvite(sender, direction=""):
	sender.agent.direction = direction
	return sender.send("INVITE", [("Content-Type", "application/sdp")], sender.agent.sdp())


def final_of(sender, cseq):
	"""The final answer to a re-INVITE, acknowledged if it is none that the proxy acknowledges."""
	final = sender.link.wait("its answer", lambda m: sender.answers(m, "INVITE", cseq) and m.status >= 200)
	if final.status == 200:
		sender.link.send(sender.raw("ACK", cseq))
	return final


def take_reinvite(receiver, answer=""):
	"""The re-INVITE as the other side gets it, answered 200."""
	request = receiver.link.wait("INVITE", lambda m: m.is_request and m.method == "INVITE" and m.call_id == receiver.call_id
		and m.tag("to"))
	receiver.agent.direction = answer
	receiver.link.reply(request, 200, "OK", [("Contact", receiver.agent.contact()), ("Content-Type", "application/sdp")],
		receiver.agent.sdp())
	return request


def reinvite(sender, receiver, direction="", answer=""):
	"""A re-INVITE from one side, with these directions in offer and answer; (offer as received, answer as received)."""
	cseq = send_reinvite(sender, direction)
	request = take_reinvite(receiver, answer)
	final = final_of(sender, cseq)
	assert final.status == 200, final
	receiver.link.wait("ACK", lambda m: m.is_request and m.method == "ACK" and m.call_id == receiver.call_id
		and m.cseq == request.cseq)
	receiver.agent.talks_to(request.body)
	sender.agent.talks_to(final.body)
	return request.body, final.body
