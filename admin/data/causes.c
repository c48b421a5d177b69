/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes.h"

#include <stddef.h>
#include <string.h>

/* In the order in which a request meets them. A test holds this against everything that the service can refuse. */
static const struct cause causes[] = {
		/* the message itself */
		{"bad-request", "malformed request", "update the agent, or look at its traffic with aetactl trace"},
		{"bad-contact", "Contact missing or not usable", "look at it with aetactl trace; one Contact, no received parameter"},
		{"message-too-large", "message too large", "fewer codecs in the agent's profile make it smaller"},
		{"too-many-hops", "too many hops: the request went round in a circle", "check the agent's outbound proxy"},
		{"bad-extension", "the agent demands an extension of proxies that there is none of",
				"switch it off in the agent"},
		{"no-dialog", "a request inside a call that does not exist (any more)", ""},
		{"dialog-rate", "too many requests inside one call",
				"the call goes on; find out what the agent sends so often: aetactl trace"},
		{"account-rate", "too many requests of this number in a few seconds",
				"find out what the agent sends so often: aetactl trace"},
		{"account-calls", "the number is in too many calls", "end some, or see SITE_ACCOUNT_CALLS"},
		{"no-transaction", "a CANCEL for nothing that is under way", ""},
		{"merged-call", "a second call under the Call-ID of one that rings",
				"a proxy doubles the request: check the agent's outbound proxy"},
		/* who sends it */
		{"wrong-password", "wrong password",
				"compare the agent's password; aetactl account password NUMBER makes a new one"},
		{"unknown-user", "no such account, or it has no password",
				"check the user name in the agent; aetactl account show NUMBER"},
		{"banned", "refused for a while after too many failures",
				"the right password works at once; aetactl bans list"},
		{"uri-mismatch", "credentials made for another number", "a proxy changes the number behind the agent: check it"},
		{"from-mismatch", "From is not the user that authenticated",
				"give the agent the same number as user and as authentication name"},
		{"to-mismatch", "registers another number than the one it authenticates as",
				"give the agent the same number as user and as authentication name"},
		{"foreign-domain", "dialled a domain that is not ours", "dial the number alone; aetactl domain list"},
		{"method-not-offered", "a kind of request that the service does not offer", ""},
		/* registrations */
		{"registered", "registered", ""},
		{"unregistered", "the agent signed off", ""},
		{"not-owner", "sign-off by another device, without effect",
				"two devices use this number: give each its own"},
		/* the routing policy */
		{"none", "no verdict", "see the log"},
		{"open", "routed", ""},
		{"same-group", "routed inside the group", ""},
		{"short-dial", "routed by short number", ""},
		{"exception", "routed by exception", ""},
		{"hunt", "hunting", ""},
		{"caller-unknown", "the caller is no account", "aetactl account show NUMBER"},
		{"caller-locked", "account locked", "aetactl account unlock NUMBER"},
		{"caller-suspended", "account suspended", "aetactl account unlock NUMBER makes it active again"},
		{"caller-ended", "account ended", "aetactl account until NUMBER DATE prolongs it"},
		{"hunting-originate", "numbers of a hunting series cannot call", "call with the regular number"},
		{"group-not-loaded", "Kamailio does not know the group yet", "aetactl reload"},
		{"not-a-number", "dialled something that is no number", "dial digits only"},
		{"short-outside", "dialled a short number, which works inside a group only", "dial all eight digits"},
		{"outgoing-blocked", "the caller's group blocks outgoing calls",
				"aetactl group set, or an exception: aetactl exception add"},
		{"incoming-blocked", "the called group blocks calls from outside", "aetactl group set PREFIX --block-incoming off"},
		{"no-hunting", "the group has no hunting number", "aetactl group set PREFIX --hunting on"},
		{"hunting-off", "hunting is switched off in the group", "aetactl group set PREFIX --hunting on"},
		{"hunt-direct", "the group refuses direct calls to its hunting series",
				"call the hunting number, or aetactl group set PREFIX --hunt-direct on"},
		{"hunt-calls-only", "a hunting number takes calls only", ""},
		{"unknown-number", "dialled a number that does not exist", "check the number; aetactl account list"},
		{"callee-locked", "the called account is locked", "aetactl account unlock NUMBER"},
		{"callee-suspended", "the called account is suspended", "aetactl account unlock NUMBER makes it active again"},
		{"callee-ended", "the called account has ended", "aetactl account until NUMBER DATE prolongs it"},
		{"no-directory", "the accounts could not be read", "is the database up?"},
		{"internal-error", "internal error", "see the log"},
		/* the called agent */
		{"not-registered", "the called number is not registered", "look at that number's own history: aetactl why NUMBER"},
		{"flow-gone", "the called agent's connection is gone", "it comes back with its next registration"},
		{"no-relay", "no media relay was to be had", "are the relays up? aetactl relay list; aetactl explain CALLER DIALLED --media"},
		{"media-never", "one party has IPv4, the other IPv6, and one of them never wants the relay",
				"aetactl account set NUMBER --media auto, or the group's: aetactl explain CALLER DIALLED --media"},
		{"answered", "answered", ""},
		{"busy", "the called agent was busy", ""},
		{"declined", "the called agent declined", ""},
		{"cancelled", "the caller hung up before it was answered", ""},
		{"no-answer", "it rang, and nobody answered", ""},
		{"no-reply", "the called agent gave no sign at all",
				"it is switched off, or its network has changed since it registered"},
		{"unavailable", "the called agent said that it is not available", "look at its do-not-disturb"},
		{"no-codec", "the called agent takes none of the caller's codecs", "compare the profiles of both agents"},
		{"rejected", "the called agent refused", ""},
		{"answer-refused", "the called agent redirects or asks for a password, which is not passed on",
				"switch off its call diversion, its own authentication"},
		{"hunt-busy", "all members of the series were busy", ""},
		{"hunt-absent", "no member of the series was available", "aetactl explain CALLER 6000 shows who is registered"},
		{"hunt-limit", "the hunt ended: as many members were rung as can be", "a shorter series"},
		{"hunt-timeout", "the hunt ended: its time was up", "aetactl group set PREFIX --hunt-max"},
		{"other", "ended in a way that has no name", "see the log"},
};

const struct cause *cause_find(const char *word)
{
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		if (strcmp(causes[i].word, word) == 0)
			return &causes[i];
	return NULL;
}
