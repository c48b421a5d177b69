/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RPC commands aeta.bans and aeta.unban. */
#ifndef AETA_GUARD_RPC_H
#define AETA_GUARD_RPC_H

#include "core/rpc.h"

void aeta_rpc_bans(rpc_t *rpc, void *ctx);
void aeta_rpc_unban(rpc_t *rpc, void *ctx);

#endif
