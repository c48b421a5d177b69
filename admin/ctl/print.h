/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The result of a command for people: scalars as "key: value" lines, arrays of objects as tables. */
#ifndef AETA_ADMIN_PRINT_H
#define AETA_ADMIN_PRINT_H

#include <jansson.h>
#include <stdio.h>

void print_text(FILE *f, const json_t *object);

#endif
