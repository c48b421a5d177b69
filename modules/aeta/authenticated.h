/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose request is it (A1, A3)? A request may bring several credentials, for several realms, and anybody can write a header
 * before one's own: what counts is the one that was verified. $au is the first that is there, so nothing here asks it.
 */
#ifndef AETA_AUTHENTICATED_H
#define AETA_AUTHENTICATED_H

#include <stdbool.h>

#include "core/parser/digest/digest_parser.h"
#include "core/parser/msg_parser.h"

/*
 * The credentials that auth_check() looks at: the first for the parameter guard_realm, of Authorization in a REGISTER and of
 * Proxy-Authorization else. NULL: there are none, or guard_realm is empty. They belong to the message.
 */
const dig_cred_t *aeta_credentials_of(sip_msg_t *msg);

/*
 * The script's aeta_authenticated(): authentication of this request has just succeeded. From here on aeta_user() knows whose
 * it is, whatever happens to its headers. 1; -1: no authentication function has looked at any credentials of it; -3: they
 * were made for another number than that of the request URI (A1).
 */
int aeta_authenticated(sip_msg_t *msg);

/* True if aeta_authenticated() has returned 1 for this very request; `user` is then its user. */
bool aeta_is_authenticated(const sip_msg_t *msg, str *user);

/*
 * The user of a request: what aeta_authenticated() found, else that of the credentials that an authentication function has
 * looked at; it is for the script to go on only if that succeeded. Empty where there is none.
 */
str aeta_user(sip_msg_t *msg);

#endif
