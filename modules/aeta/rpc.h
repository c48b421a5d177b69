/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef AETA_RPC_H
#define AETA_RPC_H

#include "core/rpc.h"

extern rpc_export_t aeta_rpc[];

#endif
