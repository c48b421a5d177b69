/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dropping root (F4): what is left has no capability, and cannot gain one. */
#ifndef AETA_WEB_PRIVILEGES_H
#define AETA_WEB_PRIVILEGES_H

#include <stddef.h>

/* Becomes `user`, with its groups; "": stays who it is. To be called before threads are made. 0, or -errno with a sentence. */
int privileges_drop(const char *user, char *error, size_t size);

#endif
