/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "relay_set.h"

#include <errno.h>

#include "core/dset.h"
#include "core/parser/parse_to.h"
#include "core/parser/parse_uri.h"
#include "message_facts.h"
#include "nat_known.h"
#include "params.h"
#include "store.h"

#define SET_BITS 4
_Static_assert(AETA_RELAY_SET_MAX < 1 << SET_BITS, "a set fits into its flags");

#define CLASS_BITS 3
_Static_assert(AETA_NAT_CLASSES <= 1 << CLASS_BITS, "a class fits into its flags");

enum { NOTED = 0, VIA = 1, SET = 2, CLASS = SET + SET_BITS, NATTED = CLASS + CLASS_BITS, END };
_Static_assert((unsigned)END <= AETA_BRANCH_FLAGS, "there are so many flags");

int aeta_relay_set_of(const str *domain)
{
	const struct aeta_directory *d = domain->len > 0 ? aeta_store_acquire() : NULL;
	int set;

	if (!d)
		return -ENOENT;
	set = aeta_domains_set(aeta_store_domains(d), domain->s, (size_t)domain->len);
	aeta_store_release();
	return set;
}

/* C5: the registrar that the agent has been given. The To tells where the R-URI does not, as with an address of ours in it. */
static unsigned set_of_register(sip_msg_t *msg)
{
	struct sip_uri *to;
	int set = -ENOENT;

	if (parse_sip_msg_uri(msg) >= 0)
		set = aeta_relay_set_of(&msg->parsed_uri.host);
	if (set < 0 && (to = parse_to_uri(msg)))
		set = aeta_relay_set_of(&to->host);
	return set > 0 ? (unsigned)set : 0;
}

static unsigned nat_of_register(sip_msg_t *msg, const struct aeta_media_side *side)
{
	const struct sip_uri *to = parse_to_uri(msg);
	struct aeta_nat_known known;

	if (!to || !aeta_nat_lookup(&to->user, &side->source, &known))
		return 0;
	return (unsigned)known.cls << CLASS | (unsigned)(known.evidence & AETA_EVIDENCE_NATTED ? 1 : 0) << NATTED;
}

void aeta_note_register(sip_msg_t *msg)
{
	unsigned first = (unsigned)aeta_params.branch_flag;
	flag_t flags = 0, mine = ((1u << END) - 1) << first;
	struct aeta_media_side side = {.stream = false};

	aeta_message_origin(msg, &side);
	if (getbflagsval(0, &flags) < 0)
		flags = 0;
	flags &= ~mine;
	flags |= 1u << (first + NOTED) | set_of_register(msg) << (first + SET) | nat_of_register(msg, &side) << first;
	if (aeta_message_via_differs(&side))
		flags |= 1u << (first + VIA);
	setbflagsval(0, flags);
}

struct aeta_noted aeta_noted_of(unsigned cflags)
{
	unsigned mine = cflags >> aeta_params.branch_flag, cls = mine >> CLASS & ((1u << CLASS_BITS) - 1);

	if (!(mine >> NOTED & 1))
		return (struct aeta_noted){.noted = false};
	return (struct aeta_noted){.noted = true, .via_mismatch = mine >> VIA & 1, .relay_set = mine >> SET & ((1u << SET_BITS) - 1),
			.natted = mine >> NATTED & 1, .cls = cls < AETA_NAT_CLASSES ? (uint8_t)cls : AETA_NAT_UNKNOWN};
}
