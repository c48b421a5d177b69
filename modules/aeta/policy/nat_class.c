/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nat_class.h"

#include <stdio.h>
#include <string.h>

_Static_assert((unsigned)AETA_NAT_EVIDENCE_BITS <= 31, "bits of an enum and of a mask");

/* ---- the classes and the evidence as data ---- */

static const struct {
	const char *name, *what, *follows;
} classes[AETA_NAT_CLASSES] = {
#define X(id, name, what, follows) {name, what, follows},
	AETA_NAT_CLASS_ROWS(X)
#undef X
};

static const struct aeta_evidence_words evidence_words[AETA_NAT_EVIDENCE_BITS] = {
#define X(id, name, text) {name, text},
	AETA_NAT_EVIDENCE_ROWS(X)
#undef X
};

static unsigned known(unsigned cls)
{
	return cls < AETA_NAT_CLASSES ? cls : (unsigned)AETA_NAT_UNKNOWN;
}

const char *aeta_nat_class_name(unsigned cls)
{
	return classes[known(cls)].name;
}

const char *aeta_nat_class_what(unsigned cls)
{
	return classes[known(cls)].what;
}

const char *aeta_nat_class_follows(unsigned cls)
{
	return classes[known(cls)].follows;
}

enum aeta_nat_class aeta_nat_class_parse(const char *s, size_t len)
{
	for (unsigned i = 0; i < AETA_NAT_CLASSES; i++)
		if (strlen(classes[i].name) == len && memcmp(classes[i].name, s, len) == 0)
			return (enum aeta_nat_class)i;
	return AETA_NAT_UNKNOWN;
}

bool aeta_nat_evidence_words(unsigned bit, struct aeta_evidence_words *out)
{
	if (bit >= AETA_NAT_EVIDENCE_BITS)
		return false;
	*out = evidence_words[bit];
	return true;
}

size_t aeta_nat_evidence_format(uint32_t evidence, char *out, size_t size)
{
	size_t n = 0;

	if (size == 0)
		return 0;
	out[0] = '\0';
	for (unsigned bit = 0; bit < AETA_NAT_EVIDENCE_BITS; bit++) {
		int len;

		if (!(evidence >> bit & 1))
			continue;
		len = snprintf(out + n, size - n, "%s%s", n ? "," : "", evidence_words[bit].name);
		if (len < 0 || (size_t)len >= size - n) {
			out[n] = '\0';
			return n;
		}
		n += (size_t)len;
	}
	if (n == 0 && size > strlen("none"))
		n = strlen(strcpy(out, "none"));
	return n;
}

const char *aeta_stun_name(unsigned stun)
{
	return stun == AETA_STUN_YES ? "yes" : stun == AETA_STUN_NO ? "no" : "unknown";
}

/* ---- the class ---- */

static bool has(uint32_t evidence, uint32_t any)
{
	return (evidence & any) != 0;
}

/* It answers, and honours the Via where that is not walled off; but not towards another port, or another address, of ours. */
static bool is_walled(uint32_t e)
{
	if (!has(e, AETA_EVIDENCE_PORT))
		return has(e, AETA_EVIDENCE_FLOW) && !has(e, AETA_EVIDENCE_PORT_IGNORED);
	return has(e, AETA_EVIDENCE_ADDRESS_TRIED) && !has(e, AETA_EVIDENCE_ADDRESS | AETA_EVIDENCE_ADDRESS_IGNORED);
}

static bool is_independent(uint32_t e)
{
	if (!has(e, AETA_EVIDENCE_PORT) || !has(e, AETA_EVIDENCE_AFTER))
		return false;
	return has(e, AETA_EVIDENCE_ADDRESS) || !has(e, AETA_EVIDENCE_ADDRESS_TRIED);
}

enum aeta_nat_class aeta_nat_classify(uint32_t e)
{
	if (has(e, AETA_EVIDENCE_PORT_MOVED | AETA_EVIDENCE_ADDRESS_MOVED | AETA_EVIDENCE_MEDIA_MOVED))
		return AETA_NAT_CHANGED;
	if (has(e, AETA_EVIDENCE_AFTER_MOVED))
		return AETA_NAT_LEAKY;
	if (is_walled(e))
		return AETA_NAT_WALLED;
	if (!is_independent(e))
		return AETA_NAT_UNKNOWN;
	return has(e, AETA_EVIDENCE_NO_NAT) ? AETA_NAT_OPEN : AETA_NAT_EIM;
}
