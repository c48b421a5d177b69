/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of functions for the native script and for KEMI. */
#ifndef AETA_FUNCTIONS_H
#define AETA_FUNCTIONS_H

#include "core/kemi.h"
#include "core/sr_module.h"

extern cmd_export_t aeta_commands[];
extern sr_kemi_t aeta_kemi[];

#endif
