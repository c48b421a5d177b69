/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The variables $aeta(name). */
#ifndef AETA_PV_H
#define AETA_PV_H

#include "core/pvar.h"

int aeta_pv_parse(pv_spec_p sp, str *in);
int aeta_pv_get(sip_msg_t *msg, pv_param_t *param, pv_value_t *res);

#endif
