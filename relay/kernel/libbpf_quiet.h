/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RELAY_KERNEL_LIBBPF_QUIET_H
#define RELAY_KERNEL_LIBBPF_QUIET_H

#include <bpf/libbpf.h>

static inline int libbpf_say_nothing(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level;
	(void)format;
	(void)arguments;
	return 0;
}

/* libbpf explains a refusal in many lines on stderr; ours is the one line that the caller logs. Holds for the process; twice is once. */
static inline void libbpf_quiet(void)
{
	libbpf_set_print(libbpf_say_nothing);
}

#endif
