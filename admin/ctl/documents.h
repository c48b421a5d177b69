/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is made of the tables of commands, beside their parser and their help: shell completion and the manual page. */
#ifndef AETA_ADMIN_DOCUMENTS_H
#define AETA_ADMIN_DOCUMENTS_H

#include "ctl.h"

/* Writes the completion of aetactl for bash or, with `zsh`, for zsh. Errors: ferror(f). */
void write_completion(FILE *f, bool zsh);

/* Writes aetactl(1) in roff's man macros. Errors: ferror(f). */
void write_manual(FILE *f);

#endif
