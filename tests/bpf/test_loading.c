/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may load the programs, and what they are loaded with. */
#include "programs.h"
#include "suites.h"

#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* From now on this process has these capabilities and no others. */
static int keep_capabilities(uint64_t those)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{.effective = (uint32_t)those, .permitted = (uint32_t)those},
			{.effective = (uint32_t)(those >> 32), .permitted = (uint32_t)(those >> 32)}};

	return (int)syscall(SYS_capset, &header, data);
}

/* In a process of its own. 0: loaded. */
static int load_with(uint64_t capabilities, bool all_statistics)
{
	pid_t child = fork();
	int status = -1;

	if (child == 0) {
		struct programs *p;

		if (!freopen("/dev/null", "w", stderr) || keep_capabilities(capabilities))
			_exit(2);
		p = programs_load(all_statistics);
		programs_free(p);
		_exit(p ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return status;
}

/* The verifier looks harder at the programs of one who has no CAP_PERFMON. */
START_TEST(two_capabilities_are_enough)
{
	uint64_t both = 1ull << CAP_BPF | 1ull << CAP_NET_ADMIN;

	ck_assert_int_eq(load_with(both, true), 0);
	ck_assert_int_eq(load_with(both, false), 0);
	ck_assert_int_ne(load_with(1ull << CAP_BPF, true), 0);
}
END_TEST

Suite *loading_suite(void)
{
	const TTest *const tests[] = {two_capabilities_are_enough, NULL};

	return suite_of("loading", tests);
}
