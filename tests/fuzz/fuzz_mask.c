/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes: only masks are written and no line end moves; and whatever stands before them, credentials are taken out. */
#define _GNU_SOURCE /* memmem() */
#include "policy/mask.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PROOF       "5ec2e75ec2e75ec2e75ec2e75ec2e7f0"
#define CREDENTIALS "\r\nAuthorization: Digest username=\"1\", response=\"" PROOF "\"\r\n\r\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len = size + sizeof(CREDENTIALS) - 1;
	char *before = malloc(len), *after = malloc(len);

	must(before && after);
	memcpy(before, data, size);
	memcpy(before + size, CREDENTIALS, len - size);
	memcpy(after, before, len);
	aeta_mask(after, len);
	for (size_t i = 0; i < len; i++)
		must(after[i] == before[i] || (after[i] == AETA_MASK && before[i] != '\r' && before[i] != '\n'));
	must(!memmem(after + size, len - size, PROOF, sizeof(PROOF) - 1));
	free(before);
	free(after);
	return 0;
}
