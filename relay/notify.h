/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells the SIP server that a call's media have stopped, so that it ends the call (B11): a JSON-RPC request in a datagram. */
#ifndef RELAY_NOTIFY_H
#define RELAY_NOTIFY_H

#include "core/out.h"
#include "options.h"

#include <sys/socket.h>

struct notifier {
	int fd; /* -1: nobody is told */
	struct sockaddr_storage to;
	socklen_t length;
	uint64_t number, sent, failed, refused; /* refused: the server's answer was an error */
};

/* `to`: unix:PATH or udp:ADDRESS:PORT, NULL: nobody. 0, or -EINVAL with the reason in `error`. */
int notify_open(struct notifier *n, const char *to, char error[OPTIONS_ERROR_MAX]);
void notify_close(struct notifier *n);
void notify_call(struct notifier *n, const char *method, struct text call_id, struct text from_tag, struct text to_tag);
/* Reads the server's answers; one that is an error is logged. */
void notify_answers(struct notifier *n);

/* The datagram. */
void notify_write(struct out *to, const char *method, uint64_t number, struct text call_id, struct text from_tag, struct text to_tag);

#endif
