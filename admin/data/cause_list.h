/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * THE list of what can come of an attempt, as kamailio-cfg and the module name it: X(word, what it means, what to do about it, the
 * command of aetactl that does or shows it), by what has stopped the attempt. A test holds it against everything that the service can
 * refuse.
 */
#ifndef AETA_ADMIN_CAUSE_LIST_H
#define AETA_ADMIN_CAUSE_LIST_H

/* Nothing: it came about. */
#define CAUSES_DONE(X) \
	X("registered", "registered", "", "") \
	X("unregistered", "the agent signed off", "", "") \
	X("open", "routed", "", "") \
	X("same-group", "routed inside the group", "", "") \
	X("short-dial", "routed by short number", "", "") \
	X("exception", "routed by exception", "", "") \
	X("hunt", "hunting", "", "") \
	X("answered", "answered", "", "")

/* Who sends it is not, or not proven to be, whom it says. */
#define CAUSES_CREDENTIALS(X) \
	X("wrong-password", "wrong password", "compare the agent's password, or make a new one", "aetactl account password NUMBER") \
	X("unknown-user", "no such account, or it has no password", \
			"check the user name in the agent, and that the account has a password", "aetactl account show NUMBER") \
	X("banned", "refused for a while after too many failures", \
			"wait, or lift the ban; the right password works at once", "aetactl bans list") \
	X("uri-mismatch", "credentials made for another number", "a proxy changes the number behind the agent: check it", "") \
	X("from-mismatch", "From is not the user that authenticated", \
			"give the agent the same number as user and as authentication name", "") \
	X("to-mismatch", "registers another number than the one it authenticates as", \
			"give the agent the same number as user and as authentication name", "")

/* The service, by its rules or because it could not. */
#define CAUSES_RULES(X) \
	X("bad-request", "malformed request", "update the agent, or look at its traffic in a SIP trace", "aetactl trace NUMBER") \
	X("bad-contact", "Contact missing or not usable", \
			"look at it in a SIP trace: one Contact, no received parameter", "aetactl trace NUMBER") \
	X("message-too-large", "message too large", "fewer codecs in the agent's profile make it smaller", "") \
	X("too-many-hops", "too many hops: the request went round in a circle", "check the agent's outbound proxy", "") \
	X("bad-extension", "the agent demands an extension of proxies that there is none of", "switch it off in the agent", "") \
	X("no-dialog", "a request inside a call that does not exist (any more)", "", "") \
	X("dialog-rate", "too many requests inside one call", \
			"the call goes on; find out by a SIP trace what the agent sends so often", "aetactl trace NUMBER") \
	X("account-rate", "too many requests of this number in a few seconds", \
			"find out by a SIP trace what the agent sends so often", "aetactl trace NUMBER") \
	X("account-calls", "the number is in too many calls", "end some, or see SITE_ACCOUNT_CALLS", "") \
	X("no-transaction", "a CANCEL for nothing that is under way", "", "") \
	X("merged-call", "a second call under the Call-ID of one that rings", \
			"a proxy doubles the request: check the agent's outbound proxy", "") \
	X("foreign-domain", "dialled a domain that is not ours", "dial the number alone, or add the domain", "aetactl domain list") \
	X("method-not-offered", "a kind of request that the service does not offer", "", "") \
	X("not-owner", "sign-off by another device, without effect", "two devices use this number: give each its own", "") \
	X("none", "no verdict", "see the log", "") \
	X("caller-unknown", "the caller is no account", "check the number, or add the account", "aetactl account show NUMBER") \
	X("caller-locked", "account locked", "make it active again", "aetactl account unlock NUMBER") \
	X("caller-suspended", "account suspended", "make it active again", "aetactl account unlock NUMBER") \
	X("caller-ended", "account ended", "prolong it", "aetactl account until NUMBER DATE") \
	X("hunting-originate", "numbers of a hunting series cannot call", "call with the regular number", "") \
	X("group-not-loaded", "Kamailio does not know the group yet", \
			"try again in a few seconds, or have Kamailio load the groups", "aetactl reload") \
	X("not-a-number", "dialled something that is no number", "dial digits only", "") \
	X("short-outside", "dialled a short number, which works inside a group only", "dial all eight digits", "") \
	X("outgoing-blocked", "the caller's group blocks outgoing calls", \
			"switch the option of that group off, or add an exception for the number", \
			"aetactl group set PREFIX --block-outgoing off; aetactl exception add") \
	X("incoming-blocked", "the called group blocks calls from outside", \
			"switch the option of that group off", "aetactl group set PREFIX --block-incoming off") \
	X("no-hunting", "the group has no hunting number", "switch hunting on in the group", "aetactl group set PREFIX --hunting on") \
	X("hunting-off", "hunting is switched off in the group", "switch hunting on in the group", "aetactl group set PREFIX --hunting on") \
	X("hunt-direct", "the group refuses direct calls to its hunting series", \
			"call the hunting number, or allow direct calls to members in the group", "aetactl group set PREFIX --hunt-direct on") \
	X("hunt-calls-only", "a hunting number takes calls only", "", "") \
	X("unknown-number", "dialled a number that does not exist", "check the number", "aetactl account list") \
	X("callee-locked", "the called account is locked", "make it active again", "aetactl account unlock NUMBER") \
	X("callee-suspended", "the called account is suspended", "make it active again", "aetactl account unlock NUMBER") \
	X("callee-ended", "the called account has ended", "prolong it", "aetactl account until NUMBER DATE") \
	X("no-directory", "the accounts could not be read", "is the database up?", "") \
	X("internal-error", "internal error", "see the log", "") \
	X("no-relay", "no media relay was to be had", \
			"are the relays up, and in use?", "aetactl relay list; aetactl explain CALLER DIALLED --media") \
	X("media-never", "one party has IPv4, the other IPv6, and one of them never wants the relay", \
			"let the account, or its group, use the relay where it must", \
			"aetactl account set NUMBER --media auto; aetactl explain CALLER DIALLED --media")

