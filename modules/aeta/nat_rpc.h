/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RPC commands about what agents are behind. */
#ifndef AETA_NAT_RPC_H
#define AETA_NAT_RPC_H

#include "core/rpc.h"

void aeta_rpc_nat(rpc_t *rpc, void *ctx);
void aeta_rpc_nat_probe(rpc_t *rpc, void *ctx);

#endif
