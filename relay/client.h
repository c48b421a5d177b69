/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `aeta-relay ping`: small questions to a relay that runs. */
#ifndef RELAY_CLIENT_H
#define RELAY_CLIENT_H

#include <stdbool.h>

bool client_knows(const char *word);
/* The exit status: 0 answered, 1 an error was answered, 2 wrong usage, 3 no answer. To standard output: JSON; of `flows` a table. */
int client_run(int argc, char **argv);

#endif
