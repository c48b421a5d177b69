/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the programs that are measured and the measurement both know. */
#ifndef AETA_BENCH_BPF_H
#define AETA_BENCH_BPF_H

#define FARAWAY 1000000 /* the number of no interface */

#endif
