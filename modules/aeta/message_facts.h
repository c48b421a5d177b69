/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a message, or a binding, says of where an agent is: Kamailio's structures into those of policy/media.h. */
#ifndef AETA_MESSAGE_FACTS_H
#define AETA_MESSAGE_FACTS_H

#include "core/ip_addr.h"
#include "core/parser/msg_parser.h"
#include "policy/media.h"

struct aeta_address aeta_ip_address(const struct ip_addr *ip, unsigned port);

/* Address of a SIP URI, with the port that it means where it writes none; family NONE for what is no URI. */
struct aeta_address aeta_uri_address(const str *uri);

/* Source, transport and Via of a message. */
void aeta_message_origin(sip_msg_t *msg, struct aeta_media_side *out);
/* True if that Via is not that source, by address or, with UDP, by port. */
bool aeta_message_via_differs(const struct aeta_media_side *side);

/* The first Contact of a message; family NONE where there is none. */
struct aeta_address aeta_message_contact(sip_msg_t *msg);

/* The SDP of a message, alone or as a part of its body. */
void aeta_message_sdp(sip_msg_t *msg, struct aeta_sdp *out);

#endif
