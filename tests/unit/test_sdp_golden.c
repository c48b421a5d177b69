/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SDPs as devices send them, in tests/golden/sdp: NAME.sdp, and what becomes of it by the standard edit (sdp_edits.h) in
 * NAME.expected. Each is also written again unchanged, and cut off at every byte.
 */
#include "relay_suites.h"
#include "sdp_edits.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define CASES_MIN 60

static struct out out = {.max = OUT_MAX}, again = {.max = OUT_MAX};
static struct sdp sdp;
static struct sdp_edit edit;

static struct text file_text(const char *name, const char *ending)
{
	char path[512];
	static char bytes[2][4096];
	static unsigned turn;
	char *to = bytes[turn++ % 2];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s%s", SDP_GOLDEN, name, ending);
	f = fopen(path, "rb");
	if (!f)
		ck_abort_msg("%s cannot be read", path);
	n = fread(to, 1, sizeof(bytes[0]), f);
	fclose(f);
	HOT_ASSERT(n && n < sizeof(bytes[0]), "%s is empty, or too long", path);
	return (struct text){to, n};
}

static void cut_off(const char *name, struct text whole)
{
	for (size_t n = 1; n <= whole.n; n++) {
		char *copy = malloc(n); /* so that a byte too far is seen */
		int said;

		ck_assert_ptr_nonnull(copy);
		memcpy(copy, whole.s, n);
		said = sdp_parses_or_not((struct text){copy, n}, &out);
		free(copy);
		HOT_ASSERT(said >= 0, "%s, the first %zu bytes", name, n);
		HOT_ASSERT(n < whole.n || said == 0, "%s is refused", name);
	}
}

static void try_case(const char *name)
{
	struct text is = file_text(name, ".sdp"), expected;

	cut_off(name, is);
	HOT_ASSERT(sdp_parse(is, &sdp) == 0, "%s is refused", name);
	standard_edit(&edit, &sdp);
	out_clear(&out);
	HOT_ASSERT(sdp_rewrite(&sdp, &edit, &out) == 0, "%s is not written", name);
	expected = file_text(name, ".expected");
	HOT_ASSERT(text_equal(out_text(&out), expected), "%s becomes\n%.*s", name, (int)out.n, out.s);
	HOT_ASSERT(sdp_parse(out_text(&out), &sdp) == 0 && sdp_stays(&sdp, &again), "%s cannot be read again", name);
}

static int is_sdp(const struct dirent *d)
{
	const char *dot = strrchr(d->d_name, '.');

	return dot && strcmp(dot, ".sdp") == 0;
}

START_TEST(devices)
{
	struct dirent **names;
	int n = scandir(SDP_GOLDEN, &names, is_sdp, alphasort);

	ck_assert_int_ge(n, CASES_MIN);
	for (int i = 0; i < n; i++) {
		*strrchr(names[i]->d_name, '.') = 0;
		try_case(names[i]->d_name);
		free(names[i]);
	}
	free(names);
}
END_TEST

Suite *sdp_golden_suite(void)
{
	const TTest *const tests[] = {devices, NULL};

	return suite_of("SDPs of devices", tests);
}