/* The called agent, or the caller before it answered. */
#define CAUSES_PARTIES(X) \
	X("not-registered", "the called number is not registered", "look at that number's own history", "aetactl why NUMBER") \
	X("flow-gone", "the called agent's connection is gone", "it comes back with its next registration", "") \
	X("busy", "the called agent was busy", "", "") \
	X("declined", "the called agent declined", "", "") \
	X("cancelled", "the caller hung up before it was answered", "", "") \
	X("no-answer", "it rang, and nobody answered", "", "") \
	X("no-reply", "the called agent gave no sign at all", "it is switched off, or its network has changed since it registered", "") \
	X("unavailable", "the called agent said that it is not available", "look at its do-not-disturb", "") \
	X("no-codec", "the called agent takes none of the caller's codecs", "compare the profiles of both agents", "") \
	X("rejected", "the called agent refused", "", "") \
	X("answer-refused", "the called agent redirects or asks for a password, which is not passed on", \
			"switch off its call diversion, its own authentication", "") \
	X("hunt-busy", "all members of the series were busy", "", "") \
	X("hunt-absent", "no member of the series was available", \
			"see which members of the series are registered", "aetactl explain CALLER 6000") \
	X("hunt-limit", "the hunt ended: as many members were rung as can be", "a shorter series", "") \
	X("hunt-timeout", "the hunt ended: its time was up", "give the group a longer hunt", "aetactl group set PREFIX --hunt-max SECONDS") \
	X("other", "ended in a way that has no name", "see the log", "")

#define CAUSES_FAILED(X) CAUSES_CREDENTIALS(X) CAUSES_RULES(X) CAUSES_PARTIES(X)

/* For SQL: "'a','b',"; and for words of a description: "a|b|". */
#define CAUSE_QUOTED(word, means, advice, command) "'" word "',"
#define CAUSE_WORD(word, means, advice, command)   word "|"
#define CAUSE_MEANS(word, means, advice, command)  means "|"

#endif
