/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a bencode dictionary ends in a stream of bytes. */
#ifndef RELAY_BENCODE_SPAN_H
#define RELAY_BENCODE_SPAN_H

#include "core/text.h"

#include <sys/types.h>

#define BENCODE_SPAN_MAX (128 * 1024)

/* The length of the dictionary that `t` begins with; 0: more bytes are needed; -1: it begins with none, or with one that is too long. */
ssize_t bencode_span(struct text t);

#endif
