/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions of the script that judge a request; return values are those of the manual. */
#ifndef AETA_ROUTE_H
#define AETA_ROUTE_H

#include "core/parser/msg_parser.h"
#include "policy/verdict.h"

/* NULL: the authenticated user, and the user of the R-URI. */
int aeta_route(sip_msg_t *msg, str *caller, str *dialled);
int aeta_originate(sip_msg_t *msg, str *user);
int aeta_register(sip_msg_t *msg, str *user);
int aeta_verdict(sip_msg_t *msg, str *rule);

/* Everything that aeta_route() finds out, for it and for aeta.explain. */
struct aeta_judged {
	struct aeta_account caller, callee;
	struct aeta_target target;
	struct aeta_verdict verdict;
	struct aeta_group group; /* of a hunt */
};
/* 0, or -EIO: no directory, or the database did not answer. */
int aeta_judge(const str *caller, const str *dialled, struct aeta_judged *j);

#endif
