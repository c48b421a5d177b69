/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why media is relayed or direct, in words: the names of modules/aeta/policy/media.h in a call's path_reason. */
#ifndef AETA_ADMIN_REASONS_H
#define AETA_ADMIN_REASONS_H

#include <policy/media.h>

#include <stdbool.h>
#include <stddef.h>

/* The words of one reason by its whole name, "caller-contact-private"; false: it is not known here. */
bool reason_find(const char *name, size_t len, struct aeta_reason_words *out);

/*
 * A comma-separated list as one sentence, "caller: its Contact is a private address; callee: ...". Names that are not known stay as
 * they are; "" for an empty list. Cut to `size` bytes with the NUL.
 */
void reasons_sentence(const char *list, char *out, size_t size);

#endif
