/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Evidence from media (C7): where a relay has heard each party of a call from, against what the party's SDP had said. */
#ifndef AETA_MEDIA_HEARD_H
#define AETA_MEDIA_HEARD_H

#include "core/parser/msg_parser.h"

/*
 * Function of the script: numbers and tags of both parties, and the relay's answer to "query" as JSON. What it shows of their NATs is
 * kept. 1, or -1 for what is no such answer.
 */
int aeta_media_heard(sip_msg_t *msg, str *caller, str *caller_tag, str *callee, str *callee_tag, str *json);

#endif
