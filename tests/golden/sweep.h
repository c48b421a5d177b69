/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef AETA_GOLDEN_SWEEP_H
#define AETA_GOLDEN_SWEEP_H

/* Takes every *.sdp of the folder through a call's life, `*files` of them. Prints what is wrong, and returns how often that was. */
unsigned sweep(const char *folder, unsigned *files);

#endif
