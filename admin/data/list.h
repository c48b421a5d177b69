/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to the lists: how a row of struct data_rows lies in memory. */
#ifndef AETA_ADMIN_LIST_H
#define AETA_ADMIN_LIST_H

#include "data.h"

#define LIST_OURS 2 /* cells of a row before those of the columns: key, version */

#endif
