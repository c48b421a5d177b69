/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A database that hangs holds each process that asks it for seconds, and calls in progress wait behind new ones. So as soon
 * as somebody has waited for 10 ms, one of the workers that serve a UDP socket (one of those of TCP and TLS together) is kept
 * away from the database: it serves requests inside dialogs, retransmissions, CANCEL and answers meanwhile (A5, D3), at the
 * pace of the dialog module, which writes to the database too: some seconds each, instead of without end. What comes over
 * TCP may wait all the same: a worker serves all that one connection brings.
 */
#ifndef AETA_SPARE_H
#define AETA_SPARE_H

#include "core/parser/msg_parser.h"

/* mod_init(): 0 or -1. */
int aeta_spare_init(void);
/* child_init(PROC_INIT): when the number of processes is known. 0 or -1. */
int aeta_spare_ready(void);
void aeta_spare_destroy(void);

/*
 * May this request ask the database now? Holds until the script has done with the message, however often it is asked.
 *
 *   1   yes: another worker of this socket is still free, or the database answers quickly
 *  -1   not now: all the others ask, and have for 50 ms; the agent will repeat its request (UDP only: over TCP and TLS
 *       it is never repeated, so it waits here for two seconds at most)
 *  -2   no: some process has waited for an answer for two seconds, so the database hangs
 */
int aeta_spare_worker(sip_msg_t *msg);

/* 1 if some process has waited for the database for two seconds now, else -1. For what can be done later as well. */
int aeta_database_hangs(sip_msg_t *msg);

#endif
